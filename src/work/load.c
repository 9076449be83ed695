/* work/load.c: which jobs are in memory: those that are near, as many as there is room for.
 *
 * Invariant: every row that is due before load.until_us is in memory, or comes with a reading that is under way. A job
 * that is written is taken in if it is due before that; the others are read when their time comes near. When memory is
 * full, until_us moves back to what had to stay outside. Once a minute the rows that are overdue are read again and
 * compared, so that whatever was lost is found.
 *
 * Where several nodes share the store a node reads its own rows. What a node had that is gone is taken over first, page
 * by page, all of it, whenever it is due: at the start, when the engine says that one is gone, and once a minute. */
#include "work/work_private.h"

#include "base/clock.h"
#include "base/log.h"

enum { PAGE_ROWS = 1000, CLAIM_ROWS = 500 };

static const int64_t horizon_us = 600000000, sweep_every_us = 60000000, sweep_grace_us = 5000000,
		     look_again_us = 1000000, claim_again_us = 500000, soon_us = 1000000, refused_again_us = 20000,
		     crowded_again_us = 200000;

void load_init(struct work *w)
{
	struct load *l = &w->load;

	arena_init(&l->arena);
	l->back.work = w;
	l->next_sweep_mono_us = clock_mono_us() + sweep_every_us;
}

static size_t room(const struct work *w, const struct job *job, int64_t now_us)
{
	/* What is due soon is on its way out of memory, so it may fill it twice. */
	size_t most = w->options.jobs_in_memory * (job->due_at <= now_us + soon_us ? 2 : 1);

	return w->jobs.count < most ? most - w->jobs.count : 0;
}

static void stays_outside(struct work *w, int64_t due_us)
{
	if (due_us < w->load.until_us)
		w->load.until_us = due_us;
}

bool load_wants(struct work *w, const struct job *job, int64_t now_us)
{
	if (job->kind <= 0 || job->kind >= JOB_KINDS)
		return false;
	if (jobs_knows(&w->jobs, job->id)) /* even if it moved far away: what is known of it is old now */
		return true;
	if (job->due_at >= w->load.until_us)
		return false;
	if (room(w, job, now_us))
		return true;
	stays_outside(w, job->due_at);
	return false;
}

static void page_back(struct run *back);

static void task_back(struct task *t)
{
	run_back(t->sender);
}

static void submit_task(struct work *w, const struct verb *verb, void *command, void (*resume)(struct run *r))
{
	struct load *l = &w->load;

	l->task = (struct task){
		.verb = verb, .command = command, .arena = &l->arena, .done = task_back, .sender = &l->back
	};
	l->back.resume = resume;
	l->busy = w->options.submit(w->options.engine, &l->task);
}

static void submit(struct work *w)
{
	struct load *l = &w->load;

	arena_reset(&l->arena);
	l->page.most = PAGE_ROWS;
	l->page.jobs = NULL;
	l->page.count = 0;
	submit_task(w, &verb_jobs_due, &l->page, page_back);
	if (!l->busy)
		l->not_before_mono_us = clock_mono_us() + refused_again_us;
}

static void end(struct work *w)
{
	w->load.busy = false;
	jobs_reading_end(&w->jobs);
}

static void begin(struct work *w, int64_t from_us, int64_t until_us, bool sweeping)
{
	struct load *l = &w->load;
	int64_t before = l->until_us;

	l->sweeping = sweeping;
	l->page = (struct jobs_due){ .after_due = from_us - 1, .after_id = INT64_MAX, .until_us = until_us };
	jobs_reading_begin(&w->jobs);
	/* From now on, so that what is written behind the reading's back is taken in by the hook. */
	if (!sweeping)
		l->until_us = until_us;
	submit(w);
	if (!l->busy) {
		jobs_reading_end(&w->jobs);
		l->until_us = before;
	}
}

/* Takes the page in; false when memory is full. */
static bool take_page(struct work *w, int64_t now_us)
{
	const struct jobs_due *page = &w->load.page;

	for (size_t i = 0; i < page->count; i++) {
		const struct job *job = &page->jobs[i];

		if (job->kind <= 0 || job->kind >= JOB_KINDS || jobs_knows(&w->jobs, job->id))
			continue;
		if (!room(w, job, now_us)) {
			stays_outside(w, job->due_at);
			return false;
		}
		if (w->load.sweeping)
			log_warn("work.found", "job=%lld order=%lld", (long long)job->id, (long long)job->order_id);
		jobs_found(&w->jobs, job);
	}
	return true;
}

static void page_back(struct run *back)
{
	struct work *w = back->work;
	struct load *l = &w->load;
	struct jobs_due *page = &l->page;

	if (l->task.result) {
		log_warn("work.read", "error=%s", err_name(l->task.result));
		if (!l->sweeping)
			stays_outside(w, page->after_due + 1);
		l->not_before_mono_us = clock_mono_us() + look_again_us;
		end(w);
		return;
	}
	bool more = page->count == page->most;
	if (!take_page(w, w->options.now_us(w->options.engine)) || !more || w->draining) {
		end(w);
		return;
	}
	page->after_due = page->jobs[page->count - 1].due_at;
	page->after_id = page->jobs[page->count - 1].id;
	submit(w);
	if (!l->busy) {
		if (!l->sweeping)
			stays_outside(w, page->after_due);
		end(w);
	}
}

static void claim_back(struct run *back);

static void submit_claim(struct work *w)
{
	struct load *l = &w->load;

	arena_reset(&l->arena);
	l->claim.most = CLAIM_ROWS;
	submit_task(w, &verb_jobs_claim, &l->claim, claim_back);
	if (!l->busy)
		l->claim_not_before_mono_us = clock_mono_us() + claim_again_us;
}

void load_claim(struct work *w)
{
	w->load.claiming = w->options.shared;
}

/* The rows are ours now; those that are far away, or too many, are read when their time comes. */
static void take_claimed(struct work *w, int64_t now_us)
{
	struct jobs_claim *claim = &w->load.claim;

	for (size_t i = 0; i < claim->count; i++) {
		const struct job *job = &claim->jobs[i];

		if (job->due_at > claim->from_due)
			claim->from_due = job->due_at;
		if (load_wants(w, job, now_us))
			jobs_put(&w->jobs, job);
	}
	if (claim->count)
		log_info("work.taken_over", "jobs=%zu", claim->count);
}

static void claim_back(struct run *back)
{
	struct work *w = back->work;
	struct load *l = &w->load;

	l->busy = false;
	if (l->task.result) {
		l->claim_not_before_mono_us = clock_mono_us() + claim_again_us;
		return;
	}
	take_claimed(w, w->options.now_us(w->options.engine));
	if (l->claim.count == l->claim.most && !w->draining) {
		submit_claim(w);
		return;
	}
	/* What somebody had locked is looked for from the beginning, a little later. */
	l->claiming = l->claim.left;
	l->claim_not_before_mono_us = clock_mono_us() + claim_again_us;
}

/* True while a page is under way. */
static bool claim_step(struct work *w, int64_t mono)
{
	struct load *l = &w->load;

	if (!l->claiming || mono < l->claim_not_before_mono_us)
		return false;
	l->claim = (struct jobs_claim){ .from_due = INT64_MIN };
	submit_claim(w);
	return l->busy;
}

int64_t load_step(struct work *w, int64_t now_us)
{
	struct load *l = &w->load;
	int64_t mono = clock_mono_us();

	if (l->busy)
		return sweep_every_us;
	if (claim_step(w, mono))
		return sweep_every_us;
	if (mono < l->not_before_mono_us)
		return l->not_before_mono_us - mono;
	size_t most = w->options.jobs_in_memory;
	if (l->until_us < now_us + horizon_us / 2 && w->jobs.count <= most / 2) {
		begin(w, l->until_us, now_us + horizon_us, false);
	} else if (l->until_us <= now_us + soon_us && w->jobs.count <= most + most / 2) {
		/* Memory is full of what is to come, and what is due must not wait for that. */
		l->not_before_mono_us = mono + crowded_again_us;
		begin(w, l->until_us, now_us + 2 * soon_us, false);
	} else if (mono >= l->next_sweep_mono_us) {
		l->next_sweep_mono_us = mono + sweep_every_us;
		load_claim(w);
		begin(w, 0, now_us - sweep_grace_us < l->until_us ? now_us - sweep_grace_us : l->until_us, true);
	}
	int64_t wait = l->busy ? sweep_every_us : crowded_again_us;
	if (l->until_us >= now_us + horizon_us / 2)
		wait = l->next_sweep_mono_us - mono;
	if (l->claiming && wait > claim_again_us)
		wait = claim_again_us;
	return wait > 0 ? wait : 0;
}

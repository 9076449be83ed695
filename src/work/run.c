/* work/run.c: a job under way: begun, sent to the engine, ended. */
#include "work/work_private.h"

#include "base/clock.h"
#include "base/log.h"

static const int64_t pause_first_us = 50000, pause_most_us = 5000000, again_us = 1000000;

struct run *run_begin(struct work *w, struct job_node *node)
{
	struct run *r = w->free;
	struct arena arena = { 0 };

	if (r) {
		w->free = r->next;
		arena = r->arena;
	} else {
		r = malloc(sizeof(*r));
		must(r);
	}
	node->renewed = false;
	*r = (struct run){ .work = w, .node = node, .job = node->job, .arena = arena };
	w->running[node->job.kind]++;
	return r;
}

static void task_back(struct task *t)
{
	run_back(t->sender);
}

static struct refused *refused_of(struct run *r)
{
	return r->task.verb->background ? &r->work->results : &r->work->reads;
}

static void refuse(struct run *r)
{
	struct refused *list = refused_of(r);

	r->next = NULL;
	*list->last = r;
	list->last = &r->next;
	r->work->stats.retried++;
}

void run_submit(struct run *r, const struct verb *verb, void *command, void (*resume)(struct run *r))
{
	struct work *w = r->work;

	if (!r->task.catalog)
		r->task.catalog = w->options.catalog(w->options.engine);
	r->task.verb = verb;
	r->task.command = command;
	r->task.arena = &r->arena;
	r->task.partner_id = r->job.partner_id;
	r->task.done = task_back;
	r->task.sender = r;
	r->task.result = OK;
	r->resume = resume;
	/* Behind those that were refused before, so that nobody is overtaken for ever. */
	if (refused_of(r)->first || clock_mono_us() < w->pause_until_mono_us ||
	    !w->options.submit(w->options.engine, &r->task))
		refuse(r);
}

static void retry(struct work *w, struct refused *list)
{
	while (list->first) {
		struct run *r = list->first;
		struct run *next = r->next; /* once submitted it may come back, and then this is another list's */

		if (!w->options.submit(w->options.engine, &r->task))
			return;
		list->first = next;
		if (!next)
			list->last = &list->first;
	}
}

void run_retry_refused(struct work *w)
{
	retry(w, &w->results);
	retry(w, &w->reads);
}

static void lane_start_parked(struct work *w, struct lanes *lanes, struct lane *lane);

static void run_end(struct run *r)
{
	struct work *w = r->work;
	struct lanes *lanes = r->lanes;
	struct lane *called = r->called;

	if (r->lane)
		run_leave_lane(r, false);
	if (r->task.catalog)
		catalog_release(r->task.catalog);
	w->running[r->job.kind]--;
	arena_reset(&r->arena);
	r->next = w->free;
	w->free = r;
	if (called) { /* it was called up and did not come in: it is another one's turn */
		lane_arrived(called);
		lane_start_parked(w, lanes, called);
	}
}

void run_finish(struct run *r)
{
	jobs_finish(&r->work->jobs, r->node);
	run_end(r);
}

void run_wait(struct run *r, int64_t wake_us)
{
	jobs_wait(&r->work->jobs, r->node, wake_us);
	run_end(r);
}

bool run_enter_lane(struct run *r, struct lanes *lanes, struct lane *lane)
{
	if (r->called == lane) {
		lane_arrived(lane);
		r->called = NULL;
	}
	if (lane_has_room(lanes, lane)) {
		lane_enter(lane);
		r->lane = lane;
		r->lanes = lanes;
		return true;
	}
	lane_park(lanes, lane, r->node);
	run_end(r);
	return false;
}

void run_leave_lane(struct run *r, bool failed)
{
	struct lane *lane = r->lane;

	r->lane = NULL;
	lane_leave(lane, failed);
	lane_start_parked(r->work, r->lanes, lane);
}

static void lane_start_parked(struct work *w, struct lanes *lanes, struct lane *lane)
{
	struct job_node *node;

	while (!w->draining && (node = lane_call(lanes, lane))) {
		struct run *r = run_begin(w, node);

		r->lanes = lanes;
		r->called = lane;
		kind_start((enum job_kind)node->job.kind)(r);
	}
}

/* The store is full, slow or away: that concerns every job, so all of them wait a little. */
static void pause_all(struct work *w, const struct run *r)
{
	w->pause_us = w->pause_us ? w->pause_us * 2 : pause_first_us;
	if (w->pause_us > pause_most_us)
		w->pause_us = pause_most_us;
	w->pause_until_mono_us = clock_mono_us() + w->pause_us;
	log_warn("work.pause", "verb=%s error=%s for_ms=%lld", r->task.verb->name, err_name(r->task.result),
		 (long long)(w->pause_us / 1000));
}

static bool is_passing(enum err e)
{
	return e == ERR_BUSY || e == ERR_STORE_UNAVAILABLE || e == ERR_TIMEOUT;
}

bool run_went_well(struct run *r)
{
	struct work *w = r->work;
	enum err e = r->task.result;

	if (!e) {
		w->pause_us = 0;
		return true;
	}
	if (is_passing(e)) {
		if (clock_mono_us() >= w->pause_until_mono_us)
			pause_all(w, r);
		if (r->task.verb->background) { /* what came of the work must not be lost */
			refuse(r);
			return false;
		}
		run_wait(r, w->options.now_us(w->options.engine) + again_us);
		return false;
	}
	/* Somebody else took it over, or it is broken: the row stays, and the next reading finds it. */
	if (e == ERR_CONFLICT)
		log_info("work.conflict", "verb=%s job=%lld", r->task.verb->name, (long long)r->job.id);
	else
		log_error("work.failed", "verb=%s job=%lld order=%lld error=%s", r->task.verb->name,
			  (long long)r->job.id, (long long)r->job.order_id, err_name(e));
	run_finish(r);
	return false;
}

int64_t run_backoff_us(const struct run *r, int64_t first_us, int64_t most_us)
{
	int64_t wait = first_us;
	int tries = r->job.tries > r->node->patience ? r->job.tries : r->node->patience;

	for (int i = 0; i < tries && wait < most_us; i++)
		wait *= 2;
	if (wait > most_us)
		wait = most_us;
	/* Up to a tenth more, so that what stopped together does not come back together. */
	return wait + (int64_t)(crypto_random_u64() % (uint64_t)(wait / 10 + 1));
}

static void expire_done(struct run *r)
{
	if (!run_went_well(r))
		return;
	r->work->stats.expired++;
	run_finish(r);
}

void expire_start(struct run *r)
{
	r->expire.job = r->job;
	run_submit(r, &verb_order_expire, &r->expire, expire_done);
}

void payment_expire_start(struct run *r)
{
	r->payment_expire.job = r->job;
	run_submit(r, &verb_payment_expire, &r->payment_expire, expire_done);
}

static void forget_done(struct run *r)
{
	if (run_went_well(r))
		run_finish(r);
}

void forget_start(struct run *r)
{
	r->forget.job = r->job;
	run_submit(r, &verb_callback_forget, &r->forget, forget_done);
}

void runs_free(struct work *w)
{
	while (w->free) {
		struct run *r = w->free;

		w->free = r->next;
		arena_done(&r->arena);
		free(r);
	}
}

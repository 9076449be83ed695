#include "service/committer.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/order_index.h"

#include <stdlib.h>

/* Orders whose deadlines are near, parked answers: looked at this often when nothing else happens. */
static const int64_t idle_us = 50000;

static void release(struct task *t)
{
	t->hold = NULL;
	t->done(t);
}

static int64_t batch_now(struct committer *c)
{
	int64_t now = engine_now_us(c->engine), drawn = ids_time_us(c->ids.last);

	/* Ids carry the time: an order must not be older than its id, even if the clock was set back. */
	if (now < drawn)
		now = drawn;
	if (now < c->last_now_us)
		now = c->last_now_us;
	c->last_now_us = now;
	return now;
}

static enum err load(struct unit *u, struct task **tasks, size_t n)
{
	bool more = false;

	for (size_t i = 0; i < n; i++)
		tasks[i]->verb->need(u, tasks[i]);
	enum err e = unit_load(u);
	for (size_t i = 0; i < n && !e; i++) {
		if (tasks[i]->verb->need_more) {
			tasks[i]->verb->need_more(u, tasks[i]);
			more = true;
		}
	}
	return !e && more ? unit_load(u) : e;
}

static void decide(struct unit *u, struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct task *t = tasks[i];

		t->hold = NULL;
		t->detail = STR_NONE;
		t->result = t->verb->act(u, t);
	}
}

/* The last write of a batch. Without our row of the nodes the slot is somebody else's, who draws the same ids: this
 * node never writes again. */
static enum err beat(struct committer *c)
{
	c->node.id_high = c->ids.last;
	enum err e = node_beat(c->db, &c->node, c->unit.wall_us);

	if (e != ERR_CONFLICT)
		return e;
	c->lost = true;
	atomic_store(&c->stats.lost, true);
	log_error("node.lost", "slot=%d fence=%lld", c->node.slot, (long long)c->node.fence);
	return ERR_STORE_UNAVAILABLE;
}

/* One transaction: everything of the batch, or nothing. */
static enum err attempt(struct committer *c, struct task **tasks, size_t n)
{
	struct unit *u = &c->unit;

	if (c->lost)
		return ERR_STORE_UNAVAILABLE;
	unit_begin(u, c->engine, c->db, &c->ids, batch_now(c));
	enum err e = db_begin(c->db);
	if (!e)
		e = load(u, tasks, n);
	if (!e) {
		decide(u, tasks, n);
		e = unit_flush(u);
	}
	if (!e)
		e = beat(c);
	if (!e) {
		e = db_commit(c->db);
		if (e)
			c->node.batch_no--;
	}
	if (e)
		db_rollback(c->db);
	return e;
}

struct job_list {
	struct job *jobs;
	size_t count;
};

static void job_written(void *arg, void *row)
{
	struct job_list *list = arg;

	list->jobs[list->count++] = *(const struct job *)row;
}

static void job_counted(void *arg, void *row)
{
	(void)row;
	++*(size_t *)arg;
}

static void order_written(void *arg, void *row)
{
	struct committer *c = arg;

	order_index_note(engine_order_index(c->engine), row);
	if (holds_count(c->holds))
		holds_order(c->holds, &c->unit, row, release);
}

/* What follows from a commit, in this order: the index, parked answers, new jobs, snapshots, then the batch's own
 * answers. */
static void announce(struct committer *c)
{
	struct job_list list = { 0 };
	size_t count = 0;

	unit_each_written(&c->unit, NOUN_ORDER, order_written, c);
	unit_each_written(&c->unit, NOUN_JOB, job_counted, &count);
	if (count && c->on_jobs) {
		list.jobs = ARENA_ARRAY(&c->unit.arena, struct job, count);
		unit_each_written(&c->unit, NOUN_JOB, job_written, &list);
		c->on_jobs(c->on_jobs_arg, list.jobs, list.count);
	}
	unit_run_after(&c->unit);
}

static void answer(struct committer *c, struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct task *t = tasks[i];

		if (t->result)
			atomic_fetch_add(&c->stats.refused, 1);
		if (!t->result && t->hold && !atomic_load(&c->draining) && holds_park(c->holds, t))
			continue;
		t->hold = NULL;
		t->done(t);
	}
	atomic_store(&c->stats.parked, (int64_t)holds_count(c->holds));
}

static void refuse_all(struct task **tasks, size_t n, enum err e)
{
	for (size_t i = 0; i < n; i++) {
		tasks[i]->hold = NULL;
		tasks[i]->result = e;
		tasks[i]->done(tasks[i]);
	}
}

static void finish(struct committer *c, struct task **tasks, size_t n, enum err e)
{
	if (!e) {
		atomic_fetch_add(&c->stats.commits, 1);
		atomic_fetch_add(&c->stats.commands, (int64_t)n);
		announce(c);
		answer(c, tasks, n);
	} else {
		refuse_all(tasks, n, e);
	}
	unit_end(&c->unit);
}

/* A flush that failed for another reason than the store's health: the commands run again, one a transaction, so that
 * the guilty one fails alone. Commands are immutable, so a second run is exact. */
static void one_by_one(struct committer *c, struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		enum err e = attempt(c, tasks + i, 1);

		if (e == ERR_STORE_FAILED || e == ERR_CONFLICT) {
			log_error("command.poisoned", "verb=%s partner=%lld error=%s", tasks[i]->verb->name,
				  (long long)tasks[i]->partner_id, err_name(e));
			atomic_fetch_add(&c->stats.poisoned, 1);
			e = ERR_INTERNAL;
		}
		finish(c, tasks + i, 1, e);
	}
}

void committer_batch(struct committer *c, struct task **tasks, size_t n)
{
	int64_t start = clock_mono_us();

	atomic_store(&c->stats.busy_since_us, start);
	enum err e = attempt(c, tasks, n);
	bool healthy = e != ERR_STORE_UNAVAILABLE;
	if (atomic_exchange(&c->stats.store_ok, healthy) != healthy)
		log_warn("store.health", "writable=%d error=%s", healthy, err_name(e));
	if (e == ERR_STORE_FAILED || e == ERR_CONFLICT) {
		unit_end(&c->unit);
		one_by_one(c, tasks, n);
	} else {
		finish(c, tasks, n, e);
	}
	int64_t took = clock_mono_us() - start;
	atomic_fetch_add(&c->stats.commit_us_total, took);
	atomic_store(&c->stats.commit_us_last, took);
	atomic_store(&c->stats.batch_last, (int64_t)n);
	atomic_store(&c->stats.busy_since_us, 0);
}

void committer_run(struct committer *c)
{
	struct task *tasks[LIMIT_BATCH];

	for (;;) {
		size_t n = inbox_take(c->inbox, tasks, ARRAY_LEN(tasks), holds_count(c->holds) ? idle_us : 1000000);

		if (n)
			committer_batch(c, tasks, n);
		else if (inbox_is_over(c->inbox))
			break;
		if (atomic_load(&c->draining))
			holds_release_all(c->holds, release);
		atomic_store(&c->stats.parked, 0);
		holds_expire(c->holds, engine_now_us(c->engine), release);
		atomic_store(&c->stats.parked, (int64_t)holds_count(c->holds));
	}
	holds_release_all(c->holds, release);
	arena_done(&c->unit.arena);
}

#include "service/committer.h"

#include "base/clock.h"
#include "base/crypto_ring.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/feed.h"
#include "service/order_index.h"
#include "service/order_unit.h"
#include "service/recent.h"
#include "service/stock_unit.h"

#include <stdlib.h>
#include <time.h>

/* Orders whose deadlines are near, parked answers: looked at this often when nothing else happens. */
static const int64_t idle_us = 50000;
/* How long the buyers of a batch in doubt wait; how long a node may write nothing before it renews its lease. */
static const int64_t tidy_every_us = SECONDS_US(3600);
static const int64_t doubt_us = SECONDS_US(3), quiet_us = SECONDS_US(5);

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

static void decide(struct unit *u, struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct task *t = tasks[i];

		t->hold = NULL;
		t->goes_on = false;
		t->detail = STR_NONE;
		t->result = t->verb->act(u, t);
	}
}

/* Without our row of the nodes the slot is somebody else's, who draws the same ids: this node never writes again. */
static enum err lose_slot(struct committer *c)
{
	c->lost = true;
	atomic_store(&c->stats.lost, true);
	log_error("node.lost", "slot=%d fence=%lld", c->node.slot, (long long)c->node.fence);
	if (c->on_lost)
		c->on_lost();
	return ERR_STORE_UNAVAILABLE;
}

/* A row was not as it was read: ours, or one of the batch? */
static enum err blame(struct committer *c)
{
	bool ours, written;
	enum err e = node_check(c->db, &c->node, &ours, &written);

	return e ? e : ours ? ERR_CONFLICT : lose_slot(c);
}

/* Asks whether the batch in doubt was committed, which ends the doubt; ERR_STORE_UNAVAILABLE while nobody answers. */
static enum err ask(struct committer *c, bool *ret_written)
{
	bool ours;
	enum err e = node_check(c->db, &c->node, &ours, ret_written);

	if (e)
		return ERR_STORE_UNAVAILABLE;
	c->in_doubt = false;
	log_warn("batch.doubt", "batch=%lld written=%d", (long long)c->node.batch_no, *ret_written);
	if (!ours)
		return lose_slot(c);
	if (!*ret_written)
		c->node.batch_no--;
	return OK;
}

/* The answer to a COMMIT was lost. A server that restarts is soon back, and then the truth is told; its buyers wait
 * that long and no longer. Until then nothing else is written. */
static enum err wait_for_truth(struct committer *c)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	int64_t until = clock_mono_us() + doubt_us;
	bool written = false;

	c->in_doubt = true;
	enum err e = ask(c, &written);
	while (e && c->in_doubt && clock_mono_us() < until) {
		nanosleep(&pause, NULL);
		e = ask(c, &written);
	}
	return !e && !written ? ERR_STORE_UNAVAILABLE : e;
}

static enum err commit(struct committer *c)
{
	/* Also of a node that has nothing to do: others look for what it wrote above this (service/order_follow.h). */
	ids_after(&c->ids, ids_floor(c->unit->now_us));
	c->node.id_high = c->ids.last;
	enum err e = node_beat(c->db, &c->node, c->unit->wall_us);

	if (e)
		return e;
	e = db_commit(c->db);
	if (e && db_commit_unknown(c->db))
		return wait_for_truth(c);
	if (e)
		c->node.batch_no--;
	return e;
}

struct ended {
	int slot;
	bool elsewhere;
};

static void order_ended(void *arg, void *row)
{
	struct ended *ended = arg;
	const struct order *o = row;

	ended->elsewhere |= order_is_final((enum order_state)o->state) && ids_slot(o->id) != ended->slot;
}

/* Other nodes hear at once of what they keep in memory, and of the end of an order that one of them has taken in, for
 * which an answer may be parked there. Everything else they find by looking every two seconds. */
static enum err tell_others(struct committer *c)
{
	struct ended ended = { c->node.slot, false };

	if (!db_is_shared(c->db))
		return OK;
	unit_each_written(c->unit, NOUN_ORDER, order_ended, &ended);
	return ended.elsewhere || c->unit->changed ? db_notify(c->db) : OK;
}

void committer_say_keys(struct committer *c)
{
	const struct keys *keys = engine_keys(c->engine);
	unsigned char used;

	(void)key_ring_sealing(keys, &used);
	c->node.key_known = key_ring_newest(keys);
	c->node.key_used = used;
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
		holds_order(c->holds, c->announced, row, release);
}

static void batch_written(void *arg, void *row)
{
	struct committer *c = arg;

	stock_book_note(engine_stock(c->engine), row);
}

/* What follows from a commit, in this order: the images, the index, parked answers, new jobs, snapshots, then the
 * batch's own answers. */
static void announce(struct committer *c, struct unit *u)
{
	struct job_list list = { 0 };
	size_t count = 0;

	c->announced = u;
	recent_note(engine_recent(c->engine), u);
	unit_each_written(u, NOUN_ORDER, order_written, c);
	unit_each_written(u, NOUN_STOCK_BATCH, batch_written, c);
	unit_each_written(u, NOUN_JOB, job_counted, &count);
	if (count && c->on_jobs) {
		list.jobs = ARENA_ARRAY(&u->arena, struct job, count);
		unit_each_written(u, NOUN_JOB, job_written, &list);
		c->on_jobs(c->on_jobs_arg, list.jobs, list.count);
	}
	unit_run_after(u);
	if (u->changed & CHANGED_DIRECTORY)
		engine_directory_changed(c->engine);
	if (u->changed & CHANGED_CATALOG)
		engine_catalog_changed(c->engine);
}

static void answer(struct committer *c, struct task **tasks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct task *t = tasks[i];

		if (t->result)
			atomic_fetch_add(&c->stats.refused, 1);
		if (!t->result && t->goes_on) {
			t->turn++;
			if (inbox_put(c->inbox, t))
				continue;
			t->result = ERR_BUSY;
		}
		if (!t->result && t->hold && !atomic_load(&c->draining) && holds_park(c->holds, t))
			continue;
		t->hold = NULL;
		if (t->verb->awaits_catalog && engine_await_catalog(c->engine, t))
			continue;
		t->done(t);
	}
	atomic_store(&c->stats.parked, (int64_t)holds_count(c->holds));
}

/* Announces and answers the batch that was committed last, if that was not done yet. */
static void conclude(void *committer)
{
	struct committer *c = committer;
	struct unit *u = c->committed.unit;

	if (!u)
		return;
	announce(c, u);
	answer(c, c->committed.tasks, c->committed.n);
	unit_end(u);
	c->committed.unit = NULL;
}

/* One transaction: everything of the batch, or nothing. */
static enum err attempt(struct committer *c, struct task **tasks, size_t n)
{
	if (c->lost || c->in_doubt) {
		conclude(c);
		return ERR_STORE_UNAVAILABLE;
	}
	if (c->committed.unit == c->unit)
		c->unit = c->unit == &c->units[0] ? &c->units[1] : &c->units[0];
	struct unit *u = c->unit;
	committer_say_keys(c);
	unit_begin(u, c->engine, c->db, &c->ids, batch_now(c));
	enum err e = db_begin(c->db);
	if (!e)
		e = unit_load_for(u, tasks, n);
	/* What is decided now may rest on what the batch before has left in memory. */
	conclude(c);
	if (!e) {
		decide(u, tasks, n);
		e = unit_flush(u);
	}
	if (!e)
		e = tell_others(c);
	if (!e)
		e = commit(c);
	if (e)
		db_rollback(c->db);
	else
		c->beat_us = clock_mono_us();
	return e == ERR_CONFLICT ? blame(c) : e;
}

static void refuse_all(struct task **tasks, size_t n, enum err e)
{
	for (size_t i = 0; i < n; i++) {
		tasks[i]->hold = NULL;
		tasks[i]->result = e;
		tasks[i]->done(tasks[i]);
	}
}

/* Whether the batch that was just committed may be concluded while the server reads the next one. What changes what
 * this node keeps in memory is concluded before another batch begins. */
static bool may_wait(const struct committer *c)
{
	const struct unit *u = c->committed.unit;

	return db_is_shared(c->db) && !u->changed && !u->after;
}

static void finish(struct committer *c, struct task **tasks, size_t n, enum err e)
{
	if (!e) {
		atomic_fetch_add(&c->stats.commits, 1);
		atomic_fetch_add(&c->stats.commands, (int64_t)n);
		c->committed.unit = c->unit;
		c->committed.n = n;
		for (size_t i = 0; i < n; i++)
			c->committed.tasks[i] = tasks[i];
		if (!may_wait(c))
			conclude(c);
	} else {
		refuse_all(tasks, n, e);
		/* Of a batch in doubt the rows are kept: what follows from its COMMIT may still have to follow. */
		if (!c->in_doubt)
			unit_end(c->unit);
	}
}

/* The batch in doubt was refused to its buyers, who ask again; what it wrote must still become known here. */
static void end_doubt(struct committer *c)
{
	bool written = false;
	enum err e = ask(c, &written);

	if (c->in_doubt)
		return;
	if (!e && written)
		announce(c, c->unit);
	unit_end(c->unit);
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

static void write_batch(struct committer *c, struct task **tasks, size_t n)
{
	int64_t start = clock_mono_us();

	atomic_store(&c->stats.busy_since_us, start);
	if (c->in_doubt)
		end_doubt(c);
	enum err e = attempt(c, tasks, n);
	bool healthy = e != ERR_STORE_UNAVAILABLE;
	if (atomic_exchange(&c->stats.store_ok, healthy) != healthy)
		log_warn("store.health", "writable=%d error=%s", healthy, err_name(e));
	if (e == ERR_STORE_FAILED || e == ERR_CONFLICT) {
		unit_end(c->unit);
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

/* A batch of our own. */
static void write_own(struct committer *c, struct task **tasks, size_t n)
{
	conclude(c);
	write_batch(c, tasks, n);
	conclude(c);
}

/* Other nodes take a slot whose lease is over. */
static void renew_lease(struct committer *c)
{
	if (db_is_shared(c->db) && clock_mono_us() - c->beat_us > quiet_us)
		write_own(c, NULL, 0);
}

static void need_held(void *arg, int64_t order_id)
{
	order_need_view(arg, order_id);
}

static void recheck_need(struct unit *u, const struct task *t)
{
	const struct committer *c = t->command;

	holds_each(c->holds, need_held, u);
}

struct held_orders {
	struct committer *c;
	struct unit *u;
	int64_t *ids;
	size_t count;
};

static void held_seen(void *arg, int64_t order_id)
{
	struct held_orders *held = arg;

	held->ids[held->count++] = order_id;
}

/* After the commit: what the unit has read is as it was committed, here or elsewhere. */
static void rechecked(struct engine *e, void *arg)
{
	struct held_orders *held = arg;
	struct committer *c = held->c;

	(void)e;
	for (size_t i = 0; i < held->count; i++) {
		const struct order *o = unit_find(held->u, NOUN_ORDER, held->ids[i]);

		if (o)
			holds_order(c->holds, held->u, o, release);
	}
}

static enum err recheck_act(struct unit *u, struct task *t)
{
	struct committer *c = t->command;
	struct held_orders *held = ARENA_NEW(&u->arena, struct held_orders);

	*held = (struct held_orders){ c, u, ARENA_ARRAY(&u->arena, int64_t, holds_count(c->holds) + 1), 0 };
	holds_each(c->holds, held_seen, held);
	unit_after_commit(u, rechecked, held);
	return OK;
}

static void own_done(struct task *t)
{
	(void)t;
}

/* Reads every order that an answer waits for: it may have ended on another node. */
static void recheck(struct committer *c)
{
	static const struct verb verb = { .name = "holds.recheck", .need = recheck_need, .act = recheck_act };
	struct task t = { .verb = &verb, .command = c, .arena = &c->unit->arena, .done = own_done }, *tasks[] = { &t };

	/* What has just been written may have somebody to park, whose order has ended since. */
	conclude(c);
	if (holds_count(c->holds))
		write_own(c, tasks, 1);
}

/* Drops what is kept for a time and is older: one partner's a turn, everybody's once an hour. Every node does it; what
 * another one has dropped is not there any more. */
static void tidy(struct committer *c)
{
	struct feed_drop drop = { 0 };
	struct task t = { .verb = &verb_feed_drop, .command = &drop, .arena = &c->unit->arena, .done = own_done },
		    *tasks[] = { &t };
	int64_t now_us = engine_now_us(c->engine);

	if (!c->tidy_us)
		c->tidy_us = now_us + tidy_every_us;
	if (now_us < c->tidy_us)
		return;
	const struct directory *directory = engine_directory(c->engine);
	const struct partner *partner = directory_next(directory, c->tidy_partner);
	if (!partner) {
		c->tidy_partner = 0;
		c->tidy_us = now_us + tidy_every_us;
	} else {
		drop.partner_id = partner->id;
		write_own(c, tasks, 1);
		if (!drop.more)
			c->tidy_partner = partner->id;
	}
	directory_release(directory);
}

/* The next batch. What was committed is concluded while it is read, or now if there is none. */
static size_t take(struct committer *c, struct task **ret)
{
	size_t n = c->committed.unit ? inbox_take(c->inbox, ret, LIMIT_BATCH, 0) : 0;

	if (n)
		return n;
	conclude(c);
	return inbox_take(c->inbox, ret, LIMIT_BATCH, holds_count(c->holds) ? idle_us : 1000000);
}

void committer_open(struct committer *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->units); i++)
		arena_init(&c->units[i].arena);
	c->unit = &c->units[0];
	db_meanwhile(c->db, conclude, c);
}

void committer_done(struct committer *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->units); i++)
		arena_done(&c->units[i].arena);
}

void committer_run(struct committer *c)
{
	struct task *tasks[LIMIT_BATCH];

	for (;;) {
		size_t n = take(c, tasks);

		if (n)
			write_batch(c, tasks, n);
		else if (inbox_is_over(c->inbox))
			break;
		else
			renew_lease(c);
		engine_refresh(c->engine);
		tidy(c);
		if (atomic_exchange(&c->recheck, false))
			recheck(c);
		if (atomic_load(&c->draining)) {
			conclude(c);
			holds_release_all(c->holds, release);
		}
		atomic_store(&c->stats.parked, 0);
		holds_expire(c->holds, engine_now_us(c->engine), release);
		atomic_store(&c->stats.parked, (int64_t)holds_count(c->holds));
	}
	holds_release_all(c->holds, release);
	if (c->in_doubt)
		unit_end(c->unit);
}

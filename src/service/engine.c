#include "service/engine.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/business_clock.h"
#include "service/committer.h"
#include "service/order_index.h"
#include "service/reader_pool.h"
#include "service/snapshots.h"
#include "service/stock_book.h"
#include "service/store_key.h"

#include <stdlib.h>
#include <unistd.h>

struct engine {
	struct engine_options options;
	char *uri;
	struct snapshots *snapshots;
	struct committer committer;
	struct reader_pool *readers;
	struct order_index *order_index;
	struct stock_book *stock;
	int64_t stock_read_us; /* monotonic */
	pthread_t committer_thread;
	bool started;
	_Atomic(int64_t) clock_offset_us;
	_Atomic(bool) directory_stale, catalog_stale; /* a reload failed: it is tried again until it works */
};

/* In a transaction of its own: other nodes wait for it, and the lease runs. */
static enum err take_slot(struct engine *e)
{
	struct db *db = e->committer.db;
	enum err err = db_begin(db);

	if (!err)
		err = node_take(db, clock_wall_us(), &e->committer.node);
	if (!err)
		err = db_commit(db);
	if (err)
		db_rollback(db);
	e->committer.beat_us = clock_mono_us();
	return err;
}

/* Reads what is kept in memory and the business clock's offset, then takes a node slot. */
static enum err engine_join(struct engine *e)
{
	struct db *db = e->committer.db;
	int64_t offset_us = 0;
	enum err err = db_begin(db);

	if (err)
		return err;
	err = business_clock_read(db, &offset_us);
	if (!err)
		err = order_index_load(e->order_index, db);
	if (!err)
		err = stock_book_load(e->stock, db);
	db_rollback(db);
	if (!err)
		err = take_slot(e);
	if (err)
		return err;
	atomic_store(&e->clock_offset_us, offset_us);
	e->committer.ids = (struct ids){ .last = e->committer.node.id_high, .slot = e->committer.node.slot };
	return OK;
}

/* Half of the processors: with more, each reader finds less waiting and wakes more often for it. */
static int default_readers(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 4 ? 1 : processors > 16 ? 8 : (int)processors / 2;
}

enum err engine_open(const struct engine_options *options, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));

	must(e);
	e->options = *options;
	e->uri = strdup(options->uri);
	must(e->uri);
	e->options.uri = e->uri;
	e->order_index = order_index_new();
	e->stock = stock_book_new();
	struct committer *c = &e->committer;
	c->engine = e;
	c->on_jobs = options->on_jobs;
	c->on_jobs_arg = options->on_jobs_arg;
	c->on_lost = options->on_lost;
	c->inbox = inbox_new(LIMIT_REQUEST_QUEUE, LIMIT_RESULT_QUEUE);
	c->holds = holds_new();
	atomic_store(&c->stats.store_ok, true);
	arena_init(&c->unit.arena);
	enum err err = db_open(&(struct db_options){ .uri = e->uri, .mode = DB_WRITE }, &c->db);
	if (!err)
		err = db_migrate(c->db);
	if (!err)
		err = store_key_check(c->db, e->options.keys);
	if (!err)
		err = engine_join(e);
	if (!err)
		err = snapshots_open(e->uri, &e->snapshots);
	if (!err)
		err = reader_pool_open(e, e->uri, options->readers ? options->readers : default_readers(), &e->readers);
	if (err) {
		engine_free(e);
		return err;
	}
	*ret = e;
	return OK;
}

static void *committer_main(void *arg)
{
	pthread_setname_np(pthread_self(), "committer");
	committer_run(arg);
	return NULL;
}

void engine_start(struct engine *e)
{
	must(!e->started);
	e->started = true;
	must(pthread_create(&e->committer_thread, NULL, committer_main, &e->committer) == 0);
	reader_pool_start(e->readers);
}

void engine_drain(struct engine *e)
{
	atomic_store(&e->committer.draining, true);
}

void engine_stop(struct engine *e)
{
	if (!e || !e->started)
		return;
	inbox_close(e->committer.inbox);
	pthread_join(e->committer_thread, NULL);
	reader_pool_stop(e->readers);
	e->started = false;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	engine_stop(e);
	if (e->committer.node.fence && db_is_shared(e->committer.db) && node_leave(e->committer.db, &e->committer.node))
		log_warn("node.leave", "slot=%d", e->committer.node.slot);
	reader_pool_free(e->readers);
	snapshots_close(e->snapshots);
	inbox_free(e->committer.inbox);
	holds_free(e->committer.holds);
	arena_done(&e->committer.unit.arena);
	db_close(e->committer.db);
	order_index_free(e->order_index);
	stock_book_free(e->stock);
	free(e->uri);
	free(e);
}

bool task_submit(struct engine *e, struct task *t)
{
	if (t->verb->read || t->verb->read_only)
		return reader_pool_submit(e->readers, t);
	return inbox_put(e->committer.inbox, t);
}

struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool is_done;
};

static void wake(struct task *t)
{
	struct waiter *w = t->sender;

	pthread_mutex_lock(&w->lock);
	w->is_done = true;
	pthread_cond_signal(&w->done);
	pthread_mutex_unlock(&w->lock);
}

enum err engine_run(struct engine *e, struct task *t)
{
	struct waiter w = { .lock = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
	bool own_catalog = !t->catalog;

	if (own_catalog)
		t->catalog = engine_catalog(e);
	t->done = wake;
	t->sender = &w;
	enum err err = ERR_BUSY;
	if (task_submit(e, t)) {
		pthread_mutex_lock(&w.lock);
		while (!w.is_done)
			pthread_cond_wait(&w.done, &w.lock);
		pthread_mutex_unlock(&w.lock);
		err = t->result;
	}
	if (own_catalog) {
		catalog_release(t->catalog);
		t->catalog = NULL;
	}
	return err;
}

int64_t engine_now_us(struct engine *e)
{
	return clock_wall_us() + atomic_load(&e->clock_offset_us);
}

void engine_clock_moved(struct engine *e, int64_t offset_us)
{
	atomic_store(&e->clock_offset_us, offset_us);
	if (e->options.on_jobs)
		e->options.on_jobs(e->options.on_jobs_arg, NULL, 0);
}

bool engine_sandbox_clock(struct engine *e)
{
	return e->options.sandbox_clock;
}

const struct keys *engine_keys(struct engine *e)
{
	return e->options.keys;
}

int64_t engine_confirm_window_us(struct engine *e)
{
	return e->options.confirm_window_us ? e->options.confirm_window_us : SECONDS_US(3600);
}

const struct directory *engine_directory(struct engine *e)
{
	return snapshots_directory(e->snapshots);
}

const struct catalog *engine_catalog(struct engine *e)
{
	return snapshots_catalog(e->snapshots);
}

struct order_index *engine_order_index(struct engine *e)
{
	return e->order_index;
}

struct stock_book *engine_stock(struct engine *e)
{
	return e->stock;
}

const struct product *engine_product(struct engine *e, const struct catalog *current, int64_t id, int64_t batch)
{
	return snapshots_product(e->snapshots, current, id, batch);
}

void engine_directory_changed(struct engine *e, void *arg)
{
	(void)arg;
	enum err err = snapshots_reload_directory(e->snapshots);
	atomic_store(&e->directory_stale, err != OK);
	if (err)
		log_error("directory.reload", "error=%s", err_name(err));
}

void engine_catalog_changed(struct engine *e, void *arg)
{
	(void)arg;
	enum err err = snapshots_reload_catalog(e->snapshots);
	atomic_store(&e->catalog_stale, err != OK);
	if (err)
		log_error("catalog.reload", "error=%s", err_name(err));
}

/* What other nodes took from stock. */
static void read_stock(struct engine *e)
{
	struct db *db = e->committer.db;

	e->stock_read_us = clock_mono_us();
	if (db_begin(db))
		return;
	if (stock_book_load(e->stock, db))
		log_warn("stock.reload", "error=unreadable");
	db_rollback(db);
}

void engine_refresh(struct engine *e)
{
	if (db_is_shared(e->committer.db) && !e->committer.in_doubt &&
	    clock_mono_us() - e->stock_read_us > SECONDS_US(LIMIT_STOCK_SHOWN_SECONDS))
		read_stock(e);
	if (atomic_load(&e->directory_stale))
		engine_directory_changed(e, NULL);
	if (atomic_load(&e->catalog_stale))
		engine_catalog_changed(e, NULL);
}

void engine_stats(struct engine *e, struct engine_stats *ret)
{
	struct committer *c = &e->committer;
	int64_t busy_since = atomic_load(&c->stats.busy_since_us);
	size_t requests, results;

	inbox_lengths(c->inbox, &requests, &results);
	*ret = (struct engine_stats){
		.commits = atomic_load(&c->stats.commits),
		.commands = atomic_load(&c->stats.commands),
		.refused = atomic_load(&c->stats.refused),
		.poisoned = atomic_load(&c->stats.poisoned),
		.commit_us_total = atomic_load(&c->stats.commit_us_total),
		.commit_us_last = atomic_load(&c->stats.commit_us_last),
		.batch_last = atomic_load(&c->stats.batch_last),
		.request_queue = (int64_t)requests,
		.result_queue = (int64_t)results,
		.read_queue = (int64_t)reader_pool_queue(e->readers),
		.parked = atomic_load(&c->stats.parked),
		.lost = atomic_load(&c->stats.lost),
		.store_ok = atomic_load(&c->stats.store_ok),
		.stuck_us = busy_since ? clock_mono_us() - busy_since : 0,
	};
	db_stats(c->db, &ret->db);
}

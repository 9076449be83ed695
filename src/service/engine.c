#include "service/engine.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "service/business_clock.h"
#include "service/catalog_loader.h"
#include "service/committer.h"
#include "service/first_read.h"
#include "service/order_follow.h"
#include "service/order_index.h"
#include "service/reader_pool.h"
#include "service/recent.h"
#include "service/shard.h"
#include "service/snapshots.h"
#include "service/stock_book.h"
#include "service/store_key.h"
#include "service/watch.h"

#include <stdlib.h>
#include <unistd.h>

struct engine {
	struct engine_options options;
	char *uri;
	struct snapshots *snapshots;
	struct catalog_loader *loader;
	struct committer committer;
	struct reader_pool *readers;
	struct order_index *order_index;
	struct recent *recent;
	struct stock_book *stock;
	struct first_reads *first_reads;
	int64_t stock_read_us; /* monotonic */
	pthread_t committer_thread;
	bool started;
	struct watch *watch; /* NULL where nobody else may write */
	int64_t node;	     /* node_token() */
	_Atomic(int64_t) clock_offset_us, wall_offset_us;
	_Atomic(int) nodes;
	int64_t tokens[LIMIT_NODE_SLOTS]; /* of the nodes that lived at the last look; the watch's own */
	size_t token_count;
	pthread_mutex_t shards_lock;
	struct shard_nodes shards; /* as of the last look */
	struct order_follow *order_follow;
	_Atomic(bool) directory_stale; /* a reload failed: it is tried again until it works */
};

/* In a transaction of its own: other nodes wait for it, and the lease runs. */
static enum err take_slot(struct engine *e)
{
	struct committer *c = &e->committer;
	int64_t wall_us;
	enum err err = db_begin(c->db);

	if (!err)
		err = store_wall_us(c->db, &wall_us);
	if (!err)
		err = node_take(c->db, wall_us, &c->node);
	if (!err) {
		/* A slot may have been free for long: nobody shall look for what we write from where it ended. */
		c->ids = (struct ids){ .last = c->node.id_high, .slot = c->node.slot };
		ids_after(&c->ids, ids_floor(engine_now_us(e)));
		c->node.id_high = c->ids.last;
		committer_say_keys(c);
		err = node_beat(c->db, &c->node, wall_us);
	}
	if (!err)
		err = db_commit(c->db);
	if (err)
		db_rollback(c->db);
	c->beat_us = clock_mono_us();
	return err;
}

/* What is kept in memory of orders and stock, as of one moment. */
static enum err read_orders(struct engine *e, int64_t now_us)
{
	struct db *db = e->committer.db;
	enum err err = db_begin(db);

	if (err)
		return err;
	err = order_follow_begin(e->order_follow, db, now_us);
	if (!err)
		err = order_index_load(e->order_index, db);
	if (!err)
		err = stock_book_load(e->stock, db);
	db_rollback(db);
	return err;
}

/* What other nodes have committed since, and whoever had our slot before. */
static enum err read_what_came(struct engine *e)
{
	struct db *db = e->committer.db;

	if (!db_is_shared(db))
		return OK;
	enum err err = db_begin(db);
	if (err)
		return err;
	err = order_follow_up(e->order_follow, db, -1, engine_now_us(e));
	db_rollback(db);
	return err;
}

/* Reads what is kept in memory and the clocks, then takes a node slot. */
static enum err engine_join(struct engine *e)
{
	struct committer *c = &e->committer;
	struct view view;
	enum err err = watch_look(c->db, &view);

	if (err)
		return err;
	atomic_store(&e->clock_offset_us, view.clock_offset_us);
	atomic_store(&e->wall_offset_us, view.wall_offset_us);
	err = read_orders(e, engine_now_us(e));
	if (!err)
		err = take_slot(e);
	if (!err)
		err = read_what_came(e);
	if (err)
		return err;
	e->node = node_token(&c->node);
	atomic_store(&e->nodes, 1);
	return OK;
}

/* Half of the processors: with more, each reader finds less waiting and wakes more often for it. */
static int default_readers(void)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	return processors < 4 ? 1 : processors > 16 ? 8 : (int)processors / 2;
}

static void swap_catalog(void *arg, const struct catalog *fresh, int64_t version)
{
	snapshots_swap_catalog(((struct engine *)arg)->snapshots, fresh, version);
}

static enum err open_loader(struct engine *e)
{
	const struct catalog_loader_options options = { e->uri, swap_catalog, e, e->options.on_load,
							e->options.on_load_arg };

	return catalog_loader_open(&options, &e->loader);
}

enum err engine_open(const struct engine_options *options, struct engine **ret)
{
	struct engine *e = calloc(1, sizeof(*e));

	must(e);
	e->options = *options;
	e->uri = strdup(options->uri);
	must(e->uri);
	e->options.uri = e->uri;
	must(pthread_mutex_init(&e->shards_lock, NULL) == 0);
	e->order_index = order_index_new();
	e->order_follow = order_follow_new(e->order_index);
	e->stock = stock_book_new();
	e->first_reads = first_reads_new(e);
	struct committer *c = &e->committer;
	c->engine = e;
	c->on_jobs = options->on_jobs;
	c->on_jobs_arg = options->on_jobs_arg;
	c->on_lost = options->on_lost;
	c->inbox = inbox_new(LIMIT_REQUEST_QUEUE, LIMIT_RESULT_QUEUE);
	c->holds = holds_new();
	atomic_store(&c->stats.store_ok, true);
	enum err err = db_open(&(struct db_options){ .uri = e->uri, .mode = DB_WRITE }, &c->db);
	if (!err) {
		committer_open(c);
		e->recent = recent_new(LIMIT_RECENT_BYTES, db_is_shared(c->db));
		err = db_migrate(c->db);
	}
	if (!err)
		err = store_key_check(c->db, e->options.keys);
	if (!err)
		err = engine_join(e);
	if (!err)
		err = snapshots_open(e->uri, &e->snapshots);
	if (!err)
		err = open_loader(e);
	if (!err)
		err = reader_pool_open(e, e->uri, options->readers ? options->readers : default_readers(), &e->readers);
	if (!err && db_is_shared(c->db))
		err = watch_open(e, e->uri, &e->watch);
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
	catalog_loader_start(e->loader);
	if (e->watch)
		watch_start(e->watch);
}

void engine_drain(struct engine *e)
{
	atomic_store(&e->committer.draining, true);
}

void engine_stop(struct engine *e)
{
	if (!e || !e->started)
		return;
	watch_stop(e->watch);
	inbox_close(e->committer.inbox);
	pthread_join(e->committer_thread, NULL);
	reader_pool_stop(e->readers);
	catalog_loader_stop(e->loader);
	e->started = false;
}

void engine_free(struct engine *e)
{
	if (!e)
		return;
	engine_stop(e);
	if (e->committer.node.fence && db_is_shared(e->committer.db) && node_leave(e->committer.db, &e->committer.node))
		log_warn("node.leave", "slot=%d", e->committer.node.slot);
	watch_free(e->watch);
	reader_pool_free(e->readers);
	catalog_loader_free(e->loader);
	snapshots_close(e->snapshots);
	inbox_free(e->committer.inbox);
	holds_free(e->committer.holds);
	committer_done(&e->committer);
	db_close(e->committer.db);
	order_follow_free(e->order_follow);
	order_index_free(e->order_index);
	recent_free(e->recent);
	stock_book_free(e->stock);
	first_reads_free(e->first_reads);
	pthread_mutex_destroy(&e->shards_lock);
	free(e->uri);
	free(e);
}

bool task_submit(struct engine *e, struct task *t)
{
	if (t->verb->read_only && recent_answer(e->recent, e, t))
		return true;
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
	return engine_wall_us(e) + atomic_load(&e->clock_offset_us);
}

int64_t engine_wall_us(struct engine *e)
{
	return clock_wall_us() + atomic_load(&e->wall_offset_us);
}

bool engine_is_shared(struct engine *e)
{
	return db_is_shared(e->committer.db);
}

int engine_nodes(struct engine *e)
{
	return atomic_load(&e->nodes);
}

int64_t engine_node(struct engine *e)
{
	return e->node;
}

enum err engine_publish(struct engine *e, struct str address)
{
	struct db *db;
	enum err err = db_open(&(struct db_options){ .uri = e->uri, .mode = DB_WRITE }, &db);

	if (err)
		return err;
	err = node_publish(db, &e->committer.node, address);
	db_close(db);
	return err;
}

bool engine_owner(struct engine *e, int64_t partner_id, struct shard_node *ret)
{
	pthread_mutex_lock(&e->shards_lock);
	const struct shard_node *owner = shard_owner(&e->shards, partner_id);
	bool is_other = owner && owner->token != e->node;
	if (is_other)
		*ret = *owner;
	pthread_mutex_unlock(&e->shards_lock);
	return is_other;
}

bool engine_has_node(struct engine *e, int64_t token)
{
	bool found = false;

	pthread_mutex_lock(&e->shards_lock);
	for (size_t i = 0; i < e->shards.count; i++)
		found |= e->shards.nodes[i].token == token;
	pthread_mutex_unlock(&e->shards_lock);
	return found;
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

int64_t engine_complete_wait_seconds(struct engine *e)
{
	return e->options.complete_wait_seconds ? e->options.complete_wait_seconds : LIMIT_COMPLETE_HOLD_SECONDS;
}

int64_t engine_confirm_window_us(struct engine *e)
{
	return e->options.confirm_window_us ? e->options.confirm_window_us : SECONDS_US(3600);
}

const struct message_settings *engine_messages(struct engine *e)
{
	return &e->options.messages;
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

enum err engine_follow_orders(struct engine *e, struct db *db)
{
	return db_is_shared(db) ? order_follow_up(e->order_follow, db, e->committer.ids.slot, engine_now_us(e)) : OK;
}

struct recent *engine_recent(struct engine *e)
{
	return e->recent;
}

struct stock_book *engine_stock(struct engine *e)
{
	return e->stock;
}

struct first_reads *engine_first_reads(struct engine *e)
{
	return e->first_reads;
}

const struct product *engine_product(struct engine *e, const struct catalog *current, int64_t id, int64_t batch)
{
	const struct product *product = NULL;

	return snapshots_product(e->snapshots, current, id, batch, &product) ? NULL : product;
}

enum err engine_need_product(struct engine *e, const struct catalog *current, int64_t id, int64_t batch)
{
	const struct product *product;

	return snapshots_product(e->snapshots, current, id, batch, &product);
}

void engine_directory_changed(struct engine *e)
{
	enum err err = snapshots_reload_directory(e->snapshots);
	atomic_store(&e->directory_stale, err != OK);
	if (err)
		log_error("directory.reload", "error=%s", err_name(err));
}

void engine_catalog_changed(struct engine *e)
{
	catalog_loader_ask(e->loader);
}

bool engine_await_catalog(struct engine *e, struct task *t)
{
	return catalog_loader_await(e->loader, t);
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
		engine_directory_changed(e);
}

static bool is_in(const int64_t *tokens, size_t count, int64_t token)
{
	for (size_t i = 0; i < count; i++)
		if (tokens[i] == token)
			return true;
	return false;
}

/* Whether a node that lived at the last look does not live any more. */
static bool somebody_is_gone(const struct engine *e, const struct view *view)
{
	for (size_t i = 0; i < e->token_count; i++)
		if (!is_in(view->tokens, view->count, e->tokens[i]))
			return true;
	return false;
}

/* The clock follows the store's only when it is wrong by more than what the question took: else it would tremble. */
static void follow_wall(struct engine *e, const struct view *view)
{
	int64_t off = view->wall_offset_us - atomic_load(&e->wall_offset_us);

	if (off > view->wall_slack_us || off < -view->wall_slack_us)
		atomic_store(&e->wall_offset_us, view->wall_offset_us);
}

void engine_look(struct engine *e, const struct view *view)
{
	struct snapshots_versions have = snapshots_versions(e->snapshots);
	bool gone = somebody_is_gone(e, view);

	follow_wall(e, view);
	if (view->clock_offset_us > atomic_load(&e->clock_offset_us))
		engine_clock_moved(e, view->clock_offset_us);
	if (view->directory != have.directory)
		engine_directory_changed(e);
	if (view->catalog != have.catalog)
		engine_catalog_changed(e);
	if (view->count > 1 || gone)
		atomic_store(&e->committer.recheck, true);
	memcpy(e->tokens, view->tokens, sizeof(e->tokens));
	e->token_count = view->count;
	atomic_store(&e->nodes, view->count ? (int)view->count : 1);
	pthread_mutex_lock(&e->shards_lock);
	e->shards = view->shards;
	pthread_mutex_unlock(&e->shards_lock);
	if (gone) {
		log_info("node.gone", "nodes=%zu", view->count);
		if (e->options.on_orphans)
			e->options.on_orphans(e->options.on_orphans_arg);
	}
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
		.nodes = engine_nodes(e),
		.lost = atomic_load(&c->stats.lost),
		.store_ok = atomic_load(&c->stats.store_ok),
		.stuck_us = busy_since ? clock_mono_us() - busy_since : 0,
	};
	struct recent_stats recent;
	recent_stats(e->recent, &recent);
	ret->recent_answered = recent.answered;
	ret->recent_missed = recent.missed;
	db_stats(c->db, &ret->db);
}

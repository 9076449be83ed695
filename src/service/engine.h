/* service/engine.h: the running heart: two queues, the committer, the readers, the snapshots and the business clock.
 *
 * One committer thread takes what waits (at most LIMIT_BATCH commands, at most half of them background work while
 * requests wait, at least a quarter when there is any), loads, decides, flushes, commits, and only then releases the
 * answers. Reader threads do the same on read-only connections. Snapshots (directory, catalogue) are swapped whole,
 * after the commit that changed them; a changed catalogue is read by a thread of its own (service/catalog_loader.h). */
#pragma once

#include "core/message.h"
#include "db/db.h"
#include "service/directory.h"
#include "service/work.h"

/* What a verb that queues a message has to know of who sends it. */
struct message_settings {
	unsigned media; /* bit per enum medium: what goes out for partners that are no sandboxes */
	struct quiet_hours quiet;
};

struct engine_options {
	const char *uri; /* of the store */
	const struct keys *keys;
	bool sandbox_clock; /* the business clock may be advanced (demo and sandbox stores) */
	int readers;	    /* threads; 0 = half of the processors */
	struct message_settings messages;
	int64_t confirm_window_us;     /* how long an unconfirmed order holds its money; 0 = 60 min (dvs.md 5.6) */
	int64_t complete_wait_seconds; /* how long completing an eSIM order, and its refund, may wait for the supplier;
					* 0 = LIMIT_COMPLETE_HOLD_SECONDS */
	/* Called on the committer thread after each commit with the jobs it made or moved, and with (NULL, 0) when the
	 * business clock was advanced: every timer must look again. Be quick: copy and return. */
	void (*on_jobs)(void *arg, const struct job *jobs, size_t n);
	void *on_jobs_arg;
	/* Called on another thread when a node that shares the store is gone: what it had in hand is to be taken over.
	 * May be NULL. */
	void (*on_orphans)(void *arg);
	void *on_orphans_arg;
	/* Called once, on the committer thread, when another node was given this one's slot: nothing more is written,
	 * and the process should end. May be NULL. */
	void (*on_lost)(void);
	/* Called on the loader's thread before a changed catalogue is read. May be NULL. */
	void (*on_load)(void *arg);
	void *on_load_arg;
};

/* Opens the store, migrates it, takes a node slot, loads the snapshots. ERR_* of db_open and db_migrate. */
MUST_USE enum err engine_open(const struct engine_options *options, struct engine **ret);
/* Starts committer and readers. */
void engine_start(struct engine *e);
/* Thread-safe. Answers what is parked with the present state, and parks nothing from now on. */
void engine_drain(struct engine *e);
/* Takes no more requests, commits what is queued, answers what is parked, ends the threads; NULL is fine. */
void engine_stop(struct engine *e);
void engine_free(struct engine *e);

/* Runs the task to its end in the calling thread's time: for the CLI, start-up and tests. Needs engine_start. */
MUST_USE enum err engine_run(struct engine *e, struct task *t);

int64_t engine_now_us(struct engine *e);  /* the business clock */
int64_t engine_wall_us(struct engine *e); /* the store's: nodes that share one agree on it */
bool engine_is_shared(struct engine *e);  /* several nodes may work on the store */
int engine_nodes(struct engine *e);	  /* how many do now, this one too */
int64_t engine_node(struct engine *e);	  /* node_token() of this one */
const struct keys *engine_keys(struct engine *e);
int64_t engine_confirm_window_us(struct engine *e);
int64_t engine_complete_wait_seconds(struct engine *e);

/* Says to the nodes that share the store where they may hand requests on to this one ("10.0.0.11:8090"); what that
 * means stands in service/shard.h. On a connection of its own; before or while the engine runs. ERR_STORE_*. */
MUST_USE enum err engine_publish(struct engine *e, struct str address);
/* The node that owns the partner's rows, copied; false when that is this one, or nobody is known. Thread-safe. */
struct shard_node;
bool engine_owner(struct engine *e, int64_t partner_id, struct shard_node *ret);
/* Whether that node (node_token) lived at the last look, and has said where it is called. Thread-safe. */
bool engine_has_node(struct engine *e, int64_t token);
const struct message_settings *engine_messages(struct engine *e);

/* The current snapshots, held for the caller: release after use. */
const struct directory *engine_directory(struct engine *e);
const struct catalog *engine_catalog(struct engine *e);

/* The newest orders in memory, for lists. */
struct order_index *engine_order_index(struct engine *e);
/* Brings what other nodes had committed when the open transaction of `db` began into the index. ERR_BUSY: it may lack
 * orders; ERR_STORE_*. Thread-safe. */
MUST_USE enum err engine_follow_orders(struct engine *e, struct db *db);
/* The orders that were just written. */
struct recent *engine_recent(struct engine *e);
/* What is left of what is sold from stock. */
struct stock_book *engine_stock(struct engine *e);
struct first_reads *engine_first_reads(struct engine *e);

/* The version of a product that an order bought: from the current catalogue, else from its history (cached). NULL when
 * the store does not have it. Lives as long as the engine or the catalogue held by the caller. */
const struct product *engine_product(struct engine *e, const struct catalog *current, int64_t id, int64_t batch);

/* Brings that version into memory: from then on engine_product() answers without the store, with NULL if the store does
 * not have it. ERR_STORE_UNAVAILABLE when it cannot be read now. */
MUST_USE enum err engine_need_product(struct engine *e, const struct catalog *current, int64_t id, int64_t batch);

/* Partners, credentials or the catalogue have changed: loads them again. Thread-safe. */
void engine_directory_changed(struct engine *e);
void engine_catalog_changed(struct engine *e);
/* What the watch has seen. */
struct view;
void engine_look(struct engine *e, const struct view *view);
/* For the committer: see catalog_loader_await(). */
bool engine_await_catalog(struct engine *e, struct task *t);
/* Loads again what could not be loaded after the commit that changed it. Committer thread. */
void engine_refresh(struct engine *e);
/* The business clock was moved: sets it, and wakes every timer. */
void engine_clock_moved(struct engine *e, int64_t offset_us);
bool engine_sandbox_clock(struct engine *e);

struct engine_stats {
	int64_t commits, commands, refused, poisoned, commit_us_total, commit_us_last, batch_last;
	int64_t request_queue, result_queue, read_queue, parked, nodes;
	bool lost;	  /* the node's slot was given to another: nothing is written any more, the server must end */
	bool store_ok;	  /* the last commit went through */
	int64_t stuck_us; /* how long the present commit has been waiting */
	int64_t recent_answered, recent_missed; /* reads by key, from memory and not */
	struct db_stats db;
};
void engine_stats(struct engine *e, struct engine_stats *ret);

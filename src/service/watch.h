/* service/watch.h: what the other nodes do: who lives, what has changed, what time it is in the store.
 *
 * Private to service/engine.c, and only where several nodes share a store. A thread with a connection of its own looks
 * every two seconds, and at once when another node notifies; what it sees it hands to engine_look(). */
#pragma once

#include "base/limits.h"
#include "service/engine.h"
#include "service/shard.h"
#include "store/nodes.h"

struct watch;

struct view {
	int64_t wall_offset_us;		  /* the store's clock less ours */
	int64_t wall_slack_us;		  /* how wrong that may be: as long as the question took */
	int64_t clock_offset_us;	  /* the business clock's */
	int64_t directory, catalog;	  /* versions */
	int64_t tokens[LIMIT_NODE_SLOTS]; /* node_token() of each node whose lease runs, this one's too */
	size_t count;
	struct shard_nodes shards; /* those of them that take what is handed on */
};

/* One look, on any connection without a transaction. ERR_STORE_*. */
MUST_USE enum err watch_look(struct db *db, struct view *ret);

MUST_USE enum err watch_open(struct engine *e, const char *uri, struct watch **ret);
void watch_start(struct watch *w);
void watch_stop(struct watch *w); /* ends the thread */
void watch_free(struct watch *w); /* NULL is fine */

/* store/nodes.h: node slots and settings: the few rows that the machinery itself needs.
 *
 * A node leases a slot: the slot is part of every id it draws, and its row is updated in every flush WHERE slot AND
 * fence. No row means that somebody else was given the slot: this node must stop. */
#pragma once

#include "store/tables.h"

/* Takes the first slot whose lease is over (on SQLite always the first: one process owns the file), raises its fence.
 * Within a transaction. ERR_BUSY when all slots are taken. */
MUST_USE enum err node_take(struct db *db, int64_t wall_us, struct node *ret);
/* Renews lease, id_high and batch_no. Within a transaction; a write like any other, so ERR_CONFLICT, which says that
 * something was not as it was read, may come from here or from db_commit: node_check tells whether it was the slot. */
MUST_USE enum err node_beat(struct db *db, struct node *node, int64_t wall_us);
/* Says where other nodes may hand requests on to this one, and tells them. In a transaction of its own, on any
 * connection that writes. */
MUST_USE enum err node_publish(struct db *db, const struct node *node, struct str address);
/* Whether the slot is still this node's, and whether its batch `batch_no` was committed. Waits for a transaction that
 * is still writing the row, so after a lost answer to COMMIT this is the truth. In a transaction of its own. */
MUST_USE enum err node_check(struct db *db, const struct node *node, bool *ret_ours, bool *ret_written);
/* Gives the slot back before its lease is over, and tells the other nodes. In a transaction of its own. */
MUST_USE enum err node_leave(struct db *db, struct node *node);

/* Names a node for as long as it has its slot: what stands in jobs.owner. Never 0. */
int64_t node_token(const struct node *node);
/* The clock that leases are measured by: the store's own where several nodes share one. */
MUST_USE enum err store_wall_us(struct db *db, int64_t *ret_us);
/* Whether every node that may still write has begun, and committed, a batch in which it knew the master key of that id;
 * or, with `used`, sealed with it. A node whose lease is over loses its slot instead, so that it writes nothing when it
 * wakes. Within a transaction. */
MUST_USE enum err nodes_have_key(struct db *db, int key_id, bool used, int64_t wall_us, bool *ret);
/* Every slot that was ever taken, as struct node. */
MUST_USE enum err nodes_each(struct db *db, struct arena *a, db_row_fn on_node, void *arg);

/* Counters of changes, for what nodes keep in memory: they grow in the transaction that makes the change. 0 at first.
 */
#define DIRECTORY_VERSION "directory_version"
#define CATALOG_VERSION "catalog_version"
MUST_USE enum err version_get(struct db *db, const char *name, int64_t *ret);
MUST_USE enum err version_grow(struct db *db, const char *name);

struct setting {
	struct str name, value;
};
extern const struct table table_settings;

/* Absent when there is no such setting. Lives in the arena. */
MUST_USE enum err setting_get(struct db *db, struct arena *a, const char *name, struct str *ret);
MUST_USE enum err setting_put(struct db *db, const char *name, struct str value);
MUST_USE enum err setting_remove(struct db *db, const char *name);

/* store/catalog.h: the catalogue's rows: every version of every line, in batches.
 *
 * A batch is written in state LOADING, which nothing reads, and counts once it is ACTIVE. Of each (kind, id) the
 * version of the greatest active batch is current; batch ids grow with time, so that is the newest. Nothing is ever
 * overwritten: orders go on reading the version that they bought. */
#pragma once

#include "db/db.h"

/* Stored in batches.kind and batches.state: append, never renumber. */
enum batch_kind { BATCH_CATALOG = 1 };
enum batch_state { BATCH_LOADING = 1, BATCH_ACTIVE = 2, BATCH_ABANDONED = 3 };

struct batch_row {
	int64_t id;
	int kind, state;
	int64_t row_count;
	struct str note;
	int64_t created_at;
};

struct catalog_row {
	int kind;
	int64_t id, batch;
	struct str doc;
};

extern const struct table batch_table;	 /* key: id */
extern const struct table catalog_table; /* key: kind, id, batch */

/* The current versions of one kind with ids above `after`, by id, at most `most`. on_row gets struct catalog_row. */
MUST_USE enum err store_catalog_current(struct db *db, int kind, int64_t after, int64_t most, struct arena *a,
					db_row_fn on_row, void *arg);

/* The version that was current in a batch: the newest active one up to it. ERR_NOT_FOUND if there is none. */
MUST_USE enum err store_catalog_version(struct db *db, int kind, int64_t id, int64_t batch, struct arena *a,
					struct catalog_row *ret);

/* From LOADING to another state; ERR_ILLEGAL_STATE if it is not LOADING. */
MUST_USE enum err store_batch_end(struct db *db, int64_t id, enum batch_state state);
/* Deletes at most `most` lines of a batch that is not ACTIVE; *ret_deleted = how many. */
MUST_USE enum err store_catalog_delete(struct db *db, int64_t batch, int64_t most, int64_t *ret_deleted);

/* store/transfer.h: every table of the schema, whole and by its column table: for moving a store into another engine.
 *
 * All of it is called within the transaction of the connection given; rows live in the arena. */
#pragma once

#include "store/tables.h"

/* Rows of one page, and of one write. */
enum { TRANSFER_PAGE = 2000, TRANSFER_TABLES_MOST = 64 };

/* Parents before children. A test holds the list, and the columns of each table, against the schema. */
extern const struct table *const transfer_tables[];
extern const size_t transfer_table_count;

MUST_USE enum err transfer_count(struct db *db, const struct table *table, int64_t *ret);
/* The rows that follow `after` (a row of the table; NULL = from the first), at most TRANSFER_PAGE, in the order of the
 * key as the engine has it. */
MUST_USE enum err transfer_page(struct db *db, const struct table *table, const void *after, struct arena *a,
				db_row_fn on_row, void *arg);
/* Inserts and waits for the engine to have taken them: a long transfer must not pile up what was sent. */
MUST_USE enum err transfer_insert(struct db *db, const struct table *table, void *const *rows, size_t n);
/* Whether no table has a row. */
MUST_USE enum err transfer_is_empty(struct db *db, bool *ret);
/* Whether some node holds a slot: on a shared engine the lock of a data folder does not keep the other nodes out. */
MUST_USE enum err transfer_is_served(struct db *db, int64_t wall_us, bool *ret);

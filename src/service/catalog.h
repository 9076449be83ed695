/* service/catalog.h: the catalogue between the store and memory: loading, history, export and import.
 *
 * The store keeps canonical lines (service/catalog_line.h), each version of each in a batch (store/catalog.h). What
 * is for sale is the snapshot made of the newest active versions. */
#pragma once

#include "base/limits.h"
#include "core/catalog_query.h"
#include "db/db.h"

/* A snapshot of what is current, held once. Inside a read transaction. Lines that do not fit (an operator that is gone)
 * are left out and logged. ERR_STORE_*. */
MUST_USE enum err catalog_load(struct db *db, struct catalog **ret);

/* The product as it was in a batch, with the operator of that time and without promotions, in the arena.
 * ERR_NOT_FOUND if that batch has no such product. */
MUST_USE enum err catalog_product_at(struct db *db, struct arena *a, int64_t id, int64_t batch,
				     const struct product **ret);

/* Every current line, operators first, as an import takes it. A result of `sink` other than OK ends it. */
typedef enum err (*catalog_sink)(void *arg, struct str line);
MUST_USE enum err catalog_export(struct db *db, catalog_sink sink, void *arg);

/* An import: fed with the bytes of a file, checked as a whole, then written in chunks. Nothing touches the store until
 * everything is known to be good, and nothing reads the batch until it is finished. After catalog_import_check it does
 * not change, so a chunk that was rolled back is simply written again. */
struct catalog_import;

enum { IMPORT_ERRORS_MAX = 100, IMPORT_ROWS_MAX = 2000000 };
struct import_error {
	size_t line;	  /* from 1 */
	const char *text; /* "prices.euro.wholesale: has more decimal places than the currency" */
};

/* `current` (may be NULL) is what operators and products may also be found in; it is held. */
struct catalog_import *catalog_import_new(const struct catalog *current);
void catalog_import_free(struct catalog_import *import); /* NULL is fine */
/* Bytes of the file, cut anywhere. Empty lines are passed over. */
void catalog_import_feed(struct catalog_import *import, struct str bytes);
/* After the last byte: what lines say about each other. ERR_BAD_REQUEST if there are errors or there is no line. */
MUST_USE enum err catalog_import_check(struct catalog_import *import);
size_t catalog_import_rows(const struct catalog_import *import);
/* The i-th error, in the order of lines, at most IMPORT_ERRORS_MAX; NULL past the end. *ret_total (may be NULL) counts
 * them all. */
const struct import_error *catalog_import_error(const struct catalog_import *import, size_t i, size_t *ret_total);

/* Each inside a write transaction of its own. `batch` is a new id, greater than those of all batches before. */
MUST_USE enum err catalog_import_begin(const struct catalog_import *import, struct db *db, int64_t batch,
				       int64_t now_us, struct str note);
/* Writes at most LIMIT_IMPORT_CHUNK_ROWS lines from number `first` on. Done when first + that many >= rows. */
MUST_USE enum err catalog_import_write(const struct catalog_import *import, struct db *db, int64_t batch, size_t first);
MUST_USE enum err catalog_import_finish(struct db *db, int64_t batch);	/* from here on it counts */
MUST_USE enum err catalog_import_abandon(struct db *db, int64_t batch); /* from here on it never will */
/* Deletes lines of an abandoned batch, a chunk at a time; *ret_more says whether to come again. */
MUST_USE enum err catalog_import_sweep(struct db *db, int64_t batch, bool *ret_more);

/* All of that at once with transactions of its own: for a store that nobody else writes. Abandons it on failure. */
MUST_USE enum err catalog_import_run(const struct catalog_import *import, struct db *db, int64_t batch, int64_t now_us,
				     struct str note);

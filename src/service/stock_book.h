/* service/stock_book.h: which batches of stock there are and how much of them is left, in memory.
 *
 * Loaded at the start and told of every batch that a commit wrote, so on one node it is exact; of what other nodes take
 * it hears when it is loaded again. It says where to look and what to show; what counts when something is taken are the
 * batches' rows, read under their locks. Thread-safe. */
#pragma once

#include "store/stock.h"

struct stock_book;

/* Live and sandbox partners take from batches of their own. */
struct stock_of {
	int64_t product_id;
	bool sandbox;
};

struct stock_book *stock_book_new(void);
void stock_book_free(struct stock_book *b); /* NULL is fine */
/* Reads all active batches within the open transaction of `db`. */
MUST_USE enum err stock_book_load(struct stock_book *b, struct db *db);
/* A batch as it was committed. */
void stock_book_note(struct stock_book *b, const struct stock_batch *batch);

/* Whether anything of it was ever there to sell: an active batch, be it empty. */
bool stock_book_has(struct stock_book *b, struct stock_of of);
/* Up to `most` ids of batches with something left, oldest first; how many. */
size_t stock_book_batches(struct stock_book *b, struct stock_of of, int64_t *ids, size_t most);
/* What is left, at most LIMIT_STOCK_SHOWN and as it was at most LIMIT_STOCK_SHOWN_SECONDS before now_us (monotonic);
 * *ret_until_us is when it is looked at again. */
int64_t stock_book_shown(struct stock_book *b, struct stock_of of, int64_t now_us, int64_t *ret_until_us);
/* Grows whenever a figure that is shown has changed. */
uint64_t stock_book_version(struct stock_book *b);

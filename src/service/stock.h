/* service/stock.h: what an operator does with stock: bring a batch in, void it, list, reveal.
 *
 * A batch is opened LOADING, filled in chunks of at most LIMIT_STOCK_CHUNK_ROWS, one committer turn each, and flipped
 * to ACTIVE by a small last commit: until then nothing is taken from it, and a batch that is not flipped can be
 * abandoned whole. Codes are sealed under a key of the batch, which is sealed by the master key; their keyed hashes
 * find duplicates without opening anything. */
#pragma once

#include "service/audit.h"
#include "service/task.h"
#include "store/stock.h"

/* ERR_NOT_FOUND: no such product. */
struct stock_open {
	struct by by;
	int64_t product_id;
	bool sandbox;
	int64_t low;
	struct str note;
	int64_t batch; /* found */
};

/* One line of a file: what a buyer is given, in plain. */
struct stock_line {
	struct str code, serial, expires; /* absent = none */
	size_t line;
};

enum { STOCK_ERRORS_MAX = 20 };

/* ERR_NOT_FOUND; ERR_CONFLICT: the batch is not LOADING, is full, or `count` of it is not `expected` any more (a chunk
 * that was sent twice), or codes are there already: then `lines` says which, and nothing of the chunk was written. */
struct stock_fill {
	int64_t batch, expected;
	const struct stock_line *lines;
	size_t count;
	/* found */
	int64_t total;
	size_t duplicates[STOCK_ERRORS_MAX]; /* their lines */
	size_t duplicate_count;
};

/* LOADING -> ACTIVE; ACTIVE -> VOIDED: what is free is never sold, what is reserved or sold stays; LOADING ->
 * ABANDONED, whose units are deleted a chunk at a time (`more`: call again). ERR_NOT_FOUND, ERR_CONFLICT. */
struct stock_turn {
	struct by by;
	int64_t batch;
	int to; /* enum stock_batch_state */
	/* found */
	struct stock_batch row;
	bool more;
};

struct stock_list {
	int64_t product_id; /* 0 = all */
	/* found, newest first */
	struct stock_batch *rows;
	size_t count;
};

enum { STOCK_SHOWN_MAX = 10000 };

/* What operators were told of the stock. */
struct stock_events {
	int64_t product_id; /* 0 = all */
	int64_t before;	    /* older than this one; INT64_MAX = from the newest */
	int64_t most;
	/* found, newest first */
	struct stock_event *rows;
	size_t count;
};

/* What an order was given, in plain, for an operator; audited. ERR_ORDER_NOT_FOUND, ERR_NOT_FOUND (nothing was
 * delivered), ERR_SEALED. */
struct order_reveal {
	struct by by;
	int64_t order_id;
	int unit;
	struct str plain; /* found: JSON */
};

const char *stock_state_name(int state); /* "loading" */

extern const struct verb verb_stock_open, verb_stock_fill, verb_stock_turn, verb_stock_list, verb_stock_events;
extern const struct verb verb_order_reveal;

/* store/stock.h: the rows of what is sold from stock, and the lists over them.
 *
 * A unit's id is made of its batch and its place there (stock_id), so a unit is found without looking for it. */
#pragma once

#include "db/db.h"

/* Stored in stock_batches.state: append, never renumber. */
enum stock_batch_state { STOCK_LOADING = 1, STOCK_ACTIVE = 2, STOCK_VOIDED = 3, STOCK_ABANDONED = 4 };
/* Stored in stock_units.state. A FREE unit of a VOIDED batch is voided. */
enum stock_state { STOCK_FREE = 1, STOCK_RESERVED = 2, STOCK_SOLD = 3 };

enum { STOCK_PLACE_BITS = 24, STOCK_PLACES_MAX = (1 << STOCK_PLACE_BITS) - 1 };

/* total = free + reserved + sold + voided, always. */
struct stock_batch {
	int64_t id, product_id;
	int sandbox; /* for sandbox partners alone, or for live ones alone */
	int state;   /* enum stock_batch_state */
	int64_t total;
	int64_t head;	  /* the first place that was never taken, from 1; total + 1 = none */
	int64_t returned; /* rows of stock_returned */
	int64_t free, reserved, sold, voided;
	int64_t low;	       /* with fewer than this left of the product, people are told; 0 = never */
	struct str sealed_key; /* of the units' seals; sealed by the master key */
	struct str note;
	int64_t created_at, version;
	const struct keys *keys; /* not stored: the key opened, for the unit of work that did */
};

struct stock_unit {
	int64_t id;
	int state; /* enum stock_state */
	int64_t order_id;
	struct str mark; /* keyed hash of the code */
	struct str body; /* JSON {"code","serial","expires"}, sealed with the batch's key */
};

struct stock_returned {
	int64_t batch;
	int place;
};

struct stock_hold {
	int64_t order_id;
	int unit;
	int64_t stock_id;
};

/* Stored in stock_events.kind: append, never renumber. */
enum stock_event_kind { STOCK_FELL_LOW = 1 };

struct stock_event {
	int64_t id;
	int kind; /* enum stock_event_kind */
	int64_t product_id;
	int sandbox;
	int64_t remaining, mark; /* what is left, and what it fell below */
	int64_t created_at;
};

extern const struct table table_stock_batches, table_stock_units, table_stock_returned, table_stock_holds;
extern const struct table table_stock_events;
enum { STOCK_UNITS_MARK = 3 }; /* its column, to be fetched by */

static inline int64_t stock_id(int64_t batch, int64_t place)
{
	return batch << STOCK_PLACE_BITS | place;
}
static inline int64_t stock_batch_of(int64_t id)
{
	return id >> STOCK_PLACE_BITS;
}
static inline int stock_place_of(int64_t id)
{
	return (int)(id & STOCK_PLACES_MAX);
}

/* All batches, newest first; of one product unless that is 0. */
MUST_USE enum err stock_batches_each(struct db *db, struct arena *a, int64_t product_id, db_row_fn on_row, void *arg);
MUST_USE enum err stock_batch_last_id(struct db *db, int64_t *ret); /* 0 = none */
/* Deletes at most `most` units of a batch; *ret_deleted of them. */
MUST_USE enum err stock_units_delete(struct db *db, int64_t batch, int64_t most, int64_t *ret_deleted);

/* Events older than `before` (an id), newest first, at most `most`; of one product unless that is 0. */
MUST_USE enum err stock_events_before(struct db *db, struct arena *a, int64_t product_id, int64_t before, int64_t most,
				      db_row_fn on_row, void *arg);

/* What a batch's units add up to: rows of stock_count. */
struct stock_count {
	int64_t batch, free, reserved, sold, returned;
};
MUST_USE enum err stock_counts(struct db *db, struct arena *a, db_row_fn on_row, void *arg);

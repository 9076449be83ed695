/* service/order_index.h: the newest orders of each partner in memory, for filtered lists.
 *
 * A list must count every match of any filter within its window (X-Total), and a busy partner has a million orders in a
 * day: too many to read from the store in a tenth of a second. So what filters look at is kept here, about 40 bytes an
 * order, for the newest LIMIT_INDEXED_ORDERS orders; a window that reaches further back is read from the store. It lies
 * in columns, so that a filter reads what it asks for alone, and stretches that match or fail as a whole are not read.
 *
 * The committer writes after its commits, and where nodes share a store whoever follows the others
 * (service/order_follow.h) brings what they have committed. Of one order the newer version stays, whoever brings it
 * first. Readers never block the committer: entries are appended, and of an entry only state and reason change; what
 * belongs between older entries, because another node wrote it, is put there while no list runs. What is shown is then
 * read from the store, so the index decides order and count, no content. */
#pragma once

#include "core/order.h"
#include "db/db.h"

struct order_index;

/* What a list asks of an order; zero asks nothing. */
struct order_filter {
	int64_t first, end;		       /* ids in [first, end) */
	int64_t from_us, to_us;		       /* created_at, inclusive */
	unsigned states, reasons;	       /* bit per enum order_state, enum order_reason */
	uint8_t dialect;		       /* enum dialect */
	uint64_t credit_party, credit_account; /* order_index_hash */
	/* Whether orders of this version of a product are asked for; NULL: of any. Called once a version, if it fits.
	 */
	bool (*wants_product)(void *arg, int64_t id, int64_t batch);
	void *arg;
};

/* Which of the matches are shown, newest first: after `skip` of them `take`. */
struct order_matches {
	int64_t skip, take;
	void (*show)(void *arg, int64_t id);
	void *arg;
	int64_t total; /* found; begins at 0 */
};

struct order_index *order_index_new(void);
void order_index_free(struct order_index *ix); /* NULL is fine */

/* Reads the newest orders within the open transaction; before the committer starts. ERR_STORE_*. */
MUST_USE enum err order_index_load(struct order_index *ix, struct db *db);
/* An order was committed: new, or changed. Thread-safe. */
void order_index_note(struct order_index *ix, const struct order *o);
/* Orders that other nodes have committed; waits for the lists that run. Thread-safe. */
void order_index_bring(struct order_index *ix, const struct order *orders, size_t n);

/* Counts the partner's orders that match, and shows some. False, without doing either, when the index does not reach
 * back to filter->first. Thread-safe. */
MUST_USE bool order_index_find(struct order_index *ix, int64_t partner_id, const struct order_filter *filter,
			       struct order_matches *matches);
/* The same of one order, whoever read it: shown if it is its turn. Ids must descend from call to call. */
void order_filter_take(const struct order_filter *filter, const struct order *o, struct order_matches *matches);

uint64_t order_index_hash(struct str text); /* 0 for an absent text */
size_t order_index_count(const struct order_index *ix);

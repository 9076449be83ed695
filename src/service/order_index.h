/* service/order_index.h: the newest orders of each partner in memory, for filtered lists.
 *
 * A list must count every match of any filter within its window (X-Total), and a busy partner has a million orders in a
 * day: too many to read from the store in a tenth of a second. So what filters look at is kept here, 64 bytes an order,
 * for the newest LIMIT_INDEXED_ORDERS orders; a window that reaches further back is read from the store.
 *
 * The committer alone writes, after its commits; readers never block it: entries are only appended, and of an entry
 * only state and reason change. What is shown is then read from the store, so the index decides order and count, no
 * content. */
#pragma once

#include "core/order.h"
#include "db/db.h"

struct order_index;

struct index_entry {
	int64_t id, created_at, product_id, product_batch;
	uint64_t credit_party, credit_account; /* order_index_hash; 0 = none */
	uint8_t dialect;
	_Atomic(uint8_t) state, reason;
};

struct order_index *order_index_new(void);
void order_index_free(struct order_index *ix); /* NULL is fine */

/* Reads the newest orders within the open transaction; before the committer starts. ERR_STORE_*. */
MUST_USE enum err order_index_load(struct order_index *ix, struct db *db);
/* An order was committed: new, or changed. Committer thread. */
void order_index_note(struct order_index *ix, const struct order *o);

/* Calls fn for the partner's orders with ids in [first, end), newest first. False, without a call, when the index does
 * not reach back to `first`. Thread-safe. */
MUST_USE bool order_index_scan(struct order_index *ix, int64_t partner_id, int64_t first, int64_t end,
			       void (*fn)(void *arg, const struct index_entry *entry), void *arg);

uint64_t order_index_hash(struct str text); /* 0 for an absent text */
size_t order_index_count(const struct order_index *ix);

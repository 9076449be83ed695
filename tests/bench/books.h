/* bench/books.h: the balances and running numbers of a store, in memory while rows are replayed.
 *
 * Follows core/ledger.h: a debit takes from the posted balance and a credit adds to it; on the hold side (odd account
 * ids) the held amount moves with it. */
#pragma once

#include "base/str.h"

struct books_entry {
	int64_t id;	       /* of the account without its hold bit, or of the partner; 0 = an empty place */
	int64_t first, second; /* balance and held, or movement and event number */
	bool dirty;
};

struct books_table {
	struct books_entry *places;
	size_t size, n;
};

struct books {
	struct books_table accounts, counters;
};

/* Finds or adds; the pointer is good until the next call that adds. */
struct books_entry *books_find(struct books_table *t, int64_t id);

/* Moves the amount and says what both sides hold afterwards. */
struct books_move {
	int64_t debit, credit, amount;
	int64_t debit_after, credit_after; /* filled */
};
void books_post(struct books *b, struct books_move *move);

void books_done(struct books *b);

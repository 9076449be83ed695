/* bench/replay.h: writes the rows of real orders again, under new ids, into a store that the server has made.
 *
 * The sample is a store in which the server itself has worked off orders. Each of its orders is read once, with every
 * row that belongs to it; writing one again means binding the same values with new ids, a new external key, shifted
 * times and the balances and numbers that follow. So a reference writes what the server writes without knowing what a
 * column means, and a store filled this way has books that add up.
 *
 * What it does know stands in one table at the top of replay.c. SQLite only. A statement that fails ends the program:
 * there is nothing to go on with. Owned by one thread. */
#pragma once

#include "base/str.h"

#include <sqlite3.h>

struct replay;

struct replay_options {
	const char *target; /* the file that is written */
	const char *sample;
	int64_t partner_id;  /* only orders of this partner; 0 = of all */
	int64_t most_orders; /* the newest ones are taken; 0 = 1,000 */
	bool durable;	     /* synchronous=FULL as the server; otherwise as fast as the disk does not matter */
};

/* Which rows of an order: those that were written as it was placed, those that came later, or both. */
enum replay_part { REPLAY_EARLY = 1, REPLAY_LATE = 2, REPLAY_ALL = 3 };

/* Prints why and returns NULL if a file cannot be read or the sample has no order. */
struct replay *replay_open(const struct replay_options *options);
void replay_close(struct replay *r); /* commits nothing */

size_t replay_orders(const struct replay *r); /* in the sample */
/* How many rows one of them has, on average over the sample. */
double replay_rows_each(const struct replay *r);

struct replay_order {
	size_t sample;	  /* which of them */
	int64_t order_id; /* the new id of the order */
	int64_t own_base; /* its other rows are numbered from here; see replay_ids */
	int64_t now_us;	  /* the order's creation is moved to here, everything else with it */
	uint64_t key;	  /* makes the external reference; differs for every order */
};

/* How many ids behind own_base one order may take. */
enum { REPLAY_IDS = 120 };

void replay_write(struct replay *r, const struct replay_order *order, enum replay_part part);
/* Puts what that many orders will take into the wallets of the sample, with the ledger rows that say so. */
void replay_top_up(struct replay *r, int64_t orders, int64_t first_id, int64_t now_us);

void replay_begin(struct replay *r);
/* Writes the accounts and counters that have changed, once each, and commits. */
void replay_commit(struct replay *r);

sqlite3 *replay_db(struct replay *r);
/* Prepares or ends the program. */
sqlite3_stmt *replay_prepare(struct replay *r, const char *sql);
/* Runs a prepared statement without rows and resets it, or ends the program. */
void replay_step(struct replay *r, sqlite3_stmt *statement);
void replay_exec(struct replay *r, const char *sql);

/* The first id of a millisecond: 41 bits of milliseconds since 2025-01-01, 5 bits of node, 7 bits of counter. */
int64_t replay_id_at(int64_t wall_us);

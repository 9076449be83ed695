/* store/status.h: how many of what there is, for /metrics and status: small reads, because only open work is counted.
 *
 * Open orders have their job, so what is open is found through jobs and not by reading all orders. */
#pragma once

#include "store/tables.h"

/* One line of a count: of which kind, how many, and when the oldest began (business us; 0 without one). */
struct tally {
	int64_t key, count, oldest_us, amount;
};

/* By order state. */
MUST_USE enum err tally_open_orders(struct db *db, struct arena *a, int fulfil, int expire, db_row_fn on_tally,
				    void *arg);
/* One line: units whose supplier is silent. */
MUST_USE enum err tally_unknown(struct db *db, struct arena *a, int fulfil, db_row_fn on_tally, void *arg);
/* By job kind. */
MUST_USE enum err tally_jobs(struct db *db, struct arena *a, db_row_fn on_tally, void *arg);
/* The accounts that are nobody's: cash, supplier float and the like, one a node. */
MUST_USE enum err tally_common(struct db *db, struct arena *a, db_row_fn on_account, void *arg);
/* By currency: the holds of the wallets; the holds that open orders explain. */
MUST_USE enum err tally_holds(struct db *db, struct arena *a, db_row_fn on_account, void *arg);
MUST_USE enum err tally_open_amounts(struct db *db, struct arena *a, int fulfil, int expire, db_row_fn on_tally,
				     void *arg);
/* One line each. */
MUST_USE enum err tally_partners(struct db *db, struct arena *a, db_row_fn on_tally, void *arg);
MUST_USE enum err tally_open_tasks(struct db *db, struct arena *a, db_row_fn on_tally, void *arg);

/* store/jobs.h: jobs as the work loops look for them: those that fall due, and those whose node is gone. */
#pragma once

#include "store/tables.h"

/* The jobs of this owner (0 = of everybody) that fall due before `until_us`, after (after_due, after_id), oldest first,
 * at most `most`. */
struct jobs_window {
	int64_t owner, until_us, after_due, after_id, most;
};
MUST_USE enum err jobs_due_before(struct db *db, struct arena *a, const struct jobs_window *window, db_row_fn on_job,
				  void *arg);

/* Takes over jobs whose owner is no node with a running lease: at most `most` of those that are due at from_due or
 * later, the earliest first. The rows come, in no order, with the new owner and fence. Those of a partner whom somebody
 * else has locked are passed over; the others' partners stay locked until the end of the transaction. Within a
 * transaction of a store of several nodes. */
struct jobs_claim_by {
	int64_t owner, wall_us, from_due, most;
};
MUST_USE enum err jobs_claim(struct db *db, struct arena *a, const struct jobs_claim_by *by, db_row_fn on_job,
			     void *arg);
/* Whether there is any job whose owner is no node with a running lease. */
MUST_USE enum err jobs_any_orphan(struct db *db, struct arena *a, int64_t wall_us, bool *ret);

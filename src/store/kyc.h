/* store/kyc.h: identity checks that wait for somebody's decision. */
#pragma once

#include "store/tables.h"

struct kyc_waiting {
	int64_t order_id, partner_id;
	struct str ext_key; /* of the order */
	int state;	    /* KYC_OPEN or KYC_SUBMITTED */
	int64_t created_at, submitted_at, expires_at;
};

/* Oldest order first, at most `most`; `open_too`: those without the customer's data as well. */
MUST_USE enum err kyc_undecided(struct db *db, struct arena *a, bool open_too, int64_t most, db_row_fn on_row,
				void *arg);

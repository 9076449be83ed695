/* store/orders.h: lists over orders and accounts: plain SQL on a read-only connection. */
#pragma once

#include "store/tables.h"

/* What a filter of an order list looks at, without fetching whole orders. */
struct order_line {
	int64_t id, product_id, product_batch;
	int state, reason;
	struct str credit_party, credit_account;
	int64_t created_at;
};

/* The partner's orders with ids in [first, end), newest first. */
MUST_USE enum err order_lines(struct db *db, struct arena *a, int64_t partner_id, int64_t first, int64_t end,
			      db_row_fn on_line, void *arg);
/* The accounts with ids in [first, end): one partner's. */
MUST_USE enum err accounts_range(struct db *db, struct arena *a, int64_t first, int64_t end, db_row_fn on_account,
				 void *arg);

/* The jobs that fall due before `until_us`, after (after_due, after_id), oldest first, at most `most`. */
MUST_USE enum err jobs_due_before(struct db *db, struct arena *a, int64_t until_us, int64_t after_due, int64_t after_id,
				  int64_t most, db_row_fn on_job, void *arg);

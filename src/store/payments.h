/* store/payments.h: payment requests, their attempts, and the merchants they are paid to. */
#pragma once

#include "core/payment.h"
#include "db/db.h"

extern const struct table table_merchants, table_payments, table_payment_attempts, table_payment_entries;

enum { MERCHANTS_EXTERNAL = 3 }; /* fetched by, beside the first of the key */

/* Where a merchant's days begin. */
struct merchant_zone_row {
	int64_t partner_id;
	struct str time_zone;
};
/* Of those who have said so, by partner. */
MUST_USE enum err merchants_zones(struct db *db, struct arena *a, db_row_fn on_row, void *arg);

/* A row of the queue with what it is about; oldest first. */
struct payment_queued {
	int64_t id, payment_id;
	int no;
	int64_t amount, fee, partner_id;
	int currency;
	struct str merchant_name, track_id, item_name, customer_name, customer_email, method;
	int64_t finished_at, refunded_at;
};
MUST_USE enum err payments_queued(struct db *db, struct arena *a, int64_t most, db_row_fn on_row, void *arg);

/* What we have kept of a merchant's payments that were made, in no order. */
struct payment_fee_row {
	int64_t finished_at, fee;
	int currency;
};
MUST_USE enum err payments_fees(struct db *db, struct arena *a, int64_t partner_id, db_row_fn on_row, void *arg);

/* A merchant's payments with ids from `first` up to, and without, `end`; oldest first. */
struct payments_window {
	int64_t partner_id, first, end;
};
MUST_USE enum err payments_of(struct db *db, struct arena *a, const struct payments_window *window, db_row_fn on_row,
			      void *arg);

/* Whose payment it is: ERR_NOT_FOUND. */
MUST_USE enum err payment_owner(struct db *db, int64_t payment_id, int64_t *ret_partner_id);

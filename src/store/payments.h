/* store/payments.h: payment requests, their attempts, and the merchants they are paid to. */
#pragma once

#include "core/payment.h"
#include "db/db.h"

extern const struct table table_merchants, table_payments, table_payment_attempts, table_payment_entries;

enum { MERCHANTS_EXTERNAL = 3 }; /* fetched by, beside the first of the key */

/* Whose payment it is: ERR_NOT_FOUND. */
MUST_USE enum err payment_owner(struct db *db, int64_t payment_id, int64_t *ret_partner_id);

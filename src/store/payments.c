#include "store/payments.h"

#include "store/columns.h"

static const struct column merchant_columns[] = {
	COLUMN(struct merchant, I64, partner_id),
	COLUMN(struct merchant, I64, fee_ppm),
	COLUMN(struct merchant, I64, fee_fixed),
	COLUMN(struct merchant, TEXT, external_account_id),
	COLUMN(struct merchant, TEXT, provider_login),
	COLUMN(struct merchant, TEXT, provider_public_key),
	COLUMN(struct merchant, BLOB, provider_private_key),
	COLUMN(struct merchant, TEXT, redirect_url),
	COLUMN(struct merchant, TEXT, callback_url),
	COLUMN(struct merchant, TEXT, time_zone),
	COLUMN(struct merchant, I64, version),
};
const struct table table_merchants =
	TABLE("merchants", struct merchant, merchant_columns, 1, ARRAY_LEN(merchant_columns) - 1);

static const struct column zone_columns[] = {
	COLUMN(struct merchant_zone_row, I64, partner_id),
	COLUMN(struct merchant_zone_row, TEXT, time_zone),
};
static const struct table zone_shape = TABLE("zones", struct merchant_zone_row, zone_columns, 1, 0);

enum err merchants_zones(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT partner_id, time_zone FROM merchants WHERE time_zone IS NOT NULL "
				  "ORDER BY partner_id";

	return db_query(db, sql, NULL, 0, &zone_shape, a, on_row, arg);
}

static const struct column payment_columns[] = {
	FIXED(struct payment, I64, id),
	FIXED(struct payment, I64, partner_id),
	FIXED(struct payment, INT, kind),
	FIXED(struct payment, I64, link_id),
	COLUMN(struct payment, INT, state),
	COLUMN(struct payment, INT, cause),
	COLUMN(struct payment, TEXT, reason),
	FIXED(struct payment, INT, currency),
	FIXED(struct payment, I64, item_amount),
	FIXED(struct payment, I64, tax_amount),
	FIXED(struct payment, I64, fee),
	FIXED(struct payment, INT, language),
	FIXED(struct payment, INT, media),
	FIXED(struct payment, TEXT, item_name),
	FIXED(struct payment, TEXT, track_id),
	COLUMN(struct payment, TEXT, customer_name),
	COLUMN(struct payment, TEXT, customer_email),
	COLUMN(struct payment, TEXT, customer_phone),
	FIXED(struct payment, TEXT, redirect_url),
	FIXED(struct payment, TEXT, callback_url),
	FIXED(struct payment, INT, retry_period),
	FIXED(struct payment, INT, retry_attempts),
	COLUMN(struct payment, INT, attempts),
	COLUMN(struct payment, INT, refusals),
	COLUMN(struct payment, INT, paid_by),
	COLUMN(struct payment, TEXT, method),
	FIXED(struct payment, INT, sandbox),
	FIXED(struct payment, I64, created_at),
	FIXED(struct payment, I64, expires_at),
	COLUMN(struct payment, I64, finished_at),
	COLUMN(struct payment, I64, refunded_at),
	COLUMN(struct payment, I64, updated_at),
	COLUMN(struct payment, I64, version),
};
const struct table table_payments =
	TABLE("payments", struct payment, payment_columns, 1, ARRAY_LEN(payment_columns) - 1);

static const struct column attempt_columns[] = {
	COLUMN(struct payment_attempt, I64, payment_id),
	COLUMN(struct payment_attempt, INT, no),
	FIXED(struct payment_attempt, I64, id),
	COLUMN(struct payment_attempt, INT, state),
	FIXED(struct payment_attempt, TEXT, provider),
	FIXED(struct payment_attempt, TEXT, instrument),
	COLUMN(struct payment_attempt, TEXT, provider_reference),
	COLUMN(struct payment_attempt, TEXT, next_url),
	COLUMN(struct payment_attempt, TEXT, reason),
	FIXED(struct payment_attempt, I64, created_at),
	COLUMN(struct payment_attempt, I64, updated_at),
};
const struct table table_payment_attempts = TABLE("payment_attempts", struct payment_attempt, attempt_columns, 2, 0);

static const struct column entry_columns[] = {
	COLUMN(struct payment_entry, I64, payment_id), COLUMN(struct payment_entry, INT, no),
	FIXED(struct payment_entry, I64, id),	       FIXED(struct payment_entry, I64, amount),
	FIXED(struct payment_entry, I64, fee),
};
const struct table table_payment_entries = TABLE("payment_entries", struct payment_entry, entry_columns, 2, 0);

struct owner {
	int64_t partner_id;
};

static const struct column owner_columns[] = { { "partner_id", COL_I64, offsetof(struct owner, partner_id), 0 } };
static const struct table owner_shape = TABLE("owner", struct owner, owner_columns, 1, 0);

static enum err owner_seen(void *arg, void *row)
{
	*(int64_t *)arg = ((const struct owner *)row)->partner_id;
	return OK;
}

enum err payment_owner(struct db *db, int64_t payment_id, int64_t *ret_partner_id)
{
	const struct db_value id = DB_I64(payment_id);
	int64_t partner_id = 0;
	struct arena a;

	arena_init(&a);
	enum err e = db_query(db, "SELECT partner_id FROM payments WHERE id = $1", &id, 1, &owner_shape, &a, owner_seen,
			      &partner_id);
	arena_done(&a);
	if (!e && !partner_id)
		return ERR_NOT_FOUND;
	if (!e)
		*ret_partner_id = partner_id;
	return e;
}

static const struct column queued_columns[] = {
	{ "id", COL_I64, offsetof(struct payment_queued, id), 0 },
	{ "payment_id", COL_I64, offsetof(struct payment_queued, payment_id), 0 },
	{ "no", COL_INT, offsetof(struct payment_queued, no), 0 },
	{ "amount", COL_I64, offsetof(struct payment_queued, amount), 0 },
	{ "fee", COL_I64, offsetof(struct payment_queued, fee), 0 },
	{ "partner_id", COL_I64, offsetof(struct payment_queued, partner_id), 0 },
	{ "currency", COL_INT, offsetof(struct payment_queued, currency), 0 },
	{ "merchant_name", COL_TEXT, offsetof(struct payment_queued, merchant_name), 0 },
	{ "track_id", COL_TEXT, offsetof(struct payment_queued, track_id), 0 },
	{ "item_name", COL_TEXT, offsetof(struct payment_queued, item_name), 0 },
	{ "customer_name", COL_TEXT, offsetof(struct payment_queued, customer_name), 0 },
	{ "customer_email", COL_TEXT, offsetof(struct payment_queued, customer_email), 0 },
	{ "method", COL_TEXT, offsetof(struct payment_queued, method), 0 },
	{ "finished_at", COL_I64, offsetof(struct payment_queued, finished_at), 0 },
	{ "refunded_at", COL_I64, offsetof(struct payment_queued, refunded_at), 0 },
};
static const struct table queued_shape = TABLE("queued", struct payment_queued, queued_columns, 1, 0);

enum err payments_queued(struct db *db, struct arena *a, int64_t most, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT e.id, e.payment_id, e.no, e.amount, e.fee, p.partner_id, p.currency, m.name, p.track_id, "
		"p.item_name, p.customer_name, p.customer_email, p.method, p.finished_at, p.refunded_at "
		"FROM payment_entries e JOIN payments p ON p.id = e.payment_id JOIN partners m ON m.id = p.partner_id "
		"ORDER BY e.id LIMIT $1";
	const struct db_value params[] = { DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &queued_shape, a, on_row, arg);
}

static const struct column fee_columns[] = {
	{ "finished_at", COL_I64, offsetof(struct payment_fee_row, finished_at), 0 },
	{ "fee", COL_I64, offsetof(struct payment_fee_row, fee), 0 },
	{ "currency", COL_INT, offsetof(struct payment_fee_row, currency), 0 },
};
static const struct table fee_shape = TABLE("fees", struct payment_fee_row, fee_columns, 1, 0);

enum err payments_fees(struct db *db, struct arena *a, int64_t partner_id, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT finished_at, fee, currency FROM payments "
				  "WHERE partner_id = $1 AND fee > 0 AND state IN ($2, $3, $4)";
	const struct db_value params[] = { DB_I64(partner_id), DB_I64(PAYMENT_PAID), DB_I64(PAYMENT_REFUNDING),
					   DB_I64(PAYMENT_REFUNDED) };

	return db_query(db, sql, params, ARRAY_LEN(params), &fee_shape, a, on_row, arg);
}

enum err payments_of(struct db *db, struct arena *a, const struct payments_window *window, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, partner_id, kind, link_id, state, cause, reason, currency, item_amount, tax_amount, "
		"fee, language, media, item_name, track_id, customer_name, customer_email, customer_phone, "
		"redirect_url, callback_url, retry_period, retry_attempts, attempts, refusals, paid_by, "
		"method, sandbox, created_at, expires_at, finished_at, refunded_at, updated_at, version "
		"FROM payments WHERE partner_id = $1 AND id >= $2 AND id < $3 ORDER BY id";
	const struct db_value params[] = { DB_I64(window->partner_id), DB_I64(window->first), DB_I64(window->end) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_payments, a, on_row, arg);
}

#include "store/kyc.h"

static const struct column waiting_columns[] = {
	{ "order_id", COL_I64, offsetof(struct kyc_waiting, order_id), 0 },
	{ "partner_id", COL_I64, offsetof(struct kyc_waiting, partner_id), 0 },
	{ "ext_key", COL_TEXT, offsetof(struct kyc_waiting, ext_key), 0 },
	{ "state", COL_INT, offsetof(struct kyc_waiting, state), 0 },
	{ "created_at", COL_I64, offsetof(struct kyc_waiting, created_at), 0 },
	{ "submitted_at", COL_I64, offsetof(struct kyc_waiting, submitted_at), 0 },
	{ "expires_at", COL_I64, offsetof(struct kyc_waiting, expires_at), 0 },
};
static const struct table waiting_shape = TABLE("waiting", struct kyc_waiting, waiting_columns, 1, 0);

enum err kyc_undecided(struct db *db, struct arena *a, bool open_too, int64_t most, db_row_fn on_row, void *arg)
{
	/* The states as literals: the partial index is for them. */
	static const char sql[] =
		"SELECT k.order_id, o.partner_id, o.ext_key, k.state, k.created_at, k.submitted_at, o.expires_at "
		"FROM kyc k JOIN orders o ON o.id = k.order_id "
		"WHERE k.state < 3 AND k.state >= $1 ORDER BY k.order_id LIMIT $2";
	const struct db_value params[] = { DB_I64(open_too ? KYC_OPEN : KYC_SUBMITTED), DB_I64(most) };

	_Static_assert(KYC_SUBMITTED < 3 && KYC_APPROVED >= 3, "what is undecided is below 3");
	return db_query(db, sql, params, ARRAY_LEN(params), &waiting_shape, a, on_row, arg);
}

#include "store/orders.h"

static const struct column line_columns[] = {
	{ "id", COL_I64, offsetof(struct order_line, id), 0 },
	{ "product_id", COL_I64, offsetof(struct order_line, product_id), 0 },
	{ "product_batch", COL_I64, offsetof(struct order_line, product_batch), 0 },
	{ "state", COL_INT, offsetof(struct order_line, state), 0 },
	{ "reason", COL_INT, offsetof(struct order_line, reason), 0 },
	{ "credit_party", COL_TEXT, offsetof(struct order_line, credit_party), 0 },
	{ "credit_account", COL_TEXT, offsetof(struct order_line, credit_account), 0 },
	{ "created_at", COL_I64, offsetof(struct order_line, created_at), 0 },
};
static const struct table line_shape = TABLE("orders", struct order_line, line_columns, 1, 0);

enum err order_lines(struct db *db, struct arena *a, int64_t partner_id, int64_t first, int64_t end, db_row_fn on_line,
		     void *arg)
{
	static const char sql[] =
		"SELECT id, product_id, product_batch, state, reason, credit_party, credit_account, created_at "
		"FROM orders WHERE partner_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC";
	const struct db_value params[] = { DB_I64(partner_id), DB_I64(first), DB_I64(end) };

	return db_query(db, sql, params, ARRAY_LEN(params), &line_shape, a, on_line, arg);
}

enum err accounts_range(struct db *db, struct arena *a, int64_t first, int64_t end, db_row_fn on_account, void *arg)
{
	static const char sql[] = "SELECT id, balance, held, overdraft, version FROM accounts "
				  "WHERE id >= $1 AND id < $2 ORDER BY id";
	const struct db_value params[] = { DB_I64(first), DB_I64(end) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_accounts, a, on_account, arg);
}

enum err jobs_due_before(struct db *db, struct arena *a, int64_t until_us, int64_t after_due, int64_t after_id,
			 int64_t most, db_row_fn on_job, void *arg)
{
	static const char sql[] =
		"SELECT id, kind, order_id, partner_id, unit, currency, due_at, tries, fence FROM jobs "
		"WHERE due_at < $1 AND due_at >= $2 AND (due_at > $2 OR id > $3) ORDER BY due_at, id LIMIT $4";
	const struct db_value params[] = { DB_I64(until_us), DB_I64(after_due), DB_I64(after_id), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_jobs, a, on_job, arg);
}

#include "store/status.h"

static const struct column tally_columns[] = {
	{ "key", COL_I64, offsetof(struct tally, key), 0 },
	{ "count", COL_I64, offsetof(struct tally, count), 0 },
	{ "oldest_us", COL_I64, offsetof(struct tally, oldest_us), 0 },
	{ "amount", COL_I64, offsetof(struct tally, amount), 0 },
};
static const struct table tally_shape = TABLE("tally", struct tally, tally_columns, 1, 0);

static enum err query(struct db *db, struct arena *a, const char *sql, const struct db_value *params, size_t n,
		      db_row_fn on_tally, void *arg)
{
	return db_query(db, sql, params, n, &tally_shape, a, on_tally, arg);
}

/* The units of an order have a job each: it counts once. */
enum err tally_open_orders(struct db *db, struct arena *a, int fulfil, int expire, db_row_fn on_tally, void *arg)
{
	static const char sql[] =
		"SELECT o.state, count(*), min(o.created_at), CAST(sum(o.amount + o.fee) AS BIGINT) FROM orders o JOIN "
		"(SELECT DISTINCT order_id FROM jobs WHERE kind = $1 OR kind = $2) j ON j.order_id = o.id "
		"GROUP BY o.state ORDER BY o.state";
	const struct db_value params[] = { DB_I64(fulfil), DB_I64(expire) };

	return query(db, a, sql, params, ARRAY_LEN(params), on_tally, arg);
}

enum err tally_unknown(struct db *db, struct arena *a, int fulfil, db_row_fn on_tally, void *arg)
{
	static const char sql[] = "SELECT 0, count(*), coalesce(min(u.updated_at), 0), 0 FROM jobs j JOIN units u "
				  "ON u.order_id = j.order_id AND u.no = j.unit WHERE j.kind = $1 AND u.state = $2";
	const struct db_value params[] = { DB_I64(fulfil), DB_I64(UNIT_UNKNOWN) };

	return query(db, a, sql, params, ARRAY_LEN(params), on_tally, arg);
}

enum err tally_jobs(struct db *db, struct arena *a, db_row_fn on_tally, void *arg)
{
	static const char sql[] = "SELECT kind, count(*), min(due_at), 0 FROM jobs GROUP BY kind ORDER BY kind";

	return query(db, a, sql, NULL, 0, on_tally, arg);
}

enum err tally_holds(struct db *db, struct arena *a, db_row_fn on_account, void *arg)
{
	static const char sql[] = "SELECT id, balance, held, overdraft, version FROM accounts WHERE held <> 0";

	return db_query(db, sql, NULL, 0, &table_accounts, a, on_account, arg);
}

enum err tally_common(struct db *db, struct arena *a, db_row_fn on_account, void *arg)
{
	static const char sql[] =
		"SELECT id, balance, held, overdraft, version FROM accounts WHERE id >= $1 AND id < $2";
	int64_t first, end;

	account_range(0, &first, &end);
	const struct db_value params[] = { DB_I64(first), DB_I64(end) };
	return db_query(db, sql, params, ARRAY_LEN(params), &table_accounts, a, on_account, arg);
}

enum err tally_open_amounts(struct db *db, struct arena *a, int fulfil, int expire, db_row_fn on_tally, void *arg)
{
	static const char sql[] =
		"SELECT o.currency, count(*), min(o.created_at), CAST(sum(o.amount + o.fee) AS BIGINT) FROM orders o "
		"JOIN "
		"(SELECT DISTINCT order_id FROM jobs WHERE kind = $1 OR kind = $2) j ON j.order_id = o.id "
		"GROUP BY o.currency ORDER BY o.currency";
	const struct db_value params[] = { DB_I64(fulfil), DB_I64(expire) };

	return query(db, a, sql, params, ARRAY_LEN(params), on_tally, arg);
}

enum err tally_partners(struct db *db, struct arena *a, db_row_fn on_tally, void *arg)
{
	static const char sql[] = "SELECT 0, count(*), coalesce(min(created_at), 0), 0 FROM partners";

	return query(db, a, sql, NULL, 0, on_tally, arg);
}

enum err tally_open_tasks(struct db *db, struct arena *a, db_row_fn on_tally, void *arg)
{
	static const char sql[] = "SELECT 0, count(*), coalesce(min(created_at), 0), 0 FROM tasks WHERE state = 1";

	return query(db, a, sql, NULL, 0, on_tally, arg);
}

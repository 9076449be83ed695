#include "store/orders.h"

static const struct column id_columns[] = { { "id", COL_I64, 0, 0 } };
static const struct table id_shape = TABLE("orders", int64_t, id_columns, 1, 0);

static enum err id_seen(void *arg, void *row)
{
	*(int64_t *)arg = *(const int64_t *)row;
	return OK;
}

enum err orders_newest_from(struct db *db, struct arena *a, int64_t most, int64_t *ret_id)
{
	static const char sql[] = "SELECT id FROM orders ORDER BY id DESC LIMIT 1 OFFSET $1";
	const struct db_value params[] = { DB_I64(most - 1) };

	*ret_id = 0;
	return db_query(db, sql, params, 1, &id_shape, a, id_seen, ret_id);
}

static const struct column filter_columns[] = {
	{ "id", COL_I64, offsetof(struct order, id), 0 },
	{ "partner_id", COL_I64, offsetof(struct order, partner_id), 0 },
	{ "dialect", COL_INT, offsetof(struct order, dialect), 0 },
	{ "product_id", COL_I64, offsetof(struct order, product_id), 0 },
	{ "product_batch", COL_I64, offsetof(struct order, product_batch), 0 },
	{ "state", COL_INT, offsetof(struct order, state), 0 },
	{ "reason", COL_INT, offsetof(struct order, reason), 0 },
	{ "credit_party", COL_TEXT, offsetof(struct order, credit_party), 0 },
	{ "credit_account", COL_TEXT, offsetof(struct order, credit_account), 0 },
	{ "created_at", COL_I64, offsetof(struct order, created_at), 0 },
	{ "version", COL_I64, offsetof(struct order, version), 0 },
};
static const struct table filter_shape = TABLE("orders", struct order, filter_columns, 1, 0);

struct after_scan {
	int64_t *last;
	db_row_fn on_order;
	void *arg;
};

static enum err after_seen(void *arg, void *row)
{
	struct after_scan *scan = arg;

	*scan->last = ((const struct order *)row)->id;
	return scan->on_order(scan->arg, row);
}

enum err orders_after(struct db *db, struct arena *a, int64_t after, int64_t most, int64_t *ret_last,
		      db_row_fn on_order, void *arg)
{
	static const char sql[] =
		"SELECT id, partner_id, dialect, product_id, product_batch, state, reason, "
		"credit_party, credit_account, created_at, version FROM orders WHERE id > $1 ORDER BY id LIMIT $2";
	const struct db_value params[] = { DB_I64(after), DB_I64(most) };
	struct after_scan scan = { ret_last, on_order, arg };

	return db_query(db, sql, params, ARRAY_LEN(params), &filter_shape, a, after_seen, &scan);
}

enum err orders_before(struct db *db, struct arena *a, int64_t partner_id, int64_t first, int64_t before, int64_t most,
		       int64_t *ret_last, db_row_fn on_order, void *arg)
{
	static const char sql[] =
		"SELECT id, partner_id, dialect, product_id, product_batch, state, reason, credit_party, "
		"credit_account, created_at, version "
		"FROM orders WHERE partner_id = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4";
	const struct db_value params[] = { DB_I64(partner_id), DB_I64(first), DB_I64(before), DB_I64(most) };
	struct after_scan scan = { ret_last, on_order, arg };

	return db_query(db, sql, params, ARRAY_LEN(params), &filter_shape, a, after_seen, &scan);
}

static const struct column change_columns[] = {
	{ "id", COL_I64, offsetof(struct changed_order, order.id), 0 },
	{ "partner_id", COL_I64, offsetof(struct changed_order, order.partner_id), 0 },
	{ "dialect", COL_INT, offsetof(struct changed_order, order.dialect), 0 },
	{ "product_id", COL_I64, offsetof(struct changed_order, order.product_id), 0 },
	{ "product_batch", COL_I64, offsetof(struct changed_order, order.product_batch), 0 },
	{ "state", COL_INT, offsetof(struct changed_order, order.state), 0 },
	{ "reason", COL_INT, offsetof(struct changed_order, order.reason), 0 },
	{ "credit_party", COL_TEXT, offsetof(struct changed_order, order.credit_party), 0 },
	{ "credit_account", COL_TEXT, offsetof(struct changed_order, order.credit_account), 0 },
	{ "created_at", COL_I64, offsetof(struct changed_order, order.created_at), 0 },
	{ "version", COL_I64, offsetof(struct changed_order, order.version), 0 },
	{ "event_id", COL_I64, offsetof(struct changed_order, event_id), 0 },
};
static const struct table change_shape = TABLE("orders", struct changed_order, change_columns, 1, 0);

enum err orders_changed(struct db *db, struct arena *a, const struct change_range *range, int64_t most,
			db_row_fn on_change, void *arg)
{
	/* A partner that has a row above the mark says so in its counters: of all others no event is looked at. A join
	 * would leave it to the planner whether the events are found by partner, and it rather reads the whole index
	 * for those above the mark; LATERAL, which only PostgreSQL has and only there is this asked, does not. The slot
	 * of an id is where base/ids.h puts it. */
	static const char sql[] =
		"SELECT o.id, o.partner_id, o.dialect, o.product_id, o.product_batch, o.state, o.reason, "
		"o.credit_party, o.credit_account, o.created_at, o.version, e.id AS event_id FROM counters c "
		"CROSS JOIN LATERAL (SELECT v.id, v.order_id FROM events v WHERE v.partner_id = c.partner_id "
		"AND v.id > $1 AND (c.partner_id > $2 OR v.id > $3) AND (v.id >> 7) % 32 <> $4 "
		"ORDER BY v.id LIMIT $5) e JOIN orders o ON o.id = e.order_id "
		"WHERE c.partner_id >= $2 AND c.id_high > $1 ORDER BY c.partner_id, e.id LIMIT $5";
	const struct db_value params[] = { DB_I64(range->above), DB_I64(range->after_partner),
					   DB_I64(range->after_event), DB_I64(range->but_slot), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &change_shape, a, on_change, arg);
}

enum err accounts_range(struct db *db, struct arena *a, int64_t first, int64_t end, db_row_fn on_account, void *arg)
{
	static const char sql[] = "SELECT id, balance, held, overdraft, version FROM accounts "
				  "WHERE id >= $1 AND id < $2 ORDER BY id";
	const struct db_value params[] = { DB_I64(first), DB_I64(end) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_accounts, a, on_account, arg);
}

#include "store/events.h"

static const struct column bounds_columns[] = {
	{ "id_high", COL_I64, offsetof(struct counter, id_high), 0 },
	{ "events_gone", COL_I64, offsetof(struct counter, events_gone), 0 },
};
static const struct table bounds_shape = TABLE("counters", struct counter, bounds_columns, 1, 0);

static enum err take_counter(void *arg, void *row)
{
	*(struct counter *)arg = *(const struct counter *)row;
	return OK;
}

enum err events_bounds(struct db *db, struct arena *a, int64_t partner_id, int64_t *ret_high, int64_t *ret_gone)
{
	static const char sql[] = "SELECT id_high, events_gone FROM counters WHERE partner_id = $1";
	const struct db_value params[] = { DB_I64(partner_id) };
	struct counter counter = { 0 };
	enum err e = db_query(db, sql, params, 1, &bounds_shape, a, take_counter, &counter);

	if (e)
		return e;
	*ret_high = counter.id_high;
	*ret_gone = counter.events_gone;
	return OK;
}

enum err events_after(struct db *db, struct arena *a, int64_t partner_id, int64_t after, int64_t most,
		      db_row_fn on_event, void *arg)
{
	static const char sql[] = "SELECT partner_id, id, seq, order_id, state, reason, created_at FROM events "
				  "WHERE partner_id = $1 AND id > $2 ORDER BY id LIMIT $3";
	const struct db_value params[] = { DB_I64(partner_id), DB_I64(after), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_events, a, on_event, arg);
}

static const struct column id_columns[] = { { "id", COL_I64, 0, 0 } };
static const struct table id_shape = TABLE("events", int64_t, id_columns, 1, 0);

static enum err take_highest(void *arg, void *row)
{
	int64_t id = *(const int64_t *)row, *highest = arg;

	*highest = id > *highest ? id : *highest;
	return OK;
}

enum err events_drop(struct db *db, struct arena *a, int64_t partner_id, int64_t before_us, int64_t most,
		     int64_t *ret_last)
{
	static const char sql[] =
		"DELETE FROM events WHERE partner_id = $1 AND id IN (SELECT id FROM "
		"(SELECT id, created_at FROM events WHERE partner_id = $1 ORDER BY id LIMIT $3) oldest "
		"WHERE created_at < $2) RETURNING id";
	const struct db_value params[] = { DB_I64(partner_id), DB_I64(before_us), DB_I64(most) };

	*ret_last = 0;
	return db_query(db, sql, params, ARRAY_LEN(params), &id_shape, a, take_highest, ret_last);
}

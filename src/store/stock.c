#include "store/stock.h"

#include "store/columns.h"

static const struct column batch_columns[] = {
	COLUMN(struct stock_batch, I64, id),	      FIXED(struct stock_batch, I64, product_id),
	FIXED(struct stock_batch, INT, sandbox),      COLUMN(struct stock_batch, INT, state),
	COLUMN(struct stock_batch, I64, total),	      COLUMN(struct stock_batch, I64, head),
	COLUMN(struct stock_batch, I64, returned),    COLUMN(struct stock_batch, I64, free),
	COLUMN(struct stock_batch, I64, reserved),    COLUMN(struct stock_batch, I64, sold),
	COLUMN(struct stock_batch, I64, voided),      FIXED(struct stock_batch, I64, low),
	COLUMN(struct stock_batch, BLOB, sealed_key), FIXED(struct stock_batch, TEXT, note),
	FIXED(struct stock_batch, I64, created_at),   COLUMN(struct stock_batch, I64, version),
};
const struct table table_stock_batches = {
	.name = "stock_batches",
	.columns = batch_columns,
	.count = ARRAY_LEN(batch_columns),
	.keys = 1,
	.version = ARRAY_LEN(batch_columns) - 1,
	.row_bytes = sizeof(struct stock_batch),
	.locked = true,
};

static const struct column unit_columns[] = {
	COLUMN(struct stock_unit, I64, id),	  COLUMN(struct stock_unit, INT, state),
	COLUMN(struct stock_unit, REF, order_id), FIXED(struct stock_unit, BLOB, mark),
	FIXED(struct stock_unit, BLOB, body),
};
const struct table table_stock_units = TABLE("stock_units", struct stock_unit, unit_columns, 1, 0);

static const struct column returned_columns[] = {
	COLUMN(struct stock_returned, I64, batch),
	COLUMN(struct stock_returned, INT, place),
};
const struct table table_stock_returned = TABLE("stock_returned", struct stock_returned, returned_columns, 2, 0);

static const struct column hold_columns[] = {
	COLUMN(struct stock_hold, I64, order_id),
	COLUMN(struct stock_hold, INT, unit),
	COLUMN(struct stock_hold, I64, stock_id),
};
const struct table table_stock_holds = TABLE("stock_holds", struct stock_hold, hold_columns, 2, 0);

static const struct column event_columns[] = {
	COLUMN(struct stock_event, I64, id),	     COLUMN(struct stock_event, INT, kind),
	COLUMN(struct stock_event, I64, product_id), COLUMN(struct stock_event, INT, sandbox),
	COLUMN(struct stock_event, I64, remaining),  COLUMN(struct stock_event, I64, mark),
	COLUMN(struct stock_event, I64, created_at),
};
const struct table table_stock_events = TABLE("stock_events", struct stock_event, event_columns, 1, 0);

#define BATCH_COLUMNS                                                                                                  \
	"id, product_id, sandbox, state, total, head, returned, free, reserved, sold, voided, low, sealed_key, note, " \
	"created_at, version"

enum err stock_batches_each(struct db *db, struct arena *a, int64_t product_id, db_row_fn on_row, void *arg)
{
	static const char all[] = "SELECT " BATCH_COLUMNS " FROM stock_batches ORDER BY id DESC";
	static const char of_product[] =
		"SELECT " BATCH_COLUMNS " FROM stock_batches WHERE product_id = $1 ORDER BY id DESC";
	const struct db_value params[] = { DB_I64(product_id) };

	return db_query(db, product_id ? of_product : all, params, product_id ? 1 : 0, &table_stock_batches, a, on_row,
			arg);
}

enum err stock_batch_last_id(struct db *db, int64_t *ret)
{
	return db_number(db, "SELECT COALESCE(MAX(id), 0) FROM stock_batches", NULL, 0, ret);
}

enum err stock_units_delete(struct db *db, int64_t batch, int64_t most, int64_t *ret_deleted)
{
	static const char sql[] = "DELETE FROM stock_units WHERE id IN (SELECT id FROM stock_units "
				  "WHERE id > $1 AND id < $2 LIMIT $3)";
	const struct db_value params[] = { DB_I64(stock_id(batch, 0)), DB_I64(stock_id(batch + 1, 0)), DB_I64(most) };

	return db_exec(db, sql, params, ARRAY_LEN(params), ret_deleted);
}

/* A row a crossing: few enough for the filter to be applied on the way. */
enum err stock_events_before(struct db *db, struct arena *a, int64_t product_id, int64_t before, int64_t most,
			     db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT id, kind, product_id, sandbox, remaining, mark, created_at FROM stock_events "
				  "WHERE id < $1 AND ($2 = 0 OR product_id = $2) ORDER BY id DESC LIMIT $3";
	const struct db_value params[] = { DB_I64(before), DB_I64(product_id), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_stock_events, a, on_row, arg);
}

static const struct column count_columns[] = {
	COLUMN(struct stock_count, I64, batch),	   COLUMN(struct stock_count, I64, free),
	COLUMN(struct stock_count, I64, reserved), COLUMN(struct stock_count, I64, sold),
	COLUMN(struct stock_count, I64, returned),
};
static const struct table count_shape = TABLE("", struct stock_count, count_columns, 1, 0);

enum err stock_counts(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT b.id, COALESCE(u.free, 0), COALESCE(u.reserved, 0), COALESCE(u.sold, 0), "
		"(SELECT COUNT(*) FROM stock_returned r WHERE r.batch = b.id) FROM stock_batches b LEFT JOIN "
		"(SELECT id / 16777216 AS batch, COUNT(CASE WHEN state = 1 THEN 1 END) AS free, "
		"COUNT(CASE WHEN state = 2 THEN 1 END) AS reserved, COUNT(CASE WHEN state = 3 THEN 1 END) AS sold "
		"FROM stock_units GROUP BY id / 16777216) u ON u.batch = b.id ORDER BY b.id";

	return db_query(db, sql, NULL, 0, &count_shape, a, on_row, arg);
}

#include "store/catalog.h"

static const struct column batch_columns[] = {
	{ "id", COL_I64, offsetof(struct batch_row, id), COL_FIXED },
	{ "kind", COL_INT, offsetof(struct batch_row, kind), COL_FIXED },
	{ "state", COL_INT, offsetof(struct batch_row, state) },
	{ "row_count", COL_I64, offsetof(struct batch_row, row_count) },
	{ "note", COL_TEXT, offsetof(struct batch_row, note) },
	{ "created_at", COL_I64, offsetof(struct batch_row, created_at), COL_FIXED },
};
const struct table batch_table = TABLE("batches", struct batch_row, batch_columns, 1, 0);

static const struct column catalog_columns[] = {
	{ "kind", COL_INT, offsetof(struct catalog_row, kind), COL_FIXED },
	{ "id", COL_I64, offsetof(struct catalog_row, id), COL_FIXED },
	{ "batch", COL_I64, offsetof(struct catalog_row, batch), COL_FIXED },
	{ "doc", COL_TEXT, offsetof(struct catalog_row, doc), COL_FIXED },
};
const struct table catalog_table = TABLE("catalog", struct catalog_row, catalog_columns, 3, 0);

enum err store_catalog_current(struct db *db, int kind, int64_t after, int64_t most, struct arena *a, db_row_fn on_row,
			       void *arg)
{
	const struct db_value params[] = { DB_I64(kind), DB_I64(after), DB_I64(most) };

	return db_query(db,
			"SELECT c.kind, c.id, c.batch, c.doc FROM catalog c"
			" WHERE c.kind = $1 AND c.id > $2 AND c.batch = (SELECT MAX(v.batch) FROM catalog v"
			" JOIN batches b ON b.id = v.batch WHERE v.kind = c.kind AND v.id = c.id AND b.state = 2)"
			" ORDER BY c.id LIMIT $3",
			params, ARRAY_LEN(params), &catalog_table, a, on_row, arg);
}

static enum err take_catalog_row(void *arg, void *row)
{
	*(struct catalog_row *)arg = *(const struct catalog_row *)row;
	return OK;
}

enum err store_catalog_version(struct db *db, int kind, int64_t id, int64_t batch, struct arena *a,
			       struct catalog_row *ret)
{
	const struct db_value params[] = { DB_I64(kind), DB_I64(id), DB_I64(batch) };
	struct catalog_row row = { 0 };
	enum err e = db_query(db,
			      "SELECT c.kind, c.id, c.batch, c.doc FROM catalog c JOIN batches b ON b.id = c.batch"
			      " WHERE c.kind = $1 AND c.id = $2 AND c.batch <= $3 AND b.state = 2"
			      " ORDER BY c.batch DESC LIMIT 1",
			      params, ARRAY_LEN(params), &catalog_table, a, take_catalog_row, &row);

	if (e)
		return e;
	if (!row.kind)
		return ERR_NOT_FOUND;
	*ret = row;
	return OK;
}

enum err store_batch_end(struct db *db, int64_t id, enum batch_state state)
{
	const struct db_value params[] = { DB_I64(state), DB_I64(id) };
	int64_t rows = 0;
	enum err e = db_exec(db, "UPDATE batches SET state = $1 WHERE id = $2 AND state = 1", params, ARRAY_LEN(params),
			     &rows);

	return e ? e : rows ? OK : ERR_ILLEGAL_STATE;
}

enum err store_catalog_delete(struct db *db, int64_t batch, int64_t most, int64_t *ret_deleted)
{
	const struct db_value params[] = { DB_I64(batch), DB_I64(most) };

	return db_exec(db,
		       "DELETE FROM catalog WHERE (kind, id, batch) IN (SELECT c.kind, c.id, c.batch FROM catalog c"
		       " JOIN batches b ON b.id = c.batch WHERE c.batch = $1 AND b.state <> 2 LIMIT $2)",
		       params, ARRAY_LEN(params), ret_deleted);
}

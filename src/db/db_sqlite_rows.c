#include "db/db_sqlite_private.h"

#include "base/log.h"

#include <limits.h>

static int bind_column(struct statement *statement, size_t *number, const struct column *column, const void *row)
{
	return sqlite_bind(statement, ++*number, db_value_of(column, row));
}

/* In the order in which put_insert, put_update and put_keys number the parameters. */
static int bind_row(struct statement *statement, enum db_write what, const struct table *table, const void *row)
{
	const struct column *columns = table->columns;
	size_t number = 0;
	int code = SQLITE_OK;

	if (what != DB_DELETE)
		for (size_t i = what == DB_INSERT ? 0 : table->keys; i < table->count && !code; i++)
			if (what == DB_INSERT || !(columns[i].flags & COL_FIXED))
				code = bind_column(statement, &number, &columns[i], row);
	if (what != DB_INSERT)
		for (size_t i = 0; i < table->keys && !code; i++)
			code = bind_column(statement, &number, &columns[i], row);
	if (what == DB_UPDATE && table->version && !code) {
		struct db_value version = db_value_of(&columns[table->version], row);

		version.i--;
		code = sqlite_bind(statement, ++number, version);
	}
	return code;
}

enum err sqlite_write(struct db *db, enum db_write what, const struct table *table, void *const *rows, size_t n)
{
	struct sqlite *s = sqlite_of(db);
	struct statement *statement;
	enum err e = sqlite_statement(s, &(struct statement_key){ .table = table, .operation = (int)what }, &statement);

	for (size_t i = 0; i < n && !e; i++) {
		int code = bind_row(statement, what, table, rows[i]);

		if (!code)
			code = sqlite3_step(statement->handle);
		if (code != SQLITE_DONE) {
			e = sqlite_fail(s, code, sqlite3_sql(statement->handle));
		} else if (what != DB_INSERT && sqlite3_changes64(s->handle) == 0) {
			/* Some rows of the set may be written by now. */
			db->tx_failed = true;
			e = ERR_CONFLICT;
		}
		sqlite3_reset(statement->handle);
	}
	return e;
}

/* Reads column i of the present row into `row`. False if the value is not of the kind that the column table promises:
 * SQLite would turn text into 0 without a word. */
static bool read_column(sqlite3_stmt *handle, int i, const struct column *column, struct arena *a, void *row)
{
	void *at = (char *)row + column->offset;
	int kind = sqlite3_column_type(handle, i);
	struct str bytes = { NULL, 0 };
	int64_t number = 0;

	if (kind == SQLITE_NULL)
		return column->type == COL_TEXT || column->type == COL_BLOB || column->type == COL_REF;
	switch (column->type) {
	case COL_I64:
	case COL_REF:
		*(int64_t *)at = sqlite3_column_int64(handle, i);
		return kind == SQLITE_INTEGER;
	case COL_INT:
		number = sqlite3_column_int64(handle, i);
		*(int *)at = (int)number;
		return kind == SQLITE_INTEGER && number >= INT_MIN && number <= INT_MAX;
	case COL_TEXT:
	case COL_BLOB:
		bytes.p = sqlite3_column_blob(handle, i); /* of a text: its bytes, as they are */
		bytes.n = (size_t)sqlite3_column_bytes(handle, i);
		if (!bytes.p)
			bytes.p = ""; /* SQLite's way to say empty */
		*(struct str *)at = arena_str(a, bytes);
		return kind == (column->type == COL_TEXT ? SQLITE_TEXT : SQLITE_BLOB);
	}
	return false;
}

static enum err bad_shape(struct sqlite *s, sqlite3_stmt *handle, const char *column)
{
	if (s->db.in_tx)
		s->db.tx_failed = true;
	log_error("db.failed", "engine=sqlite message=\"not what the column table says\" column=%s in=\"%.160s\"",
		  column, sqlite3_sql(handle));
	return ERR_STORE_FAILED;
}

static enum err read_row(struct sqlite *s, sqlite3_stmt *handle, const struct db_sink *sink)
{
	const struct table *shape = sink->shape;
	void *row = arena_alloc(sink->arena, shape->row_bytes);

	for (size_t i = 0; i < shape->count; i++)
		if (!read_column(handle, (int)i, &shape->columns[i], sink->arena, row))
			return bad_shape(s, handle, shape->columns[i].name);
	return sink->on_row(sink->arg, row);
}

/* Runs a bound statement to its end, every row into the sink, and resets it. */
static enum err read_rows(struct sqlite *s, struct statement *statement, const struct db_sink *sink)
{
	sqlite3_stmt *handle = statement->handle;
	enum err e = OK;
	int code = SQLITE_DONE;

	if ((size_t)sqlite3_column_count(handle) != sink->shape->count)
		return bad_shape(s, handle, "(their number)");
	while (!e && (code = sqlite3_step(handle)) == SQLITE_ROW)
		e = read_row(s, handle, sink);
	if (!e && code != SQLITE_DONE)
		e = sqlite_fail(s, code, sqlite3_sql(handle));
	sqlite3_reset(handle);
	return e;
}

static enum err fetch_keys(struct sqlite *s, const struct db_fetch *fetch, struct arena *a)
{
	const struct db_sink sink = { fetch->table, a, fetch->on_row, fetch->arg };
	struct statement_key key = { .table = fetch->table, .operation = OPERATION_SELECT, .column = fetch->column };
	struct statement *statement;
	enum err e = sqlite_statement(s, &key, &statement);

	for (size_t i = 0; i < fetch->n && !e; i++) {
		int code = sqlite_bind(statement, 1, fetch->keys[i]);

		e = code ? sqlite_fail(s, code, sqlite3_sql(statement->handle)) : read_rows(s, statement, &sink);
	}
	return e;
}

enum err sqlite_fetch(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a)
{
	enum err e = OK;

	for (size_t i = 0; i < count && !e; i++)
		if (fetches[i].n)
			e = fetch_keys(sqlite_of(db), &fetches[i], a);
	return e;
}

/* The statement for a text of store/, with all its parameters bound. */
static enum err statement_bound(struct sqlite *s, const char *sql, struct db_parameters params, struct statement **ret)
{
	struct statement *statement;
	enum err e = sqlite_statement(s, &(struct statement_key){ .text = sql }, &statement);
	int code = SQLITE_OK;

	if (e)
		return e;
	if (statement->parameters != params.n)
		return bad_shape(s, statement->handle, "(number of parameters)");
	for (size_t i = 0; i < params.n && !code; i++)
		code = sqlite_bind(statement, i + 1, params.values[i]);
	if (code)
		return sqlite_fail(s, code, sql);
	*ret = statement;
	return OK;
}

enum err sqlite_query(struct db *db, const char *sql, struct db_parameters params, const struct db_sink *sink)
{
	struct sqlite *s = sqlite_of(db);
	struct statement *statement;
	enum err e = statement_bound(s, sql, params, &statement);

	return e ? e : read_rows(s, statement, sink);
}

enum err sqlite_exec(struct db *db, const char *sql, struct db_parameters params, int64_t *ret_rows)
{
	struct sqlite *s = sqlite_of(db);
	struct statement *statement;
	int64_t before = sqlite3_total_changes64(s->handle);
	enum err e = statement_bound(s, sql, params, &statement);
	int code;

	if (e)
		return e;
	while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW)
		;
	if (code != SQLITE_DONE)
		e = sqlite_fail(s, code, sql);
	/* sqlite3_changes() would still tell of the statement before when this one was no write. */
	int64_t rows = sqlite3_total_changes64(s->handle) == before ? 0 : sqlite3_changes64(s->handle);
	sqlite3_reset(statement->handle);
	if (!e && !db->in_tx)
		sqlite_wal_committed(s);
	if (!e && ret_rows)
		*ret_rows = rows;
	return e;
}

enum err sqlite_run(struct db *db, const char *sql)
{
	struct sqlite *s = sqlite_of(db);
	int code = sqlite3_exec(s->handle, sql, NULL, NULL, NULL);

	if (code)
		return sqlite_fail(s, code, sql);
	if (!db->in_tx)
		sqlite_wal_committed(s);
	return OK;
}

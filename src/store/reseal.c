#include "store/reseal.h"

#include "base/buf.h"

enum { SQL_BYTES = 1024, KEYS_MOST = 3 };

static void put_keys(struct buf *b, const struct table *table)
{
	for (size_t i = 0; i < table->keys; i++)
		buf_printf(b, "%s%s", i ? ", " : "", table->columns[i].name);
}

/* The names are those of the column tables, ours. */
static void put_sql(struct buf *b, const struct db *db, const struct table *table, const struct column *column)
{
	const char *lock = db_lock_clause(db);

	buf_printf(b, "UPDATE %s SET %s = $1 WHERE (", table->name, column->name);
	put_keys(b, table);
	buf_lit(b, ") IN (SELECT ");
	put_keys(b, table);
	buf_printf(b, " FROM %s WHERE %s = $2", table->name, column->name);
	for (size_t i = 0; i < table->keys; i++)
		buf_printf(b, " AND %s = $%zu", table->columns[i].name, i + 3);
	buf_printf(b, " %s%s)", lock, *lock ? " SKIP LOCKED" : "");
	buf_char(b, '\0');
}

enum err reseal_write(struct db *db, const struct table *table, const struct column *column, const void *row,
		      struct str old, struct str fresh)
{
	struct db_value params[2 + KEYS_MOST] = { DB_BLOB(fresh), DB_BLOB(old) };
	struct buf sql;

	must(table->keys <= KEYS_MOST);
	for (size_t i = 0; i < table->keys; i++)
		params[2 + i] = db_value_of(&table->columns[i], row);
	buf_init(&sql, SQL_BYTES);
	put_sql(&sql, db, table, column);
	must(!sql.failed);
	enum err e = db_exec(db, sql.p, params, 2 + table->keys, NULL);
	buf_done(&sql);
	return e;
}

#include "db/db_sqlite_private.h"

#include "base/log.h"

enum { SQL_MOST_BYTES = 64 * 1024 };

static void put_columns(struct buf *b, const struct table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		buf_str(b, str_of(i ? "," : ""));
		buf_str(b, str_of(table->columns[i].name));
	}
}

/* Parameters are numbered as they appear, here as everywhere, so that both ways of counting them agree. */
static void put_assignment(struct buf *b, const char *before, const char *name, size_t *number)
{
	buf_printf(b, "%s%s=$%zu", before, name, ++*number);
}

static void put_keys(struct buf *b, const struct table *table, size_t *number)
{
	for (size_t i = 0; i < table->keys; i++)
		put_assignment(b, i ? " AND " : " WHERE ", table->columns[i].name, number);
}

static void put_insert(struct buf *b, const struct table *table)
{
	buf_printf(b, "INSERT INTO %s(", table->name);
	put_columns(b, table);
	buf_lit(b, ") VALUES(");
	for (size_t i = 0; i < table->count; i++)
		buf_printf(b, "%s$%zu", i ? "," : "", i + 1);
	buf_lit(b, ")");
}

/* Order of the parameters: what is set, the keys, the version that must be there. sqlite_write binds in this order. */
static void put_update(struct buf *b, const struct table *table)
{
	size_t number = 0;

	buf_printf(b, "UPDATE %s", table->name);
	for (size_t i = table->keys; i < table->count; i++)
		if (!(table->columns[i].flags & COL_FIXED))
			put_assignment(b, number ? "," : " SET ", table->columns[i].name, &number);
	must(number > 0); /* a table of fixed columns alone is never updated */
	put_keys(b, table, &number);
	if (table->version)
		put_assignment(b, " AND ", table->columns[table->version].name, &number);
}

static void put_sql(struct buf *b, const struct statement_key *key)
{
	size_t number = 0;

	switch (key->operation) {
	case OPERATION_INSERT:
		put_insert(b, key->table);
		return;
	case OPERATION_UPDATE:
		put_update(b, key->table);
		return;
	case OPERATION_DELETE:
		buf_printf(b, "DELETE FROM %s", key->table->name);
		put_keys(b, key->table, &number);
		return;
	case OPERATION_SELECT:
		buf_lit(b, "SELECT ");
		put_columns(b, key->table);
		buf_printf(b, " FROM %s WHERE %s=$1", key->table->name, key->table->columns[key->column].name);
		return;
	}
	must(!"an operation");
}

static uint64_t key_hash(const struct statement_key *key)
{
	if (!key->table)
		return str_hash(str_of(key->text));
	uint64_t h = (uint64_t)(uintptr_t)key->table + (uint64_t)key->operation * 31 + key->column * 131;
	return (h ^ h >> 17) * 0x9E3779B97F4A7C15u >> 20;
}

static bool is_key(const struct statement *statement, const struct statement_key *key, uint64_t hash)
{
	if (statement->hash != hash || statement->table != key->table)
		return false;
	if (key->table)
		return statement->operation == key->operation && statement->column == key->column;
	return strcmp(sqlite3_sql(statement->handle), key->text) == 0;
}

static void statement_free(struct statement *statement)
{
	sqlite3_finalize(statement->handle);
	free(statement);
}

/* Makes room by forgetting what was not used for longest: lists with many filters have many texts. */
static void forget_oldest(struct sqlite *s)
{
	struct statement **oldest = NULL;

	for (size_t i = 0; i < STATEMENT_BUCKETS; i++)
		for (struct statement **at = &s->buckets[i]; *at; at = &(*at)->next)
			if (!oldest || (*at)->used_at < (*oldest)->used_at)
				oldest = at;
	struct statement *gone = *oldest;
	*oldest = gone->next;
	statement_free(gone);
	s->kept--;
}

/* Fills slots[k - 1] with SQLite's index of $k. SQLite numbers parameters by first appearance, whatever the number in
 * the name says, so binding by position is wrong for "... SET a=$2 WHERE id=$1": binding is by name. False if the names
 * are not exactly $1 to $n. */
static bool find_slots(struct statement *statement)
{
	for (size_t i = 0; i < statement->parameters; i++) {
		char name[24];

		snprintf(name, sizeof(name), "$%zu", i + 1);
		statement->slots[i] = sqlite3_bind_parameter_index(statement->handle, name);
		if (!statement->slots[i])
			return false;
	}
	return true;
}

static enum err statement_prepare(struct sqlite *s, const char *sql, struct statement **ret)
{
	sqlite3_stmt *handle = NULL;
	const char *tail = NULL;
	int code = sqlite3_prepare_v3(s->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &tail);

	if (code)
		return sqlite_fail(s, code, sql);
	size_t parameters = (size_t)sqlite3_bind_parameter_count(handle);
	struct statement *statement = calloc(1, sizeof(*statement) + parameters * sizeof(statement->slots[0]));
	must(statement);
	statement->handle = handle;
	statement->parameters = parameters;
	/* An empty text gives no statement; what follows the first one would never run. */
	if (!handle || !str_is_blank(str_of(tail)) || !find_slots(statement)) {
		statement_free(statement);
		if (s->db.in_tx)
			s->db.tx_failed = true;
		log_error("db.failed",
			  "engine=sqlite message=\"not one statement with parameters $1 to $n\" in=\"%.160s\"", sql);
		return ERR_STORE_FAILED;
	}
	*ret = statement;
	return OK;
}

enum err sqlite_statement(struct sqlite *s, const struct statement_key *key, struct statement **ret)
{
	uint64_t hash = key_hash(key);
	struct statement **bucket = &s->buckets[hash % STATEMENT_BUCKETS];
	struct statement *statement = *bucket;
	struct buf sql;
	enum err e;

	while (statement && !is_key(statement, key, hash))
		statement = statement->next;
	if (!statement) {
		buf_init(&sql, SQL_MOST_BYTES);
		if (key->table)
			put_sql(&sql, key);
		else
			buf_str(&sql, str_of(key->text));
		buf_char(&sql, '\0');
		must(!sql.failed);
		e = statement_prepare(s, sql.p, &statement);
		buf_done(&sql);
		if (e)
			return e;
		if (s->kept >= STATEMENTS_KEPT)
			forget_oldest(s);
		statement->table = key->table;
		statement->operation = key->operation;
		statement->column = key->column;
		statement->hash = hash;
		statement->next = *bucket;
		*bucket = statement;
		s->kept++;
	}
	statement->used_at = ++s->uses;
	*ret = statement;
	return OK;
}

void sqlite_statements_done(struct sqlite *s)
{
	while (s->kept)
		forget_oldest(s);
}

int sqlite_bind(struct statement *statement, size_t number, struct db_value value)
{
	sqlite3_stmt *handle = statement->handle;
	int slot = statement->slots[number - 1];

	/* The bytes outlive the step: every parameter is bound again before the next one. */
	switch (value.type) {
	case COL_I64:
	case COL_INT:
		return sqlite3_bind_int64(handle, slot, value.i);
	case COL_REF:
		return value.i ? sqlite3_bind_int64(handle, slot, value.i) : sqlite3_bind_null(handle, slot);
	case COL_TEXT:
		return value.s.p ? sqlite3_bind_text64(handle, slot, value.s.p, value.s.n, SQLITE_STATIC, SQLITE_UTF8)
				 : sqlite3_bind_null(handle, slot);
	case COL_BLOB:
		return value.s.p ? sqlite3_bind_blob64(handle, slot, value.s.p, value.s.n, SQLITE_STATIC)
				 : sqlite3_bind_null(handle, slot);
	}
	return SQLITE_MISUSE;
}

enum err sqlite_simple(struct sqlite *s, const char *text)
{
	struct statement *statement;
	enum err e = sqlite_statement(s, &(struct statement_key){ .text = text }, &statement);

	if (e)
		return e;
	must(statement->parameters == 0);
	int code = sqlite3_step(statement->handle);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		e = sqlite_fail(s, code, text);
	sqlite3_reset(statement->handle);
	return e;
}

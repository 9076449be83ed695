/* The statements of a table, set-based: one array a column, whatever the number of rows. Types are those of the column
 * table, so a statement is the same for every batch and is planned once.
 *
 * The arrays are unnested in the list of results, side by side. UNNEST(...) after FROM would say the same, and the
 * server would first put every value of every column into a store of its own and fetch it from there: that was two
 * thirds of the cost of a small insert, and a third of a large one. */
#include "db/db_postgres_private.h"

#include "base/log.h"

enum {
	SQL_MOST_BYTES = 64 * 1024,
	OID_INT8_ARRAY = 1016,
	OID_INT4_ARRAY = 1007,
	OID_TEXT_ARRAY = 1009,
	OID_BYTEA_ARRAY = 1001
};

static const struct {
	const char *name;
	Oid oid;
} arrays[] = {
	[COL_I64] = { "int8[]", OID_INT8_ARRAY },  [COL_INT] = { "int4[]", OID_INT4_ARRAY },
	[COL_TEXT] = { "text[]", OID_TEXT_ARRAY }, [COL_BLOB] = { "bytea[]", OID_BYTEA_ARRAY },
	[COL_REF] = { "int8[]", OID_INT8_ARRAY },
};

struct sql {
	struct buf text;
	Oid types[POSTGRES_PARAMETERS_MOST];
	size_t parameters;
};

static void put_parameter(struct sql *s, enum col_type type)
{
	must(s->parameters < POSTGRES_PARAMETERS_MOST);
	s->types[s->parameters++] = arrays[type].oid;
	buf_printf(&s->text, "$%zu::%s", s->parameters, arrays[type].name);
}

static void put_unnested(struct sql *s, enum col_type type)
{
	buf_lit(&s->text, "UNNEST(");
	put_parameter(s, type);
	buf_lit(&s->text, ")");
}

static void put_columns(struct sql *s, const struct table *table)
{
	for (size_t i = 0; i < table->count; i++)
		buf_printf(&s->text, "%s%s", i ? "," : "", table->columns[i].name);
}

static void put_insert(struct sql *s, const struct table *table)
{
	buf_printf(&s->text, "INSERT INTO %s(", table->name);
	put_columns(s, table);
	buf_lit(&s->text, ") SELECT ");
	for (size_t i = 0; i < table->count; i++) {
		buf_str(&s->text, str_of(i ? "," : ""));
		put_unnested(s, table->columns[i].type);
	}
}

/* Columns of the rows that were sent are named by their number in the table: c0 is the first of the key. */
static bool is_sent(const struct table *table, size_t column, int operation)
{
	return column < table->keys || (operation == PG_UPDATE && !(table->columns[column].flags & COL_FIXED));
}

static void put_sent_rows(struct sql *s, const struct table *table, int operation)
{
	const char *before = "(SELECT ";

	for (size_t i = 0; i < table->count; i++) {
		if (!is_sent(table, i, operation))
			continue;
		buf_str(&s->text, str_of(before));
		put_unnested(s, table->columns[i].type);
		buf_printf(&s->text, " AS c%zu", i);
		before = ",";
	}
	buf_lit(&s->text, ") AS sent");
}

static void put_keys(struct sql *s, const struct table *table)
{
	for (size_t i = 0; i < table->keys; i++)
		buf_printf(&s->text, "%s%s.%s=sent.c%zu", i ? " AND " : " WHERE ", table->name, table->columns[i].name,
			   i);
}

/* A COMMIT that is already under way must not happen when a row was not as it was read: so a count that is wrong has
 * to be an error of the statement itself. The text that is no number is what the server's log says. */
static void put_count_check(struct sql *s)
{
	buf_lit(&s->text, " RETURNING 1) SELECT CASE WHEN count(*)=cardinality($1) THEN 0 ELSE "
			  "('only '||count(*)||' of '||cardinality($1)||' rows as they were read')::int END FROM w");
}

static void put_update(struct sql *s, const struct table *table)
{
	const char *before = " SET ";

	buf_printf(&s->text, "WITH w AS (UPDATE %s", table->name);
	for (size_t i = table->keys; i < table->count; i++) {
		if (!is_sent(table, i, PG_UPDATE))
			continue;
		buf_printf(&s->text, "%s%s=sent.c%zu", before, table->columns[i].name, i);
		before = ",";
	}
	must(before[0] == ','); /* a table of fixed columns alone is never updated */
	buf_lit(&s->text, " FROM ");
	put_sent_rows(s, table, PG_UPDATE);
	put_keys(s, table);
	if (table->version)
		buf_printf(&s->text, " AND %s.%s=sent.c%zu-1", table->name, table->columns[table->version].name,
			   table->version);
	put_count_check(s);
}

static void put_delete(struct sql *s, const struct table *table)
{
	buf_printf(&s->text, "WITH w AS (DELETE FROM %s USING ", table->name);
	put_sent_rows(s, table, PG_DELETE);
	put_keys(s, table);
	put_count_check(s);
}

/* Rows with the same first key come in the order of the rest of it, as they do from SQLite's trees. Locks are taken in
 * the order of the key: two nodes never wait for each other. */
static void put_select(struct sql *s, const struct pg_statement_key *key)
{
	const struct table *table = key->table;
	enum col_type type = table->columns[key->column].type;

	buf_lit(&s->text, "SELECT ");
	put_columns(s, table);
	buf_printf(&s->text, " FROM %s WHERE %s=ANY(", table->name, table->columns[key->column].name);
	put_parameter(s, type == COL_INT ? COL_I64 : type);
	buf_lit(&s->text, ")");
	for (size_t i = 0; i < table->keys && (table->keys > 1 || key->operation == PG_SELECT_LOCKED); i++)
		buf_printf(&s->text, "%s%s", i ? "," : " ORDER BY ", table->columns[i].name);
	if (key->operation == PG_SELECT_LOCKED)
		buf_printf(&s->text, " %s", db_postgres.lock_clause);
}

static void put_sql(struct sql *s, const struct pg_statement_key *key)
{
	switch (key->operation) {
	case PG_INSERT:
		put_insert(s, key->table);
		return;
	case PG_UPDATE:
		put_update(s, key->table);
		return;
	case PG_DELETE:
		put_delete(s, key->table);
		return;
	case PG_SELECT:
	case PG_SELECT_LOCKED:
		put_select(s, key);
		return;
	}
	must(!"an operation");
}

/* How many parameters a text has, $1 to $n without a gap; -1 when there is a gap. */
static int parameters_of(const char *text)
{
	uint64_t seen = 0;
	bool quoted = false;

	for (; *text; text++) {
		int number = 0;

		if (*text == '\'')
			quoted = !quoted;
		if (quoted || *text != '$')
			continue;
		while (text[1] >= '0' && text[1] <= '9' && number < POSTGRES_PARAMETERS_MOST)
			number = number * 10 + (*++text - '0');
		if (number < 1 || number >= POSTGRES_PARAMETERS_MOST)
			return -1;
		seen |= (uint64_t)1 << (number - 1);
	}
	return seen & (seen + 1) ? -1 : __builtin_popcountll(seen);
}

static uint64_t key_hash(const struct pg_statement_key *key)
{
	if (!key->table)
		return str_hash(str_of(key->text));
	uint64_t h = (uint64_t)(uintptr_t)key->table + (uint64_t)key->operation * 31 + key->column * 131;
	return (h ^ h >> 17) * 0x9E3779B97F4A7C15u >> 20;
}

static bool is_key(const struct pg_statement *statement, const struct pg_statement_key *key, uint64_t hash)
{
	if (statement->hash != hash || statement->table != key->table)
		return false;
	if (key->table)
		return statement->operation == key->operation && statement->column == key->column;
	return statement->parameters == key->parameters && strcmp(statement->text, key->text) == 0 &&
	       memcmp(statement->types, key->types, key->parameters * sizeof(Oid)) == 0;
}

static struct pg_statement *statement_new(struct postgres *p, const struct pg_statement_key *key, uint64_t hash)
{
	struct sql s = { .parameters = 0 };

	buf_init(&s.text, SQL_MOST_BYTES);
	if (key->table) {
		put_sql(&s, key);
	} else {
		buf_str(&s.text, str_of(key->text));
		s.parameters = key->parameters;
		for (size_t i = 0; i < key->parameters; i++)
			s.types[i] = key->types[i];
	}
	buf_char(&s.text, '\0');
	must(!s.text.failed);
	struct pg_statement *statement = calloc(1, sizeof(*statement) + s.text.n);
	must(statement);
	statement->table = key->table;
	statement->operation = key->operation;
	statement->column = key->column;
	statement->hash = hash;
	statement->parameters = s.parameters;
	memcpy(statement->types, s.types, s.parameters * sizeof(Oid));
	memcpy(statement->text, s.text.p, s.text.n);
	snprintf(statement->name, sizeof(statement->name), "b%llu", (unsigned long long)++p->names);
	buf_done(&s.text);
	return statement;
}

void postgres_statement_drop(struct postgres *p, struct pg_statement *statement)
{
	struct pg_statement **at = &p->buckets[statement->hash % POSTGRES_BUCKETS];

	while (*at && *at != statement)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = statement->next;
	statement->next = p->gone;
	p->gone = statement;
	p->kept--;
}

/* Makes room by forgetting what was not used for longest: lists with many filters have many texts. */
static enum err forget_oldest(struct postgres *p)
{
	struct pg_statement *oldest = NULL;

	for (size_t i = 0; i < POSTGRES_BUCKETS; i++)
		for (struct pg_statement *s = p->buckets[i]; s; s = s->next)
			if (!oldest || s->used_at < oldest->used_at)
				oldest = s;
	char text[48];
	snprintf(text, sizeof(text), "DEALLOCATE %s", oldest->name);
	enum err e = postgres_send_text(p, text, NULL, (struct pg_expected){ .kind = PG_DONE });
	if (e)
		return e;
	/* The text given was this function's own. */
	p->expected[p->expected_count - 1].text = "DEALLOCATE";
	postgres_statement_drop(p, oldest);
	return OK;
}

enum err postgres_statement(struct postgres *p, const struct pg_statement_key *key, struct pg_statement **ret,
			    bool *ret_new)
{
	uint64_t hash = key_hash(key);
	struct pg_statement *statement = p->buckets[hash % POSTGRES_BUCKETS];
	enum err e = OK;

	while (statement && !is_key(statement, key, hash))
		statement = statement->next;
	bool is_new = !statement;
	if (is_new) {
		if (!key->table && parameters_of(key->text) != (int)key->parameters) {
			if (p->db.in_tx)
				p->db.tx_failed = true;
			log_error(
				"db.failed",
				"engine=postgres message=\"not one statement with parameters $1 to $n\" in=\"%.160s\"",
				key->text);
			return ERR_STORE_FAILED;
		}
		if (p->kept >= POSTGRES_STATEMENTS_KEPT && (e = forget_oldest(p)))
			return e;
		statement = statement_new(p, key, hash);
		statement->next = p->buckets[hash % POSTGRES_BUCKETS];
		p->buckets[hash % POSTGRES_BUCKETS] = statement;
		p->kept++;
	}
	statement->used_at = ++p->uses;
	*ret = statement;
	*ret_new = is_new;
	return OK;
}

void postgres_statements_free_gone(struct postgres *p)
{
	for (struct pg_statement *s = p->gone, *next; s; s = next) {
		next = s->next;
		free(s);
	}
	p->gone = NULL;
}

void postgres_statements_done(struct postgres *p)
{
	for (size_t i = 0; i < POSTGRES_BUCKETS; i++)
		while (p->buckets[i])
			postgres_statement_drop(p, p->buckets[i]);
	postgres_statements_free_gone(p);
}

/* Values on the wire: everything binary, a column of many rows as one array. */
#include "db/db_postgres_private.h"

#include "base/log.h"

#include <endian.h>
#include <limits.h>

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25, OID_VARCHAR = 1043 };

/* Memory that one large import needed is given back after it. */
enum { VALUES_KEPT_BYTES = 4 * 1024 * 1024 };

/* Less than this waits for what comes after it: a system call costs more than it would gain. */
enum { WORTH_SENDING_BYTES = 2048 };

/* What one parameter takes up in p->values, which moves while it grows. */
struct span {
	size_t from, n;
};

static void put_u32(struct buf *b, uint32_t number)
{
	uint32_t big_endian = htobe32(number);

	buf_put(b, &big_endian, sizeof(big_endian));
}

static void put_u64(struct buf *b, uint64_t number)
{
	uint64_t big_endian = htobe64(number);

	buf_put(b, &big_endian, sizeof(big_endian));
}

static int16_t get_i16(const char *p)
{
	uint16_t big_endian;

	memcpy(&big_endian, p, sizeof(big_endian));
	return (int16_t)be16toh(big_endian);
}

static int32_t get_i32(const char *p)
{
	uint32_t big_endian;

	memcpy(&big_endian, p, sizeof(big_endian));
	return (int32_t)be32toh(big_endian);
}

static int64_t get_i64(const char *p)
{
	uint64_t big_endian;

	memcpy(&big_endian, p, sizeof(big_endian));
	return (int64_t)be64toh(big_endian);
}

static bool is_null(const struct db_value *value)
{
	return value->type == COL_REF ? value->i == 0
				      : (value->type == COL_TEXT || value->type == COL_BLOB) && !value->s.p;
}

static void put_bytes(struct buf *b, const struct db_value *value)
{
	if (value->type == COL_TEXT || value->type == COL_BLOB)
		buf_str(b, value->s);
	else if (value->type == COL_INT)
		put_u32(b, (uint32_t)value->i);
	else
		put_u64(b, (uint64_t)value->i);
}

static Oid element_type(enum col_type type)
{
	return type == COL_TEXT ? OID_TEXT : type == COL_BLOB ? OID_BYTEA : type == COL_INT ? OID_INT4 : OID_INT8;
}

/* An array of one dimension: dimensions, whether a NULL may be among the elements, their type, count, first index. */
static void put_array_head(struct buf *b, enum col_type type, size_t n)
{
	put_u32(b, 1);
	put_u32(b, 1);
	put_u32(b, element_type(type));
	put_u32(b, (uint32_t)n);
	put_u32(b, 1);
}

static void put_element(struct buf *b, const struct db_value *value)
{
	if (is_null(value)) {
		put_u32(b, UINT32_MAX);
		return;
	}
	bool is_bytes = value->type == COL_TEXT || value->type == COL_BLOB;
	put_u32(b, is_bytes ? (uint32_t)value->s.n : value->type == COL_INT ? 4 : 8);
	put_bytes(b, value);
}

static struct span put_column(struct buf *b, const struct column *column, void *const *rows, size_t n)
{
	size_t from = b->n;

	put_array_head(b, column->type, n);
	for (size_t i = 0; i < n; i++) {
		struct db_value value = db_value_of(column, rows[i]);

		put_element(b, &value);
	}
	return (struct span){ from, b->n - from };
}

/* A store that failed before anything was sent. */
static enum err refuse(struct postgres *p, const char *message, const char *text)
{
	if (p->db.in_tx)
		p->db.tx_failed = true;
	log_error("db.failed", "engine=postgres message=\"%s\" in=\"%.160s\"", message, text);
	return ERR_STORE_FAILED;
}

/* Sends the statement with its parameters as they stand in p->values; a span of SIZE_MAX is NULL. */
static enum err send_spans(struct postgres *p, const struct pg_statement_key *key, const struct span *spans, size_t n,
			   struct pg_expected expected)
{
	const char *values[POSTGRES_PARAMETERS_MOST];
	int lengths[POSTGRES_PARAMETERS_MOST];
	struct pg_statement *statement;
	bool is_new;

	if (p->values.failed)
		return refuse(p, "too many bytes for one statement", key->table ? key->table->name : key->text);
	enum err e = postgres_send_deadline(p);
	if (!e)
		e = postgres_statement(p, key, &statement, &is_new);
	if (e)
		return e;
	must(n == statement->parameters);
	for (size_t i = 0; i < n; i++) {
		values[i] = spans[i].from == SIZE_MAX ? NULL : p->values.n ? p->values.p + spans[i].from : "";
		lengths[i] = (int)spans[i].n;
	}
	const struct pg_parameters parameters = { n, statement->types, values, lengths };
	return postgres_send(p, statement, is_new, &parameters, expected);
}

static void values_clear(struct postgres *p)
{
	if (p->values.cap > VALUES_KEPT_BYTES) {
		size_t most = p->values.max;

		buf_done(&p->values);
		buf_init(&p->values, most);
	}
	buf_clear(&p->values);
}

/* In the order in which put_insert, put_update and put_delete number the parameters. */
enum err postgres_write(struct db *db, enum db_write what, const struct table *table, void *const *rows, size_t n)
{
	struct postgres *p = postgres_of(db);
	struct span spans[POSTGRES_PARAMETERS_MOST];
	size_t count = 0;

	must(table->count <= POSTGRES_PARAMETERS_MOST);
	values_clear(p);
	for (size_t i = 0; i < table->count; i++) {
		bool sent = what == DB_INSERT || i < table->keys ||
			    (what == DB_UPDATE && !(table->columns[i].flags & COL_FIXED));

		if (sent)
			spans[count++] = put_column(&p->values, &table->columns[i], rows, n);
	}
	enum err e = send_spans(p, &(struct pg_statement_key){ .table = table, .operation = (int)what }, spans, count,
				(struct pg_expected){ .kind = PG_WRITE });
	/* The server writes these while the next are made ready; what fails here is told by the COMMIT. */
	if (!e && p->values.n >= WORTH_SENDING_BYTES)
		(void)PQflush(p->conn);
	return e;
}

static enum err send_fetch(struct postgres *p, const struct db_fetch *fetch, const struct db_sink *sink)
{
	const struct table *table = fetch->table;
	enum col_type type = table->columns[fetch->column].type;
	bool lock = table->locked && p->db.mode == DB_WRITE;
	struct pg_statement_key key = { .table = table,
					.operation = lock ? PG_SELECT_LOCKED : PG_SELECT,
					.column = fetch->column };

	if (type == COL_INT || type == COL_REF)
		type = COL_I64;
	values_clear(p);
	put_array_head(&p->values, type, fetch->n);
	for (size_t i = 0; i < fetch->n; i++) {
		struct db_value value = fetch->keys[i];

		value.type = type;
		put_element(&p->values, &value);
	}
	struct span span = { 0, p->values.n };
	return send_spans(p, &key, &span, 1, (struct pg_expected){ .kind = PG_ROWS, .sink = sink });
}

static enum err sync_and_collect(struct postgres *p)
{
	enum err e = postgres_sync(p);

	if (!e && p->db.meanwhile)
		p->db.meanwhile(p->db.meanwhile_arg);
	if (!e)
		e = postgres_collect(p);
	/* Outside a transaction the Sync has ended the one that the statement was, and its time limit with it. */
	if (!p->db.in_tx)
		p->timed = false;
	return e;
}

/* The read is over before all of it was sent: its sinks are the caller's, who goes. */
static enum err abandon(struct postgres *p, enum err e)
{
	for (size_t i = p->expected_from; i < p->expected_count; i++)
		p->expected[i].ignored |= p->expected[i].kind == PG_ROWS;
	return e;
}

enum err postgres_fetch(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a)
{
	struct postgres *p = postgres_of(db);
	struct db_sink *sinks = ARENA_ARRAY(a, struct db_sink, count);
	enum err e = db->in_tx ? OK : postgres_connected(p);

	for (size_t i = 0; i < count && !e; i++) {
		sinks[i] = (struct db_sink){
			.shape = fetches[i].table, .arena = a, .on_row = fetches[i].on_row, .arg = fetches[i].arg
		};
		if (fetches[i].n)
			e = send_fetch(p, &fetches[i], &sinks[i]);
	}
	return e ? abandon(p, e) : sync_and_collect(p);
}

/* A statement of store/ with its parameters, each a value of its own. */
static enum err send_query(struct postgres *p, const char *sql, struct db_parameters params,
			   struct pg_expected expected)
{
	struct span spans[POSTGRES_PARAMETERS_MOST];
	Oid types[POSTGRES_PARAMETERS_MOST];
	enum err e = p->db.in_tx ? OK : postgres_connected(p);

	if (e)
		return e;
	must(params.n <= POSTGRES_PARAMETERS_MOST);
	values_clear(p);
	for (size_t i = 0; i < params.n; i++) {
		struct db_value value = params.values[i];

		if (value.type == COL_INT)
			value.type = COL_I64;
		types[i] = element_type(value.type);
		spans[i].from = is_null(&value) ? SIZE_MAX : p->values.n;
		if (!is_null(&value))
			put_bytes(&p->values, &value);
		spans[i].n = spans[i].from == SIZE_MAX ? 0 : p->values.n - spans[i].from;
	}
	struct pg_statement_key key = { .text = sql, .types = types, .parameters = params.n };
	return send_spans(p, &key, spans, params.n, expected);
}

enum err postgres_query(struct db *db, const char *sql, struct db_parameters params, const struct db_sink *sink)
{
	struct postgres *p = postgres_of(db);
	enum err e = send_query(p, sql, params, (struct pg_expected){ .kind = PG_ROWS, .sink = sink });

	return e ? e : sync_and_collect(p);
}

enum err postgres_exec(struct db *db, const char *sql, struct db_parameters params, int64_t *ret_rows)
{
	struct postgres *p = postgres_of(db);
	enum err e = send_query(p, sql, params, (struct pg_expected){ .kind = PG_COUNT });

	if (!e && (ret_rows || !db->in_tx))
		e = sync_and_collect(p);
	if (!e && ret_rows)
		*ret_rows = p->touched;
	return e;
}

enum err postgres_run(struct db *db, const char *sql)
{
	struct postgres *p = postgres_of(db);
	enum err e = db->in_tx ? OK : postgres_connected(p);

	if (!e)
		e = postgres_send_text(p, sql, NULL, (struct pg_expected){ .kind = PG_DONE });
	return e ? e : sync_and_collect(p);
}

/* Reads one value. False if it is not of the kind that the column table promises. */
static bool read_value(const PGresult *result, int row, int i, const struct column *column, struct arena *a, void *at)
{
	Oid type = PQftype(result, i);
	const char *bytes = PQgetvalue(result, row, i);
	size_t n = (size_t)PQgetlength(result, row, i);
	int64_t number = 0;
	bool is_number = true;

	if (PQgetisnull(result, row, i))
		return column->type == COL_TEXT || column->type == COL_BLOB || column->type == COL_REF;
	if (type == OID_INT8)
		number = get_i64(bytes);
	else if (type == OID_INT4)
		number = get_i32(bytes);
	else if (type == OID_INT2)
		number = get_i16(bytes);
	else
		is_number = false;
	switch (column->type) {
	case COL_I64:
	case COL_REF:
		*(int64_t *)at = number;
		return is_number;
	case COL_INT:
		*(int *)at = (int)number;
		return is_number && number >= INT_MIN && number <= INT_MAX;
	case COL_TEXT:
		*(struct str *)at = arena_str(a, (struct str){ bytes, n });
		return type == OID_TEXT || type == OID_VARCHAR;
	case COL_BLOB:
		*(struct str *)at = arena_str(a, (struct str){ bytes, n });
		return type == OID_BYTEA;
	}
	return false;
}

enum err postgres_rows(struct postgres *p, const PGresult *result, const struct pg_expected *expected)
{
	const struct db_sink *sink = expected->sink;
	const struct table *shape = sink->shape;

	if (PQresultStatus(result) != PGRES_TUPLES_OK || (size_t)PQnfields(result) != shape->count)
		return refuse(p, "another number of columns than the column table says", expected->text);
	for (int row = 0; row < PQntuples(result); row++) {
		char *into = arena_alloc(sink->arena, shape->row_bytes);

		for (size_t i = 0; i < shape->count; i++) {
			const struct column *column = &shape->columns[i];

			if (!read_value(result, row, (int)i, column, sink->arena, into + column->offset))
				return refuse(p, "not what the column table says", expected->text);
		}
		enum err e = sink->on_row(sink->arg, into);
		if (e)
			return e;
	}
	return OK;
}

/* tests/unit/db/fixture.h: a store of its own with two small tables, made anew for each test: a SQLite file in a
 * folder, or a database of the server that BODEGA_TEST_POSTGRES names.
 *
 * `things` has every kind of column, a version and a column that is written once; `parts` has a key of two columns. */
#pragma once

#include "base/log.h"
#include "db/db.h"
#include "support/folder.h"
#include "support/postgres.h"
#include "support/test.h"

#include <unistd.h>

struct thing {
	int64_t id, parent, amount, born, version;
	int kind;
	struct str name, bytes;
};
static const struct column thing_columns[] = {
	{ "id", COL_I64, offsetof(struct thing, id), 0 },
	{ "kind", COL_INT, offsetof(struct thing, kind), 0 },
	{ "name", COL_TEXT, offsetof(struct thing, name), 0 },
	{ "bytes", COL_BLOB, offsetof(struct thing, bytes), 0 },
	{ "parent", COL_REF, offsetof(struct thing, parent), 0 },
	{ "amount", COL_I64, offsetof(struct thing, amount), 0 },
	{ "born", COL_I64, offsetof(struct thing, born), COL_FIXED },
	{ "version", COL_I64, offsetof(struct thing, version), 0 },
};
static const struct table things = TABLE("things", struct thing, thing_columns, 1, 7);

struct part {
	int64_t thing;
	int no;
	struct str note;
};
static const struct column part_columns[] = {
	{ "thing", COL_I64, offsetof(struct part, thing), 0 },
	{ "no", COL_INT, offsetof(struct part, no), 0 },
	{ "note", COL_TEXT, offsetof(struct part, note), 0 },
};
static const struct table parts = TABLE("parts", struct part, part_columns, 2, 0);

/* One number, for sums and pragmas. */
struct number {
	int64_t value;
};
static const struct column number_columns[] = { { "value", COL_I64, 0, 0 } };
static const struct table number_shape = TABLE("number", struct number, number_columns, 1, 0);

static const char *const sqlite_sql[] = {
	"CREATE TABLE things(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT UNIQUE, bytes BLOB, "
	"parent BIGINT REFERENCES things(id) DEFERRABLE INITIALLY DEFERRED, amount BIGINT NOT NULL, "
	"born BIGINT NOT NULL, version BIGINT NOT NULL)",
	"CREATE TABLE parts(thing BIGINT NOT NULL REFERENCES things(id), no INTEGER NOT NULL, note TEXT, "
	"PRIMARY KEY(thing, no)) WITHOUT ROWID",
	NULL,
};
static const char *const postgres_sql[] = {
	"CREATE TABLE things(id BIGINT PRIMARY KEY, kind INTEGER NOT NULL, name TEXT UNIQUE, bytes BYTEA, "
	"parent BIGINT REFERENCES things(id) DEFERRABLE INITIALLY DEFERRED, amount BIGINT NOT NULL, "
	"born BIGINT NOT NULL, version BIGINT NOT NULL)",
	"CREATE TABLE parts(thing BIGINT NOT NULL REFERENCES things(id), no INTEGER NOT NULL, note TEXT, "
	"PRIMARY KEY(thing, no))",
	NULL,
};

struct fixture {
	char folder[32], path[64];     /* of SQLite */
	struct test_database database; /* of PostgreSQL */
	bool is_postgres;
	struct db_options options;
	struct db *db;
	struct arena arena;
};

/* The first n things that a read gives, copied; more than MOST_ROWS fail the test. */
enum { MOST_ROWS = 8 };
struct rows {
	struct thing things[MOST_ROWS];
	struct part parts[MOST_ROWS];
	size_t n;
};

MUST_USE static inline enum err take_thing(void *arg, void *row)
{
	struct rows *rows = arg;

	must(rows->n < MOST_ROWS);
	rows->things[rows->n++] = *(struct thing *)row;
	return OK;
}

MUST_USE static inline enum err take_part(void *arg, void *row)
{
	struct rows *rows = arg;

	must(rows->n < MOST_ROWS);
	rows->parts[rows->n++] = *(struct part *)row;
	return OK;
}

MUST_USE static inline enum err take_number(void *arg, void *row)
{
	*(int64_t *)arg = ((struct number *)row)->value;
	return OK;
}

static inline int64_t number_of(struct fixture *f, struct db *db, const char *sql)
{
	int64_t value = -1;

	check_ok(db_query(db, sql, NULL, 0, &number_shape, &f->arena, take_number, &value));
	return value;
}

MUST_USE static inline enum err insert_thing(struct db *db, struct thing thing)
{
	void *row = &thing;

	return db_insert(db, &things, &row, 1);
}

/* An engine may send a write and tell of its failure later: what became of the one that returned `e`. */
MUST_USE static inline enum err answer_to(struct fixture *f, enum err e)
{
	int64_t one;

	return e ? e : db_query(f->db, "SELECT 1", NULL, 0, &number_shape, &f->arena, take_number, &one);
}

/* One thing in a transaction of its own. */
static inline void add_thing(struct db *db, struct thing thing)
{
	check_ok(db_begin(db));
	check_ok(insert_thing(db, thing));
	check_ok(db_commit(db));
}

static inline struct rows fetch_thing(struct fixture *f, struct db *db, int64_t id)
{
	struct rows rows = { .n = 0 };

	check_ok(db_fetch(db, &things, 0, &DB_I64(id), 1, &f->arena, take_thing, &rows));
	return rows;
}

static inline struct db *open_with(const struct fixture *f, enum db_mode mode)
{
	struct db_options options = f->options;
	struct db *db = NULL;

	options.mode = mode;
	check_ok(db_open(&options, &db));
	return db;
}

static inline int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	must(f);
	log_set_level((enum log_level)0); /* failures are made on purpose */
	f->is_postgres = postgres_server() != NULL;
	if (f->is_postgres) {
		postgres_create(&f->database);
	} else {
		snprintf(f->folder, sizeof(f->folder), "/tmp/bodega-db-XXXXXX");
		must(mkdtemp(f->folder));
		snprintf(f->path, sizeof(f->path), "%s/store.db", f->folder);
	}
	f->options = (struct db_options){ .uri = f->is_postgres ? f->database.uri : f->path, .busy_ms = 20 };
	f->db = open_with(f, DB_WRITE);
	for (const char *const *sql = f->is_postgres ? postgres_sql : sqlite_sql; *sql; sql++)
		check_ok(db_exec(f->db, *sql, NULL, 0, NULL));
	arena_init(&f->arena);
	*state = f;
	return 0;
}

static inline int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	if (f->is_postgres)
		postgres_drop(&f->database);
	else
		remove_folder(f->folder);
	arena_done(&f->arena);
	free(f);
	return 0;
}

#define db_test(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

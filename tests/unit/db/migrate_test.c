#include "unit/db/fixture.h"

#include "db/db_private.h"

#include <pthread.h>

static const struct db_word postgres_words[] = { { "BLOB", "BYTEA" }, { NULL, NULL } };
static const struct db_engine postgres = { .name = "postgres", .words = postgres_words };

static const char script[] = "-- The head; of the file;\n"
			     "\n"
			     "CREATE TABLE a (\n"
			     "\tid BIGINT PRIMARY KEY, -- ours;\n"
			     "\tpin BLOB, -- not a BLOB in BLOB\n"
			     "\tBLOBS TEXT, a_BLOB TEXT, n BIGINT\n"
			     "\t, FOREIGN KEY (id) REFERENCES b (id) -- sqlite\n"
			     ")\n"
			     "WITHOUT ROWID -- sqlite\n"
			     "WITH (fillfactor = 50) -- postgres\n"
			     ";\n"
			     ";\n"
			     "INSERT INTO a VALUES('--;', 'it''s -- here'); -- both\n"
			     "CREATE INDEX i ON a (n); -- postgres\n"
			     "SELECT 1\n";

static void check_script(const struct db_engine *engine, const char *const *expected)
{
	struct str text = str_of(script);
	struct buf out;

	buf_init(&out, 1000);
	for (; *expected; expected++) {
		assert_true(db_script_next(&text, engine, &out));
		check_str(buf_view(&out), *expected);
		assert_int_equal(out.p[out.n], '\0');
	}
	assert_false(db_script_next(&text, engine, &out));
	buf_done(&out);
}

static void reads_scripts_for_each_engine(void **state)
{
	static const char *const for_sqlite[] = {
		"CREATE TABLE a (\nid INTEGER PRIMARY KEY,\npin BLOB,\nBLOBS TEXT, a_BLOB TEXT, n BIGINT\n"
		", FOREIGN KEY (id) REFERENCES b (id)\n)\nWITHOUT ROWID\n\n",
		"INSERT INTO a VALUES('--;', 'it''s -- here')\n",
		"SELECT 1\n",
		NULL,
	};
	static const char *const for_postgres[] = {
		"CREATE TABLE a (\nid BIGINT PRIMARY KEY,\npin BYTEA,\nBLOBS TEXT, a_BLOB TEXT, n BIGINT\n)\n"
		"WITH (fillfactor = 50)\n\n",
		"INSERT INTO a VALUES('--;', 'it''s -- here')\n",
		"CREATE INDEX i ON a (n)\n",
		"SELECT 1\n",
		NULL,
	};

	(void)state;
	check_script(&db_sqlite, for_sqlite);
	check_script(&postgres, for_postgres);
}

static const struct db_migration first_two[] = {
	{ 1, "init", "CREATE TABLE a (n BIGINT);\nINSERT INTO a(n) VALUES(1);\n" },
	{ 2, "more", "UPDATE a SET n = n + 10;\n" },
	{ 0, NULL, NULL },
};

static void applies_each_migration_once(void **state)
{
	struct fixture *f = *state;
	const struct db_migration first[] = { first_two[0], { 0, NULL, NULL } };

	check_ok(db_migrate_to(f->db, first));
	assert_int_equal(number_of(f, f->db, "SELECT n FROM a"), 1);
	check_ok(db_migrate_to(f->db, first_two));
	check_ok(db_migrate_to(f->db, first_two));
	assert_int_equal(number_of(f, f->db, "SELECT n FROM a"), 11);
	assert_int_equal(number_of(f, f->db, "SELECT CAST(sum(version * 10) AS BIGINT) FROM schema_migrations"), 30);
	assert_int_equal(number_of(f, f->db,
				   "SELECT version FROM schema_migrations WHERE name = 'more' AND "
				   "applied_at > 1700000000000000"),
			 2);
	/* An older program must keep its hands off. */
	check_err(db_migrate_to(f->db, first), ERR_STORE_NEWER);
	check_err(db_migrate_to(f->db, &first_two[2]), ERR_STORE_NEWER);
	assert_int_equal(number_of(f, f->db, "SELECT n FROM a"), 11);
}

static void leaves_nothing_of_a_failed_migration(void **state)
{
	static const struct db_migration broken[] = {
		{ 1, "init", "CREATE TABLE a (n BIGINT);\nINSERT INTO a(n) VALUES(1);\n" },
		{ 2, "broken", "UPDATE a SET n = 2;\nCREATE TABLE b (n BIGINT);\nUPDATE c SET n = 1;\n" },
		{ 3, "never", "UPDATE a SET n = 3;\n" },
		{ 0, NULL, NULL },
	};
	struct fixture *f = *state;

	check_err(db_migrate_to(f->db, broken), ERR_STORE_FAILED);
	assert_int_equal(number_of(f, f->db, "SELECT n FROM a"), 1);
	assert_int_equal(number_of(f, f->db,
				   f->is_postgres ? "SELECT count(*) FROM pg_class WHERE relname = 'b'"
						  : "SELECT count(*) FROM sqlite_schema WHERE name = 'b'"),
			 0);
	assert_int_equal(number_of(f, f->db, "SELECT max(version) FROM schema_migrations"), 1);
	check_ok(db_migrate_to(f->db, first_two));
	assert_int_equal(number_of(f, f->db, "SELECT n FROM a"), 11);
}

static void *migrate_too(void *arg)
{
	struct db *db = arg;

	return db_migrate_to(db, first_two) == OK ? db : NULL;
}

static void migrates_once_when_two_start_together(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;
	void *other_ok;

	f->options.busy_ms = 5000;
	struct db *one = open_with(f, DB_WRITE), *other = open_with(f, DB_WRITE);
	assert_int_equal(pthread_create(&thread, NULL, migrate_too, other), 0);
	check_ok(db_migrate_to(one, first_two));
	pthread_join(thread, &other_ok);
	assert_non_null(other_ok);
	assert_int_equal(number_of(f, one, "SELECT n FROM a"), 11);
	db_close(one);
	db_close(other);
}

/* The program's own schema, and the plans that it was made for. */
static void has_its_schema(void **state)
{
	struct fixture *f = *state;

	check_ok(db_migrate(f->db));
	check_ok(db_migrate(f->db));
	check_ok(db_check(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM schema_migrations"),
			 number_of(f, f->db, "SELECT max(version) FROM schema_migrations"));
	/* A key that is the row's own number has no index of its own. */
	if (!f->is_postgres)
		assert_int_equal(
			number_of(f, f->db, "SELECT count(*) FROM pragma_index_list('orders') WHERE origin = 'pk'"), 0);
	check_ok(db_exec(f->db, "INSERT INTO schema_migrations(version, name, applied_at) VALUES(9999, 'later', 0)",
			 NULL, 0, NULL));
	check_err(db_migrate(f->db), ERR_STORE_NEWER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_scripts_for_each_engine),
		db_test(applies_each_migration_once),
		db_test(leaves_nothing_of_a_failed_migration),
		db_test(migrates_once_when_two_start_together),
		db_test(has_its_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

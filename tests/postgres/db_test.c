/* What PostgreSQL alone has: settings, snapshots, locks, lost connections and lost answers. */
#include "unit/db/fixture.h"

#include "base/clock.h"

#include <pthread.h>
#include <time.h>

static enum err take_text(void *arg, void *row)
{
	*(struct str *)arg = *(const struct str *)row;
	return OK;
}

static struct str text_of(struct fixture *f, struct db *db, const char *sql)
{
	static const struct column columns[] = { { "text", COL_TEXT, 0, 0 } };
	static const struct table shape = TABLE("text", struct str, columns, 1, 0);
	struct str text = STR_NONE;

	check_ok(db_query(db, sql, NULL, 0, &shape, &f->arena, take_text, &text));
	return text;
}

static void takes_its_settings(void **state)
{
	static const struct {
		const char *name, *value;
	} settings[] = {
		{ "plan_cache_mode", "force_generic_plan" },
		{ "enable_seqscan", "off" },
		{ "enable_hashjoin", "off" },
		{ "enable_mergejoin", "off" },
		{ "jit", "off" },
		{ "synchronous_commit", "on" },
		{ "application_name", "bodega" },
		{ "client_encoding", "UTF8" },
		{ "transaction_isolation", "read committed" },
	};
	struct fixture *f = *state;
	char sql[96];

	check_ok(db_begin(f->db));
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		snprintf(sql, sizeof(sql), "SELECT current_setting('%s')", settings[i].name);
		check_str(text_of(f, f->db, sql), settings[i].value);
	}
	check_ok(db_commit(f->db));
	assert_true(db_is_shared(f->db));
	assert_string_equal(db_lock_clause(f->db), "FOR NO KEY UPDATE");
	check_err(db_backup(f->db, "/tmp/nowhere", NULL, NULL), ERR_METHOD_NOT_SUPPORTED);
	check_ok(db_check(f->db));
}

static void refuses_a_server_that_is_not_there(void **state)
{
	struct db *db = NULL;

	(void)state;
	check_err(db_open(&(struct db_options){ .uri = "postgres://127.0.0.1:1/none", .mode = DB_WRITE }, &db),
		  ERR_STORE_UNAVAILABLE);
	assert_null(db);
}

static void reader_sees_one_moment(void **state)
{
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	const char *count = "SELECT count(*) FROM things";

	check_ok(db_begin(reader));
	assert_int_equal(number_of(f, reader, count), 0);
	add_thing(f->db, (struct thing){ .id = 1 });
	assert_int_equal(number_of(f, reader, count), 0);
	db_rollback(reader);
	check_ok(db_begin(reader));
	assert_int_equal(number_of(f, reader, count), 1);
	db_rollback(reader);
	check_ok(db_begin(reader));
	check_err(db_exec(reader, "DELETE FROM things", NULL, 0, &(int64_t){ 0 }), ERR_STORE_FAILED);
	db_rollback(reader);
	db_close(reader);
	assert_int_equal(number_of(f, f->db, count), 1);
}

static void ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	int64_t value = -1;

	for (int i = 0; i < 2; i++) {
		if (i == 1) /* once within a transaction, once without */
			check_ok(db_begin(f->db));
		int64_t deadline = clock_mono_us() + 20000;
		db_set_deadline(f->db, deadline);
		check_err(db_query(f->db, "SELECT count(*) FROM generate_series(1, 1000000000)", NULL, 0, &number_shape,
				   &f->arena, take_number, &value),
			  ERR_TIMEOUT);
		db_rollback(f->db);
		/* The server counts whole milliseconds and may end it a little early. */
		while (clock_mono_us() < deadline)
			;
		check_err(db_begin(f->db), ERR_TIMEOUT);
		db_set_deadline(f->db, 0);
	}
	assert_int_equal(value, -1);
	/* The limit went with it. */
	check_str(text_of(f, f->db, "SELECT current_setting('statement_timeout')"), "0");
	check_ok(db_begin(f->db));
	check_str(text_of(f, f->db, "SELECT current_setting('statement_timeout')"), "0");
	check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
	db_set_deadline(f->db, 1);
	check_ok(db_commit(f->db));
	db_set_deadline(f->db, 0);
	assert_int_equal(fetch_thing(f, f->db, 1).n, 1);
}

/* Writes are sent together with the COMMIT: one that does not find its row must stop it. */
static void commits_nothing_behind_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct thing changed = { .id = 1, .amount = 20, .version = 5 };
	struct part absent = { .thing = 1, .no = 1 };
	void *row = &changed, *part = &absent;

	add_thing(f->db, (struct thing){ .id = 1, .amount = 10, .version = 1 });
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	check_ok(db_update(f->db, &things, &row, 1));
	check_ok(insert_thing(f->db, (struct thing){ .id = 3 }));
	check_err(db_commit(f->db), ERR_CONFLICT);
	assert_false(db_commit_unknown(f->db));
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 4 }));
	check_ok(db_delete(f->db, &parts, &part, 1));
	check_err(db_commit(f->db), ERR_CONFLICT);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 1);
	assert_int_equal(fetch_thing(f, f->db, 1).things[0].amount, 10);
	add_thing(f->db, (struct thing){ .id = 5 });
}

/* What was sent before a rollback and failed unseen must not be told of the next transaction. */
static void forgets_what_it_rolls_back(void **state)
{
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);

	add_thing(f->db, (struct thing){ .id = 1 });
	for (int i = 0; i < 3; i++) {
		check_ok(db_begin(f->db));
		check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
		db_rollback(f->db);
	}
	check_ok(db_begin(reader));
	db_rollback(reader);
	check_ok(db_begin(reader));
	assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 1);
	db_rollback(reader);
	db_close(reader);
	add_thing(f->db, (struct thing){ .id = 2 });
}

static const struct table locked_things = {
	.name = "things",
	.columns = thing_columns,
	.count = 8,
	.keys = 1,
	.version = 7,
	.row_bytes = sizeof(struct thing),
	.locked = true,
};

struct rival {
	struct fixture *f;
	struct db *db;
	struct rows rows;
	struct arena arena;
};

static void *lock_the_other_way_round(void *arg)
{
	struct rival *r = arg;
	const struct db_value keys[] = { DB_I64(2), DB_I64(1) };
	enum err e = db_begin(r->db);

	if (!e)
		e = db_fetch(r->db, &locked_things, 0, keys, 2, &r->arena, take_thing, &r->rows);
	db_rollback(r->db);
	return e ? NULL : r;
}

/* The lock is waited for, and what is read then is what the other one committed. */
static void locks_rows_in_the_order_of_their_keys(void **state)
{
	struct fixture *f = *state;
	struct rival r = { .f = f, .db = open_with(f, DB_WRITE) };
	const struct db_value keys[] = { DB_I64(1), DB_I64(2) };
	struct rows mine = { .n = 0 };
	pthread_t thread;
	void *went_well;

	arena_init(&r.arena);
	add_thing(f->db, (struct thing){ .id = 1, .amount = 1, .version = 1 });
	add_thing(f->db, (struct thing){ .id = 2, .amount = 1, .version = 1 });
	check_ok(db_begin(f->db));
	check_ok(db_fetch(f->db, &locked_things, 0, keys, 2, &f->arena, take_thing, &mine));
	assert_int_equal(pthread_create(&thread, NULL, lock_the_other_way_round, &r), 0);
	while (number_of(f, f->db, "SELECT count(*) FROM pg_locks WHERE NOT granted") == 0)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	mine.things[0].amount = 99;
	mine.things[0].version = 2;
	void *row = &mine.things[0];
	check_ok(db_update(f->db, &locked_things, &row, 1));
	check_ok(db_commit(f->db));
	pthread_join(thread, &went_well);
	assert_non_null(went_well);
	assert_int_equal(r.rows.n, 2);
	assert_int_equal(r.rows.things[0].id, 1);
	assert_int_equal(r.rows.things[0].amount, 99);
	db_close(r.db);
	arena_done(&r.arena);
}

static void terminate_others(void)
{
	postgres_admin(postgres_server(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
					  "WHERE application_name LIKE 'bodega%' AND pid <> pg_backend_pid()");
}

static void connects_anew_after_a_loss(void **state)
{
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	int64_t value = -1;

	add_thing(f->db, (struct thing){ .id = 1 });
	check_ok(db_begin(reader));
	db_rollback(reader);
	/* Between two transactions: nobody notices. */
	terminate_others();
	add_thing(f->db, (struct thing){ .id = 2 });
	check_ok(db_begin(reader));
	assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 2);
	db_rollback(reader);
	/* Within one: it is gone, and says so. */
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 3 }));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 3);
	terminate_others();
	check_err(db_query(f->db, "SELECT 1", NULL, 0, &number_shape, &f->arena, take_number, &value),
		  ERR_STORE_UNAVAILABLE);
	check_err(insert_thing(f->db, (struct thing){ .id = 4 }), ERR_STORE_FAILED);
	db_rollback(f->db);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 2);
	/* The same when only the COMMIT finds out: whether it happened is not known. */
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 5 }));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 3);
	terminate_others();
	check_err(db_commit(f->db), ERR_STORE_UNAVAILABLE);
	assert_true(db_commit_unknown(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 2);
	add_thing(f->db, (struct thing){ .id = 6 });
	assert_false(db_commit_unknown(f->db));
	db_close(reader);
}

/* The whole server crashes and comes back. Only where the runner has started one for this run. */
static void survives_a_crash_of_the_server(void **state)
{
	const char *folder = getenv("BODEGA_TEST_POSTGRES_FOLDER");
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	char command[256];
	enum err e;

	if (!folder) {
		db_close(reader);
		return;
	}
	add_thing(f->db, (struct thing){ .id = 1 });
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	snprintf(command, sizeof(command), "%s restart %s", getenv("BODEGA_TEST_POSTGRES_SCRIPT"), folder);
	assert_int_equal(system(command), 0);
	check_err(db_commit(f->db), ERR_STORE_UNAVAILABLE);
	assert_true(db_commit_unknown(f->db));
	/* One attempt may still meet the server while it recovers. */
	while ((e = db_begin(f->db)) != OK) {
		check_err(e, ERR_STORE_UNAVAILABLE);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	check_ok(insert_thing(f->db, (struct thing){ .id = 3 }));
	check_ok(db_commit(f->db));
	while ((e = db_begin(reader)) != OK)
		check_err(e, ERR_STORE_UNAVAILABLE);
	assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 2);
	db_rollback(reader);
	db_close(reader);
}

static void takes_a_lock_without_a_row(void **state)
{
	struct fixture *f = *state;
	struct db *other = open_with(f, DB_WRITE);

	check_ok(db_begin(f->db));
	check_ok(db_lock(f->db, DB_LOCK_AUDIT));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 1);
	check_ok(db_begin(other));
	check_ok(db_lock(other, DB_LOCK_NODES));
	assert_int_equal(number_of(f, other, "SELECT 1"), 1);
	db_rollback(other);
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), 0);
	db_close(other);
}

/* More rows and bytes in one statement than any buffer on the way holds, and as many back. */
static void moves_large_sets(void **state)
{
	enum { ROWS = 2000, BYTES = 8000 };
	struct fixture *f = *state;
	struct thing *all = ARENA_ARRAY(&f->arena, struct thing, ROWS);
	void **rows = ARENA_ARRAY(&f->arena, void *, ROWS);
	char *bytes = arena_alloc(&f->arena, BYTES);

	for (int i = 0; i < BYTES; i++)
		bytes[i] = (char)(i * 7);
	for (int i = 0; i < ROWS; i++) {
		all[i] = (struct thing){ .id = i + 1, .bytes = { bytes, BYTES } };
		rows[i] = &all[i];
	}
	check_ok(db_begin(f->db));
	check_ok(db_insert(f->db, &things, rows, ROWS));
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT CAST(sum(octet_length(bytes)) AS BIGINT) FROM things"),
			 (int64_t)ROWS * BYTES);
	struct rows got = fetch_thing(f, f->db, ROWS);
	assert_int_equal(got.things[0].bytes.n, BYTES);
	assert_memory_equal(got.things[0].bytes.p, bytes, BYTES);
}

struct meanwhile {
	struct fixture *f;
	struct db *other;
	const struct rows *got;
	int calls;
	bool was_asked, had_answer;
};

/* Whether the server has been asked already, and whether the first row has arrived. */
static void look_around(void *arg)
{
	static const char sql[] = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
				  "AND datname = current_database() AND query LIKE '%FROM things WHERE id=ANY%'";
	struct meanwhile *m = arg;
	const struct timespec pause = { .tv_nsec = 1000000 };

	m->calls++;
	m->had_answer |= m->got->n > 0;
	for (int i = 0; i < 5000 && !m->was_asked; i++) {
		m->was_asked = number_of(m->f, m->other, sql) == 1;
		if (!m->was_asked)
			nanosleep(&pause, NULL);
	}
}

static void has_time_while_the_server_reads(void **state)
{
	struct fixture *f = *state;
	struct rows got = { .n = 0 };
	struct meanwhile m = { .f = f, .other = open_with(f, DB_READ), .got = &got };
	const struct db_value key = DB_I64(1);

	add_thing(f->db, (struct thing){ .id = 1 });
	db_meanwhile(f->db, look_around, &m);
	check_ok(db_fetch(f->db, &things, 0, &key, 1, &f->arena, take_thing, &got));
	assert_int_equal(m.calls, 1);
	assert_true(m.was_asked);
	assert_false(m.had_answer);
	assert_int_equal(got.n, 1);
	check_ok(db_fetch(f->db, &things, 0, &key, 0, &f->arena, take_thing, &got));
	assert_int_equal(m.calls, 1);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 1);
	assert_int_equal(m.calls, 2);
	db_meanwhile(f->db, NULL, NULL);
	db_close(m.other);
}

struct anew {
	struct fixture *f;
	struct db *other;
	int64_t connections; /* that write; -1 = never asked */
};

static void count_connections(void *arg)
{
	static const char sql[] = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
				  "AND application_name = 'bodega'";
	struct anew *anew = arg;

	anew->connections = number_of(anew->f, anew->other, sql);
}

/* A server that is gone may be looked for for seconds: what there is to do is done before. */
static void has_time_before_it_connects_anew(void **state)
{
	struct fixture *f = *state;
	struct anew anew = { .f = f, .connections = -1 };

	add_thing(f->db, (struct thing){ .id = 1 });
	terminate_others();
	anew.other = open_with(f, DB_READ);
	db_meanwhile(f->db, count_connections, &anew);
	check_ok(db_begin(f->db));
	assert_int_equal(anew.connections, 0);
	db_meanwhile(f->db, NULL, NULL);
	db_rollback(f->db);
	db_close(anew.other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(takes_its_settings),
		db_test(refuses_a_server_that_is_not_there),
		db_test(reader_sees_one_moment),
		db_test(ends_at_the_deadline),
		db_test(commits_nothing_behind_a_conflict),
		db_test(forgets_what_it_rolls_back),
		db_test(locks_rows_in_the_order_of_their_keys),
		db_test(connects_anew_after_a_loss),
		db_test(takes_a_lock_without_a_row),
		db_test(moves_large_sets),
		db_test(has_time_while_the_server_reads),
		db_test(has_time_before_it_connects_anew),
		db_test(survives_a_crash_of_the_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

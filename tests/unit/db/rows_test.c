/* What every engine must do with rows and statements. */
#include "unit/db/fixture.h"

static void keeps_every_kind_of_value(void **state)
{
	struct fixture *f = *state;
	struct thing full = {
		.id = INT64_MAX,
		.parent = INT64_MAX,
		.amount = INT64_MIN,
		.born = 5,
		.version = 1,
		.kind = -7,
		.name = STR("gr\xC3\xBC"),
		.bytes = { "\0\xFF\0", 3 },
	};
	struct thing empty = { .id = 2, .name = STR(""), .bytes = { "", 0 } };
	struct thing absent = { .id = 3 };
	void *all[] = { &full, &empty, &absent };

	check_ok(db_begin(f->db));
	check_ok(db_insert(f->db, &things, all, ARRAY_LEN(all)));
	check_ok(db_commit(f->db));

	struct thing got = fetch_thing(f, f->db, INT64_MAX).things[0];
	assert_int_equal(got.id, INT64_MAX);
	assert_int_equal(got.parent, INT64_MAX);
	assert_int_equal(got.amount, INT64_MIN);
	assert_int_equal(got.born, 5);
	assert_int_equal(got.version, 1);
	assert_int_equal(got.kind, -7);
	check_str(got.name, "gr\xC3\xBC");
	assert_int_equal(got.bytes.n, 3);
	assert_memory_equal(got.bytes.p, "\0\xFF\0", 3);

	got = fetch_thing(f, f->db, 2).things[0];
	assert_non_null(got.name.p);
	assert_int_equal(got.name.n, 0);
	assert_non_null(got.bytes.p);
	assert_int_equal(got.bytes.n, 0);

	got = fetch_thing(f, f->db, 3).things[0];
	assert_null(got.name.p);
	assert_null(got.bytes.p);
	assert_int_equal(got.parent, 0);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things WHERE parent IS NULL"), 2);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things WHERE name IS NULL"), 1);
	if (!f->is_postgres) /* which has no other types in a column than the declared one */
		assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things WHERE typeof(bytes) = 'blob'"), 2);
}

/* SQLite numbers parameters as they appear: bound by position, this would look for a thing 500 and find nothing. */
static void binds_by_name(void **state)
{
	struct fixture *f = *state;
	const struct db_value params[] = { DB_I64(7), DB_I64(500) };
	int64_t touched = -1;

	add_thing(f->db, (struct thing){ .id = 7, .amount = 1 });
	check_ok(db_exec(f->db, "UPDATE things SET amount = $2 WHERE id = $1", params, 2, &touched));
	assert_int_equal(touched, 1);
	assert_int_equal(fetch_thing(f, f->db, 7).things[0].amount, 500);
	check_ok(db_exec(f->db, "UPDATE things SET amount = amount - $2, born = $2 WHERE id = $1 AND $1 < $2", params,
			 2, &touched));
	assert_int_equal(touched, 1);
	assert_int_equal(fetch_thing(f, f->db, 7).things[0].born, 500);
	assert_int_equal(fetch_thing(f, f->db, 7).things[0].amount, 0);
	check_ok(db_exec(f->db, "UPDATE things SET amount = 1 WHERE id = 8", NULL, 0, &touched));
	assert_int_equal(touched, 0);
	/* The figure of the write before is not its own. */
	check_ok(db_exec(f->db, "UPDATE things SET amount = 1 WHERE id = 7", NULL, 0, &touched));
	assert_int_equal(touched, 1);
	check_ok(db_exec(f->db, "SELECT 1", NULL, 0, &touched));
	assert_int_equal(touched, 0);
}

static void refuses_texts_it_cannot_bind(void **state)
{
	static const struct {
		const char *sql;
		size_t n;
	} texts[] = {
		{ "UPDATE things SET amount = ? WHERE id = ?", 2 },
		{ "UPDATE things SET amount = :a WHERE id = :b", 2 },
		{ "UPDATE things SET amount = $1 WHERE id = $3", 2 },
		{ "UPDATE things SET amount = $1 WHERE id = $2", 1 },
		{ "UPDATE things SET amount = $1 WHERE id = $2", 3 },
		{ "UPDATE things SET amount = $1; DELETE FROM things", 1 },
		{ "UPDATE things SET amont = $1 WHERE id = $2", 2 },
		{ "", 0 },
		{ "-- nothing", 0 },
	};
	struct fixture *f = *state;
	const struct db_value params[] = { DB_I64(1), DB_I64(1), DB_I64(1) };

	add_thing(f->db, (struct thing){ .id = 1, .amount = 77 });
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_err(db_exec(f->db, texts[i].sql, params, texts[i].n, NULL), ERR_STORE_FAILED);
	assert_int_equal(fetch_thing(f, f->db, 1).things[0].amount, 77);
}

static void fetches_by_any_unique_column_and_by_the_first_key(void **state)
{
	struct fixture *f = *state;
	struct part rows[] = { { 1, 1, STR("a") }, { 1, 2, STR("b") }, { 2, 1, STR("c") }, { 3, 1, STR("d") } };
	void *all[] = { &rows[0], &rows[1], &rows[2], &rows[3] };
	struct rows got = { .n = 0 };
	const struct db_value names[] = { DB_TEXT(STR("two")), DB_TEXT(STR("none")), DB_TEXT(STR("three")),
					  DB_TEXT(STR_NONE) };
	const struct db_value keys[] = { DB_I64(1), DB_I64(3), DB_I64(99) };

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1, .name = STR("one") }));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2, .name = STR("two") }));
	check_ok(insert_thing(f->db, (struct thing){ .id = 3, .name = STR("three") }));
	check_ok(insert_thing(f->db, (struct thing){ .id = 4 }));
	check_ok(db_insert(f->db, &parts, all, ARRAY_LEN(all)));
	check_ok(db_commit(f->db));

	check_ok(db_fetch(f->db, &things, 2, names, ARRAY_LEN(names), &f->arena, take_thing, &got));
	assert_int_equal(got.n, 2);
	assert_int_equal(got.things[0].id + got.things[1].id, 5);
	got.n = 0;
	check_ok(db_fetch(f->db, &parts, 0, keys, ARRAY_LEN(keys), &f->arena, take_part, &got));
	assert_int_equal(got.n, 3);
	assert_int_equal(got.parts[0].no + got.parts[1].no + got.parts[2].no, 4);
	got.n = 0;
	check_ok(db_fetch(f->db, &parts, 0, keys, 0, &f->arena, take_part, &got));
	assert_int_equal(got.n, 0);
}

static void updates_only_the_version_it_read(void **state)
{
	struct fixture *f = *state;
	struct thing thing = { .id = 1, .amount = 10, .born = 100, .version = 1 };
	void *row = &thing;

	add_thing(f->db, thing);
	thing.amount = 20;
	thing.born = 999; /* written by the insert only */
	thing.version = 2;
	check_ok(db_begin(f->db));
	check_ok(db_update(f->db, &things, &row, 1));
	check_ok(db_commit(f->db));
	struct thing got = fetch_thing(f, f->db, 1).things[0];
	assert_int_equal(got.amount, 20);
	assert_int_equal(got.version, 2);
	assert_int_equal(got.born, 100);

	/* Somebody else was faster: the row is at 2 and not at 3. */
	thing.version = 4;
	thing.amount = 30;
	check_ok(db_begin(f->db));
	check_err(answer_to(f, db_update(f->db, &things, &row, 1)), ERR_CONFLICT);
	db_rollback(f->db);
	thing.id = 99;
	thing.version = 3;
	check_ok(db_begin(f->db));
	check_err(answer_to(f, db_update(f->db, &things, &row, 1)), ERR_CONFLICT);
	db_rollback(f->db);
	assert_int_equal(fetch_thing(f, f->db, 1).things[0].amount, 20);
}

static void deletes_by_the_whole_key(void **state)
{
	struct fixture *f = *state;
	struct part rows[] = { { 1, 1, STR_NONE }, { 1, 2, STR_NONE }, { 2, 1, STR_NONE } };
	void *all[] = { &rows[0], &rows[1], &rows[2] };

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	check_ok(db_insert(f->db, &parts, all, 3));
	check_ok(db_delete(f->db, &parts, &all[1], 1));
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT CAST(sum(thing * 10 + no) AS BIGINT) FROM parts"), 11 + 21);

	check_ok(db_begin(f->db));
	check_err(answer_to(f, db_delete(f->db, &parts, all, 2)), ERR_CONFLICT); /* the second is gone */
	check_err(db_commit(f->db), ERR_STORE_FAILED);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM parts"), 2);
}

static void updates_rows_with_a_composite_key(void **state)
{
	struct fixture *f = *state;
	struct part rows[] = { { 1, 1, STR("a") }, { 1, 2, STR("b") } };
	void *all[] = { &rows[0], &rows[1] };

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
	check_ok(db_insert(f->db, &parts, all, 2));
	rows[1].note = STR("changed");
	check_ok(db_update(f->db, &parts, &all[1], 1));
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT no FROM parts WHERE note = 'changed'"), 2);
	assert_int_equal(number_of(f, f->db, "SELECT no FROM parts WHERE note = 'a'"), 1);
}

/* What went before must not be committed, and what comes after must not be written each for itself. */
static void refuses_everything_after_a_failure(void **state)
{
	struct fixture *f = *state;
	int64_t sum = -1;

	add_thing(f->db, (struct thing){ .id = 1, .name = STR("taken") });
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	check_err(answer_to(f, insert_thing(f->db, (struct thing){ .id = 3, .name = STR("taken") })), ERR_STORE_FAILED);
	check_err(insert_thing(f->db, (struct thing){ .id = 4 }), ERR_STORE_FAILED);
	check_err(db_query(f->db, "SELECT count(*) FROM things", NULL, 0, &number_shape, &f->arena, take_number, &sum),
		  ERR_STORE_FAILED);
	assert_int_equal(sum, -1);
	check_err(db_commit(f->db), ERR_STORE_FAILED);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 1);
	add_thing(f->db, (struct thing){ .id = 5 });
}

static void blames_the_statement_for_constraints(void **state)
{
	struct fixture *f = *state;

	check_err(db_exec(f->db, "INSERT INTO parts(thing, no) VALUES(77, 1)", NULL, 0, NULL), ERR_STORE_FAILED);
	check_err(db_exec(f->db, "INSERT INTO parts(thing, no) VALUES(NULL, 1)", NULL, 0, NULL), ERR_STORE_FAILED);
	check_err(db_exec(f->db, "INSERT INTO things(id) VALUES('x')", NULL, 0, NULL), ERR_STORE_FAILED);
	/* This foreign key is looked at by COMMIT only. */
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1, .parent = 55 }));
	check_err(db_commit(f->db), ERR_STORE_FAILED);
	assert_false(db_commit_unknown(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 0);
	add_thing(f->db, (struct thing){ .id = 1 });
}

static void refuses_values_that_are_not_of_the_shape(void **state)
{
	static const char *const texts[] = {
		"SELECT NULL", "SELECT 'one'", "SELECT 1.5", "SELECT x'31'", "SELECT 1, 2",
	};
	static const struct column small[] = { { "small", COL_INT, 0, 0 } };
	static const struct table small_shape = TABLE("small", struct number, small, 1, 0);
	static const struct column text[] = { { "text", COL_TEXT, 0, 0 } };
	static const struct table text_shape = TABLE("text", struct str, text, 1, 0);
	struct fixture *f = *state;
	int64_t value = -1;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_err(db_query(f->db, texts[i], NULL, 0, &number_shape, &f->arena, take_number, &value),
			  ERR_STORE_FAILED);
	check_err(db_query(f->db, "SELECT 2147483648", NULL, 0, &small_shape, &f->arena, take_number, &value),
		  ERR_STORE_FAILED);
	check_err(db_query(f->db, "SELECT 1", NULL, 0, &text_shape, &f->arena, take_number, &value), ERR_STORE_FAILED);
	assert_int_equal(value, -1);
}

static enum err stop_at_second(void *arg, void *row)
{
	int *count = arg;

	(void)row;
	return ++*count == 2 ? ERR_TOO_LARGE : OK;
}

static void ends_a_read_when_the_caller_wants_no_more(void **state)
{
	struct fixture *f = *state;
	int count = 0;

	check_ok(db_begin(f->db));
	for (int64_t id = 1; id <= 4; id++)
		check_ok(insert_thing(f->db, (struct thing){ .id = id }));
	check_err(db_query(f->db, "SELECT id FROM things", NULL, 0, &number_shape, &f->arena, stop_at_second, &count),
		  ERR_TOO_LARGE);
	assert_int_equal(count, 2);
	/* The read is over and the transaction is not spoilt. */
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 4);
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 4);
}

/* More texts than a connection keeps: the first ones are prepared again. */
static void forgets_old_statements(void **state)
{
	struct fixture *f = *state;
	char sql[64];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 700; i++) {
			snprintf(sql, sizeof(sql), "SELECT %d", i); /* the same memory each time, another text */
			assert_int_equal(number_of(f, f->db, sql), i);
		}
}

static void keeps_statements_over_a_change_of_schema(void **state)
{
	struct fixture *f = *state;

	add_thing(f->db, (struct thing){ .id = 1, .amount = 5 });
	assert_int_equal(fetch_thing(f, f->db, 1).n, 1);
	check_ok(db_exec(f->db, "ALTER TABLE things ADD COLUMN extra TEXT", NULL, 0, NULL));
	add_thing(f->db, (struct thing){ .id = 2 });
	assert_int_equal(fetch_thing(f, f->db, 1).things[0].amount, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(keeps_every_kind_of_value),
		db_test(binds_by_name),
		db_test(refuses_texts_it_cannot_bind),
		db_test(fetches_by_any_unique_column_and_by_the_first_key),
		db_test(updates_only_the_version_it_read),
		db_test(deletes_by_the_whole_key),
		db_test(updates_rows_with_a_composite_key),
		db_test(refuses_everything_after_a_failure),
		db_test(blames_the_statement_for_constraints),
		db_test(refuses_values_that_are_not_of_the_shape),
		db_test(ends_a_read_when_the_caller_wants_no_more),
		db_test(forgets_old_statements),
		db_test(keeps_statements_over_a_change_of_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Replays a small sample under the schema of sql/ and recomputes the books from the rows. */
#include "support/test.h"

#include "replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/bodega-replay-XXXXXX";
static char sample_path[64], target_path[64];

static void run_sql(sqlite3 *db, const char *sql)
{
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error)) {
		print_error("%s\n%s\n", error, sql);
		fail();
	}
}

/* The schema as SQLite gets it: without the lines of the other engine. */
static void make_schema(sqlite3 *db)
{
	static const char other[] = "-- postgres";
	static char sql[256 * 1024];
	char line[1024];
	size_t n = 0;
	FILE *file = fopen(SCHEMA_PATH, "r");

	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		if (strstr(line, other))
			continue;
		size_t length = strlen(line);
		assert_true(n + length < sizeof(sql));
		memcpy(sql + n, line, length + 1);
		n += length;
	}
	fclose(file);
	run_sql(db, sql);
}

/* Partner 7, wallet 1000 with its hold 1001, revenue 2000, cash 3000. Three orders of 5 each, two of them completed;
 * what each of them wrote, as far as the books and the ids are concerned. */
static const char sample_sql[] =
	"INSERT INTO partners VALUES (7, 'p', NULL, 840, 'en', 1, 1, '', 0, NULL, NULL, 0, 1);"
	"INSERT INTO ledger VALUES (50, 50, NULL, 1000, 5, 3000, 1000, 100, -100, 100, 1, 1700000000000000);"
	"WITH RECURSIVE o (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM o WHERE n < 3) "
	"INSERT INTO orders SELECT n * 100, 7, 1, '7:1:reference-' || n, 0, iif(n < 3, 4, 3), 0, 1, 1, '', 0, 1, 840, "
	"5, 0, "
	"0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, 1700000000000000 + n, 1700000000000000 + n, 0, 0, 0, 1 FROM o;"
	"INSERT INTO units SELECT id, 1, 4, 1, NULL, NULL, created_at FROM orders;"
	"INSERT INTO ledger SELECT id + 1, id + 1, id, 1000, 1, 1000, 1001, 5, 0, 0, 0, created_at FROM orders;"
	"INSERT INTO ledger SELECT id + 2, id + 2, id, 1000, 2, 1001, 2000, 5, 0, 0, 1 + id / 100, created_at + 9 "
	"FROM orders WHERE state = 4;"
	"INSERT INTO events SELECT id + 3, 7, id / 100, id, 2, 0, created_at FROM orders;"
	"INSERT INTO accounts VALUES (1000, 90, 5, 0, 1), (2000, 10, 0, 0, 1), (3000, -100, 0, 0, 1);"
	"INSERT INTO counters (partner_id, movement_seq, event_seq, version) VALUES (7, 3, 3, 1);";

static int make_stores(void **state)
{
	const char *paths[] = { sample_path, target_path };

	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(sample_path, sizeof(sample_path), "%s/sample", folder);
	snprintf(target_path, sizeof(target_path), "%s/target", folder);
	for (int i = 0; i < 2; i++) {
		sqlite3 *db;

		assert_int_equal(sqlite3_open(paths[i], &db), SQLITE_OK);
		make_schema(db);
		run_sql(db, sample_sql);
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
	return 0;
}

static int remove_stores(void **state)
{
	(void)state;
	unlink(sample_path);
	unlink(target_path);
	return rmdir(folder);
}

static int64_t number(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	int64_t found = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return found;
}

static void write_orders(struct replay *r, int64_t first, int64_t orders)
{
	for (int64_t k = first; k < first + orders; k++) {
		struct replay_order order = { .sample = (size_t)k % replay_orders(r),
					      .order_id = 1000000 + k * 1000,
					      .own_base = 1000001 + k * 1000,
					      .now_us = 1800000000000000 + k,
					      .key = (uint64_t)k };

		replay_write(r, &order, REPLAY_ALL);
	}
}

static void check_books(sqlite3 *db)
{
	assert_int_equal(number(db, "SELECT count(*) FROM accounts a WHERE balance <> (SELECT coalesce(sum(amount), 0) "
				    "FROM entries WHERE (account_id & ~1) = a.id)"),
			 0);
	assert_int_equal(number(db, "SELECT count(*) FROM accounts a WHERE held <> (SELECT coalesce(sum(amount), 0) "
				    "FROM entries WHERE account_id = (a.id | 1)) AND id = 1000"),
			 0);
	/* Numbers of movements and events without a gap, up to the counter. */
	assert_int_equal(number(db, "SELECT count(DISTINCT seq) = max(seq) AND max(seq) = (SELECT movement_seq FROM "
				    "counters) FROM ledger WHERE seq > 0"),
			 1);
	assert_int_equal(number(db, "SELECT count(DISTINCT seq) = count(*) AND max(seq) = (SELECT event_seq FROM "
				    "counters) FROM events"),
			 1);
	assert_int_equal(number(db, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
}

static void replayed_orders_leave_books_that_add_up(void **state)
{
	struct replay *r = replay_open(&(struct replay_options){ .target = target_path, .sample = sample_path });

	(void)state;
	assert_non_null(r);
	assert_int_equal(replay_orders(r), 3);
	replay_begin(r);
	replay_top_up(r, 300, 900000, 1790000000000000);
	replay_commit(r);
	for (int64_t k = 0; k < 300; k += 100) {
		replay_begin(r);
		write_orders(r, k, 100);
		replay_commit(r);
	}
	sqlite3 *db = replay_db(r);
	assert_int_equal(number(db, "SELECT count(DISTINCT ext_key) FROM orders"), 303);
	assert_int_equal(number(db, "SELECT count(*) FROM units"), 303);
	assert_int_equal(number(db, "SELECT max(created_at) FROM orders"), 1800000000000299);
	/* A row that came later in the sample comes as much later again. */
	assert_int_equal(number(db, "SELECT created_at FROM ledger WHERE order_id = 1000000 AND kind = 2"),
			 1800000000000009);
	assert_int_equal(number(db, "SELECT held FROM accounts WHERE id = 1000"), 5 + 100 * 5);
	assert_true(number(db, "SELECT min(credit_after) FROM ledger WHERE credit = 1000") > 0);
	assert_int_equal(number(db, "SELECT debit_after FROM ledger WHERE debit = 1001 ORDER BY seq DESC LIMIT 1"),
			 number(db, "SELECT held FROM accounts WHERE id = 1000") - 5);
	check_books(db);
	replay_close(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replayed_orders_leave_books_that_add_up),
	};

	return cmocka_run_group_tests(tests, make_stores, remove_stores);
}

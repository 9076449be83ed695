#include "base/clock.h"
#include "unit/db/fixture.h"

#include <sys/stat.h>

enum { PAGE_BYTES = 4096, MOST_COMMITS = 100000 };

static struct db *open_small(struct fixture *f, int64_t checkpoint_pages, int64_t limit_pages)
{
	db_close(f->db);
	f->options.checkpoint_pages = checkpoint_pages;
	f->options.wal_limit_bytes = limit_pages * PAGE_BYTES;
	return open_with(f, DB_WRITE);
}

/* A commit of two pages or so. */
static void commit_one(struct db *db, int64_t id)
{
	static const char bytes[3000];

	add_thing(db, (struct thing){ .id = id, .bytes = { bytes, sizeof(bytes) } });
}

static struct db_stats stats_of(const struct db *db)
{
	struct db_stats stats;

	db_stats(db, &stats);
	return stats;
}

static void checkpoints_by_its_thread(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;

	f->db = open_small(f, 50, 1 << 20);
	assert_int_equal(stats_of(f->db).checkpoints, 0);
	/* As many commits as it takes the thread to have its turn. */
	while (id < MOST_COMMITS && stats_of(f->db).checkpoints == 0)
		commit_one(f->db, ++id);
	assert_true(id > 10 && id < MOST_COMMITS);
	assert_int_equal(stats_of(f->db).brakes, 0);
	assert_true(stats_of(f->db).pages_written >= id);
	/* The writer never pauses, yet the log begins again: a commit copies what little the thread has left. */
	for (int64_t most = 0; id < MOST_COMMITS && stats_of(f->db).wal_bytes >= most; id++) {
		most = stats_of(f->db).wal_bytes;
		commit_one(f->db, id + 1);
	}
	assert_true(id < MOST_COMMITS);
	assert_int_equal(stats_of(f->db).brakes, 0);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), id);
}

static void brakes_past_the_limit(void **state)
{
	struct fixture *f = *state;
	struct stat log;
	char path[80];

	/* A thread that is never asked: without the brake the log would keep all. */
	f->db = open_small(f, 1 << 30, 64);
	for (int64_t id = 1; id <= 400; id++) {
		commit_one(f->db, id);
		assert_in_range(stats_of(f->db).wal_bytes, 0, 70 * PAGE_BYTES);
	}
	assert_in_range(stats_of(f->db).brakes, 5, 40);
	assert_int_equal(stats_of(f->db).checkpoints, 0);
	snprintf(path, sizeof(path), "%s-wal", f->path);
	assert_int_equal(stat(path, &log), 0);
	assert_in_range(log.st_size, 1, 80 * PAGE_BYTES);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 400);
}

/* A reader with an old snapshot keeps the log from starting again; the committer must not stall at each commit. */
static void brakes_seldom_while_a_reader_is_in_the_way(void **state)
{
	struct fixture *f = *state;
	int64_t id = 0;

	f->db = open_small(f, 1 << 30, 256);
	struct db *reader = open_with(f, DB_READ);
	commit_one(f->db, ++id);
	check_ok(db_begin(reader));
	while (id < 150)
		commit_one(f->db, ++id);
	struct db_stats before = stats_of(f->db);
	assert_true(before.wal_bytes > 256 * PAGE_BYTES);
	assert_in_range(before.brakes, 1, (before.wal_bytes / PAGE_BYTES - 256) / 64 + 1);
	assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 1);
	check_ok(db_commit(reader));
	db_close(reader);
	while (id < 300 && stats_of(f->db).wal_bytes > 256 * PAGE_BYTES)
		commit_one(f->db, ++id);
	assert_true(id < 300);
}

static void closes_without_a_log(void **state)
{
	struct fixture *f = *state;
	char path[80];
	struct stat log;

	snprintf(path, sizeof(path), "%s-wal", f->path);
	commit_one(f->db, 1);
	assert_int_equal(stat(path, &log), 0);
	struct db *reader = open_with(f, DB_READ);
	assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 1);
	db_close(f->db);
	assert_int_equal(stat(path, &log), 0);
	assert_int_equal(log.st_size, 0); /* all of it is in the file, although a reader is there */
	db_close(reader);
	f->db = open_with(f, DB_WRITE);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 1);
	assert_int_equal(stats_of(f->db).wal_bytes, 0);
}

static void rolls_back_what_is_open_at_close(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
	db_close(f->db);
	db_close(NULL);
	f->db = open_with(f, DB_WRITE);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 0);
}

/* More than the cache holds, so that pages go to the log before the commit and are read back from it. */
static void many_pages_are_one_commit(void **state)
{
	enum { ROWS = 25000, FIRST_ROWS = 2000 };
	static const char bytes[3000];
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	const char *sum = "SELECT sum(id) FROM things WHERE length(bytes) = 3000";

	for (int rollback = 1; rollback >= 0; rollback--) {
		check_ok(db_begin(f->db));
		for (int64_t id = 1; id <= ROWS; id++) {
			check_ok(insert_thing(f->db, (struct thing){ .id = id, .bytes = { bytes, sizeof(bytes) } }));
			if (id == FIRST_ROWS)
				assert_int_equal(number_of(f, f->db, sum), FIRST_ROWS * (FIRST_ROWS + 1) / 2);
		}
		assert_int_equal(number_of(f, f->db, sum), INT64_C(25000) * 25001 / 2);
		assert_int_equal(number_of(f, reader, "SELECT count(*) FROM things"), 0);
		if (rollback)
			db_rollback(f->db);
		else
			check_ok(db_commit(f->db));
	}
	assert_int_equal(number_of(f, reader, sum), INT64_C(25000) * 25001 / 2);
	check_ok(db_check(reader));
	db_close(reader);
	db_close(f->db);
	f->db = open_with(f, DB_WRITE);
	assert_int_equal(number_of(f, f->db, sum), INT64_C(25000) * 25001 / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(checkpoints_by_its_thread),
		db_test(brakes_past_the_limit),
		db_test(brakes_seldom_while_a_reader_is_in_the_way),
		db_test(closes_without_a_log),
		db_test(rolls_back_what_is_open_at_close),
		db_test(many_pages_are_one_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

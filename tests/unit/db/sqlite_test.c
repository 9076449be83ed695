#include "base/clock.h"
#include "unit/db/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* As read back through the connection itself, whatever db_open has compared. */
static void takes_its_settings(void **state)
{
	static const struct {
		const char *sql;
		int64_t writer, reader;
	} rows[] = {
		{ "PRAGMA synchronous", 2, 2 },
		{ "PRAGMA page_size", 4096, 4096 },
		{ "PRAGMA foreign_keys", 1, 1 },
		{ "PRAGMA cache_size", -65536, -65536 },
		{ "PRAGMA wal_autocheckpoint", 0, 0 },
		{ "PRAGMA busy_timeout", 20, 20 },
		{ "PRAGMA journal_size_limit", 256 << 20, 256 << 20 },
		{ "PRAGMA query_only", 0, 1 },
		{ "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1, 1 },
		{ "SELECT encoding = 'UTF-8' FROM pragma_encoding", 1, 1 },
	};
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	struct stat file;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(number_of(f, f->db, rows[i].sql), rows[i].writer);
		assert_int_equal(number_of(f, reader, rows[i].sql), rows[i].reader);
	}
	db_close(reader);
	assert_int_equal(stat(f->path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_string_equal(db_lock_clause(f->db), "");
	assert_false(db_is_shared(f->db));
}

static void other_store(const struct fixture *f, const char *name, const char *sql, char ret_path[64])
{
	sqlite3 *handle;

	snprintf(ret_path, 64, "%s/%s", f->folder, name);
	assert_int_equal(sqlite3_open(ret_path, &handle), SQLITE_OK);
	assert_int_equal(sqlite3_exec(handle, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(handle), SQLITE_OK);
}

static void refuses_a_store_that_cannot_be_set(void **state)
{
	struct fixture *f = *state;
	struct db_options options = { .uri = f->path, .mode = DB_WRITE, .busy_ms = 20 };
	struct db *db = NULL;
	char path[64];

	other_store(f, "pages.db", "PRAGMA page_size=8192; CREATE TABLE t(a)", path);
	options.uri = path;
	check_err(db_open(&options, &db), ERR_STORE_FAILED);
	other_store(f, "wide.db", "PRAGMA encoding='UTF-16le'; CREATE TABLE t(a)", path);
	check_err(db_open(&options, &db), ERR_STORE_FAILED);
	/* A reader never changes the file, so it cannot make a log for it. */
	other_store(f, "rollback.db", "CREATE TABLE t(a)", path);
	options.mode = DB_READ;
	check_err(db_open(&options, &db), ERR_STORE_FAILED);
	options.mode = DB_WRITE;
	options.uri = "mysql://localhost/bodega";
	check_err(db_open(&options, &db), ERR_CONFIG);
	assert_null(db);
}

static void refuses_a_store_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct db_options options = { .mode = DB_WRITE, .busy_ms = 20 };
	struct db *db = NULL;
	char path[80];

	snprintf(path, sizeof(path), "%s/nowhere/store.db", f->folder);
	options.uri = path;
	check_err(db_open(&options, &db), ERR_STORE_UNAVAILABLE);
	snprintf(path, sizeof(path), "%s/none.db", f->folder);
	options.mode = DB_READ;
	check_err(db_open(&options, &db), ERR_STORE_UNAVAILABLE);
	assert_int_equal(access(path, F_OK), -1);

	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 100; i++)
		assert_int_equal(write(fd, "This is no store at all, but a letter to my aunt.\n", 50), 50);
	close(fd);
	options.mode = DB_WRITE;
	check_err(db_open(&options, &db), ERR_STORE_UNAVAILABLE);
	assert_null(db);
}

/* Nothing is protected from root, so the test becomes somebody else for a while. */
static void is_unavailable_when_it_may_not_write(void **state)
{
	struct fixture *f = *state;
	struct db_options options = { .mode = DB_WRITE, .busy_ms = 20 };
	struct db *db = NULL;
	char path[64];

	other_store(f, "kept.db", "CREATE TABLE t(a)", path);
	options.uri = path;
	assert_int_equal(chmod(path, 0444), 0);
	assert_int_equal(chmod(f->folder, 0755), 0);
	uid_t self = geteuid();
	if (self == 0)
		assert_int_equal(seteuid(65534), 0);
	enum err protected_file = db_open(&options, &db);
	snprintf(path, sizeof(path), "%s/new.db", f->folder);
	if (self != 0)
		assert_int_equal(chmod(f->folder, 0555), 0);
	enum err protected_folder = db_open(&options, &db);
	if (self == 0)
		assert_int_equal(seteuid(self), 0);
	assert_int_equal(chmod(f->folder, 0700), 0);
	check_err(protected_file, ERR_STORE_UNAVAILABLE);
	check_err(protected_folder, ERR_STORE_UNAVAILABLE);
	assert_null(db);
}

static void reader_sees_the_last_commit_at_each_begin(void **state)
{
	struct fixture *f = *state;
	struct db *reader = open_with(f, DB_READ);
	const char *count = "SELECT count(*) FROM things";

	check_ok(db_begin(reader));
	add_thing(f->db, (struct thing){ .id = 1 }); /* after the begin, before the first read */
	assert_int_equal(number_of(f, reader, count), 0);
	check_ok(db_commit(reader));
	check_ok(db_begin(reader));
	assert_int_equal(number_of(f, reader, count), 1);
	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	assert_int_equal(number_of(f, f->db, count), 2);
	db_rollback(reader);
	assert_int_equal(number_of(f, reader, count), 1); /* not committed yet */
	check_ok(db_commit(f->db));
	assert_int_equal(number_of(f, reader, count), 2);
	/* Writing through it is a mistake in the program, not a full disk. */
	check_err(db_exec(reader, "DELETE FROM things", NULL, 0, NULL), ERR_STORE_FAILED);
	db_close(reader);
	assert_int_equal(number_of(f, f->db, count), 2);
}

static void is_unavailable_while_another_process_writes(void **state)
{
	struct fixture *f = *state;
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	check_err(db_begin(f->db), ERR_STORE_UNAVAILABLE);
	check_err(db_exec(f->db, "DELETE FROM things", NULL, 0, NULL), ERR_STORE_UNAVAILABLE);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(other), SQLITE_OK);
	add_thing(f->db, (struct thing){ .id = 1 });
}

static const char endless[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i > 0) "
			      "SELECT count(*) FROM n";

static void ends_at_the_deadline(void **state)
{
	struct fixture *f = *state;
	int64_t value = -1;

	/* Not yet passed when the statement begins, so it is ended from within. */
	for (int i = 0; i < 2; i++) {
		db_set_deadline(f->db, clock_mono_us() + 20000);
		check_err(db_query(f->db, endless, NULL, 0, &number_shape, &f->arena, take_number, &value),
			  ERR_TIMEOUT);
	}
	/* Passed: nothing begins any more. */
	check_err(db_query(f->db, "SELECT 1", NULL, 0, &number_shape, &f->arena, take_number, &value), ERR_TIMEOUT);
	check_err(db_begin(f->db), ERR_TIMEOUT);
	assert_int_equal(value, -1);
	db_set_deadline(f->db, 0);
	assert_int_equal(number_of(f, f->db, "SELECT 1"), 1);
}

static void commits_and_rolls_back_past_the_deadline(void **state)
{
	struct fixture *f = *state;

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 1 }));
	db_set_deadline(f->db, 1);
	check_ok(db_commit(f->db));
	db_set_deadline(f->db, 0);
	assert_int_equal(fetch_thing(f, f->db, 1).n, 1);

	check_ok(db_begin(f->db));
	check_ok(insert_thing(f->db, (struct thing){ .id = 2 }));
	db_set_deadline(f->db, clock_mono_us() + 20000);
	check_err(db_exec(f->db, endless, NULL, 0, NULL), ERR_TIMEOUT);
	db_rollback(f->db);
	db_set_deadline(f->db, 0);
	assert_int_equal(fetch_thing(f, f->db, 2).n, 0);
	add_thing(f->db, (struct thing){ .id = 2 });
}

/* Things with 2 kB each until it fails, or all of them. */
static enum err add_many(struct db *db, int64_t from, int64_t count)
{
	static const char bytes[2048];
	enum err e = db_begin(db);

	for (int64_t id = from; id < from + count && !e; id++)
		e = insert_thing(db, (struct thing){ .id = id, .bytes = { bytes, sizeof(bytes) } });
	if (e)
		db_rollback(db);
	else
		e = db_commit(db);
	return e;
}

static void survives_a_full_store(void **state)
{
	struct fixture *f = *state;

	check_ok(add_many(f->db, 1, 10));
	check_ok(db_exec(f->db, "PRAGMA max_page_count = 40", NULL, 0, NULL));
	for (int i = 0; i < 2; i++) {
		check_err(add_many(f->db, 1000, 500), ERR_STORE_UNAVAILABLE);
		assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 10);
	}
	/* Small ones still fit, and with more space the large one does. */
	check_ok(add_many(f->db, 11, 1));
	check_ok(db_exec(f->db, "PRAGMA max_page_count = 100000", NULL, 0, NULL));
	check_ok(add_many(f->db, 1000, 500));
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 511);
	check_ok(db_check(f->db));
}

/* A file that may not grow: what write(2) refuses is an I/O error, and COMMIT is where it shows. */
static void survives_a_disk_that_refuses_writes(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;

	signal(SIGXFSZ, SIG_IGN);
	check_ok(add_many(f->db, 1, 10));
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 256 * 1024, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum err first = add_many(f->db, 1000, 500), again = add_many(f->db, 1000, 500);
	enum err little = add_many(f->db, 11, 1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	check_err(first, ERR_STORE_UNAVAILABLE);
	check_err(again, ERR_STORE_UNAVAILABLE);
	check_ok(little);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 11);
	check_ok(add_many(f->db, 1000, 500));
	db_close(f->db);
	f->db = open_with(f, DB_WRITE);
	assert_int_equal(number_of(f, f->db, "SELECT count(*) FROM things"), 511);
	check_ok(db_check(f->db));
}

static void finds_damage(void **state)
{
	struct fixture *f = *state;

	check_ok(add_many(f->db, 1, 200));
	check_ok(db_check(f->db));
	check_ok(db_exec(f->db, "PRAGMA foreign_keys = OFF", NULL, 0, NULL));
	check_ok(db_exec(f->db, "INSERT INTO parts(thing, no) VALUES(12345, 1)", NULL, 0, NULL));
	check_err(db_check(f->db), ERR_STORE_FAILED);
	check_ok(db_exec(f->db, "DELETE FROM parts", NULL, 0, NULL));
	check_ok(db_check(f->db));
	db_close(f->db);

	int fd = open(f->path, O_WRONLY | O_CLOEXEC);
	for (off_t page = 5; page < 12; page++)
		assert_int_equal(pwrite(fd, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, page * 4096), 8);
	close(fd);
	f->db = open_with(f, DB_WRITE);
	check_err(db_check(f->db), ERR_STORE_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(takes_its_settings),
		db_test(refuses_a_store_that_cannot_be_set),
		db_test(refuses_a_store_that_is_not_there),
		db_test(is_unavailable_when_it_may_not_write),
		db_test(reader_sees_the_last_commit_at_each_begin),
		db_test(is_unavailable_while_another_process_writes),
		db_test(ends_at_the_deadline),
		db_test(commits_and_rolls_back_past_the_deadline),
		db_test(survives_a_full_store),
		db_test(survives_a_disk_that_refuses_writes),
		db_test(finds_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "unit/db/fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { ROWS = 1000 };

/* A writer that commits once each time it is asked: +1 to one thing and -1 to another. */
struct writer {
	struct db *db;
	sem_t ask, done;
	bool stop;
	int64_t commits, steps, last, all;
};

static void move_one(struct writer *w)
{
	check_ok(db_begin(w->db));
	check_ok(db_exec(w->db, "UPDATE things SET amount = amount + 1 WHERE id = 1", NULL, 0, NULL));
	check_ok(db_exec(w->db, "UPDATE things SET amount = amount - 1 WHERE id = 1000", NULL, 0, NULL));
	check_ok(db_commit(w->db));
	w->commits++;
}

static void *writer_thread(void *arg)
{
	struct writer *w = arg;

	for (;;) {
		sem_wait(&w->ask);
		if (w->stop)
			return NULL;
		move_one(w);
		sem_post(&w->done);
	}
}

/* Between two steps of the backup the writer has its turn. */
static void between_steps(void *arg, int64_t done, int64_t all)
{
	struct writer *w = arg;

	sem_post(&w->ask);
	sem_wait(&w->done);
	w->steps++;
	must(done > w->last && done <= all);
	w->last = done;
	w->all = all;
}

static void add_rows(struct db *db)
{
	static const char bytes[4000];

	check_ok(db_begin(db));
	for (int64_t id = 1; id <= ROWS; id++)
		check_ok(insert_thing(db, (struct thing){ .id = id, .bytes = { bytes, sizeof(bytes) } }));
	check_ok(db_commit(db));
}

static void copies_while_others_write(void **state)
{
	struct fixture *f = *state;
	struct writer w = { .db = f->db };
	struct fixture copy = *f;
	struct stat file;
	pthread_t thread;

	add_rows(f->db);
	sem_init(&w.ask, 0, 0);
	sem_init(&w.done, 0, 0);
	assert_int_equal(pthread_create(&thread, NULL, writer_thread, &w), 0);
	struct db *reader = open_with(f, DB_READ);
	snprintf(copy.path, sizeof(copy.path), "%s/copy.db", f->folder);
	check_ok(db_backup(reader, copy.path, between_steps, &w));
	w.stop = true;
	sem_post(&w.ask);
	pthread_join(thread, NULL);

	assert_true(w.steps >= 4);
	assert_int_equal(w.commits, w.steps);
	assert_int_equal(w.last, w.all);
	assert_int_equal(stat(copy.path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	copy.options.uri = copy.path;
	struct db *copied = open_with(&copy, DB_WRITE);
	check_ok(db_check(copied));
	assert_int_equal(number_of(f, copied, "SELECT count(*) FROM things"), ROWS);
	/* As it stood at the beginning, and the reader is free again. */
	assert_int_equal(number_of(f, copied, "SELECT amount FROM things WHERE id = 1"), 0);
	assert_int_equal(number_of(f, copied, "SELECT sum(amount) FROM things"), 0);
	assert_int_equal(number_of(f, reader, "SELECT amount FROM things WHERE id = 1"), w.commits);
	db_close(copied);
	db_close(reader);
	sem_destroy(&w.ask);
	sem_destroy(&w.done);
}

/* Somebody else makes a file of that name while the copy is under way. */
static void make_file(void *arg, int64_t done, int64_t all)
{
	int fd = open(arg, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)done;
	(void)all;
	must(write(fd, "mine", 4) == 4);
	close(fd);
}

static void never_overwrites(void **state)
{
	struct fixture *f = *state;
	char path[64];

	add_thing(f->db, (struct thing){ .id = 1 });
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	check_ok(db_backup(f->db, path, NULL, NULL));
	add_thing(f->db, (struct thing){ .id = 2 });
	check_err(db_backup(f->db, path, NULL, NULL), ERR_CONFLICT);
	snprintf(path, sizeof(path), "%s/meanwhile.db", f->folder);
	check_err(db_backup(f->db, path, make_file, path), ERR_CONFLICT);
	struct stat file;
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, 4);
	snprintf(path, sizeof(path), "%s/none/copy.db", f->folder);
	check_err(db_backup(f->db, path, NULL, NULL), ERR_STORE_UNAVAILABLE);
	add_thing(f->db, (struct thing){ .id = 3 });
}

static size_t files_in(const char *path)
{
	DIR *folder = opendir(path);
	size_t n = 0;

	must(folder);
	for (struct dirent *entry; (entry = readdir(folder));)
		n += entry->d_name[0] != '.';
	closedir(folder);
	return n;
}

static void leaves_nothing_when_the_disk_is_full(void **state)
{
	struct fixture *f = *state;
	struct rlimit before, small;
	char path[64], part[80], journal[96];

	signal(SIGXFSZ, SIG_IGN);
	add_rows(f->db);
	snprintf(path, sizeof(path), "%s/copy.db", f->folder);
	snprintf(part, sizeof(part), "%s.part", path);
	snprintf(journal, sizeof(journal), "%s-journal", part);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = (struct rlimit){ .rlim_cur = 1024 * 1024, .rlim_max = before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	enum err e = db_backup(f->db, path, NULL, NULL);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	check_err(e, ERR_STORE_UNAVAILABLE);
	assert_int_equal(files_in(f->folder), 3); /* the store, its log and its index */

	/* What a killed backup left behind is no obstacle. */
	int fd = open(part, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	fd = open(journal, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "\xD9\xD5\x05\xF9\x20\xA1\x63\xD7", 8), 8);
	close(fd);
	check_ok(db_backup(f->db, path, NULL, NULL));
	assert_int_equal(files_in(f->folder), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(copies_while_others_write),
		db_test(never_overwrites),
		db_test(leaves_nothing_when_the_disk_is_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

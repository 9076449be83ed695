#include "db/db_sqlite_private.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

#include <fcntl.h>
#include <unistd.h>

enum {
	BUSY_MS = 5000,
	CACHE_KIB = 64 * 1024,
	DEADLINE_STEPS = 4000, /* of SQLite's machine between two looks at the clock: some ten microseconds */
};

/* Which codes mean that the statement was right and the store is not able; all others blame the statement. */
static const int unavailable[] = {
	SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR,  SQLITE_CANTOPEN, SQLITE_NOMEM,  SQLITE_BUSY,
	SQLITE_PERM, SQLITE_PROTOCOL, SQLITE_LOCKED, SQLITE_CORRUPT,  SQLITE_NOTADB,
};

enum err sqlite_class(int code)
{
	int primary = code & 0xFF;

	if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE)
		return OK;
	if (primary == SQLITE_INTERRUPT)
		return ERR_TIMEOUT;
	for (size_t i = 0; i < ARRAY_LEN(unavailable); i++)
		if (primary == unavailable[i])
			return ERR_STORE_UNAVAILABLE;
	return ERR_STORE_FAILED;
}

enum err sqlite_log_failure(struct sqlite *s, int code, const char *what)
{
	enum err e = sqlite_class(code);

	/* Writing through a connection that may only read is a bug of the statement, not of the disk. */
	if ((code & 0xFF) == SQLITE_READONLY && s->db.mode == DB_READ)
		e = ERR_STORE_FAILED;
	/* SQLite ends some transactions itself when they fail (disk full, I/O error, interrupt). What came after would
	 * be written each for itself, so nothing may come after. */
	if (s->db.in_tx)
		s->db.tx_failed = true;
	/* A list that takes too long is the caller's wish coming true, not a fault. */
	log_event(e == ERR_TIMEOUT ? LOG_WARN : LOG_ERROR, "db.failed",
		  "engine=sqlite code=%d error=%s message=\"%s\" in=\"%.160s\"", code, err_name(e),
		  sqlite3_errmsg(s->handle), what);
	return e;
}

/* A setting as PRAGMA. SQLite takes a misspelt name or an impossible value without a word, so what it then says it has
 * is compared with `expected`. */
struct setting {
	const char *name;
	const char *value; /* NULL: is only looked at */
	const char *expected;
};

static int first_value(void *arg, int count, char **values, char **names)
{
	struct buf *out = arg;

	(void)names;
	if (count > 0 && values[0]) {
		buf_clear(out);
		buf_str(out, str_of(values[0]));
	}
	return 0;
}

static enum err setting_take(sqlite3 *handle, const struct setting *setting)
{
	char sql[96], value[64];
	struct buf got = { .p = value, .cap = sizeof(value), .max = sizeof(value) };
	int code = SQLITE_OK;

	if (setting->value) {
		snprintf(sql, sizeof(sql), "PRAGMA %s=%s", setting->name, setting->value);
		code = sqlite3_exec(handle, sql, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		snprintf(sql, sizeof(sql), "PRAGMA %s", setting->name);
		code = sqlite3_exec(handle, sql, first_value, &got, NULL);
	}
	if (code == SQLITE_OK && str_is(buf_view(&got), setting->expected))
		return OK;
	log_error("db.setting", "engine=sqlite name=%s wanted=%s got=\"%.*s\" code=%d", setting->name,
		  setting->expected, STR_ARG(buf_view(&got)), code);
	return code == SQLITE_OK ? ERR_STORE_FAILED : sqlite_class(code);
}

static int sqlite_busy_ms(const struct db_options *options)
{
	return options->busy_ms ? options->busy_ms : BUSY_MS;
}

static enum err settings_take(sqlite3 *handle, const struct db_options *options)
{
	bool writes = options->mode == DB_WRITE;
	char busy[16], cache[16], most[24];
	const struct setting settings[] = {
		{ "busy_timeout", busy, busy }, /* first: the others may have to wait */
		{ "encoding", NULL, "UTF-8" },
		{ "page_size", "4096", "4096" },
		{ "journal_mode", writes ? "WAL" : NULL, "wal" },
		{ "synchronous", "FULL", "2" },
		{ "foreign_keys", "ON", "1" },
		{ "cache_size", cache, cache },
		{ "wal_autocheckpoint", "0", "0" }, /* db_sqlite_wal.c does it */
		/* A log that a long reader made grow is cut when it starts again. */
		{ "journal_size_limit", most, most },
		{ "query_only", writes ? "OFF" : "ON", writes ? "0" : "1" },
	};

	snprintf(busy, sizeof(busy), "%d", sqlite_busy_ms(options));
	snprintf(cache, sizeof(cache), "%d", -CACHE_KIB);
	snprintf(most, sizeof(most), "%lld",
		 (long long)(options->wal_limit_bytes ? options->wal_limit_bytes : LIMIT_WAL_BYTES));
	for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
		enum err e = setting_take(handle, &settings[i]);

		if (e)
			return e;
	}
	return OK;
}

/* SQLite would make the file readable by everybody. Only a file that was not there may be opened and closed here:
 * closing any other would drop the locks that a connection of this process holds on it. The log files take over its
 * mode. */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

enum err sqlite_connect(const struct db_options *options, sqlite3 **ret)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	sqlite3 *handle = NULL;

	must(sqlite3_threadsafe());
	sqlite_cache_install();
	if (options->mode == DB_WRITE)
		make_private(options->uri);
	int code = sqlite3_open_v2(options->uri, &handle, flags, sqlite_log_vfs());
	must(handle); /* NULL only without memory */
	enum err e = sqlite_class(code);
	/* SQLite falls back to reading alone when the file is protected. */
	if (!e && sqlite3_db_readonly(handle, "main"))
		e = ERR_STORE_UNAVAILABLE;
	if (e)
		log_error("db.failed", "engine=sqlite code=%d message=\"%s\" in=open", code,
			  code ? sqlite3_errmsg(handle) : "the file is read-only");
	else
		e = settings_take(handle, options);
	if (e) {
		sqlite3_close(handle);
		return e;
	}
	/* A reader that happens to be the last to leave must not do the writer's work. */
	sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, options->mode == DB_READ, NULL);
	*ret = handle;
	return OK;
}

static bool takes(const char *uri)
{
	return !strstr(uri, "://");
}

/* Asked every DEADLINE_STEPS; not 0 = interrupt. */
static int past_deadline(void *arg)
{
	const struct sqlite *s = arg;

	return s->db.deadline_us && clock_mono_us() >= s->db.deadline_us;
}

static void sqlite_close(struct db *db)
{
	struct sqlite *s = sqlite_of(db);

	sqlite_statements_done(s);
	sqlite_wal_stop(s);
	must(sqlite3_close(s->handle) == SQLITE_OK); /* a statement that was not finalised would keep it open */
	free(s);
}

static enum err sqlite_open(const struct db_options *options, struct db **ret)
{
	struct sqlite *s = calloc(1, sizeof(*s));
	enum err e;

	must(s);
	s->db.engine = &db_sqlite;
	s->db.mode = options->mode;
	s->busy_ms = sqlite_busy_ms(options);
	if ((e = sqlite_connect(options, &s->handle))) {
		free(s);
		return e;
	}
	sqlite3_progress_handler(s->handle, DEADLINE_STEPS, past_deadline, s);
	if (options->mode == DB_WRITE && (e = sqlite_wal_start(s, options))) {
		sqlite_close(&s->db);
		return e;
	}
	*ret = &s->db;
	return OK;
}

static void sqlite_rollback(struct db *db)
{
	struct sqlite *s = sqlite_of(db);

	/* After some failures SQLite has done it already. */
	if (sqlite3_get_autocommit(s->handle))
		return;
	int64_t deadline_us = db->deadline_us;
	db->deadline_us = 0;
	enum err e = sqlite_simple(s, "ROLLBACK");
	db->deadline_us = deadline_us;
	/* It needs neither disk nor lock; were it to fail, the next unit of work would land in this one. */
	must(e == OK && sqlite3_get_autocommit(s->handle));
}

/* A reader's snapshot begins with its first read, so one is made here; a writer takes its lock at once, so that it can
 * never find halfway that somebody else was faster. */
static enum err sqlite_begin(struct db *db)
{
	struct sqlite *s = sqlite_of(db);
	enum err e;

	if (db->mode == DB_WRITE)
		return sqlite_simple(s, "BEGIN IMMEDIATE");
	if ((e = sqlite_simple(s, "BEGIN")))
		return e;
	if ((e = sqlite_simple(s, "SELECT 1 FROM sqlite_schema LIMIT 1")))
		sqlite_rollback(db);
	return e;
}

static enum err sqlite_commit(struct db *db)
{
	struct sqlite *s = sqlite_of(db);
	int64_t deadline_us = db->deadline_us;

	db->deadline_us = 0;
	enum err e = sqlite_simple(s, "COMMIT");
	db->deadline_us = deadline_us;
	if (e)
		sqlite_rollback(db);
	else
		sqlite_wal_committed(s);
	return e;
}

/* COMMIT is a function call here: its answer cannot get lost. */
static bool sqlite_commit_unknown(const struct db *db)
{
	(void)db;
	return false;
}

static void sqlite_stats(const struct db *db, struct db_stats *ret)
{
	const struct sqlite *s = (const struct sqlite *)db;

	*ret = (struct db_stats){ 0 };
	if (s->wal)
		sqlite_wal_stats(s->wal, ret);
}

/* Only a key declared with just these words is the row's own number; any other type would be a second tree beside the
 * table. */
static const struct db_word words[] = {
	{ "BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY" },
	{ NULL, NULL },
};

const struct db_engine db_sqlite = {
	.name = "sqlite",
	.words = words,
	.lock_clause = "",
	.shared = false,
	.takes = takes,
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.commit_unknown = sqlite_commit_unknown,
	.write = sqlite_write,
	.fetch = sqlite_fetch,
	.query = sqlite_query,
	.exec = sqlite_exec,
	.run = sqlite_run,
	.backup = sqlite_backup,
	.check = sqlite_check,
	.stats = sqlite_stats,
};

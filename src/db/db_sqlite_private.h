/* db/db_sqlite_private.h: what the files of the SQLite engine share. No other file may include this or sqlite3.h.
 *
 * db_sqlite.c opens, sets and begins; db_sqlite_statements.c keeps prepared statements and binds; db_sqlite_rows.c
 * moves rows; db_sqlite_wal.c checkpoints; db_sqlite_cache.c keeps pages, db_sqlite_log.c
 * writes the log; db_sqlite_backup.c copies and checks. */
#pragma once

#include "db/db_private.h"

#include <assert.h>
#include <sqlite3.h>

struct sqlite_wal;

enum { STATEMENT_BUCKETS = 128, STATEMENTS_KEPT = 512 };

/* A prepared statement of one connection, found again by its table, operation and column or, if there is no table, by
 * its text. */
struct statement {
	struct statement *next; /* in the bucket */
	sqlite3_stmt *handle;
	const struct table *table;
	int operation;
	size_t column;
	uint64_t hash, used_at;
	size_t parameters;
	int slots[]; /* SQLite's index of $1, $2, ... */
};

struct sqlite {
	struct db db;
	sqlite3 *handle;
	int busy_ms;
	struct statement *buckets[STATEMENT_BUCKETS];
	size_t kept;
	uint64_t uses;
	struct sqlite_wal *wal; /* of a DB_WRITE connection */
};

static inline struct sqlite *sqlite_of(struct db *db)
{
	static_assert(offsetof(struct sqlite, db) == 0, "a db of this engine is a sqlite");
	return (struct sqlite *)db;
}

/* The class of an SQLite result code (extended or not) as enum err. */
MUST_USE enum err sqlite_class(int code);
/* Logs the connection's last message once, marks an open transaction as spoilt and returns the class of `code`. `what`
 * is SQL text or a short name. */
MUST_USE enum err sqlite_log_failure(struct sqlite *s, int code, const char *what);

/* The same, and never OK. */
MUST_USE static inline enum err sqlite_fail(struct sqlite *s, int code, const char *what)
{
	enum err e = sqlite_log_failure(s, code, what);

	must(e != OK);
	return e;
}

/* A connection with every setting of ours taken and read back. */
MUST_USE enum err sqlite_connect(const struct db_options *options, sqlite3 **ret);

/* The statement for `operation` on `table` (and `column`), or for `text` when table is NULL, prepared at first use and
 * reset. `text` is called for only then. */
struct statement_key {
	const struct table *table;
	int operation;
	size_t column;
	const char *text;
};
MUST_USE enum err sqlite_statement(struct sqlite *s, const struct statement_key *key, struct statement **ret);
void sqlite_statements_done(struct sqlite *s);
/* Binds $(number) of the statement; `number` counts from 1. */
int sqlite_bind(struct statement *statement, size_t number, struct db_value value);
/* Runs a statement without parameters and rows of interest, such as BEGIN. */
MUST_USE enum err sqlite_simple(struct sqlite *s, const char *text);

/* What the table statements are; stored nowhere. SELECT is by one column. */
enum { OPERATION_INSERT = DB_INSERT, OPERATION_UPDATE = DB_UPDATE, OPERATION_DELETE = DB_DELETE, OPERATION_SELECT };

MUST_USE enum err sqlite_write(struct db *db, enum db_write what, const struct table *table, void *const *rows,
			       size_t n);
MUST_USE enum err sqlite_fetch(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a);
MUST_USE enum err sqlite_query(struct db *db, const char *sql, struct db_parameters params, const struct db_sink *sink);
MUST_USE enum err sqlite_exec(struct db *db, const char *sql, struct db_parameters params, int64_t *ret_rows);
MUST_USE enum err sqlite_run(struct db *db, const char *sql);

/* Puts our layer over SQLite's page cache; before the first connection. */
void sqlite_cache_install(void);

/* The name of our file layer, for the opening of connections. */
const char *sqlite_log_vfs(void);

/* db_sqlite_pace.c: what a checkpoint writes leaves in steps, so that no commit waits for all of it. The first is
 * called once, before anything is open; the second says whether the calling thread checkpoints. */
void sqlite_pace_install(sqlite3_vfs *plain);
void sqlite_pace(bool on);

/* Starts the checkpoint thread of the file. */
MUST_USE enum err sqlite_wal_start(struct sqlite *s, const struct db_options *options);
/* Stops it, after which the log is checkpointed. NULL is fine. */
void sqlite_wal_stop(struct sqlite *s);
/* To be called after whatever may have committed: asks the thread for a checkpoint, or brakes. */
void sqlite_wal_committed(struct sqlite *s);
void sqlite_wal_stats(const struct sqlite_wal *wal, struct db_stats *ret);

MUST_USE enum err sqlite_backup(struct db *db, const char *path, void (*progress)(void *arg, int64_t done, int64_t all),
				void *arg);
MUST_USE enum err sqlite_check(struct db *db);

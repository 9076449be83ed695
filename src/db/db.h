/* db/db.h: the engine seam: SQLite (embedded) or PostgreSQL (nodes), never both visible above this line.
 *
 * It knows engines and rows, not what the rows mean: a noun of store/ describes itself with one column table, and that
 * one table serves SELECT, INSERT, UPDATE and DELETE on both engines, set-based: PostgreSQL sends arrays, SQLite runs a
 * prepared statement a row. A connection belongs to one thread at a time. SQL text comes from store/ alone, with $1..$n
 * in order of first appearance; nothing is ever pasted into it.
 *
 * Errors: ERR_STORE_UNAVAILABLE (disk full, read-only, I/O error, connection lost: nothing was written, try later),
 * ERR_STORE_FAILED (the statement itself: constraint, type: a bug or a poison command), ERR_CONFLICT (an update whose
 * row was not at the version that was read), ERR_TIMEOUT (db_set_deadline passed), ERR_STORE_NEWER. */
#pragma once

#include "base/arena.h"

struct db; /* one connection */

enum col_type {
	COL_I64,  /* int64_t; never NULL */
	COL_INT,  /* int (enums, small numbers); never NULL */
	COL_TEXT, /* struct str, UTF-8; absent = NULL */
	COL_BLOB, /* struct str; absent = NULL */
	COL_REF,  /* int64_t; 0 = NULL */
};

enum col_flag {
	COL_FIXED = 1, /* written by INSERT only */
};

struct column {
	const char *name;
	enum col_type type;
	size_t offset; /* in the row struct */
	unsigned flags;
};

/* A noun's rows. The first `keys` columns are the primary key. When `version` is not 0 it is the index of an int64
 * column: an UPDATE writes its new value and demands the old one (new - 1) in the row. */
struct table {
	const char *name;
	const struct column *columns;
	size_t count, keys, version, row_bytes;
	/* A fetch of a DB_WRITE connection locks the rows until the end of the transaction, in the order of the key,
	 * where other processes may write too. */
	bool locked;
};

#define TABLE(table_name, row_type, column_array, key_count, version_column)                       \
	{                                                                                          \
		.name = (table_name), .columns = (column_array), .count = ARRAY_LEN(column_array), \
		.keys = (key_count), .version = (version_column), .row_bytes = sizeof(row_type)    \
	}

enum db_mode { DB_WRITE, DB_READ };

struct db_options {
	const char *uri;   /* a file path for SQLite; postgres://... */
	enum db_mode mode; /* DB_READ never writes and sees the last commit at each db_begin */
	/* SQLite's, 0 = as in production: how long a lock is waited for, after how many pages of log a checkpoint
	 * runs, and past which size of the log the committing connection itself runs one. */
	int busy_ms;
	int64_t checkpoint_pages, wal_limit_bytes;
};

/* DB_WRITE makes the file (mode 0600) if it is not there. ERR_STORE_UNAVAILABLE; ERR_STORE_FAILED when a setting did
 * not take; ERR_CONFIG for a uri that no engine of this program knows. */
MUST_USE enum err db_open(const struct db_options *options, struct db **ret);
void db_close(struct db *db); /* NULL is fine; an open transaction is rolled back */

/* Brings the schema up to the newest of the embedded sql/NNNN_*.sql, each in one transaction, under a lock.
 * ERR_STORE_NEWER when the store's schema is newer than this program. */
MUST_USE enum err db_migrate(struct db *db);

/* After a failed statement or a conflict nothing but db_rollback is of use: everything else is refused with
 * ERR_STORE_FAILED, so that no half of a unit of work is ever committed.
 *
 * PostgreSQL connects anew at the first db_begin after the connection was lost, and not more often than every two
 * seconds while nobody answers: until then db_begin says ERR_STORE_UNAVAILABLE. */
MUST_USE enum err db_begin(struct db *db);
MUST_USE enum err db_commit(struct db *db); /* on failure nothing was written, unless db_commit_unknown() */
void db_rollback(struct db *db);
/* Whether the answer to the last COMMIT was lost (PostgreSQL only): it may have happened, or may still be happening. A
 * row that it would have changed tells, read with db_lock_clause on a connection that begins anew. */
bool db_commit_unknown(const struct db *db);

/* Until the end of the transaction only one connection is past a db_lock of the same number; at once on an engine with
 * one writer. For what no row stands for. */
enum db_lock_of { DB_LOCK_SCHEMA = 1, DB_LOCK_NODES, DB_LOCK_AUDIT, DB_LOCK_PARTNERS, DB_LOCK_SETTINGS, DB_LOCK_STOCK };
MUST_USE enum err db_lock(struct db *db, enum db_lock_of what);

/* Within a transaction: whoever waits in db_listen, in any process, is woken once it is committed, and not if it is
 * rolled back. Nobody else can write to a store of one writer, so nothing happens there. */
MUST_USE enum err db_notify(struct db *db);
/* Outside a transaction: waits until somebody has notified, wake_fd is readable or timeout_us have passed. *ret_heard:
 * something was told, or may have been told while this connection was not there yet. */
MUST_USE enum err db_listen(struct db *db, int wake_fd, int64_t timeout_us, bool *ret_heard);

/* Rows are written as they stand in memory, inside a transaction; `rows` are pointers to row structs of `table`. A row
 * that is not there (any more) is ERR_CONFLICT for an update and for a delete.
 *
 * PostgreSQL sends these, and db_exec without ret_rows, and does not wait: their error is then what the next read or
 * db_commit returns, and the COMMIT that was sent behind it does not happen. */
MUST_USE enum err db_insert(struct db *db, const struct table *table, void *const *rows, size_t n);
MUST_USE enum err db_update(struct db *db, const struct table *table, void *const *rows, size_t n);
MUST_USE enum err db_delete(struct db *db, const struct table *table, void *const *rows, size_t n); /* by key */

/* A value for the keys of a fetch and the parameters of a query. */
struct db_value {
	enum col_type type;
	int64_t i;
	struct str s;
};
#define DB_I64(value) ((struct db_value){ .type = COL_I64, .i = (value) })
#define DB_TEXT(value) ((struct db_value){ .type = COL_TEXT, .s = (value) })
#define DB_BLOB(value) ((struct db_value){ .type = COL_BLOB, .s = (value) })
/* The value of a column as it stands in a row struct. */
struct db_value db_value_of(const struct column *column, const void *row);

/* Called once a row; `row` (zeroed beyond its columns) and its strings live in the arena that was given. A result other
 * than OK ends the read and is what the call returns. It must not use the connection: the read is still under way. */
typedef enum err (*db_row_fn)(void *arg, void *row);

/* The rows whose column number `column` (unique, or the first of the key) equals any of `keys`, in no order.
 * No key twice. */
MUST_USE enum err db_fetch(struct db *db, const struct table *table, size_t column, const struct db_value *keys,
			   size_t n, struct arena *a, db_row_fn on_row, void *arg);

/* Several of them, one after the other, for the price of one: on PostgreSQL they are one round trip. Rows come in the
 * order of the fetches, and locks are taken in it: each fetch sees what was committed before it began. */
struct db_fetch {
	const struct table *table;
	size_t column;
	const struct db_value *keys;
	size_t n; /* 0: nothing to fetch */
	db_row_fn on_row;
	void *arg;
};
MUST_USE enum err db_fetch_many(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a);

/* What there is to do while a server is waited for; NULL: nothing any more. From now on called by the calling thread in
 * every read, after everything was sent and before the first answer is awaited, and whenever a connection is about to
 * be made anew, which may take seconds. It must not use the connection. An engine without a server never calls it. */
void db_meanwhile(struct db *db, void (*fn)(void *arg), void *arg);

/* Any SELECT of store/, whose columns are those of `shape`, in its order. */
MUST_USE enum err db_query(struct db *db, const char *sql, const struct db_value *params, size_t n,
			   const struct table *shape, struct arena *a, db_row_fn on_row, void *arg);
/* A SELECT of one number; *ret = 0 if it finds no row. */
MUST_USE enum err db_number(struct db *db, const char *sql, const struct db_value *params, size_t n, int64_t *ret);
/* Any other statement, alone in its text; rows that it returns are dropped. *ret_rows (may be NULL) = rows touched. */
MUST_USE enum err db_exec(struct db *db, const char *sql, const struct db_value *params, size_t n, int64_t *ret_rows);

/* Statements of this connection end with ERR_TIMEOUT once the monotonic clock passes it; 0 = none. db_commit and
 * db_rollback are never cut short. */
void db_set_deadline(struct db *db, int64_t mono_us);

/* "" on SQLite, "FOR NO KEY UPDATE" on PostgreSQL: the one engine fragment in store's SQL. */
const char *db_lock_clause(const struct db *db);
/* One writer in this process (SQLite) or many nodes (PostgreSQL). */
bool db_is_shared(const struct db *db);

/* A consistent copy of a running store into a new file, mode 0600, that appears under its name when it is complete
 * (SQLite; PostgreSQL has its own tools: ERR_METHOD_NOT_SUPPORTED). ERR_CONFLICT when `path` is there already. Not
 * inside a transaction; give it a DB_READ connection of its own, others write on meanwhile. `progress` (may be NULL)
 * is told pages done and in all. */
MUST_USE enum err db_backup(struct db *db, const char *path, void (*progress)(void *arg, int64_t done, int64_t all),
			    void *arg);
/* SQLite's integrity_check and foreign_key_check, PostgreSQL's own marks of what is broken; OK when the store is sound,
 * ERR_STORE_FAILED (and a log line for each of the first findings) when it is not. */
MUST_USE enum err db_check(struct db *db);

struct db_stats {
	int64_t wal_bytes;     /* of the log in use, as of the last commit or brake */
	int64_t pages_written; /* by this connection's commits */
	int64_t checkpoints;   /* passive ones, by the connection's own thread */
	int64_t brakes;	       /* by the committing connection, because the log had passed its limit */
};
/* Of a DB_WRITE connection of SQLite; zeroes for others. May be called by any thread while the connection is open. */
void db_stats(const struct db *db, struct db_stats *ret);

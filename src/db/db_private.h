/* db/db_private.h: what an engine offers to db.c; for src/db and its tests only.
 *
 * An engine is one const struct of functions. Its connection begins with struct db, which db.c keeps: whether a
 * transaction is open and whether a statement in it has failed. Engines map their own codes to enum err, log the
 * engine's message once, never a bound value, and set tx_failed when the open transaction is spoilt. */
#pragma once

#include "base/buf.h"
#include "db/db.h"

struct db_engine;

struct db {
	const struct db_engine *engine;
	enum db_mode mode;
	bool in_tx, tx_failed;
	bool in_read; /* a db_row_fn is being called */
	int64_t deadline_us;
	void (*meanwhile)(void *arg); /* see db_meanwhile; NULL = nothing to do */
	void *meanwhile_arg;
};

enum db_write { DB_INSERT, DB_UPDATE, DB_DELETE };

/* Where the rows of a read go. */
struct db_sink {
	const struct table *shape;
	struct arena *arena;
	db_row_fn on_row;
	void *arg;
};

struct db_parameters {
	const struct db_value *values;
	size_t n;
};

/* Words of sql/ that have another name in an engine; the list ends with NULL. */
struct db_word {
	const char *text, *here;
};

struct db_engine {
	const char *name; /* "sqlite": the word that marks its own lines in sql/ */
	const struct db_word *words;
	const char *lock_clause; /* see db_lock_clause */
	bool shared;		 /* see db_is_shared */

	bool (*takes)(const char *uri);
	enum err (*open)(const struct db_options *options, struct db **ret);
	void (*close)(struct db *db);
	enum err (*begin)(struct db *db);
	enum err (*commit)(struct db *db); /* rolls back when it fails */
	void (*rollback)(struct db *db);
	bool (*commit_unknown)(const struct db *db);
	enum err (*lock)(struct db *db, int64_t what); /* see db_lock; NULL = one writer */
	/* see db_notify and db_listen; NULL = one writer */
	enum err (*notify)(struct db *db);
	enum err (*listen)(struct db *db, int wake_fd, int64_t timeout_us, bool *ret_heard);
	enum err (*write)(struct db *db, enum db_write what, const struct table *table, void *const *rows, size_t n);
	enum err (*fetch)(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a);
	enum err (*query)(struct db *db, const char *sql, struct db_parameters params, const struct db_sink *sink);
	enum err (*exec)(struct db *db, const char *sql, struct db_parameters params, int64_t *ret_rows);
	enum err (*run)(struct db *db, const char *sql); /* once, without parameters: of a migration */
	enum err (*backup)(struct db *db, const char *path, void (*progress)(void *arg, int64_t done, int64_t all),
			   void *arg);
	enum err (*check)(struct db *db);
	void (*stats)(const struct db *db, struct db_stats *ret);
};

extern const struct db_engine db_sqlite, db_postgres;

/* One file of sql/; the array is made at build time by tools/embed_sql.py, in order, and ends with version 0. */
struct db_migration {
	int version;
	const char *name, *text;
};
extern const struct db_migration db_migrations[];

MUST_USE enum err db_migrate_to(struct db *db, const struct db_migration *migrations);

/* Takes the next statement of a migration off *text into `out`, as `engine` wants it: without comments, without the
 * lines of other engines, with its own words for types, without the semicolon. False at the end. */
bool db_script_next(struct str *text, const struct db_engine *engine, struct buf *out);

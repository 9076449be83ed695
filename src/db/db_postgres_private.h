/* db/db_postgres_private.h: what the files of the PostgreSQL engine share. No other file may include this or
 * libpq-fe.h.
 *
 * db_postgres.c connects, sets and begins; db_postgres_pipeline.c sends statements and collects their answers;
 * db_postgres_statements.c writes and keeps prepared statements; db_postgres_rows.c moves rows; db_postgres_notify.c
 * wakes other nodes.
 *
 * Everything that is sent is put in a queue of what is expected back, in order. BEGIN, writes and ROLLBACK are sent
 * without waiting; a read, db_exec and COMMIT wait for all that is under way, so a unit of work takes as many round
 * trips as it has reads, and one for all its writes together with its COMMIT. The first answer that is an error is the
 * answer: the server skips what was sent after it, COMMIT included. */
#pragma once

#include "db/db_private.h"

#include <assert.h>
#include <libpq-fe.h>

enum { POSTGRES_BUCKETS = 128, POSTGRES_STATEMENTS_KEPT = 512, POSTGRES_PARAMETERS_MOST = 64 };

/* A prepared statement of one connection, found again by its table, operation and column or, if there is no table, by
 * its text. */
struct pg_statement {
	struct pg_statement *next; /* in the bucket, or among those that are to be freed */
	const struct table *table;
	int operation;
	size_t column;
	uint64_t hash, used_at;
	char name[24];
	size_t parameters;
	Oid types[POSTGRES_PARAMETERS_MOST];
	char text[];
};

enum { PG_INSERT = DB_INSERT, PG_UPDATE = DB_UPDATE, PG_DELETE = DB_DELETE, PG_SELECT, PG_SELECT_LOCKED };

struct pg_statement_key {
	const struct table *table;
	int operation;
	size_t column;
	const char *text; /* when table is NULL */
	const Oid *types; /* of the text's parameters */
	size_t parameters;
};

enum pg_answer_kind {
	PG_DONE,    /* only whether it went well */
	PG_PREPARE, /* the statement is there for the next time */
	PG_WRITE,   /* as many rows as were sent, else the statement itself fails */
	PG_ROWS,    /* into the sink */
	PG_COUNT,   /* how many rows were touched */
	PG_COMMIT,
	PG_SYNC, /* the server has seen everything up to here */
};

struct pg_expected {
	enum pg_answer_kind kind;
	const char *text; /* for the log */
	struct pg_statement *statement;
	const struct db_sink *sink;
	bool ignored; /* of a transaction that is rolled back: how it went does not matter any more */
};

struct postgres {
	struct db db;
	PGconn *conn; /* NULL: not connected */
	char *uri;
	int64_t backoff_us, next_try_us; /* monotonic: no attempt to connect before it */
	bool commit_unknown;
	bool leaving; /* the server is going, or takes no more writes: connect anew */
	bool listening;
	bool timed; /* the open transaction has a statement_timeout */
	struct pg_expected *expected;
	size_t expected_from, expected_count, expected_cap;
	int64_t touched; /* by the last PG_COUNT */
	bool committed;	 /* the last PG_COMMIT was answered with COMMIT */
	struct pg_statement *buckets[POSTGRES_BUCKETS];
	struct pg_statement *gone; /* freed once nothing is expected */
	size_t kept;
	uint64_t uses, names;
	struct buf values; /* parameters of the statement that is being sent */
};

static inline struct postgres *postgres_of(struct db *db)
{
	static_assert(offsetof(struct postgres, db) == 0, "a db of this engine is a postgres");
	return (struct postgres *)db;
}

/* db_postgres.c */

/* Connected, or ERR_STORE_UNAVAILABLE: at once while the last failure is too recent. Not inside a transaction. */
MUST_USE enum err postgres_connected(struct postgres *p);
/* The connection is of no more use: closes it and forgets its statements. Logs `why`. Always ERR_STORE_UNAVAILABLE. */
MUST_USE enum err postgres_lost(struct postgres *p, const char *why);
/* The class of an SQLSTATE, on a connection of that mode. */
MUST_USE enum err postgres_class(enum db_mode mode, const char *sqlstate);

/* db_postgres_pipeline.c */

struct pg_parameters {
	size_t n;
	const Oid *types;
	const char *const *values;
	const int *lengths;
};

/* Sends a prepared statement, after its PREPARE when it is new; nothing waits. */
MUST_USE enum err postgres_send(struct postgres *p, struct pg_statement *statement, bool is_new,
				const struct pg_parameters *parameters, struct pg_expected expected);
/* Sends a text that is not kept. */
MUST_USE enum err postgres_send_text(struct postgres *p, const char *text, const struct pg_parameters *parameters,
				     struct pg_expected expected);
/* Ends what was sent with a Sync and hands it to the socket. */
MUST_USE enum err postgres_sync(struct postgres *p);
/* Waits for all answers. The first error, or what a row function returned. */
MUST_USE enum err postgres_collect(struct postgres *p);
/* Tells the server the deadline of what comes next. */
MUST_USE enum err postgres_send_deadline(struct postgres *p);

/* db_postgres_notify.c: see db_notify and db_listen. */

MUST_USE enum err postgres_notify(struct db *db);
MUST_USE enum err postgres_listen(struct db *db, int wake_fd, int64_t timeout_us, bool *ret_heard);

/* db_postgres_statements.c */

/* Finds or makes; *ret_new says that the server has not seen it. */
MUST_USE enum err postgres_statement(struct postgres *p, const struct pg_statement_key *key, struct pg_statement **ret,
				     bool *ret_new);
/* The server does not have it. */
void postgres_statement_drop(struct postgres *p, struct pg_statement *statement);
/* Forgets all of them. */
void postgres_statements_done(struct postgres *p);
void postgres_statements_free_gone(struct postgres *p);

/* db_postgres_rows.c */

MUST_USE enum err postgres_write(struct db *db, enum db_write what, const struct table *table, void *const *rows,
				 size_t n);
MUST_USE enum err postgres_fetch(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a);
MUST_USE enum err postgres_query(struct db *db, const char *sql, struct db_parameters params,
				 const struct db_sink *sink);
MUST_USE enum err postgres_exec(struct db *db, const char *sql, struct db_parameters params, int64_t *ret_rows);
MUST_USE enum err postgres_run(struct db *db, const char *sql);
/* All rows of a result into the sink. */
MUST_USE enum err postgres_rows(struct postgres *p, const PGresult *result, const struct pg_expected *expected);

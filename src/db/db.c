#include "db/db.h"

#include "base/clock.h"
#include "base/log.h"
#include "db/db_private.h"

static const struct db_engine *const engines[] = { &db_sqlite, &db_postgres };

enum err db_open(const struct db_options *options, struct db **ret)
{
	for (size_t i = 0; i < ARRAY_LEN(engines); i++)
		if (engines[i]->takes(options->uri))
			return engines[i]->open(options, ret);
	log_error("db.failed", "message=\"no engine for this uri\"");
	return ERR_CONFIG;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	db_rollback(db);
	db->engine->close(db);
}

/* What every statement is asked first. */
static enum err admit(const struct db *db)
{
	must(!db->in_read);
	if (db->tx_failed)
		return ERR_STORE_FAILED;
	if (db->deadline_us && clock_mono_us() >= db->deadline_us)
		return ERR_TIMEOUT;
	return OK;
}

enum err db_begin(struct db *db)
{
	enum err e;

	must(!db->in_tx);
	if ((e = admit(db)) || (e = db->engine->begin(db)))
		return e;
	db->in_tx = true;
	return OK;
}

enum err db_commit(struct db *db)
{
	must(db->in_tx && !db->in_read);
	if (db->tx_failed) {
		db_rollback(db);
		return ERR_STORE_FAILED;
	}
	db->in_tx = false;
	return db->engine->commit(db);
}

void db_rollback(struct db *db)
{
	must(!db->in_read);
	if (!db->in_tx)
		return;
	db->engine->rollback(db);
	db->in_tx = false;
	db->tx_failed = false;
}

bool db_commit_unknown(const struct db *db)
{
	return db->engine->commit_unknown(db);
}

static enum err write_rows(struct db *db, enum db_write what, const struct table *table, void *const *rows, size_t n)
{
	enum err e = admit(db);

	/* Outside a transaction a set could be written by half. */
	must(db->in_tx);
	if (e || n == 0)
		return e;
	return db->engine->write(db, what, table, rows, n);
}

enum err db_insert(struct db *db, const struct table *table, void *const *rows, size_t n)
{
	return write_rows(db, DB_INSERT, table, rows, n);
}

enum err db_update(struct db *db, const struct table *table, void *const *rows, size_t n)
{
	return write_rows(db, DB_UPDATE, table, rows, n);
}

enum err db_delete(struct db *db, const struct table *table, void *const *rows, size_t n)
{
	return write_rows(db, DB_DELETE, table, rows, n);
}

enum err db_lock(struct db *db, enum db_lock_of what)
{
	enum err e = admit(db);

	must(db->in_tx);
	return e || !db->engine->lock ? e : db->engine->lock(db, what);
}

enum err db_notify(struct db *db)
{
	enum err e = admit(db);

	must(db->in_tx);
	return e || !db->engine->notify ? e : db->engine->notify(db);
}

enum err db_listen(struct db *db, int wake_fd, int64_t timeout_us, bool *ret_heard)
{
	must(!db->in_tx && db->engine->listen);
	return db->engine->listen(db, wake_fd, timeout_us, ret_heard);
}

enum err db_fetch_many(struct db *db, const struct db_fetch *fetches, size_t count, struct arena *a)
{
	enum err e = admit(db);
	size_t keys = 0;

	for (size_t i = 0; i < count; i++) {
		must(fetches[i].column < fetches[i].table->count);
		keys += fetches[i].n;
	}
	if (e || keys == 0)
		return e;
	db->in_read = true;
	e = db->engine->fetch(db, fetches, count, a);
	db->in_read = false;
	return e;
}

void db_meanwhile(struct db *db, void (*fn)(void *arg), void *arg)
{
	db->meanwhile = fn;
	db->meanwhile_arg = arg;
}

enum err db_fetch(struct db *db, const struct table *table, size_t column, const struct db_value *keys, size_t n,
		  struct arena *a, db_row_fn on_row, void *arg)
{
	const struct db_fetch fetch = { table, column, keys, n, on_row, arg };

	return db_fetch_many(db, &fetch, 1, a);
}

enum err db_query(struct db *db, const char *sql, const struct db_value *params, size_t n, const struct table *shape,
		  struct arena *a, db_row_fn on_row, void *arg)
{
	struct db_sink sink = { .shape = shape, .arena = a, .on_row = on_row, .arg = arg };
	enum err e = admit(db);

	if (e)
		return e;
	db->in_read = true;
	e = db->engine->query(db, sql, (struct db_parameters){ params, n }, &sink);
	db->in_read = false;
	return e;
}

static const struct column number_columns[] = { { "number", COL_I64, 0, 0 } };
static const struct table number_shape = TABLE("", int64_t, number_columns, 1, 0);

static enum err number_seen(void *arg, void *row)
{
	*(int64_t *)arg = *(const int64_t *)row;
	return OK;
}

enum err db_number(struct db *db, const char *sql, const struct db_value *params, size_t n, int64_t *ret)
{
	int64_t number = 0;
	struct arena a;

	arena_init(&a);
	enum err e = db_query(db, sql, params, n, &number_shape, &a, number_seen, &number);
	arena_done(&a);
	if (!e)
		*ret = number;
	return e;
}

enum err db_exec(struct db *db, const char *sql, const struct db_value *params, size_t n, int64_t *ret_rows)
{
	enum err e = admit(db);

	return e ? e : db->engine->exec(db, sql, (struct db_parameters){ params, n }, ret_rows);
}

void db_set_deadline(struct db *db, int64_t mono_us)
{
	db->deadline_us = mono_us;
}

const char *db_lock_clause(const struct db *db)
{
	return db->engine->lock_clause;
}

bool db_is_shared(const struct db *db)
{
	return db->engine->shared;
}

enum err db_backup(struct db *db, const char *path, void (*progress)(void *arg, int64_t done, int64_t all), void *arg)
{
	must(!db->in_tx && !db->in_read);
	return db->engine->backup(db, path, progress, arg);
}

enum err db_check(struct db *db)
{
	enum err e = admit(db);

	return e ? e : db->engine->check(db);
}

void db_stats(const struct db *db, struct db_stats *ret)
{
	db->engine->stats(db, ret);
}

struct db_value db_value_of(const struct column *column, const void *row)
{
	const void *at = (const char *)row + column->offset;
	struct db_value value = { .type = column->type };

	switch (column->type) {
	case COL_I64:
	case COL_REF:
		value.i = *(const int64_t *)at;
		break;
	case COL_INT:
		value.i = *(const int *)at;
		break;
	case COL_TEXT:
	case COL_BLOB:
		value.s = *(const struct str *)at;
		break;
	}
	return value;
}

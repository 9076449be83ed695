#include "store/nodes.h"

#include "base/clock.h"
#include "base/limits.h"

#include <stdio.h>

static const int64_t lease_us = SECONDS_US(15);
static const char all_sql[] =
	"SELECT slot, fence, id_high, batch_no, lease_until, key_known, key_used, address FROM nodes "
	"ORDER BY slot";

struct node_scan {
	struct node rows[LIMIT_NODE_SLOTS];
	bool seen[LIMIT_NODE_SLOTS];
};

static enum err node_seen(void *arg, void *row)
{
	struct node_scan *scan = arg;
	const struct node *node = row;

	if (node->slot >= 0 && node->slot < LIMIT_NODE_SLOTS) {
		scan->rows[node->slot] = *node;
		scan->rows[node->slot].address = STR_NONE;
		scan->seen[node->slot] = true;
	}
	return OK;
}

static enum err node_row(void *arg, void *row)
{
	struct node *node = arg;

	*node = *(const struct node *)row;
	node->address = STR_NONE; /* it goes with the arena; whoever takes the slot is called elsewhere */
	return OK;
}

/* The row as it is once everybody who is writing it has finished: locked. `ret` keeps its fence 0 without a row. */
static enum err node_lock(struct db *db, int slot, struct node *ret)
{
	const struct db_value key = DB_I64(slot);
	struct arena a;

	arena_init(&a);
	enum err e = db_fetch(db, &table_nodes, 0, &key, 1, &a, node_row, ret);
	arena_done(&a);
	return e;
}

int64_t node_token(const struct node *node)
{
	return node->fence * LIMIT_NODE_SLOTS + node->slot;
}

enum err store_wall_us(struct db *db, int64_t *ret_us)
{
	static const char sql[] = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";

	*ret_us = clock_wall_us();
	return db_is_shared(db) ? db_number(db, sql, NULL, 0, ret_us) : OK;
}

enum err nodes_each(struct db *db, struct arena *a, db_row_fn on_node, void *arg)
{
	return db_query(db, all_sql, NULL, 0, &table_nodes, a, on_node, arg);
}

enum err node_take(struct db *db, int64_t wall_us, struct node *ret)
{
	struct node_scan scan = { 0 };
	struct arena a;
	enum err e = db_lock(db, DB_LOCK_NODES);

	if (e)
		return e;
	arena_init(&a);
	e = nodes_each(db, &a, node_seen, &scan);
	arena_done(&a);
	for (int slot = 0; slot < LIMIT_NODE_SLOTS && !e; slot++) {
		struct node node = { .slot = slot };
		void *row = &node;

		if (db_is_shared(db) && scan.rows[slot].lease_until > wall_us)
			continue;
		if ((e = node_lock(db, slot, &node)))
			return e;
		/* It was not dead: it has written while we waited. */
		if (db_is_shared(db) && node.lease_until > wall_us)
			continue;
		node.fence++;
		node.lease_until = wall_us + lease_us;
		e = (scan.seen[slot] ? db_update : db_insert)(db, &table_nodes, &row, 1);
		if (!e)
			e = db_notify(db);
		if (!e)
			*ret = node;
		return e;
	}
	return e ? e : ERR_BUSY;
}

enum err node_beat(struct db *db, struct node *node, int64_t wall_us)
{
	struct node next = *node;
	void *row = &next;

	next.batch_no++;
	next.lease_until = wall_us + lease_us;
	enum err e = db_update(db, &table_held_nodes, &row, 1);

	if (!e)
		*node = next;
	return e;
}

enum err node_publish(struct db *db, const struct node *node, struct str address)
{
	static const char sql[] = "UPDATE nodes SET address = $3 WHERE slot = $1 AND fence = $2";
	const struct db_value params[] = { DB_I64(node->slot), DB_I64(node->fence), DB_TEXT(address) };
	enum err e = db_begin(db);

	if (e)
		return e;
	e = db_exec(db, sql, params, ARRAY_LEN(params), NULL);
	if (!e)
		e = db_notify(db);
	if (!e)
		e = db_commit(db);
	if (e)
		db_rollback(db);
	return e;
}

enum err node_check(struct db *db, const struct node *node, bool *ret_ours, bool *ret_written)
{
	struct node row = { .slot = node->slot };
	enum err e = db_begin(db);

	if (e)
		return e;
	e = node_lock(db, node->slot, &row);
	db_rollback(db);
	if (e)
		return e;
	*ret_ours = row.fence == node->fence;
	*ret_written = *ret_ours && row.batch_no == node->batch_no;
	return OK;
}

struct key_scan {
	int key_id;
	bool used;
	struct node others[LIMIT_NODE_SLOTS];
	size_t count;
};

static enum err key_seen(void *arg, void *row)
{
	struct key_scan *scan = arg;
	const struct node *node = row;
	bool has = node->key_used == scan->key_id || (!scan->used && node->key_known == scan->key_id);

	if (!has && scan->count < LIMIT_NODE_SLOTS)
		scan->others[scan->count++] = *node;
	return OK;
}

/* Whose row somebody is writing is not dead. */
static enum err take_from_dead(struct db *db, const struct node *node, int64_t wall_us, bool *ret_taken)
{
	const struct db_value params[] = { DB_I64(node->slot), DB_I64(node->fence), DB_I64(wall_us) };
	const char *lock = db_lock_clause(db);
	char sql[256];
	int64_t rows = 0;

	(void)snprintf(sql, sizeof(sql),
		       "UPDATE nodes SET fence = fence + 1 WHERE slot IN (SELECT slot FROM nodes WHERE slot = $1 AND "
		       "fence = $2 AND lease_until <= $3 %s%s)",
		       lock, *lock ? " SKIP LOCKED" : "");
	enum err e = db_exec(db, sql, params, ARRAY_LEN(params), &rows);
	*ret_taken = !e && rows == 1;
	return e;
}

enum err nodes_have_key(struct db *db, int key_id, bool used, int64_t wall_us, bool *ret)
{
	struct key_scan scan = { .key_id = key_id, .used = used };
	struct arena a;

	arena_init(&a);
	enum err e = nodes_each(db, &a, key_seen, &scan);
	arena_done(&a);
	*ret = true;
	for (size_t i = 0; i < scan.count && !e; i++) {
		bool taken = false;

		e = take_from_dead(db, &scan.others[i], wall_us, &taken);
		*ret = *ret && taken;
	}
	return e;
}

enum err node_leave(struct db *db, struct node *node)
{
	struct node gone = *node;
	void *row = &gone;
	enum err e = db_begin(db);

	if (e)
		return e;
	gone.lease_until = 0;
	e = db_update(db, &table_held_nodes, &row, 1);
	if (!e)
		e = db_notify(db);
	if (!e)
		e = db_commit(db);
	if (e)
		db_rollback(db);
	return e;
}

static const struct column setting_columns[] = {
	{ "name", COL_TEXT, offsetof(struct setting, name), 0 },
	{ "value", COL_TEXT, offsetof(struct setting, value), 0 },
};
const struct table table_settings = TABLE("settings", struct setting, setting_columns, 1, 0);

static enum err setting_seen(void *arg, void *row)
{
	*(struct str *)arg = ((struct setting *)row)->value;
	return OK;
}

enum err setting_get(struct db *db, struct arena *a, const char *name, struct str *ret)
{
	const struct db_value key = DB_TEXT(str_of(name));

	*ret = STR_NONE;
	return db_fetch(db, &table_settings, 0, &key, 1, a, setting_seen, ret);
}

enum err setting_put(struct db *db, const char *name, struct str value)
{
	static const char sql[] = "INSERT INTO settings (name, value) VALUES ($1, $2) "
				  "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
	const struct db_value params[] = { DB_TEXT(str_of(name)), DB_TEXT(value) };

	return db_exec(db, sql, params, ARRAY_LEN(params), NULL);
}

enum err version_get(struct db *db, const char *name, int64_t *ret)
{
	struct arena a;
	struct str text;

	arena_init(&a);
	enum err e = setting_get(db, &a, name, &text);
	*ret = 0;
	if (!e && text.p)
		e = str_to_i64(text, 0, INT64_MAX, ret);
	arena_done(&a);
	return e;
}

enum err version_grow(struct db *db, const char *name)
{
	static const char sql[] = "INSERT INTO settings (name, value) VALUES ($1, '1') ON CONFLICT (name) DO UPDATE "
				  "SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT)";
	const struct db_value params[] = { DB_TEXT(str_of(name)) };

	return db_exec(db, sql, params, ARRAY_LEN(params), NULL);
}

enum err setting_remove(struct db *db, const char *name)
{
	const struct db_value params[] = { DB_TEXT(str_of(name)) };

	return db_exec(db, "DELETE FROM settings WHERE name = $1", params, ARRAY_LEN(params), NULL);
}

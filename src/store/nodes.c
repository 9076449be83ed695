#include "store/nodes.h"

#include "base/clock.h"
#include "base/limits.h"

static const int64_t lease_us = SECONDS_US(15);

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
		scan->seen[node->slot] = true;
	}
	return OK;
}

enum err node_take(struct db *db, int64_t wall_us, struct node *ret)
{
	static const char sql[] = "SELECT slot, fence, id_high, batch_no, lease_until FROM nodes";
	struct node_scan scan = { 0 };
	struct arena a;

	arena_init(&a);
	enum err e = db_query(db, sql, NULL, 0, &table_nodes, &a, node_seen, &scan);
	arena_done(&a);
	if (e)
		return e;
	for (int slot = 0; slot < LIMIT_NODE_SLOTS; slot++) {
		struct node node = scan.seen[slot] ? scan.rows[slot] : (struct node){ .slot = slot };
		void *row = &node;

		if (db_is_shared(db) && node.lease_until > wall_us)
			continue;
		node.fence++;
		node.lease_until = wall_us + lease_us;
		e = (scan.seen[slot] ? db_update : db_insert)(db, &table_nodes, &row, 1);
		if (!e)
			*ret = node;
		return e;
	}
	return ERR_BUSY;
}

enum err node_beat(struct db *db, struct node *node, int64_t wall_us)
{
	static const char sql[] = "UPDATE nodes SET id_high = $1, batch_no = $2, lease_until = $3 "
				  "WHERE slot = $4 AND fence = $5";
	const struct db_value params[] = { DB_I64(node->id_high), DB_I64(node->batch_no + 1),
					   DB_I64(wall_us + lease_us), DB_I64(node->slot), DB_I64(node->fence) };
	int64_t rows = 0;
	enum err e = db_exec(db, sql, params, ARRAY_LEN(params), &rows);

	if (!e && rows != 1)
		e = ERR_CONFLICT;
	if (!e)
		node->batch_no++;
	return e;
}

struct setting {
	struct str name, value;
};

static const struct column setting_columns[] = {
	{ "name", COL_TEXT, offsetof(struct setting, name), 0 },
	{ "value", COL_TEXT, offsetof(struct setting, value), 0 },
};
static const struct table table_settings = TABLE("settings", struct setting, setting_columns, 1, 0);

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

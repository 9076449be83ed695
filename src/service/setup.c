#include "service/setup.h"

#include "db/db.h"
#include "store/nodes.h"

static const char setting[] = "store_kind";

static enum err read_kind(struct db *db, enum store_kind fresh, enum store_kind *ret)
{
	struct arena a;
	struct str text = STR_NONE;

	arena_init(&a);
	enum err e = db_lock(db, DB_LOCK_SETTINGS);
	if (!e)
		e = setting_get(db, &a, setting, &text);
	enum store_kind kind = text.p ? (str_is(text, "sandbox") ? STORE_SANDBOX : STORE_LIVE) : fresh;
	if (!e && !text.p)
		e = setting_put(db, setting, fresh == STORE_SANDBOX ? STR("sandbox") : STR("live"));
	arena_done(&a);
	if (!e)
		*ret = kind;
	return e;
}

enum err store_setup(const char *uri, enum store_kind fresh, enum store_kind *ret)
{
	struct db *db;
	enum err e = db_open(&(struct db_options){ .uri = uri, .mode = DB_WRITE }, &db);

	if (e)
		return e;
	e = db_migrate(db);
	if (!e)
		e = db_begin(db);
	if (!e) {
		e = read_kind(db, fresh, ret);
		if (!e)
			e = db_commit(db);
		if (e)
			db_rollback(db);
	}
	db_close(db);
	return e;
}

#include "service/store_key.h"

#include "store/nodes.h"

static const char setting[] = "master_key_check";

static struct str label(void)
{
	return STR("master key");
}

static enum err write_word(struct db *db, const struct keys *keys, struct arena *a)
{
	struct str sealed = crypto_seal(keys, a, label(), STR("bodega"));
	struct buf text;

	buf_init(&text, 256);
	buf_base64(&text, sealed.p, sealed.n);
	enum err e = setting_put(db, setting, buf_view(&text));
	buf_done(&text);
	return e;
}

static enum err check(struct db *db, const struct keys *keys, struct arena *a)
{
	struct str text, sealed, plain;
	enum err e = db_lock(db, DB_LOCK_SETTINGS);

	if (!e)
		e = setting_get(db, a, setting, &text);
	if (e)
		return e;
	if (!text.p)
		return write_word(db, keys, a);
	if (crypto_unbase64(a, text, &sealed))
		return ERR_SEALED;
	return crypto_open(keys, a, label(), sealed, &plain);
}

enum err store_key_check(struct db *db, const struct keys *keys)
{
	struct arena a;
	enum err e = db_begin(db);

	if (e)
		return e;
	arena_init(&a);
	e = check(db, keys, &a);
	if (!e)
		e = db_commit(db);
	if (e)
		db_rollback(db);
	arena_done(&a);
	return e;
}

#include "service/store_key.h"

#include "store/nodes.h"

static const char word_setting[] = "master_key_check", next_setting[] = "master_key_next",
		  previous_setting[] = "master_key_previous", pepper_setting[] = "master_key_pepper",
		  rotation_setting[] = "master_key_rotation";

enum { NUMBERS = 8 };

static enum err put_sealed(struct db *db, const struct keys *keys, struct arena *a, const char *setting,
			   const char *label, struct str plain)
{
	struct str sealed = crypto_seal(keys, a, str_of(label), plain);
	struct buf text;

	buf_init(&text, 256);
	buf_base64(&text, sealed.p, sealed.n);
	enum err e = setting_put(db, setting, buf_view(&text));
	buf_done(&text);
	return e;
}

/* Absent when there is no such setting. ERR_SEALED when no key opens it. */
static enum err get_sealed(struct db *db, const struct keys *keys, struct arena *a, const char *setting,
			   const char *label, struct str *ret)
{
	struct str text, sealed;
	enum err e = setting_get(db, a, setting, &text);

	*ret = STR_NONE;
	if (e || !text.p)
		return e;
	if (crypto_unbase64(a, text, &sealed))
		return ERR_SEALED;
	return crypto_open(keys, a, str_of(label), sealed, ret);
}

static enum err get_key(struct db *db, const struct keys *keys, struct arena *a, const char *setting, const char *label,
			struct str *ret)
{
	enum err e = get_sealed(db, keys, a, setting, label, ret);

	return !e && ret->p && ret->n != KEY_BYTES ? ERR_SEALED : e;
}

static struct str bytes_of(const unsigned char key[static KEY_BYTES])
{
	return (struct str){ (const char *)key, KEY_BYTES };
}

/* ---- the rotation's own row ---- */

enum err rotation_get(struct db *db, struct arena *a, struct rotation *ret)
{
	int64_t numbers[NUMBERS] = { 0 };
	struct str text;
	enum err e = setting_get(db, a, rotation_setting, &text);

	for (size_t i = 0; i < NUMBERS && text.n && !e; i++)
		e = str_to_i64(str_cut(&text, ' '), INT64_MIN, INT64_MAX, &numbers[i]);
	*ret = (struct rotation){ .begun_us = numbers[0],
				  .stage = (int)numbers[1],
				  .column = numbers[2],
				  .after = { numbers[3], numbers[4], numbers[5] },
				  .changed = numbers[6],
				  .looked = numbers[7] };
	return e;
}

enum err rotation_put(struct db *db, const struct rotation *r)
{
	struct buf text;

	buf_init(&text, 256);
	buf_printf(&text, "%lld %d %lld %lld %lld %lld %lld %lld", (long long)r->begun_us, r->stage,
		   (long long)r->column, (long long)r->after[0], (long long)r->after[1], (long long)r->after[2],
		   (long long)r->changed, (long long)r->looked);
	enum err e = setting_put(db, rotation_setting, buf_view(&text));
	buf_done(&text);
	return e;
}

/* ---- learning ---- */

/* The key that this process was started with is the new one. */
static enum err learn_previous(struct db *db, const struct keys *keys, struct arena *a)
{
	struct str previous;
	enum err e = get_key(db, keys, a, previous_setting, "master key previous", &previous);

	return !e && previous.p ? key_ring_learn(keys, (const unsigned char *)previous.p) : e;
}

enum err store_key_learn(struct db *db, const struct keys *keys, struct arena *a, unsigned char *ret_id)
{
	unsigned char seal[KEY_BYTES];
	struct str next;
	struct rotation r;
	enum err e = rotation_get(db, a, &r);

	(void)key_ring_sealing(keys, ret_id);
	if (e || !r.begun_us)
		return e;
	e = get_key(db, keys, a, next_setting, "master key next", &next);
	if (e == ERR_SEALED)
		return learn_previous(db, keys, a);
	if (e || !next.p)
		return e;
	keys_derive_seal((const unsigned char *)next.p, seal);
	e = key_ring_learn(keys, seal);
	*ret_id = keys_id(seal);
	if (!e && r.stage >= ROTATION_SEALING)
		key_ring_use(keys, *ret_id);
	crypto_wipe_str(next);
	crypto_wipe(seal, sizeof(seal));
	return e;
}

static enum err check(struct db *db, const struct keys *keys, struct arena *a)
{
	struct str word, pepper;
	unsigned char id;
	enum err e = db_lock(db, DB_LOCK_SETTINGS);

	if (!e)
		e = store_key_learn(db, keys, a, &id);
	if (!e)
		e = get_sealed(db, keys, a, word_setting, "master key", &word);
	if (e)
		return e;
	if (!word.p)
		return put_sealed(db, keys, a, word_setting, "master key", STR("bodega"));
	e = get_key(db, keys, a, pepper_setting, "pepper", &pepper);
	if (!e && pepper.p)
		key_ring_use_pepper(keys, (const unsigned char *)pepper.p);
	return e;
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

enum err store_key_follow(struct db *db, const struct keys *keys)
{
	struct arena a;
	unsigned char id;
	enum err e = db_begin(db);

	if (e)
		return e;
	arena_init(&a);
	e = store_key_learn(db, keys, &a, &id);
	db_rollback(db);
	arena_done(&a);
	return e;
}

/* ---- changing ---- */

enum err store_key_offer(struct db *db, const struct keys *keys, struct arena *a,
			 const unsigned char master[static KEY_BYTES])
{
	struct keys next = { .ring = NULL };
	unsigned char id;
	enum err e = put_sealed(db, keys, a, next_setting, "master key next", bytes_of(master));

	keys_derive_seal(master, next.seal);
	next.key_id = keys_id(next.seal);
	if (!e)
		e = put_sealed(db, &next, a, previous_setting, "master key previous",
			       bytes_of(key_ring_sealing(keys, &id)));
	if (!e)
		e = put_sealed(db, &next, a, pepper_setting, "pepper", bytes_of(key_ring_pepper(keys)));
	crypto_wipe(&next, sizeof(next));
	return e;
}

enum err store_key_offered(struct db *db, const struct keys *keys, struct arena *a,
			   unsigned char ret_master[static KEY_BYTES])
{
	struct str next;
	enum err e = get_key(db, keys, a, next_setting, "master key next", &next);

	if (e || !next.p)
		return e ? e : ERR_NOT_FOUND;
	memcpy(ret_master, next.p, KEY_BYTES);
	crypto_wipe_str(next);
	return OK;
}

enum err store_key_settle(struct db *db, const struct keys *keys, struct arena *a)
{
	static const char *const over[] = { next_setting, previous_setting, rotation_setting };
	enum err e = put_sealed(db, keys, a, word_setting, "master key", STR("bodega"));

	for (size_t i = 0; i < ARRAY_LEN(over) && !e; i++)
		e = setting_remove(db, over[i]);
	return e;
}

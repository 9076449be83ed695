#include "service/key_rotation.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/reader.h"
#include "service/seals.h"
#include "store/nodes.h"
#include "store/reseal.h"
#include "store/transfer.h"

#include <stddef.h>

static void nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

/* The keys that the process has know what was committed, and nothing else. */
static void follow(struct engine *e, void *arg)
{
	const struct key_rotation *c = arg;
	unsigned char seal[KEY_BYTES];

	keys_derive_seal(c->master, seal);
	if (key_ring_learn(engine_keys(e), seal) == OK && c->at.stage >= ROTATION_SEALING)
		key_ring_use(engine_keys(e), keys_id(seal));
	crypto_wipe(seal, sizeof(seal));
}

/* ---- begin ---- */

/* Ids are one byte: a key that looks like one that is known would not be told from it. */
static enum err make_master(const struct keys *keys, unsigned char ret[static KEY_BYTES])
{
	unsigned char seal[KEY_BYTES];
	enum err e = ERR_BUSY;

	for (int tries = 0; e && tries < 1000; tries++) {
		crypto_random(ret, KEY_BYTES);
		keys_derive_seal(ret, seal);
		e = key_ring_opening(keys, keys_id(seal)) ? ERR_BUSY : OK;
	}
	crypto_wipe(seal, sizeof(seal));
	return e;
}

static enum err begin_decide(struct unit *u, struct key_rotation *c)
{
	enum err e = db_lock(u->db, DB_LOCK_SETTINGS);

	if (!e)
		e = rotation_get(u->db, &u->arena, &c->at);
	if (e)
		return e;
	if (c->at.begun_us)
		return store_key_offered(u->db, u->keys, &u->arena, c->master);
	e = make_master(u->keys, c->master);
	c->at = (struct rotation){ .begun_us = u->wall_us, .stage = ROTATION_BEGUN };
	if (!e)
		e = store_key_offer(u->db, u->keys, &u->arena, c->master);
	if (!e)
		e = rotation_put(u->db, &c->at);
	return e;
}

static enum err begin_act(struct unit *u, struct task *t)
{
	struct key_rotation *c = t->command;
	enum err e = begin_decide(u, c);

	if (!e) {
		unit_after_commit(u, follow, c);
		unit_changed(u, CHANGED_DIRECTORY);
	}
	return audited(u, &c->by, "key.begin", STR("master key"), STR(""), e);
}

/* ---- step ---- */

struct page {
	void **rows;
	size_t count;
};

static enum err row_seen(void *arg, void *row)
{
	struct page *page = arg;

	page->rows[page->count++] = row;
	return OK;
}

static enum err seal_again(struct unit *u, const struct sealed_column *sealed, const void *row, int64_t *changed)
{
	const struct column *column = sealed_column_of(sealed);
	struct str old = db_value_of(column, row).s, plain;
	unsigned char id;

	(void)key_ring_sealing(u->keys, &id);
	if (!old.n || (unsigned char)old.p[0] == id)
		return OK;
	struct str label = sealed->label(&u->arena, row);
	/* Nobody can open it, whatever the key: one more line in the log, and no reason to stop. */
	if (crypto_open(u->keys, &u->arena, label, old, &plain)) {
		log_error("key.damaged", "table=%s seal=\"%.*s\"", sealed->table->name, STR_ARG(label));
		return OK;
	}
	++*changed;
	struct str fresh = crypto_seal(u->keys, &u->arena, label, plain);
	crypto_wipe_str(plain);
	return reseal_write(u->db, sealed->table, column, row, old, fresh);
}

/* A row of the table that has only its key. */
static void *row_at(struct unit *u, const struct table *table, const int64_t key[static SEALED_KEYS])
{
	char *row = arena_alloc(&u->arena, table->row_bytes);

	for (size_t i = 0; i < table->keys; i++) {
		const struct column *column = &table->columns[i];

		if (column->type == COL_I64)
			*(int64_t *)(row + column->offset) = key[i];
		else
			*(int *)(row + column->offset) = (int)key[i];
	}
	return row;
}

static enum err seal_page(struct unit *u, struct rotation *at)
{
	const struct sealed_column *sealed = &sealed_columns[at->column];
	const struct table *table = sealed->table;
	struct page page = { ARENA_ARRAY(&u->arena, void *, TRANSFER_PAGE), 0 };
	bool first = !at->after[0];
	enum err e =
		transfer_page(u->db, table, first ? NULL : row_at(u, table, at->after), &u->arena, row_seen, &page);

	for (size_t i = 0; i < page.count && !e; i++)
		e = seal_again(u, sealed, page.rows[i], &at->changed);
	at->looked += (int64_t)page.count;
	if (page.count < TRANSFER_PAGE) {
		at->column++;
		memset(at->after, 0, sizeof(at->after));
	} else {
		for (size_t i = 0; i < table->keys; i++)
			at->after[i] = db_value_of(&table->columns[i], page.rows[page.count - 1]).i;
	}
	return e;
}

static void end_pass(struct rotation *at)
{
	if (at->changed == 0)
		at->stage = ROTATION_WHOLE;
	at->column = 0;
	at->changed = at->looked = 0;
}

/* Nobody seals with a key that another node does not know; and a pass finds everything only if nobody can write what
 * is sealed with the old one any more when it begins. Every node says so in its row of nodes. */
static enum err others_ready(struct unit *u, struct key_rotation *c)
{
	bool pass_runs = c->at.column || c->at.after[0], ready = true;
	unsigned char id;
	enum err e = pass_runs ? OK : store_key_learn(u->db, u->keys, &u->arena, &id);

	if (!e && !pass_runs)
		e = nodes_have_key(u->db, id, c->at.stage == ROTATION_SEALING, u->wall_us, &ready);
	c->waits = !ready;
	return e;
}

static enum err seal_from_now_on(struct unit *u, struct key_rotation *c)
{
	/* A server that was started with the new key file seals with it already. */
	enum err e = store_key_offered(u->db, u->keys, &u->arena, c->master);

	c->at.stage = ROTATION_SEALING;
	if (!e)
		unit_after_commit(u, follow, c);
	e = e == ERR_SEALED ? OK : e;
	unit_changed(u, CHANGED_DIRECTORY);
	return e ? e : rotation_put(u->db, &c->at);
}

static enum err step_act(struct unit *u, struct task *t)
{
	struct key_rotation *c = t->command;
	enum err e = db_lock(u->db, DB_LOCK_SETTINGS);

	c->waits = false;
	if (!e)
		e = rotation_get(u->db, &u->arena, &c->at);
	if (e)
		return e;
	if (!c->at.begun_us)
		return ERR_ILLEGAL_STATE;
	if (c->at.stage == ROTATION_WHOLE)
		return OK;
	e = others_ready(u, c);
	if (e || c->waits)
		return e;
	if (c->at.stage == ROTATION_BEGUN)
		return seal_from_now_on(u, c);
	e = seal_page(u, &c->at);
	if ((size_t)c->at.column == sealed_column_count)
		end_pass(&c->at);
	return e ? e : rotation_put(u->db, &c->at);
}

/* ---- finish, state ---- */

static enum err finish_decide(struct unit *u, struct key_rotation *c)
{
	enum err e = db_lock(u->db, DB_LOCK_SETTINGS);

	if (!e)
		e = rotation_get(u->db, &u->arena, &c->at);
	if (!e && c->at.stage != ROTATION_WHOLE)
		e = ERR_ILLEGAL_STATE;
	return e ? e : store_key_settle(u->db, u->keys, &u->arena);
}

static enum err finish_act(struct unit *u, struct task *t)
{
	struct key_rotation *c = t->command;

	return audited(u, &c->by, "key.finish", STR("master key"), STR(""), finish_decide(u, c));
}

static enum err state_read(struct reader *r, struct task *t)
{
	struct key_rotation *c = t->command;
	enum err e = rotation_get(r->db, t->arena, &c->at);

	c->rows = 0;
	for (size_t i = 0; i < sealed_column_count && !e; i++) {
		int64_t count = 0;

		e = transfer_count(r->db, sealed_columns[i].table, &count);
		c->rows += count;
	}
	/* Too many to be counted in time: then it is not known. */
	if (e == ERR_TIMEOUT)
		c->rows = 0;
	return e == ERR_TIMEOUT ? OK : e;
}

const struct verb verb_key_begin = { .name = "key.begin", .need = nothing, .act = begin_act };
const struct verb verb_key_step = { .name = "key.step", .need = nothing, .act = step_act };
const struct verb verb_key_finish = { .name = "key.finish", .need = nothing, .act = finish_act };
const struct verb verb_key_state = { .name = "key.state", .read = state_read };

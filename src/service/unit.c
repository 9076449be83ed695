#include "service/unit.h"

#include "base/limits.h"
#include "service/recent.h"
#include "service/stock_unit.h"
#include "service/unit_map.h"
#include "store/nodes.h"

#include <stdlib.h>

enum { BATCH_BUCKETS = 1024, FEW_BUCKETS = 32 };

struct unit_after {
	struct unit_after *next;
	void (*fn)(struct engine *e, void *arg);
	void *arg;
};

void unit_begin(struct unit *u, struct engine *engine, struct db *db, struct ids *ids, int64_t now_us)
{
	arena_reset(&u->arena);
	u->engine = engine;
	u->db = db;
	u->ids = ids;
	u->now_us = now_us;
	u->wall_us = engine_wall_us(engine);
	u->node = ids ? engine_node(engine) : 0;
	u->changed = 0;
	u->keys = engine_keys(engine);
	u->catalog = engine_catalog(engine);
	u->directory = engine_directory(engine);
	u->map = map_new(&u->arena, db ? BATCH_BUCKETS : FEW_BUCKETS);
	u->row_id = 0;
	u->stock_wants = NULL;
	u->after = NULL;
	u->after_end = &u->after;
}

void unit_end(struct unit *u)
{
	catalog_release(u->catalog);
	directory_release(u->directory);
	u->catalog = NULL;
	u->directory = NULL;
}

void unit_need(struct unit *u, enum noun noun, int64_t key)
{
	map_slot(u, noun, 0, key, STR_NONE);
}

void unit_need_text(struct unit *u, enum noun noun, size_t column, struct str key)
{
	must(noun_is_text(noun, column));
	map_slot(u, noun, column, 0, key);
}

void unit_need_partner(struct unit *u, int64_t partner_id)
{
	if (partner_id)
		unit_need(u, NOUN_COUNTER, partner_id);
}

void unit_none(struct unit *u, enum noun noun, int64_t key)
{
	map_slot(u, noun, 0, key, STR_NONE)->loaded = true;
}

void unit_follow(struct unit *u, int64_t id)
{
	if (id <= u->ids->last)
		return;
	ids_after(u->ids, id);
	u->row_id = 0;
	/* An order must not be older than its id. */
	if (u->now_us < ids_time_us(u->ids->last))
		u->now_us = ids_time_us(u->ids->last);
}

struct arrival {
	struct unit *u;
	enum noun noun;
};

static enum err row_arrived(void *arg, void *row)
{
	struct arrival *arrival = arg;

	if (arrival->noun == NOUN_COUNTER && arrival->u->ids)
		unit_follow(arrival->u, ((const struct counter *)row)->id_high);
	map_add(arrival->u, arrival->noun, noun_table(arrival->noun), row, ENTRY_CLEAN);
	return OK;
}

static int compare_values(const void *a, const void *b)
{
	const struct db_value *x = a, *y = b;

	if (x->type == COL_TEXT)
		return str_cmp(x->s, y->s);
	return (x->i > y->i) - (x->i < y->i);
}

/* The fetch of the pending keys of one column of one noun, sorted: locks are taken in one order everywhere. */
static struct db_fetch fetch_column(struct unit *u, struct slot *pending, enum noun noun, size_t column)
{
	struct db_fetch fetch = { .table = noun_table(noun), .column = column, .on_row = row_arrived };
	size_t count = 0;

	for (struct slot *s = pending; s; s = s->pending)
		count += s->noun == noun && s->column == column && !s->loaded;
	if (count == 0)
		return fetch;
	struct arrival *arrival = ARENA_NEW(&u->arena, struct arrival);
	*arrival = (struct arrival){ u, noun };
	struct db_value *keys = ARENA_ARRAY(&u->arena, struct db_value, count);
	for (struct slot *s = pending; s; s = s->pending) {
		if (s->noun != noun || s->column != column || s->loaded)
			continue;
		keys[fetch.n++] = s->text.p ? DB_TEXT(s->text) : DB_I64(s->key);
		s->loaded = true;
	}
	qsort(keys, count, sizeof(*keys), compare_values);
	fetch.keys = keys;
	fetch.arg = arrival;
	return fetch;
}

enum err unit_load(struct unit *u)
{
	/* Rows that arrive make slots of their own; they are loaded then, and not part of this round. */
	struct slot *pending = u->map->pending;
	struct db_fetch fetches[2 * NOUNS];
	size_t n = 0;

	if (u->ids) /* an image may be newer than what a reader sees */
		recent_fill(engine_recent(u->engine), u);
	u->map->pending = NULL;
	for (int noun = 0; noun < NOUNS; noun++) {
		fetches[n++] = fetch_column(u, pending, (enum noun)noun, 0);
		if (noun_second_key((enum noun)noun))
			fetches[n++] = fetch_column(u, pending, (enum noun)noun, noun_second_key((enum noun)noun));
	}
	return db_fetch_many(u->db, fetches, n, &u->arena);
}

enum err unit_load_for(struct unit *u, struct task *const *tasks, size_t n)
{
	bool more = false;

	for (size_t i = 0; i < n; i++)
		tasks[i]->verb->need(u, tasks[i]);
	enum err e = unit_load(u);
	for (size_t i = 0; i < n && !e; i++) {
		if (tasks[i]->verb->need_more) {
			tasks[i]->verb->need_more(u, tasks[i]);
			more = true;
		}
	}
	if (!e && more)
		e = unit_load(u);
	return e ? e : unit_load_stock(u);
}

static void *first_row(struct slot *s)
{
	struct entry *e = s->first;

	must(s->loaded);
	while (e && e->status == ENTRY_GONE)
		e = e->same_key;
	return e ? e->row : NULL;
}

void *unit_find(struct unit *u, enum noun noun, int64_t key)
{
	return first_row(map_slot(u, noun, 0, key, STR_NONE));
}

void *unit_find_text(struct unit *u, enum noun noun, size_t column, struct str key)
{
	return first_row(map_slot(u, noun, column, 0, key));
}

bool unit_has(struct unit *u, enum noun noun, int64_t key)
{
	const struct slot *s = map_peek(u, noun, key);

	return s && s->loaded;
}

void *unit_next(struct unit *u, void *row)
{
	struct entry *e = entry_of(row)->same_key;

	(void)u;
	while (e && e->status == ENTRY_GONE)
		e = e->same_key;
	return e ? e->row : NULL;
}

static int64_t *version_of(struct entry *e)
{
	if (!e->table->version)
		return NULL;
	return (int64_t *)(void *)(e->row + e->table->columns[e->table->version].offset);
}

/* The key was removed in this unit of work and is there again: the store need not hear of the removal. */
static void revive(struct entry *e, enum noun noun, const void *row)
{
	const struct table *table = noun_table(noun);
	bool is_stored = e->table != NULL;

	must(!table->version);
	memcpy(e->row, row, table->row_bytes);
	e->table = table;
	e->status = !is_stored ? ENTRY_NEW : table->count > table->keys ? ENTRY_DIRTY : ENTRY_CLEAN;
}

void *unit_add(struct unit *u, enum noun noun, const void *row)
{
	must(u->ids);
	struct entry *e = map_add(u, noun, noun_table(noun), row, ENTRY_NEW);

	if (e->status == ENTRY_GONE) {
		revive(e, noun, row);
		return e->row;
	}
	must(e->status == ENTRY_NEW);
	if (version_of(e))
		*version_of(e) = 1;
	return e->row;
}

void unit_touch(struct unit *u, void *row)
{
	struct entry *e = entry_of(row);

	must(u->ids && e->status != ENTRY_GONE);
	if (e->status != ENTRY_CLEAN)
		return;
	e->status = ENTRY_DIRTY;
	if (version_of(e))
		++*version_of(e);
}

void unit_remove(struct unit *u, void *row)
{
	struct entry *e = entry_of(row);

	must(u->ids && e->status != ENTRY_GONE);
	/* A row that was made in this very batch has nothing to delete: it simply is not written. */
	e->table = e->status == ENTRY_NEW ? NULL : e->table;
	e->status = ENTRY_GONE;
}

int64_t unit_id(struct unit *u)
{
	return ids_next(u->ids, u->now_us);
}

int64_t unit_row_id(struct unit *u, enum noun noun)
{
	unsigned tables = 1u << noun | (noun == NOUN_ORDER ? 1u << NOUN_JOB : 0);

	if (!u->row_id || u->row_id_tables & tables) {
		u->row_id = unit_id(u);
		u->row_id_tables = 0;
	}
	u->row_id_tables |= tables;
	return u->row_id;
}

struct account *unit_account(struct unit *u, int64_t id)
{
	struct account *a = unit_find(u, NOUN_ACCOUNT, id);

	if (a || account_parts(id).kind == ACCOUNT_WALLET)
		return a;
	return unit_add(u, NOUN_ACCOUNT, &(struct account){ .id = id });
}

struct counter *unit_counter(struct unit *u, int64_t partner_id)
{
	struct counter *c = unit_find(u, NOUN_COUNTER, partner_id);

	return c ? c : unit_add(u, NOUN_COUNTER, &(struct counter){ .partner_id = partner_id });
}

typedef enum err (*write_fn)(struct db *db, const struct table *table, void *const *rows, size_t n);

/* Writes all rows of a noun that have this status, oldest first (ids ascend: pages fill from the right). */
static enum err flush_status(struct unit *u, enum noun noun, enum entry_status status, write_fn write)
{
	void **rows = ARENA_ARRAY(&u->arena, void *, u->map->row_counts[noun] + 1);
	size_t n = 0;

	for (struct entry *e = u->map->rows[noun]; e; e = e->all)
		if (e->status == status && e->table)
			rows[n++] = e->row;
	return n ? write(u->db, noun_table(noun), rows, n) : OK;
}

/* All that was drawn in this batch: the partner's highest is not higher. */
static void note_highest(struct unit *u)
{
	for (struct entry *e = u->map->rows[NOUN_COUNTER]; e; e = e->all)
		if (e->status == ENTRY_NEW || e->status == ENTRY_DIRTY)
			((struct counter *)(void *)e->row)->id_high = u->ids->last;
}

enum err unit_flush(struct unit *u)
{
	enum err e = OK;

	note_highest(u);
	unit_seal_again(u);
	for (int noun = 0; noun < NOUNS && !e; noun++) {
		e = flush_status(u, (enum noun)noun, ENTRY_NEW, db_insert);
		if (!e)
			e = flush_status(u, (enum noun)noun, ENTRY_DIRTY, db_update);
		if (!e)
			e = flush_status(u, (enum noun)noun, ENTRY_GONE, db_delete);
	}
	/* The catalogue's grows with the batch that becomes active, also when nobody serves. */
	if (!e && u->changed & CHANGED_DIRECTORY)
		e = version_grow(u->db, DIRECTORY_VERSION);
	return e;
}

void unit_changed(struct unit *u, enum unit_change what)
{
	u->changed |= what;
}

void unit_take_job(struct unit *u, struct job *job)
{
	if (!db_is_shared(u->db) || job->owner == u->node)
		return;
	job->owner = u->node;
	job->fence++;
}

void unit_need_own_job(struct unit *u, const struct job *job)
{
	if (u->db && db_is_shared(u->db))
		unit_need(u, NOUN_JOB, job->id);
}

bool unit_owns_job(struct unit *u, const struct job *job)
{
	if (!u->db || !db_is_shared(u->db))
		return true;
	const struct job *row = unit_find(u, NOUN_JOB, job->id);
	return row && row->fence == job->fence;
}

void unit_after_commit(struct unit *u, void (*fn)(struct engine *e, void *arg), void *arg)
{
	struct unit_after *after = ARENA_NEW(&u->arena, struct unit_after);

	*after = (struct unit_after){ NULL, fn, arg };
	*u->after_end = after;
	u->after_end = &after->next;
}

void unit_run_after(struct unit *u)
{
	for (struct unit_after *after = u->after; after; after = after->next)
		after->fn(u->engine, after->arg);
}

void unit_each_written(struct unit *u, enum noun noun, void (*fn)(void *arg, void *row), void *arg)
{
	for (struct entry *e = u->map->rows[noun]; e; e = e->all)
		if (e->status == ENTRY_NEW || e->status == ENTRY_DIRTY)
			fn(arg, e->row);
}

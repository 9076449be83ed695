/* service/unit_stock.c: what a batch of commands takes from stock; service/stock_unit.h. */
#include "service/stock_unit.h"

#include "service/engine.h"
#include "service/unit_map.h"

#include <string.h>

enum { BATCHES_MAX = 64 }; /* of one product that are looked at, oldest first */

struct unit_stock_want {
	struct unit_stock_want *next;
	struct stock_of of;
	bool profiles; /* eSIMs: their ICCIDs are looked up */
	int64_t quantity;
	int64_t batches[BATCHES_MAX]; /* the same for all commands of the batch */
	size_t batch_count;
};

static struct unit_stock_want *want_of(const struct unit *u, struct stock_of of)
{
	struct unit_stock_want *w = u->stock_wants;

	while (w && (w->of.product_id != of.product_id || w->of.sandbox != of.sandbox))
		w = w->next;
	return w;
}

void unit_want_stock(struct unit *u, struct stock_of of, const struct product *p, int64_t quantity)
{
	struct unit_stock_want *w = want_of(u, of);

	if (!w) {
		w = ARENA_NEW(&u->arena, struct unit_stock_want);
		w->of = of;
		w->next = u->stock_wants;
		w->batch_count = stock_book_batches(engine_stock(u->engine), of, w->batches, BATCHES_MAX);
		u->stock_wants = w;
	}
	w->profiles |= p && product_is_profile(p);
	w->quantity += quantity;
}

bool unit_wants_stock(const struct unit *u, struct stock_of of)
{
	const struct unit_stock_want *w = want_of(u, of);

	return w && w->quantity;
}

/* ---- the free units, in the order in which they are taken ---- */

struct cursor {
	const struct unit_stock_want *want;
	size_t at; /* which batch */
	const struct stock_batch *batch;
	const struct stock_returned *returned;
	int64_t place;
};

static void enter_batch(struct unit *u, struct cursor *c)
{
	c->batch = unit_find(u, NOUN_STOCK_BATCH, c->want->batches[c->at]);
	if (!c->batch || c->batch->state != STOCK_ACTIVE) {
		c->batch = NULL;
		return;
	}
	c->returned = c->batch->returned ? unit_find(u, NOUN_STOCK_RETURNED, c->batch->id) : NULL;
	c->place = c->batch->head;
}

/* The id of the next free unit; 0 after the last. */
static int64_t next_free(struct unit *u, struct cursor *c)
{
	for (; c->want && c->at < c->want->batch_count; c->at++, c->batch = NULL) {
		if (!c->batch)
			enter_batch(u, c);
		if (!c->batch)
			continue;
		if (c->returned) {
			int64_t id = stock_id(c->batch->id, c->returned->place);

			c->returned = unit_next(u, (void *)c->returned);
			return id;
		}
		if (c->place <= c->batch->total)
			return stock_id(c->batch->id, c->place++);
	}
	return 0;
}

/* ---- loading ---- */

static void each_row(const struct unit *u, enum noun noun, void (*fn)(struct unit *u, const void *row))
{
	for (struct entry *e = u->map->rows[noun]; e; e = e->all)
		if (e->status != ENTRY_GONE)
			fn((struct unit *)u, e->row);
}

static void need_batch_of_hold(struct unit *u, const void *row)
{
	unit_need(u, NOUN_STOCK_BATCH, stock_batch_of(((const struct stock_hold *)row)->stock_id));
}

static void need_unit_of_hold(struct unit *u, const void *row)
{
	unit_need(u, NOUN_STOCK_UNIT, ((const struct stock_hold *)row)->stock_id);
}

/* Also of batches that have none: what comes back in this very batch of commands is added to what is known. */
static void need_returned(struct unit *u, const void *row)
{
	const struct stock_batch *batch = row;

	if (batch->returned)
		unit_need(u, NOUN_STOCK_RETURNED, batch->id);
	else
		unit_none(u, NOUN_STOCK_RETURNED, batch->id);
}

static void need_free_units(struct unit *u)
{
	for (const struct unit_stock_want *w = u->stock_wants; w; w = w->next) {
		struct cursor c = { .want = w };
		int64_t id;

		for (int64_t n = 0; n < w->quantity && (id = next_free(u, &c)); n++)
			unit_need(u, NOUN_STOCK_UNIT, id);
	}
}

/* ---- profiles ---- */

static enum err open_unit(struct unit *u, int64_t id, struct str *ret);

static struct str iccid_of(struct unit *u, int64_t id)
{
	struct str plain;

	return open_unit(u, id, &plain) ? STR_NONE : profile_iccid(&u->arena, plain);
}

static void need_iccid(struct unit *u, int64_t id)
{
	struct str iccid = iccid_of(u, id);

	if (iccid.p)
		unit_need_text(u, NOUN_ESIM, ESIMS_ICCID, iccid);
}

static bool holds_profile(struct unit *u, const struct stock_hold *h)
{
	const struct order *o = unit_has(u, NOUN_ORDER, h->order_id) ? unit_find(u, NOUN_ORDER, h->order_id) : NULL;
	const struct product *p = o ? engine_product(u->engine, u->catalog, o->product_id, o->product_batch) : NULL;

	return p && product_is_profile(p);
}

static void need_iccid_of_hold(struct unit *u, const void *row)
{
	const struct stock_hold *h = row;

	if (holds_profile(u, h))
		need_iccid(u, h->stock_id);
}

/* Known only once the stock is there: whether somebody has the eSIM already. */
static enum err load_iccids(struct unit *u)
{
	for (const struct unit_stock_want *w = u->stock_wants; w; w = w->next) {
		struct cursor c = { .want = w };
		int64_t id;

		for (int64_t n = 0; w->profiles && n < w->quantity && (id = next_free(u, &c)); n++)
			need_iccid(u, id);
	}
	each_row(u, NOUN_STOCK_HOLD, need_iccid_of_hold);
	return unit_load(u);
}

enum err unit_load_stock(struct unit *u)
{
	if (!u->stock_wants && !u->map->row_counts[NOUN_STOCK_HOLD])
		return OK;
	for (const struct unit_stock_want *w = u->stock_wants; w; w = w->next)
		for (size_t i = 0; i < w->batch_count; i++)
			unit_need(u, NOUN_STOCK_BATCH, w->batches[i]);
	each_row(u, NOUN_STOCK_HOLD, need_batch_of_hold);
	enum err e = unit_load(u);
	if (e)
		return e;
	each_row(u, NOUN_STOCK_BATCH, need_returned);
	each_row(u, NOUN_STOCK_HOLD, need_unit_of_hold);
	e = unit_load(u);
	if (e)
		return e;
	need_free_units(u);
	e = unit_load(u);
	return e ? e : load_iccids(u);
}

/* ---- seals ---- */

struct str stock_unit_label(struct arena *a, int64_t id)
{
	return arena_printf(a, "stock %lld", (long long)id);
}

struct str stock_batch_label(struct arena *a, int64_t batch)
{
	return arena_printf(a, "stock batch %lld", (long long)batch);
}

enum err stock_batch_keys(const struct keys *master, struct arena *a, const struct stock_batch *batch,
			  const struct keys **ret)
{
	struct str plain;
	enum err e = crypto_open(master, a, stock_batch_label(a, batch->id), batch->sealed_key, &plain);

	if (e)
		return e;
	if (plain.n != KEY_BYTES)
		return ERR_SEALED;
	struct keys *keys = ARENA_NEW(a, struct keys);
	memcpy(keys->seal, plain.p, KEY_BYTES);
	*ret = keys;
	return OK;
}

static enum err open_unit(struct unit *u, int64_t id, struct str *ret)
{
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, stock_batch_of(id));
	const struct stock_unit *unit = unit_find(u, NOUN_STOCK_UNIT, id);

	if (!batch || !unit)
		return ERR_SEALED;
	if (!batch->keys) {
		enum err e = stock_batch_keys(u->keys, &u->arena, batch, &batch->keys);

		if (e)
			return e;
	}
	return crypto_open(batch->keys, &u->arena, stock_unit_label(&u->arena, id), unit->body, ret);
}

/* ---- taking and giving back ---- */

int64_t stock_free(struct unit *u, struct stock_of of)
{
	const struct unit_stock_want *w = want_of(u, of);
	int64_t free = 0;

	for (size_t i = 0; w && i < w->batch_count; i++) {
		const struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, w->batches[i]);

		if (batch && batch->state == STOCK_ACTIVE)
			free += batch->free;
	}
	return free;
}

/* Somebody may have bought the same eSIM elsewhere: it is not sold twice. */
static enum err check_profile(struct unit *u, struct str plain)
{
	struct str iccid = profile_iccid(&u->arena, plain);

	if (!iccid.p)
		return ERR_SEALED;
	return unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, iccid) ? ERR_OUT_OF_STOCK : OK;
}

enum err stock_check_seals(struct unit *u, struct stock_of of, int64_t quantity)
{
	struct cursor c = { .want = want_of(u, of) };
	struct str plain;
	enum err e = OK;

	for (int64_t n = 0; n < quantity && !e; n++) {
		int64_t id = next_free(u, &c);
		const struct stock_unit *unit = id ? unit_find(u, NOUN_STOCK_UNIT, id) : NULL;

		e = unit && unit->state == STOCK_FREE ? open_unit(u, id, &plain) : ERR_SEALED;
		if (!e && c.want->profiles)
			e = check_profile(u, plain);
	}
	return e;
}

static void take_one(struct unit *u, int64_t id, int64_t order_id, int no)
{
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, stock_batch_of(id));
	struct stock_unit *unit = unit_find(u, NOUN_STOCK_UNIT, id);

	must(batch && unit && unit->state == STOCK_FREE && batch->free > 0);
	unit->state = STOCK_RESERVED;
	unit->order_id = order_id;
	unit_touch(u, unit);
	batch->free--;
	batch->reserved++;
	if (stock_place_of(id) == batch->head) {
		batch->head++;
	} else {
		struct stock_returned *r = unit_find(u, NOUN_STOCK_RETURNED, batch->id);

		while (r && r->place != stock_place_of(id))
			r = unit_next(u, r);
		must(r);
		unit_remove(u, r);
		batch->returned--;
	}
	unit_touch(u, batch);
	unit_add(u, NOUN_STOCK_HOLD, &(struct stock_hold){ order_id, no, id });
}

/* The largest mark of what is for sale of the product; 0 = none. */
static int64_t low_mark(struct unit *u, struct stock_of of)
{
	const struct unit_stock_want *w = want_of(u, of);
	int64_t mark = 0;

	for (size_t i = 0; w && i < w->batch_count; i++) {
		const struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, w->batches[i]);

		mark = batch && batch->low > mark ? batch->low : mark;
	}
	return mark;
}

/* Operators are told once, by what passes the mark. */
static void tell_if_low(struct unit *u, struct stock_of of, int64_t mark, int64_t before, int64_t now)
{
	if (before < mark || now >= mark)
		return;
	unit_add(u, NOUN_STOCK_EVENT,
		 &(struct stock_event){ .id = unit_id(u),
					.kind = STOCK_FELL_LOW,
					.product_id = of.product_id,
					.sandbox = of.sandbox,
					.remaining = now,
					.mark = mark,
					.created_at = u->now_us });
	unit_add(u, NOUN_TASK,
		 &(struct work_task){ .id = unit_id(u),
				      .kind = TASK_STOCK_LOW,
				      .detail = arena_printf(&u->arena, "product %lld: %lld left in %s stock",
							     (long long)of.product_id, (long long)now,
							     of.sandbox ? "sandbox" : "live"),
				      .state = 1,
				      .created_at = u->now_us });
}

void stock_reserve(struct unit *u, struct stock_of of, int64_t order_id, int64_t quantity)
{
	int64_t before = stock_free(u, of);

	for (int no = 1; no <= quantity; no++) {
		struct cursor c = { .want = want_of(u, of) };

		take_one(u, next_free(u, &c), order_id, no);
	}
	tell_if_low(u, of, low_mark(u, of), before, before - quantity);
}

void stock_void(struct unit *u, struct stock_batch *batch)
{
	struct stock_of of = { batch->product_id, batch->sandbox };
	int64_t before = stock_free(u, of), mark = low_mark(u, of);

	batch->state = STOCK_VOIDED;
	batch->voided += batch->free;
	batch->free = 0;
	unit_touch(u, batch);
	tell_if_low(u, of, mark, before, stock_free(u, of));
}

struct stock_hold *stock_holds(struct unit *u, int64_t order_id)
{
	return unit_find(u, NOUN_STOCK_HOLD, order_id);
}

enum err stock_check_holds(struct unit *u, int64_t order_id)
{
	struct str plain;
	enum err e = OK;

	for (struct stock_hold *h = stock_holds(u, order_id); h && !e; h = unit_next(u, h)) {
		e = open_unit(u, h->stock_id, &plain);
		if (!e && holds_profile(u, h))
			e = check_profile(u, plain);
	}
	return e;
}

struct str stock_sell(struct unit *u, struct stock_hold *hold)
{
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, stock_batch_of(hold->stock_id));
	struct stock_unit *unit = unit_find(u, NOUN_STOCK_UNIT, hold->stock_id);
	struct str plain = STR_NONE;

	must(batch && unit && unit->state == STOCK_RESERVED && unit->order_id == hold->order_id);
	must(open_unit(u, hold->stock_id, &plain) == OK); /* asked before */
	unit->state = STOCK_SOLD;
	unit_touch(u, unit);
	batch->reserved--;
	batch->sold++;
	unit_touch(u, batch);
	unit_remove(u, hold);
	return plain;
}

static void give_back(struct unit *u, struct stock_hold *hold)
{
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, stock_batch_of(hold->stock_id));
	struct stock_unit *unit = unit_find(u, NOUN_STOCK_UNIT, hold->stock_id);

	must(batch && unit && unit->state == STOCK_RESERVED && unit->order_id == hold->order_id);
	unit->state = STOCK_FREE;
	unit->order_id = 0;
	unit_touch(u, unit);
	batch->reserved--;
	if (batch->state == STOCK_ACTIVE) {
		batch->free++;
		batch->returned++;
		unit_add(u, NOUN_STOCK_RETURNED, &(struct stock_returned){ batch->id, stock_place_of(hold->stock_id) });
	} else {
		batch->voided++;
	}
	unit_touch(u, batch);
	unit_remove(u, hold);
}

void stock_release(struct unit *u, int64_t order_id)
{
	for (struct stock_hold *h = stock_holds(u, order_id); h; h = stock_holds(u, order_id))
		give_back(u, h);
}

#include "service/stock.h"

#include "base/limits.h"
#include "core/catalog_query.h"
#include "service/engine.h"
#include "service/order_unit.h"
#include "service/reader.h"
#include "json/writer.h"

#include <stdlib.h>

enum { MARK_BYTES = 16, BODY_BYTES_MAX = 2048 };

const char *stock_state_name(int state)
{
	static const char *const names[] = { "", "loading", "active", "voided", "abandoned" };

	return state > 0 && (size_t)state < ARRAY_LEN(names) ? names[state] : "unknown";
}

static struct str batch_subject(struct unit *u, int64_t batch)
{
	return arena_printf(&u->arena, "stock batch %lld", (long long)batch);
}

/* ---- open ---- */

static void open_need(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err open_decide(struct unit *u, struct stock_open *c)
{
	struct stock_batch row = { .product_id = c->product_id,
				   .sandbox = c->sandbox,
				   .state = STOCK_LOADING,
				   .head = 1,
				   .low = c->low,
				   .note = c->note,
				   .created_at = u->now_us };
	unsigned char key[KEY_BYTES];

	if (!catalog_product(u->catalog, CATALOG_ALL_LISTS, c->product_id))
		return ERR_NOT_FOUND;
	/* Small numbers, because units' ids are made of them. */
	enum err e = db_lock(u->db, DB_LOCK_STOCK);
	if (!e)
		e = stock_batch_last_id(u->db, &row.id);
	if (e)
		return e;
	c->batch = ++row.id;
	crypto_random(key, sizeof(key));
	row.sealed_key = crypto_seal(u->keys, &u->arena, stock_batch_label(&u->arena, row.id),
				     (struct str){ (const char *)key, sizeof(key) });
	crypto_wipe(key, sizeof(key));
	/* At once: another batch that is opened in the same commit counts on it. */
	row.version = 1;
	void *rows[] = { &row };
	return db_insert(u->db, &table_stock_batches, rows, 1);
}

static enum err open_act(struct unit *u, struct task *t)
{
	struct stock_open *c = t->command;

	c->batch = 0;
	enum err e = open_decide(u, c);
	return audited(u, &c->by, "stock.open", batch_subject(u, c->batch),
		       arena_printf(&u->arena, "product %lld%s; %.*s", (long long)c->product_id,
				    c->sandbox ? " sandbox" : "", STR_ARG(c->note)),
		       e);
}

/* ---- fill ---- */

static void fill_need(struct unit *u, const struct task *t)
{
	unit_need(u, NOUN_STOCK_BATCH, ((const struct stock_fill *)t->command)->batch);
}

struct marked {
	unsigned char mark[MARK_BYTES];
	size_t at; /* of the chunk's lines */
};

static int compare_marks(const void *a, const void *b)
{
	return memcmp(a, b, MARK_BYTES);
}

static struct str mark_of(const struct marked *m)
{
	return (struct str){ (const char *)m->mark, MARK_BYTES };
}

/* The same code is the same mark, whatever the product: a code is sold once. A profile is known by its ICCID. */
static struct marked *mark_lines(struct unit *u, const struct stock_fill *c, bool profiles)
{
	struct marked *marks = ARENA_ARRAY(&u->arena, struct marked, c->count + 1);
	unsigned char hash[HASH_BYTES];

	for (size_t i = 0; i < c->count; i++) {
		crypto_keyed_hash(u->keys, profiles ? c->lines[i].serial : c->lines[i].code, hash);
		memcpy(marks[i].mark, hash, MARK_BYTES);
		marks[i].at = i;
	}
	qsort(marks, c->count, sizeof(*marks), compare_marks);
	return marks;
}

static void note_duplicate(struct stock_fill *c, size_t at)
{
	if (c->duplicate_count < STOCK_ERRORS_MAX)
		c->duplicates[c->duplicate_count++] = c->lines[at].line;
}

struct known_scan {
	struct stock_fill *c;
	const struct marked *marks;
};

static enum err known_seen(void *arg, void *row)
{
	const struct known_scan *scan = arg;
	const struct stock_unit *unit = row;
	struct marked key;

	if (unit->mark.n != MARK_BYTES)
		return OK;
	memcpy(key.mark, unit->mark.p, MARK_BYTES);
	const struct marked *found = bsearch(&key, scan->marks, scan->c->count, sizeof(key), compare_marks);
	if (found)
		note_duplicate(scan->c, found->at);
	return OK;
}

static enum err find_duplicates(struct unit *u, struct stock_fill *c, const struct marked *marks)
{
	struct db_value *keys = ARENA_ARRAY(&u->arena, struct db_value, c->count + 1);
	struct known_scan scan = { c, marks };
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		if (i && compare_marks(&marks[i], &marks[i - 1]) == 0)
			note_duplicate(c, marks[i].at > marks[i - 1].at ? marks[i].at : marks[i - 1].at);
		else
			keys[n++] = DB_BLOB(mark_of(&marks[i]));
	}
	return n ? db_fetch(u->db, &table_stock_units, STOCK_UNITS_MARK, keys, n, &u->arena, known_seen, &scan) : OK;
}

static struct str body_of(struct unit *u, const struct stock_line *line)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, BODY_BYTES_MAX * 6);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "code", line->code);
	if (line->serial.n)
		json_str(&w, "serial", line->serial);
	if (line->expires.n)
		json_str(&w, "expires", line->expires);
	json_end(&w);
	struct str body = arena_str(&u->arena, buf_view(&b));
	crypto_wipe(b.p, b.n);
	buf_done(&b);
	return body;
}

static enum err write_units(struct unit *u, const struct stock_fill *c, const struct stock_batch *batch,
			    const struct marked *marks)
{
	struct stock_unit *units = ARENA_ARRAY(&u->arena, struct stock_unit, c->count);
	void **rows = ARENA_ARRAY(&u->arena, void *, c->count);
	const struct keys *keys;
	enum err e = stock_batch_keys(u->keys, &u->arena, batch, &keys);

	for (size_t i = 0; i < c->count && !e; i++) {
		int64_t id = stock_id(batch->id, batch->total + 1 + (int64_t)i);

		units[i] = (struct stock_unit){ .id = id,
						.state = STOCK_FREE,
						.body = crypto_seal(keys, &u->arena, stock_unit_label(&u->arena, id),
								    body_of(u, &c->lines[i])) };
		rows[i] = &units[i];
	}
	for (size_t i = 0; i < c->count && !e; i++)
		units[marks[i].at].mark = mark_of(&marks[i]);
	return e ? e : db_insert(u->db, &table_stock_units, rows, c->count);
}

static enum err profile_known(void *arg, void *row)
{
	struct stock_fill *c = arg;

	for (size_t i = 0; i < c->count; i++)
		if (str_eq(c->lines[i].serial, ((const struct esim *)row)->iccid))
			note_duplicate(c, i);
	return OK;
}

/* Each line is the activation code and the ICCID of an eSIM that nobody has. */
static enum err check_profiles(struct unit *u, struct task *t)
{
	struct stock_fill *c = t->command;
	struct db_value *keys = ARENA_ARRAY(&u->arena, struct db_value, c->count + 1);

	for (size_t i = 0; i < c->count; i++) {
		const struct stock_line *line = &c->lines[i];

		if (!esim_is_iccid(line->serial) || !str_starts(line->code, STR("LPA:1$"))) {
			t->detail = arena_printf(t->arena,
						 "line %zu: an eSIM needs its activation code, LPA:1$..., as the code "
						 "and its ICCID as the serial",
						 line->line);
			return ERR_BAD_REQUEST;
		}
		keys[i] = DB_TEXT(line->serial);
	}
	return c->count ? db_fetch(u->db, &table_esims, ESIMS_ICCID, keys, c->count, &u->arena, profile_known, c) : OK;
}

static enum err fill_act(struct unit *u, struct task *t)
{
	struct stock_fill *c = t->command;
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, c->batch);

	c->duplicate_count = 0;
	if (!batch)
		return ERR_NOT_FOUND;
	if (batch->state != STOCK_LOADING || batch->total != c->expected ||
	    batch->total + (int64_t)c->count > STOCK_PLACES_MAX) {
		t->detail = STR("the batch does not take these lines now");
		return ERR_CONFLICT;
	}
	const struct product *p = catalog_product(u->catalog, CATALOG_ALL_LISTS, batch->product_id);
	bool profiles = p && product_is_profile(p);
	enum err e = profiles ? check_profiles(u, t) : OK;
	if (e)
		return e;
	const struct marked *marks = mark_lines(u, c, profiles);
	e = find_duplicates(u, c, marks);
	if (!e && c->duplicate_count)
		return OK; /* told by the answer, with their lines; nothing is written */
	if (!e)
		e = write_units(u, c, batch, marks);
	if (e)
		return e;
	batch->total += (int64_t)c->count;
	batch->free += (int64_t)c->count;
	unit_touch(u, batch);
	c->total = batch->total;
	return OK;
}

/* ---- flip, void, abandon ---- */

static void turn_need(struct unit *u, const struct task *t)
{
	unit_need(u, NOUN_STOCK_BATCH, ((const struct stock_turn *)t->command)->batch);
}

/* Voiding may leave too little: that is seen against the product's other batches. */
static void turn_need_more(struct unit *u, const struct task *t)
{
	const struct stock_turn *c = t->command;
	const struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, c->batch);

	if (batch && c->to == STOCK_VOIDED)
		unit_want_stock(u, (struct stock_of){ batch->product_id, batch->sandbox }, NULL, 0);
}

static bool turn_allowed(int from, int to)
{
	return (from == STOCK_LOADING && (to == STOCK_ACTIVE || to == STOCK_ABANDONED)) ||
	       (from == STOCK_ACTIVE && to == STOCK_VOIDED) || (from == STOCK_ABANDONED && to == STOCK_ABANDONED);
}

static enum err turn_decide(struct unit *u, struct stock_turn *c)
{
	struct stock_batch *batch = unit_find(u, NOUN_STOCK_BATCH, c->batch);
	int64_t deleted = 0;
	enum err e = OK;

	if (!batch)
		return ERR_NOT_FOUND;
	if (!turn_allowed(batch->state, c->to))
		return ERR_CONFLICT;
	if (c->to == STOCK_ABANDONED)
		e = stock_units_delete(u->db, batch->id, LIMIT_IMPORT_CHUNK_ROWS, &deleted);
	if (e)
		return e;
	if (c->to == STOCK_VOIDED)
		stock_void(u, batch);
	batch->state = c->to;
	if (c->to == STOCK_ABANDONED) {
		batch->total -= deleted;
		batch->free = batch->total;
	}
	unit_touch(u, batch);
	c->row = *batch;
	c->more = c->to == STOCK_ABANDONED && batch->total > 0;
	return OK;
}

static enum err turn_act(struct unit *u, struct task *t)
{
	struct stock_turn *c = t->command;
	enum err e = turn_decide(u, c);

	if (!e)
		c->row.note = arena_str(t->arena, c->row.note);
	return audited(u, &c->by, arena_printf(&u->arena, "stock.%s", stock_state_name(c->to)).p,
		       batch_subject(u, c->batch), STR(""), e);
}

/* ---- look ---- */

static enum err batch_seen(void *arg, void *row)
{
	struct stock_list *l = arg;

	if (l->count < STOCK_SHOWN_MAX)
		l->rows[l->count++] = *(const struct stock_batch *)row;
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct stock_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct stock_batch, STOCK_SHOWN_MAX);
	l->count = 0;
	return stock_batches_each(r->db, t->arena, l->product_id, batch_seen, l);
}

static enum err event_seen(void *arg, void *row)
{
	struct stock_events *e = arg;

	e->rows[e->count++] = *(const struct stock_event *)row;
	return OK;
}

static enum err events_read(struct reader *r, struct task *t)
{
	struct stock_events *e = t->command;

	e->rows = ARENA_ARRAY(t->arena, struct stock_event, (size_t)e->most);
	e->count = 0;
	return stock_events_before(r->db, t->arena, e->product_id, e->before, e->most, event_seen, e);
}

static void reveal_need(struct unit *u, const struct task *t)
{
	order_need_view(u, ((const struct order_reveal *)t->command)->order_id);
}

static enum err reveal_decide(struct unit *u, struct task *t)
{
	struct order_reveal *c = t->command;
	struct unit_ *unit = unit_find(u, NOUN_UNIT, c->order_id);

	if (!unit_find(u, NOUN_ORDER, c->order_id))
		return ERR_ORDER_NOT_FOUND;
	while (unit && unit->no != c->unit)
		unit = unit_next(u, unit);
	if (!unit || !unit->delivery.p)
		return ERR_NOT_FOUND;
	return crypto_open(u->keys, t->arena, unit_seal_label(t->arena, c->order_id, c->unit), unit->delivery,
			   &c->plain);
}

static enum err reveal_act(struct unit *u, struct task *t)
{
	const struct order_reveal *c = t->command;
	enum err e = reveal_decide(u, t);

	return audited(u, &c->by, "order.reveal",
		       arena_printf(&u->arena, "order %lld unit %d", (long long)c->order_id, c->unit), STR(""), e);
}

const struct verb verb_stock_open = { .name = "stock.open", .need = open_need, .act = open_act };
const struct verb verb_stock_fill = { .name = "stock.fill", .need = fill_need, .act = fill_act };
const struct verb verb_stock_turn = {
	.name = "stock.turn", .need = turn_need, .need_more = turn_need_more, .act = turn_act
};
const struct verb verb_stock_list = { .name = "stock.list", .read = list_read };
const struct verb verb_stock_events = { .name = "stock.events", .read = events_read };
const struct verb verb_order_reveal = { .name = "order.reveal", .need = reveal_need, .act = reveal_act };

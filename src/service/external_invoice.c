#include "service/external_invoice.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/reader.h"
#include "store/external_invoices.h"

#include <stdlib.h>

enum { FIRST_ROOM = 256, ONE_BY_ONE = 64 };
/* An import that began so long ago and is not over will not be finished: whoever ran it is gone. */
static const int64_t left_behind_us = SECONDS_US(600);

/* ---- sources ---- */

/* Under the partner's lock. Finds the source or makes it. */
static enum err take_source(struct unit *u, struct task *t, int64_t partner_id, struct str name,
			    struct external_source *ret)
{
	int64_t count;
	enum err e = external_source_get(u->db, &u->arena, partner_id, name, ret);

	if (e != ERR_NOT_FOUND)
		return e;
	e = external_sources_count(u->db, partner_id, &count);
	if (e)
		return e;
	if (count >= LIMIT_EXTERNAL_SOURCES) {
		t->detail = STR("Invalid parameter: ExternalSourceId must be one of the sources that there are, as "
				"there are too many");
		return ERR_BAD_REQUEST;
	}
	*ret = (struct external_source){ .id = unit_id(u), .partner_id = partner_id, .name = name };
	void *rows[] = { ret };
	return db_insert(u->db, &table_external_sources, rows, 1);
}

/* ---- import ---- */

static void import_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, ((const struct external_import_run *)t->command)->partner_id);
}

static size_t turns_of(const struct external_import_run *c)
{
	return (c->count + LIMIT_IMPORT_CHUNK_ROWS - 1) / LIMIT_IMPORT_CHUNK_ROWS;
}

/* Everything that can refuse it, and its own row. */
static enum err import_open(struct unit *u, struct task *t, struct external_import_run *c)
{
	struct external_source source;
	int64_t stored;
	enum err e = take_source(u, t, c->partner_id, c->source, &source);

	c->is_known = false;
	if (e)
		return e;
	c->import = (struct external_import){ .source_id = source.id,
					      .id = unit_id(u),
					      .state = EXTERNAL_LOADING,
					      .batch = c->batch,
					      .digest = c->digest,
					      .started_at = u->now_us };
	if (c->batch.n)
		e = external_import_is_known(u->db, &c->import, &c->is_known);
	if (e || c->is_known)
		return e;
	e = external_imports_sweep(u->db, source.id, u->now_us - left_behind_us);
	if (!e)
		e = external_invoices_count(u->db, source.id, &stored);
	if (e)
		return e;
	c->replaces = stored > 0;
	if (stored + (int64_t)c->count > LIMIT_EXTERNAL_INVOICES) {
		t->detail = STR("InvoicesLists: the source would have too many invoices");
		return ERR_INVOICES_WRONG;
	}
	void *rows[] = { &c->import };
	return db_insert(u->db, &table_external_imports, rows, 1);
}

/* The invoices of one turn. */
static struct external_invoice *const *chunk_of(const struct external_import_run *c, size_t turn, size_t *ret_n)
{
	size_t from = turn * LIMIT_IMPORT_CHUNK_ROWS;

	*ret_n = c->count - from < LIMIT_IMPORT_CHUNK_ROWS ? c->count - from : LIMIT_IMPORT_CHUNK_ROWS;
	return c->invoices + from;
}

static enum err import_write(struct unit *u, const struct external_import_run *c, size_t turn)
{
	size_t n;
	struct external_invoice *const *chunk = chunk_of(c, turn, &n);
	void **rows = ARENA_ARRAY(&u->arena, void *, n);

	for (size_t i = 0; i < n; i++) {
		struct external_invoice *row = chunk[i];

		row->source_id = c->import.source_id;
		row->import_id = c->import.id;
		row->batch = c->batch;
		rows[i] = row;
	}
	return db_insert(u->db, &table_external_invoices, rows, n);
}

static enum err import_load(struct unit *u, struct task *t, struct external_import_run *c)
{
	enum err e = t->turn ? external_import_is_loading(u->db, &c->import) : import_open(u, t, c);

	if (t->turn && e == ERR_NOT_FOUND)
		return ERR_BUSY;
	if (!e && !c->is_known && c->count)
		e = import_write(u, c, t->turn);
	if (!e && !c->is_known && t->turn + 1 >= turns_of(c))
		e = external_import_end(u->db, &c->import);
	return e;
}

struct replacing {
	struct external_invoice *const *chunk; /* ordered */
	size_t n;
	struct arena *arena;
	void **rows; /* that are not read any more */
	size_t count, room;
};

static int number_in_chunk(const void *number, const void *invoice)
{
	return str_cmp(*(const struct str *)number, (*(struct external_invoice *const *)invoice)->invoice);
}

static enum err old_seen(void *arg, void *row)
{
	struct replacing *r = arg;
	const struct str *number = &((const struct external_invoice *)row)->invoice;

	if (!bsearch(number, r->chunk, r->n, sizeof(struct external_invoice *), number_in_chunk))
		return OK;
	if (r->count == r->room) { /* older imports left some behind too */
		void **grown = ARENA_ARRAY(r->arena, void *, r->room * 2);

		memcpy(grown, r->rows, r->room * sizeof(*grown));
		r->rows = grown;
		r->room *= 2;
	}
	r->rows[r->count++] = row;
	return OK;
}

/* Deletes what the invoices of this turn have replaced. */
static enum err import_replace(struct unit *u, struct task *t, struct external_import_run *c)
{
	struct replacing r = { .arena = &u->arena };

	r.chunk = chunk_of(c, t->turn - turns_of(c), &r.n);
	r.room = r.n;
	r.rows = ARENA_ARRAY(&u->arena, void *, r.room);
	const struct external_range range = { c->import.source_id, c->import.id, r.chunk[0]->invoice,
					      r.chunk[r.n - 1]->invoice };
	enum err e = external_invoices_before(u->db, &u->arena, &range, old_seen, &r);
	return e || !r.count ? e : db_delete(u->db, &table_external_invoices, r.rows, r.count);
}

static enum err import_act(struct unit *u, struct task *t)
{
	struct external_import_run *c = t->command;
	size_t turns = turns_of(c);

	unit_touch(u, unit_counter(u, c->partner_id));
	enum err e = !t->turn || t->turn < turns ? import_load(u, t, c) : import_replace(u, t, c);
	t->goes_on = !e && !c->is_known && t->turn + 1 < (c->replaces ? 2 * turns : turns);
	return e;
}

/* ---- words ---- */

static void words_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, ((const struct external_words_set *)t->command)->partner_id);
}

static enum err words_act(struct unit *u, struct task *t)
{
	const struct external_words_set *c = t->command;
	struct external_source source;
	enum err e = take_source(u, t, c->partner_id, c->source, &source);
	void *rows[] = { &source };

	unit_touch(u, unit_counter(u, c->partner_id));
	if (e)
		return e;
	memcpy(source.words, c->words, sizeof(source.words));
	return db_update(u->db, &table_external_sources, rows, 1);
}

static enum err words_read(struct reader *r, struct task *t)
{
	struct external_words_get *c = t->command;
	enum err e = external_source_get(r->db, t->arena, c->partner_id, c->name, &c->source);

	return e == ERR_NOT_FOUND ? ERR_SOURCE_NOT_FOUND : e;
}

/* ---- list ---- */

struct listing {
	struct external_list *list;
	struct arena *arena;
	size_t room;
};

/* Of the rows of one invoice the newest comes last, and counts. */
static enum err invoice_seen(void *arg, void *row)
{
	struct listing *l = arg;
	struct external_list *list = l->list;
	const struct external_invoice *fresh = row;

	if (list->count && str_eq(list->rows[list->count - 1].invoice, fresh->invoice)) {
		list->rows[list->count - 1] = *fresh;
		return OK;
	}
	if (list->count == l->room) {
		struct external_invoice *grown = ARENA_ARRAY(l->arena, struct external_invoice, l->room * 2);

		memcpy(grown, list->rows, l->room * sizeof(*grown));
		list->rows = grown;
		l->room *= 2;
	}
	list->rows[list->count++] = *fresh;
	return OK;
}

static int by_bytes(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

/* Of one that was asked for. */
static enum err named_seen(void *arg, void *row)
{
	const struct external_list *list = ((struct listing *)arg)->list;
	const struct str *name = &((const struct external_invoice *)row)->invoice;

	return bsearch(name, list->invoices, list->invoice_count, sizeof(*name), by_bytes) ? invoice_seen(arg, row)
											   : OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct external_list *c = t->command;
	struct listing l = { c, t->arena, FIRST_ROOM };
	enum err e = external_source_get(r->db, t->arena, c->partner_id, c->name, &c->source);

	c->count = 0;
	if (e)
		return e == ERR_NOT_FOUND ? OK : e;
	c->rows = ARENA_ARRAY(t->arena, struct external_invoice, FIRST_ROOM);
	if (!c->invoices)
		return external_invoices_of(r->db, t->arena, c->source.id, invoice_seen, &l);
	if (c->invoice_count > ONE_BY_ONE)
		return external_invoices_of(r->db, t->arena, c->source.id, named_seen, &l);
	for (size_t i = 0; i < c->invoice_count && !e; i++)
		e = external_invoice_get(r->db, t->arena, c->source.id, c->invoices[i], invoice_seen, &l);
	return e;
}

const struct verb verb_external_import = { .name = "external.import", .need = import_need, .act = import_act };
const struct verb verb_external_words_set = { .name = "external.words", .need = words_need, .act = words_act };
const struct verb verb_external_words_get = { .name = "external.words_get", .read = words_read };
const struct verb verb_external_list = { .name = "external.list", .read = list_read };

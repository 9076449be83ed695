#include "service/import.h"

#include "service/reader.h"

const char *batch_state_name(int state)
{
	static const char *const names[] = { "", "loading", "active", "abandoned" };

	return state > 0 && (size_t)state < ARRAY_LEN(names) ? names[state] : "unknown";
}

static enum err feed_read(struct reader *r, struct task *t)
{
	const struct import_feed *f = t->command;

	(void)r;
	catalog_import_feed(f->import, f->bytes);
	return OK;
}

static enum err check_read(struct reader *r, struct task *t)
{
	struct import_check *c = t->command;

	(void)r;
	c->good = catalog_import_check(c->import) == OK;
	return OK;
}

static void need_nothing(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err newest_seen(void *arg, void *row)
{
	*(int64_t *)arg = ((const struct batch_row *)row)->id;
	return OK;
}

/* The newest batch is the one with the highest id, whichever node has made it. */
static enum err follow_newest(struct unit *u)
{
	int64_t newest = 0;
	enum err e = batches_each(u->db, &u->arena, 1, newest_seen, &newest);

	if (!e)
		unit_follow(u, newest);
	return e;
}

static enum err write_act(struct unit *u, struct task *t)
{
	struct import_write *w = t->command;
	size_t rows = catalog_import_rows(w->import);
	enum err e = OK;

	if (!w->batch && (e = follow_newest(u)))
		return e;
	w->found_batch = w->batch ? w->batch : unit_id(u);
	w->next = w->first + LIMIT_IMPORT_CHUNK_ROWS;
	w->done = w->next >= rows;
	if (!w->batch)
		e = catalog_import_begin(w->import, u->db, w->found_batch, u->now_us, w->note);
	if (!e)
		e = catalog_import_write(w->import, u->db, w->found_batch, w->first);
	if (e || !w->done)
		return e;
	e = catalog_import_finish(u->db, w->found_batch);
	unit_changed(u, CHANGED_CATALOG);
	return audited(u, &w->by, "catalog.import", arena_printf(&u->arena, "batch %lld", (long long)w->found_batch),
		       arena_printf(&u->arena, "rows %zu; %.*s", rows, STR_ARG(w->note)), e);
}

static enum err abandon_act(struct unit *u, struct task *t)
{
	const struct import_abandon *c = t->command;
	bool more = false;
	enum err e = catalog_import_abandon(u->db, c->batch);

	if (!e)
		e = catalog_import_sweep(u->db, c->batch, &more);
	return audited(u, &c->by, "catalog.abandon", arena_printf(&u->arena, "batch %lld", (long long)c->batch),
		       STR(""), e);
}

static enum err batch_seen(void *arg, void *row)
{
	struct batch_list *l = arg;

	l->rows[l->count++] = *(const struct batch_row *)row;
	return OK;
}

static enum err batches_read(struct reader *r, struct task *t)
{
	struct batch_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct batch_row, (size_t)l->most);
	l->count = 0;
	return batches_each(r->db, t->arena, l->most, batch_seen, l);
}

const struct verb verb_import_feed = { .name = "import.feed", .read = feed_read };
const struct verb verb_import_check = { .name = "import.check", .read = check_read };
const struct verb verb_import_write = {
	.name = "import.write", .need = need_nothing, .act = write_act, .awaits_catalog = true
};
const struct verb verb_import_abandon = { .name = "import.abandon", .need = need_nothing, .act = abandon_act };
const struct verb verb_batch_list = { .name = "batch.list", .read = batches_read };

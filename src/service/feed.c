#include "service/feed.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/reader.h"
#include "store/events.h"

enum { SCAN_ROWS = 1000 };
static const int64_t kept_us = SECONDS_US(INT64_C(24) * 3600 * LIMIT_KEPT_DAYS);

struct scan {
	struct event *events;
	size_t count;
};

static enum err event_seen(void *arg, void *row)
{
	struct scan *scan = arg;

	scan->events[scan->count++] = *(const struct event *)row;
	return OK;
}

/* Those of the dialect's orders, as many as are wanted. What is passed over moves the place on all the same. */
static void take_items(struct unit *u, struct task *t, const struct scan *scan)
{
	struct feed_read *f = t->command;

	f->items = ARENA_ARRAY(t->arena, struct feed_item, (size_t)f->most);
	for (size_t i = 0; i < scan->count; i++) {
		const struct event *event = &scan->events[i];
		const struct order *o = unit_find(u, NOUN_ORDER, event->order_id);
		bool is_wanted = o && o->dialect == (int)f->dialect;

		if (is_wanted && f->count == (size_t)f->most) {
			f->has_more = true;
			return;
		}
		f->next = event->id;
		if (is_wanted)
			f->items[f->count++] = (struct feed_item){ *event,
								   { .id = o->id,
								     .dialect = o->dialect,
								     .partner_id = o->partner_id,
								     .ext_key = arena_str(t->arena, o->ext_key),
								     .state = event->state,
								     .reason = event->reason } };
	}
	f->has_more = scan->count == SCAN_ROWS;
}

static enum err read_rows(struct reader *r, struct task *t)
{
	struct feed_read *f = t->command;
	struct unit *u = &r->unit;
	struct scan scan = { ARENA_ARRAY(&u->arena, struct event, SCAN_ROWS), 0 };
	enum err e = events_after(r->db, &u->arena, t->partner_id, f->next, SCAN_ROWS, event_seen, &scan);

	for (size_t i = 0; i < scan.count && !e; i++)
		unit_need(u, NOUN_ORDER, scan.events[i].order_id);
	if (!e)
		e = unit_load(u);
	if (!e)
		take_items(u, t, &scan);
	return e;
}

static enum err feed_read_read(struct reader *r, struct task *t)
{
	struct feed_read *f = t->command;
	int64_t high, gone;
	enum err e = events_bounds(r->db, &r->unit.arena, t->partner_id, &high, &gone);

	f->count = 0;
	f->has_more = false;
	f->is_gone = false;
	if (e)
		return e;
	f->next = f->after < 0 ? gone : f->after;
	if (f->next > high) {
		t->detail = STR("after: is no cursor of this feed");
		return ERR_BAD_REQUEST;
	}
	f->is_gone = f->next < gone;
	if (!f->is_gone)
		return read_rows(r, t);
	f->next = gone;
	return OK;
}

static void drop_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, ((const struct feed_drop *)t->command)->partner_id);
}

static enum err drop_act(struct unit *u, struct task *t)
{
	struct feed_drop *d = t->command;
	struct counter *c = unit_find(u, NOUN_COUNTER, d->partner_id);
	int64_t last = 0;

	d->more = false;
	if (!c)
		return OK;
	enum err e = events_drop(u->db, &u->arena, d->partner_id, u->now_us - kept_us, LIMIT_IMPORT_CHUNK_ROWS, &last);
	if (e || !last)
		return e;
	c->events_gone = last;
	unit_touch(u, c);
	d->more = true;
	return OK;
}

const struct verb verb_feed_read = { .name = "feed.read", .read = feed_read_read };
const struct verb verb_feed_drop = { .name = "feed.drop", .need = drop_need, .act = drop_act, .background = true };

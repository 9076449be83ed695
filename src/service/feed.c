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

static struct feed_item order_item(const struct order *o, struct arena *a, const struct event *event)
{
	return (struct feed_item){ .event = *event,
				   .order = { .id = o->id,
					      .dialect = o->dialect,
					      .partner_id = o->partner_id,
					      .ext_key = arena_str(a, o->ext_key),
					      .state = event->state,
					      .reason = event->reason } };
}

static struct feed_item payment_item(const struct payment *p, struct arena *a, const struct event *event)
{
	return (struct feed_item){ .event = *event,
				   .payment = { .id = p->id,
						.partner_id = p->partner_id,
						.track_id = arena_str(a, p->track_id),
						.state = event->state,
						.cause = event->reason,
						.reason = arena_str(a, p->reason) } };
}

/* What the event is about, if it is the dialect's. */
static bool item_of(struct unit *u, const struct task *t, const struct event *event, struct feed_item *ret)
{
	enum dialect dialect = ((const struct feed_read *)t->command)->dialect;
	const struct payment *p = dialect == DIALECT_MOBIP ? unit_find(u, NOUN_PAYMENT, event->order_id) : NULL;
	const struct order *o = dialect == DIALECT_MOBIP ? NULL : unit_find(u, NOUN_ORDER, event->order_id);

	if (p)
		*ret = payment_item(p, t->arena, event);
	else if (o && o->dialect == (int)dialect)
		*ret = order_item(o, t->arena, event);
	else
		return false;
	return true;
}

/* As many as are wanted. What is passed over moves the place on all the same. */
static void take_items(struct unit *u, struct task *t, const struct scan *scan)
{
	struct feed_read *f = t->command;

	f->items = ARENA_ARRAY(t->arena, struct feed_item, (size_t)f->most);
	for (size_t i = 0; i < scan->count; i++) {
		struct feed_item item;
		bool is_wanted = item_of(u, t, &scan->events[i], &item);

		if (is_wanted && f->count == (size_t)f->most) {
			f->has_more = true;
			return;
		}
		f->next = scan->events[i].id;
		if (is_wanted)
			f->items[f->count++] = item;
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
		unit_need(u, f->dialect == DIALECT_MOBIP ? NOUN_PAYMENT : NOUN_ORDER, scan.events[i].order_id);
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

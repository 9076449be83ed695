/* api/mobip/events.c: the feed of what became of payments; docs/api/events.md. */
#include "api/mobip/input.h"
#include "api/mobip/lists.h"
#include "api/mobip/payment.h"
#include "service/feed.h"
#include "service/payment_link.h"

enum { CODE_CURSOR_EXPIRED = 201, EVENTS_PER_PAGE = 100 };

enum err mobip_events_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		{ "after", NULL, MOBIP_NUMBER, false, offsetof(struct feed_read, after), 0, INT64_C(1) << 53, -1 },
		{ "limit", NULL, MOBIP_NUMBER, false, offsetof(struct feed_read, most), 1, FEED_ROWS_MAX,
		  EVENTS_PER_PAGE },
	};
	struct feed_read *c = ARENA_NEW(&rq->x->arena, struct feed_read);

	c->dialect = DIALECT_MOBIP;
	rq->task.command = c;
	return mobip_bind(rq, fields, ARRAY_LEN(fields), c);
}

static void put_place(struct json_writer *w, const char *name, int64_t place)
{
	mobip_int(w, name, place);
}

static void put_gone(struct json_writer *w, const struct feed_read *c)
{
	json_obj(w, NULL);
	mobip_int(w, "return_code", CODE_CURSOR_EXPIRED);
	json_strz(w, "return_message",
		  "Invalid parameter: events behind this cursor are not kept any more; go on from oldest_cursor");
	put_place(w, "oldest_cursor", c->next);
	json_end(w);
}

static void put_event(struct request *rq, struct json_writer *w, const struct feed_item *item)
{
	const struct payment *p = &item->payment;

	json_obj(w, NULL);
	put_place(w, "cursor", item->event.id);
	mobip_int(w, "seq", item->event.seq);
	json_strz(w, "type", "payment.status_changed");
	mobip_time(w, "created_at", item->event.created_at);
	json_obj(w, "payment");
	json_str(w, "trid", payment_trid(rq->keys, &rq->x->arena, p->id));
	mobip_text(w, "track_id", p->track_id);
	json_strz(w, "transaction_status", mobip_state(p));
	mobip_text(w, "reason", mobip_reason(p));
	mobip_bool(w, "isRefunded", p->state == PAYMENT_REFUNDED);
	json_end(w);
	json_end(w);
}

void mobip_events_render(struct request *rq, struct json_writer *w)
{
	const struct feed_read *c = rq->task.command;

	if (c->is_gone) {
		put_gone(w, c);
		return;
	}
	mobip_begin(w);
	json_arr(w, "events");
	for (size_t i = 0; i < c->count; i++)
		put_event(rq, w, &c->items[i]);
	json_end(w);
	put_place(w, "next_cursor", c->next);
	mobip_bool(w, "has_more", c->has_more);
	json_end(w);
}

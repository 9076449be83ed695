#include "api/events.h"

#include "http/query.h"

enum { EVENTS_PER_PAGE = 100 };

static enum err number_of(struct request *rq, const struct query *q, const char *name, int64_t least, int64_t most,
			  int64_t *ret)
{
	struct str text = query_find(q, name);

	if (!text.p || !str_to_i64(text, least, most, ret))
		return OK;
	return request_fault(rq, ERR_BAD_REQUEST, arena_printf(&rq->x->arena, "%s: is not valid", name));
}

enum err events_parse(struct request *rq)
{
	struct feed_read *c = ARENA_NEW(&rq->x->arena, struct feed_read);
	struct query q;

	rq->task.command = c;
	*c = (struct feed_read){ .dialect = rq->dialect->dialect, .after = -1, .most = EVENTS_PER_PAGE };
	if (query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q))
		return request_fault(rq, ERR_BAD_REQUEST, STR("query: must be percent-encoded UTF-8"));
	enum err e = number_of(rq, &q, "after", 0, INT64_MAX, &c->after);
	return e ? e : number_of(rq, &q, "limit", 1, FEED_ROWS_MAX, &c->most);
}

/* A place is shown as text: it is to be handed back, not to be counted with. */
static void put_place(struct request *rq, struct json_writer *w, const char *name, int64_t place)
{
	json_str(w, name, arena_printf(&rq->x->arena, "%lld", (long long)place));
}

static void put_gone(struct request *rq, struct json_writer *w, const struct feed_read *c)
{
	rq->x->status = 410;
	json_obj(w, NULL);
	json_strz(w, "error", "cursor_expired");
	json_strz(w, "message",
		  "Events behind this cursor are not kept any more: look at your orders, go on from oldest_cursor");
	put_place(rq, w, "oldest_cursor", c->next);
	json_end(w);
}

void events_render(struct request *rq, struct json_writer *w)
{
	const struct feed_read *c = rq->task.command;

	if (c->is_gone) {
		put_gone(rq, w, c);
		return;
	}
	json_obj(w, NULL);
	json_arr(w, "events");
	for (size_t i = 0; i < c->count; i++) {
		const struct feed_item *item = &c->items[i];

		json_obj(w, NULL);
		put_place(rq, w, "cursor", item->event.id);
		json_int(w, "seq", item->event.seq);
		json_strz(w, "type", "order.status_changed");
		json_time(w, "created_at", item->event.created_at, 6, "Z");
		json_obj(w, "order");
		rq->dialect->put_event_order(w, &rq->x->arena, rq->keys, &item->order);
		json_end(w);
		json_end(w);
	}
	json_end(w);
	put_place(rq, w, "next_cursor", c->next);
	json_bool(w, "has_more", c->has_more);
	json_end(w);
}

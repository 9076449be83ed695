/* api/s2s/orders.c: GET of one order, and the list. */
#include "api/s2s/order.h"
#include "api/s2s/query.h"

#include "base/uuid.h"

enum { ORDERS_PER_PAGE = 50, ORDERS_PER_PAGE_MOST = 100, EXTERNAL_ID_MOST = 255 };

enum err s2s_order_parse(struct request *rq)
{
	struct order_get *c = ARENA_NEW(&rq->x->arena, struct order_get);

	rq->task.command = c;
	return uuid_to_id(rq->keys, "order", rq->captures[0], &c->order_id) ? ERR_ORDER_NOT_FOUND : OK;
}

enum err s2s_orders_parse(struct request *rq)
{
	struct order_list *c = ARENA_NEW(&rq->x->arena, struct order_list);
	struct s2s_query q = s2s_query(rq);
	struct str status = query_find(&q.params, "status"), external_id = query_find(&q.params, "external_id");
	struct s2s_cursor cursor;

	rq->task.command = c;
	c->dialect = DIALECT_S2S;
	c->page = 1;
	c->per_page = ORDERS_PER_PAGE;
	s2s_query_int(&q, "per_page", 1, ORDERS_PER_PAGE_MOST, &c->per_page);
	s2s_query_cursor(&q, "id", true, &cursor);
	*(cursor.forward ? &c->before_id : &c->after_id) = cursor.id;
	c->windowed = true;
	if (status.p && !(c->states = s2s_order_states(status)))
		s2s_fault(rq, "status", "is not a status");
	if (external_id.p && (!external_id.n || external_id.n > EXTERNAL_ID_MOST))
		s2s_fault(rq, "external_id", "must have 1 to 255 bytes");
	c->reference = external_id;
	s2s_query_time(&q, "date_from", false, &c->from_us);
	s2s_query_time(&q, "date_to", true, &c->to_us);
	if (c->from_us && c->to_us && c->from_us > c->to_us)
		s2s_fault(rq, "date_from", "must not be after date_to");
	return OK;
}

static struct s2s_edge edge_of(const struct order_view *view)
{
	return (struct s2s_edge){ view->order.id, view->order.created_at };
}

void s2s_orders_render(struct request *rq, struct json_writer *w)
{
	const struct order_list *c = rq->task.command;
	struct s2s_meta meta = { .key = "id", .per_page = c->per_page };

	if (c->count) {
		meta.first = edge_of(&c->views[0]);
		meta.last = edge_of(&c->views[c->count - 1]);
		meta.more_before = c->more_newer;
		meta.more_after = c->more_older;
	}
	json_obj(w, NULL);
	json_bool(w, "success", true);
	s2s_put_orders(rq, w, c->views, c->count);
	if (rq->fault_count)
		return;
	s2s_put_meta(rq, w, &meta);
	json_end(w);
}

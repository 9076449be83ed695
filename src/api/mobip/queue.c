/* api/mobip/queue.c: the NEOSYSTEMS queue: what an operator's books have not taken over yet (mobip.md 12). */
#include "api/mobip/lists.h"

#include "api/mobip/input.h"
#include "core/payment.h"
#include "service/payment_link.h"
#include "service/payment_queue.h"

enum { TRID_LIST_MOST = 64 * 1024 };

struct asked_list {
	int64_t limit;
	struct str trids;
};

enum err mobip_queue_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		{ "limit", NULL, MOBIP_NUMBER, false, offsetof(struct asked_list, limit), 1, PAYMENT_QUEUE_MOST, 0 },
	};
	struct payment_queue_list *c = ARENA_NEW(&rq->x->arena, struct payment_queue_list);
	struct asked_list asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	c->most = asked.limit;
	return e;
}

static void put_row(struct request *rq, struct json_writer *w, const struct payment_queued *row)
{
	struct currency cur = { row->currency };

	json_obj(w, NULL);
	mobip_int(w, "id_flux", row->id);
	mobip_text(w, "merchant_name", row->merchant_name);
	mobip_int(w, "mobip_merchant_id", row->partner_id);
	mobip_int(w, "amount", payment_minor(row->amount, cur));
	mobip_int(w, "fees", payment_minor(row->fee, cur));
	mobip_text(w, "customer_name", row->customer_name);
	mobip_text(w, "customer_email", row->customer_email);
	json_str(w, "trid", payment_trid(rq->keys, &rq->x->arena, row->payment_id));
	mobip_text(w, "track_id", row->track_id);
	mobip_text(w, "item_name", row->item_name);
	json_str(w, "currency", currency_code(cur));
	mobip_time(w, "paid_at", row->finished_at);
	mobip_time(w, "refunded_at", row->amount < 0 ? row->refunded_at : 0);
	mobip_text(w, "payment_method", row->method);
	json_end(w);
}

void mobip_queue_render(struct request *rq, struct json_writer *w)
{
	const struct payment_queue_list *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "transactions_list");
	for (size_t i = 0; i < c->count; i++)
		put_row(rq, w, &c->rows[i]);
	json_end(w);
	json_end(w);
}

/* What is none of ours is skipped, as the call skips what is not in the queue any more. */
enum err mobip_queue_ack_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		{ "trid_list", NULL, MOBIP_OPAQUE, true, offsetof(struct asked_list, trids), .max = TRID_LIST_MOST },
	};
	struct payment_queue_ack *c = ARENA_NEW(&rq->x->arena, struct payment_queue_ack);
	struct asked_list asked = { 0 };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);
	int64_t *ids = ARENA_ARRAY(&rq->x->arena, int64_t, PAYMENT_QUEUE_ACK_MOST);

	rq->task.command = c;
	c->ids = ids;
	while (!e && asked.trids.p) {
		struct str trid = str_trim(str_cut(&asked.trids, '|'));

		if (c->count == PAYMENT_QUEUE_ACK_MOST)
			return mobip_invalid(rq, "trid_list", "at most 1000 transactions");
		if (payment_of_trid(rq->keys, trid, &ids[c->count]) == OK)
			c->count++;
	}
	return e;
}

void mobip_queue_ack_render(struct request *rq, struct json_writer *w)
{
	const struct payment_queue_ack *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "removed_transactions_list");
	for (size_t i = 0; i < c->removed_count; i++)
		json_str(w, NULL, payment_trid(rq->keys, &rq->x->arena, c->removed[i]));
	json_end(w);
	json_end(w);
}

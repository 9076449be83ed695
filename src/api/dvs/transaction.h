/* api/dvs/transaction.h: transactions: create, confirm, cancel, get, list; and the balances. */
#pragma once

#include "api/endpoint.h"
#include "service/order.h"

MUST_USE enum err dvs_create_async_parse(struct request *rq);
MUST_USE enum err dvs_create_sync_parse(struct request *rq);
MUST_USE enum err dvs_change_parse(struct request *rq); /* confirm at once, cancel */
MUST_USE enum err dvs_confirm_sync_parse(struct request *rq);
MUST_USE enum err dvs_transaction_parse(struct request *rq);
MUST_USE enum err dvs_transactions_parse(struct request *rq);
MUST_USE enum err dvs_transactions_answer(struct request *rq);
MUST_USE enum err dvs_balances_parse(struct request *rq);
MUST_USE enum err dvs_balances_answer(struct request *rq);

void dvs_create_render(struct request *rq, struct json_writer *w);
void dvs_change_render(struct request *rq, struct json_writer *w);
void dvs_transaction_render(struct request *rq, struct json_writer *w);
void dvs_transactions_render(struct request *rq, struct json_writer *w);
void dvs_balances_render(struct request *rq, struct json_writer *w);

/* Where a transaction is written: what it needs beside the order itself. */
struct dvs_rendering {
	struct json_writer *w;
	struct arena *arena;
	const struct keys *keys;
	bool with_callback_url; /* only GET by id, the list and callbacks show it */
};
/* In the feed. */
void dvs_put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o);
/* ERR_SEALED when a delivery cannot be opened; what was written is then useless. */
MUST_USE enum err dvs_put_transaction(const struct dvs_rendering *r, const struct order_view *view);
/* The body of a callback: the transaction exactly as GET by id gives it, in the arena. ERR_SEALED when a delivery
 * cannot be opened, ERR_STORE_FAILED when the product is not known any more. */
MUST_USE enum err dvs_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view,
				    struct str *ret);

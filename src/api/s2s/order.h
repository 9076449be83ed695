/* api/s2s/order.h: an order as the S2S API shows it: in answers, in lists, in webhooks. */
#pragma once

#include "api/endpoint.h"

/* An order is named by a UUID that is made of its id (base/uuid.h). */
struct str s2s_order_uuid(const struct keys *keys, struct arena *a, int64_t order_id);
/* So is an eSIM: of the order's id and which one of the order it is. */
struct str s2s_esim_uuid(const struct keys *keys, struct arena *a, int64_t order_id, int unit);
const char *s2s_order_status(const struct order *o);
void s2s_put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o);
/* The bits 1 << enum order_state of a status; 0 for an unknown word. */
unsigned s2s_order_states(struct str status);

MUST_USE enum err s2s_create_parse(struct request *rq);
void s2s_create_render(struct request *rq, struct json_writer *w);
/* What was placed, or by a repeat found: 201, or 200. */
void s2s_put_placed(struct request *rq, struct json_writer *w, const char *message);
MUST_USE enum err s2s_order_parse(struct request *rq);
void s2s_order_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_orders_parse(struct request *rq);
/* "data" of a list. */
void s2s_put_orders(struct request *rq, struct json_writer *w, const struct order_view *views, size_t count);
void s2s_orders_render(struct request *rq, struct json_writer *w);

/* The order of a webhook, whose members differ a little (s2s.md 6). ERR_SEALED, ERR_STORE_FAILED. */
MUST_USE enum err s2s_put_webhook_order(struct json_writer *w, struct arena *a, const struct keys *keys,
					const struct order_view *view);

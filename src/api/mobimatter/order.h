/* api/mobimatter/order.h: orders of the MobiMatter API (mobimatter.md 3) and their eSIMs' usage (mobimatter.md 6):
 * bodies to commands, orders to JSON.
 */
#pragma once

#include "api/endpoint.h"
#include "service/esim.h"

MUST_USE enum err mm_create_parse(struct request *rq);
MUST_USE enum err mm_complete_parse(struct request *rq);
MUST_USE enum err mm_cancel_parse(struct request *rq);
MUST_USE enum err mm_refund_parse(struct request *rq);
MUST_USE enum err mm_order_parse(struct request *rq); /* {orderId} in the path, ?returnProductDetails= */
MUST_USE enum err mm_usage_parse(struct request *rq); /* {orderId} in the path */
MUST_USE enum err mm_info_parse(struct request *rq);  /* {orderId} in the path, ?skipLocation= */
MUST_USE enum err mm_iccid_parse(struct request *rq); /* ?iccid= and ?returnProductDetails= */
MUST_USE enum err mm_linked_parse(struct request *rq);
MUST_USE enum err mm_terms_parse(struct request *rq);
MUST_USE enum err mm_balance_parse(struct request *rq);
MUST_USE enum err mm_email_parse(struct request *rq);
MUST_USE enum err mm_sms_parse(struct request *rq);	  /* {orderId} in the path */
MUST_USE enum err mm_complete_answer(struct request *rq); /* a provider that refused */
MUST_USE enum err mm_refund_answer(struct request *rq);
MUST_USE enum err mm_provider_answer(struct request *rq); /* an order without an eSIM */

void mm_create_render(struct request *rq, struct json_writer *w);
void mm_complete_render(struct request *rq, struct json_writer *w);
void mm_cancel_render(struct request *rq, struct json_writer *w);
void mm_refund_render(struct request *rq, struct json_writer *w);
void mm_order_render(struct request *rq, struct json_writer *w);
void mm_linked_render(struct request *rq, struct json_writer *w);
void mm_terms_render(struct request *rq, struct json_writer *w);
void mm_balance_render(struct request *rq, struct json_writer *w);
void mm_usage_render(struct request *rq, struct json_writer *w);
void mm_info_render(struct request *rq, struct json_writer *w);
void mm_email_render(struct request *rq, struct json_writer *w);
void mm_sms_render(struct request *rq, struct json_writer *w);

/* A body by its table; each fault is one of the request. */
struct fields;
MUST_USE enum err mm_bind(struct request *rq, const struct fields *table, void *ret);
/* An answer that is a sentence. */
void mm_say(struct request *rq, struct json_writer *w, const char *sentence);

/* "Created", "Processing", ... and "esim_realtime", ... */
const char *mm_state(enum order_state state);
const char *mm_category(enum esim_category category);
/* 0 for a word that is none. */
enum esim_category mm_category_of(struct str word);
/* 2023-01-28T21:26:03.847: no zone, as many digits of the fraction as it has, at most three. */
void mm_put_date(struct json_writer *w, const char *name, int64_t us);

/* The order object. `base_url` absent: without what only a request can know. ERR_SEALED, ERR_STORE_FAILED. */
struct mm_rendering {
	struct json_writer *w;
	struct arena *arena;
	const struct keys *keys;
	const char *base_url;
	const struct catalog *details_of; /* NULL: without productDetails */
	struct fragments *fragments;	  /* the loop thread's; NULL: nothing is kept */
	const struct catalog *catalog;	  /* whose snapshot the pieces are kept with */
};
MUST_USE enum err mm_put_order(const struct mm_rendering *r, const char *name, const struct order_view *view);

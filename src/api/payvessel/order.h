/* api/payvessel/order.h: orders of the PayVessel API (payvessel.md 3). */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err pv_create_parse(struct request *rq);
MUST_USE enum err pv_order_parse(struct request *rq);
void pv_create_render(struct request *rq, struct json_writer *w);
void pv_order_render(struct request *rq, struct json_writer *w);
void pv_print_sample(struct buf *b, const struct json_token *credential, const char *base_url);

/* "pending", "processing", "completed", "failed". */
const char *pv_status(enum order_state state);

/* An order's id, as a UUID. */
struct str pv_order_uuid(const struct keys *keys, struct arena *a, int64_t order_id);
/* ERR_BAD_REQUEST if it is no UUID, ERR_NOT_FOUND if it is none of this API's. */
MUST_USE enum err pv_order_id(const struct keys *keys, struct str uuid, int64_t *ret_id);

/* Where a package can be used: codes of two letters with commas between them. */
struct str pv_location(struct arena *a, const struct product *p);
/* The envelope around every answer that is no refusal; pv_end() closes it. The caller writes the value of "data". */
void pv_begin(struct json_writer *w, const char *message);
void pv_end(struct json_writer *w);

/* supplier/dvs/wire.h: bytes of the DVS API and what they mean to us. Pure; README.md tells the mapping. */
#pragma once

#include "base/buf.h"
#include "supplier/supplier.h"

/* An answer as it came; status 0 = none. */
struct dvs_reply {
	int status;
	struct str body;
};

/* The codes of the API that the driver itself acts upon. */
enum { DVS_REFERENCE_USED = 1007001 };

/* The create body into b. ERR_CONFIG if the route's sku is not a product id, ERR_BAD_REQUEST if the order's party
 * objects are not JSON, ERR_TOO_LARGE if the body is. */
MUST_USE enum err dvs_write_create(struct buf *b, const struct supplier_call *call);

/* What the reply to a create means. *ret_code: the API's error code, 0 = none. */
struct supplier_answer dvs_read_create(struct supplier_call *call, struct dvs_reply reply, int64_t *ret_code);

/* What the reply to GET /v1/transactions?external_id=... means. */
struct supplier_answer dvs_read_query(struct supplier_call *call, struct dvs_reply reply);

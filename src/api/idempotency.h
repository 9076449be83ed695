/* api/idempotency.h: the header Idempotency-Key (dvs.md 13): whether it is one, and what a repeat must have in common
 * with the first request. What follows from a repeat is the verb's (service/order.h). */
#pragma once

#include "api/endpoint.h"

/* Of endpoints that take a key: sets the request's key and hash if there is one. ERR_BAD_REQUEST, a fault is added. */
MUST_USE enum err request_take_key(struct request *rq);

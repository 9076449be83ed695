/* api/dvs/body.h: request bodies of the DVS API, bound to a table of fields. */
#pragma once

#include "api/endpoint.h"
#include "json/fields.h"

/* Binds the body into *ret; every fault is left in the request, those of the schema before those of a rule with a code
 * of its own. `ret_root` may be NULL. Returns the first fault's code. */
MUST_USE enum err dvs_body(struct request *rq, const struct fields *table, void *ret,
			   const struct json_token **ret_root);

/* A body that is not needed: none, or any JSON object. */
MUST_USE enum err dvs_no_body(struct request *rq);

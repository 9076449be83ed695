/* api/payvessel/errors.h: refusals of the PayVessel API: its business envelope, and the 422 of its framework. */
#pragma once

#include "api/endpoint.h"

/* NULL: none, which a test refuses. */
struct pv_error {
	enum err code;
	int status;
	const char *message;
};
const struct pv_error *pv_error(enum err code);
void pv_refuse(struct request *rq);

/* One item of a 422: where ("body", "quantity"), what must be, and the framework's name for it. Returns
 * ERR_BAD_REQUEST. */
MUST_USE enum err pv_invalid(struct request *rq, const char *place, const char *name, const char *message,
			     const char *type);
/* The same for a body that is no JSON: the place is a number. */
MUST_USE enum err pv_invalid_json(struct request *rq, size_t at);

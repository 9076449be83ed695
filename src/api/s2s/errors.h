/* api/s2s/errors.h: the S2S API's ways of saying no (docs/api/s2s.md, "Refusals"). */
#pragma once

#include "api/endpoint.h"

struct s2s_error {
	enum err code;
	int status;
	const char *name, *message;
};

/* Never NULL: a code without a row is a fault of ours. */
const struct s2s_error *s2s_error(enum err code);
void s2s_refuse(struct request *rq);

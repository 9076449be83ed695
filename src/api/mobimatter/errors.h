/* api/mobimatter/errors.h: refusals of the MobiMatter API: an HTTP status and a message (mobimatter.md 3). */
#pragma once

#include "api/endpoint.h"

struct mm_error {
	enum err code;
	int status;
	const char *message;
};
/* NULL: none, which a test refuses. */
const struct mm_error *mm_error(enum err code);
void mm_refuse(struct request *rq);

/* The envelope of success; the caller writes "result" between them. */
void mm_begin(struct request *rq, struct json_writer *w);
void mm_end(struct json_writer *w);

/* api/mobip/answer.h: how the MOBIP API answers: one flat object of strings with a return_code, as JSON or XML.
 *
 * What goes well and what does not is HTTP status 200, as its clients expect; the code says which (mobip.md 2, 3). */
#pragma once

#include "api/endpoint.h"

/* Begins the object with return_code 0; the caller adds its members and ends it. */
void mobip_begin(struct json_writer *w);
/* Numbers and dates are strings too. */
void mobip_int(struct json_writer *w, const char *name, int64_t value);
void mobip_bool(struct json_writer *w, const char *name, bool value);
void mobip_text(struct json_writer *w, const char *name, struct str value); /* absent = "" */
void mobip_time(struct json_writer *w, const char *name, int64_t us);	    /* 0 = "" */
/* An answer that is its return_code alone. */
void mobip_render_done(struct request *rq, struct json_writer *w);

/* PAID, DENIED, PENDING, CANCELLED, ERROR: what a payment's state is called. */
struct payment;
const char *mobip_state(const struct payment *p);
/* Why it is not paid, in the words of mobip.md 6 or the provider's; absent or empty: nothing to say. */
struct str mobip_reason(const struct payment *p);

void mobip_refuse(struct request *rq);
/* The row of a code; of ERR_INTERNAL for one that has none. */
struct mobip_error {
	enum err code;
	int status, return_code;
	const char *message;
};
const struct mobip_error *mobip_error(enum err code);
/* XML if that was asked for, and the headers of every answer. */
void mobip_finish(struct request *rq);

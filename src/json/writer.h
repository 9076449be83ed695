/* json/writer.h: JSON straight into a buffer; commas and nesting are kept here, failure is remembered by the buffer.
 *
 * `name` is the member's name inside an object and NULL inside an array and at the top; names are written as they are
 * (ours, plain ASCII). Unbalanced nesting is a bug and aborts. The writer owns nothing and needs no clean-up.
 *
 *	json_writer_init(w, &buf);
 *	json_obj(w, NULL);
 *	json_str(w, "reference", order->reference);
 *	json_decimal(w, "amount", order->amount_micros);
 *	json_end(w);
 *	return json_finish(w);
 */
#pragma once

#include "base/buf.h"

enum { JSON_WRITER_DEPTH = 32 };

struct json_writer {
	struct buf *buf;
	unsigned depth;
	bool comma;			 /* something stands before the next value in this container */
	bool key_written;		 /* json_key() has named the next value */
	char closers[JSON_WRITER_DEPTH]; /* of the open containers: '}' or ']' */
};

void json_writer_init(struct json_writer *w, struct buf *buf); /* appends to what the buffer holds */

void json_obj(struct json_writer *w, const char *name);
void json_arr(struct json_writer *w, const char *name);
void json_end(struct json_writer *w); /* closes the innermost */

void json_str(struct json_writer *w, const char *name, struct str value);   /* well-formed UTF-8; absent gives null */
void json_strz(struct json_writer *w, const char *name, const char *value); /* NULL gives null */
void json_int(struct json_writer *w, const char *name, int64_t value);
void json_bool(struct json_writer *w, const char *name, bool value);
void json_null(struct json_writer *w, const char *name);
void json_decimal(struct json_writer *w, const char *name, int64_t micros); /* a number: 29.09 */
void json_ratio(struct json_writer *w, const char *name, __int128 numerator, __int128 denominator);
/* Already JSON, such as json_raw() of a value read earlier; absent gives null. */
void json_raw_value(struct json_writer *w, const char *name, struct str json);
/* Members of the open object, elements of the open array or the whole value, as they were written before;
 * with the commas between them. At least one. */
void json_raw_members(struct json_writer *w, struct str json);
/* "2021-03-24T20:05:05.883561000Z" of microseconds since 1970. */
void json_date(struct json_writer *w, const char *name, int64_t us);
/* The same with `digits` of fraction (0 to 9) and the zone's spelling. */
void json_time(struct json_writer *w, const char *name, int64_t us, int digits, const char *zone);

/* A member whose name is data (metadata, translations): the next value written is its value, with a NULL name. */
void json_key(struct json_writer *w, struct str name);

/* ERR_TOO_LARGE if the buffer's maximum was passed. Exactly one whole value must have been written. */
MUST_USE enum err json_finish(const struct json_writer *w);

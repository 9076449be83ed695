/* json/reader.h: a strict JSON reader (RFC 8259) that makes one flat tape of tokens instead of a tree.
 *
 * Tokens point into the input, which must outlive them: digits, strings and whole values are kept verbatim and decoded
 * on demand. The tape lives in the caller's arena. A value is a `const struct json_token *` and stands alone; every
 * getter takes NULL for an absent value, so that look-ups chain.
 *
 * Refused beyond the grammar: a key twice in one object (compared decoded), U+0000 in any spelling, lone surrogates,
 * ill-formed UTF-8, a byte order mark, too much depth, too many tokens. Accepting them is how two parsers come to
 * disagree about the same bytes. */
#pragma once

#include "base/arena.h"

enum json_type { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* Fields are for this folder; callers use the functions below. */
struct json_token {
	const char *p;	/* first byte of the value as it stands in the input; of a string, its opening quote */
	uint32_t bytes; /* up to and with the last byte */
	uint32_t span;	/* tokens of this value: itself and all within it. A member is its key's token, then its value's
			 */
	uint32_t count; /* elements of an array, members of an object */
	uint8_t type;	/* enum json_type */
	bool escaped;	/* a string with a backslash in it */
};

struct json_limits {
	size_t depth;  /* containers within each other; a scalar has depth 0 */
	size_t tokens; /* values and keys together */
};

struct json {
	const struct json_token *tokens; /* tokens[0] is the root */
	size_t count;
	struct str input;
	/* The two written when reading fails: where, and what was wrong there ("duplicate key"). */
	size_t error_at;
	const char *error;
};

/* Reads the whole of `in`. NULL limits are LIMIT_JSON_DEPTH and LIMIT_JSON_TOKENS. ERR_BAD_REQUEST if it is not one
 * JSON text as described above, ERR_TOO_LARGE if a limit is passed; then only error_at and error of *ret are set. */
MUST_USE enum err json_read(struct arena *a, struct str in, const struct json_limits *limits, struct json *ret);

const struct json_token *json_root(const struct json *doc);

enum json_type json_type(const struct json_token *value);
bool json_is_null(const struct json_token *value); /* null or absent */
size_t json_count(const struct json_token *value); /* elements or members; 0 for anything else */

/* The member's value, or NULL if there is none or `object` is not an object. Linear in the object's members. */
const struct json_token *json_get(const struct json_token *object, const char *key);

/* Elements in order:  for (v = json_first(array); v; v = json_next(array, v))
 * Members in order:   for (k = json_first(object); k; k = json_next(object, k)) ... json_value(k)
 * `json_first` of an object gives the first key. NULL past the end, or if it is not a container. */
const struct json_token *json_first(const struct json_token *container);
const struct json_token *json_next(const struct json_token *container, const struct json_token *at);
const struct json_token *json_value(const struct json_token *key);

/* The value as it stands in the input, quotes and brackets included; absent if NULL. */
struct str json_raw(const struct json_token *value);

/* A string decoded: a slice of the input where nothing is escaped, else a copy in the arena. Absent if the value is not
 * a string. Always well-formed UTF-8 without U+0000. */
struct str json_text(struct arena *a, const struct json_token *value);
bool json_text_is(const struct json_token *value, struct str text); /* compares decoded, without copying */

/* The number's own characters; absent if the value is not a number. */
struct str json_number_text(const struct json_token *value);

/* ERR_BAD_REQUEST if the value is not a number of digits alone (5; neither 5.0 nor 5e0) or out of range. */
MUST_USE enum err json_i64(const struct json_token *value, int64_t min, int64_t max, int64_t *ret);
MUST_USE enum err json_boolean(const struct json_token *value, bool *ret);
/* ERR_BAD_REQUEST if it is not a number or not a whole number of millionths, ERR_OVERFLOW if it does not fit. */
MUST_USE enum err json_micros(const struct json_token *value, int64_t *ret_micros);

/* base/str.h: slices of bytes that somebody else owns.
 *
 * A slice with p == NULL is absent; one with p != NULL and n == 0 is empty. Nothing here allocates. */
#pragma once

#include "base/err.h"
#include "base/must.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_NONE ((struct str){ NULL, 0 })
#define STR_ARG(s) (int)(s).n, (s).p /* for "%.*s" */

struct str str_of(const char *z); /* of a NUL-terminated string; NULL gives an absent slice */
bool str_eq(struct str a, struct str b);
bool str_is(struct str a, const char *z);
bool str_eq_nocase(struct str a, struct str b); /* ASCII only */
bool str_starts(struct str a, struct str prefix);
int str_cmp(struct str a, struct str b); /* bytewise */
bool str_is_blank(struct str a);	 /* no byte that is not ASCII white space */
bool str_is_utf8(struct str a);		 /* well-formed UTF-8, no NUL */
size_t str_codepoints(struct str a);	 /* of well-formed UTF-8 */
struct str str_trim(struct str a);
/* Cuts at the first `at`: returns what is before it and leaves the rest in *rest (absent if there was none). */
struct str str_cut(struct str *rest, char at);
struct str str_skip(struct str a, size_t n);

/* Decimal digits with an optional leading '-', nothing else. ERR_BAD_REQUEST outside [min, max] or on other bytes. */
MUST_USE enum err str_to_i64(struct str a, int64_t min, int64_t max, int64_t *ret);

/* FNV-1a, for hash tables over trusted keys and for request fingerprints. */
uint64_t str_hash(struct str a);

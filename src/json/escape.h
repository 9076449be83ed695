/* json/escape.h: the escape sequences of JSON strings, as the reader checks and decodes them. For this folder only. */
#pragma once

#include <stddef.h>

/* Checks the sequence that begins with the backslash at *p and steps over it; a pair of surrogates is one sequence.
 * NULL, or what is wrong with it (then *p stays). */
const char *escape_check(const char **p, const char *end);

/* Decodes a sequence that has been checked, steps over it and returns how many bytes of UTF-8 it makes. */
size_t escape_decode(const char **p, const char *end, char ret[4]);

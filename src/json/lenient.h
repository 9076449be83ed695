/* json/lenient.h: texts that are meant as JSON and are none: strict reading first, and only if that fails, repaired.
 *
 * What is repaired is what a documented example of an import does (mobip.md 11), and nothing else: a comma before a
 * closing bracket, an array in an object without a key, members without the outermost braces. What was repaired is read
 * strictly again, so that everything json/reader.h promises holds. */
#pragma once

#include "json/reader.h"

/* `key`: what an array without a key is called; ours, plain ASCII. The document may be a copy, in the arena. ERR_* and
 * limits as json_read; where and what went wrong is said of the text as it was given, if it could not be repaired. */
MUST_USE enum err json_read_lenient(struct arena *a, struct str in, const char *key, const struct json_limits *limits,
				    struct json *ret);

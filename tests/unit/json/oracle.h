/* tests/unit/json/oracle.h: json-c in its strict mode, told apart from our reader by a file of its own because both
 * name an enum json_type. */
#pragma once

#include "base/buf.h"

/* Writes what json-c understands by the text: n, t, f; i and a number of 64 bits, I for one at or beyond the least and
 * past the greatest; d and a double; s, a length and its bytes; [ or {, a count and the elements or members. False if
 * json-c refuses the text. */
bool oracle_dump(struct str in, struct buf *b);

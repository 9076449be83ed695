/* base/decimal.h: exact decimal text from and to integers; no floating point anywhere.
 *
 * Amounts are int64_t millionths ("micros"). Text is read from the number's own digits and printed exactly; a ratio is
 * cut to 15 significant digits, which every reader of doubles takes back unharmed. Nothing here allocates but the
 * buffer that is written to. */
#pragma once

#include "base/buf.h"

/* The grammar of a JSON number: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?, nothing before or after it.
 * ERR_BAD_REQUEST if malformed or not a whole number of millionths, ERR_OVERFLOW if it does not fit. */
MUST_USE enum err decimal_parse(struct str text, int64_t *ret_micros);

/* 3, 3.6, -0.000001: exact, without trailing zeros. */
void decimal_put(struct buf *b, int64_t micros);

/* numerator / denominator: 3, 0.833333333333333, 83.3333333333333. At most 15 significant digits, half rounded away
 * from zero, without trailing zeros and never with an exponent. The denominator is positive, and both are below 10^37
 * in size; anything else is a bug of the caller. */
void decimal_put_ratio(struct buf *b, __int128 numerator, __int128 denominator);

/* core/price_list.h: names of price lists as small numbers that mean the same in every snapshot of this process.
 *
 * A number is given out once and never taken back, so products of old snapshots and of the history can be priced with
 * it. Thread-safe. */
#pragma once

#include "base/str.h"

enum { PRICE_LISTS_MAX = 64 };

/* The number of a name, a new one if it has none yet. ERR_TOO_LARGE past PRICE_LISTS_MAX of them, or 32 bytes. */
MUST_USE enum err price_list_number(struct str name, int *ret);
int price_list_find(struct str name); /* -1 if it has none */
struct str price_list_name(int list); /* of a number that was given out */

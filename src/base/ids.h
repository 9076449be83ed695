/* base/ids.h: identifiers ordered by time: 41 bits of milliseconds since 2025-01-01 | 5 bits node slot | 7 bits
 * counter.
 *
 * Below 2^53, so that JavaScript reads them exactly; unique without a sequence, because a node leases its slot. A
 * generator never goes back: when the clock is set back, or more than 128 are drawn in a millisecond, it runs ahead of
 * the clock. The clock given is the business clock (service/clock.h), so that a range of dates is a range of ids. */
#pragma once

#include "base/str.h"

struct ids {
	int64_t last; /* the highest id drawn */
	int slot;     /* 0 .. LIMIT_NODE_SLOTS - 1 */
};

int64_t ids_next(struct ids *ids, int64_t now_us);
/* The smallest id that any node can draw at that time or later; 0 before 2025. */
int64_t ids_floor(int64_t us);
/* From now on higher ones than `id`, which another node may have drawn. */
void ids_after(struct ids *ids, int64_t id);
int ids_slot(int64_t id);	 /* of the node that drew it */
int64_t ids_time_us(int64_t id); /* when it was drawn, to the millisecond */

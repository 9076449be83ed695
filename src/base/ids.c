#include "base/ids.h"

#include "base/limits.h"

enum { COUNTER_BITS = 7, SLOT_BITS = 5, TIME_SHIFT = COUNTER_BITS + SLOT_BITS };

#define EPOCH_MS INT64_C(1735689600000) /* 2025-01-01T00:00:00Z */

static int64_t ids_of(int64_t ms, int slot)
{
	return ms << TIME_SHIFT | (int64_t)slot << COUNTER_BITS;
}

int64_t ids_next(struct ids *ids, int64_t now_us)
{
	int64_t ms = now_us / 1000 - EPOCH_MS, last_ms = ids->last >> TIME_SHIFT;

	must(ids->slot >= 0 && ids->slot < LIMIT_NODE_SLOTS && ms < INT64_C(1) << 41);
	if (ms > last_ms)
		ids->last = ids_of(ms, ids->slot);
	else if ((ids->last + 1) >> COUNTER_BITS == ids->last >> COUNTER_BITS)
		ids->last++;
	else
		ids->last = ids_of(last_ms + 1, ids->slot);
	return ids->last;
}

int64_t ids_floor(int64_t us)
{
	int64_t ms = us / 1000 - EPOCH_MS;

	return ms > 0 ? ms << TIME_SHIFT : 0;
}

void ids_after(struct ids *ids, int64_t id)
{
	/* As if all of its millisecond had been drawn here. */
	if (id > ids->last)
		ids->last = (id >> TIME_SHIFT) << TIME_SHIFT | (int64_t)ids->slot << COUNTER_BITS |
			    ((1 << COUNTER_BITS) - 1);
}

int ids_slot(int64_t id)
{
	return (int)(id >> COUNTER_BITS & (LIMIT_NODE_SLOTS - 1));
}

int64_t ids_time_us(int64_t id)
{
	return ((id >> TIME_SHIFT) + EPOCH_MS) * 1000;
}

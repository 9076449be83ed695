/* service/business_clock.h: wall clock plus an offset that is a row, only grows, and survives restarts.
 *
 * Every time shown and every deadline (expiry, holds, retries) is read from it. Advancing it is for demo and sandbox
 * stores only, and wakes every timer: so no test sleeps. */
#pragma once

#include "service/audit.h"

/* Within a transaction; 0 for a store that never moved its clock. */
MUST_USE enum err business_clock_read(struct db *db, int64_t *ret_offset_us);

/* ERR_FORBIDDEN unless the engine was opened with sandbox_clock; ERR_BAD_REQUEST unless by_us > 0 and the sum stays
 * below 50 years. */
struct clock_advance {
	struct by by;
	int64_t by_us;
	int64_t now_us; /* found: business time after it */
};
extern const struct verb verb_clock_advance;

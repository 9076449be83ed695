/* api/rate.h: how many requests a second a credential may make; token buckets in the loop thread's memory.
 *
 * A bucket holds one second's worth of requests and fills steadily. Buckets that are full again are as good as absent
 * and are dropped when the table grows, so its size follows the credentials in use. */
#pragma once

#include "base/str.h"

enum { RATE_UNLIMITED = 1000000 }; /* what is shown where there is no limit */

struct rates;

struct rates *rates_new(void);
void rates_free(struct rates *r); /* NULL is fine */

struct rate_verdict {
	bool allowed;
	int64_t limit, remaining;    /* requests */
	int64_t retry_after_seconds; /* when not allowed, at least 1 */
};

/* What each of so many nodes allows of a limit for all of them: its part, rounded up, so together at most nodes - 1
 * requests a second more. 0 stays 0. */
int64_t rate_share(int64_t limit, int nodes);

/* Takes one request of the credential's; `limit` a second, 0 = none; `now_us` monotonic. */
struct rate_verdict rates_take(struct rates *r, int64_t credential, int64_t limit, int64_t now_us);

/* base/rate.h: how many requests somebody may make in a period: a credential a second, an address a minute. Token
 * buckets in the memory of one thread.
 *
 * A bucket holds one period's worth of requests and fills steadily. Buckets that are full again are as good as absent
 * and are dropped when the table grows, so its size follows the keys in use. */
#pragma once

#include "base/str.h"

enum { RATE_UNLIMITED = 1000000 }; /* what is shown where there is no limit */

struct rates;

/* Limits are so many requests in each period_us, at most an hour. */
struct rates *rates_new(int64_t period_us);
void rates_free(struct rates *r); /* NULL is fine */

struct rate_verdict {
	bool allowed;
	int64_t limit, remaining;    /* requests */
	int64_t retry_after_seconds; /* when not allowed, at least 1 */
};

/* What each of so many nodes allows of a limit for all of them: its part, rounded up, so together at most nodes - 1
 * requests a period more. 0 stays 0. */
int64_t rate_share(int64_t limit, int nodes);

/* Keys of texts and of addresses; never an id, which is positive. Of an IPv6 address the network counts: each customer
 * has 2^64 addresses. */
int64_t rate_key(struct str text);
int64_t rate_key_of_peer(struct str address);

/* Takes one request of the key's, which is not 0; `limit` a period, 0 = none; `now_us` monotonic. */
struct rate_verdict rates_take(struct rates *r, int64_t key, int64_t limit, int64_t now_us);

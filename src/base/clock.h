/* base/clock.h: reading the three clocks' sources and writing dates.
 *
 * monotonic: network deadlines and intervals. wall: leases, ids, logs. business = wall + an offset kept in the store
 * (service/clock.h), for everything that a caller sees. All values are int64_t microseconds; wall and business count
 * from 1970-01-01 UTC. core never calls these: time comes to it as an argument. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

int64_t clock_mono_us(void);
int64_t clock_wall_us(void);

#define SECONDS_US(s) ((int64_t)(s)*1000000)

/* RFC 3339 with zone, fraction of 0 to 9 digits (beyond microseconds cut), 'T' or 't', 'Z', 'z' or +hh:mm. A space in
 * place of the '+' of the zone is taken as '+' when `space_is_plus` (form-decoded queries, dvs.md 3.2).
 * ERR_BAD_REQUEST if malformed, no such day, or outside the years 0000 to 9999 in UTC. */
MUST_USE enum err clock_parse_rfc3339(struct str s, bool space_is_plus, int64_t *ret_us);

/* YYYY-MM-DD; ERR_BAD_REQUEST if malformed or no such day. Midnight UTC. */
MUST_USE enum err clock_parse_date(struct str s, int64_t *ret_us);

/* The month around a moment: midnight UTC of its first day, and of the first day of the next one. */
void clock_month(int64_t us, int64_t *ret_from, int64_t *ret_to);

/* 2021-03-24T20:05:05.883561000Z: `digits` of fraction (0 to 9), then zone ("Z" or "+00:00"). */
void clock_put_rfc3339(struct buf *b, int64_t us, int digits, const char *zone);

/* YYYY-MM-DD of that moment in UTC, in the arena. */
struct str clock_date(struct arena *a, int64_t us);

/* Sun, 06 Nov 1994 08:49:37 GMT, for the Date header; always 29 bytes. */
void clock_put_http_date(struct buf *b, int64_t us);

/* "90s", "15m", "25h", "3d", or sums such as "1h30m". ERR_BAD_REQUEST otherwise, or above 10 years. */
MUST_USE enum err clock_parse_duration(struct str s, int64_t *ret_us);

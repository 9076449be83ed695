/* core/rate.h: exchange rates, as the catalogue keeps them: nothing converts on its own, an order keeps what it used.
 */
#pragma once

#include "core/money.h"

struct catalog;

struct rate {
	int64_t id, batch; /* which one, and of which import */
	struct currency from, to;
	int64_t micros; /* of `to` for one of `from`, > 0 */
};

/* The rate between two currencies, NULL if the catalogue has none; of several the one with the lowest id. */
const struct rate *catalog_rate(const struct catalog *c, struct currency from, struct currency to);

/* An amount at a rate of `rate_micros`, rounded half up to the minor unit of `to`. ERR_OVERFLOW. */
MUST_USE enum err rate_convert(int64_t amount, int64_t rate_micros, struct currency to, int64_t *ret);

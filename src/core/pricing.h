/* core/pricing.h: what an order costs. Pure, exact, rounded once.
 *
 * Rates are ratios of the ends of the listed ranges: base = destination / source, wholesale = destination / wholesale
 * price (dvs.md 5.3). A ranged amount is snapped down to the product's grid, never more than was paid for (dvs.md 5.4).
 */
#pragma once

#include "core/catalog.h"

#define MARKUP_RATE_MAX INT64_C(1000000000000) /* a million */
#define MARKUP_PERCENT_MAX INT64_C(1000000000) /* 1000 % */

/* An amount the buyer named; set = false: not given. */
struct asked_amount {
	bool set;
	struct str unit_type, unit;
	int64_t micros;
};

struct quote {
	int calculation_mode; /* 0 for fixed products */
	int64_t requested_source, requested_destination, adjusted_source,
		adjusted_destination; /* micros; ranged only */
	struct currency currency;
	int64_t amount, fee;		 /* of the wholesale price */
	struct currency retail_currency; /* 0 = none */
	int64_t retail_amount, retail_fee;
};

/* amount x rate x (1 + percent / 100) + fixed, in the price's currency, rounded once, half up, to its minor unit
 * (s2s.md 3.1). `face` is in micros of the product's own currency, at most MONEY_ITEM_MAX. ERR_AMOUNT_OUT_OF_RANGE when
 * that is less than one minor unit, ERR_OVERFLOW above MONEY_ITEM_MAX. */
MUST_USE enum err price_marked_up(int64_t face, const struct markup *markup, struct currency cur, int64_t *ret);

/* ERR_BAD_REQUEST: a ranged product without an accepted mode, or without the amount the mode asks for (*ret_detail says
 * which); ERR_UNIT_INVALID; ERR_AMOUNT_OUT_OF_RANGE; ERR_OVERFLOW above MONEY_ITEM_MAX. */
MUST_USE enum err price_quote(const struct product *p, const struct price *price, int calculation_mode,
			      const struct asked_amount *source, const struct asked_amount *destination,
			      struct quote *ret, const char **ret_detail);

/* core/pricing.h: what an order costs. Pure, exact, rounded once.
 *
 * Rates are ratios of the ends of the listed ranges: base = destination / source, wholesale = destination / wholesale
 * price (dvs.md 5.3). A ranged amount is snapped down to the product's grid, never more than was paid for (dvs.md 5.4).
 */
#pragma once

#include "core/catalog.h"

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

/* ERR_BAD_REQUEST: a ranged product without an accepted mode, or without the amount the mode asks for (*ret_detail says
 * which); ERR_UNIT_INVALID; ERR_AMOUNT_OUT_OF_RANGE; ERR_OVERFLOW above MONEY_ITEM_MAX. */
MUST_USE enum err price_quote(const struct product *p, const struct price *price, int calculation_mode,
			      const struct asked_amount *source, const struct asked_amount *destination,
			      struct quote *ret, const char **ret_detail);

/* core/money.h: amounts, currencies and exact ratios. Pure values, nothing allocates.
 *
 * An amount is a count of millionths (micros) of the currency's unit. No floating point touches it. Products and
 * ratios go through __int128; overflow is an error before any effect. Rounding is half up (away from zero): to the
 * currency's minor unit when something is charged, to the micro when a shown amount does not terminate. */
#pragma once

#include "base/str.h"

/* ISO 4217 by its number; 0 is "no currency". A struct, so that it cannot be mixed up with an amount. */
struct currency {
	int number;
};

struct money {
	int64_t micros;
	struct currency cur;
};

/* An exact positive ratio, such as a rate: den > 0, num >= 0. num = 0 and den = 0 means "none". */
struct ratio {
	int64_t num, den;
};

#define MONEY_ITEM_MAX INT64_C(1000000000000000)       /* 10^9 units: the most that one item may cost */
#define MONEY_ACCOUNT_MAX INT64_C(1000000000000000000) /* 10^12 units: the most that one account may hold */

/* Three capital letters; ERR_CURRENCY if ISO 4217 does not know them. */
MUST_USE enum err currency_parse(struct str code, struct currency *ret);
MUST_USE enum err currency_of_number(int64_t number, struct currency *ret);
struct str currency_code(struct currency c); /* "USD", static */
int currency_exponent(struct currency c);    /* digits of the minor unit: USD 2, JPY 0, KWD 3 */
static inline bool currency_eq(struct currency a, struct currency b)
{
	return a.number == b.number;
}

/* ERR_OVERFLOW beyond +-MONEY_ACCOUNT_MAX. */
MUST_USE enum err money_times(struct money a, int64_t count, struct money *ret_product);

/* a + b in micros; ERR_OVERFLOW beyond +-MONEY_ACCOUNT_MAX. */
MUST_USE enum err micros_add(int64_t a, int64_t b, int64_t *ret_sum);

/* amount x num / den, half up at the micro. ERR_OVERFLOW when |result| > MONEY_ACCOUNT_MAX; den > 0. */
MUST_USE enum err micros_scale(int64_t amount, int64_t num, int64_t den, int64_t *ret);
/* The same, rounded down (toward minus infinity) and *ret_exact set when nothing was cut. */
MUST_USE enum err micros_scale_down(int64_t amount, int64_t num, int64_t den, int64_t *ret, bool *ret_exact);

/* One minor unit in micros: USD 10000, JPY 1000000. */
int64_t money_minor(struct currency cur);
/* Half up to the currency's minor unit: 2.345 USD -> 2.35, 1.5 JPY -> 2. */
int64_t micros_round(int64_t micros, struct currency cur);
/* amount x num / den rounded once, half up, to the currency's minor unit. ERR_OVERFLOW as above. */
MUST_USE enum err micros_scale_round(int64_t amount, int64_t num, int64_t den, struct currency cur, int64_t *ret);

#include "core/pricing.h"

#include "support/test.h"

#define UNITS(whole) (INT64_C(1000000) * (whole))

static const struct currency usd = { 840 }, eur = { 978 }, bdt = { 50 };

/* dvs.md 5.4: source USD 1..10, destination BDT 80..800 step 10, wholesale EUR 0.96..9.6. */
static const struct product ranged = {
	.type = PRODUCT_RANGED_RECHARGE,
	.calculation_modes = CALCULATION_SOURCE | CALCULATION_DESTINATION,
	.source = { { 840 }, UNITS(1), UNITS(10), 0 },
	.destination = { { 50 }, UNITS(80), UNITS(800), UNITS(10) },
};
static const struct price ranged_price = { .wholesale = { { 978 }, 960000, 9600000, 0 } };

static void prices_the_worked_example(void **state)
{
	static const struct {
		int mode;
		int64_t asked;
		const char *unit;
		enum err e;
		int64_t requested_source, requested_destination, adjusted_source, adjusted_destination, amount;
	} rows[] = {
		{ CALCULATION_SOURCE, 2550000, "USD", OK, 2550000, UNITS(204), 2500000, UNITS(200), 2400000 },
		{ CALCULATION_SOURCE, 2500000, "USD", OK, 2500000, UNITS(200), 2500000, UNITS(200), 2400000 },
		{ CALCULATION_DESTINATION, UNITS(205), "BDT", OK, 2562500, UNITS(205), 2500000, UNITS(200), 2400000 },
		{ CALCULATION_DESTINATION, UNITS(800), "BDT", OK, UNITS(10), UNITS(800), UNITS(10), UNITS(800),
		  9600000 },
		{ CALCULATION_DESTINATION, UNITS(80), "BDT", OK, UNITS(1), UNITS(80), UNITS(1), UNITS(80), 960000 },
		{ CALCULATION_SOURCE, 10010000, "USD", ERR_AMOUNT_OUT_OF_RANGE, 0, 0, 0, 0, 0 },
		{ CALCULATION_DESTINATION, UNITS(79), "BDT", ERR_AMOUNT_OUT_OF_RANGE, 0, 0, 0, 0, 0 },
		{ CALCULATION_DESTINATION, UNITS(100), "SGD", ERR_UNIT_INVALID, 0, 0, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct asked_amount asked = { true, STR("CURRENCY"), str_of(rows[i].unit), rows[i].asked },
				    none = { 0 };
		struct quote q = { 0 };
		const char *detail = NULL;
		bool by_source = rows[i].mode == CALCULATION_SOURCE;

		check_err(price_quote(&ranged, &ranged_price, rows[i].mode, by_source ? &asked : &none,
				      by_source ? &none : &asked, &q, &detail),
			  rows[i].e);
		assert_int_equal(q.requested_source, rows[i].requested_source);
		assert_int_equal(q.requested_destination, rows[i].requested_destination);
		assert_int_equal(q.adjusted_source, rows[i].adjusted_source);
		assert_int_equal(q.adjusted_destination, rows[i].adjusted_destination);
		assert_int_equal(q.amount, rows[i].amount);
	}
}

static void asks_for_mode_and_amount(void **state)
{
	struct asked_amount none = { 0 }, wrong_type = { true, STR("DATA"), STR("USD"), UNITS(2) };
	struct quote q;
	const char *detail = NULL;

	(void)state;
	check_err(price_quote(&ranged, &ranged_price, 0, &none, &none, &q, &detail), ERR_BAD_REQUEST);
	check_str(str_of(detail), "calculation_mode: is required for this product");
	check_err(price_quote(&ranged, &ranged_price, CALCULATION_SOURCE, &none, &none, &q, &detail), ERR_BAD_REQUEST);
	check_str(str_of(detail), "source: is required by calculation_mode");
	check_err(price_quote(&ranged, &ranged_price, CALCULATION_SOURCE, &wrong_type, &none, &q, &detail),
		  ERR_UNIT_INVALID);
}

static void fixed_products_cost_what_is_listed(void **state)
{
	const struct product fixed = { .type = PRODUCT_FIXED_RECHARGE };
	const struct price price = { .wholesale = { usd, 3600000, 3600000, 0 },
				     .wholesale_fee = 10000,
				     .retail = { eur, 4000000, 4000000, 0 } };
	const struct price huge = { .wholesale = { bdt, MONEY_ITEM_MAX, MONEY_ITEM_MAX, 0 }, .wholesale_fee = 1 };
	struct asked_amount ignored = { true, STR("CURRENCY"), STR("XXX"), -5 };
	struct quote q;
	const char *detail = NULL;

	(void)state;
	check_ok(price_quote(&fixed, &price, CALCULATION_SOURCE, &ignored, &ignored, &q, &detail));
	assert_int_equal(q.amount, 3600000);
	assert_int_equal(q.fee, 10000);
	assert_int_equal(q.retail_amount, 4000000);
	assert_int_equal(q.calculation_mode, 0);
	check_err(price_quote(&fixed, &huge, 0, &ignored, &ignored, &q, &detail), ERR_OVERFLOW);
}

/* s2s.md 3.1: rounded once, half up; the fixed part after the rate and the percentage. */
static void prices_any_amount_exactly(void **state)
{
	static const struct {
		int64_t face, rate, percent, fixed;
		enum err e;
		int64_t price;
	} rows[] = {
		{ UNITS(100), 272000, UNITS(-2), 0, OK, 26660000 },
		{ UNITS(50), 272000, UNITS(-2), 0, OK, 13330000 },
		{ 37500000, 272000, UNITS(-2), 0, OK, UNITS(10) },
		{ 12340000, 272000, UNITS(-2), 0, OK, 3290000 },
		{ UNITS(100), 272000, 3500000, 250000, OK, 28400000 },
		{ UNITS(250), 12500, 1500000, 300000, OK, 3470000 },
		{ UNITS(50), 20100, 0, 0, OK, 1010000 },
		{ 10000, 272000, UNITS(-2), 0, ERR_AMOUNT_OUT_OF_RANGE, 0 },
		{ UNITS(1), 272000, 0, UNITS(-1), ERR_AMOUNT_OUT_OF_RANGE, 0 },
		{ MONEY_ITEM_MAX, MARKUP_RATE_MAX, MARKUP_PERCENT_MAX, 0, ERR_OVERFLOW, 0 },
		{ MONEY_ITEM_MAX, UNITS(1), 0, 0, OK, MONEY_ITEM_MAX },
		{ MONEY_ITEM_MAX + 1, 1, 0, 0, ERR_OVERFLOW, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct markup markup = { rows[i].rate, rows[i].percent, rows[i].fixed };
		int64_t price = 0;

		check_err(price_marked_up(rows[i].face, &markup, usd, &price), rows[i].e);
		assert_int_equal(price, rows[i].price);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prices_any_amount_exactly),
		cmocka_unit_test(prices_the_worked_example),
		cmocka_unit_test(asks_for_mode_and_amount),
		cmocka_unit_test(fixed_products_cost_what_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

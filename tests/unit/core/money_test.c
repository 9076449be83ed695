#include "core/money.h"

#include "support/test.h"

static struct currency cur(const char *code)
{
	struct currency c;

	check_ok(currency_parse(str_of(code), &c));
	return c;
}

static void knows_currencies(void **state)
{
	struct currency c;

	(void)state;
	assert_int_equal(cur("USD").number, 840);
	assert_int_equal(currency_exponent(cur("JPY")), 0);
	assert_int_equal(currency_exponent(cur("XPF")), 0);
	assert_int_equal(currency_exponent(cur("KWD")), 3);
	check_str(currency_code(cur("EUR")), "EUR");
	check_err(currency_parse(STR("usd"), &c), ERR_CURRENCY);
	check_err(currency_parse(STR("ABC"), &c), ERR_CURRENCY);
	check_err(currency_of_number(1, &c), ERR_CURRENCY);
}

static void sums_and_products_have_an_end(void **state)
{
	struct money product;
	int64_t sum;

	(void)state;
	check_ok(micros_add(1, 2, &sum));
	assert_int_equal(sum, 3);
	check_err(micros_add(MONEY_ACCOUNT_MAX, 1, &sum), ERR_OVERFLOW);
	check_err(micros_add(-MONEY_ACCOUNT_MAX, -1, &sum), ERR_OVERFLOW);
	check_err(money_times((struct money){ MONEY_ITEM_MAX, cur("USD") }, 1001, &product), ERR_OVERFLOW);
}

static void rounds_half_up(void **state)
{
	static const struct {
		int64_t micros;
		const char *code;
		int64_t rounded;
	} rows[] = {
		{ 2345000, "USD", 2350000 }, { 2344999, "USD", 2340000 }, { -2345000, "USD", -2350000 },
		{ 1500000, "JPY", 2000000 }, { 1499999, "JPY", 1000000 }, { 1234500, "KWD", 1235000 },
		{ 5000, "USD", 10000 },	     { 4999, "USD", 0 },
	};
	int64_t value;
	bool exact;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(micros_round(rows[i].micros, cur(rows[i].code)), rows[i].rounded);

	/* 200 BDT at 83.333... BDT a EUR (100 / 1.2) is 2.4 EUR exactly, where doubles give 2.400000000000001. */
	check_ok(micros_scale_round(200000000, 1200000, 100000000, cur("EUR"), &value));
	assert_int_equal(value, 2400000);
	check_ok(micros_scale(1000000, 1, 3, &value));
	assert_int_equal(value, 333333);
	check_ok(micros_scale_down(1000000, 2, 3, &value, &exact));
	assert_int_equal(value, 666666);
	assert_false(exact);
	check_ok(micros_scale_down(-1000000, 1, 3, &value, &exact));
	assert_int_equal(value, -333334);
	check_err(micros_scale(MONEY_ACCOUNT_MAX, 2, 1, &value), ERR_OVERFLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_currencies),
		cmocka_unit_test(sums_and_products_have_an_end),
		cmocka_unit_test(rounds_half_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/decimal.h"

#include "support/test.h"

static void parses_exactly(void **state)
{
	static const struct {
		const char *in;
		enum err e;
		int64_t micros;
	} rows[] = {
		{ "0", OK, 0 },
		{ "-0", OK, 0 },
		{ "0.000", OK, 0 },
		{ "0e999999999999999999999", OK, 0 },
		{ "3", OK, 3000000 },
		{ "29.09", OK, 29090000 },
		{ "-0.000001", OK, -1 },
		{ "0.0000010000000000", OK, 1 },
		{ "1e3", OK, 1000000000 },
		{ "1.5E+2", OK, 150000000 },
		{ "25e-1", OK, 2500000 },
		{ "100e-8", OK, 1 },
		{ "0.000000000001e6", OK, 1 },
		{ "0.000000000000000000001e15", OK, 1 },
		{ "9223372036854.775807", OK, INT64_MAX },
		{ "-9223372036854.775808", OK, INT64_MIN },
		{ "9223372036854.775808", ERR_OVERFLOW, 0 },
		{ "-9223372036854.775809", ERR_OVERFLOW, 0 },
		{ "1e13", ERR_OVERFLOW, 0 },
		{ "1e999999999999999999999", ERR_OVERFLOW, 0 },
		{ "100000000000000000000", ERR_OVERFLOW, 0 },
		{ "0.0000001", ERR_BAD_REQUEST, 0 },
		{ "1.0000005", ERR_BAD_REQUEST, 0 },
		{ "1e-7", ERR_BAD_REQUEST, 0 },
		{ "1e-999999999999999999999", ERR_BAD_REQUEST, 0 },
		{ "", ERR_BAD_REQUEST, 0 },
		{ "-", ERR_BAD_REQUEST, 0 },
		{ "+1", ERR_BAD_REQUEST, 0 },
		{ "01", ERR_BAD_REQUEST, 0 },
		{ "-01", ERR_BAD_REQUEST, 0 },
		{ "1.", ERR_BAD_REQUEST, 0 },
		{ ".5", ERR_BAD_REQUEST, 0 },
		{ "1e", ERR_BAD_REQUEST, 0 },
		{ "1e+", ERR_BAD_REQUEST, 0 },
		{ "1e-+1", ERR_BAD_REQUEST, 0 },
		{ "1,5", ERR_BAD_REQUEST, 0 },
		{ " 1", ERR_BAD_REQUEST, 0 },
		{ "1 ", ERR_BAD_REQUEST, 0 },
		{ "0x1", ERR_BAD_REQUEST, 0 },
		{ "NaN", ERR_BAD_REQUEST, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t micros = 77;

		print_message("# %s\n", rows[i].in);
		check_err(decimal_parse(str_of(rows[i].in), &micros), rows[i].e);
		assert_int_equal(micros, rows[i].e ? 77 : rows[i].micros);
	}
	int64_t untouched = 77;
	check_err(decimal_parse(STR_NONE, &untouched), ERR_BAD_REQUEST);
}

static void prints_exactly(void **state)
{
	static const struct {
		int64_t micros;
		const char *out;
	} rows[] = {
		{ 0, "0" },
		{ 3000000, "3" },
		{ 3600000, "3.6" },
		{ 29090000, "29.09" },
		{ -1, "-0.000001" },
		{ 1000001, "1.000001" },
		{ 100000000000000, "100000000" },
		{ INT64_MAX, "9223372036854.775807" },
		{ INT64_MIN, "-9223372036854.775808" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b;
		int64_t back;

		buf_init(&b, 64);
		decimal_put(&b, rows[i].micros);
		check_str(buf_view(&b), rows[i].out);
		check_ok(decimal_parse(buf_view(&b), &back));
		assert_int_equal(back, rows[i].micros);
		buf_done(&b);
	}
}

static void check_ratio(__int128 numerator, __int128 denominator, const char *out)
{
	struct buf b;

	buf_init(&b, 128);
	decimal_put_ratio(&b, numerator, denominator);
	check_str(buf_view(&b), out);
	buf_done(&b);
}

static void prints_ratios(void **state)
{
	static const struct {
		int64_t numerator, denominator;
		const char *out;
	} rows[] = {
		{ 0, 7, "0" },
		{ 3, 1, "3" },
		{ 18, 5, "3.6" },
		{ 5, 6, "0.833333333333333" },
		{ 250, 3, "83.3333333333333" },
		{ 2, 3, "0.666666666666667" },
		{ -2, 3, "-0.666666666666667" },
		{ 1, 3000000000, "0.000000000333333333333333" },
		{ 1, 10000000000, "0.0000000001" },
		{ 10000, 1, "10000" },
		{ 2000000000000000000, 3, "666666666666667000" },
		{ 123456789012345, 1, "123456789012345" },
		{ 1234567890123454, 1, "1234567890123450" },
		{ 1234567890123455, 1, "1234567890123460" },
		{ 1234567890123456789, 1000000000000000000, "1.23456789012346" },
		/* Half goes away from zero, and only the first digit that is not shown decides. */
		{ 1000000000000005, 10000000000000000, "0.100000000000001" },
		{ 10000000000000049, 100000000000000000, "0.1" },
		{ -1000000000000005, 10000000000000000, "-0.100000000000001" },
		/* A carry runs through every digit. */
		{ 9999999999999999, 10000000000000000, "1" },
		{ 9999999999999995, 10, "1000000000000000" },
		{ 99999999999999995, 10000000000000000, "10" },
		{ 99999999999999995, 100000000000000000, "1" },
		{ 99999999999999995, 1000000000000000000, "0.1" },
	};
	const __int128 huge = (__int128)1000000000000000000 * 1000000000000000000;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_ratio(rows[i].numerator, rows[i].denominator, rows[i].out);
	check_ratio(huge * 9, 1, "9000000000000000000000000000000000000");
	check_ratio(huge * 9, huge * 8, "1.125");
	check_ratio(1, huge * 8, "0.000000000000000000000000000000000000125");
}

/* C's own %.15g, where it needs no exponent. A long double is near enough to these ratios to lie on the same side of
 * every tie, and the odd denominators make no exact ties, which C rounds to even. */
static void agrees_with_printf(void **state)
{
	uint64_t random = 20250101;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char expected[64];

		random = random * 6364136223846793005u + 1442695040888963407u;
		int64_t numerator = (int64_t)(random >> 40), denominator = (int64_t)(random >> 8 & 0xFFF) | 1;
		snprintf(expected, sizeof(expected), "%.15Lg", (long double)numerator / (long double)denominator);
		if (!strchr(expected, 'e'))
			check_ratio(numerator, denominator, expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_exactly),
		cmocka_unit_test(prints_exactly),
		cmocka_unit_test(prints_ratios),
		cmocka_unit_test(agrees_with_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

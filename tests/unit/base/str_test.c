#include "base/str.h"

#include "support/test.h"

static void reads_integers(void **state)
{
	static const struct {
		const char *text;
		enum err e;
		int64_t value;
	} rows[] = {
		{ "0", OK, 0 },
		{ "-7", OK, -7 },
		{ "9223372036854775807", OK, INT64_MAX },
		{ "-9223372036854775808", OK, INT64_MIN },
		{ "9223372036854775808", ERR_BAD_REQUEST, 0 },
		{ "-9223372036854775809", ERR_BAD_REQUEST, 0 },
		{ "", ERR_BAD_REQUEST, 0 },
		{ "-", ERR_BAD_REQUEST, 0 },
		{ "+1", ERR_BAD_REQUEST, 0 },
		{ "1 ", ERR_BAD_REQUEST, 0 },
		{ "1.0", ERR_BAD_REQUEST, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t value = 42;

		check_err(str_to_i64(str_of(rows[i].text), INT64_MIN, INT64_MAX, &value), rows[i].e);
		assert_int_equal(value, rows[i].e ? 42 : rows[i].value);
	}
	int64_t value = 42;
	check_err(str_to_i64(STR("101"), 1, 100, &value), ERR_BAD_REQUEST);
	check_err(str_to_i64(STR("0"), 1, 100, &value), ERR_BAD_REQUEST);
}

static void tells_utf8(void **state)
{
	(void)state;
	assert_true(str_is_utf8(STR("gr\xC3\xBC\xC3\x9F \xE2\x82\xAC \xF0\x9F\x98\x80")));
	assert_false(str_is_utf8(STR("\xC0\x80")));	    /* overlong NUL */
	assert_false(str_is_utf8(STR("\xED\xA0\x80")));	    /* surrogate */
	assert_false(str_is_utf8(STR("\xF4\x90\x80\x80"))); /* above U+10FFFF */
	assert_false(str_is_utf8(STR("\xE2\x82")));
	assert_false(str_is_utf8((struct str){ "a\0b", 3 }));
	assert_int_equal(str_codepoints(STR("\xE2\x82\xAC"
					    "1")),
			 2);
}

static void cuts(void **state)
{
	struct str rest = STR("a=b=c");

	(void)state;
	check_str(str_cut(&rest, '='), "a");
	check_str(rest, "b=c");
	check_str(str_cut(&rest, '&'), "b=c");
	assert_null(rest.p);
	check_str(str_trim(STR(" \t x y\r\n")), "x y");
	assert_true(str_is_blank(STR(" \n")));
	assert_true(str_eq_nocase(STR("BaSiC"), STR("basic")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_integers),
		cmocka_unit_test(tells_utf8),
		cmocka_unit_test(cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

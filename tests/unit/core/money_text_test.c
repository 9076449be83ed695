#include "core/money_text.h"

#include "support/test.h"

/* "_" stands for a space that does not break. */
static void writes_as_people_do(void **state)
{
	static const struct {
		int64_t micros;
		const char *code, *english, *french;
	} rows[] = {
		{ 1234500000, "EUR",
		  "\xE2\x82\xAC"
		  "1,234.50",
		  "1_234,50_\xE2\x82\xAC" },
		{ 13000000, "USD", "$13.00", "13,00_$" },
		{ 999999, "GBP",
		  "\xC2\xA3"
		  "1.00",
		  "1,00_\xC2\xA3" },
		{ 10000, "USD", "$0.01", "0,01_$" },
		{ 1300000000, "XPF", "XPF_1,300", "1_300_F" },
		{ 1300000000, "JPY",
		  "\xC2\xA5"
		  "1,300",
		  "1_300_\xC2\xA5" },
		{ 1234567, "KWD", "KWD_1.235", "1,235_KWD" },
		{ INT64_C(1000000000000000000), "EUR",
		  "\xE2\x82\xAC"
		  "1,000,000,000,000.00",
		  "1_000_000_000_000,00_\xE2\x82\xAC" },
		{ -1234500000, "EUR",
		  "-\xE2\x82\xAC"
		  "1,234.50",
		  "-1_234,50_\xE2\x82\xAC" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int style = MONEY_ENGLISH; style <= MONEY_FRENCH; style++) {
			struct money amount = { .micros = rows[i].micros };
			struct buf got, expected;

			check_ok(currency_parse(str_of(rows[i].code), &amount.cur));
			buf_init(&got, 100);
			buf_init(&expected, 100);
			money_put_text(&got, amount, (enum money_style)style);
			for (const char *c = style == MONEY_ENGLISH ? rows[i].english : rows[i].french; *c; c++)
				if (*c == '_')
					buf_lit(&expected, "\xC2\xA0");
				else
					buf_char(&expected, *c);
			buf_char(&expected, 0);
			check_str(buf_view(&got), expected.p);
			buf_done(&got);
			buf_done(&expected);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(writes_as_people_do) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

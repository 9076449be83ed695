#include "payment/card.h"

#include "support/test.h"

/* 24 November 2026, noon. */
static const int64_t now_us = INT64_C(1795521600000000);

static unsigned faults(const char *number, const char *expiry, const char *code)
{
	struct card card = { str_of(number), str_of(expiry), str_of(code) };

	return card_faults(&card, now_us);
}

static void takes_test_cards(void **state)
{
	(void)state;
	assert_int_equal(faults("4242424242424242", "12/34", "123"), 0);
	assert_int_equal(faults(" 4242 4242-4242 4242 ", " 1 / 2034 ", " 123 "), 0);
	assert_int_equal(faults("378282246310005", "11/26", "1234"), 0);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *number, *expiry, *code;
		unsigned faults;
	} rows[] = {
		{ "4242424242424241", "12/34", "123", 1 << CARD_NUMBER },
		{ "", "12/34", "123", 1 << CARD_NUMBER },
		{ NULL, NULL, NULL, 1 << CARD_NUMBER | 1 << CARD_EXPIRY | 1 << CARD_CODE },
		{ "42424242424242424242", "12/34", "123", 1 << CARD_NUMBER },
		{ "4242x42424242424", "12/34", "123", 1 << CARD_NUMBER },
		{ "00000000000", "12/34", "123", 1 << CARD_NUMBER },
		{ "4111111111111111", "12/34", "123", 1 << CARD_NOT_TEST }, /* could be somebody's */
		{ "4242424242424242", "10/26", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "12/25", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "13/34", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "0/34", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "1234", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "12/1934", "123", 1 << CARD_EXPIRY },
		{ "4242424242424242", "12/34", "12", 1 << CARD_CODE },
		{ "4242424242424242", "12/34", "1234", 1 << CARD_CODE },
		{ "4242424242424242", "12/34", "-12", 1 << CARD_CODE },
		{ "378282246310005", "12/34", "123", 1 << CARD_CODE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(faults(rows[i].number, rows[i].expiry, rows[i].code), rows[i].faults);
}

static void a_card_ends_with_its_month(void **state)
{
	static const int64_t day_us = INT64_C(86400000000);
	/* 2028 has a 29 February: the day before March begins, and March. */
	static const int64_t february_us = INT64_C(1835395200000000);
	struct card card = { STR("4242424242424242"), STR("02/28"), STR("123") };

	(void)state;
	assert_int_equal(card_faults(&card, february_us), 0);
	assert_int_equal(card_faults(&card, february_us + day_us - 1), 0);
	assert_int_equal(card_faults(&card, february_us + day_us), 1 << CARD_EXPIRY);
	card.expiry = STR("12/99");
	assert_int_equal(card_faults(&card, february_us), 0);
}

static void a_token_tells_the_end_and_not_the_number(void **state)
{
	static const struct {
		const char *number, *token;
		enum pay_outcome outcome;
	} rows[] = {
		{ "4242 4242 4242 4242", "card_ok_4242", PAY_OUTCOME_PAID },
		{ "5555555555554444", "card_ok_4444", PAY_OUTCOME_PAID },
		{ "4000000000000002", "card_declined_0002", PAY_OUTCOME_REFUSED },
		{ "4000000000009995", "card_insufficient_9995", PAY_OUTCOME_REFUSED },
		{ "4000000000000119", "card_fault_0119", PAY_OUTCOME_FAILED },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct card card = { str_of(rows[i].number), STR("12/34"), STR("123") };
		struct str token = card_token(&a, &card);

		check_str(token, rows[i].token);
		assert_int_equal(card_script_of(token)->outcome, rows[i].outcome);
	}
	assert_null(card_script_of(STR_NONE));
	assert_null(card_script_of(STR("card")));
	assert_null(card_script_of(STR("card_free_0000")));
	assert_null(card_script_of(STR("ok_4242")));
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_test_cards),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(a_card_ends_with_its_month),
		cmocka_unit_test(a_token_tells_the_end_and_not_the_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

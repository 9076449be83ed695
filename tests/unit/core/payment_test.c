#include "core/payment.h"

#include "base/buf.h"
#include "support/test.h"

/* What mobip.md 6 says, written down a second time: from, event, to. Every pair that is not here is refused. */
static const char expected[] = "new create pending\n"
			       "pending begin paying\n"
			       "pending succeed paid\n"
			       "pending cancel cancelled\n"
			       "pending expire cancelled\n"
			       "paying succeed paid\n"
			       "paying refuse pending\n"
			       "paying deny denied\n"
			       "paying abandon pending\n"
			       "paying fail error\n"
			       "paid ask_refund refunding\n"
			       "refunding refund refunded\n"
			       "refunding keep paid\n";

static void moves_only_by_the_table(void **state)
{
	struct buf got;

	(void)state;
	buf_init(&got, 4096);
	for (int from = PAYMENT_NEW; from < PAYMENT_STATES; from++) {
		for (int event = PAY_CREATE; event < PAYMENT_EVENTS; event++) {
			struct payment p = { .state = from };
			unsigned effects = 99;
			enum err e = payment_apply(&p, (enum payment_event)event, 5, &effects);

			if (e) {
				check_err(e, ERR_ILLEGAL_STATE);
				assert_int_equal(p.state, from);
				assert_int_equal(effects, 99);
				assert_int_equal(p.updated_at, 0);
				continue;
			}
			buf_printf(&got, "%s %s %s\n", payment_state_name((enum payment_state)from),
				   payment_event_name((enum payment_event)event),
				   payment_state_name((enum payment_state)p.state));
		}
	}
	check_str(buf_view(&got), expected);
	buf_done(&got);
}

/* Money comes in exactly where a payment becomes paid, goes out exactly where it was refunded, and the merchant is told
 * exactly where it leaves PENDING for good. */
static void effects_keep_the_wallet_true(void **state)
{
	size_t n;
	const struct payment_rule *rules = payment_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool before = payment_is_credited(rules[i].from), after = payment_is_credited(rules[i].to);
		unsigned effects = rules[i].effects;

		assert_int_equal(!before && after, !!(effects & PAYDO_CREDIT));
		assert_int_equal(before && !after, !!(effects & PAYDO_RETURN));
		assert_int_equal(!payment_is_final(rules[i].from) && payment_is_final(rules[i].to),
				 !!(effects & PAYDO_NOTIFY));
		assert_int_equal(rules[i].to == PAYMENT_PAYING, !!(effects & PAYDO_COLLECT));
		assert_int_equal(rules[i].to == PAYMENT_REFUNDING, !!(effects & PAYDO_ASK));
		/* What is final stays so. */
		if (payment_is_final(rules[i].from))
			assert_true(payment_is_final(rules[i].to));
	}
}

static void attempts_end_once_but_for_late_money(void **state)
{
	(void)state;
	for (int from = PAYTRY_OPEN; from <= PAYTRY_ABANDONED; from++) {
		bool live = payment_attempt_is_live((enum payment_attempt_state)from);

		for (int to = PAYTRY_OPEN; to <= PAYTRY_ABANDONED; to++) {
			bool can =
				payment_attempt_can((enum payment_attempt_state)from, (enum payment_attempt_state)to);

			if (!live)
				assert_int_equal(can, to == PAYTRY_PAID && from != PAYTRY_PAID);
			else if (to == PAYTRY_OPEN)
				assert_false(can);
			else if (!payment_attempt_is_live((enum payment_attempt_state)to))
				assert_true(can);
		}
	}
}

static void keeps_the_first_time_of_its_end(void **state)
{
	struct payment p = { .state = PAYMENT_PAYING };
	unsigned effects;

	(void)state;
	check_err(payment_apply(&p, PAY_SUCCEED, 10, &effects), OK);
	check_err(payment_apply(&p, PAY_ASK_REFUND, 20, &effects), OK);
	check_err(payment_apply(&p, PAY_REFUND, 30, &effects), OK);
	assert_int_equal(p.finished_at, 10);
	assert_int_equal(p.refunded_at, 30);
	assert_int_equal(p.updated_at, 30);
}

static struct currency cur(const char *code)
{
	struct currency c;

	check_err(currency_parse(str_of(code), &c), OK);
	return c;
}

/* The classic mistake is a factor of 100 where a currency has no cents. */
static void minor_units_are_the_currency_s(void **state)
{
	static const struct {
		const char *code;
		int64_t minor, micros;
	} rows[] = {
		{ "EUR", 1300, 13000000 }, { "XPF", 1300, 1300000000 }, { "JPY", 1, 1000000 }, { "KWD", 1300, 1300000 },
		{ "USD", 0, 0 },	   { "EUR", -5, -50000 },
	};
	int64_t micros = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		check_err(payment_of_minor(rows[i].minor, cur(rows[i].code), &micros), OK);
		assert_int_equal(micros, rows[i].micros);
		assert_int_equal(payment_minor(micros, cur(rows[i].code)), rows[i].minor);
	}
	micros = 7;
	check_err(payment_of_minor(INT64_C(1000000000), cur("JPY"), &micros), OK);
	check_err(payment_of_minor(INT64_C(1000000001), cur("JPY"), &micros), ERR_OVERFLOW);
	check_err(payment_of_minor(INT64_MAX, cur("EUR"), &micros), ERR_OVERFLOW);
	assert_int_equal(micros, MONEY_ITEM_MAX);
}

static void fees_are_rounded_once_and_never_more_than_all(void **state)
{
	static const struct {
		const char *code;
		int64_t ppm, fixed, total, fee;
	} rows[] = {
		{ "EUR", 15000, 0, 13000000, 200000 },	    /* 0.195 -> 0.20 */
		{ "EUR", 15000, 250000, 13000000, 450000 }, /* + 0.25 */
		{ "XPF", 15000, 0, 1300000000, 20000000 },  /* 19.5 -> 20 */
		{ "EUR", 0, 0, 13000000, 0 },
		{ "EUR", 0, 250000, 100000, 100000 }, /* no more than there is */
		{ "KWD", 15000, 0, 1300000, 20000 },  /* 0.0195 -> 0.020 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(payment_fee_of((struct payment_fee){ rows[i].ppm, rows[i].fixed }, rows[i].total,
						cur(rows[i].code)),
				 rows[i].fee);
}

static void attempts_have_names_of_their_own(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	check_str(payment_attempt_reference(&a, 123, 2), "123-2");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_only_by_the_table),
		cmocka_unit_test(effects_keep_the_wallet_true),
		cmocka_unit_test(attempts_end_once_but_for_late_money),
		cmocka_unit_test(keeps_the_first_time_of_its_end),
		cmocka_unit_test(minor_units_are_the_currency_s),
		cmocka_unit_test(fees_are_rounded_once_and_never_more_than_all),
		cmocka_unit_test(attempts_have_names_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "payment/provider.h"

#include "support/test.h"

static struct arena arena;
static struct providers providers;
static int calls_done;

static void done(struct provider_call *call)
{
	(void)call;
	calls_done++;
}

static struct provider_answer ask(const char *token, void (*how)(struct provider *provider, struct provider_call *call))
{
	struct provider *sandbox = provider_find(&providers, STR("sandbox"));
	const struct payment_attempt attempt = { .payment_id = 12, .no = 3, .instrument = str_of(token) };
	struct provider_call call = { .attempt = &attempt, .now_us = 1000, .arena = &arena, .done = done };

	calls_done = 0;
	how(sandbox, &call);
	assert_int_equal(calls_done, 1);
	return call.answer;
}

static void ends_as_the_card_says(void **state)
{
	arena_init(&arena);
	struct provider_answer paid = ask("card_ok_4242", provider_sandbox.start);

	(void)state;
	assert_int_equal(paid.outcome, PAY_OUTCOME_PAID);
	check_str(paid.method, "CARD");
	check_str(paid.reference, "sandbox-12-3");
	assert_int_equal(ask("card_ok_4242", provider_sandbox.query).outcome, PAY_OUTCOME_PAID);
	assert_int_equal(ask("card_ok_4242", provider_sandbox.abandon).outcome, PAY_OUTCOME_PAID);
	check_str(ask("card_declined_0002", provider_sandbox.start).reason, "card declined");
	assert_int_equal(ask("card_declined_0002", provider_sandbox.query).outcome, PAY_OUTCOME_REFUSED);
	assert_int_equal(ask("nonsense", provider_sandbox.start).outcome, PAY_OUTCOME_FAILED);
	assert_int_equal(ask("card_ok_4242", provider_sandbox.refund).refund, REFUND_DONE);
	arena_done(&arena);
}

static void silence_ends_when_it_is_asked_about(void **state)
{
	arena_init(&arena);
	struct provider_answer silence = ask("card_silent_0101", provider_sandbox.start);

	(void)state;
	assert_int_equal(silence.outcome, PAY_OUTCOME_UNKNOWN);
	assert_true(silence.next_us > 1000);
	assert_int_equal(ask("card_silent_0101", provider_sandbox.query).outcome, PAY_OUTCOME_PAID);
	arena_done(&arena);
}

static void nobody_else_is_there(void **state)
{
	(void)state;
	assert_null(provider_find(&providers, STR("nobody")));
	assert_null(provider_find(&providers, STR_NONE));
}

static int open_all(void **state)
{
	static const struct provider_config none;

	(void)state;
	check_ok(providers_open(&providers, &none, NULL));
	return 0;
}

static int close_all(void **state)
{
	(void)state;
	providers_close(&providers);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_as_the_card_says),
		cmocka_unit_test(silence_ends_when_it_is_asked_about),
		cmocka_unit_test(nobody_else_is_there),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}

/* Stripe's bytes: status from the first byte, the rest is the body: of a session, of an error, of a refund, of an
 * event with a signature header in its first line. What is certain needs the API's own words. */
#include "payment/stripe/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct provider_answer *answer)
{
	must(answer->outcome >= PAY_OUTCOME_PAID && answer->outcome <= PAY_OUTCOME_ABANDONED);
	must(answer->outcome != PAY_OUTCOME_PAID || (answer->reference.n && answer->method.n));
	must(answer->outcome != PAY_OUTCOME_WAITING ||
	     (answer->reference.n && str_starts(answer->next_url, STR("https://"))));
}

static void check_event(struct arena *a, struct str text)
{
	struct provider_hook hook = { .body = text, .wall_us = 1000000 };

	hook.signature = str_cut(&hook.body, '\n');
	must(stripe_check_signature(STR("whsec"), &hook));
	stripe_event_reference(a, hook.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 400, 402, 404, 401, 429, 500, 0 };
	const struct payment payment = { .id = 7, .currency = 978, .item_amount = 15000000 };
	const struct payment_attempt attempt = { .payment_id = 7, .no = 1 };
	struct arena a;

	if (!size)
		return 0;
	arena_init(&a);
	const struct provider_call call = { .payment = &payment, .attempt = &attempt, .arena = &a };
	struct stripe_reply reply = { statuses[data[0] % ARRAY_LEN(statuses)], { (const char *)data + 1, size - 1 } };
	struct provider_answer session = stripe_read_session(&call, reply), error = stripe_read_error(&call, reply);
	struct provider_answer refund = stripe_read_refund(&call, reply);
	check(&session);
	check(&error);
	must(error.outcome != PAY_OUTCOME_PAID && error.outcome != PAY_OUTCOME_WAITING);
	must(refund.refund >= REFUND_DONE && refund.refund <= REFUND_UNKNOWN);
	must(reply.status < 500 || error.outcome == PAY_OUTCOME_UNKNOWN);
	check_event(&a, reply.body);
	arena_done(&a);
	return 0;
}

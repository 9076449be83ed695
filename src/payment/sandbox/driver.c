/* payment/sandbox/driver.c: the provider that moves no money: card_script_of() behind the seam.
 *
 * It keeps no state: what an attempt's token says is what becomes of it, however often it is asked. */
#include "payment/provider.h"

#include "payment/card.h"

enum { ASK_AGAIN_US = 5000000 };

static enum err sandbox_open(const struct provider_config *config, struct http_client *client, struct provider **ret)
{
	static struct provider sandbox = { &provider_sandbox, true };

	(void)config;
	(void)client;
	*ret = &sandbox;
	return OK;
}

static void sandbox_close(struct provider *p)
{
	(void)p;
}

static struct provider_answer answer_of(struct provider_call *call, bool is_first)
{
	const struct card_script *script = card_script_of(call->attempt->instrument);
	struct provider_answer answer = { .outcome = PAY_OUTCOME_FAILED, .reason = STR("no such card") };

	if (!script)
		return answer;
	if (script->is_silent && is_first)
		return (struct provider_answer){ .outcome = PAY_OUTCOME_UNKNOWN,
						 .next_us = call->now_us + ASK_AGAIN_US,
						 .detail = "silent test card" };
	struct str reference = provider_call_reference(call);
	return (struct provider_answer){ .outcome = script->outcome,
					 .method = STR("CARD"),
					 .reason = script->reason,
					 .reference = arena_printf(call->arena, "sandbox-%.*s", STR_ARG(reference)) };
}

static void sandbox_start(struct provider *p, struct provider_call *call)
{
	(void)p;
	call->answer = answer_of(call, true);
	call->done(call);
}

/* Of abandoning too: an attempt is never left half-way. */
static void sandbox_query(struct provider *p, struct provider_call *call)
{
	(void)p;
	call->answer = answer_of(call, false);
	call->done(call);
}

static void sandbox_refund(struct provider *p, struct provider_call *call)
{
	(void)p;
	call->answer = (struct provider_answer){ .refund = REFUND_DONE };
	call->done(call);
}

const struct provider_driver provider_sandbox = {
	.name = "sandbox",
	.open = sandbox_open,
	.close = sandbox_close,
	.start = sandbox_start,
	.query = sandbox_query,
	.abandon = sandbox_query,
	.refund = sandbox_refund,
};

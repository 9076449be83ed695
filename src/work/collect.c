/* work/collect.c: what a payer's money waits for: asks the provider what became of an attempt, or for money back.
 *
 * The page that began an attempt asks the provider itself (pages/checkout.c); its job comes later, for what was not
 * answered. So an attempt is never made here, only asked about: the provider tells by our reference whether it has it.
 */
#include "work/work_private.h"

#include "base/log.h"
#include "service/merchant.h"
#include "service/public.h"

static const int64_t ask_first_us = 5000000, ask_most_us = 900000000, waiting_most_us = 300000000,
		     refund_first_us = 5000000, refund_most_us = 3600000000, no_provider_us = 3600000000;

static int64_t now_of(const struct run *r)
{
	return r->work->options.now_us(r->work->options.engine);
}

static void committed(struct run *r)
{
	if (run_went_well(r))
		run_finish(r);
}

static void commit_outcome(struct run *r, const struct provider_answer *a, int64_t next_us)
{
	r->payment_outcome = (struct payment_outcome){ .id = r->job.order_id,
						       .attempt = r->payment.attempt.no,
						       .outcome = a->outcome,
						       .method = a->method,
						       .provider_reference = a->reference,
						       .next_url = a->next_url,
						       .reason = a->reason,
						       .next_due_us = next_us,
						       .job = r->job };
	run_submit(r, &verb_payment_outcome, &r->payment_outcome, committed);
}

static void commit_refund(struct run *r, enum refund_outcome said, int64_t next_us)
{
	r->payment_refund = (struct payment_refund_result){ .job = r->job, .said = said, .next_due_us = next_us };
	run_submit(r, &verb_payment_refund_result, &r->payment_refund, committed);
}

/* A payer who is at the provider's page comes back within minutes or not at all: the longer ago the try began, the
 * longer we wait. */
static int64_t waiting_us(const struct run *r, int64_t now_us)
{
	int64_t wait_us = (now_us - r->payment.attempt.created_at) / 4;

	if (wait_us < ask_first_us)
		return ask_first_us;
	return wait_us < waiting_most_us ? wait_us : waiting_most_us;
}

static int64_t next_look_us(const struct run *r, int64_t now_us)
{
	const struct provider_answer *a = &r->provider_call.answer;

	if (a->next_us)
		return a->next_us;
	return now_us + (a->outcome == PAY_OUTCOME_WAITING ? waiting_us(r, now_us)
							   : run_backoff_us(r, ask_first_us, ask_most_us));
}

static void answered(struct run *r)
{
	const struct provider_answer *a = &r->provider_call.answer;
	int64_t now_us = now_of(r);

	log_info("collect.answer", "payment=%lld attempt=%d outcome=%d refund=%d why=\"%s\"",
		 (long long)r->job.order_id, r->payment.attempt.no, (int)a->outcome, (int)a->refund,
		 a->detail ? a->detail : "");
	if (r->job.kind == JOB_PAYMENT_REFUND)
		commit_refund(r, a->refund, now_us + run_backoff_us(r, refund_first_us, refund_most_us));
	else
		commit_outcome(r, a, next_look_us(r, now_us));
}

static void call_back(struct provider_call *call)
{
	run_back(call->sender);
}

/* Nobody to ask: the row waits, and after some tries an operator is told. */
static void wait_for_provider(struct run *r)
{
	log_error("collect.provider",
		  "payment=%lld error=\"no such provider, or the merchant's key cannot be opened\" provider=%.*s",
		  (long long)r->job.order_id, STR_ARG(r->payment.attempt.provider));
	if (r->job.kind == JOB_PAYMENT_REFUND)
		commit_refund(r, REFUND_UNKNOWN, now_of(r) + no_provider_us);
	else
		commit_outcome(r, &(struct provider_answer){ .outcome = PAY_OUTCOME_UNKNOWN },
			       now_of(r) + no_provider_us);
}

/* The merchant's own key; absent when it has none. False: it has one and it cannot be opened. */
static bool open_key(struct run *r, struct str *ret)
{
	struct str sealed = r->payment.view.provider_key, label = merchant_key_label(&r->arena, r->job.partner_id);

	*ret = STR_NONE;
	return !sealed.n || !crypto_open(r->work->options.keys, &r->arena, label, sealed, ret);
}

static void have_attempt(struct run *r)
{
	if (!run_went_well(r))
		return;
	if (!r->payment.live || r->work->draining) {
		run_finish(r);
		return;
	}
	const struct work_options *options = &r->work->options;
	struct provider *provider = provider_find(options->providers, r->payment.attempt.provider);
	struct str key;
	if (!provider || !open_key(r, &key)) {
		wait_for_provider(r);
		return;
	}
	struct str page_url =
		public_link(options->keys, &r->arena, options->public_url, PUBLIC_PAYMENT, r->job.order_id, 0, "");
	r->provider_call = (struct provider_call){ .payment = &r->payment.view.payment,
						   .attempt = &r->payment.attempt,
						   .key = key,
						   .page_url = page_url.p,
						   .now_us = now_of(r),
						   .arena = &r->arena,
						   .done = call_back,
						   .sender = r };
	r->resume = answered;
	if (r->job.kind == JOB_PAYMENT_REFUND)
		provider->driver->refund(provider, &r->provider_call);
	else
		provider->driver->query(provider, &r->provider_call);
}

void collect_start(struct run *r)
{
	r->payment.job = r->job;
	run_submit(r, &verb_payment_job_get, &r->payment, have_attempt);
}

/* work/reverse.c: a refund: asks the supplier that delivered whether it takes the purchase back. */
#include "work/work_private.h"

#include "base/log.h"

static const int64_t ask_first_us = 5000000, ask_most_us = 3600000000, person_us = 86400000000;

static int64_t now_of(const struct run *r)
{
	return r->work->options.now_us(r->work->options.engine);
}

static void committed(struct run *r)
{
	if (run_went_well(r))
		run_finish(r);
}

static void commit(struct run *r, enum reversal said, int64_t next_us)
{
	r->reversal_result = (struct reversal_result){ .job = r->job, .said = said, .next_due_us = next_us };
	run_submit(r, &verb_reversal_result, &r->reversal_result, committed);
}

static void answered(struct run *r)
{
	enum supplier_outcome outcome = r->call.answer.outcome;

	run_leave_lane(r, outcome == SUPPLIER_UNKNOWN || outcome == SUPPLIER_UNREACHABLE);
	log_info("reverse.answer", "order=%lld outcome=%d", (long long)r->job.order_id, (int)outcome);
	if (outcome == SUPPLIER_DELIVERED)
		commit(r, REVERSAL_AGREED, 0);
	else if (outcome == SUPPLIER_REFUSED)
		commit(r, REVERSAL_REFUSED, 0);
	else
		commit(r, REVERSAL_UNKNOWN, now_of(r) + run_backoff_us(r, ask_first_us, ask_most_us));
}

static void call_back(struct supplier_call *call)
{
	run_back(call->sender);
}

static void have_reversal(struct run *r)
{
	struct work *w = r->work;

	if (!run_went_well(r))
		return;
	if (w->draining) {
		run_finish(r);
		return;
	}
	if (!r->reversal.live) {
		commit(r, REVERSAL_UNKNOWN, now_of(r)); /* the job is stale and goes */
		return;
	}
	r->supplier = supplier_find(w, r->reversal.attempt.supplier);
	if (!r->supplier || !r->supplier->driver->take_back) {
		commit(r, REVERSAL_NOBODY_TO_ASK, now_of(r) + person_us);
		return;
	}
	if (!run_enter_lane(r, &w->suppliers, lane_of(&w->suppliers, r->reversal.attempt.supplier)))
		return; /* parked */
	r->call = (struct supplier_call){ .order = &r->reversal.view.order,
					  .product = r->reversal.view.product,
					  .attempt = &r->reversal.attempt,
					  .parties = r->reversal.view.parties,
					  .now_us = now_of(r),
					  .arena = &r->arena,
					  .done = call_back,
					  .sender = r };
	r->resume = answered;
	r->supplier->driver->take_back(r->supplier, &r->call);
}

void reverse_start(struct run *r)
{
	r->reversal.job = r->job;
	run_submit(r, &verb_reversal_get, &r->reversal, have_reversal);
}

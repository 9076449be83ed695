/* work/fulfil.c: buys one unit of an order: reads the purchase, submits or queries, commits what came of it.
 *
 * What was sent and got no clear answer is queried by our own reference, never sent to another supplier. Only a
 * supplier that recognises a repeated reference is ever given the same one twice. */
#include "work/work_private.h"

#include "base/log.h"

static const int64_t accepted_first_us = 1000000, accepted_most_us = 60000000, unknown_first_us = 5000000,
		     unknown_most_us = 900000000, unreachable_first_us = 1000000, unreachable_most_us = 15000000,
		     unreachable_patience_us = 120000000, wait_in_memory_us = 600000000, broken_wait_us = 60000000;

static int64_t now_of(const struct run *r)
{
	return r->work->options.now_us(r->work->options.engine);
}

static void result_committed(struct run *r)
{
	struct work_stats *stats = &r->work->stats;

	if (!run_went_well(r))
		return;
	stats->fulfilled += r->result.outcome == OUTCOME_DELIVERED;
	stats->refused += r->result.outcome == OUTCOME_REFUSED;
	stats->unknown += r->result.outcome == OUTCOME_UNKNOWN;
	run_finish(r);
}

static void commit(struct run *r, enum outcome outcome, enum order_reason reason, int64_t next_us)
{
	const struct supplier_answer *a = &r->call.answer;

	r->result = (struct attempt_result){ .job = r->job,
					     .attempt = r->purchase.attempt.no,
					     .outcome = outcome,
					     .reason = reason,
					     .supplier_reference = a->supplier_reference,
					     .operator_reference = a->operator_reference,
					     .delivery = a->delivery,
					     .cost = a->cost,
					     .next_due_us = next_us };
	run_submit(r, &verb_attempt_result, &r->result, result_committed);
}

static void commit_open(struct run *r, enum outcome outcome)
{
	bool unknown = outcome == OUTCOME_UNKNOWN;
	int64_t next_us = r->call.answer.next_us;

	if (!next_us)
		next_us = now_of(r) + (unknown ? run_backoff_us(r, unknown_first_us, unknown_most_us)
					       : run_backoff_us(r, accepted_first_us, accepted_most_us));
	if (unknown)
		log_warn("fulfil.unknown", "order=%lld unit=%d supplier=%.*s why=\"%s\"", (long long)r->job.order_id,
			 r->job.unit, STR_ARG(r->purchase.attempt.supplier),
			 r->call.answer.detail ? r->call.answer.detail : "the supplier does not know");
	commit(r, outcome, REASON_NONE, next_us);
}

/* Certain only when we saw the whole life of the attempt: before a crash it may have been sent, if the supplier
 * recognises references and so no commit stood before the sending. */
static bool never_sent(const struct run *r)
{
	const struct attempt *attempt = &r->purchase.attempt;

	return attempt->state == ATTEMPT_PREPARED && attempt->created_at >= r->work->started_us;
}

/* Nothing left in this submission; that does not say that nothing ever did. */
static void unreachable(struct run *r)
{
	const struct attempt *attempt = &r->purchase.attempt;
	bool patient = now_of(r) < attempt->created_at + unreachable_patience_us;

	log_warn("fulfil.unreachable", "order=%lld supplier=%.*s why=%s", (long long)r->job.order_id,
		 STR_ARG(attempt->supplier), r->call.answer.detail ? r->call.answer.detail : "");
	if (r->sent_now || (never_sent(r) && !patient))
		commit(r, OUTCOME_REFUSED, REASON_OPERATOR_UNAVAILABLE, 0);
	else if (patient)
		run_wait(r, now_of(r) + run_backoff_us(r, unreachable_first_us, unreachable_most_us));
	else
		commit_open(r, OUTCOME_UNKNOWN);
}

/* The supplier wants the same call later. A short wait leaves no trace; a long one, or one when memory is full, is a
 * row's. */
static void wait_for_it(struct run *r)
{
	const struct work *w = r->work;
	int64_t next_us = r->call.answer.next_us;

	if (next_us - now_of(r) <= wait_in_memory_us && w->jobs.count < w->options.jobs_in_memory)
		run_wait(r, next_us);
	else
		commit_open(r, OUTCOME_ACCEPTED);
}

static void call_supplier(struct run *r, bool querying);

static void absent(struct run *r)
{
	if (r->querying && (r->supplier->driver->can & SUPPLIER_KNOWS_REFERENCE))
		call_supplier(r, false); /* it never arrived; should it still arrive, the two are recognised as one */
	else
		commit_open(r, OUTCOME_UNKNOWN);
}

static void answered(struct run *r)
{
	const struct supplier_answer *a = &r->call.answer;

	if (a->outcome == SUPPLIER_ABSENT && !r->work->draining) {
		absent(r);
		return;
	}
	run_leave_lane(r, a->outcome == SUPPLIER_UNKNOWN || a->outcome == SUPPLIER_UNREACHABLE);
	switch (a->outcome) {
	case SUPPLIER_ACCEPTED:
		commit_open(r, OUTCOME_ACCEPTED);
		break;
	case SUPPLIER_DELIVERED:
		commit(r, OUTCOME_DELIVERED, REASON_NONE, 0);
		break;
	case SUPPLIER_REFUSED:
		commit(r, OUTCOME_REFUSED, a->reason, 0);
		break;
	case SUPPLIER_ABSENT:
	case SUPPLIER_UNKNOWN:
		commit_open(r, OUTCOME_UNKNOWN);
		break;
	case SUPPLIER_UNREACHABLE:
		unreachable(r);
		break;
	case SUPPLIER_WAIT:
		wait_for_it(r);
		break;
	}
}

static void call_back(struct supplier_call *call)
{
	run_back(call->sender);
}

static void call_supplier(struct run *r, bool querying)
{
	r->querying = querying;
	r->call = (struct supplier_call){ .order = &r->purchase.view.order,
					  .product = r->purchase.view.product,
					  .attempt = &r->purchase.attempt,
					  .parties = r->purchase.view.parties,
					  .now_us = now_of(r),
					  .arena = &r->arena,
					  .done = call_back,
					  .sender = r };
	r->resume = answered;
	if (querying)
		r->supplier->driver->query(r->supplier, &r->call);
	else
		r->supplier->driver->submit(r->supplier, &r->call);
}

static void sending_committed(struct run *r)
{
	if (!run_went_well(r))
		return;
	r->sent_now = true;
	call_supplier(r, false);
}

struct supplier *supplier_find(const struct work *w, struct str name)
{
	for (size_t i = 0; i < w->options.supplier_count; i++)
		if (str_eq(w->options.suppliers[i]->name, name))
			return w->options.suppliers[i];
	return NULL;
}

/* A route to a supplier that is not configured, or an order whose product is gone: an operator has to repair that. */
static void broken(struct run *r, const char *what)
{
	log_error("fulfil.broken", "order=%lld supplier=%.*s error=\"%s\"", (long long)r->job.order_id,
		  STR_ARG(r->purchase.attempt.supplier), what);
	run_wait(r, now_of(r) + broken_wait_us);
}

static void have_purchase(struct run *r)
{
	struct work *w = r->work;
	const struct attempt *attempt = &r->purchase.attempt;

	if (!run_went_well(r))
		return;
	if (!r->purchase.live || w->draining) {
		run_finish(r);
		return;
	}
	r->supplier = supplier_find(w, attempt->supplier);
	if (!r->purchase.view.product) {
		broken(r, "no such product");
		return;
	}
	bool prepared = attempt->state == ATTEMPT_PREPARED;
	if (!r->supplier && never_sent(r)) /* another route may do */
		commit(r, OUTCOME_REFUSED, REASON_NO_ROUTE, 0);
	else if (!r->supplier)
		broken(r, "no such supplier");
	else if (!run_enter_lane(r, &w->suppliers, lane_of(&w->suppliers, attempt->supplier)))
		return; /* parked */
	else if (!prepared)
		call_supplier(r, true);
	else if (r->supplier->driver->can & SUPPLIER_KNOWS_REFERENCE)
		call_supplier(r, false);
	else {
		r->sending = (struct attempt_sending){ .job = r->job, .attempt = attempt->no };
		run_submit(r, &verb_attempt_sending, &r->sending, sending_committed);
	}
}

void fulfil_start(struct run *r)
{
	r->purchase.order_id = r->job.order_id;
	r->purchase.unit = r->job.unit;
	run_submit(r, &verb_purchase_get, &r->purchase, have_purchase);
}

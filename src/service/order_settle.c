/* service/order_settle.c: what our own work reports: a submission that leaves, its outcome, a deadline that passed.
 *
 * Every result names the job it was made under; a job that is gone or has another fence means that somebody else took
 * the work over, and the result is dropped with ERR_CONFLICT. */
#include "service/order_unit.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/kyc.h"

enum { UNKNOWN_TRIES_BEFORE_A_PERSON = 8 };
static const int64_t profile_taken_wait_us = SECONDS_US(3600);

static void job_need(struct unit *u, const struct job *job)
{
	unit_need_partner(u, job->partner_id);
	unit_need(u, NOUN_JOB, job->id);
	unit_need(u, NOUN_ORDER, job->order_id);
	unit_need(u, NOUN_UNIT, job->order_id);
	unit_need(u, NOUN_ATTEMPT, job->order_id);
}

static void job_need_more(struct unit *u, const struct job *job)
{
	const struct order *o = unit_find(u, NOUN_ORDER, job->order_id);

	if (o)
		order_need_change(u, o);
}

/* The stored job, if it is still this one. */
static struct job *job_held(struct unit *u, const struct job *job)
{
	struct job *held = unit_find(u, NOUN_JOB, job->id);

	return held && held->fence == job->fence ? held : NULL;
}

static struct unit_ *unit_of(struct unit *u, int64_t order_id, int no)
{
	struct unit_ *unit = unit_find(u, NOUN_UNIT, order_id);

	while (unit && unit->no != no)
		unit = unit_next(u, unit);
	return unit;
}

static struct attempt *attempt_of(struct unit *u, int64_t order_id, int unit, int no)
{
	struct attempt *attempt = unit_find(u, NOUN_ATTEMPT, order_id);

	while (attempt && (attempt->unit != unit || attempt->no != no))
		attempt = unit_next(u, attempt);
	return attempt;
}

static void unit_move(struct unit *u, struct unit_ *unit, enum unit_state to)
{
	if (unit->state == (int)to)
		return;
	must(unit_can((enum unit_state)unit->state, to));
	unit->state = (int)to;
	unit->updated_at = u->now_us;
	unit_touch(u, unit);
}

static void attempt_move(struct unit *u, struct attempt *attempt, enum attempt_state to)
{
	if (attempt->state != (int)to) {
		must(attempt_can((enum attempt_state)attempt->state, to));
		attempt->state = (int)to;
	}
	attempt->updated_at = u->now_us;
	unit_touch(u, attempt);
}

static void job_again(struct unit *u, struct job *job, int64_t due_us)
{
	job->due_at = due_us;
	job->tries++;
	unit_take_job(u, job);
	unit_touch(u, job);
}

static void task_add(struct unit *u, enum task_kind kind, int64_t order_id, const char *detail)
{
	unit_add(u, NOUN_TASK,
		 &(struct work_task){ .id = unit_id(u),
				      .kind = kind,
				      .order_id = order_id,
				      .detail = str_of(detail),
				      .state = 1,
				      .created_at = u->now_us });
}

static void sending_need(struct unit *u, const struct task *t)
{
	job_need(u, &((const struct attempt_sending *)t->command)->job);
}

static void sending_need_more(struct unit *u, const struct task *t)
{
	job_need_more(u, &((const struct attempt_sending *)t->command)->job);
}

static enum err sending_act(struct unit *u, struct task *t)
{
	const struct attempt_sending *s = t->command;
	struct order *o = unit_find(u, NOUN_ORDER, s->job.order_id);
	struct unit_ *unit = unit_of(u, s->job.order_id, s->job.unit);
	struct attempt *attempt = attempt_of(u, s->job.order_id, s->job.unit, s->attempt);

	if (!job_held(u, &s->job) || !o || !unit || !attempt || attempt->state != ATTEMPT_PREPARED)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	attempt_move(u, attempt, ATTEMPT_SENT);
	unit_move(u, unit, UNIT_SENT);
	if (o->state == ORDER_CONFIRMED)
		order_move(u, o, EV_SUBMIT);
	return OK;
}

static void result_need(struct unit *u, const struct task *t)
{
	job_need(u, &((const struct attempt_result *)t->command)->job);
}

static int64_t own_account(const struct unit *u, int64_t partner, struct currency cur, enum account_kind kind)
{
	return account_id((struct account_parts){ .partner = partner, .cur = cur, .kind = kind, .node = u->ids->slot });
}

static struct money attempt_cost(const struct attempt_result *r, const struct attempt *attempt)
{
	return r->cost.cur.number ? r->cost : (struct money){ attempt->cost, { attempt->cost_currency } };
}

static void result_need_more(struct unit *u, const struct task *t)
{
	const struct attempt_result *r = t->command;
	const struct attempt *attempt = attempt_of(u, r->job.order_id, r->job.unit, r->attempt);

	job_need_more(u, &r->job);
	if (!attempt || r->outcome != OUTCOME_DELIVERED)
		return;
	const struct order *o = unit_find(u, NOUN_ORDER, r->job.order_id);
	struct esim_delivery esim = esim_delivery(u, o, r->delivery);
	esim_need_delivery(u, o, &esim);
	struct money cost = attempt_cost(r, attempt);
	if (cost.micros > 0) {
		unit_need(u, NOUN_ACCOUNT, own_account(u, r->job.partner_id, cost.cur, ACCOUNT_COST));
		unit_need(u, NOUN_ACCOUNT, own_account(u, 0, cost.cur, ACCOUNT_FLOAT));
	}
}

/* What the supplier charges us: from our balance with it to the cost of this partner's sales. */
static void post_cost(struct unit *u, const struct order *o, struct money cost)
{
	int64_t posting = 0;

	if (cost.micros <= 0)
		return;
	struct transfer t = { .kind = LEDGER_COST,
			      .debit = unit_account(u, own_account(u, 0, cost.cur, ACCOUNT_FLOAT)),
			      .credit = unit_account(u, own_account(u, o->partner_id, cost.cur, ACCOUNT_COST)),
			      .amount = cost.micros };
	if (ledger_can_post(&t) == OK)
		order_post(u, o, &t, &posting);
}

static void result_open(struct unit *u, const struct attempt_result *r, struct job *job, struct order *o,
			struct unit_ *unit, struct attempt *attempt)
{
	bool unknown = r->outcome == OUTCOME_UNKNOWN;

	if (attempt->state == ATTEMPT_PREPARED)
		attempt_move(u, attempt, ATTEMPT_SENT);
	if (attempt->state == ATTEMPT_ACCEPTED && unknown)
		job->tries = 0; /* what counts is how often there was no answer, not how long it took before */
	attempt_move(u, attempt, unknown ? ATTEMPT_UNKNOWN : ATTEMPT_ACCEPTED);
	if (r->supplier_reference.p)
		attempt->supplier_reference = r->supplier_reference;
	if (unit->state == UNIT_WAITING)
		unit_move(u, unit, UNIT_SENT);
	unit_move(u, unit, unknown ? UNIT_UNKNOWN : UNIT_SENT);
	if (o->state == ORDER_CONFIRMED)
		order_move(u, o, EV_SUBMIT);
	if (unknown && job->tries == UNKNOWN_TRIES_BEFORE_A_PERSON)
		task_add(u, TASK_UNKNOWN_OUTCOME, o->id, "the supplier does not say what became of the purchase");
	job_again(u, job, r->next_due_us);
}

static void result_refused(struct unit *u, const struct attempt_result *r, struct job *job, struct order *o,
			   struct unit_ *unit, struct attempt *attempt)
{
	attempt->reason = (int)r->reason;
	attempt_move(u, attempt, ATTEMPT_REFUSED);
	if (order_prepare_attempt(u, o, unit)) {
		unit_move(u, unit, UNIT_WAITING);
		unit_touch(u, unit);
		job->tries = -1; /* a fresh route starts counting anew */
		job_again(u, job, u->now_us);
		return;
	}
	unit_move(u, unit, UNIT_FAILED);
	unit_remove(u, job);
	order_conclude(u, o, r->reason);
}

static void result_delivered(struct unit *u, const struct attempt_result *r, struct job *job, struct order *o,
			     struct unit_ *unit, struct attempt *attempt)
{
	struct money cost = attempt_cost(r, attempt);
	struct esim_delivery esim = esim_delivery(u, o, r->delivery);

	if (esim_is_taken(u, o, &esim)) {
		if (!job->tries)
			task_add(u, TASK_PROFILE_TAKEN, o->id, "the supplier delivered a profile that was sold before");
		result_open(u,
			    &(struct attempt_result){ .outcome = OUTCOME_UNKNOWN,
						      .next_due_us = u->now_us + profile_taken_wait_us },
			    job, o, unit, attempt);
		return;
	}

	attempt_move(u, attempt, ATTEMPT_DELIVERED);
	attempt->cost = cost.micros;
	attempt->cost_currency = cost.cur.number;
	if (r->supplier_reference.p)
		attempt->supplier_reference = r->supplier_reference;
	unit->operator_reference = r->operator_reference;
	if (r->delivery.p)
		unit->delivery =
			crypto_seal(u->keys, &u->arena, unit_seal_label(&u->arena, o->id, unit->no), r->delivery);
	esim_deliver(u, o, unit, &esim, r->delivery);
	unit_move(u, unit, UNIT_DELIVERED);
	post_cost(u, o, cost);
	unit_remove(u, job);
	order_conclude(u, o, REASON_NONE);
}

/* What comes after a refusal, or after the end of the order, changes neither: the job, if there is one, belongs to the
 * next attempt. A delivery becomes a task for a person; it is not given out and not charged. */
static enum err result_late(struct unit *u, const struct attempt_result *r, struct unit_ *unit,
			    const struct attempt *attempt)
{
	if (r->outcome != OUTCOME_DELIVERED || attempt->state == ATTEMPT_DELIVERED)
		return ERR_CONFLICT;
	if (unit->state == UNIT_FAILED && r->delivery.p) {
		unit->delivery = crypto_seal(u->keys, &u->arena, unit_seal_label(&u->arena, unit->order_id, unit->no),
					     r->delivery);
		unit_touch(u, unit);
	}
	task_add(u, TASK_LATE_DELIVERY, r->job.order_id,
		 arena_printf(&u->arena, "%.*s delivered attempt %d after refusing it; its reference is \"%.*s\"",
			      STR_ARG(attempt->supplier), attempt->no, STR_ARG(r->supplier_reference))
			 .p);
	return OK;
}

static enum err result_act(struct unit *u, struct task *t)
{
	const struct attempt_result *r = t->command;
	struct job *job = job_held(u, &r->job);
	struct order *o = unit_find(u, NOUN_ORDER, r->job.order_id);
	struct unit_ *unit = unit_of(u, r->job.order_id, r->job.unit);
	struct attempt *attempt = attempt_of(u, r->job.order_id, r->job.unit, r->attempt);

	if (!o || !unit || !attempt)
		return ERR_CONFLICT;
	if (order_is_final((enum order_state)o->state) || !attempt_is_live((enum attempt_state)attempt->state))
		return result_late(u, r, unit, attempt);
	if (!job)
		return ERR_CONFLICT;
	/* The next route is the product's, and so is whether an eSIM was delivered. */
	bool asks_product = r->outcome == OUTCOME_REFUSED || r->outcome == OUTCOME_DELIVERED;
	enum err e = asks_product ? order_need_product(u, u->catalog, o) : OK;
	if (e)
		return e;

	/* From here nothing can fail. */
	switch (r->outcome) {
	case OUTCOME_ACCEPTED:
	case OUTCOME_UNKNOWN:
		result_open(u, r, job, o, unit, attempt);
		break;
	case OUTCOME_REFUSED:
		result_refused(u, r, job, o, unit, attempt);
		break;
	case OUTCOME_DELIVERED:
		result_delivered(u, r, job, o, unit, attempt);
		break;
	}
	return OK;
}

static void expire_need(struct unit *u, const struct task *t)
{
	job_need(u, &((const struct order_expire *)t->command)->job);
}

static void expire_need_more(struct unit *u, const struct task *t)
{
	job_need_more(u, &((const struct order_expire *)t->command)->job);
}

static enum err expire_act(struct unit *u, struct task *t)
{
	const struct order_expire *x = t->command;
	struct job *job = job_held(u, &x->job);
	struct order *o = unit_find(u, NOUN_ORDER, x->job.order_id);

	if (!job)
		return ERR_CONFLICT;
	bool waits = o && (o->state == ORDER_CREATED || o->state == ORDER_AWAITING_KYC);
	bool lapses = waits && u->now_us >= o->expires_at;
	if (lapses && o->state == ORDER_AWAITING_KYC)
		kyc_lapse(u, o);
	if (lapses)
		order_move(u, o, o->state == ORDER_CREATED ? EV_EXPIRE : EV_CANCEL); /* removes the job */
	else if (!waits)
		unit_remove(u, job);
	return OK;
}

static void purchase_need(struct unit *u, const struct task *t)
{
	const struct purchase_get *g = t->command;

	order_need_view(u, g->job.order_id);
	unit_need(u, NOUN_ATTEMPT, g->job.order_id);
	unit_need_own_job(u, &g->job);
}

static enum err purchase_act(struct unit *u, struct task *t)
{
	struct purchase_get *g = t->command;
	const struct order *o = unit_find(u, NOUN_ORDER, g->job.order_id);
	const struct unit_ *unit = unit_of(u, g->job.order_id, g->job.unit);
	const struct attempt *attempt = unit ? attempt_of(u, g->job.order_id, g->job.unit, unit->attempts) : NULL;

	g->live = unit_owns_job(u, &g->job) && o && attempt && !order_is_final((enum order_state)o->state) &&
		  attempt_is_live((enum attempt_state)attempt->state);
	if (!g->live)
		return OK;
	enum err e = order_need_product(u, t->catalog, o);
	if (e)
		return e;
	order_view(u, t->arena, t->catalog, o, &g->view);
	g->attempt = *attempt;
	g->attempt.supplier = arena_str(t->arena, attempt->supplier);
	g->attempt.sku = arena_str(t->arena, attempt->sku);
	g->attempt.supplier_reference = arena_str(t->arena, attempt->supplier_reference);
	return OK;
}

const struct verb verb_attempt_sending = { .name = "attempt.sending",
					   .need = sending_need,
					   .need_more = sending_need_more,
					   .act = sending_act,
					   .background = true };
const struct verb verb_attempt_result = { .name = "attempt.result",
					  .need = result_need,
					  .need_more = result_need_more,
					  .act = result_act,
					  .background = true };
const struct verb verb_order_expire = { .name = "order.expire",
					.need = expire_need,
					.need_more = expire_need_more,
					.act = expire_act,
					.background = true };
const struct verb verb_purchase_get = {
	.name = "purchase.get",
	.need = purchase_need,
	.act = purchase_act,
	.read_only = true,
	.recent_us = SECONDS_US(1),
};

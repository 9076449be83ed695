/* service/payment_pay.c: trying to pay: the attempt that begins, what the provider says of it, and the deadline. */
#include "service/payment_unit.h"

#include "base/clock.h"

enum { UNKNOWN_TRIES_BEFORE_A_PERSON = 8 };

static void begin_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	payment_need(u, ((const struct payment_begin *)t->command)->id);
}

static void begin_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_begin *)t->command)->id);
}

/* The present state, as a refusal. */
static enum err begin_check(const struct payment_begin *b, const struct payment *p, const struct payment_view *view)
{
	if (view->payment.cause == CAUSE_EXPIRED)
		return ERR_PAYMENT_EXPIRED;
	if (payment_is_final((enum payment_state)p->state))
		return ERR_PAYMENT_FINAL;
	if (p->state == PAYMENT_PAYING)
		return ERR_PAYMENT_BUSY;
	return b->wanted && b->wanted != p->attempts + 1 ? ERR_CONFLICT : OK;
}

static enum err begin_act(struct unit *u, struct task *t)
{
	struct payment_begin *b = t->command;
	struct payment *p = payment_owned(u, t->partner_id, b->id);

	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	payment_view(u, t->arena, p, &b->view);
	enum err e = begin_check(b, p, &b->view);
	if (e)
		return e;

	/* From here nothing can fail. */
	struct payment_attempt attempt = { .payment_id = p->id,
					   .no = ++p->attempts,
					   .id = unit_row_id(u, NOUN_JOB),
					   .state = PAYTRY_OPEN,
					   .provider = b->provider,
					   .instrument = b->instrument,
					   .created_at = u->now_us,
					   .updated_at = u->now_us };
	if (b->email.p)
		p->customer_email = b->email;
	unit_none(u, NOUN_JOB, attempt.id);
	unit_add(u, NOUN_PAYMENT_ATTEMPT, &attempt);
	payment_move(u, p, PAY_BEGIN);
	payment_job_add(u, p, JOB_PAYMENT, attempt.id, attempt.no, u->now_us + b->patience_us);
	payment_view(u, t->arena, p, &b->view);
	b->attempt = attempt.no;
	return OK;
}

static void outcome_need(struct unit *u, const struct task *t)
{
	const struct payment_outcome *o = t->command;

	unit_need_partner(u, t->partner_id);
	payment_need(u, o->id);
}

static void outcome_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_outcome *)t->command)->id);
}

/* The attempt has come to an end: nothing is left to ask. */
static void attempt_end(struct unit *u, struct payment_attempt *a, enum payment_attempt_state state,
			const struct payment_outcome *o)
{
	struct job *job = unit_find(u, NOUN_JOB, a->id);

	if (o->provider_reference.p)
		a->provider_reference = o->provider_reference;
	a->next_url = STR_NONE;
	if (o->reason.p)
		a->reason = o->reason;
	payment_attempt_move(u, a, state);
	if (job)
		unit_remove(u, job);
}

/* The money is there. If the payment is over, or another attempt has paid it, it goes back. */
static void outcome_paid(struct unit *u, struct payment *p, struct payment_attempt *a, const struct payment_outcome *o)
{
	attempt_end(u, a, PAYTRY_PAID, o);
	if (payment_rule((enum payment_state)p->state, PAY_SUCCEED)) {
		p->method = o->method;
		p->paid_by = a->no;
		payment_move(u, p, PAY_SUCCEED);
		return;
	}
	payment_job_add(u, p, JOB_PAYMENT_REFUND, 0, a->no, u->now_us);
	payment_task_add(u, p, TASK_LATE_PAYMENT, "money came for a payment that was over; it is given back");
}

/* Once nobody pays: another try may follow, unless it was the last one or its time is over. */
static void outcome_not_paid(struct unit *u, struct payment *p, const struct payment_outcome *o)
{
	enum payment_event event = o->outcome == PAY_OUTCOME_FAILED	 ? PAY_FAIL
				   : o->outcome == PAY_OUTCOME_ABANDONED ? PAY_ABANDON
									 : PAY_REFUSE;

	if (event == PAY_REFUSE && ++p->refusals >= PAYMENT_ATTEMPTS_MOST)
		event = PAY_DENY;
	if (event == PAY_DENY || event == PAY_FAIL) {
		p->cause = CAUSE_PROVIDER;
		p->reason = o->reason;
	}
	payment_move(u, p, event);
	if (payment_is_over_time(u, p)) {
		p->cause = CAUSE_EXPIRED;
		payment_move(u, p, PAY_EXPIRE);
	}
}

static void outcome_open(struct unit *u, struct payment *p, struct payment_attempt *a, const struct payment_outcome *o)
{
	bool unknown = o->outcome == PAY_OUTCOME_UNKNOWN;
	struct job *job = unit_find(u, NOUN_JOB, a->id);

	if (o->provider_reference.p)
		a->provider_reference = o->provider_reference;
	if (o->next_url.p)
		a->next_url = o->next_url;
	payment_attempt_move(u, a, unknown ? PAYTRY_UNKNOWN : PAYTRY_WAITING);
	if (!job)
		return;
	job->tries = unknown ? job->tries + 1 : 0;
	if (job->tries == UNKNOWN_TRIES_BEFORE_A_PERSON)
		payment_task_add(u, p, TASK_UNKNOWN_PAYMENT, "the provider does not say what became of the payment");
	job->due_at = o->next_due_us;
	unit_take_job(u, job);
	unit_touch(u, job);
}

static enum payment_attempt_state end_of(enum pay_outcome outcome)
{
	return outcome == PAY_OUTCOME_REFUSED  ? PAYTRY_REFUSED
	       : outcome == PAY_OUTCOME_FAILED ? PAYTRY_FAILED
					       : PAYTRY_ABANDONED;
}

/* What was paid is paid, whoever says so; all else counts only under the job that asked. */
static enum err outcome_check(struct unit *u, const struct payment *p, const struct payment_attempt *a,
			      const struct payment_outcome *o)
{
	const struct job *job = a ? unit_find(u, NOUN_JOB, a->id) : NULL;

	if (!a)
		return ERR_CONFLICT;
	if (o->outcome == PAY_OUTCOME_PAID)
		return payment_attempt_can((enum payment_attempt_state)a->state, PAYTRY_PAID) ? payment_can_credit(u, p)
											      : ERR_CONFLICT;
	if (!payment_attempt_is_live((enum payment_attempt_state)a->state))
		return ERR_CONFLICT;
	return o->job.id && (!job || job->fence != o->job.fence) ? ERR_CONFLICT : OK;
}

static enum err outcome_act(struct unit *u, struct task *t)
{
	struct payment_outcome *o = t->command;
	struct payment *p = payment_owned(u, t->partner_id, o->id);
	struct payment_attempt *a = p ? payment_attempt_of(u, p->id, o->attempt) : NULL;

	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	payment_view(u, t->arena, p, &o->view);
	enum err e = outcome_check(u, p, a, o);
	if (e)
		return e;

	/* From here nothing can fail. */
	switch (o->outcome) {
	case PAY_OUTCOME_PAID:
		outcome_paid(u, p, a, o);
		break;
	case PAY_OUTCOME_WAITING:
	case PAY_OUTCOME_UNKNOWN:
		outcome_open(u, p, a, o);
		break;
	case PAY_OUTCOME_REFUSED:
	case PAY_OUTCOME_FAILED:
	case PAY_OUTCOME_ABANDONED:
		attempt_end(u, a, end_of(o->outcome), o);
		/* Another attempt, taken for refused, has paid it meanwhile. */
		if (p->state == PAYMENT_PAYING)
			outcome_not_paid(u, p, o);
		break;
	}
	payment_view(u, t->arena, p, &o->view);
	return OK;
}

static void expire_need(struct unit *u, const struct task *t)
{
	const struct payment_expire *x = t->command;

	unit_need_partner(u, x->job.partner_id);
	payment_need(u, x->job.order_id);
	unit_need(u, NOUN_JOB, x->job.id);
}

static void expire_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_expire *)t->command)->job.order_id);
}

static enum err expire_act(struct unit *u, struct task *t)
{
	const struct payment_expire *x = t->command;
	struct job *job = unit_find(u, NOUN_JOB, x->job.id);
	struct payment *p = unit_find(u, NOUN_PAYMENT, x->job.order_id);

	if (!job || job->fence != x->job.fence)
		return ERR_CONFLICT;
	if (p && payment_is_over_time(u, p)) {
		p->cause = CAUSE_EXPIRED;
		payment_move(u, p, PAY_EXPIRE); /* removes the job */
	} else if (!p || (p->state != PAYMENT_PENDING && u->now_us >= p->expires_at)) {
		unit_remove(u, job); /* with the provider: what comes of that looks at the time */
	}
	return OK;
}

static void job_get_need(struct unit *u, const struct task *t)
{
	const struct payment_job_get *g = t->command;

	payment_need(u, g->job.order_id);
	unit_need_own_job(u, &g->job);
}

static void job_get_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_job_get *)t->command)->job.order_id);
}

static enum err job_get_act(struct unit *u, struct task *t)
{
	struct payment_job_get *g = t->command;
	const struct payment *p = unit_find(u, NOUN_PAYMENT, g->job.order_id);
	const struct payment_attempt *a = p ? payment_attempt_of(u, p->id, g->job.unit) : NULL;
	bool is_refund = g->job.kind == JOB_PAYMENT_REFUND;

	g->live = unit_owns_job(u, &g->job) && a &&
		  (is_refund ? a->state == PAYTRY_PAID : payment_attempt_is_live((enum payment_attempt_state)a->state));
	if (!g->live)
		return OK;
	payment_view(u, t->arena, p, &g->view);
	g->attempt = g->view.attempts[g->job.unit - 1];
	return OK;
}

const struct verb verb_payment_begin = {
	.name = "payment.begin", .need = begin_need, .need_more = begin_need_more, .act = begin_act
};
const struct verb verb_payment_outcome = { .name = "payment.outcome",
					   .need = outcome_need,
					   .need_more = outcome_need_more,
					   .act = outcome_act,
					   .background = true };
const struct verb verb_payment_expire = { .name = "payment.expire",
					  .need = expire_need,
					  .need_more = expire_need_more,
					  .act = expire_act,
					  .background = true };
const struct verb verb_payment_job_get = { .name = "payment.job",
					   .need = job_get_need,
					   .need_more = job_get_need_more,
					   .act = job_get_act,
					   .read_only = true };

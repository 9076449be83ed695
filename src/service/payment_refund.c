/* service/payment_refund.c: giving the money back: an operator asks, the provider does it, then the books follow. */
#include "service/payment_unit.h"

enum { UNKNOWN_TRIES_BEFORE_A_PERSON = 8 };

static void refund_need(struct unit *u, const struct task *t)
{
	const struct payment_refund *r = t->command;
	int64_t partner_id = 0;

	/* One that is not there has no merchant; the verb says so. */
	if (payment_owner(u->db, r->id, &partner_id) == OK)
		unit_need_partner(u, partner_id);
	payment_need(u, r->id);
}

static void refund_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_refund *)t->command)->id);
}

static enum err refund_decide(struct unit *u, struct task *t)
{
	struct payment_refund *r = t->command;
	struct payment *p = unit_find(u, NOUN_PAYMENT, r->id);

	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	if (!payment_rule((enum payment_state)p->state, PAY_ASK_REFUND)) {
		t->detail = STR("only a payment that is paid can be given back");
		return ERR_ILLEGAL_STATE;
	}

	/* From here nothing can fail. */
	payment_move(u, p, PAY_ASK_REFUND);
	payment_view(u, t->arena, p, &r->view);
	return OK;
}

static enum err refund_act(struct unit *u, struct task *t)
{
	const struct payment_refund *r = t->command;
	enum err e = refund_decide(u, t);

	return audited(u, &r->by, "payment.refund", arena_printf(&u->arena, "payment %lld", (long long)r->id), STR(""),
		       e);
}

static void result_need(struct unit *u, const struct task *t)
{
	const struct payment_refund_result *r = t->command;

	unit_need_partner(u, r->job.partner_id);
	unit_need(u, NOUN_JOB, r->job.id);
	payment_need(u, r->job.order_id);
}

static void result_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_refund_result *)t->command)->job.order_id);
}

static void result_later(struct unit *u, const struct payment *p, struct job *job, int64_t due_us)
{
	if (++job->tries == UNKNOWN_TRIES_BEFORE_A_PERSON)
		payment_task_add(u, p, TASK_REFUND, "the provider does not say whether it has given the money back");
	job->due_at = due_us;
	unit_take_job(u, job);
	unit_touch(u, job);
}

/* Money that came too late was never the merchant's: its way back does not touch the books. */
static enum err result_act(struct unit *u, struct task *t)
{
	const struct payment_refund_result *r = t->command;
	struct job *job = unit_find(u, NOUN_JOB, r->job.id);
	struct payment *p = unit_find(u, NOUN_PAYMENT, r->job.order_id);

	if (!job || job->fence != r->job.fence || !p)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	if (r->said == REFUND_UNKNOWN) {
		result_later(u, p, job, r->next_due_us);
		return OK;
	}
	int attempt = job->unit;
	unit_remove(u, job);
	if (r->said == REFUND_REFUSED)
		payment_task_add(u, p, TASK_REFUND, "the provider does not give the money back");
	if (p->state == PAYMENT_REFUNDING && attempt == p->paid_by)
		payment_move(u, p, r->said == REFUND_DONE ? PAY_REFUND : PAY_KEEP);
	return OK;
}

const struct verb verb_payment_refund = {
	.name = "payment.refund", .need = refund_need, .need_more = refund_need_more, .act = refund_act
};
const struct verb verb_payment_refund_result = { .name = "payment.refunded",
						 .need = result_need,
						 .need_more = result_need_more,
						 .act = result_act,
						 .background = true };

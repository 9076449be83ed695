/* service/esim_order.c: completing, cancelling and refunding by name; what the supplier says to a refund. */
#include "service/esim_unit.h"

#include "base/clock.h"
#include "base/limits.h"

void name_need(struct unit *u, const struct task *t, const struct order_name *name)
{
	if (name->id)
		order_need_view(u, name->id);
	else if (name->reference.p)
		unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY,
			       order_ext_key(t->arena, t->partner_id, name->dialect, name->reference));
	else
		unit_need_text(u, NOUN_ESIM, ESIMS_ICCID, name->iccid);
}

struct order *name_find(struct unit *u, const struct task *t, const struct order_name *name)
{
	struct order *o = NULL;

	if (name->id) {
		o = unit_find(u, NOUN_ORDER, name->id);
	} else if (name->reference.p) {
		o = unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY,
				   order_ext_key(t->arena, t->partner_id, name->dialect, name->reference));
	} else {
		const struct esim *esim = unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, name->iccid);

		/* Nobody learns that somebody else's ICCID exists. */
		if (esim && esim->partner_id == t->partner_id && unit_has(u, NOUN_ORDER, esim->order_id))
			o = unit_find(u, NOUN_ORDER, esim->order_id);
	}
	return o && o->partner_id == t->partner_id && o->dialect == (int)name->dialect ? o : NULL;
}

void name_need_view(struct unit *u, const struct task *t, const struct order_name *name)
{
	const struct order *o = name_find(u, t, name);

	if (o) {
		order_need_view(u, o->id);
		order_need_extras(u, o);
	}
}

static void name_need_change(struct unit *u, const struct task *t, const struct order_name *name)
{
	const struct order *o = name_find(u, t, name);

	name_need_view(u, t, name);
	if (o)
		order_need_change(u, o);
}

/* ---- completing ---- */

static void complete_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	name_need(u, t, &((const struct order_complete *)t->command)->name);
}

static void complete_need_more(struct unit *u, const struct task *t)
{
	name_need_change(u, t, &((const struct order_complete *)t->command)->name);
}

/* Whether it was completed before and has not failed since. */
static bool is_completing(const struct order *o)
{
	return o->state == ORDER_AWAITING_KYC || o->state == ORDER_CONFIRMED || o->state == ORDER_SUBMITTED ||
	       order_has_paid((enum order_state)o->state);
}

static void begin_completing(struct unit *u, struct order *o)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);

	if (!order_has_route(u, o)) {
		o->reason = REASON_NO_ROUTE;
		order_move(u, o, EV_REJECT);
	} else {
		order_move(u, o, p->esim && p->esim->category == ESIM_DELAYED ? EV_VERIFY : EV_CONFIRM);
	}
}

static enum err complete_act(struct unit *u, struct task *t)
{
	struct order_complete *c = t->command;
	struct order *o = name_find(u, t, &c->name);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (!is_completing(o) && (o->state != ORDER_CREATED || u->now_us >= o->expires_at))
		return ERR_CONFIRM_TOO_LATE;
	enum err e = order_need_product(u, t->catalog, o);
	if (!e && o->state == ORDER_CREATED)
		e = stock_check_holds(u, o->id);
	if (e)
		return e;

	/* From here nothing can fail. */
	if (o->state == ORDER_CREATED)
		begin_completing(u, o);
	order_view(u, t->arena, t->catalog, o, &c->view);
	order_hold(u, t, &c->view, engine_complete_wait_seconds(u->engine));
	return OK;
}

/* ---- cancelling ---- */

static void withdraw_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	name_need(u, t, &((const struct order_withdraw *)t->command)->name);
}

static void withdraw_need_more(struct unit *u, const struct task *t)
{
	name_need_change(u, t, &((const struct order_withdraw *)t->command)->name);
}

static enum err withdraw_act(struct unit *u, struct task *t)
{
	struct order_withdraw *c = t->command;
	struct order *o = name_find(u, t, &c->name);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (o->state == ORDER_CANCELLED || o->state == ORDER_EXPIRED)
		return ERR_ALREADY_CANCELLED;
	if (o->state != ORDER_CREATED)
		return ERR_CANCEL_TOO_LATE;
	enum err e = order_need_product(u, t->catalog, o);
	if (e)
		return e;

	/* From here nothing can fail. */
	order_move(u, o, EV_CANCEL);
	order_view(u, t->arena, t->catalog, o, &c->view);
	return OK;
}

/* ---- refunding ---- */

struct refund_terms refund_terms(struct unit *u, const struct order *o)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);
	const struct esim_plan *plan = p ? p->esim : NULL;
	struct refund_terms terms = { 0 };

	if (o->state == ORDER_REVERSED)
		terms.reason = "The order was refunded already";
	else if (o->state == ORDER_REVERSING)
		terms.reason = "A refund of the order is under way";
	else if (o->state != ORDER_COMPLETED)
		terms.reason = "Only completed orders can be refunded";
	else if (!plan || !plan->is_refundable)
		terms.reason = "The product cannot be refunded";
	else if (plan->refund_hours && u->now_us >= o->completed_at + SECONDS_US(plan->refund_hours * 3600))
		terms.reason = "The time for a refund is over";
	terms.is_eligible = !terms.reason;
	if (terms.is_eligible)
		terms.fee = plan->refund_fee < o->amount ? plan->refund_fee : o->amount;
	return terms;
}

static void refund_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	name_need(u, t, &((const struct order_refund *)t->command)->name);
}

static void refund_need_more(struct unit *u, const struct task *t)
{
	name_need_change(u, t, &((const struct order_refund *)t->command)->name);
}

static enum err refund_act(struct unit *u, struct task *t)
{
	struct order_refund *c = t->command;
	struct order *o = name_find(u, t, &c->name);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	enum err e = order_need_product(u, t->catalog, o);
	if (e)
		return e;
	struct refund_terms terms = refund_terms(u, o);
	if (!terms.is_eligible) {
		t->detail = str_of(terms.reason);
		return ERR_ILLEGAL_STATE;
	}

	/* From here nothing can fail. */
	o->kept = terms.fee;
	order_move(u, o, EV_ASK_REVERSE);
	order_view(u, t->arena, t->catalog, o, &c->view);
	order_hold(u, t, &c->view, engine_complete_wait_seconds(u->engine));
	return OK;
}

/* ---- the supplier's word on it ---- */

static void reversal_get_need(struct unit *u, const struct task *t)
{
	const struct reversal_get *g = t->command;

	order_need_view(u, g->job.order_id);
	unit_need(u, NOUN_ATTEMPT, g->job.order_id);
	unit_need_own_job(u, &g->job);
}

static void reversal_get_need_more(struct unit *u, const struct task *t)
{
	const struct order *o = unit_find(u, NOUN_ORDER, ((const struct reversal_get *)t->command)->job.order_id);

	if (o)
		order_need_extras(u, o);
}

static enum err reversal_get_act(struct unit *u, struct task *t)
{
	struct reversal_get *g = t->command;
	const struct order *o = unit_find(u, NOUN_ORDER, g->job.order_id);
	const struct attempt *attempt = unit_find(u, NOUN_ATTEMPT, g->job.order_id);

	while (attempt && attempt->state != ATTEMPT_DELIVERED)
		attempt = unit_next(u, (void *)attempt);
	g->live = unit_owns_job(u, &g->job) && o && attempt && o->state == ORDER_REVERSING;
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

static void reversal_need(struct unit *u, const struct task *t)
{
	const struct reversal_result *r = t->command;

	unit_need_partner(u, r->job.partner_id);
	unit_need(u, NOUN_JOB, r->job.id);
	order_need_view(u, r->job.order_id);
}

static void reversal_need_more(struct unit *u, const struct task *t)
{
	const struct order *o = unit_find(u, NOUN_ORDER, ((const struct reversal_result *)t->command)->job.order_id);

	if (o)
		order_need_change(u, o);
}

static void ask_again(struct unit *u, const struct reversal_result *r, struct job *job)
{
	if (!job->tries)
		unit_add(u, NOUN_TASK,
			 &(struct work_task){ .id = unit_id(u),
					      .kind = TASK_REVERSAL,
					      .order_id = job->order_id,
					      .detail = r->said == REVERSAL_UNKNOWN
								? STR("the supplier does not say whether it takes the "
								      "purchase back")
								: STR("a refund was asked for; reverse the order once "
								      "the supplier agrees"),
					      .state = 1,
					      .created_at = u->now_us });
	job->due_at = r->next_due_us;
	job->tries++;
	unit_take_job(u, job);
	unit_touch(u, job);
}

static enum err reversal_act(struct unit *u, struct task *t)
{
	const struct reversal_result *r = t->command;
	struct job *job = unit_find(u, NOUN_JOB, r->job.id);
	struct order *o = unit_find(u, NOUN_ORDER, r->job.order_id);

	if (!job || job->fence != r->job.fence || !o)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	if (o->state != ORDER_REVERSING) { /* an operator was quicker */
		unit_remove(u, job);
	} else if (r->said == REVERSAL_AGREED) {
		order_move(u, o, EV_REVERSE);
		unit_remove(u, job);
	} else if (r->said == REVERSAL_REFUSED) {
		o->kept = 0;
		order_move(u, o, EV_KEEP);
		unit_remove(u, job);
	} else {
		ask_again(u, r, job);
	}
	return OK;
}

const struct verb verb_order_complete = {
	.name = "order.complete", .need = complete_need, .need_more = complete_need_more, .act = complete_act
};
const struct verb verb_order_withdraw = {
	.name = "order.withdraw", .need = withdraw_need, .need_more = withdraw_need_more, .act = withdraw_act
};
const struct verb verb_order_refund = {
	.name = "order.refund", .need = refund_need, .need_more = refund_need_more, .act = refund_act
};
const struct verb verb_reversal_get = { .name = "reversal.get",
					.need = reversal_get_need,
					.need_more = reversal_get_need_more,
					.act = reversal_get_act,
					.read_only = true };
const struct verb verb_reversal_result = { .name = "reversal.result",
					   .need = reversal_need,
					   .need_more = reversal_need_more,
					   .act = reversal_act,
					   .background = true };

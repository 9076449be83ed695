#include "service/payment.h"

#include "base/clock.h"
#include "service/order_unit.h"
#include "service/payment_unit.h"

static const int64_t idempotency_us = SECONDS_US(24 * 3600);

static struct str idem_key(const struct task *t)
{
	const struct payment_create *c = t->command;

	return order_ext_key(t->arena, t->partner_id, DIALECT_MOBIP, c->idempotency_key);
}

static void create_need(struct unit *u, const struct task *t)
{
	const struct payment_create *c = t->command;

	unit_need_partner(u, t->partner_id);
	unit_need(u, NOUN_MERCHANT, t->partner_id);
	if (c->idempotency_key.p)
		unit_need_text(u, NOUN_IDEMPOTENCY, 0, idem_key(t));
}

/* The key's row while it counts. */
static struct idempotency *create_known(struct unit *u, const struct task *t)
{
	const struct payment_create *c = t->command;
	struct idempotency *known = c->idempotency_key.p ? unit_find_text(u, NOUN_IDEMPOTENCY, 0, idem_key(t)) : NULL;

	return known && u->now_us - known->created_at < idempotency_us ? known : NULL;
}

static void create_need_more(struct unit *u, const struct task *t)
{
	const struct idempotency *known = create_known(u, t);

	if (known)
		payment_need(u, known->order_id);
}

static enum err create_replay(struct unit *u, struct task *t, const struct idempotency *known)
{
	struct payment_create *c = t->command;
	const struct payment *p;

	if (known->request_hash != c->idempotency_hash) {
		t->detail = STR("Idempotency-Key: was used with another request");
		return ERR_CONFLICT;
	}
	p = payment_owned(u, t->partner_id, known->order_id);
	if (!p)
		return ERR_INTERNAL; /* a store that was repaired by hand */
	payment_view(u, t->arena, p, &c->view);
	c->replayed = true;
	return OK;
}

static void create_remember(struct unit *u, const struct task *t, int64_t payment_id)
{
	const struct payment_create *c = t->command;
	struct idempotency row = { idem_key(t), c->idempotency_hash, payment_id, u->now_us };
	struct idempotency *old = unit_find_text(u, NOUN_IDEMPOTENCY, 0, row.idem_key);

	if (!old) {
		unit_add(u, NOUN_IDEMPOTENCY, &row);
		return;
	}
	*old = row;
	unit_touch(u, old);
}

static struct payment *create_add(struct unit *u, const struct task *t, const struct partner *partner)
{
	const struct payment_create *c = t->command;
	const struct merchant *m = unit_find(u, NOUN_MERCHANT, t->partner_id);
	struct payment_fee fee = { m ? m->fee_ppm : 0, m ? m->fee_fixed : 0 };
	struct payment p = { .id = unit_id(u),
			     .partner_id = t->partner_id,
			     .kind = (int)c->kind,
			     .state = PAYMENT_NEW,
			     .currency = partner->home.number,
			     .item_amount = c->item_amount,
			     .tax_amount = c->tax_amount,
			     .fee = payment_fee_of(fee, c->item_amount + c->tax_amount, partner->home),
			     .language = (int)c->language,
			     .media = (int)c->media,
			     .item_name = c->item_name,
			     .track_id = c->track_id,
			     .customer_name = c->customer_name,
			     .customer_email = c->customer_email,
			     .customer_phone = c->customer_phone,
			     .redirect_url = c->redirect_url,
			     .callback_url = c->callback_url,
			     .retry_period = c->retry_period,
			     .retry_attempts = c->retry_attempts,
			     .sandbox = partner->sandbox,
			     .created_at = u->now_us,
			     .expires_at = u->now_us + c->ttl_us };

	if (m && !p.redirect_url.p)
		p.redirect_url = m->redirect_url;
	if (m && !p.callback_url.p)
		p.callback_url = m->callback_url;
	payment_none(u, p.id);
	return unit_add(u, NOUN_PAYMENT, &p);
}

static enum err create_act(struct unit *u, struct task *t)
{
	struct payment_create *c = t->command;
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct idempotency *known = create_known(u, t);
	int64_t total;

	c->replayed = false; /* of a run that was rolled back */
	if (!partner)
		return ERR_FORBIDDEN;
	if (known)
		return create_replay(u, t, known);
	if (c->item_amount < 0 || c->tax_amount < 0 || micros_add(c->item_amount, c->tax_amount, &total) || !total ||
	    total > MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	enum err e = c->media ? payment_can_ask(u, t, c->media, c->customer_email, c->customer_phone) : OK;
	if (e)
		return e;
	unit_counter(u, t->partner_id);

	/* From here nothing can fail. */
	struct payment *p = create_add(u, t, partner);
	payment_move(u, p, PAY_CREATE);
	if (c->media)
		payment_ask(u, p, MESSAGE_PAYMENT, c->media, c->base_url);
	if (c->idempotency_key.p)
		create_remember(u, t, p->id);
	payment_view(u, t->arena, p, &c->view);
	return OK;
}

static void get_need(struct unit *u, const struct task *t)
{
	payment_need(u, ((const struct payment_get *)t->command)->id);
}

static void get_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_get *)t->command)->id);
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct payment_get *g = t->command;
	const struct payment *p = unit_find(u, NOUN_PAYMENT, g->id);

	if (!p || (!g->is_public && p->partner_id != t->partner_id))
		return ERR_PAYMENT_NOT_FOUND;
	payment_view(u, t->arena, p, &g->view);
	return OK;
}

static void cancel_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	payment_need(u, ((const struct payment_cancel *)t->command)->id);
}

static void cancel_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_cancel *)t->command)->id);
}

static enum err cancel_act(struct unit *u, struct task *t)
{
	struct payment_cancel *c = t->command;
	struct payment *p = payment_owned(u, t->partner_id, c->id);

	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	payment_view(u, t->arena, p, &c->view);
	if (payment_is_final((enum payment_state)c->view.payment.state))
		return ERR_PAYMENT_FINAL;
	if (p->state != PAYMENT_PENDING)
		return ERR_PAYMENT_BUSY;

	/* From here nothing can fail. */
	p->cause = c->by_customer ? CAUSE_CUSTOMER : CAUSE_MERCHANT;
	payment_move(u, p, PAY_CANCEL);
	payment_view(u, t->arena, p, &c->view);
	return OK;
}

const struct verb verb_payment_create = {
	.name = "payment.create", .need = create_need, .need_more = create_need_more, .act = create_act
};
const struct verb verb_payment_get = {
	.name = "payment.get", .need = get_need, .need_more = get_need_more, .act = get_act, .read_only = true
};
const struct verb verb_payment_cancel = {
	.name = "payment.cancel", .need = cancel_need, .need_more = cancel_need_more, .act = cancel_act
};

#include "service/payment.h"

#include "service/payment_unit.h"
#include "service/repeat.h"

static struct repeat repeat_of(const struct task *t)
{
	const struct payment_create *c = t->command;

	return (struct repeat){ t->partner_id, DIALECT_MOBIP, c->idempotency_key, c->idempotency_hash };
}

static void create_need(struct unit *u, const struct task *t)
{
	const struct payment_create *c = t->command;
	const struct repeat repeat = repeat_of(t);

	unit_need_partner(u, t->partner_id);
	unit_need(u, NOUN_MERCHANT, t->partner_id);
	if (c->reusable_id)
		unit_need(u, NOUN_REUSABLE, c->reusable_id);
	repeat_need(u, t, &repeat);
}

static void create_need_more(struct unit *u, const struct task *t)
{
	struct task ignored = *t;
	const struct repeat repeat = repeat_of(t);
	int64_t known;

	if (repeat_known(u, &ignored, &repeat, &known) == OK && known)
		payment_need(u, known);
}

static enum err create_replay(struct unit *u, struct task *t, int64_t known)
{
	struct payment_create *c = t->command;
	const struct payment *p = payment_owned(u, t->partner_id, known);

	if (!p)
		return ERR_INTERNAL; /* a store that was repaired by hand */
	payment_view(u, t->arena, p, &c->view);
	c->replayed = true;
	return OK;
}

/* At a reusable QR code: what is paid is what the code says. */
static enum err create_at_reusable(struct unit *u, const struct task *t, const struct partner *partner,
				   struct payment_create *asked)
{
	const struct reusable *r = unit_find(u, NOUN_REUSABLE, asked->reusable_id);

	if (!r || r->partner_id != t->partner_id)
		return ERR_PAYMENT_NOT_FOUND;
	if (!partner->active)
		return ERR_FORBIDDEN;
	if (r->currency != partner->home.number)
		return ERR_CURRENCY; /* the account has changed its own since */
	asked->item_amount = r->item_amount;
	asked->tax_amount = r->tax_amount;
	asked->item_name = r->item_name;
	asked->track_id = r->reference;
	return OK;
}

static struct payment *create_add(struct unit *u, const struct task *t, const struct payment_create *c,
				  const struct partner *partner)
{
	const struct merchant *m = unit_find(u, NOUN_MERCHANT, t->partner_id);
	struct payment_fee fee = { m ? m->fee_ppm : 0, m ? m->fee_fixed : 0 };
	struct payment p = { .id = unit_id(u),
			     .partner_id = t->partner_id,
			     .kind = (int)c->kind,
			     .link_id = c->reusable_id,
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

static enum err create_check(struct unit *u, struct task *t, const struct payment_create *c)
{
	int64_t total;

	if (c->item_amount < 0 || c->tax_amount < 0 || micros_add(c->item_amount, c->tax_amount, &total) || !total ||
	    total > MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	return c->media ? payment_can_ask(u, t, c->media, c->customer_email, c->customer_phone) : OK;
}

static enum err create_act(struct unit *u, struct task *t)
{
	struct payment_create *c = t->command, asked = *c;
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct repeat repeat = repeat_of(t);
	int64_t known;

	c->replayed = false; /* of a run that was rolled back */
	if (!partner)
		return ERR_FORBIDDEN;
	enum err e = repeat_known(u, t, &repeat, &known);
	if (!e && known)
		return create_replay(u, t, known);
	if (!e && c->reusable_id)
		e = create_at_reusable(u, t, partner, &asked);
	if (!e)
		e = create_check(u, t, &asked);
	if (e)
		return e;
	unit_counter(u, t->partner_id);

	/* From here nothing can fail. */
	struct payment *p = create_add(u, t, &asked, partner);
	payment_move(u, p, PAY_CREATE);
	if (c->media)
		payment_ask(u, p, MESSAGE_PAYMENT, c->media, c->base_url);
	repeat_remember(u, t, &repeat, p->id);
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

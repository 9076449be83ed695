#include "service/kyc.h"

#include "service/order_unit.h"
#include "service/reader.h"
#include "service/seals.h"
#include "store/admin.h"

static struct str order_subject(struct unit *u, int64_t order_id)
{
	return arena_printf(&u->arena, "order %lld", (long long)order_id);
}

static void need_order(struct unit *u, int64_t order_id)
{
	int64_t partner_id = 0;

	/* An order that is not there has no partner; the verb says so. */
	if (order_owner(u->db, order_id, &partner_id) == OK)
		unit_need_partner(u, partner_id);
	order_need_view(u, order_id);
	unit_need(u, NOUN_KYC, order_id);
}

static void need_change(struct unit *u, int64_t order_id)
{
	const struct order *o = unit_find(u, NOUN_ORDER, order_id);

	if (o)
		order_need_change(u, o);
}

static enum err find(struct unit *u, struct task *t, int64_t order_id, struct order **ret_order,
		     struct kyc_check **ret_check)
{
	*ret_order = unit_find(u, NOUN_ORDER, order_id);
	*ret_check = unit_find(u, NOUN_KYC, order_id);
	if (!*ret_order)
		return ERR_ORDER_NOT_FOUND;
	if ((*ret_order)->state == ORDER_AWAITING_KYC && *ret_check && u->now_us < (*ret_order)->expires_at)
		return OK;
	t->detail = STR("the order does not wait for an identity check");
	return ERR_ILLEGAL_STATE;
}

static void submit_need(struct unit *u, const struct task *t)
{
	need_order(u, ((const struct kyc_submit *)t->command)->order_id);
}

static enum err submit_act(struct unit *u, struct task *t)
{
	const struct kyc_submit *c = t->command;
	struct order *o;
	struct kyc_check *check;
	enum err e = find(u, t, c->order_id, &o, &check);

	if (e)
		return e;
	if (check->state != KYC_OPEN) {
		t->detail = STR("the data were given already");
		return ERR_ILLEGAL_STATE;
	}

	/* From here nothing can fail. */
	check->doc = crypto_seal(u->keys, &u->arena, kyc_seal_label(&u->arena, check), c->doc);
	check->state = KYC_SUBMITTED;
	check->submitted_at = u->now_us;
	unit_touch(u, check);
	return OK;
}

/* ---- deciding ---- */

static void decide_need(struct unit *u, const struct task *t)
{
	need_order(u, ((const struct kyc_decide *)t->command)->order_id);
}

static void decide_need_more(struct unit *u, const struct task *t)
{
	need_change(u, ((const struct kyc_decide *)t->command)->order_id);
}

static enum err decide(struct unit *u, struct task *t)
{
	struct kyc_decide *c = t->command;
	struct order *o;
	struct kyc_check *check;
	int decision = c->approve ? KYC_APPROVED : KYC_REJECTED;
	enum err e = find(u, t, c->order_id, &o, &check);

	if (o && check && check->state == decision) {
		t->detail = STR_NONE;
		c->order = *o;
		return OK;
	}
	if (e)
		return e;
	e = order_need_product(u, u->catalog, o);
	if (e)
		return e;
	if (c->approve && !order_has_route(u, o)) {
		t->detail = STR("nobody sells the product any more: reject it");
		return ERR_ILLEGAL_STATE;
	}
	if (c->approve && (e = stock_check_holds(u, o->id)))
		return e;

	/* From here nothing can fail. */
	check->state = decision;
	check->decided_at = u->now_us;
	unit_touch(u, check);
	order_move(u, o, c->approve ? EV_APPROVE : EV_CANCEL);
	c->order = *o;
	return OK;
}

static enum err decide_act(struct unit *u, struct task *t)
{
	const struct kyc_decide *c = t->command;
	enum err e = decide(u, t);

	return audited(u, &c->by, c->approve ? "kyc.approve" : "kyc.reject", order_subject(u, c->order_id),
		       c->reason.p ? c->reason : STR(""), e);
}

void kyc_lapse(struct unit *u, const struct order *o)
{
	struct kyc_check *check = unit_find(u, NOUN_KYC, o->id);

	if (!check)
		return;
	check->state = KYC_LAPSED;
	check->decided_at = u->now_us;
	check->doc = STR_NONE;
	unit_touch(u, check);
}

/* ---- looking ---- */

static void reveal_need(struct unit *u, const struct task *t)
{
	const struct kyc_reveal *c = t->command;

	unit_need(u, NOUN_ORDER, c->order_id);
	unit_need(u, NOUN_KYC, c->order_id);
}

static enum err reveal(struct unit *u, struct task *t)
{
	struct kyc_reveal *c = t->command;
	const struct kyc_check *check = unit_find(u, NOUN_KYC, c->order_id);

	if (!unit_find(u, NOUN_ORDER, c->order_id))
		return ERR_ORDER_NOT_FOUND;
	if (!check || !check->doc.p) {
		t->detail = STR("nothing was given for an identity check of this order");
		return ERR_NOT_FOUND;
	}
	return crypto_open(u->keys, t->arena, kyc_seal_label(t->arena, check), check->doc, &c->plain);
}

static enum err reveal_act(struct unit *u, struct task *t)
{
	const struct kyc_reveal *c = t->command;
	enum err e = reveal(u, t);

	return audited(u, &c->by, "kyc.reveal", order_subject(u, c->order_id), STR(""), e);
}

static enum err waiting_seen(void *arg, void *row)
{
	struct kyc_list *l = arg;

	l->rows[l->count++] = *(const struct kyc_waiting *)row;
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct kyc_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct kyc_waiting, (size_t)l->most);
	l->count = 0;
	return kyc_undecided(r->db, t->arena, l->open_too, l->most, waiting_seen, l);
}

const struct verb verb_kyc_submit = { .name = "kyc.submit", .need = submit_need, .act = submit_act };
const struct verb verb_kyc_decide = {
	.name = "kyc.decide", .need = decide_need, .need_more = decide_need_more, .act = decide_act
};
const struct verb verb_kyc_reveal = { .name = "kyc.reveal", .need = reveal_need, .act = reveal_act };
const struct verb verb_kyc_list = { .name = "kyc.list", .read = list_read };

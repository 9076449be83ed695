/* service/order_place.c: placing an order, and the changes its buyer may ask for: confirm, cancel, look. */
#include "service/order_unit.h"

#include "base/limits.h"
#include "core/catalog_query.h"
#include "core/esim.h"
#include "service/first_read.h"
#include "service/repeat.h"

static const int64_t first_order_no = 1000001;

static struct str place_ext_key(const struct task *t)
{
	const struct order_place *p = t->command;

	return order_ext_key(t->arena, t->partner_id, p->dialect, p->reference);
}

/* Idempotency keys are the partner's own, one name space a dialect. */
static struct repeat place_key(const struct task *t)
{
	const struct order_place *p = t->command;

	return (struct repeat){ t->partner_id, p->dialect, p->idempotency_key, p->idempotency_hash };
}

/* What is for an eSIM and says no product is what the eSIM was bought with: known once its order is there. */
static int64_t place_product_id(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;
	const struct esim *esim = p->iccid.p && !p->product_id ? esim_of_iccid(u, t, p->dialect, p->iccid) : NULL;

	return esim ? ((const struct order *)unit_find(u, NOUN_ORDER, esim->order_id))->product_id : p->product_id;
}

static const struct product *place_product(const struct task *t, int64_t id, const struct price **ret_price)
{
	const struct order_place *p = t->command;
	int list;

	if (catalog_list(t->catalog, p->price_list, &list))
		return NULL;
	const struct product *product = catalog_product(t->catalog, list, id);
	*ret_price = product ? product_price(product, list) : NULL;
	return product;
}

static int64_t place_quantity(const struct order_place *p)
{
	return p->quantity ? p->quantity : 1;
}

static void place_need(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct repeat key = place_key(t);
	const struct price *price;
	const struct product *product = place_product(t, p->product_id, &price);
	struct stock_of of;

	unit_need_partner(u, t->partner_id);
	if (!p->number_prefix.p)
		unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY, place_ext_key(t));
	esim_need_parent(u, t);
	repeat_need(u, t, &key);
	if (product)
		unit_need(u, NOUN_ACCOUNT, account_wallet(t->partner_id, price->wholesale.cur));
	/* What is sold from stock is paid in the same commit. */
	if (product && partner && !p->invalid && !p->iccid.p && order_stock_of(u, partner, product, &of)) {
		unit_want_stock(u, of, product, place_quantity(p));
		order_need_accounts(u, t->partner_id, price->wholesale.cur.number, price->wholesale_fee != 0);
	}
}

/* What hangs on an eSIM is created without being shown; the order itself is not there yet. */
static void need_replayed_extras(struct unit *u, const struct task *t, int64_t order_id)
{
	const struct order_place *p = t->command;
	const struct order like = { .id = order_id, .dialect = (int)p->dialect };

	if (!p->parent.p)
		order_need_extras(u, &like);
}

static void place_need_more(struct unit *u, const struct task *t)
{
	const struct repeat key = place_key(t);
	int64_t known = repeat_id(u, t, &key);
	const struct order *first = ((const struct order_place *)t->command)->repeats
					    ? unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY, place_ext_key(t))
					    : NULL;

	if (known) {
		order_need_view(u, known);
		need_replayed_extras(u, t, known);
	}
	if (first) {
		order_need_view(u, first->id);
		order_need_extras(u, first);
	}
	esim_need_root(u, t);
}

static enum err place_replay(struct unit *u, struct task *t, int64_t known)
{
	struct order_place *p = t->command;

	/* A create and its repeat in one batch: the order is there, though it was never asked for by id. */
	const struct order *o = order_owned(u, t->partner_id, known);
	if (!o)
		return ERR_INTERNAL; /* a store that was repaired by hand: one caller, not the server, pays for it */
	enum err e = order_need_product(u, t->catalog, o);
	if (e)
		return e;
	order_view(u, t->arena, t->catalog, o, &p->view);
	p->replayed = true;
	if (p->hold)
		order_hold(u, t, &p->view, LIMIT_SYNC_HOLD_SECONDS);
	return OK;
}

/* The reference is known: the first order again, or another request under its name. */
static enum err place_repeat(struct unit *u, struct task *t, const struct order *first)
{
	struct order_place *p = t->command;
	enum err e = order_need_product(u, t->catalog, first);

	if (e)
		return e;
	order_view(u, t->arena, t->catalog, first, &p->view);
	if (first->fingerprint != p->fingerprint)
		return ERR_REFERENCE_USED;
	p->replayed = true;
	return OK;
}

/* So many of the same: the unit's price is rounded, the sum is not. */
static enum err quote_times(struct quote *q, int64_t quantity)
{
	const struct money unit = { q->amount, q->currency }, retail = { q->retail_amount, q->currency };
	struct money all, all_retail;
	enum err e = money_times(unit, quantity, &all);

	if (!e)
		e = money_times(retail, quantity, &all_retail);
	if (!e && (all.micros + q->fee > MONEY_ITEM_MAX || all_retail.micros > MONEY_ITEM_MAX))
		e = ERR_OVERFLOW;
	if (e)
		return e;
	q->amount = all.micros;
	q->retail_amount = all_retail.micros;
	return OK;
}

/* The sandbox makes everything, but not what its stock has run out of: a real shop would not have it either. */
static bool has_other_route(const struct product *p)
{
	for (size_t i = 0; i < p->route_count; i++)
		if (!str_is(p->routes[i].supplier, "stock"))
			return true;
	return false;
}

/* What was decided: all that is needed to write it down. */
struct placing {
	const struct product *product;
	struct quote quote;
	const struct order *root; /* NULL = none */
	bool from_stock;
	struct stock_of stock; /* if so, which */
};

/* Whether the order takes from stock; ERR_OUT_OF_STOCK if it should and nobody else can make it. */
static enum err check_stock(struct unit *u, const struct order_place *p, const struct partner *partner,
			    const struct product *product, bool has_supplier, struct placing *ret)
{
	int64_t quantity = place_quantity(p);

	/* Stock has profiles, and an eSIM that is there needs a package. A sandbox's stock that has appeared since need
	 * is not there yet. */
	if (p->iccid.p || !order_stock_of(u, partner, product, &ret->stock) || !unit_wants_stock(u, ret->stock))
		return has_supplier ? OK : ERR_PRODUCT_NOT_FOUND;
	if (stock_free(u, ret->stock) < quantity)
		return has_other_route(product) ? OK : ERR_OUT_OF_STOCK;
	ret->from_stock = true;
	return stock_check_seals(u, ret->stock, quantity);
}

/* Everything about what is bought and for whom; the wallet and the reference come after. */
static enum err check_purchase(struct unit *u, struct task *t, const struct product *product, const struct price *price,
			       struct quote *ret_quote, const struct order **ret_root)
{
	const struct order_place *p = t->command;
	const char *detail = NULL;
	enum err e = price_quote(product, price, p->calculation_mode, &p->source, &p->destination, ret_quote, &detail);

	t->detail = str_of(detail);
	if (!e)
		e = quote_times(ret_quote, place_quantity(p));
	/* What is missing is told in one answer, amount and parties. */
	if ((!e || e == ERR_BAD_REQUEST) && !product->esim)
		e = order_check_parties(t, product, &p->given) ? ERR_BAD_REQUEST : e;
	return e || p->iccid.p ? e : esim_check_parent(u, t, product, ret_root);
}

/* Nobody is sold what their API cannot list. */
static bool is_for_sale(const struct order_place *p, const struct product *product)
{
	if (product_stands_alone(product))
		return true;
	return product->esim->category == ESIM_DELAYED ? p->verifies : p->lists_parts;
}

/* All that may refuse an order, in the order of dvs.md 5.2. */
static enum err place_check(struct unit *u, struct task *t, struct placing *ret)
{
	struct order_place *p = t->command;
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct route *routes[ORDER_ROUTES_MAX];
	const struct price *price = NULL;
	const struct product *product = place_product(t, place_product_id(u, t), &price);
	struct quote *quote = &ret->quote;

	enum err e = p->iccid.p ? esim_check_parent(u, t, product, &ret->root) : OK;
	if (e)
		return e;
	if (!product || !partner || (p->currency && price->wholesale.cur.number != p->currency))
		return ERR_PRODUCT_NOT_FOUND;
	if (!is_for_sale(p, product))
		return ERR_PRODUCT_NOT_FOUND;
	enum err stocked =
		check_stock(u, p, partner, product, order_routes(partner->sandbox, product, routes) > 0, ret);
	if (stocked && stocked != ERR_OUT_OF_STOCK)
		return stocked;
	e = check_purchase(u, t, product, price, quote, &ret->root);
	if (e)
		return e;
	const struct order *same =
		p->number_prefix.p ? NULL : unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY, place_ext_key(t));
	if (same) {
		p->existing_id = same->id;
		return ERR_REFERENCE_USED;
	}
	if (stocked)
		return stocked;
	int64_t hold = quote->amount + quote->fee;
	const struct account *wallet = unit_account(u, account_wallet(t->partner_id, quote->currency));
	ret->product = product;
	p->required = hold;
	p->available = wallet ? wallet->balance - wallet->held + wallet->overdraft : 0;
	if (!wallet)
		return ERR_INSUFFICIENT_FUNDS;
	if (hold)
		e = ledger_can_authorize(wallet, hold);
	/* The catalogue may have moved on since the request was read: then buying needs the product's history, and what
	 * cannot be read must be known while refusing is possible. */
	return e ? e : engine_need_product(u->engine, u->catalog, product->id, product->batch);
}

/* The reference that the order is known by: the buyer's, or the partner's next number. */
static struct str place_new_key(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;
	struct counter *c;

	if (!p->number_prefix.p)
		return place_ext_key(t);
	c = unit_counter(u, t->partner_id);
	unit_touch(u, c);
	long long number = first_order_no + c->order_no++;
	return order_ext_key(t->arena, t->partner_id, p->dialect,
			     arena_printf(t->arena, "%.*s-%lld", STR_ARG(p->number_prefix), number));
}

/* Somebody may guess the id and change the order in its own batch: then its parts must be known to be none. */
static void place_none(struct unit *u, const struct order *o)
{
	static const enum noun parts[] = {
		NOUN_UNIT, NOUN_PARTY, NOUN_STOCK_HOLD, NOUN_JOB, NOUN_ATTEMPT, NOUN_CALLBACK
	};
	static const enum noun extras[] = { NOUN_DETAILS, NOUN_KYC, NOUN_ESIM, NOUN_ESIM_LINK, NOUN_MESSAGE };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		unit_none(u, parts[i], o->id);
	for (size_t i = 0; i < ARRAY_LEN(extras) && order_keeps_details(o); i++)
		unit_none(u, extras[i], o->id);
}

static struct order *place_add(struct unit *u, const struct task *t, const struct placing *placing)
{
	const struct order_place *p = t->command;
	const struct product *product = placing->product;
	const struct quote *q = &placing->quote;
	int64_t window_us = p->window_us ? p->window_us : engine_confirm_window_us(u->engine);
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct esim *esim = placing->root ? esim_to_top_up(u, t, placing->root) : NULL;
	struct order o = { .id = unit_row_id(u, NOUN_ORDER),
			   .partner_id = t->partner_id,
			   .dialect = (int)p->dialect,
			   .ext_key = place_new_key(u, t),
			   .fingerprint = p->fingerprint,
			   .state = ORDER_NEW,
			   .product_id = product->id,
			   .product_batch = product->batch,
			   .price_list = p->price_list,
			   .calculation_mode = q->calculation_mode,
			   .quantity = place_quantity(p),
			   .currency = q->currency.number,
			   .amount = q->amount,
			   .fee = q->fee,
			   .retail_currency = q->retail_currency.number,
			   .retail_amount = q->retail_amount,
			   .retail_fee = q->retail_fee,
			   .requested_source = q->requested_source,
			   .requested_destination = q->requested_destination,
			   .adjusted_source = q->adjusted_source,
			   .adjusted_destination = q->adjusted_destination,
			   .credit_party = p->credit_party,
			   .credit_account = esim ? esim->iccid : p->credit_account,
			   .callback_url = p->callback_url,
			   .sandbox = partner->sandbox,
			   .root_id = placing->root ? placing->root->id : 0,
			   .created_at = u->now_us,
			   .expires_at = u->now_us + window_us };

	place_none(u, &o);
	if (p->parties.p)
		unit_add(u, NOUN_PARTY, &(struct party){ o.id, p->parties });
	if (p->details.p)
		unit_add(u, NOUN_DETAILS, &(struct order_details){ o.id, p->details });
	if (placing->root)
		esim_link_add(u, &o, product, esim->unit);
	return unit_add(u, NOUN_ORDER, &o);
}

static enum err place_act(struct unit *u, struct task *t)
{
	struct order_place *p = t->command;
	const struct repeat key = place_key(t);
	struct placing placing = { 0 };
	int64_t known;

	p->replayed = false; /* of a run that was rolled back */
	enum err e = repeat_known(u, t, &key, &known);
	if (e || known)
		return e ? e : place_replay(u, t, known);
	const struct order *first = p->repeats ? unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY, place_ext_key(t)) : NULL;
	if (first)
		return place_repeat(u, t, first);
	t->detail = p->invalid_detail;
	e = p->invalid ? p->invalid : place_check(u, t, &placing);
	if (e)
		return e;

	/* From here nothing can fail. */
	struct order *o = place_add(u, t, &placing);
	if (placing.from_stock)
		stock_reserve(u, placing.stock, o->id, place_quantity(p));
	order_move(u, o, EV_CREATE);
	if (p->auto_confirm)
		order_move(u, o, EV_CONFIRM);
	repeat_remember(u, t, &key, o->id);
	first_read_mark(u, o);
	order_view(u, t->arena, t->catalog, o, &p->view);
	if (p->hold)
		order_hold(u, t, &p->view, LIMIT_SYNC_HOLD_SECONDS);
	return OK;
}

static void change_need(struct unit *u, const struct task *t)
{
	const struct order_change *c = t->command;

	unit_need_partner(u, t->partner_id);
	order_need_view(u, c->order_id);
}

static void change_need_more(struct unit *u, const struct task *t)
{
	const struct order_change *c = t->command;
	const struct order *o = order_owned(u, t->partner_id, c->order_id);

	if (o)
		order_need_change(u, o);
}

/* dvs.md 5.2: not found, cancelled, not CREATED, expired, else confirm. */
static enum err confirm_act(struct unit *u, struct task *t)
{
	struct order_change *c = t->command;
	struct order *o = order_owned(u, t->partner_id, c->order_id);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (o->state == ORDER_CANCELLED || o->state == ORDER_EXPIRED)
		return ERR_CONFIRM_TOO_LATE;
	if (o->state != ORDER_CREATED)
		return ERR_ALREADY_CONFIRMED;
	if (u->now_us >= o->expires_at)
		return ERR_CONFIRM_TOO_LATE;
	enum err e = order_need_product(u, u->catalog, o);
	if (!e)
		e = stock_check_holds(u, o->id);
	if (e)
		return e;

	/* From here nothing can fail. */
	if (order_has_route(u, o)) {
		order_move(u, o, EV_CONFIRM);
	} else {
		o->reason = REASON_NO_ROUTE;
		order_move(u, o, EV_REJECT);
	}
	first_read_mark(u, o);
	order_view(u, t->arena, t->catalog, o, &c->view);
	if (c->hold)
		order_hold(u, t, &c->view, LIMIT_SYNC_HOLD_SECONDS);
	return OK;
}

/* dvs.md 5.2: not found, cancelled, not CREATED, else cancel: expired ones included. */
static enum err cancel_act(struct unit *u, struct task *t)
{
	struct order_change *c = t->command;
	struct order *o = order_owned(u, t->partner_id, c->order_id);

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

static void get_need(struct unit *u, const struct task *t)
{
	order_need_view(u, ((const struct order_get *)t->command)->order_id);
}

static void get_need_more(struct unit *u, const struct task *t)
{
	const struct order_get *g = t->command;
	const struct order *o = order_owned(u, t->partner_id, g->order_id);

	if (o)
		order_need_extras(u, o);
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct order_get *g = t->command;
	const struct order *o = order_owned(u, t->partner_id, g->order_id);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	enum err e = order_need_product(u, t->catalog, o);
	if (!e)
		order_view(u, t->arena, t->catalog, o, &g->view);
	return e;
}

const struct verb verb_order_place = {
	.name = "order.place", .need = place_need, .need_more = place_need_more, .act = place_act
};
const struct verb verb_order_confirm = {
	.name = "order.confirm", .need = change_need, .need_more = change_need_more, .act = confirm_act
};
const struct verb verb_order_cancel = {
	.name = "order.cancel", .need = change_need, .need_more = change_need_more, .act = cancel_act
};
const struct verb verb_order_get = {
	.name = "order.get", .need = get_need, .need_more = get_need_more, .act = get_act, .read_only = true
};

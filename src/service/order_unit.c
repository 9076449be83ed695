#include "service/order_unit.h"

#include "service/event_unit.h"

#include "base/clock.h"
#include "base/limits.h"
#include "core/catalog_query.h"
#include "service/message_unit.h"

static int64_t contra(const struct unit *u, int64_t partner, int currency, enum account_kind kind)
{
	return account_id((struct account_parts){
		.partner = partner, .cur = { currency }, .kind = kind, .node = u->ids ? u->ids->slot : 0 });
}

void order_need_view(struct unit *u, int64_t order_id)
{
	unit_need(u, NOUN_ORDER, order_id);
	unit_need(u, NOUN_UNIT, order_id);
	unit_need(u, NOUN_PARTY, order_id);
}

void order_need_extras(struct unit *u, const struct order *o)
{
	int64_t root_id = o->root_id ? o->root_id : o->id;

	if (!order_keeps_details(o))
		return;
	unit_need(u, NOUN_DETAILS, o->id);
	unit_need(u, NOUN_KYC, o->id);
	unit_need(u, NOUN_ESIM, root_id);
	unit_need(u, NOUN_ESIM_LINK, root_id);
	if (o->root_id)
		unit_need(u, NOUN_ORDER, o->root_id);
}

struct str order_callback_url(const struct unit *u, const struct order *o)
{
	const struct partner *partner = directory_partner(u->directory, o->partner_id);

	if (o->callback_url.p || !partner || order_names_callback(o))
		return o->callback_url;
	return partner->webhook_url;
}

void order_need_accounts(struct unit *u, int64_t partner_id, int currency, bool fee)
{
	unit_need(u, NOUN_ACCOUNT, account_wallet(partner_id, (struct currency){ currency }));
	unit_need(u, NOUN_ACCOUNT, contra(u, partner_id, currency, ACCOUNT_REVENUE));
	if (fee)
		unit_need(u, NOUN_ACCOUNT, contra(u, partner_id, currency, ACCOUNT_FEES));
}

void order_need_change(struct unit *u, const struct order *o)
{
	order_need_accounts(u, o->partner_id, o->currency, o->fee != 0);
	unit_need(u, NOUN_UNIT, o->id);
	unit_need(u, NOUN_ATTEMPT, o->id);
	unit_need(u, NOUN_JOB, o->id); /* the expiry job has the order's id */
	order_need_extras(u, o);
	if (order_has_paid((enum order_state)o->state)) /* what is given back takes its eSIM with it */
		unit_need(u, NOUN_ESIM, o->root_id ? o->root_id : o->id);
	if (order_keeps_details(o))
		message_need(u, o->id);
	if (order_callback_url(u, o).p)
		unit_need(u, NOUN_CALLBACK, o->id);
	if (o->state == ORDER_CREATED || o->state == ORDER_AWAITING_KYC)
		unit_need(u, NOUN_STOCK_HOLD, o->id);
}

struct order *order_owned(struct unit *u, int64_t partner_id, int64_t order_id)
{
	struct order *o = unit_find(u, NOUN_ORDER, order_id);

	return o && o->partner_id == partner_id ? o : NULL;
}

/* The wallet that pays for the order, NULL if there is none. */
static struct account *order_wallet(struct unit *u, const struct order *o)
{
	return unit_account(u, account_wallet(o->partner_id, (struct currency){ o->currency }));
}

void unit_post(struct unit *u, int64_t partner_id, int64_t about_id, const struct transfer *t, int64_t *posting)
{
	struct ledger_row row = { .id = unit_row_id(u, NOUN_LEDGER), .order_id = about_id, .created_at = u->now_us };
	const struct account *wallet = account_parts(t->debit->id).kind == ACCOUNT_WALLET    ? t->debit
				       : account_parts(t->credit->id).kind == ACCOUNT_WALLET ? t->credit
											     : NULL;
	bool moved;

	if (!*posting)
		*posting = row.id;
	row.posting = *posting;
	row.wallet_id = wallet ? wallet->id : 0;
	ledger_post(t, &row, &moved);
	if (wallet && moved) {
		struct counter *c = unit_counter(u, partner_id);

		row.seq = ++c->movement_seq;
		row.posted_after = wallet->balance;
		unit_touch(u, c);
	}
	unit_touch(u, t->debit);
	unit_touch(u, t->credit);
	unit_add(u, NOUN_LEDGER, &row);
}

void order_post(struct unit *u, const struct order *o, const struct transfer *t, int64_t *posting)
{
	unit_post(u, o->partner_id, o->id, t, posting);
}

static struct account *order_contra(struct unit *u, const struct order *o, enum account_kind kind)
{
	return unit_account(u, contra(u, o->partner_id, o->currency, kind));
}

/* Wallet to hold, or back. */
static void post_hold(struct unit *u, const struct order *o, enum ledger_kind kind, int64_t amount, int64_t *posting)
{
	struct account *wallet = order_wallet(u, o);
	bool back = kind == LEDGER_VOID;

	if (amount)
		order_post(u, o,
			   &(struct transfer){ .kind = kind,
					       .debit = wallet,
					       .credit = wallet,
					       .debit_hold = back,
					       .credit_hold = !back,
					       .amount = amount },
			   posting);
}

/* Hold to what we earn. */
static void post_earned(struct unit *u, const struct order *o, enum ledger_kind kind, int64_t amount, int64_t *posting)
{
	if (amount)
		order_post(u, o,
			   &(struct transfer){
				   .kind = kind,
				   .debit = order_wallet(u, o),
				   .debit_hold = true,
				   .credit = order_contra(u, o, kind == LEDGER_FEE ? ACCOUNT_FEES : ACCOUNT_REVENUE),
				   .amount = amount },
			   posting);
}

/* The wholesale amount of the units that were delivered: unit price x delivered. */
static int64_t delivered_amount(struct unit *u, const struct order *o)
{
	int64_t delivered = 0;

	for (struct unit_ *unit = unit_find(u, NOUN_UNIT, o->id); unit; unit = unit_next(u, unit))
		delivered += unit->state == UNIT_DELIVERED;
	must(delivered > 0 && delivered <= o->quantity);
	return o->amount / o->quantity * delivered;
}

static void do_capture(struct unit *u, const struct order *o)
{
	int64_t earned = delivered_amount(u, o), posting = 0;

	post_earned(u, o, LEDGER_CAPTURE, earned, &posting);
	post_earned(u, o, LEDGER_FEE, o->fee, &posting);
	post_hold(u, o, LEDGER_VOID, o->amount - earned, &posting);
}

/* What was debited comes back into available (dvs.md 5.1), less what a refund keeps. */
static void do_reverse(struct unit *u, const struct order *o)
{
	struct account *wallet = order_wallet(u, o);
	int64_t posting = 0;
	struct transfer t = { .kind = LEDGER_REVERSE,
			      .debit = order_contra(u, o, ACCOUNT_REVENUE),
			      .credit = wallet,
			      .amount = delivered_amount(u, o) - o->kept };

	if (t.amount)
		order_post(u, o, &t, &posting);
	if (o->fee) {
		t.debit = order_contra(u, o, ACCOUNT_FEES);
		t.amount = o->fee;
		order_post(u, o, &t, &posting);
	}
}

static const struct str stock_supplier = { "stock", 5 };

/* What the stock calls the product. */
static struct str stock_sku(const struct product *p)
{
	for (size_t i = 0; p && i < p->route_count; i++)
		if (str_eq(p->routes[i].supplier, stock_supplier))
			return p->routes[i].sku;
	return STR_NONE;
}

bool order_stock_of(const struct unit *u, const struct partner *partner, const struct product *p, struct stock_of *ret)
{
	struct stock_of of = { p->id, partner->sandbox };

	/* A sandbox without a stock of its own is served by the sandbox supplier, like everything else. */
	if (!product_from_stock(p) || (partner->sandbox && !stock_book_has(engine_stock(u->engine), of)))
		return false;
	*ret = of;
	return true;
}

size_t order_routes(bool sandbox, const struct product *p, const struct route *ret[static ORDER_ROUTES_MAX])
{
	static const struct route to_sandbox = { .supplier = { "sandbox", 7 } };
	size_t n = 0;

	if (sandbox) {
		ret[0] = &to_sandbox;
		/* The product's own route there may name a script. */
		for (size_t i = 0; i < p->route_count; i++)
			if (str_eq(p->routes[i].supplier, to_sandbox.supplier) && !n++)
				ret[0] = &p->routes[i];
		return 1;
	}
	for (size_t i = 0; i < p->route_count && n < ORDER_ROUTES_MAX; i++) {
		if (str_eq(p->routes[i].supplier, stock_supplier))
			continue; /* no supplier, but order_stock_of() */
		size_t at = n++;

		for (; at > 0 && ret[at - 1]->priority > p->routes[i].priority; at--)
			ret[at] = ret[at - 1];
		ret[at] = &p->routes[i];
	}
	return n;
}

/* What the route costs for this order: its cost is named for the largest amount of a ranged product. */
static int64_t route_cost(const struct route *route, const struct product *p, const struct order *o)
{
	int64_t cost = route->cost.micros;

	if (product_is_ranged(p) && p->destination.max > 0 &&
	    micros_scale(route->cost.micros, o->adjusted_destination, p->destination.max, &cost) != OK)
		cost = route->cost.micros;
	return cost;
}

enum err order_need_product(struct unit *u, const struct catalog *catalog, const struct order *o)
{
	enum err e = engine_need_product(u->engine, u->catalog, o->product_id, o->product_batch);

	return e || catalog == u->catalog ? e
					  : engine_need_product(u->engine, catalog, o->product_id, o->product_batch);
}

bool order_has_route(struct unit *u, const struct order *o)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);
	const struct route *routes[ORDER_ROUTES_MAX];

	return stock_holds(u, o->id) || (p && order_routes(o->sandbox, p, routes) > 0);
}

bool order_prepare_attempt(struct unit *u, const struct order *o, struct unit_ *unit)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);
	const struct route *routes[ORDER_ROUTES_MAX];
	size_t n = p ? order_routes(o->sandbox, p, routes) : 0;

	if ((size_t)unit->attempts >= n)
		return false;
	const struct route *route = routes[unit->attempts++];
	struct attempt attempt = { .order_id = o->id,
				   .unit = unit->no,
				   .no = unit->attempts,
				   .state = ATTEMPT_PREPARED,
				   .supplier = route->supplier,
				   .sku = route->sku,
				   .cost_currency = route->cost.cur.number,
				   .created_at = u->now_us,
				   .updated_at = u->now_us };

	if (o->sandbox) /* nothing is bought */
		attempt.cost_currency = 0;
	if (attempt.cost_currency)
		attempt.cost = route_cost(route, p, o);
	unit_add(u, NOUN_ATTEMPT, &attempt);
	return true;
}

void order_conclude(struct unit *u, struct order *o, enum order_reason reason)
{
	struct unit_tally tally = { 0 };

	for (struct unit_ *unit = unit_find(u, NOUN_UNIT, o->id); unit; unit = unit_next(u, unit)) {
		tally.delivered += unit->state == UNIT_DELIVERED;
		tally.failed += unit->state == UNIT_FAILED;
	}
	tally.open = o->quantity - tally.delivered - tally.failed;
	enum order_event event = order_outcome(tally, reason != REASON_NO_ROUTE);
	if (!event)
		return;
	if (event == EV_DECLINE || event == EV_REJECT)
		o->reason = (int)reason;
	order_move(u, o, event);
}

/* All that was reserved is given out at once, and so the order ends in the commit that confirms it. */
static void deliver_from_stock(struct unit *u, struct order *o)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);

	for (struct stock_hold *h = stock_holds(u, o->id); h; h = stock_holds(u, o->id)) {
		int no = h->unit;
		int64_t stock = h->stock_id;
		struct str plain = stock_sell(u, h);
		struct str label = unit_seal_label(&u->arena, o->id, no);

		struct esim_delivery esim = esim_delivery(u, o, plain);
		const struct unit_ *unit =
			unit_add(u, NOUN_UNIT,
				 &(struct unit_){ .order_id = o->id,
						  .no = no,
						  .state = UNIT_DELIVERED,
						  .attempts = 1,
						  .delivery = crypto_seal(u->keys, &u->arena, label, plain),
						  .updated_at = u->now_us });
		esim_deliver(u, o, unit, &esim, plain);
		unit_add(u, NOUN_ATTEMPT,
			 &(struct attempt){ .order_id = o->id,
					    .unit = no,
					    .no = 1,
					    .state = ATTEMPT_DELIVERED,
					    .supplier = stock_supplier,
					    .sku = stock_sku(p),
					    .supplier_reference =
						    arena_printf(&u->arena, "%lld-%d", (long long)stock_batch_of(stock),
								 stock_place_of(stock)),
					    .created_at = u->now_us,
					    .updated_at = u->now_us });
	}
	order_conclude(u, o, REASON_NONE);
}

static void do_fulfil(struct unit *u, struct order *o)
{
	if (stock_holds(u, o->id)) {
		deliver_from_stock(u, o);
		return;
	}
	for (int no = 1; no <= o->quantity; no++) {
		struct unit_ *unit = unit_add(
			u, NOUN_UNIT,
			&(struct unit_){ .order_id = o->id, .no = no, .state = UNIT_WAITING, .updated_at = u->now_us });

		must(order_prepare_attempt(u, o, unit)); /* whoever confirms asks order_has_route() first */
		unit_add(u, NOUN_JOB,
			 &(struct job){ .id = unit_row_id(u, NOUN_JOB),
					.kind = JOB_FULFIL,
					.order_id = o->id,
					.partner_id = o->partner_id,
					.unit = no,
					.currency = o->currency,
					.due_at = u->now_us,
					.owner = u->node });
	}
}

static void do_notify(struct unit *u, const struct order *o)
{
	int no = 1;

	if (!order_callback_url(u, o).p || !order_is_told(o))
		return;
	for (struct callback *c = unit_find(u, NOUN_CALLBACK, o->id); c; c = unit_next(u, c))
		no = c->no >= no ? c->no + 1 : no; /* rows come in no order */
	struct callback callback = { .order_id = o->id,
				     .no = no,
				     .id = unit_row_id(u, NOUN_JOB),
				     .state = CALLBACK_PENDING,
				     .created_at = u->now_us };
	unit_add(u, NOUN_CALLBACK, &callback);
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = callback.id,
				.kind = JOB_CALLBACK,
				.order_id = o->id,
				.partner_id = o->partner_id,
				.unit = no,
				.currency = o->currency,
				.due_at = u->now_us,
				.owner = u->node });
}

static void note_event(struct unit *u, const struct order *o)
{
	event_note(u,
		   &(struct event){
			   .partner_id = o->partner_id, .order_id = o->id, .state = o->state, .reason = o->reason },
		   o->state == ORDER_CREATED);
}

/* The deadline of confirming becomes that of the identity check. */
static void do_verify(struct unit *u, struct order *o, struct job *expiry)
{
	must(expiry);
	o->expires_at = u->now_us + SECONDS_US(ESIM_KYC_HOURS * 3600);
	expiry->due_at = o->expires_at;
	unit_take_job(u, expiry);
	unit_touch(u, expiry);
	unit_add(u, NOUN_KYC, &(struct kyc_check){ .order_id = o->id, .state = KYC_OPEN, .created_at = u->now_us });
}

static void do_ask(struct unit *u, const struct order *o)
{
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = unit_row_id(u, NOUN_JOB),
				.kind = JOB_REVERSE,
				.order_id = o->id,
				.partner_id = o->partner_id,
				.unit = 1,
				.currency = o->currency,
				.due_at = u->now_us,
				.owner = u->node });
}

void order_move(struct unit *u, struct order *o, enum order_event event)
{
	struct job *expiry = event == EV_CREATE ? NULL : unit_find(u, NOUN_JOB, o->id);
	unsigned effects = 0;
	int64_t posting = 0;

	must(order_apply(o, event, u->now_us, &effects) == OK);
	unit_touch(u, o);
	if (expiry && o->state != ORDER_CREATED && o->state != ORDER_AWAITING_KYC)
		unit_remove(u, expiry);
	if (effects & DO_AUTHORIZE)
		post_hold(u, o, LEDGER_AUTHORIZE, o->amount + o->fee, &posting);
	if (effects & DO_VOID) {
		post_hold(u, o, LEDGER_VOID, o->amount + o->fee, &posting);
		if (expiry) /* it was never confirmed: nothing else holds stock */
			stock_release(u, o->id);
	}
	if (effects & DO_CAPTURE)
		do_capture(u, o);
	if (effects & DO_REVERSE)
		do_reverse(u, o);
	if (effects & DO_EXPIRE)
		unit_add(u, NOUN_JOB,
			 &(struct job){ .id = o->id,
					.kind = JOB_EXPIRE,
					.order_id = o->id,
					.partner_id = o->partner_id,
					.currency = o->currency,
					.due_at = o->expires_at,
					.owner = u->node });
	if (effects & DO_FULFIL)
		do_fulfil(u, o);
	if (effects & DO_VERIFY)
		do_verify(u, o, expiry);
	if (effects & DO_ASK)
		do_ask(u, o);
	if (order_keeps_details(o) || o->state == ORDER_REVERSED)
		esim_follow(u, o);
	if (order_keeps_details(o))
		message_follow_order(u, o);
	if (effects & DO_NOTIFY)
		do_notify(u, o);
	note_event(u, o);
}

void order_view_refresh(struct unit *u, struct arena *a, const struct order *o, struct order_view *view)
{
	size_t count = 0;

	view->order = *o;
	view->order.ext_key = arena_str(a, o->ext_key);
	view->order.price_list = arena_str(a, o->price_list);
	view->order.credit_party = arena_str(a, o->credit_party);
	view->order.credit_account = arena_str(a, o->credit_account);
	view->order.callback_url = arena_str(a, o->callback_url);
	for (struct unit_ *unit = unit_find(u, NOUN_UNIT, o->id); unit; unit = unit_next(u, unit))
		count++;
	struct unit_ *units = ARENA_ARRAY(a, struct unit_, count + 1);
	view->units = units;
	view->unit_count = 0;
	for (struct unit_ *unit = unit_find(u, NOUN_UNIT, o->id); unit; unit = unit_next(u, unit)) {
		struct unit_ *copy = &units[view->unit_count++];

		*copy = *unit;
		copy->operator_reference = arena_str(a, unit->operator_reference);
		copy->delivery = arena_str(a, unit->delivery);
	}
	if (order_keeps_details(o) && unit_has(u, NOUN_DETAILS, o->id))
		view->extras = esim_extras(u, a, o);
}

void order_view(struct unit *u, struct arena *a, const struct catalog *catalog, const struct order *o,
		struct order_view *ret)
{
	const struct party *party = unit_find(u, NOUN_PARTY, o->id);

	*ret = (struct order_view){ .parties = party ? arena_str(a, party->doc) : STR_NONE,
				    .product = engine_product(u->engine, catalog, o->product_id, o->product_batch) };
	order_view_refresh(u, a, o, ret);
}

void order_hold(struct unit *u, struct task *t, struct order_view *view, int64_t seconds)
{
	enum order_state state = (enum order_state)view->order.state;

	/* These wait for a person. */
	if (order_is_final(state) || state == ORDER_CREATED || state == ORDER_AWAITING_KYC)
		return;
	t->hold = view;
	t->hold_until_us = u->now_us + SECONDS_US(seconds);
}

struct str unit_seal_label(struct arena *a, int64_t order_id, int no)
{
	return arena_printf(a, "unit %lld-%d", (long long)order_id, no);
}

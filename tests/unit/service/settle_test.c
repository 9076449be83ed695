/* What our own work reports: routes, silence, late deliveries, stale workers, costs, reversal, callbacks. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "service/order_unit.h"
#include "service/partner.h"

static int64_t balance_of(struct fixture *f, int64_t partner, const char *code, enum account_kind kind)
{
	struct currency c;
	char sql[128];

	check_ok(currency_parse(str_of(code), &c));
	snprintf(sql, sizeof(sql), "SELECT coalesce(sum(balance),0) FROM accounts WHERE id=%lld",
		 (long long)account_id((struct account_parts){ .partner = partner, .cur = c, .kind = kind }));
	return count_of(f, sql);
}

static enum err refuse(struct fixture *f, int64_t id, enum order_reason reason)
{
	struct call *c = result_new(f, id, OUTCOME_REFUSED);

	c->result.reason = reason;
	return call_once(c);
}

static enum err sending(struct fixture *f, int64_t id, int attempt)
{
	struct call *c = call_new(f, &verb_attempt_sending, order_now(f, id).partner_id);

	assert_true(find_job(f, id, JOB_FULFIL, &c->sending.job));
	c->sending.attempt = attempt;
	return call_once(c);
}

/* What the worker is given. */
static bool purchase_is_live(struct fixture *f, int64_t id, const char *supplier)
{
	struct call *c = call_new(f, &verb_purchase_get, order_now(f, id).partner_id);

	if (!find_job(f, id, JOB_FULFIL, &c->purchase.job))
		c->purchase.job = (struct job){ .id = 1, .order_id = id, .unit = 1 };
	check_ok(call_run(c));
	bool live = c->purchase.live;
	if (live)
		check_str(c->purchase.attempt.supplier, supplier);
	call_free(c);
	return live;
}

static void a_sale(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "s", true);

	assert_true(purchase_is_live(f, id, "alpha"));
	assert_int_equal(attempt_now(f, id, 1).state, ATTEMPT_PREPARED);
	check_ok(sending(f, id, 1));
	assert_int_equal(order_now(f, id).state, ORDER_SUBMITTED);
	assert_int_equal(unit_now(f, id).state, UNIT_SENT);
	check_err(sending(f, id, 1), ERR_CONFLICT); /* a second one would buy twice */

	struct call *c = result_new(f, id, OUTCOME_DELIVERED);
	c->result.supplier_reference = STR("theirs");
	c->result.operator_reference = STR("operator's");
	c->result.delivery = STR("{\"code\":\"4711\"}");
	check_ok(call_run(c));
	check_err(call_run(c), ERR_CONFLICT); /* the same report again */
	call_free(c);
	struct order o = order_now(f, id);
	assert_int_equal(o.state, ORDER_COMPLETED);
	assert_true(o.completed_at >= o.confirmed_at && o.confirmed_at > 0);
	struct unit_ unit = unit_now(f, id);
	check_str(unit.operator_reference, "operator's");
	struct str plain;
	check_ok(crypto_open(&f->keys, &f->arena, unit_seal_label(&f->arena, id, 1), unit.delivery, &plain));
	check_str(plain, "{\"code\":\"4711\"}");
	check_str(attempt_now(f, id, 1).supplier_reference, "theirs");
	assert_false(purchase_is_live(f, id, ""));

	struct account wallet = wallet_now(f, LIVE, "EUR");
	assert_int_equal(wallet.balance, FUNDS - TWO_ROUTES_COST);
	assert_int_equal(wallet.held, 0);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_REVENUE), 5000000);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_FEES), 100000);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_COST), 4000000);
	assert_int_equal(balance_of(f, 0, "EUR", ACCOUNT_FLOAT), -4000000);
}

static void the_next_route_after_a_refusal(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "n", true);

	check_ok(sending(f, id, 1));
	check_ok(refuse(f, id, REASON_OPERATOR_UNAVAILABLE));
	assert_int_equal(attempt_now(f, id, 1).state, ATTEMPT_REFUSED);
	assert_int_equal(attempt_now(f, id, 2).state, ATTEMPT_PREPARED);
	assert_int_equal(unit_now(f, id).state, UNIT_WAITING);
	assert_int_equal(order_now(f, id).state, ORDER_SUBMITTED);
	assert_true(purchase_is_live(f, id, "beta"));
	struct job job;
	assert_true(find_job(f, id, JOB_FULFIL, &job));
	assert_int_equal(job.tries, 0);
	assert_true(job.due_at <= engine_now_us(f->engine));

	/* The supplier's own word on its price counts. */
	struct call *c = result_new(f, id, OUTCOME_DELIVERED);
	check_ok(currency_parse(STR("USD"), &c->result.cost.cur));
	c->result.cost.micros = 4250000;
	check_ok(call_once(c));
	assert_int_equal(order_now(f, id).state, ORDER_COMPLETED);
	assert_int_equal(balance_of(f, LIVE, "USD", ACCOUNT_COST), 4250000);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_COST), 0);
	assert_int_equal(attempt_now(f, id, 2).cost, 4250000);
}

static void refused_by_all_is_declined(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "d", true);

	check_ok(refuse(f, id, REASON_OPERATOR_UNAVAILABLE));
	check_ok(refuse(f, id, REASON_CREDIT_PARTY_BARRED));
	struct order o = order_now(f, id);
	assert_int_equal(o.state, ORDER_DECLINED);
	assert_int_equal(o.reason, REASON_CREDIT_PARTY_BARRED);
	assert_int_equal(unit_now(f, id).state, UNIT_FAILED);
	struct account wallet = wallet_now(f, LIVE, "EUR");
	assert_int_equal(wallet.balance, FUNDS);
	assert_int_equal(wallet.held, 0);
}

static void silence_keeps_the_hold_for_ever(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "u", true);
	struct work_task task;

	check_ok(sending(f, id, 1));
	for (int i = 0; i < 30; i++) {
		check_ok(report(f, id, OUTCOME_UNKNOWN));
		clock_advance(f, SECONDS_US(3600));
		assert_int_equal(find_task(f, id, &task), i >= 8);
	}
	assert_int_equal(task.kind, TASK_UNKNOWN_OUTCOME);
	assert_int_equal(count_of(f, "SELECT count(*) FROM tasks"), 1);
	assert_int_equal(order_now(f, id).state, ORDER_SUBMITTED);
	assert_int_equal(unit_now(f, id).state, UNIT_UNKNOWN);
	assert_int_equal(wallet_now(f, LIVE, "EUR").held, TWO_ROUTES_COST);
	assert_int_equal(unit_now(f, id).attempts, 1); /* nobody bought again */
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(order_now(f, id).state, ORDER_COMPLETED);
}

/* A supplier that works on it for long, and then falls silent: a person hears of it too. */
static void silence_after_patience_is_told(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "p", true);
	struct work_task task;

	for (int i = 0; i < 20; i++)
		check_ok(report(f, id, OUTCOME_ACCEPTED));
	assert_false(find_task(f, id, &task));
	for (int i = 0; i < 10; i++)
		check_ok(report(f, id, OUTCOME_UNKNOWN));
	assert_true(find_task(f, id, &task));
	check_ok(refuse(f, id, REASON_EXCEPTION));
	check_ok(report(f, id, OUTCOME_DELIVERED));
}

/* The purchase that was refused, and yet arrives: kept for a person, not given out, not charged. */
static void a_delivery_after_the_end_is_a_task(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PIN, "l", true);
	struct call *late = result_new(f, id, OUTCOME_DELIVERED);
	struct work_task task;

	late->result.supplier_reference = STR("theirs-1");
	late->result.delivery = STR("{\"code\":\"4711\"}");
	check_ok(refuse(f, id, REASON_EXCEPTION));
	assert_int_equal(order_now(f, id).state, ORDER_DECLINED);
	check_ok(call_run(late));
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_LATE_DELIVERY);
	assert_non_null(memmem(task.detail.p, task.detail.n, "theirs-1", 8));
	assert_null(memmem(task.detail.p, task.detail.n, "4711", 4));
	assert_int_equal(order_now(f, id).state, ORDER_DECLINED);
	/* Kept for that person, sealed, with a unit that stays failed: nothing is given out. */
	struct str kept = unit_now(f, id).delivery;
	assert_non_null(kept.p);
	assert_null(memmem(kept.p, kept.n, "4711", 4));
	assert_int_equal(unit_now(f, id).state, UNIT_FAILED);
	assert_int_equal(wallet_now(f, LIVE, "USD").balance, FUNDS);
	assert_int_equal(balance_of(f, LIVE, "USD", ACCOUNT_COST), 0);
	late->result.outcome = OUTCOME_REFUSED;
	check_err(call_once(late), ERR_CONFLICT);
}

/* The first route's answer comes again while the second is being bought: the second's job stays. */
static void a_stale_attempt_does_not_end_the_next(void **state)
{
	struct fixture *f = *state;
	const enum outcome outcomes[] = { OUTCOME_ACCEPTED, OUTCOME_UNKNOWN, OUTCOME_REFUSED, OUTCOME_DELIVERED };
	int64_t id = placed(f, LIVE, TWO_ROUTES, "s", true);
	struct work_task task;

	check_ok(refuse(f, id, REASON_EXCEPTION));
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		struct call *c = result_new(f, id, outcomes[i]);

		c->result.attempt = 1;
		check_err(call_once(c), outcomes[i] == OUTCOME_DELIVERED ? OK : ERR_CONFLICT);
		assert_true(purchase_is_live(f, id, "beta"));
	}
	assert_true(find_task(f, id, &task));
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(order_now(f, id).state, ORDER_COMPLETED);
	assert_int_equal(balance_of(f, LIVE, "USD", ACCOUNT_COST), 4500000);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_COST), 0);
}

static void a_stale_fence_changes_nothing(void **state)
{
	struct fixture *f = *state;
	const enum outcome outcomes[] = { OUTCOME_ACCEPTED, OUTCOME_UNKNOWN, OUTCOME_REFUSED, OUTCOME_DELIVERED };
	int64_t id = placed(f, LIVE, TWO_ROUTES, "f", true);

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		struct call *c = result_new(f, id, outcomes[i]);

		c->result.job.fence++;
		check_err(call_once(c), ERR_CONFLICT);
		c = result_new(f, id, outcomes[i]);
		c->result.attempt = 7;
		check_err(call_once(c), ERR_CONFLICT);
		c = result_new(f, id, outcomes[i]);
		c->result.job.order_id++;
		check_err(call_once(c), ERR_CONFLICT);
	}
	struct call *c = call_new(f, &verb_attempt_sending, LIVE);
	assert_true(find_job(f, id, JOB_FULFIL, &c->sending.job));
	c->sending.attempt = 1;
	c->sending.job.fence++;
	check_err(call_once(c), ERR_CONFLICT);
	assert_int_equal(order_now(f, id).state, ORDER_CONFIRMED);
	check_ok(report(f, id, OUTCOME_DELIVERED));
}

static void a_product_without_a_known_cost(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PLAIN, "c", true);

	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(count_of(f, "SELECT count(*) FROM ledger WHERE kind=7"), 0);
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS - 1000000);
}

/* The cost of a ranged product is named for its largest amount. */
static void a_ranged_cost_is_a_share(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, RANGED, "r");

	c->place.calculation_mode = CALCULATION_DESTINATION;
	c->place.destination = (struct asked_amount){ true, STR("CURRENCY"), STR("BDT"), 205000000 };
	c->place.auto_confirm = true;
	check_ok(call_run(c));
	check_ok(report(f, c->place.view.order.id, OUTCOME_DELIVERED));
	call_free(c);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_COST), 2250000);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_REVENUE), 2400000);
}

static void sandboxes_buy_from_the_sandbox(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, SANDBOX, NO_ROUTE, "x", true);

	assert_true(purchase_is_live(f, id, "sandbox"));
	check_ok(refuse(f, id, REASON_CREDIT_PARTY_INVALID)); /* there is no second route */
	assert_int_equal(order_now(f, id).state, ORDER_DECLINED);
}

static void set_sandbox(struct fixture *f, int64_t partner, bool sandbox)
{
	struct call *c = call_new(f, &verb_partner_change, 0);
	struct partner_change change = { { STR("test") }, partner, { .set = PARTNER_SANDBOX, .sandbox = sandbox } };

	c->task.command = &change;
	check_ok(call_once(c));
}

/* The partner goes live while its orders are open: what they still try stays in the sandbox. */
static void an_order_keeps_its_mode(void **state)
{
	struct fixture *f = *state;
	int64_t open = placed(f, SANDBOX, TWO_ROUTES, "open", true),
		unconfirmed = placed(f, SANDBOX, TWO_ROUTES, "unconfirmed", false);

	set_sandbox(f, SANDBOX, false);
	check_ok(refuse(f, open, REASON_CREDIT_PARTY_INVALID)); /* a live order would go on to "beta" */
	assert_int_equal(order_now(f, open).state, ORDER_DECLINED);
	check_ok(call_once(change_new(f, &verb_order_confirm, SANDBOX, unconfirmed)));
	assert_true(purchase_is_live(f, unconfirmed, "sandbox"));
	int64_t live = placed(f, SANDBOX, TWO_ROUTES, "live", true);
	assert_true(purchase_is_live(f, live, "alpha"));

	set_sandbox(f, SANDBOX, true);
	check_ok(refuse(f, live, REASON_CREDIT_PARTY_INVALID));
	assert_true(purchase_is_live(f, live, "beta"));
}

/* The verb that an operator would use, made of the same parts. */
static void reverse_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	order_need_view(u, ((const struct order_change *)t->command)->order_id);
}

static void reverse_need_more(struct unit *u, const struct task *t)
{
	order_need_change(u, unit_find(u, NOUN_ORDER, ((const struct order_change *)t->command)->order_id));
}

static enum err reverse_act(struct unit *u, struct task *t)
{
	struct order *o = unit_find(u, NOUN_ORDER, ((const struct order_change *)t->command)->order_id);

	if (!order_rule((enum order_state)o->state, EV_REVERSE))
		return ERR_ILLEGAL_STATE;
	order_move(u, o, EV_REVERSE);
	return OK;
}

static const struct verb reverse_verb = {
	.name = "test.reverse", .need = reverse_need, .need_more = reverse_need_more, .act = reverse_act
};

static void a_reversal_gives_back_what_was_taken(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "r", true);

	check_err(call_once(change_new(f, &reverse_verb, LIVE, id)), ERR_ILLEGAL_STATE);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	check_ok(call_once(change_new(f, &reverse_verb, LIVE, id)));
	assert_int_equal(order_now(f, id).state, ORDER_REVERSED);
	struct account wallet = wallet_now(f, LIVE, "EUR");
	assert_int_equal(wallet.balance, FUNDS);
	assert_int_equal(wallet.held, 0);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_REVENUE), 0);
	assert_int_equal(balance_of(f, LIVE, "EUR", ACCOUNT_FEES), 0);
	check_err(call_once(change_new(f, &reverse_verb, LIVE, id)), ERR_ILLEGAL_STATE);
}

static struct call *callback_get(struct fixture *f, int64_t id, int no)
{
	struct call *c = call_new(f, &verb_callback_get, LIVE);
	struct callback row;

	assert_true(find_callback(f, id, no, &row));
	c->callback.job = (struct job){ .id = row.id, .order_id = id, .partner_id = LIVE, .unit = no };
	check_ok(call_run(c));
	return c;
}

static enum err told(struct fixture *f, int64_t id, int no, bool delivered, bool again)
{
	struct call *c = call_new(f, &verb_callback_result, LIVE);
	struct callback row;

	assert_true(find_callback(f, id, no, &row));
	c->told.job = (struct job){ .id = row.id, .order_id = id, .partner_id = LIVE, .unit = no };
	c->told.delivered = delivered;
	c->told.http_status = delivered ? 200 : 500;
	c->told.body = arena_printf(&c->arena, "body of %d", no);
	c->told.next_due_us = again ? engine_now_us(f->engine) + SECONDS_US(60) : 0;
	return call_once(c);
}

static int64_t placed_with_callback(struct fixture *f, const char *reference)
{
	struct call *c = place_new(f, LIVE, TWO_ROUTES, reference);

	c->place.callback_url = STR("http://127.0.0.1/hook");
	c->place.auto_confirm = true;
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	return id;
}

static void callbacks_keep_their_order(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed_with_callback(f, "cb");
	struct callback row;

	assert_false(find_callback(f, id, 1, &row));
	check_ok(report(f, id, OUTCOME_DELIVERED));
	check_ok(told(f, id, 1, false, true));
	check_ok(call_once(change_new(f, &reverse_verb, LIVE, id)));

	struct call *first = callback_get(f, id, 1), *second = callback_get(f, id, 2);
	assert_true(first->callback.live && !first->callback.blocked);
	assert_true(second->callback.live && second->callback.blocked);
	check_str(first->callback.url, "http://127.0.0.1/hook");
	check_str(first->callback.body, "body of 1"); /* as it was at the first try, though the order has moved on */
	assert_int_equal(first->callback.tries, 1);
	assert_true(first->callback.first_try_us > 0);
	assert_null(second->callback.body.p);
	assert_true(second->callback.id != first->callback.id);
	call_free(first);
	call_free(second);
	assert_true(find_callback(f, id, 1, &row));
	assert_null(memmem(row.body.p, row.body.n, "body", 4)); /* sealed */

	check_ok(told(f, id, 1, true, false));
	assert_true(find_callback(f, id, 1, &row));
	assert_int_equal(row.state, CALLBACK_DELIVERED);
	assert_int_equal(row.tries, 2);
	assert_null(row.body.p);
	second = callback_get(f, id, 2);
	assert_true(second->callback.live && !second->callback.blocked);
	call_free(second);
	first = callback_get(f, id, 1);
	assert_false(first->callback.live);
	call_free(first);
	check_err(told(f, id, 1, true, false), ERR_CONFLICT);
	check_ok(told(f, id, 2, true, false));
}

/* Not sent, because many waited for its host: it comes back later, and all its tries are before it still. */
static void a_callback_that_is_put_off_has_not_tried(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed_with_callback(f, "po");
	struct callback row;

	check_ok(report(f, id, OUTCOME_DELIVERED));
	struct call *c = call_new(f, &verb_callback_result, LIVE);
	assert_true(find_callback(f, id, 1, &row));
	c->told.job = (struct job){ .id = row.id, .order_id = id, .partner_id = LIVE, .unit = 1 };
	c->told.put_off = true;
	c->told.next_due_us = engine_now_us(f->engine) + SECONDS_US(60);
	check_ok(call_run(c));
	call_free(c);
	assert_true(find_callback(f, id, 1, &row));
	assert_int_equal(row.state, CALLBACK_PENDING);
	assert_int_equal(row.tries, 0);
	assert_int_equal(row.first_try_at, 0);
	assert_null(row.body.p);
	check_ok(told(f, id, 1, true, false));
}

static void a_callback_that_is_given_up_is_a_task(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed_with_callback(f, "gu");
	struct work_task task;
	struct callback row;

	check_ok(report(f, id, OUTCOME_DELIVERED));
	for (int i = 0; i < 9; i++)
		check_ok(told(f, id, 1, false, true));
	check_ok(told(f, id, 1, false, false));
	assert_true(find_callback(f, id, 1, &row));
	assert_int_equal(row.state, CALLBACK_GIVEN_UP);
	assert_int_equal(row.http_status, 500);
	assert_int_equal(row.tries, 10);
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_CALLBACK_GIVEN_UP);
}

static void cancels_and_expiries_are_told(void **state)
{
	struct fixture *f = *state;
	struct callback row;
	int64_t ids[2];

	for (int i = 0; i < 2; i++) {
		struct call *c = place_new(f, LIVE, TWO_ROUTES, i ? "y" : "z");

		c->place.callback_url = STR("http://127.0.0.1/hook");
		check_ok(call_run(c));
		ids[i] = c->place.view.order.id;
		call_free(c);
	}
	check_ok(call_once(change_new(f, &verb_order_cancel, LIVE, ids[0])));
	clock_advance(f, SECONDS_US(3600));
	struct call *c = call_new(f, &verb_order_expire, LIVE);
	assert_true(find_job(f, ids[1], JOB_EXPIRE, &c->expire.job));
	check_ok(call_once(c));
	for (int i = 0; i < 2; i++) {
		assert_true(find_callback(f, ids[i], 1, &row));
		assert_int_equal(row.state, CALLBACK_PENDING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(a_sale),
		engine_test(the_next_route_after_a_refusal),
		engine_test(refused_by_all_is_declined),
		engine_test(silence_keeps_the_hold_for_ever),
		engine_test(silence_after_patience_is_told),
		engine_test(a_delivery_after_the_end_is_a_task),
		engine_test(a_stale_attempt_does_not_end_the_next),
		engine_test(a_stale_fence_changes_nothing),
		engine_test(a_product_without_a_known_cost),
		engine_test(a_ranged_cost_is_a_share),
		engine_test(sandboxes_buy_from_the_sandbox),
		engine_test(an_order_keeps_its_mode),
		engine_test(a_reversal_gives_back_what_was_taken),
		engine_test(callbacks_keep_their_order),
		engine_test(a_callback_that_is_put_off_has_not_tried),
		engine_test(a_callback_that_is_given_up_is_a_task),
		engine_test(cancels_and_expiries_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

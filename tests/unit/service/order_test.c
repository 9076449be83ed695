/* Placing, confirming, cancelling and expiring: every refusal, in the order of dvs.md 5.2, and what is left behind. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "service/import.h"

static const int64_t hour_us = SECONDS_US(3600);

static int64_t rows_in_all(struct fixture *f)
{
	return count_of(f, "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM ledger) + "
			   "(SELECT count(*) FROM events) + (SELECT count(*) FROM jobs) + "
			   "(SELECT count(*) FROM parties) + (SELECT count(*) FROM units) + "
			   "(SELECT count(*) FROM idempotency) + (SELECT sum(held) FROM accounts)");
}

static void a_place_holds_its_money(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, TWO_ROUTES, "a");

	check_ok(call_run(c));
	const struct order *o = &c->place.view.order;
	assert_int_equal(o->state, ORDER_CREATED);
	assert_int_equal(o->amount + o->fee, TWO_ROUTES_COST);
	assert_int_equal(o->expires_at - o->created_at, hour_us);
	assert_int_equal(c->place.view.unit_count, 0);
	assert_int_equal(c->place.view.product->id, TWO_ROUTES);
	check_str(order_reference(o), "a");
	assert_true(str_starts(c->place.view.parties, STR("{\"credit_party_identifier\"")));
	struct account wallet = wallet_now(f, LIVE, "EUR");
	assert_int_equal(wallet.balance, FUNDS);
	assert_int_equal(wallet.held, TWO_ROUTES_COST);
	assert_int_equal(wallet_now(f, LIVE, "USD").held, 0);
	call_free(c);
}

#define USD_2_55                                               \
	{                                                      \
		true, { "CURRENCY", 8 }, { "USD", 3 }, 2550000 \
	}
#define MOBILE_MISSING "credit_party_identifier.mobile_number: is required by this product"
/* Each is refused for the first of its faults; what is missing is told together. */
static const struct {
	int64_t partner, product;
	const char *reference, *list;
	int mode;
	struct asked_amount source;
	unsigned given;
	enum err expected;
	const char *detail;
} refusals[] = {
	{ POOR, 999, "used", NULL, 0, { false }, 0, ERR_PRODUCT_NOT_FOUND, NULL },
	{ POOR, TWO_ROUTES, "used", "gold", 0, { false }, 0, ERR_PRODUCT_NOT_FOUND, NULL },
	{ POOR, NO_ROUTE, "used", NULL, 0, { false }, 0, ERR_PRODUCT_NOT_FOUND, NULL },
	{ 99, TWO_ROUTES, "used", NULL, 0, { false }, 0, ERR_PRODUCT_NOT_FOUND, NULL },
	{ POOR,
	  RANGED,
	  "used",
	  NULL,
	  0,
	  { false },
	  0,
	  ERR_BAD_REQUEST,
	  "calculation_mode: is required for this product\n" MOBILE_MISSING },
	{ POOR,
	  RANGED,
	  "used",
	  NULL,
	  1,
	  { false },
	  FIELD_MOBILE_NUMBER,
	  ERR_BAD_REQUEST,
	  "source: is required by calculation_mode" },
	{ POOR,
	  RANGED,
	  "used",
	  NULL,
	  1,
	  { true, { "CURRENCY", 8 }, { "SGD", 3 }, 2550000 },
	  0,
	  ERR_UNIT_INVALID,
	  NULL },
	{ POOR,
	  RANGED,
	  "used",
	  NULL,
	  1,
	  { true, { "CURRENCY", 8 }, { "USD", 3 }, 10010000 },
	  0,
	  ERR_AMOUNT_OUT_OF_RANGE,
	  NULL },
	{ POOR, RANGED, "used", NULL, 1, USD_2_55, 0, ERR_BAD_REQUEST, MOBILE_MISSING },
	{ POOR,
	  STRICT,
	  "used",
	  NULL,
	  0,
	  { false },
	  FIELD_MOBILE_NUMBER,
	  ERR_BAD_REQUEST,
	  "sender.last_name: is required by this product\nsender.first_name: is required by this product" },
	{ LIVE, RANGED, "used", NULL, 1, USD_2_55, FIELD_MOBILE_NUMBER, ERR_REFERENCE_USED, NULL },
	{ POOR, RANGED, "used", NULL, 1, USD_2_55, FIELD_MOBILE_NUMBER, ERR_INSUFFICIENT_FUNDS, NULL },
	{ NONE, RANGED, "used", NULL, 1, USD_2_55, FIELD_MOBILE_NUMBER, ERR_INSUFFICIENT_FUNDS, NULL },
	{ POOR, PIN, "used", NULL, 0, { false }, FIELD_MOBILE_NUMBER, ERR_INSUFFICIENT_FUNDS, NULL },
};

static void refusals_come_in_order(void **state)
{
	struct fixture *f = *state;
	placed(f, LIVE, TWO_ROUTES, "used", false);
	int64_t before = rows_in_all(f);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct call *c = place_new(f, refusals[i].partner, refusals[i].product, refusals[i].reference);

		c->place.idempotency_key = STR("key");
		c->place.calculation_mode = refusals[i].mode;
		c->place.source = refusals[i].source;
		c->place.given.credit = refusals[i].given;
		if (refusals[i].list)
			c->place.price_list = str_of(refusals[i].list);
		if (call_run(c) != refusals[i].expected ||
		    (refusals[i].detail && !str_is(c->task.detail, refusals[i].detail)))
			fail_msg("row %zu: %s \"%.*s\"", i, err_name(c->task.result), STR_ARG(c->task.detail));
		call_free(c);
	}
	assert_int_equal(rows_in_all(f), before);
}

static void a_refused_place_leaves_its_reference_free(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, 999, "mine");

	c->place.idempotency_key = STR("key");
	check_err(call_once(c), ERR_PRODUCT_NOT_FOUND);
	c = place_new(f, LIVE, TWO_ROUTES, "mine");
	c->place.idempotency_key = STR("key");
	check_ok(call_run(c));
	assert_false(c->place.replayed);
	call_free(c);
	/* Another partner's reference, and another dialect's, are others. */
	placed(f, OTHER, TWO_ROUTES, "mine", false);
	c = place_new(f, LIVE, TWO_ROUTES, "mine");
	c->place.dialect = DIALECT_S2S;
	check_ok(call_once(c));
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "mine")), ERR_REFERENCE_USED);
}

/* dvs.md 5.4's example, down to what is held. */
static void ranged_orders_hold_what_they_snap_to(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, RANGED, "r");

	c->place.calculation_mode = CALCULATION_SOURCE;
	c->place.source = (struct asked_amount){ true, STR("CURRENCY"), STR("USD"), 2550000 };
	check_ok(call_run(c));
	assert_int_equal(c->place.view.order.adjusted_destination, 200000000);
	assert_int_equal(wallet_now(f, LIVE, "EUR").held, 2400000);
	call_free(c);
}

static void the_last_cent_can_be_spent_and_no_more(void **state)
{
	struct fixture *f = *state;
	int64_t n = 0;
	char reference[32];

	for (enum err e = OK; !e; n += !e) {
		snprintf(reference, sizeof(reference), "n%lld", (long long)n);
		e = call_once(place_new(f, LIVE, PIN, reference));
		assert_true(!e || e == ERR_INSUFFICIENT_FUNDS);
	}
	assert_int_equal(n, FUNDS / 10000000);
	assert_int_equal(wallet_now(f, LIVE, "USD").held, FUNDS);
}

/* Who reads the feed sees what was committed: one line for an order and a commit. */
static void a_commit_is_one_event(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "one", true);

	assert_int_equal(count_of(f, "SELECT count(*) FROM events"), 1);
	assert_int_equal(count_of(f, "SELECT state FROM events"), ORDER_CONFIRMED);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(count_of(f, "SELECT count(*) FROM events"), 2);
}

static enum err change(struct fixture *f, const struct verb *verb, int64_t partner, int64_t id)
{
	return call_once(change_new(f, verb, partner, id));
}

static void confirm_is_refused_in_order(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "c", false), old = placed(f, LIVE, TWO_ROUTES, "old", false),
		gone = placed(f, LIVE, TWO_ROUTES, "gone", false);

	check_err(change(f, &verb_order_confirm, LIVE, 12345), ERR_ORDER_NOT_FOUND);
	check_err(change(f, &verb_order_confirm, OTHER, id), ERR_ORDER_NOT_FOUND);
	check_ok(change(f, &verb_order_cancel, LIVE, gone));
	check_err(change(f, &verb_order_confirm, LIVE, gone), ERR_CONFIRM_TOO_LATE);

	struct call *c = change_new(f, &verb_order_confirm, LIVE, id);
	check_ok(call_run(c));
	assert_int_equal(c->change.view.order.state, ORDER_CONFIRMED);
	assert_true(c->change.view.order.confirmed_at > 0);
	assert_int_equal(c->change.view.unit_count, 1);
	call_free(c);
	check_err(change(f, &verb_order_confirm, LIVE, id), ERR_ALREADY_CONFIRMED);

	clock_advance(f, hour_us);
	check_err(change(f, &verb_order_confirm, LIVE, old), ERR_CONFIRM_TOO_LATE);
	check_err(change(f, &verb_order_confirm, LIVE, id), ERR_ALREADY_CONFIRMED);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	check_err(change(f, &verb_order_confirm, LIVE, id), ERR_ALREADY_CONFIRMED);
}

static void cancel_is_refused_in_order(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "c", false), sold = placed(f, LIVE, TWO_ROUTES, "sold", true);

	check_err(change(f, &verb_order_cancel, OTHER, id), ERR_ORDER_NOT_FOUND);
	check_err(change(f, &verb_order_cancel, LIVE, sold), ERR_CANCEL_TOO_LATE);
	clock_advance(f, 2 * hour_us); /* an expired one can still be cancelled */
	check_ok(change(f, &verb_order_cancel, LIVE, id));
	assert_int_equal(order_now(f, id).state, ORDER_CANCELLED);
	assert_int_equal(wallet_now(f, LIVE, "EUR").held, TWO_ROUTES_COST);
	check_err(change(f, &verb_order_cancel, LIVE, id), ERR_ALREADY_CANCELLED);
	/* The reference stays used. */
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "c")), ERR_REFERENCE_USED);
}

static void an_order_expires_at_its_time(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "e", false);
	struct call *c = call_new(f, &verb_order_expire, LIVE);

	assert_true(find_job(f, id, JOB_EXPIRE, &c->expire.job));
	assert_int_equal(c->expire.job.due_at, order_now(f, id).expires_at);
	check_ok(call_run(c)); /* too early: nothing happens */
	assert_int_equal(order_now(f, id).state, ORDER_CREATED);
	clock_advance(f, hour_us);
	struct job job = c->expire.job;
	c->expire.job.fence++;
	check_err(call_run(c), ERR_CONFLICT);
	c->expire.job = job;
	check_ok(call_run(c));
	assert_int_equal(order_now(f, id).state, ORDER_EXPIRED);
	assert_int_equal(wallet_now(f, LIVE, "EUR").held, 0);
	check_err(call_run(c), ERR_CONFLICT);
	call_free(c);
	check_err(change(f, &verb_order_confirm, LIVE, id), ERR_CONFIRM_TOO_LATE);
	check_err(change(f, &verb_order_cancel, LIVE, id), ERR_ALREADY_CANCELLED);
}

static void orders_are_shown_to_their_partner(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "g", false);
	struct call *c = call_new(f, &verb_order_get, LIVE);

	c->get.order_id = id;
	check_ok(call_run(c));
	check_str(order_reference(&c->get.view.order), "g");
	assert_true(str_starts(c->get.view.parties, STR("{\"credit_party_identifier\"")));
	c->task.partner_id = OTHER;
	check_err(call_run(c), ERR_ORDER_NOT_FOUND);
	call_free(c);
}

static enum err keyed(struct fixture *f, const char *reference, const char *key, int64_t hash, bool *ret_replayed,
		      int64_t *ret_id)
{
	struct call *c = place_new(f, LIVE, TWO_ROUTES, reference);

	c->place.idempotency_key = str_of(key);
	c->place.idempotency_hash = hash;
	enum err e = call_run(c);
	*ret_replayed = c->place.replayed;
	*ret_id = c->place.view.order.id;
	call_free(c);
	return e;
}

static void keys_replay_conflict_and_end(void **state)
{
	struct fixture *f = *state;
	bool replayed;
	int64_t first, again;

	check_ok(keyed(f, "k", "key", 1, &replayed, &first));
	assert_false(replayed);
	check_ok(keyed(f, "k", "key", 1, &replayed, &again)); /* before the reference is looked at */
	assert_true(replayed);
	assert_int_equal(again, first);
	check_err(keyed(f, "k2", "key", 2, &replayed, &again), ERR_CONFLICT);
	clock_advance(f, SECONDS_US(24 * 3600) - SECONDS_US(60));
	check_ok(keyed(f, "k", "key", 1, &replayed, &again));
	assert_true(replayed);
	clock_advance(f, SECONDS_US(61));
	check_err(keyed(f, "k", "key", 1, &replayed, &again), ERR_REFERENCE_USED);
	check_ok(keyed(f, "k3", "key", 3, &replayed, &again));
	assert_false(replayed);
	check_ok(keyed(f, "k3", "key", 3, &replayed, &again));
	assert_true(replayed);
	assert_int_equal(count_of(f, "SELECT count(*) FROM idempotency"), 1);
}

/* The catalogue moves on between the reading of a request and its batch, and between the order and its end: the order
 * keeps price, fee and routes of the version that it bought. */
static void an_order_keeps_what_it_bought(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, TWO_ROUTES, "old");

	c->place.auto_confirm = true;
	catalog_change(f, 6,
		       "{\"kind\":\"product\",\"id\":10,\"name\":\"New\",\"service\":1,\"operator\":1,"
		       "\"type\":\"FIXED_VALUE_RECHARGE\",\"zones\":[\"DOMESTIC\"],"
		       "\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
		       "\"source\":{\"unit\":\"EUR\",\"amount\":7},\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
		       "\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":7}}}}");
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	assert_int_equal(c->place.view.order.amount + c->place.view.order.fee, TWO_ROUTES_COST);
	check_str(c->place.view.product->name, "Two");
	call_free(c);
	check_str(attempt_now(f, id, 1).supplier, "alpha");
	struct call *refused = result_new(f, id, OUTCOME_REFUSED);
	check_ok(call_once(refused));
	check_str(attempt_now(f, id, 2).supplier, "beta");
	check_ok(report(f, id, OUTCOME_DELIVERED));
	/* The new one has no route. */
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "new")), ERR_PRODUCT_NOT_FOUND);
	engine_again(f);
	c = call_new(f, &verb_order_get, LIVE);
	c->get.order_id = id;
	check_ok(call_run(c));
	check_str(c->get.view.product->name, "Two");
	call_free(c);
}

/* Another line of the same product; its new version has the one route "gamma". */
static const char newer[] =
	"{\"kind\":\"product\",\"id\":10,\"name\":\"New\",\"service\":1,\"operator\":1,"
	"\"type\":\"FIXED_VALUE_RECHARGE\",\"zones\":[\"DOMESTIC\"],"
	"\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
	"\"source\":{\"unit\":\"EUR\",\"amount\":7},\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":7}}},"
	"\"routes\":[{\"supplier\":\"gamma\",\"sku\":\"g10\",\"priority\":1}]}";

static void rename_table(struct fixture *f, const char *from, const char *to)
{
	char sql[96];
	struct db *db;

	snprintf(sql, sizeof(sql), "ALTER TABLE %s RENAME TO %s", from, to);
	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_begin(db));
	check_ok(db_exec(db, sql, NULL, 0, NULL));
	check_ok(db_commit(db));
	db_close(db);
}

static enum err find(struct fixture *f, int64_t id)
{
	struct call *c = call_new(f, &verb_order_get, LIVE);

	c->get.order_id = id;
	return call_once(c);
}

static enum err list_by_service(struct fixture *f)
{
	struct call *c = call_new(f, &verb_order_list, LIVE);

	c->list = (struct order_list){ .dialect = DIALECT_DVS, .service = 1, .page = 1, .per_page = 10 };
	return call_once(c);
}

/* That the store cannot tell which version was bought says nothing about its routes: nothing is decided on it. */
static void an_unreadable_product_decides_nothing(void **state)
{
	struct fixture *f = *state;
	int64_t unconfirmed = placed(f, LIVE, TWO_ROUTES, "unconfirmed", false);
	int64_t open = placed(f, LIVE, TWO_ROUTES, "open", true);
	struct call *late = place_new(f, LIVE, TWO_ROUTES, "late");

	catalog_change(f, 6, newer);
	rename_table(f, "catalog", "elsewhere");
	check_err(call_run(late), ERR_STORE_UNAVAILABLE);
	check_err(call_once(change_new(f, &verb_order_confirm, LIVE, unconfirmed)), ERR_STORE_UNAVAILABLE);
	check_err(call_once(change_new(f, &verb_order_cancel, LIVE, unconfirmed)), ERR_STORE_UNAVAILABLE);
	assert_int_equal(order_now(f, unconfirmed).state, ORDER_CREATED);
	check_err(report(f, open, OUTCOME_REFUSED), ERR_STORE_UNAVAILABLE);
	assert_int_equal(order_now(f, open).state, ORDER_CONFIRMED);
	assert_int_equal(attempt_now(f, open, 1).state, ATTEMPT_PREPARED);
	check_err(find(f, open), ERR_STORE_UNAVAILABLE);
	check_err(list_by_service(f), ERR_STORE_UNAVAILABLE);

	rename_table(f, "elsewhere", "catalog");
	check_ok(call_once(late));
	check_ok(call_once(change_new(f, &verb_order_confirm, LIVE, unconfirmed)));
	check_ok(report(f, open, OUTCOME_REFUSED));
	check_str(attempt_now(f, open, 2).supplier, "beta");
	check_ok(list_by_service(f));
}

struct gate {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool reached, open;
};

static void wait_at_gate(void *arg)
{
	struct gate *gate = arg;

	pthread_mutex_lock(&gate->lock);
	gate->reached = true;
	pthread_cond_broadcast(&gate->changed);
	while (!gate->open)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void gate_wait_reached(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	while (!gate->reached)
		pthread_cond_wait(&gate->changed, &gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

static void gate_open(struct gate *gate)
{
	pthread_mutex_lock(&gate->lock);
	gate->open = true;
	pthread_cond_broadcast(&gate->changed);
	pthread_mutex_unlock(&gate->lock);
}

/* While a changed catalogue is read orders are placed, by the old one; the import is answered when the new one counts.
 */
static void commits_go_on_while_a_catalogue_is_read(void **state)
{
	struct fixture *f = *state;
	struct gate gate = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false };

	f->options.on_load = wait_at_gate;
	f->options.on_load_arg = &gate;
	engine_stop(f->engine);
	engine_again(f);
	const struct catalog *current = engine_catalog(f->engine);
	struct catalog_import *import = catalog_import_new(current);
	catalog_release(current);
	catalog_import_feed(import, str_of(newer));
	check_ok(catalog_import_check(import));
	struct import_write write = { .by = { STR("test") }, .import = import, .note = STR("new") };
	struct call *c = call_new(f, &verb_import_write, 0);
	c->task.command = &write;
	call_submit(c);
	gate_wait_reached(&gate);

	int64_t id = placed(f, LIVE, TWO_ROUTES, "meanwhile", true);
	assert_int_equal(order_now(f, id).amount + order_now(f, id).fee, TWO_ROUTES_COST);
	calls_settle(f);
	assert_false(call_is_done(c));
	gate_open(&gate);
	call_wait(c);
	check_ok(c->task.result);
	call_free(c);
	catalog_import_free(import);
	id = placed(f, LIVE, TWO_ROUTES, "after", true);
	assert_int_equal(order_now(f, id).amount, 7000000);
	assert_int_equal(order_now(f, id).fee, 0);
}

static void what_was_committed_is_there_after_a_restart(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "before", true), now;

	clock_advance(f, 100 * hour_us);
	now = engine_now_us(f->engine);
	engine_again(f);
	assert_true(engine_now_us(f->engine) >= now);
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "before")), ERR_REFERENCE_USED);
	assert_true(placed(f, LIVE, TWO_ROUTES, "after", false) > id);
	check_ok(report(f, id, OUTCOME_DELIVERED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(a_place_holds_its_money),
		engine_test(refusals_come_in_order),
		engine_test(a_refused_place_leaves_its_reference_free),
		engine_test(ranged_orders_hold_what_they_snap_to),
		engine_test(the_last_cent_can_be_spent_and_no_more),
		engine_test(a_commit_is_one_event),
		engine_test(confirm_is_refused_in_order),
		engine_test(cancel_is_refused_in_order),
		engine_test(an_order_expires_at_its_time),
		engine_test(orders_are_shown_to_their_partner),
		engine_test(keys_replay_conflict_and_end),
		engine_test(an_order_keeps_what_it_bought),
		engine_test(an_unreadable_product_decides_nothing),
		engine_test(commits_go_on_while_a_catalogue_is_read),
		engine_test(what_was_committed_is_there_after_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The verbs of eSIM orders: what is put on an eSIM that is there, and a store that cannot say which version of a
 * product was bought. */
#include "unit/service/fixture.h"

#include "service/esim.h"
#include "service/kyc.h"
#include "service/message.h"
#include "service/order_admin.h"
#include "service/partner.h"

#include <stdio.h>

enum { PROFILE = 30, CHECKED = 31, TOP_UP = 32 };

/* One product of the family; a later batch with the same id is its next version. */
static void sell(struct fixture *f, int64_t batch, int id, const char *category, const char *more, const char *shelf)
{
	char line[800];

	snprintf(line, sizeof(line),
		 "{\"kind\":\"product\",\"id\":%d,\"name\":\"eSIM %lld\",\"service\":13,\"operator\":1,"
		 "\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"INTERNATIONAL\"],"
		 "\"source\":{\"unit\":\"EUR\",\"amount\":1},\"destination\":{\"unit\":\"EUR\",\"amount\":1},"
		 "\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":1}}},"
		 "\"esim\":{\"category\":\"%s\",\"code\":\"code-%d\",\"family\":{\"id\":1,\"name\":\"F\"}%s},%s"
		 "\"routes\":[{\"supplier\":\"alpha\",\"sku\":\"e\",\"priority\":1}]}",
		 id, (long long)batch, category, id, more, shelf);
	catalog_change(f, batch, line);
}

static void sell_all(struct fixture *f, int64_t batch)
{
	sell(f, batch, PROFILE, "realtime", ",\"refund\":{\"fee\":0,\"hours\":24}", "");
	sell(f, batch + 1, CHECKED, "delayed", ",\"kyc\":[\"full_name\"]", "");
	sell(f, batch + 2, TOP_UP, "addon", "", "");
}

/* The same plan in a shop, whose API puts it on an eSIM too. */
static void sell_in_a_shop(struct fixture *f, int64_t batch)
{
	catalog_change(f, batch, "{\"kind\":\"category\",\"id\":1,\"name\":\"eSIM\"}");
	catalog_change(f, batch + 1,
		       "{\"kind\":\"family\",\"id\":1,\"uuid\":\"00000000-0000-4000-8000-000000000001\","
		       "\"name\":\"F\",\"type\":\"esim\",\"category\":1}");
	sell(f, batch + 2, PROFILE, "realtime", "",
	     "\"sku\":{\"uuid\":\"00000000-0000-4000-8000-000000000002\",\"family\":1,\"max_per_order\":9},");
}

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

static struct call *order_new(struct fixture *f, int product, const char *reference)
{
	struct call *c = place_new(f, LIVE, product, reference);

	c->place.dialect = DIALECT_MOBIMATTER;
	c->place.verifies = c->place.lists_parts = true;
	c->place.details = STR("{}");
	return c;
}

static int64_t ordered(struct fixture *f, int product, const char *reference)
{
	struct call *c = order_new(f, product, reference);

	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	return id;
}

static enum err put_on_order(struct fixture *f, int product, const char *parent)
{
	struct call *c = order_new(f, product, "top-up");

	c->place.parent = arena_str(&c->arena, str_of(parent));
	return call_once(c);
}

static enum err top_up(struct fixture *f, const char *parent)
{
	return put_on_order(f, TOP_UP, parent);
}

/* In a shop: by itself, or put on the eSIM with that ICCID. */
static int64_t bought_in_shop(struct fixture *f, const char *iccid, const char *reference)
{
	struct call *c = place_new(f, LIVE, iccid ? 0 : PROFILE, reference);
	struct currency euro;

	check_ok(currency_parse(STR("EUR"), &euro));
	c->place.dialect = DIALECT_S2S;
	c->place.currency = euro.number;
	c->place.auto_confirm = true;
	c->place.details = STR("{}");
	if (iccid)
		c->place.iccid = arena_str(&c->arena, str_of(iccid));
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	return id;
}

static struct order_name named(int64_t id)
{
	return (struct order_name){ .id = id, .dialect = DIALECT_MOBIMATTER };
}

static enum err complete(struct fixture *f, int64_t id)
{
	struct order_complete command = { .name = named(id) };
	struct call *c = call_new(f, &verb_order_complete, LIVE);

	c->task.command = &command;
	return call_once(c);
}

static enum err withdraw(struct fixture *f, int64_t id)
{
	struct order_withdraw command = { .name = named(id) };
	struct call *c = call_new(f, &verb_order_withdraw, LIVE);

	c->task.command = &command;
	return call_once(c);
}

static enum err refund(struct fixture *f, int64_t id)
{
	struct order_refund command = { .name = named(id) };
	struct call *c = call_new(f, &verb_order_refund, LIVE);

	c->task.command = &command;
	return call_once(c);
}

static enum err terms(struct fixture *f, int64_t id)
{
	struct refund_ask command = { .name = named(id) };
	struct call *c = call_new(f, &verb_refund_terms, LIVE);

	c->task.command = &command;
	return call_once(c);
}

static enum err look(struct fixture *f, int64_t id)
{
	struct esim_get command = { .name = named(id) };
	struct call *c = call_new(f, &verb_esim_get, LIVE);

	c->task.command = &command;
	return call_once(c);
}

static enum err approve(struct fixture *f, int64_t id)
{
	struct kyc_decide command = { .by = { STR("test") }, .order_id = id, .approve = true };
	struct call *c = call_new(f, &verb_kyc_decide, 0);

	c->task.command = &command;
	return call_once(c);
}

static enum err deliver(struct fixture *f, int64_t id, const char *iccid)
{
	struct call *c = result_new(f, id, OUTCOME_DELIVERED);

	c->result.delivery = arena_printf(
		&c->arena, "{\"code\":\"LPA:1$smdp.example$%s\",\"serial\":\"%s\",\"msisdn\":\"999701234567\"}", iccid,
		iccid);
	return call_once(c);
}

static const char first_iccid[] = "8988303000000000019", second_iccid[] = "8988303000000000027";

/* What cannot be read is not a product without routes, without an eSIM or without a refund. */
static void an_unreadable_product_decides_nothing(void **state)
{
	struct fixture *f = *state;

	engine_drain(f->engine); /* nobody waits for the end of an order */
	sell_all(f, 6);
	int64_t bought = ordered(f, PROFILE, "bought"), open = ordered(f, PROFILE, "open");
	int64_t waiting = ordered(f, PROFILE, "waiting"), checked = ordered(f, CHECKED, "checked");
	check_ok(complete(f, bought));
	check_ok(deliver(f, bought, first_iccid));
	check_ok(complete(f, open));
	check_ok(complete(f, checked));
	assert_int_equal(order_now(f, checked).state, ORDER_AWAITING_KYC);

	sell_all(f, 16);
	engine_stop(f->engine);
	engine_again(f);
	engine_drain(f->engine);
	rename_table(f, "catalog", "elsewhere");
	check_err(complete(f, waiting), ERR_STORE_UNAVAILABLE);
	check_err(withdraw(f, waiting), ERR_STORE_UNAVAILABLE);
	check_err(deliver(f, open, second_iccid), ERR_STORE_UNAVAILABLE);
	check_err(approve(f, checked), ERR_STORE_UNAVAILABLE);
	check_err(terms(f, bought), ERR_STORE_UNAVAILABLE);
	check_err(refund(f, bought), ERR_STORE_UNAVAILABLE);
	check_err(look(f, bought), ERR_STORE_UNAVAILABLE);
	check_err(top_up(f, "bought"), ERR_STORE_UNAVAILABLE);
	assert_int_equal(order_now(f, waiting).state, ORDER_CREATED);
	assert_int_equal(order_now(f, open).state, ORDER_CONFIRMED);
	assert_int_equal(order_now(f, checked).state, ORDER_AWAITING_KYC);
	assert_int_equal(order_now(f, bought).state, ORDER_COMPLETED);
	assert_int_equal(count_of(f, "SELECT count(*) FROM esims"), 1);

	rename_table(f, "elsewhere", "catalog");
	check_ok(complete(f, waiting));
	check_ok(deliver(f, open, second_iccid));
	assert_int_equal(count_of(f, "SELECT count(*) FROM esims"), 2);
	check_ok(approve(f, checked));
	check_ok(top_up(f, "bought"));
	check_ok(terms(f, bought));
	check_ok(look(f, bought));
	check_ok(refund(f, bought));
	assert_int_equal(order_now(f, bought).state, ORDER_REVERSING);
}

/* An order whose profile has been delivered. */
static int64_t delivered(struct fixture *f, const char *ext)
{
	int64_t id = ordered(f, PROFILE, ext);

	check_ok(complete(f, id));
	check_ok(deliver(f, id, first_iccid));
	return id;
}

static void set_sandbox(struct fixture *f, bool sandbox)
{
	struct partner_change command = { { STR("test") }, LIVE, { .set = PARTNER_SANDBOX, .sandbox = sandbox } };
	struct call *c = call_new(f, &verb_partner_change, 0);

	c->task.command = &command;
	check_ok(call_once(c));
}

/* An eSIM that a supplier has sold is not topped up by the sandbox, nor a made-up one by a supplier. */
static void a_top_up_is_of_its_esims_mode(void **state)
{
	struct fixture *f = *state;

	engine_drain(f->engine);
	sell_all(f, 6);
	delivered(f, "bought");
	set_sandbox(f, true);
	check_err(top_up(f, "bought"), ERR_BAD_REQUEST);
	set_sandbox(f, false);
	check_ok(top_up(f, "bought"));
}

/* How many the eSIM has, which is the only one of its order. */
static size_t packages_of(struct fixture *f, const char *iccid)
{
	struct esim_get command = { .name = { .dialect = DIALECT_S2S, .iccid = str_of(iccid) } };
	struct call *c = call_new(f, &verb_esim_find, LIVE);

	c->task.command = &command;
	check_ok(call_run(c));
	assert_int_equal(command.view.extras->esim_count, 1);
	check_str(command.view.extras->esims[0].iccid, iccid);
	assert_int_equal(command.view.extras->esims[0].state, ESIM_ACTIVE);
	size_t n = command.usage[0].package_count;
	call_free(c);
	return n;
}

static void reverse(struct fixture *f, int64_t id)
{
	struct order_end command = { .by = { STR("test") }, .order_id = id };
	struct call *c = call_new(f, &verb_order_reverse, 0);

	c->task.command = &command;
	check_ok(call_once(c));
}

/* A plan that makes an eSIM when it is bought by itself makes none when it is put on one: whatever the supplier hands
 * over with it, the eSIM keeps its profile and has a package more. */
static void a_plan_put_on_an_esim_is_a_package(void **state)
{
	struct fixture *f = *state;
	int64_t orders[3];

	sell_in_a_shop(f, 6);
	int64_t root = bought_in_shop(f, NULL, "bought");
	check_ok(deliver(f, root, first_iccid));
	assert_int_equal(packages_of(f, first_iccid), 1);
	orders[0] = bought_in_shop(f, first_iccid, "nothing comes with it");
	orders[1] = bought_in_shop(f, first_iccid, "the same profile");
	orders[2] = bought_in_shop(f, first_iccid, "another profile");
	check_ok(report(f, orders[0], OUTCOME_DELIVERED));
	check_ok(deliver(f, orders[1], first_iccid));
	check_ok(deliver(f, orders[2], second_iccid));
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		struct order o = order_now(f, orders[i]);

		assert_int_equal(o.state, ORDER_COMPLETED);
		assert_int_equal(o.root_id, root);
		check_str(o.credit_account, first_iccid);
		assert_int_equal(packages_of(f, first_iccid), 4);
	}
	assert_int_equal(count_of(f, "SELECT count(*) FROM esims"), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM esim_links WHERE category = 3"), 3);

	/* Taken back, the package is gone and the eSIM is not. */
	reverse(f, orders[2]);
	assert_int_equal(packages_of(f, first_iccid), 3);
}

/* Where an API has products of their own for that, no other will do. */
static void a_plan_is_no_top_up_of_an_order(void **state)
{
	struct fixture *f = *state;

	engine_drain(f->engine);
	sell_all(f, 6);
	delivered(f, "bought");
	check_err(put_on_order(f, PROFILE, "bought"), ERR_BAD_REQUEST);
	check_err(put_on_order(f, CHECKED, "bought"), ERR_BAD_REQUEST);
	check_ok(put_on_order(f, TOP_UP, "bought"));
	assert_int_equal(count_of(f, "SELECT count(*) FROM esim_links"), 1);
}

/* All that a buyer sees of an order and its eSIM, in one line. */
static struct str seen(struct fixture *f, struct arena *a, int64_t id)
{
	struct esim_get command = { .name = named(id) };
	struct call *c = call_new(f, &verb_esim_get, LIVE);

	c->task.command = &command;
	check_ok(call_run(c));
	const struct order_extras *x = command.view.extras;
	struct str line = arena_printf(a, "state %d, check %d, details %.*s", command.view.order.state, x->kyc,
				       STR_ARG(x->details));
	for (size_t i = 0; i < x->esim_count; i++)
		line = arena_printf(a, "%.*s, eSIM %.*s %d %zu", STR_ARG(line), STR_ARG(x->esims[i].iccid),
				    x->esims[i].state, x->esims[i].profile.n);
	for (size_t i = 0; i < x->link_count; i++)
		line = arena_printf(a, "%.*s, top-up %d %d %.*s", STR_ARG(line), x->links[i].no, x->links[i].state,
				    STR_ARG(x->links[i].reference));
	call_free(c);
	return line;
}

static int64_t answered_from_memory(struct fixture *f)
{
	struct engine_stats stats;

	engine_stats(f->engine, &stats);
	return stats.recent_answered;
}

/* What was just written is read from memory; whatever another order has done to it since, it is what the store says. */
static void memory_and_store_say_the_same(void **state)
{
	enum { BOUGHT, PLAIN_ONE, CHECKED_ONE, OPEN_ONE, REFUNDED, ORDERS };
	static const char third_iccid[] = "8988303000000000035";
	struct fixture *f = *state;
	int64_t ids[ORDERS];
	struct str before[ORDERS];
	struct arena a;

	arena_init(&a);
	engine_drain(f->engine);
	sell_all(f, 6);
	ids[BOUGHT] = delivered(f, "bought");
	for (int i = PLAIN_ONE; i < ORDERS; i++)
		ids[i] = ordered(f, i == CHECKED_ONE ? CHECKED : PROFILE, (const char[]){ (char)('a' + i), 0 });
	check_ok(complete(f, ids[PLAIN_ONE]));
	check_ok(deliver(f, ids[PLAIN_ONE], second_iccid));
	check_ok(complete(f, ids[CHECKED_ONE]));
	check_ok(complete(f, ids[REFUNDED]));
	check_ok(deliver(f, ids[REFUNDED], third_iccid));
	int64_t from_memory = answered_from_memory(f);
	struct str plain = seen(f, &a, ids[PLAIN_ONE]);
	if (!postgres_server())
		assert_int_equal(answered_from_memory(f) - from_memory, 1);
	assert_non_null(strstr(plain.p, ", eSIM 8988303000000000027 1 "));

	check_ok(top_up(f, "bought"));
	check_ok(approve(f, ids[CHECKED_ONE]));
	check_ok(refund(f, ids[REFUNDED]));
	for (int i = 0; i < ORDERS; i++)
		before[i] = seen(f, &a, ids[i]);
	assert_non_null(strstr(before[BOUGHT].p, ", top-up 1 "));
	engine_again(f);
	for (int i = 0; i < ORDERS; i++)
		assert_true(str_eq(seen(f, &a, ids[i]), before[i]));
	arena_done(&a);
}

/* Live, without a mail server and a gateway: said at once, and nothing is queued. */
static void what_cannot_be_sent_is_refused(void **state)
{
	struct fixture *f = *state;
	struct order_mail mail = { .base_url = "http://localhost", .to = STR("ada@example.com") };
	struct order_sms sms = { .text = STR("hello") };

	engine_drain(f->engine);
	sell_all(f, 6);
	int64_t bought = delivered(f, "bought");
	mail.name = sms.name = named(bought);
	struct call *c = call_new(f, &verb_order_mail, LIVE);
	c->task.command = &mail;
	check_err(call_once(c), ERR_METHOD_NOT_SUPPORTED);
	c = call_new(f, &verb_order_sms, LIVE);
	c->task.command = &sms;
	check_err(call_once(c), ERR_METHOD_NOT_SUPPORTED);
	assert_int_equal(count_of(f, "SELECT count(*) FROM messages"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(an_unreadable_product_decides_nothing), engine_test(a_top_up_is_of_its_esims_mode),
		engine_test(a_plan_put_on_an_esim_is_a_package),    engine_test(a_plan_is_no_top_up_of_an_order),
		engine_test(memory_and_store_say_the_same),	    engine_test(what_cannot_be_sent_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

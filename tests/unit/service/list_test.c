/* Lists against the rows themselves: every filter, every page, both sources. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/order_index.h"

#include <stdlib.h>

enum { ORDERS = 240 };

static const int64_t products[] = { TWO_ROUTES, PLAIN, PIN };
static const char *const parties[] = { "+6591", "+6592", "+6593" };
static const char *const accounts[] = { NULL, "acc-1", "acc-2" };

static uint64_t random_state;

static int64_t pick(int64_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)(random_state >> 33) % n;
}

/* Orders of two partners over four days, in every state that an order can come to here. */
static void fill(struct fixture *f)
{
	char reference[32];

	for (int i = 0; i < ORDERS; i++) {
		snprintf(reference, sizeof(reference), "o%d", i);
		struct call *c = place_new(f, pick(3) ? LIVE : OTHER, products[pick(3)], reference);
		const char *account = accounts[pick(3)];

		c->place.credit_party = str_of(parties[pick(3)]);
		if (account)
			c->place.credit_account = str_of(account);
		int64_t fate = pick(5), partner = c->task.partner_id;
		c->place.auto_confirm = fate > 1;
		check_ok(call_run(c));
		int64_t id = c->place.view.order.id;
		call_free(c);
		if (fate == 1)
			check_ok(call_once(change_new(f, &verb_order_cancel, partner, id)));
		if (fate == 3)
			check_ok(report(f, id, OUTCOME_DELIVERED));
		while (fate == 4 && order_now(f, id).state != ORDER_DECLINED) {
			struct call *r = result_new(f, id, OUTCOME_REFUSED);

			r->result.reason = (enum order_reason)(1 + id % 3);
			check_ok(call_once(r));
		}
		if (i % 10 == 9)
			clock_advance(f, SECONDS_US(4 * 3600));
	}
}

static struct order *all;
static size_t all_count;

static enum err order_seen(void *arg, void *row)
{
	(void)arg;
	all[all_count++] = *(struct order *)row;
	return OK;
}

/* Newest first. */
static void read_all(struct fixture *f)
{
	const struct table *table = &table_orders;
	char sql[1024] = "SELECT ", *at = sql + strlen(sql);

	for (size_t i = 0; i < table->count; i++)
		at += snprintf(at, (size_t)(sql + sizeof(sql) - at), "%s%s", i ? "," : "", table->columns[i].name);
	snprintf(at, (size_t)(sql + sizeof(sql) - at), " FROM orders ORDER BY id DESC");
	free(all);
	all = calloc(ORDERS, sizeof(*all));
	must(all);
	all_count = 0;
	check_ok(db_begin(f->db));
	check_ok(db_query(f->db, sql, NULL, 0, table, &f->arena, order_seen, NULL));
	db_rollback(f->db);
	assert_int_equal(all_count, ORDERS);
}

static bool product_is(const struct order_list *l, const struct order *o)
{
	bool pin = o->product_id == PIN;

	return (!l->type || l->type == (pin ? PRODUCT_FIXED_PIN : PRODUCT_FIXED_RECHARGE)) &&
	       (!l->service || l->service == (pin ? 4 : 1)) &&
	       (!l->subservice || l->subservice == (pin				  ? 42
						    : o->product_id == TWO_ROUTES ? 11
										  : 0)) &&
	       (!l->country.p || str_is(l->country, pin ? "MEX" : "SGP")) &&
	       (!l->operator_id || l->operator_id == (pin ? 2 : 1));
}

static bool matches(const struct order_list *l, const struct order *o)
{
	return product_is(l, o) && (!l->reference.p || str_eq(order_reference(o), l->reference)) &&
	       (!l->from_us || o->created_at >= l->from_us) && (!l->to_us || o->created_at <= l->to_us) &&
	       (!l->states || l->states >> o->state & 1) && (!l->reasons || l->reasons >> o->reason & 1) &&
	       (!l->credit_party.p || str_eq(l->credit_party, o->credit_party)) &&
	       (!l->credit_account.p || str_eq(l->credit_account, o->credit_account));
}

/* Each filter is asked for now and then, also for what nothing has. */
static void ask(struct order_list *l, char reference[32])
{
	static const int types[] = { PRODUCT_FIXED_PIN, PRODUCT_FIXED_RECHARGE, PRODUCT_RANGED_PIN };
	static const int services[] = { 1, 4, 3 }, subservices[] = { 11, 42, 12 };

	*l = (struct order_list){ .dialect = DIALECT_DVS, .page = 1 + pick(4), .per_page = 1 + pick(100) };
	if (!pick(8)) {
		snprintf(reference, 32, "o%lld", (long long)pick(ORDERS + 9));
		l->reference = str_of(reference);
	}
	if (pick(2))
		l->from_us = all[pick(ORDERS)].created_at;
	if (pick(2))
		l->to_us = all[pick(ORDERS)].created_at;
	if (!pick(4))
		l->type = types[pick(3)];
	if (!pick(4))
		l->service = services[pick(3)];
	if (!pick(6))
		l->subservice = subservices[pick(3)];
	if (!pick(4))
		l->country = pick(3) ? STR("SGP") : STR("MEX");
	if (!pick(6))
		l->operator_id = 1 + pick(3);
	if (!pick(3))
		l->states = (unsigned)pick(2048);
	if (!pick(5))
		l->reasons = (unsigned)pick(32);
	if (!pick(3))
		l->credit_party = str_of(pick(9) ? parties[pick(3)] : "+1");
	if (!pick(3))
		l->credit_account = str_of(pick(9) ? accounts[1 + pick(2)] : "nobody's");
}

static void compare(struct fixture *f, int64_t partner, const struct order_list *asked)
{
	struct call *c = call_new(f, &verb_order_list, partner);
	int64_t total = 0;
	size_t shown = 0;

	c->list = *asked;
	check_ok(call_run(c));
	for (size_t i = 0; i < all_count; i++) {
		if (all[i].partner_id != partner || !matches(asked, &all[i]))
			continue;
		if (total++ < (asked->page - 1) * asked->per_page || shown >= (size_t)asked->per_page)
			continue;
		assert_true(shown < c->list.count);
		const struct order_view *view = &c->list.views[shown++];
		assert_int_equal(view->order.id, all[i].id);
		assert_int_equal(view->order.state, all[i].state);
		assert_true(str_eq(view->order.ext_key, all[i].ext_key));
		assert_int_equal(view->product->id, all[i].product_id);
	}
	assert_int_equal(c->list.total, total);
	assert_int_equal(c->list.count, shown);
	call_free(c);
}

static void check_lists(struct fixture *f, int rounds)
{
	struct order_list asked;
	char reference[32];

	for (int i = 0; i < rounds; i++) {
		ask(&asked, reference);
		compare(f, pick(3) ? LIVE : OTHER, &asked);
	}
	/* Nothing at all is asked for; a page further than any; somebody without orders. */
	asked = (struct order_list){ .dialect = DIALECT_DVS, .page = 1, .per_page = 100 };
	compare(f, LIVE, &asked);
	compare(f, POOR, &asked);
	asked.page = INT64_MAX;
	struct call *c = call_new(f, &verb_order_list, LIVE);
	c->list = asked;
	check_ok(call_run(c));
	assert_int_equal(c->list.count, 0);
	assert_true(c->list.total > 0);
	call_free(c);
}

static void lists_show_what_the_rows_say(void **state)
{
	struct fixture *f = *state;

	random_state = 1;
	fill(f);
	read_all(f);
	check_lists(f, 400);
	engine_again(f); /* the index as it is read at the start */
	check_lists(f, 200);
}

static bool is_three(void *arg, int64_t id, int64_t batch)
{
	int *calls = arg;

	(*calls)++;
	assert_int_equal(batch, id * 10);
	return id == 3;
}

static void count_only(void *arg, int64_t id)
{
	(void)arg;
	(void)id;
}

/* Once the index has been cut, older windows come from the store, and say the same. */
static void windows_older_than_the_index(void **state)
{
	struct fixture *f = *state;
	struct order strange = { .partner_id = 4711, .version = 1, .state = ORDER_CREATED };
	struct order_index *ix = engine_order_index(f->engine);

	random_state = 2;
	fill(f);
	read_all(f);
	calls_settle(f); /* the index is the committer's to write, but the committer has nothing to do now */
	strange.id = all[0].id;
	for (int64_t i = 0; i <= LIMIT_INDEXED_ORDERS; i++) {
		strange.id += 1;
		strange.product_id = i % 7 + 1;
		strange.product_batch = strange.product_id * 10;
		order_index_note(ix, &strange);
	}
	assert_true(order_index_count(ix) <= LIMIT_INDEXED_ORDERS);
	assert_false(
		order_index_find(ix, LIVE, &(struct order_filter){ .end = INT64_MAX }, &(struct order_matches){ 0 }));
	/* What is left is found as before, each product judged once. */
	int calls = 0;
	struct order_matches left = { .take = 1, .show = count_only };
	struct order_filter filter = {
		.first = strange.id - 6999, .end = strange.id + 1, .wants_product = is_three, .arg = &calls
	};
	assert_true(order_index_find(ix, strange.partner_id, &filter, &left));
	assert_int_equal(left.total, 1000);
	assert_int_equal(calls, 7);
	check_lists(f, 200);
}

static void balances_are_the_wallets(void **state)
{
	struct fixture *f = *state;
	const struct {
		int64_t partner;
		const char *currency;
		int64_t page, per_page, total;
		size_t count;
	} rows[] = {
		{ LIVE, NULL, 1, 100, 2, 2 },	      { LIVE, "USD", 1, 100, 1, 1 }, { LIVE, "GBP", 1, 100, 0, 0 },
		{ LIVE, NULL, 2, 1, 2, 1 },	      { LIVE, NULL, 3, 1, 2, 0 },    { NONE, NULL, 1, 100, 0, 0 },
		{ LIVE, NULL, INT64_MAX, 100, 2, 0 },
	};

	check_ok(report(f, placed(f, LIVE, TWO_ROUTES, "a", true), OUTCOME_DELIVERED));
	placed(f, LIVE, TWO_ROUTES, "b", false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct call *c = call_new(f, &verb_balance_list, rows[i].partner);
		struct currency currency = { 0 };

		if (rows[i].currency)
			check_ok(currency_parse(str_of(rows[i].currency), &currency));
		c->balances.currency = currency.number;
		c->balances.page = rows[i].page;
		c->balances.per_page = rows[i].per_page;
		check_ok(call_run(c));
		assert_int_equal(c->balances.total, rows[i].total);
		assert_int_equal(c->balances.count, rows[i].count);
		for (size_t k = 0; k < c->balances.count; k++) {
			const struct account *a = &c->balances.accounts[k];
			struct str code = currency_code(account_parts(a->id).cur);
			struct account expected = wallet_now(f, rows[i].partner, code.p);

			assert_memory_equal(a, &expected, sizeof(expected));
		}
		call_free(c);
	}
}

static void jobs_are_read_page_by_page(void **state)
{
	struct fixture *f = *state;
	char reference[32];
	struct jobs_due page = { .until_us = INT64_MAX, .after_due = -1, .most = 3 };
	size_t n = 0;

	for (int i = 0; i < 10; i++) {
		snprintf(reference, sizeof(reference), "j%d", i);
		placed(f, LIVE, PLAIN, reference, i % 2);
	}
	for (;;) {
		struct call *c = call_new(f, &verb_jobs_due, 0);
		int64_t due = page.after_due, id = page.after_id;

		c->due = page;
		check_ok(call_run(c));
		for (size_t i = 0; i < c->due.count; i++) {
			const struct job *job = &c->due.jobs[i];

			assert_true(job->due_at > due || (job->due_at == due && job->id > id));
			due = job->due_at;
			id = job->id;
		}
		n += c->due.count;
		page.after_due = due;
		page.after_id = id;
		bool last = c->due.count < page.most;
		call_free(c);
		if (last)
			break;
	}
	assert_int_equal(n, 10);
}

/* Readers list while the committer writes: what the index knows, the reader's moment has. */
static void lists_beside_a_busy_committer(void **state)
{
	enum { PLACES = 900, LISTS = 300 };
	struct fixture *f = *state;
	static struct call *places[PLACES], *lists[LISTS];
	char reference[32];

	f->done = 0;
	for (size_t i = 0; i < PLACES; i++) {
		snprintf(reference, sizeof(reference), "b%zu", i);
		places[i] = place_new(f, LIVE, PLAIN, reference);
		call_submit(places[i]);
		if (i % 3)
			continue;
		lists[i / 3] = call_new(f, &verb_order_list, LIVE);
		lists[i / 3]->list = (struct order_list){ .dialect = DIALECT_DVS, .page = 1, .per_page = 10 };
		call_submit(lists[i / 3]);
	}
	calls_wait(f, PLACES + LISTS);
	for (size_t i = 0; i < LISTS; i++) {
		const struct order_list *l = &lists[i]->list;

		check_ok(lists[i]->task.result);
		assert_int_equal(l->count, l->total < 10 ? l->total : 10);
		for (size_t k = 1; k < l->count; k++)
			assert_true(l->views[k].order.id < l->views[k - 1].order.id);
		call_free(lists[i]);
	}
	for (size_t i = 0; i < PLACES; i++) {
		check_ok(places[i]->task.result);
		call_free(places[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(lists_show_what_the_rows_say),  engine_test(windows_older_than_the_index),
		engine_test(balances_are_the_wallets),	    engine_test(jobs_are_read_page_by_page),
		engine_test(lists_beside_a_busy_committer),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	free(all);
	return failed;
}

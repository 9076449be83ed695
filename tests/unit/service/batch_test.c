/* Commands that meet in one batch, batches that fail, and batches that are run again. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/order_index.h"
#include "service/stock.h"
#include "service/unit.h"

#include <stdlib.h>

static void equal_references_meet_in_a_batch(void **state)
{
	struct fixture *f = *state;
	struct call *first = place_new(f, LIVE, TWO_ROUTES, "same"), *second = place_new(f, LIVE, PIN, "same");

	batch_begin(f);
	call_submit(first);
	call_submit(second);
	batch_end(f);
	calls_wait(f, 2);
	check_ok(first->task.result);
	check_err(second->task.result, ERR_REFERENCE_USED);
	call_free(first);
	call_free(second);
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), 1);
}

static void equal_keys_meet_in_a_batch(void **state)
{
	struct fixture *f = *state;
	struct call *calls[3];

	batch_begin(f);
	for (size_t i = 0; i < 3; i++) {
		calls[i] = place_new(f, LIVE, TWO_ROUTES, "k");
		calls[i]->place.idempotency_key = STR("key");
		calls[i]->place.idempotency_hash = i == 2;
		call_submit(calls[i]);
	}
	batch_end(f);
	calls_wait(f, 3);
	check_ok(calls[0]->task.result);
	check_ok(calls[1]->task.result);
	check_err(calls[2]->task.result, ERR_CONFLICT);
	assert_false(calls[0]->place.replayed);
	assert_true(calls[1]->place.replayed);
	assert_int_equal(calls[1]->place.view.order.id, calls[0]->place.view.order.id);
	for (size_t i = 0; i < 3; i++)
		call_free(calls[i]);
}

/* The hot wallet: one row, a hundred orders, and exactly as many as it can pay. */
static void a_batch_spends_no_more_than_there_is(void **state)
{
	struct fixture *f = *state;
	struct call *calls[128];
	size_t accepted = 0;
	char reference[32];

	batch_begin(f);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		snprintf(reference, sizeof(reference), "h%zu", i);
		calls[i] = place_new(f, LIVE, PIN, reference);
		call_submit(calls[i]);
	}
	batch_end(f);
	calls_wait(f, ARRAY_LEN(calls));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		accepted += calls[i]->task.result == OK;
		assert_true(i < 100 ? calls[i]->task.result == OK : calls[i]->task.result == ERR_INSUFFICIENT_FUNDS);
		call_free(calls[i]);
	}
	assert_int_equal(accepted, 100);
}

/* Two changes of the clock in one batch: the engine ends with what the store has. */
static void the_clock_does_not_go_back(void **state)
{
	struct fixture *f = *state;
	struct call *first = call_new(f, &verb_clock_advance, 0), *second = call_new(f, &verb_clock_advance, 0);
	int64_t before = engine_now_us(f->engine);

	first->advance.by_us = SECONDS_US(1000);
	second->advance.by_us = SECONDS_US(5000);
	batch_begin(f);
	call_submit(first);
	call_submit(second);
	batch_end(f);
	calls_wait(f, 2);
	check_ok(first->task.result);
	check_ok(second->task.result);
	assert_true(engine_now_us(f->engine) >= before + SECONDS_US(6000));
	assert_true(second->advance.now_us >= before + SECONDS_US(6000));
	assert_true(f->wakes >= 2);
	call_free(first);
	call_free(second);
}

static void clocks_refuse_what_they_cannot(void **state)
{
	struct fixture *f = *state;
	const int64_t bad[] = { 0, -1, INT64_MIN, INT64_MAX, 51 * 366 * SECONDS_US(86400) };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct call *c = call_new(f, &verb_clock_advance, 0);

		c->advance.by_us = bad[i];
		check_err(call_once(c), ERR_BAD_REQUEST);
	}
	f->options.sandbox_clock = false;
	engine_again(f);
	struct call *c = call_new(f, &verb_clock_advance, 0);
	c->advance.by_us = 1;
	check_err(call_once(c), ERR_FORBIDDEN);
}

/* A change that names an order which only the same batch makes: ids can be guessed. */
static void guessed_ids_in_the_same_batch(void **state)
{
	struct fixture *f = *state;
	struct call *place = place_new(f, LIVE, TWO_ROUTES, "guess"), *changes[96];
	int64_t id = placed(f, LIVE, TWO_ROUTES, "known", false);
	size_t done = 0;

	place->place.callback_url = STR("http://127.0.0.1/");
	/* The business clock stands behind the ids, so the next ones are those right after the last. */
	clock_advance(f, SECONDS_US(1));
	batch_begin(f);
	call_submit(place);
	int64_t floor = ids_floor(engine_now_us(f->engine));
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		changes[i] = change_new(f, i % 2 ? &verb_order_confirm : &verb_order_cancel, LIVE,
					floor + 4096 * (int64_t)(i / 2));
		call_submit(changes[i]);
	}
	batch_end(f);
	calls_wait(f, 1 + ARRAY_LEN(changes));
	check_ok(place->task.result);
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		done += changes[i]->task.result == OK;
		call_free(changes[i]);
	}
	assert_true(done <= 1); /* whether the guess was right depends on the moment */
	call_free(place);
	assert_int_equal(order_now(f, id).state, ORDER_CREATED);
}

/* The certain form of the guess: the change runs right behind the place that makes its order. */
static struct call *shadowed;

static void shadow_need(struct unit *u, const struct task *t)
{
	(void)t;
	unit_need(u, NOUN_ORDER, 1);
}

static enum err shadow_act(struct unit *u, struct task *t)
{
	struct call *own = t->sender;

	own->change.order_id = shadowed->place.view.order.id;
	return verb_order_cancel.act(u, t);
}

static const struct verb shadow_verb = { .name = "test.shadow", .need = shadow_need, .act = shadow_act };

static void an_order_is_cancelled_in_its_own_batch(void **state)
{
	struct fixture *f = *state;
	struct call *cancel = call_new(f, &shadow_verb, LIVE);

	shadowed = place_new(f, LIVE, TWO_ROUTES, "short");
	shadowed->place.callback_url = STR("http://127.0.0.1/");
	batch_begin(f);
	call_submit(shadowed);
	call_submit(cancel);
	batch_end(f);
	calls_wait(f, 2);
	check_ok(shadowed->task.result);
	check_ok(cancel->task.result);
	assert_int_equal(shadowed->place.view.order.state, ORDER_CREATED);
	assert_int_equal(cancel->change.view.order.state, ORDER_CANCELLED);
	assert_int_equal(order_now(f, cancel->change.order_id).state, ORDER_CANCELLED);
	assert_int_equal(wallet_now(f, LIVE, "EUR").held, 0);
	call_free(cancel);
	call_free(shadowed);
}

/* A command whose rows the store refuses. */
static void poison_need(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err poison_act(struct unit *u, struct task *t)
{
	(void)t;
	unit_add(u, NOUN_PARTY, &(struct party){ .order_id = 1 });
	return OK;
}

static const struct verb poison_verb = { .name = "test.poison", .need = poison_need, .act = poison_act };

static void poison_fails_alone(void **state)
{
	struct fixture *f = *state;
	struct call *calls[128];
	struct engine_stats before, after;
	char reference[32];

	engine_stats(f->engine, &before);
	batch_begin(f);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		snprintf(reference, sizeof(reference), "p%zu", i / 2);
		calls[i] = i == 77 ? call_new(f, &poison_verb, LIVE) : place_new(f, LIVE, TWO_ROUTES, reference);
		if (i != 77 && i % 4 < 2) { /* the second of these is a replay, of the others a used reference */
			calls[i]->place.idempotency_key = calls[i]->place.reference;
			calls[i]->place.idempotency_hash = 1;
		}
		call_submit(calls[i]);
	}
	batch_end(f);
	calls_wait(f, ARRAY_LEN(calls));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		enum err expected = i == 77 ? ERR_INTERNAL : i % 4 == 3 ? ERR_REFERENCE_USED : OK;

		check_err(calls[i]->task.result, expected);
		if (!expected) {
			assert_int_equal(calls[i]->place.replayed, i % 4 == 1);
			assert_int_equal(order_now(f, calls[i]->place.view.order.id).state, ORDER_CREATED);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		call_free(calls[i]);
	engine_stats(f->engine, &after);
	assert_int_equal(after.poisoned, before.poisoned + 1);
	assert_true(after.store_ok);
}

/* The poison stands before the create that a repeat met in the failed run: in the second run there is nothing to
 * replay, and nothing says that there was. */
static int64_t doomed_partner;

static enum err doomed_act(struct unit *u, struct task *t)
{
	enum err e = verb_order_place.act(u, t);

	unit_add(u, NOUN_PARTY, &(struct party){ .order_id = doomed_partner });
	return e;
}

static void a_second_run_says_nothing_of_the_first(void **state)
{
	struct fixture *f = *state;
	struct verb doomed = verb_order_place;
	struct call *first, *second;

	doomed.act = doomed_act;
	first = place_new(f, LIVE, TWO_ROUTES, "k");
	first->task.verb = &doomed;
	second = place_new(f, LIVE, TWO_ROUTES, "k");
	first->place.idempotency_key = second->place.idempotency_key = STR("key");
	batch_begin(f);
	call_submit(first);
	call_submit(second);
	batch_end(f);
	calls_wait(f, 2);
	check_err(first->task.result, ERR_INTERNAL);
	check_ok(second->task.result);
	assert_false(second->place.replayed);
	call_free(first);
	call_free(second);
}

/* What a batch made stands in the index as the store has it: a later change finds it. */
static void entry_seen(void *arg, int64_t id)
{
	int64_t *last = arg;

	assert_true(!*last || id < *last);
	*last = id;
}

static int64_t count_in_index(struct fixture *f, unsigned states)
{
	int64_t last = 0;
	struct order_filter filter = { .end = INT64_MAX, .states = states };
	struct order_matches matches = { .take = INT64_MAX, .show = entry_seen, .arg = &last };

	assert_true(order_index_find(engine_order_index(f->engine), LIVE, &filter, &matches));
	return matches.total;
}

static void the_index_follows_batches(void **state)
{
	struct fixture *f = *state;
	struct call *calls[50];
	char reference[32];

	for (int round = 0; round < 2; round++) {
		batch_begin(f);
		for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
			snprintf(reference, sizeof(reference), "i%d-%zu", round, i);
			calls[i] = place_new(f, LIVE, TWO_ROUTES, reference);
			call_submit(calls[i]);
		}
		batch_end(f);
		calls_wait(f, ARRAY_LEN(calls));
		for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
			int64_t id = calls[i]->place.view.order.id;

			call_free(calls[i]);
			if (i % 2)
				check_ok(call_once(change_new(f, &verb_order_cancel, LIVE, id)));
		}
	}
	assert_int_equal(count_in_index(f, 0), 100);
	assert_int_equal(count_in_index(f, 1U << ORDER_CANCELLED), 50);
	assert_int_equal(count_in_index(f, 1U << ORDER_CREATED), 50);
}

/* Ids are unique in their table alone, so few are drawn: at 128 a millisecond they must not run ahead of the clock. */
static void an_order_draws_few_ids(void **state)
{
	struct fixture *f = *state;
	struct call *calls[100];

	batch_begin(f);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		char reference[16];

		snprintf(reference, sizeof(reference), "r%zu", i);
		calls[i] = place_new(f, LIVE, PLAIN, reference);
		calls[i]->place.auto_confirm = true;
		call_submit(calls[i]);
	}
	batch_end(f);
	calls_wait(f, ARRAY_LEN(calls));
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		call_free(calls[i]);
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), ARRAY_LEN(calls));
	assert_in_range(
		count_of(f, "SELECT count(*) FROM (SELECT id FROM orders UNION SELECT id FROM jobs UNION "
			    "SELECT id FROM events UNION SELECT id FROM ledger WHERE order_id IS NOT NULL) AS ids"),
		ARRAY_LEN(calls), 2 * ARRAY_LEN(calls));
}

enum { STOCKED = 30 }; /* sold from stock alone; a sandbox without a stock has it made */
static const char stocked_line[] =
	"{\"kind\":\"product\",\"id\":30,\"name\":\"Stocked\",\"service\":4,\"subservice\":42,\"operator\":2,"
	"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"DOMESTIC\"],\"source\":{\"unit\":\"USD\",\"amount\":10},"
	"\"destination\":{\"unit\":\"MXN\",\"amount\":170},"
	"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":10}}},"
	"\"routes\":[{\"supplier\":\"stock\",\"sku\":\"s30\",\"priority\":1}]}";

static enum err nothing_act(struct unit *u, struct task *t)
{
	(void)u;
	(void)t;
	return OK;
}

static const struct verb nothing_verb = { .name = "test.nothing", .need = poison_need, .act = nothing_act };

static void run_command(struct fixture *f, const struct verb *verb, void *command)
{
	struct call *c = call_new(f, verb, 0);

	c->task.command = command;
	check_ok(call_once(c));
}

/* The rows of a batch may be asked for before the batch ahead of it is announced: an order is decided by what was asked
 * for, not by the stock that has appeared since. Made or taken from stock, it is sold. */
static void a_stock_appears_between_need_and_act(void **state)
{
	struct fixture *f = *state;
	struct stock_open open = { .by = { STR("test") }, .product_id = STOCKED, .sandbox = true };
	const struct stock_line line = { .code = STR("1234-5678"), .line = 1 };
	struct call *ahead[LIMIT_BATCH];

	catalog_change(f, 1000, stocked_line);
	run_command(f, &verb_stock_open, &open);
	run_command(f, &verb_stock_fill, &(struct stock_fill){ .batch = open.batch, .lines = &line, .count = 1 });
	struct stock_turn turn = { .by = { STR("test") }, .batch = open.batch, .to = STOCK_ACTIVE };
	struct call *place = place_new(f, SANDBOX, STOCKED, "between");
	batch_begin(f);
	for (size_t i = 0; i < ARRAY_LEN(ahead); i++) {
		ahead[i] = call_new(f, i ? &nothing_verb : &verb_stock_turn, 0);
		if (!i)
			ahead[i]->task.command = &turn;
		call_submit(ahead[i]);
	}
	call_submit(place); /* in a batch of its own, right behind */
	batch_end(f);
	calls_wait(f, ARRAY_LEN(ahead) + 1);
	for (size_t i = 0; i < ARRAY_LEN(ahead); i++) {
		check_ok(ahead[i]->task.result);
		call_free(ahead[i]);
	}
	check_ok(place->task.result);
	call_free(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(equal_references_meet_in_a_batch),
		engine_test(equal_keys_meet_in_a_batch),
		engine_test(a_batch_spends_no_more_than_there_is),
		engine_test(the_clock_does_not_go_back),
		engine_test(clocks_refuse_what_they_cannot),
		engine_test(guessed_ids_in_the_same_batch),
		engine_test(an_order_is_cancelled_in_its_own_batch),
		engine_test(poison_fails_alone),
		engine_test(a_second_run_says_nothing_of_the_first),
		engine_test(the_index_follows_batches),
		engine_test(an_order_draws_few_ids),
		engine_test(a_stock_appears_between_need_and_act),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Answers that wait for the end of an order, and the engine when the store or the node's slot is gone. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "base/limits.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

/* A place that waits for the end. */
static struct call *held_new(struct fixture *f, int64_t partner, const char *reference)
{
	struct call *c = place_new(f, partner, PLAIN, reference);

	c->place.auto_confirm = true;
	c->place.hold = true;
	return c;
}

static int64_t parked(struct fixture *f)
{
	struct engine_stats stats;

	calls_settle(f);
	calls_settle(f); /* the count is set once a batch is answered */
	engine_stats(f->engine, &stats);
	return stats.parked;
}

static void submit_held(struct fixture *f, struct call **calls, size_t n, int64_t partner, const char *name)
{
	char reference[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(reference, sizeof(reference), "%s%zu", name, i);
		calls[i] = held_new(f, partner, reference);
		call_submit(calls[i]);
	}
}

static void an_answer_waits_for_the_end(void **state)
{
	struct fixture *f = *state;
	struct call *c = held_new(f, LIVE, "a");

	f->done = 0;
	call_submit(c);
	assert_int_equal(parked(f), 1);
	assert_false(call_is_done(c));
	int64_t id = count_of(f, "SELECT id FROM orders");
	check_ok(report(f, id, OUTCOME_ACCEPTED));
	assert_int_equal(parked(f), 1);
	assert_false(call_is_done(c));
	struct call *result = result_new(f, id, OUTCOME_DELIVERED);
	result->result.operator_reference = STR("theirs");
	check_ok(call_once(result));
	assert_true(call_is_done(c)); /* before the report's own answer */
	check_ok(c->task.result);
	assert_int_equal(c->place.view.order.state, ORDER_COMPLETED);
	check_str(c->place.view.units[0].operator_reference, "theirs");
	assert_true(str_starts(c->place.view.parties, STR("{")));
	assert_int_equal(parked(f), 0);
	call_free(c);
}

static void an_answer_waits_no_longer_than_its_time(void **state)
{
	struct fixture *f = *state;
	struct call *c = held_new(f, LIVE, "a");

	f->done = 0;
	call_submit(c);
	clock_advance(f, SECONDS_US(LIMIT_SYNC_HOLD_SECONDS - 60));
	assert_int_equal(parked(f), 1);
	assert_false(call_is_done(c));
	check_ok(report(f, count_of(f, "SELECT id FROM orders"), OUTCOME_ACCEPTED));
	clock_advance(f, SECONDS_US(61));
	calls_settle(f);
	calls_settle(f); /* the first may have shared the batch that came before the look at the clock */
	assert_true(call_is_done(c));
	check_ok(c->task.result);
	assert_int_equal(c->place.view.order.state, ORDER_SUBMITTED);
	call_free(c);
}

static void what_is_not_bought_does_not_wait(void **state)
{
	struct fixture *f = *state;
	struct call *c = held_new(f, LIVE, "a");

	c->place.auto_confirm = false;
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	check_err(call_once(held_new(f, POOR, "b")), ERR_INSUFFICIENT_FUNDS);

	c = change_new(f, &verb_order_confirm, LIVE, id);
	c->change.hold = true;
	call_submit(c);
	assert_int_equal(parked(f), 1);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(call_run(c), ERR_ALREADY_CONFIRMED); /* a refusal never waits */
	call_free(c);
}

static void a_repeat_joins_the_wait(void **state)
{
	struct fixture *f = *state;
	struct call *calls[3];

	for (size_t i = 0; i < 3; i++) {
		calls[i] = held_new(f, LIVE, "a");
		calls[i]->place.idempotency_key = STR("key");
		call_submit(calls[i]);
	}
	assert_int_equal(parked(f), 3);
	check_ok(report(f, count_of(f, "SELECT id FROM orders"), OUTCOME_DELIVERED));
	for (size_t i = 0; i < 3; i++) {
		assert_true(call_is_done(calls[i]));
		assert_int_equal(calls[i]->place.view.order.state, ORDER_COMPLETED);
		assert_int_equal(calls[i]->place.replayed, i > 0);
		call_free(calls[i]);
	}
}

static size_t count_done(struct call **calls, size_t n)
{
	size_t done = 0;

	for (size_t i = 0; i < n; i++)
		done += call_is_done(calls[i]);
	return done;
}

static void two_thousand_wait_at_once(void **state)
{
	enum { EACH = 700 };
	struct fixture *f = *state;
	static struct call *calls[3][EACH];
	static const int64_t partners[] = { LIVE, OTHER, SANDBOX };

	for (size_t p = 0; p < 3; p++)
		submit_held(f, calls[p], EACH, partners[p], "n");
	assert_int_equal(parked(f), 3 * EACH);
	/* One is released by its result, all the others by the end of the engine. */
	check_ok(report(f, calls[1][7]->place.view.order.id, OUTCOME_DELIVERED));
	assert_int_equal(parked(f), 3 * EACH - 1);
	assert_int_equal(count_done(calls[1], EACH), 1);
	engine_stop(f->engine);
	for (size_t p = 0; p < 3; p++) {
		assert_int_equal(count_done(calls[p], EACH), EACH);
		for (size_t i = 0; i < EACH; i++) {
			check_ok(calls[p][i]->task.result);
			assert_int_equal(calls[p][i]->place.view.order.state,
					 p == 1 && i == 7 ? ORDER_COMPLETED : ORDER_CONFIRMED);
			call_free(calls[p][i]);
		}
	}
}

/* Repeats of one order with one key: each waits, until the partner has its share. */
static void a_partner_has_its_share_of_waits(void **state)
{
	enum { MORE = 50, ALL = LIMIT_PARKED_PER_CREDENTIAL + MORE };
	struct fixture *f = *state;
	static struct call *calls[ALL];

	for (size_t i = 0; i < ALL; i++) {
		calls[i] = held_new(f, LIVE, "a");
		calls[i]->place.idempotency_key = STR("key");
		call_submit(calls[i]);
	}
	assert_int_equal(parked(f), LIMIT_PARKED_PER_CREDENTIAL);
	assert_int_equal(count_done(calls, ALL), MORE);
	struct call *other = held_new(f, OTHER, "b"); /* somebody else still waits */
	call_submit(other);
	assert_int_equal(parked(f), LIMIT_PARKED_PER_CREDENTIAL + 1);
	clock_advance(f, SECONDS_US(LIMIT_SYNC_HOLD_SECONDS + 1));
	calls_settle(f);
	assert_int_equal(parked(f), 0);
	assert_int_equal(count_done(calls, ALL), ALL);
	for (size_t i = 0; i < ALL; i++) {
		check_ok(calls[i]->task.result);
		call_free(calls[i]);
	}
	call_free(other);
}

static void the_engine_holds_only_so_many(void **state)
{
	enum { PARTNERS = 5, EACH = 900, ALL = PARTNERS * EACH };
	struct fixture *f = *state;
	static const int64_t partners[PARTNERS] = { LIVE, OTHER, SANDBOX, LIVE, OTHER };
	static struct call *calls[ALL];
	char key[16];

	/* LIVE and OTHER come twice: up to 1,024 of each wait, 900 of SANDBOX. */
	for (size_t i = 0; i < ALL; i++) {
		snprintf(key, sizeof(key), "k%zu", i / EACH);
		calls[i] = held_new(f, partners[i / EACH], key);
		calls[i]->place.idempotency_key = calls[i]->place.reference;
		call_submit(calls[i]);
		if (i % 2000 == 1999)
			calls_settle(f);
	}
	assert_int_equal(parked(f), 2 * LIMIT_PARKED_PER_CREDENTIAL + EACH);
	engine_stop(f->engine);
	assert_int_equal(count_done(calls, ALL), ALL);
	for (size_t i = 0; i < ALL; i++)
		call_free(calls[i]);
}

/* Somebody else was given the node's slot: nothing may be written any more, and nothing is. */
static void a_node_without_its_slot_stops(void **state)
{
	struct fixture *f = *state;
	struct engine_stats stats;
	struct db *db;

	placed(f, LIVE, TWO_ROUTES, "before", false);
	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_exec(db, "UPDATE nodes SET fence = fence + 1", NULL, 0, NULL));
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "after")), ERR_STORE_UNAVAILABLE);
	engine_stats(f->engine, &stats);
	assert_false(stats.store_ok);
	assert_true(stats.lost);
	assert_int_equal(stats.poisoned, 0);
	/* Not even when the slot looks as if it were ours again. */
	check_ok(db_exec(db, "UPDATE nodes SET fence = fence - 1", NULL, 0, NULL));
	check_err(call_once(place_new(f, LIVE, TWO_ROUTES, "later")), ERR_STORE_UNAVAILABLE);
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), 1);
	db_close(db);
	engine_again(f);
	placed(f, LIVE, TWO_ROUTES, "after", false);
}

/* No byte can be written: what the store says when the disk is full. */
static void a_full_disk_is_told_and_forgotten(void **state)
{
	struct fixture *f = *state;
	struct engine_stats stats;
	struct rlimit before, none;

	if (postgres_server())
		return; /* its disk is not ours to fill */
	signal(SIGXFSZ, SIG_IGN);
	must(!getrlimit(RLIMIT_FSIZE, &before));
	none = (struct rlimit){ .rlim_cur = 1, .rlim_max = before.rlim_max };
	struct call *call = held_new(f, LIVE, "a"), *others[20];
	must(!setrlimit(RLIMIT_FSIZE, &none));
	batch_begin(f);
	submit_held(f, others, ARRAY_LEN(others), LIVE, "b");
	batch_end(f);
	calls_wait(f, ARRAY_LEN(others));
	enum err e = call_run(call);
	must(!setrlimit(RLIMIT_FSIZE, &before));
	check_err(e, ERR_STORE_UNAVAILABLE);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		check_err(others[i]->task.result, ERR_STORE_UNAVAILABLE);
		call_free(others[i]);
	}
	engine_stats(f->engine, &stats);
	assert_false(stats.store_ok);
	assert_false(stats.lost);
	assert_int_equal(stats.poisoned, 0);
	/* The same command, as it stands: nothing was used up. */
	call_submit(call);
	assert_int_equal(parked(f), 1);
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), 1);
	check_ok(report(f, count_of(f, "SELECT id FROM orders"), OUTCOME_DELIVERED));
	assert_true(call_is_done(call));
	check_ok(call->task.result);
	call_free(call);
	engine_stats(f->engine, &stats);
	assert_true(stats.store_ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(an_answer_waits_for_the_end),	engine_test(an_answer_waits_no_longer_than_its_time),
		engine_test(what_is_not_bought_does_not_wait),	engine_test(a_repeat_joins_the_wait),
		engine_test(two_thousand_wait_at_once),		engine_test(a_partner_has_its_share_of_waits),
		engine_test(the_engine_holds_only_so_many),	engine_test(a_node_without_its_slot_stops),
		engine_test(a_full_disk_is_told_and_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

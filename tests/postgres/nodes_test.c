/* Two nodes on one database: two engines, each with a committer, a slot and readers of its own, in one process. */
#include "postgres/node.h"

#include <sched.h>
#include <stdlib.h>

enum { ROUNDS = 8, EACH = 24 };

/* One batch waits behind the gate: partners in turns, wallets of two currencies, references that the other node uses
 * too. */
static void submit_batch(struct fixture *f, struct call **calls, int round, bool is_second)
{
	batch_begin(f);
	for (int i = 0; i < EACH; i++) {
		int n = is_second ? EACH - 1 - i : i;
		char reference[32];

		snprintf(reference, sizeof(reference), "round %d order %d", round, n);
		calls[n] = place_new(f, n % 3 ? LIVE : OTHER, (n + is_second) % 2 ? TWO_ROUTES : PIN, reference);
		call_submit(calls[n]);
	}
}

static int64_t deadlocks(struct fixture *f)
{
	return count_of(f, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()");
}

/* Of two equal references one is an order and the other one hears so: one order, no deadlock, no unique violation,
 * which would show as a batch that is run again, one command a transaction. */
static void two_nodes_take_the_same_references(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	struct call *mine[EACH], *theirs[EACH];
	struct engine_stats before[2], after[2];
	int won[2] = { 0, 0 };

	engine_stats(f->engine, &before[0]);
	engine_stats(other->engine, &before[1]);
	for (int round = 0; round < ROUNDS; round++) {
		submit_batch(f, mine, round, false);
		submit_batch(other, theirs, round, true);
		batch_end(f);
		batch_end(other);
		calls_wait(f, EACH);
		calls_wait(other, EACH);
		for (int i = 0; i < EACH; i++) {
			bool is_mine = mine[i]->task.result == OK;

			check_err(is_mine ? theirs[i]->task.result : mine[i]->task.result, ERR_REFERENCE_USED);
			check_ok(is_mine ? OK : theirs[i]->task.result);
			won[is_mine ? 0 : 1]++;
			call_free(mine[i]);
			call_free(theirs[i]);
		}
	}
	engine_stats(f->engine, &after[0]);
	engine_stats(other->engine, &after[1]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(after[i].poisoned, 0);
		assert_true(after[i].commits - before[i].commits <= 3 * ROUNDS);
	}
	assert_int_equal(won[0] + won[1], ROUNDS * EACH);
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), ROUNDS * EACH);
	assert_int_equal(deadlocks(f), 0);
	node_close(other);
}

static int64_t slot_of(int64_t id)
{
	return id >> 7 & 31;
}

/* Orders of two nodes never have an id in common, and a slot that was given back is used again. */
static void nodes_have_slots_of_their_own(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	int64_t first = placed(f, LIVE, TWO_ROUTES, "first", false);
	int64_t second = placed(other, LIVE, TWO_ROUTES, "second", false);

	assert_int_equal(slot_of(first), 0);
	assert_int_equal(slot_of(second), 1);
	node_close(other);
	other = node_open(f);
	assert_int_equal(slot_of(placed(other, LIVE, TWO_ROUTES, "third", false)), 1);
	/* What one node made the other one changes. */
	check_ok(call_once(change_new(other, &verb_order_cancel, LIVE, first)));
	check_err(call_once(change_new(f, &verb_order_cancel, LIVE, first)), ERR_ALREADY_CANCELLED);
	node_close(other);
}

/* The server ends every session, at any moment of a batch: each order that was accepted is there, each that was refused
 * is not or is told of when it is asked for again, and the books agree (engine_teardown). */
static void a_lost_connection_is_survived(void **state)
{
	struct fixture *f = *state;
	struct call *calls[EACH];

	for (int round = 0; round < ROUNDS; round++) {
		submit_batch(f, calls, round, false);
		batch_end(f);
		postgres_admin(postgres_server(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
						  "WHERE application_name = 'bodega' AND datname LIKE 'test_%'");
		calls_wait(f, EACH);
		for (int i = 0; i < EACH; i++) {
			enum err e = calls[i]->task.result;
			struct call *again = place_new(f, i % 3 ? LIVE : OTHER, i % 2 ? TWO_ROUTES : PIN, "");

			again->place.reference = arena_str(&again->arena, calls[i]->place.reference);
			if (e)
				check_err(e, ERR_STORE_UNAVAILABLE);
			enum err second = call_run(again);
			if (e == OK || second)
				check_err(second, ERR_REFERENCE_USED);
			call_free(again);
			call_free(calls[i]);
		}
	}
	assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), ROUNDS * EACH);
}

/* COMMITs are on the disk but are not answered: they wait for a standby that does not exist. */
static void answer_no_commit(bool yes)
{
	postgres_admin(postgres_server(), yes ? "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
					      : "ALTER SYSTEM RESET synchronous_standby_names");
	postgres_admin(postgres_server(), "SELECT pg_reload_conf()");
}

/* Places orders until one of them waits for the answer to its COMMIT; earlier ones may have been faster than the
 * server's setting. Returns how many were placed before it. */
static int place_unanswered(struct fixture *f, int round, struct call **ret)
{
	const char *waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
	char reference[32];

	for (int i = 0;; i++) {
		snprintf(reference, sizeof(reference), "unanswered %d %d", round, i);
		*ret = place_new(f, LIVE, TWO_ROUTES, reference);
		call_submit(*ret);
		while (!call_is_done(*ret) && count_of(f, waiting) == 0)
			sched_yield();
		if (!call_is_done(*ret))
			return i;
		call_free(*ret);
	}
}

/* The connection goes, or the whole server, while the COMMIT that happened is not answered: the node asks what became
 * of it, and the buyer hears that there is an order. */
static void a_lost_answer_is_asked_for(void **state)
{
	const char *folder = getenv("BODEGA_TEST_POSTGRES_FOLDER");
	struct fixture *f = *state;
	struct engine_stats stats;
	struct call *call;
	char command[256];

	if (!folder)
		return; /* the server is not ours to set and to crash */
	for (int crash = 0; crash < 2; crash++) {
		struct call *repeat;
		int64_t before = count_of(f, "SELECT count(*) FROM orders");

		answer_no_commit(true);
		int placed_before = place_unanswered(f, crash, &call);
		if (crash) {
			snprintf(command, sizeof(command), "%s restart %s", getenv("BODEGA_TEST_POSTGRES_SCRIPT"),
				 folder);
			assert_int_equal(system(command), 0);
		} else {
			postgres_admin(postgres_server(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
							  "WHERE wait_event = 'SyncRep'");
		}
		answer_no_commit(false);
		while (!call_is_done(call))
			sched_yield();
		/* A server that takes longer to come back leaves the buyer in doubt, but not the store. */
		if (call->task.result || !crash)
			check_err(call->task.result, crash ? ERR_STORE_UNAVAILABLE : OK);
		repeat = place_new(f, LIVE, TWO_ROUTES, "");
		repeat->place.reference = arena_str(&repeat->arena, call->place.reference);
		enum err e = ERR_STORE_UNAVAILABLE;
		while (e == ERR_STORE_UNAVAILABLE)
			e = call_run(repeat);
		check_err(e, ERR_REFERENCE_USED);
		assert_int_equal(count_of(f, "SELECT count(*) FROM orders"), before + placed_before + 1);
		engine_stats(f->engine, &stats);
		assert_false(stats.lost);
		assert_int_equal(stats.poisoned, 0);
		call_free(repeat);
		call_free(call);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(two_nodes_take_the_same_references),
		engine_test(nodes_have_slots_of_their_own),
		engine_test(a_lost_connection_is_survived),
		engine_test(a_lost_answer_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

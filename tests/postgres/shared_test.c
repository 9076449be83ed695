/* What nodes on one store know of each other: the ends of orders, changes of what they keep in memory, and the jobs of
 * who is gone. Each waits for what must come; the test's own time limit is the only clock. */
#include "postgres/node.h"

#include "base/clock.h"
#include "core/catalog_query.h"
#include "service/order_admin.h"
#include "service/order_index.h"
#include "service/partner.h"

#include <libpq-fe.h>
#include <sched.h>
#include <stdatomic.h>

static void run_sql(struct fixture *f, const char *sql)
{
	postgres_admin(f->path, sql);
}

static struct call *claim_new(struct fixture *f)
{
	struct call *c = call_new(f, &verb_jobs_claim, 0);

	c->claim = (struct jobs_claim){ .from_due = INT64_MIN, .most = 100 };
	return c;
}

/* How many jobs the node takes over now. */
static size_t claimed(struct fixture *f, bool *ret_left)
{
	struct call *c = claim_new(f);

	check_ok(call_run(c));
	size_t n = c->claim.count;
	if (ret_left)
		*ret_left = c->claim.left;
	call_free(c);
	return n;
}

/* An answer parked at one node is given when another one ends its order. */
static void an_end_elsewhere_is_heard_of(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	struct call *c = place_new(f, LIVE, PLAIN, "held");

	c->place.auto_confirm = c->place.hold = true;
	call_submit(c);
	while (count_of(f, "SELECT count(*) FROM orders") == 0)
		sched_yield();
	int64_t id = count_of(f, "SELECT id FROM orders");
	check_ok(report(other, id, OUTCOME_ACCEPTED));
	assert_false(call_is_done(c));
	check_ok(report(other, id, OUTCOME_DELIVERED));
	while (!call_is_done(c))
		sched_yield();
	check_ok(c->task.result);
	assert_int_equal(c->place.view.order.state, ORDER_COMPLETED);
	assert_int_equal(c->place.view.units[0].state, UNIT_DELIVERED);
	call_free(c);
	node_close(other);
}

/* What a session that listens has been sent. */
static int notified(PGconn *listener)
{
	PGnotify *one;
	int count = 0;

	PQclear(PQexec(listener, "SELECT 1"));
	for (; (one = PQnotifies(listener)); PQfreemem(one))
		count++;
	return count;
}

/* However many of its orders have somebody waiting elsewhere. */
static void a_batch_notifies_once(void **state)
{
	enum { ENDED = 8 };
	struct fixture *f = *state, *other = node_open(f);
	PGconn *listener = PQconnectdb(f->path);
	struct call *calls[ENDED];
	int count;

	for (int i = 0; i < ENDED; i++) {
		char reference[] = { 'r', (char)('0' + i), 0 };

		calls[i] = change_new(other, &verb_order_cancel, LIVE, placed(f, LIVE, TWO_ROUTES, reference, false));
	}
	assert_int_equal(PQstatus(listener), CONNECTION_OK);
	PQclear(PQexec(listener, "LISTEN bodega"));
	batch_begin(other);
	for (int i = 0; i < ENDED; i++)
		call_submit(calls[i]);
	batch_end(other);
	calls_wait(other, ENDED);
	while (!(count = notified(listener)))
		sched_yield();
	assert_int_equal(count, 1);
	for (int i = 0; i < ENDED; i++) {
		check_ok(calls[i]->task.result);
		call_free(calls[i]);
	}
	PQfinish(listener);
	node_close(other);
}

static bool partner_is_active(struct fixture *f, int64_t id)
{
	const struct directory *d = engine_directory(f->engine);
	bool active = directory_partner(d, id)->active;

	directory_release(d);
	return active;
}

static void changes_are_heard_of(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	struct call *c = call_new(other, &verb_partner_change, 0);
	struct partner_change change = { .by = { STR("test") }, .id = LIVE };

	assert_true(partner_is_active(f, LIVE));
	change.fields.set = PARTNER_ACTIVE;
	change.fields.active = false;
	c->task.command = &change;
	check_ok(call_once(c));
	assert_false(partner_is_active(other, LIVE));
	while (partner_is_active(f, LIVE))
		sched_yield();
	clock_advance(other, SECONDS_US(3600));
	int64_t ahead_us = engine_now_us(other->engine) - SECONDS_US(60);
	while (engine_now_us(f->engine) < ahead_us)
		sched_yield();
	node_close(other);
}

static bool has_product(struct fixture *f, int64_t id)
{
	const struct catalog *catalog = engine_catalog(f->engine);
	bool has = catalog_product(catalog, CATALOG_ALL_LISTS, id);

	catalog_release(catalog);
	return has;
}

/* Nobody notifies of this import: it is found by looking. */
static void a_new_catalogue_is_found(void **state)
{
	struct fixture *f = *state, *other = node_open(f);

	assert_false(has_product(f, 20));
	catalog_change(other, 1000,
		       "{\"kind\":\"product\",\"id\":20,\"name\":\"New\",\"service\":1,\"operator\":1,"
		       "\"type\":\"FIXED_VALUE_RECHARGE\",\"required\":{\"credit_party\":[[\"mobile_number\"]]},"
		       "\"zones\":[\"DOMESTIC\"],\"source\":{\"unit\":\"EUR\",\"amount\":1},"
		       "\"destination\":{\"unit\":\"SGD\",\"amount\":8},"
		       "\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":1}}}}");
	assert_true(has_product(other, 20));
	while (!has_product(f, 20))
		sched_yield();
	node_close(other);
}

/* The jobs of a node that has left are the next one's at once, under a new fence; those of one that lives are not. */
static void jobs_of_who_left_are_taken_over(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	int64_t id = placed(other, LIVE, TWO_ROUTES, "a", true);
	struct job before, after;

	placed(other, OTHER, TWO_ROUTES, "b", false);
	assert_true(find_job(f, id, JOB_FULFIL, &before));
	assert_int_equal(before.owner, engine_node(other->engine));
	assert_int_equal(claimed(f, NULL), 0);
	struct call *late = result_new(f, id, OUTCOME_DELIVERED);
	node_close(other);
	assert_int_equal(claimed(f, NULL), 2);
	assert_true(find_job(f, id, JOB_FULFIL, &after));
	assert_int_equal(after.owner, engine_node(f->engine));
	assert_int_equal(after.fence, before.fence + 1);
	check_err(call_once(late), ERR_CONFLICT);
	assert_int_equal(order_now(f, id).state, ORDER_CONFIRMED);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_int_equal(claimed(f, NULL), 0);
}

static bool is_live(struct fixture *f, const struct job *job)
{
	struct call *c = call_new(f, &verb_purchase_get, LIVE);

	c->purchase.job = *job;
	check_ok(call_run(c));
	bool live = c->purchase.live;
	call_free(c);
	return live;
}

/* A node whose lease ran out while it stood still: nobody buys with a job as it was before it was taken over, and what
 * the former owner reports, or is about to send, is refused. */
static void who_stood_still_has_lost_its_jobs(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	int64_t id = placed(other, LIVE, TWO_ROUTES, "a", true);
	struct call *sending = call_new(other, &verb_attempt_sending, LIVE);

	assert_true(find_job(f, id, JOB_FULFIL, &sending->sending.job));
	sending->sending.attempt = 1;
	assert_true(is_live(f, &sending->sending.job));
	run_sql(f, "UPDATE nodes SET lease_until = 1 WHERE slot = 1");
	size_t n = claimed(f, NULL);
	assert_int_equal(n, 1);
	assert_false(is_live(f, &sending->sending.job)); /* read from the store */
	check_err(call_once(sending), ERR_CONFLICT);
	check_err(report(other, id, OUTCOME_ACCEPTED), OK); /* of the job as it is now */
	assert_int_equal(attempt_now(f, id, 1).state, ATTEMPT_ACCEPTED);
	node_close(other);
}

/* Whose partner somebody is writing is left for later, and that is said. */
static void the_jobs_of_a_locked_partner_wait(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	struct db *writer;
	bool left;

	placed(other, LIVE, TWO_ROUTES, "a", true);
	placed(other, OTHER, TWO_ROUTES, "b", true);
	node_close(other);
	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &writer));
	check_ok(db_begin(writer));
	check_ok(db_exec(writer, "UPDATE counters SET version = version WHERE partner_id = 11", NULL, 0,
			 &(int64_t){ 0 }));
	assert_int_equal(claimed(f, &left), 1);
	assert_true(left);
	db_rollback(writer);
	assert_int_equal(claimed(f, &left), 1);
	assert_false(left);
	db_close(writer);
}

/* Two take over at once: each job is one node's. */
static void a_job_is_taken_over_once(void **state)
{
	struct fixture *f = *state, *second = node_open(f), *gone = node_open(f);
	char reference[16];
	size_t mine = 0, theirs = 0;

	for (int i = 0; i < 40; i++) {
		snprintf(reference, sizeof(reference), "order %d", i);
		placed(gone, i % 2 ? LIVE : OTHER, TWO_ROUTES, reference, true);
	}
	node_close(gone);
	while (mine + theirs < 40) {
		struct call *a = claim_new(f), *b = claim_new(second);

		a->claim.most = b->claim.most = 7;
		call_submit(a);
		check_ok(call_run(b));
		while (!call_is_done(a))
			sched_yield();
		check_ok(a->task.result);
		mine += a->claim.count;
		theirs += b->claim.count;
		call_free(a);
		call_free(b);
	}
	assert_int_equal(mine + theirs, 40);
	assert_int_equal(count_of(f, "SELECT count(*) FROM jobs WHERE fence = 1"), 40);
	node_close(second);
}

/* What an operator does at one node with a job of another one makes it that node's. */
static void a_retry_takes_the_job(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	int64_t id = placed(f, LIVE, TWO_ROUTES, "a", true);
	struct order_retry retry = { .by = { STR("test") }, .order_id = id };
	struct call *c = call_new(other, &verb_order_retry, 0);
	struct call *late = result_new(f, id, OUTCOME_REFUSED);
	struct job job;

	c->task.command = &retry;
	check_ok(call_once(c));
	assert_true(find_job(f, id, JOB_FULFIL, &job));
	assert_int_equal(job.owner, engine_node(other->engine));
	assert_int_equal(job.fence, 1);
	check_err(call_once(late), ERR_CONFLICT);
	node_close(other);
}

static int64_t listed(struct fixture *f)
{
	struct call *c = call_new(f, &verb_order_list, LIVE);

	c->list = (struct order_list){
		.dialect = DIALECT_DVS, .page = 1, .per_page = 100, .states = 1u << ORDER_CREATED
	};
	check_ok(call_run(c));
	int64_t total = c->list.total;
	call_free(c);
	return total;
}

/* Whether the node's index in memory, asked alone, has so many of the partner's orders in that state. */
static void check_indexed(struct fixture *f, enum order_state state, int64_t count)
{
	struct order_filter filter = { .end = INT64_MAX, .states = 1u << state };
	struct order_matches matches = { 0 };

	assert_true(order_index_find(engine_order_index(f->engine), LIVE, &filter, &matches));
	assert_int_equal(matches.total, count);
}

/* A list has what another node has written a moment ago, new orders and changes, and the index has it from then on. */
static void lists_have_what_others_wrote(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, TWO_ROUTES, "a", false);

	assert_int_equal(listed(f), 1);
	struct fixture *other = node_open(f);
	check_indexed(other, ORDER_CREATED, 1);
	placed(other, LIVE, TWO_ROUTES, "b", false);
	assert_int_equal(listed(f), 2);
	check_indexed(f, ORDER_CREATED, 2);
	assert_int_equal(listed(other), 2);
	check_ok(call_once(change_new(other, &verb_order_cancel, LIVE, id)));
	assert_int_equal(listed(f), 1);
	check_indexed(f, ORDER_CREATED, 1);
	check_indexed(f, ORDER_CANCELLED, 1);
	placed(f, LIVE, TWO_ROUTES, "c", false);
	assert_int_equal(listed(other), 2);
	check_indexed(other, ORDER_CREATED, 2);
	node_close(other);
	/* Whoever takes the free slot writes as somebody else. */
	other = node_open(f);
	placed(other, LIVE, TWO_ROUTES, "d", false);
	assert_int_equal(listed(f), 3);
	node_close(other);
}

/* Nobody asks for a list, and the watch brings what another node writes all the same. */
static void the_index_follows_by_itself(void **state)
{
	struct fixture *f = *state, *other = node_open(f);
	struct order_filter filter = { .end = INT64_MAX };
	struct order_matches matches;

	placed(other, LIVE, TWO_ROUTES, "a", false);
	do {
		matches = (struct order_matches){ 0 };
		assert_true(order_index_find(engine_order_index(f->engine), LIVE, &filter, &matches));
		sched_yield();
	} while (!matches.total);
	node_close(other);
}

struct seen {
	int64_t ids[2048];
	size_t count;
};

static void id_shown(void *arg, int64_t id)
{
	struct seen *seen = arg;

	seen->ids[seen->count++] = id;
}

enum { ROUNDS = 24, EACH = 50 };

/* Fifty orders at one node; all but the first are cancelled at the other one, where their end is known before their
 * beginning. */
static void write_round(struct fixture *here, struct fixture *there, int round)
{
	struct call *calls[EACH];
	int64_t ids[EACH];
	char reference[32];

	batch_begin(here);
	for (int i = 0; i < EACH; i++) {
		snprintf(reference, sizeof(reference), "round %d order %d", round, i);
		calls[i] = place_new(here, LIVE, TWO_ROUTES, reference);
		calls[i]->place.auto_confirm = false;
		call_submit(calls[i]);
	}
	batch_end(here);
	calls_wait(here, EACH);
	for (int i = 0; i < EACH; i++) {
		check_ok(calls[i]->task.result);
		ids[i] = calls[i]->place.view.order.id;
		call_free(calls[i]);
	}
	batch_begin(there);
	for (int i = 1; i < EACH; i++)
		call_submit(calls[i] = change_new(there, &verb_order_cancel, LIVE, ids[i]));
	batch_end(there);
	calls_wait(there, EACH - 1);
	for (int i = 1; i < EACH; i++) {
		check_ok(calls[i]->task.result);
		call_free(calls[i]);
	}
}

/* Two nodes write for one partner in turns: what the other one has written belongs between one's own, in more than one
 * chunk, and no state of an order is ever replaced by an earlier one. */
static void orders_of_two_nodes_are_in_order(void **state)
{
	struct fixture *f = *state, *nodes[2] = { f, node_open(f) };
	const struct order_filter everything = { .end = INT64_MAX };
	struct seen *seen = calloc(1, sizeof(*seen));

	must(seen);
	for (int round = 0; round < ROUNDS; round++)
		write_round(nodes[round % 2], nodes[1 - round % 2], round);
	for (int n = 0; n < 2; n++) {
		struct order_matches matches = { .take = ROUNDS * EACH, .show = id_shown, .arg = seen };

		assert_int_equal(listed(nodes[n]), ROUNDS);
		check_indexed(nodes[n], ORDER_CANCELLED, ROUNDS * (EACH - 1));
		seen->count = 0;
		assert_true(order_index_find(engine_order_index(nodes[n]->engine), LIVE, &everything, &matches));
		assert_int_equal(matches.total, ROUNDS * EACH);
		for (size_t i = 1; i < seen->count; i++)
			assert_true(seen->ids[i - 1] > seen->ids[i]);
	}
	free(seen);
	node_close(nodes[1]);
}

static void count_orphans(void *arg)
{
	atomic_fetch_add((_Atomic(int) *)arg, 1);
}

/* Nodes know how many they are, and who is told that one is gone takes over. */
static void nodes_come_and_go(void **state)
{
	struct fixture *f = *state;
	_Atomic(int) orphans = 0;

	f->options.on_orphans = count_orphans;
	f->options.on_orphans_arg = &orphans;
	engine_again(f);
	struct fixture *other = node_open(f);
	while (engine_nodes(f->engine) != 2 || engine_nodes(other->engine) != 2)
		sched_yield();
	assert_int_equal(atomic_load(&orphans), 0);
	node_close(other);
	while (atomic_load(&orphans) == 0)
		sched_yield();
	assert_int_equal(engine_nodes(f->engine), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(a_batch_notifies_once),
		engine_test(an_end_elsewhere_is_heard_of),
		engine_test(changes_are_heard_of),
		engine_test(a_new_catalogue_is_found),
		engine_test(jobs_of_who_left_are_taken_over),
		engine_test(who_stood_still_has_lost_its_jobs),
		engine_test(the_jobs_of_a_locked_partner_wait),
		engine_test(a_job_is_taken_over_once),
		engine_test(a_retry_takes_the_job),
		engine_test(lists_have_what_others_wrote),
		engine_test(the_index_follows_by_itself),
		engine_test(orders_of_two_nodes_are_in_order),
		engine_test(nodes_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

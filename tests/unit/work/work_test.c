/* Buying and expiring: what was sent, what was committed, and what happens when something is away. */
#include "work/work.h"

#include "base/clock.h"
#include "fake_supplier.h"
#include "fixture.h"

/* One supplier "fake" and one "other", both in hand. */
struct shop {
	struct fixture *f;
	struct fake_supplier fake, other;
	struct supplier *list[2];
};

static void shop_init(struct shop *s, unsigned can)
{
	s->f = fixture_new();
	fake_supplier_init(&s->fake, "fake", can);
	fake_supplier_init(&s->other, "other", can);
	s->list[0] = &s->fake.supplier;
	s->list[1] = &s->other.supplier;
}

static void shop_open(struct shop *s)
{
	struct work_options options = fixture_options(s->f);

	options.suppliers = s->list;
	options.supplier_count = 2;
	rows_show(s->f);
	fixture_start(s->f, &options);
}

static const struct supplier_answer delivered = { .outcome = SUPPLIER_DELIVERED,
						  .delivery = { "{\"code\":\"1\"}", 12 } };
static const struct supplier_answer unknown = { .outcome = SUPPLIER_UNKNOWN };

/* Lets the work finish every step that it has begun: a job told now, to the end of its own steps, is behind them all.
 */
static void settle(struct shop *s, int id)
{
	struct row *r = row_add(s->f, id, JOB_FULFIL, 0);

	r->attempt.supplier = STR("other");
	row_tell(s->f, r);
	row_await_results(s->f, r, 1);
}

static void buys_what_is_there_and_what_comes(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	struct row *first = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	row_await_results(s.f, first, 1);
	struct row *second = row_add(s.f, 2, JOB_FULFIL, 0);
	row_tell(s.f, second);
	row_await_results(s.f, second, 1);
	assert_int_equal(row_look(s.f, first).outcome, OUTCOME_DELIVERED);
	assert_string_equal(row_look(s.f, second).delivery, "{\"code\":\"1\"}");
	work_stop(s.f->work);
	assert_int_equal(s.fake.calls, 2);
	struct work_stats stats;
	work_stats(s.f->work, &stats);
	assert_int_equal(stats.fulfilled, 2);
	assert_int_equal(stats.jobs_in_memory, 0);
	fixture_free(s.f);
}

static void does_nothing_before_its_time(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	struct row *late = row_add(s.f, 1, JOB_FULFIL, 1000001), *early = row_add(s.f, 2, JOB_FULFIL, 1000000),
		   *expire = row_add(s.f, 3, JOB_EXPIRE, 3600000000);
	shop_open(&s);
	clock_to(s.f, s.f->now_us + 1000000);
	row_await_results(s.f, early, 1);
	assert_int_equal(row_look(s.f, late).reads, 0);
	clock_to(s.f, s.f->now_us + 1);
	row_await_results(s.f, late, 1);
	assert_int_equal(row_look(s.f, expire).results, 0);
	/* Far beyond what is kept in memory, and still at its time. */
	clock_to(s.f, s.f->now_us + 3600000000);
	row_await_results(s.f, expire, 1);
	fixture_free(s.f);
}

static void silence_is_queried_and_never_bought_again(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, unknown);
	fake_says(&s.fake, unknown);
	fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_ACCEPTED });
	fake_says(&s.fake, delivered);
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	r->routes = 2;
	shop_open(&s);
	for (int i = 1; i <= 3; i++) {
		row_await_results(s.f, r, i);
		struct row now = row_look(s.f, r);

		assert_int_equal(now.outcome, i == 3 ? OUTCOME_ACCEPTED : OUTCOME_UNKNOWN);
		assert_true(now.next_due_us > s.f->now_us);
		clock_to(s.f, now.next_due_us);
	}
	row_await_results(s.f, r, 4);
	assert_int_equal(row_look(s.f, r).outcome, OUTCOME_DELIVERED);
	work_stop(s.f->work);
	assert_string_equal(s.fake.log, "s1q1q1q1");
	assert_int_equal(s.other.calls, 0);
	fixture_free(s.f);
}

static void a_refusal_tries_the_next_route(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_REFUSED, .reason = REASON_EXCEPTION });
	fake_says(&s.other, (struct supplier_answer){ .outcome = SUPPLIER_REFUSED, .reason = REASON_DUPLICATED });
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	r->routes = 2;
	shop_open(&s);
	row_await_results(s.f, r, 2);
	assert_int_equal(row_look(s.f, r).reason, REASON_DUPLICATED);
	work_stop(s.f->work);
	assert_string_equal(s.fake.log, "s1");
	assert_string_equal(s.other.log, "s2");
	fixture_free(s.f);
}

static void what_never_arrived_is_sent_again_only_where_that_is_safe(void **state)
{
	(void)state;
	for (unsigned can = 0; can <= SUPPLIER_KNOWS_REFERENCE; can++) {
		struct shop s;

		shop_init(&s, can);
		fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_ABSENT });
		fake_says(&s.fake, delivered);
		struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
		r->attempt.state = ATTEMPT_UNKNOWN;
		shop_open(&s);
		row_await_results(s.f, r, 1);
		assert_int_equal(row_look(s.f, r).outcome, can ? OUTCOME_DELIVERED : OUTCOME_UNKNOWN);
		work_stop(s.f->work);
		assert_string_equal(s.fake.log, can ? "q1s1" : "q1");
		fixture_free(s.f);
	}
}

/* Where a repetition would not be recognised, SENT is committed before the first byte, and whoever finds SENT after a
 * crash asks instead of sending. */
static void a_crash_after_sending_is_queried(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, 0);
	fake_says(&s.fake, delivered);
	s.fake.hold = true;
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	fake_await_held(&s.fake);
	assert_int_equal(row_look(s.f, r).attempt.state, ATTEMPT_SENT);
	s.fake.held->done(s.fake.held);
	row_await_results(s.f, r, 1);
	work_stop(s.f->work);
	fixture_free(s.f);

	for (int state_found = ATTEMPT_SENT; state_found <= ATTEMPT_ACCEPTED; state_found++) {
		shop_init(&s, 0);
		fake_says(&s.fake, delivered);
		r = row_add(s.f, 1, JOB_FULFIL, 0);
		r->attempt.state = state_found;
		shop_open(&s);
		row_await_results(s.f, r, 1);
		work_stop(s.f->work);
		assert_string_equal(s.fake.log, "q1");
		fixture_free(s.f);
	}
}

static void a_short_wait_leaves_no_trace(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_WAIT, .next_us = s.f->now_us + 3000000 });
	fake_says(&s.fake, delivered);
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0), *other = row_add(s.f, 2, JOB_FULFIL, 2999999);
	shop_open(&s);
	row_await_reads(s.f, r, 1);
	clock_to(s.f, s.f->now_us + 2999999);
	row_await_results(s.f, other, 1);
	assert_int_equal(row_look(s.f, r).reads, 1);
	clock_to(s.f, s.f->now_us + 1);
	row_await_results(s.f, r, 1);
	assert_int_equal(row_look(s.f, r).outcome, OUTCOME_DELIVERED);
	fixture_free(s.f);
	/* A long one is a row's. */
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	int64_t far_us = s.f->now_us + 700000000;
	fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_WAIT, .next_us = far_us });
	r = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	row_await_results(s.f, r, 1);
	assert_int_equal(row_look(s.f, r).outcome, OUTCOME_ACCEPTED);
	assert_int_equal(row_look(s.f, r).next_due_us, far_us);
	fixture_free(s.f);
}

/* Nothing left: try again for two minutes, then take another route. But an attempt that is older than this process may
 * have been sent by the one before. */
static void an_unreachable_supplier(void **state)
{
	(void)state;
	for (int old = 0; old <= 1; old++) {
		struct shop s;

		shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
		fake_says(&s.fake, (struct supplier_answer){ .outcome = SUPPLIER_UNREACHABLE });
		fake_says(&s.other, delivered);
		struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
		r->attempt.created_at -= old;
		shop_open(&s);
		row_await_reads(s.f, r, 1);
		settle(&s, 2);
		clock_to(s.f, s.f->now_us + 60000000);
		row_await_reads(s.f, r, 2);
		settle(&s, 3);
		assert_int_equal(row_look(s.f, r).results, 0);
		clock_to(s.f, s.f->now_us + 60000000);
		row_await_results(s.f, r, 1);
		assert_int_equal(row_look(s.f, r).outcome, old ? OUTCOME_UNKNOWN : OUTCOME_REFUSED);
		assert_int_equal(row_look(s.f, r).reason, old ? REASON_NONE : REASON_OPERATOR_UNAVAILABLE);
		fixture_free(s.f);
	}
}

static void full_queues_and_a_store_that_is_away_lose_nothing(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	struct row *first = row_add(s.f, 9, JOB_EXPIRE, 0);
	shop_open(&s);
	row_await_results(s.f, first, 1);
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0), *expire = row_add(s.f, 2, JOB_EXPIRE, 0);
	pthread_mutex_lock(&s.f->lock);
	s.f->refuse = 3;
	s.f->fail = 2;
	pthread_mutex_unlock(&s.f->lock);
	row_tell(s.f, r);
	row_tell(s.f, expire);
	row_await_results(s.f, r, 1);
	row_await_results(s.f, expire, 1);
	assert_int_equal(row_look(s.f, r).outcome, OUTCOME_DELIVERED);
	work_stop(s.f->work);
	assert_string_equal(s.fake.log, "s1");
	fixture_free(s.f);
}

static void a_job_taken_over_is_dropped(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	s.fake.hold = true;
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	fake_await_held(&s.fake);
	pthread_mutex_lock(&s.f->lock);
	r->job.fence++;
	pthread_mutex_unlock(&s.f->lock);
	pthread_mutex_lock(&s.fake.lock);
	s.fake.hold = false;
	pthread_mutex_unlock(&s.fake.lock);
	s.fake.held->done(s.fake.held);
	struct row *next = row_add(s.f, 2, JOB_FULFIL, 0);
	row_tell(s.f, next);
	row_await_results(s.f, next, 1);
	assert_int_equal(row_look(s.f, r).results, 0);
	work_stop(s.f->work);
	fixture_free(s.f);
}

static void memory_holds_few_and_all_are_done(void **state)
{
	enum { N = 200 };
	struct shop s;
	struct work_stats stats;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	for (int i = 1; i <= N; i++)
		row_add(s.f, i, JOB_FULFIL, 60000000 + i * 1000000);
	struct row *due = row_add(s.f, N + 1, JOB_FULFIL, 0);
	struct work_options options = fixture_options(s.f);
	options.suppliers = s.list;
	options.supplier_count = 2;
	options.jobs_in_memory = 20;
	rows_show(s.f);
	fixture_start(s.f, &options);
	row_await_results(s.f, due, 1);
	/* What is told is not taken in either, and is still done in its time. */
	struct row *told = row_add(s.f, N + 2, JOB_FULFIL, 250000000);
	row_tell(s.f, told);
	due = row_add(s.f, N + 3, JOB_FULFIL, 0);
	row_tell(s.f, due);
	row_await_results(s.f, due, 1);
	work_stats(s.f->work, &stats);
	assert_true(stats.jobs_in_memory <= 21);
	for (int i = 1; i <= N; i += 10) {
		clock_to(s.f, s.f->rows[i].job.due_at);
		row_await_results(s.f, &s.f->rows[i], 1);
	}
	clock_to(s.f, s.f->now_us + 1000000000);
	for (int i = 1; i <= N + 2; i++)
		row_await_results(s.f, &s.f->rows[i], 1);
	work_stop(s.f->work);
	assert_int_equal(s.fake.calls, N + 3);
	fixture_free(s.f);
}

static void what_memory_lost_is_found_again(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	struct row *first = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	row_await_results(s.f, first, 1);
	struct row *lost = row_add(s.f, 2, JOB_FULFIL, 0); /* nobody is told */
	rows_show(s.f);
	clock_to(s.f, s.f->now_us + 10000000);
	row_await_results(s.f, lost, 1);
	fixture_free(s.f);
}

static void *stopping(void *work)
{
	work_stop(work);
	return NULL;
}

static void stopping_waits_for_what_is_under_way(void **state)
{
	struct shop s;
	pthread_t thread;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.fake, delivered);
	s.fake.hold = true;
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	shop_open(&s);
	fake_await_held(&s.fake);
	assert_int_equal(pthread_create(&thread, NULL, stopping, s.f->work), 0);
	s.fake.held->done(s.fake.held);
	pthread_join(thread, NULL);
	assert_int_equal(row_look(s.f, r).outcome, OUTCOME_DELIVERED);
	fixture_free(s.f);
}

static void a_route_without_a_supplier(void **state)
{
	struct shop s;

	(void)state;
	shop_init(&s, SUPPLIER_KNOWS_REFERENCE);
	fake_says(&s.other, delivered);
	struct row *r = row_add(s.f, 1, JOB_FULFIL, 0);
	r->attempt.supplier = STR("nobody");
	shop_open(&s);
	row_await_results(s.f, r, 1);
	assert_int_equal(row_look(s.f, r).reason, REASON_NO_ROUTE);
	/* But what was sent to it may have been bought. */
	struct row *sent = row_add(s.f, 2, JOB_FULFIL, 0), *next = row_add(s.f, 3, JOB_FULFIL, 0);
	sent->attempt.supplier = STR("nobody");
	sent->attempt.state = ATTEMPT_SENT;
	next->attempt.supplier = STR("other");
	row_tell(s.f, sent);
	row_await_reads(s.f, sent, 1);
	row_tell(s.f, next);
	row_await_results(s.f, next, 1);
	assert_int_equal(row_look(s.f, sent).results, 0);
	fixture_free(s.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buys_what_is_there_and_what_comes),
		cmocka_unit_test(does_nothing_before_its_time),
		cmocka_unit_test(silence_is_queried_and_never_bought_again),
		cmocka_unit_test(a_refusal_tries_the_next_route),
		cmocka_unit_test(what_never_arrived_is_sent_again_only_where_that_is_safe),
		cmocka_unit_test(a_crash_after_sending_is_queried),
		cmocka_unit_test(a_short_wait_leaves_no_trace),
		cmocka_unit_test(an_unreachable_supplier),
		cmocka_unit_test(full_queues_and_a_store_that_is_away_lose_nothing),
		cmocka_unit_test(a_job_taken_over_is_dropped),
		cmocka_unit_test(memory_holds_few_and_all_are_done),
		cmocka_unit_test(what_memory_lost_is_found_again),
		cmocka_unit_test(stopping_waits_for_what_is_under_way),
		cmocka_unit_test(a_route_without_a_supplier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "work/jobs.h"

#include "support/test.h"

static struct job job_of(int64_t id, int kind, int64_t due_us)
{
	return (struct job){ .id = id, .kind = kind, .due_at = due_us };
}

static void put(struct jobs *s, int64_t id, int kind, int64_t due_us)
{
	struct job job = job_of(id, kind, due_us);

	jobs_put(s, &job);
}

static int64_t take(struct jobs *s, int kind, int64_t now_us)
{
	struct job_node *node = jobs_take(s, kind, now_us);

	if (!node)
		return 0;
	int64_t id = node->job.id;
	jobs_finish(s, node);
	return id;
}

static void comes_in_the_order_of_its_time(void **state)
{
	enum { N = 5000 };
	struct jobs s;
	int64_t last = 0;

	(void)state;
	jobs_init(&s);
	for (int64_t i = 1; i <= N; i++)
		put(&s, i * 4096, JOB_FULFIL, i * 7919 % N);
	put(&s, 1, JOB_EXPIRE, 0);
	assert_int_equal(s.count, N + 1);
	assert_int_equal(jobs_next_us(&s, JOB_FULFIL), 0);
	for (int i = 0; i < N; i++) {
		struct job_node *node = jobs_take(&s, JOB_FULFIL, N);

		assert_non_null(node);
		assert_true(node->wake_us >= last);
		last = node->wake_us;
		jobs_finish(&s, node);
	}
	assert_null(jobs_take(&s, JOB_FULFIL, INT64_MAX));
	assert_int_equal(jobs_next_us(&s, JOB_FULFIL), INT64_MAX);
	assert_int_equal(s.count, 1);
	assert_int_equal(take(&s, JOB_EXPIRE, 0), 1);
	jobs_done(&s);
}

static void is_not_due_before_its_microsecond(void **state)
{
	struct jobs s;

	(void)state;
	jobs_init(&s);
	put(&s, 1, JOB_FULFIL, 1000);
	assert_int_equal(take(&s, JOB_FULFIL, 999), 0);
	assert_int_equal(take(&s, JOB_FULFIL, 1000), 1);
	assert_int_equal(take(&s, JOB_FULFIL, INT64_MAX), 0);
	jobs_done(&s);
}

static void a_row_that_moves_moves_the_job(void **state)
{
	struct jobs s;

	(void)state;
	jobs_init(&s);
	for (int64_t id = 1; id <= 50; id++)
		put(&s, id, JOB_FULFIL, id * 10);
	put(&s, 30, JOB_FULFIL, 5);
	put(&s, 1, JOB_FULFIL, 10000);
	assert_int_equal(s.count, 50);
	assert_int_equal(take(&s, JOB_FULFIL, 20000), 30);
	for (int64_t id = 2; id <= 50; id++)
		if (id != 30)
			assert_int_equal(take(&s, JOB_FULFIL, 20000), id);
	assert_int_equal(take(&s, JOB_FULFIL, 9999), 0);
	assert_int_equal(take(&s, JOB_FULFIL, 10000), 1);
	jobs_done(&s);
}

static void what_changes_while_it_runs_goes_on_later(void **state)
{
	struct jobs s;

	(void)state;
	jobs_init(&s);
	put(&s, 1, JOB_FULFIL, 10);
	struct job_node *node = jobs_take(&s, JOB_FULFIL, 10);
	put(&s, 1, JOB_FULFIL, 50); /* our own result, or a takeover */
	assert_null(jobs_take(&s, JOB_FULFIL, 100));
	jobs_finish(&s, node);
	assert_int_equal(jobs_next_us(&s, JOB_FULFIL), 50);
	node = jobs_take(&s, JOB_FULFIL, 50);
	jobs_wait(&s, node, 70);
	assert_int_equal(jobs_next_us(&s, JOB_FULFIL), 70);
	assert_int_equal(take(&s, JOB_FULFIL, 70), 1);
	assert_int_equal(s.count, 0);
	jobs_done(&s);
}

/* Who waits for something else looks for it less and less often, but a row that has changed is a new matter. */
static void patience_ends_when_the_row_changes(void **state)
{
	struct jobs s;

	(void)state;
	jobs_init(&s);
	put(&s, 1, JOB_CALLBACK, 10);
	struct job_node *node = jobs_take(&s, JOB_CALLBACK, 10);
	jobs_wait(&s, node, 20);
	assert_int_equal(node->patience, 1);
	node = jobs_take(&s, JOB_CALLBACK, 20);
	jobs_wait(&s, node, 40);
	assert_int_equal(node->patience, 2);
	node = jobs_take(&s, JOB_CALLBACK, 40);
	put(&s, 1, JOB_CALLBACK, 45); /* while it runs */
	jobs_wait(&s, node, 80);
	assert_int_equal(node->patience, 0);
	assert_int_equal(jobs_next_us(&s, JOB_CALLBACK), 45);
	jobs_done(&s);
}

static void an_old_reading_brings_nothing_back(void **state)
{
	struct job one = job_of(1, JOB_FULFIL, 10), two = job_of(2, JOB_FULFIL, 10);
	struct jobs s;

	(void)state;
	jobs_init(&s);
	jobs_put(&s, &one);
	jobs_put(&s, &two);
	jobs_reading_begin(&s);
	assert_int_equal(take(&s, JOB_FULFIL, 10), 1);
	assert_false(jobs_found(&s, &one)); /* done since */
	assert_false(jobs_found(&s, &two)); /* known */
	/* But a row that was written anew is back. */
	assert_int_equal(take(&s, JOB_FULFIL, 10), 2);
	put(&s, 2, JOB_FULFIL, 30);
	assert_int_equal(s.count, 1);
	jobs_reading_end(&s);
	assert_false(jobs_knows(&s, 1));
	assert_true(jobs_found(&s, &one));
	assert_int_equal(take(&s, JOB_FULFIL, 30), 1);
	assert_int_equal(take(&s, JOB_FULFIL, 30), 2);
	jobs_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_in_the_order_of_its_time),
		cmocka_unit_test(is_not_due_before_its_microsecond),
		cmocka_unit_test(a_row_that_moves_moves_the_job),
		cmocka_unit_test(what_changes_while_it_runs_goes_on_later),
		cmocka_unit_test(patience_ends_when_the_row_changes),
		cmocka_unit_test(an_old_reading_brings_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What waits for the committer: both rings, their shares, and the end. */
#include "service/inbox.h"

#include "support/test.h"

static const struct verb request = { .name = "request" }, result = { .name = "result", .background = true };

enum { MOST = 128 };
static struct task tasks[1000];

static void put(struct inbox *in, const struct verb *verb, size_t n, size_t expected)
{
	size_t taken_in = 0;

	for (size_t i = 0; i < n; i++) {
		tasks[i].verb = verb;
		taken_in += inbox_put(in, &tasks[i]);
	}
	assert_int_equal(taken_in, expected);
}

static size_t take_results(struct inbox *in, size_t *ret_n)
{
	struct task *taken[MOST];
	size_t results = 0;

	*ret_n = inbox_take(in, taken, MOST, 0);
	for (size_t i = 0; i < *ret_n; i++)
		results += taken[i]->verb->background;
	return results;
}

/* Neither side starves the other; what one does not need the other takes. */
static void shares(void **state)
{
	static const struct {
		size_t requests, results, taken, taken_results;
	} rows[] = {
		{ 0, 0, 0, 0 },	      { 10, 0, 10, 0 },	     { 0, 10, 10, 10 },	   { 300, 0, 128, 0 },
		{ 0, 300, 128, 128 }, { 300, 300, 128, 64 }, { 300, 5, 128, 5 },   { 5, 300, 128, 123 },
		{ 64, 300, 128, 64 }, { 63, 300, 128, 65 },  { 100, 28, 128, 28 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inbox *in = inbox_new(400, 400);
		static struct task waiting[2][400];
		size_t n;

		for (size_t k = 0; k < rows[i].requests; k++) {
			waiting[0][k].verb = &request;
			assert_true(inbox_put(in, &waiting[0][k]));
		}
		for (size_t k = 0; k < rows[i].results; k++) {
			waiting[1][k].verb = &result;
			assert_true(inbox_put(in, &waiting[1][k]));
		}
		assert_int_equal(take_results(in, &n), rows[i].taken_results);
		assert_int_equal(n, rows[i].taken);
		inbox_free(in);
	}
}

static void full_is_full(void **state)
{
	struct inbox *in = inbox_new(100, 10);
	size_t requests, results;

	(void)state;
	put(in, &request, 150, 100);
	put(in, &result, 50, 10);
	inbox_lengths(in, &requests, &results);
	assert_int_equal(requests, 100);
	assert_int_equal(results, 10);
	inbox_free(in);
}

/* What went in before the end comes out; only then it is over. */
static void closing_loses_nothing(void **state)
{
	struct inbox *in = inbox_new(10, 10);
	size_t n;

	(void)state;
	put(in, &request, 1, 1);
	assert_false(inbox_is_over(in));
	inbox_close(in);
	put(in, &request, 1, 0);
	assert_false(inbox_is_over(in));
	take_results(in, &n);
	assert_int_equal(n, 1);
	assert_true(inbox_is_over(in));
	inbox_free(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(full_is_full),
		cmocka_unit_test(closing_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/rate.h"

#include "support/test.h"

static const int64_t second_us = 1000000;

static int make_rates(void **state)
{
	*state = rates_new(second_us);
	return 0;
}

static int free_rates(void **state)
{
	rates_free(*state);
	return 0;
}

static void test_limit(void **state)
{
	struct rates *r = *state;

	for (int i = 0; i < 5; i++) {
		struct rate_verdict verdict = rates_take(r, 7, 5, second_us);

		assert_true(verdict.allowed);
		assert_int_equal(verdict.limit, 5);
		assert_int_equal(verdict.remaining, 4 - i);
	}
	struct rate_verdict refused = rates_take(r, 7, 5, second_us);
	assert_false(refused.allowed);
	assert_int_equal(refused.limit, 5);
	assert_int_equal(refused.remaining, 0);
	assert_int_equal(refused.retry_after_seconds, 1);
	/* Another credential has its own. */
	assert_true(rates_take(r, 8, 5, second_us).allowed);
}

static void test_share(void **state)
{
	static const struct {
		int64_t limit;
		int nodes;
		int64_t share;
	} rows[] = { { 10, 1, 10 }, { 10, 2, 5 }, { 11, 2, 6 }, { 1, 3, 1 }, { 0, 2, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(rate_share(rows[i].limit, rows[i].nodes), rows[i].share);
}

static void test_refill(void **state)
{
	struct rates *r = *state;

	for (int i = 0; i < 5; i++)
		assert_true(rates_take(r, 7, 5, second_us).allowed);
	/* One in 200 ms, not a microsecond before. */
	assert_false(rates_take(r, 7, 5, second_us + 199999).allowed);
	assert_true(rates_take(r, 7, 5, second_us + 200000).allowed);
	assert_false(rates_take(r, 7, 5, second_us + 200000).allowed);
	/* Never more than one second's worth, however long it rests. */
	assert_int_equal(rates_take(r, 7, 5, 3600 * second_us).remaining, 4);
	/* A clock that stands still or goes back gives nothing. */
	assert_int_equal(rates_take(r, 7, 5, 3599 * second_us).remaining, 3);
}

/* By the minute: all of them at once, then one in a sixth of a minute; who waits is told how long. */
static void test_minutes(void **state)
{
	struct rates *r = rates_new(60 * second_us);

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_true(rates_take(r, 7, 6, second_us).allowed);
	assert_int_equal(rates_take(r, 7, 6, second_us).retry_after_seconds, 10);
	assert_int_equal(rates_take(r, 7, 6, 9 * second_us + 500000).retry_after_seconds, 2);
	assert_false(rates_take(r, 7, 6, 11 * second_us - 1).allowed);
	assert_true(rates_take(r, 7, 6, 11 * second_us).allowed);
	assert_false(rates_take(r, 7, 6, 11 * second_us).allowed);
	rates_free(r);
}

static void test_keys_of_addresses(void **state)
{
	static const struct {
		const char *one, *other;
		bool is_same;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.2", false },
		{ "2001:db8:1:2::1", "2001:db8:1:2:ffff::7", true },
		{ "2001:db8:1:2::1", "2001:db8:1:3::1", false },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", false },
		{ "unix", "unix", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t one = rate_key_of_peer(str_of(rows[i].one)), other = rate_key_of_peer(str_of(rows[i].other));

		assert_true(one < 0 && other < 0);
		assert_int_equal(one == other, rows[i].is_same);
	}
}

static void test_no_limit(void **state)
{
	struct rate_verdict verdict = rates_take(*state, 7, 0, second_us);

	assert_true(verdict.allowed);
	assert_int_equal(verdict.limit, RATE_UNLIMITED);
	assert_int_equal(verdict.remaining, RATE_UNLIMITED);
}

static void test_changed_limit(void **state)
{
	struct rates *r = *state;

	assert_int_equal(rates_take(r, 7, 100, second_us).remaining, 99);
	assert_int_equal(rates_take(r, 7, 2, second_us).remaining, 1);
	assert_int_equal(rates_take(r, 7, 100, second_us).remaining, 0);
}

/* Many credentials: each keeps its count while the table grows, and full buckets are forgotten. */
static void test_many(void **state)
{
	struct rates *r = *state;

	for (int64_t id = 1; id <= 5000; id++)
		assert_int_equal(rates_take(r, id, 3, second_us).remaining, 2);
	for (int64_t id = 1; id <= 5000; id++)
		assert_int_equal(rates_take(r, id, 3, second_us).remaining, 1);
	for (int64_t id = 5001; id <= 20000; id++)
		assert_int_equal(rates_take(r, id, 3, 10 * second_us).remaining, 2);
	assert_int_equal(rates_take(r, 1, 3, 10 * second_us).remaining, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_limit, make_rates, free_rates),
		cmocka_unit_test_setup_teardown(test_share, make_rates, free_rates),
		cmocka_unit_test_setup_teardown(test_refill, make_rates, free_rates),
		cmocka_unit_test(test_minutes),
		cmocka_unit_test(test_keys_of_addresses),
		cmocka_unit_test_setup_teardown(test_no_limit, make_rates, free_rates),
		cmocka_unit_test_setup_teardown(test_changed_limit, make_rates, free_rates),
		cmocka_unit_test_setup_teardown(test_many, make_rates, free_rates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

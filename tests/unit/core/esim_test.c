/* tests/unit/core/esim_test.c: what several packages of an eSIM add up to, and what a product allows. */
#include "support/test.h"

#include "core/esim.h"
#include "core/lookup.h"

#define GIGABYTE (INT64_C(1) << 30)

static void check_total(const struct esim_package *packages, size_t n, int64_t bytes, int64_t used)
{
	struct esim_totals t = esim_totals(packages, n);

	assert_int_equal(t.bytes, bytes);
	assert_int_equal(t.used_bytes, used);
}

static void packages_add_up(void **state)
{
	const struct esim_package packages[] = {
		{ .bytes = 5 * GIGABYTE, .hours = 720, .used_bytes = GIGABYTE, .activated_us = 7, .expires_us = 100 },
		{ .bytes = 3 * GIGABYTE, .hours = 24, .used_bytes = 0, .expires_us = 50 },
	};
	struct esim_totals t = esim_totals(packages, 2);

	(void)state;
	check_total(packages, 2, 8 * GIGABYTE, GIGABYTE);
	assert_int_equal(t.hours, 744);
	assert_int_equal(t.activated_us, 7);
	assert_int_equal(t.expires_us, 100);
	check_total(packages, 0, 0, 0);
}

/* One without a limit has none to add to, wherever it stands. */
static void unlimited_is_not_added(void **state)
{
	const struct esim_package packages[] = {
		{ .bytes = 5 * GIGABYTE, .used_bytes = 1 },
		{ .bytes = -1, .used_bytes = 2 },
		{ .bytes = -1, .used_bytes = 3 },
		{ .bytes = GIGABYTE, .used_bytes = 4 },
	};

	(void)state;
	check_total(packages, 2, -1, 3);
	check_total(packages + 1, 1, -1, 2);
	check_total(packages + 1, 2, -1, 5);
	check_total(packages + 1, 3, -1, 9);
	check_total(packages, 4, -1, 10);
}

static void sums_do_not_overflow(void **state)
{
	const struct esim_package packages[] = { { .bytes = INT64_MAX, .used_bytes = INT64_MAX },
						 { .bytes = 1, .used_bytes = INT64_MAX } };

	(void)state;
	check_total(packages, 2, INT64_MAX, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packages_add_up),
		cmocka_unit_test(unlimited_is_not_added),
		cmocka_unit_test(sums_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/ids.h"

#include "base/clock.h"
#include "support/test.h"

static void never_goes_back(void **state)
{
	const int64_t now = 1790000000000000;
	struct ids ids = { .slot = 3 };
	int64_t last = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		/* The clock stands still, then jumps back an hour. */
		int64_t id = ids_next(&ids, i < 500 ? now : now - SECONDS_US(3600));

		assert_true(id > last);
		assert_int_equal(id >> 7 & 31, 3);
		assert_true(id < INT64_C(1) << 53);
		last = id;
	}
	assert_true(ids_time_us(last) - now < 10000);
}

static void dates_are_id_ranges(void **state)
{
	const int64_t now = 1790000000123456;
	struct ids low = { .slot = 0 }, high = { .slot = 31 };

	(void)state;
	assert_int_equal(ids_next(&low, now), ids_floor(now));
	assert_true(ids_next(&high, now) >= ids_floor(now));
	assert_true(ids_next(&high, now) < ids_floor(now + 1000));
	assert_int_equal(ids_time_us(ids_floor(now)), now / 1000 * 1000);
	assert_int_equal(ids_floor(0), 0);
}

/* What another node has drawn is overtaken, also within its millisecond, and stays behind. */
static void test_after(void **state)
{
	const int64_t now_us = INT64_C(1800000000000000);

	(void)state;
	for (int mine = 0; mine < 32; mine += 31) {
		struct ids ids = { .slot = mine }, other = { .slot = 7 };
		int64_t theirs = ids_next(&other, now_us);

		ids_after(&ids, theirs);
		assert_true(ids_next(&ids, now_us) > theirs);
		assert_int_equal(ids_slot(ids.last), mine);
		assert_int_equal(ids_slot(theirs), 7);
		int64_t last = ids.last;
		ids_after(&ids, theirs);
		assert_int_equal(ids.last, last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_after),
		cmocka_unit_test(never_goes_back),
		cmocka_unit_test(dates_are_id_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/price_list.h"

#include "base/arena.h"
#include "support/test.h"

static void numbers_stay(void **state)
{
	struct arena a;
	int first, again, number = -1;

	(void)state;
	arena_init(&a);
	assert_int_equal(price_list_find(STR("standard")), -1);
	check_ok(price_list_number(STR("standard"), &first));
	for (int i = 1; i < PRICE_LISTS_MAX; i++)
		check_ok(price_list_number(arena_printf(&a, "list-%d", i), &number));
	check_ok(price_list_number(STR("standard"), &again));
	assert_int_equal(first, again);
	assert_int_equal(price_list_find(STR("standard")), first);
	check_str(price_list_name(number), "list-63");
	check_err(price_list_number(STR("one-more"), &again), ERR_TOO_LARGE);
	check_err(price_list_number(STR("a-name-of-more-than-thirty-two-letters"), &again), ERR_TOO_LARGE);
	assert_int_equal(again, first);
	assert_int_equal(price_list_find(STR("one-more")), -1);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "work/lane.h"

#include "support/test.h"

static void lets_in_as_many_as_it_is_wide(void **state)
{
	struct job_node nodes[3] = { { .job.id = 1 }, { .job.id = 2 }, { .job.id = 3 } };
	struct lanes s;

	(void)state;
	lanes_init(&s, 2);
	struct lane *l = lane_of(&s, STR("a"));
	assert_ptr_equal(l, lane_of(&s, STR("a")));
	assert_ptr_not_equal(l, lane_of(&s, STR("b")));
	lane_enter(l);
	assert_true(lane_has_room(&s, l));
	lane_enter(l);
	assert_false(lane_has_room(&s, l));
	assert_true(lane_has_room(&s, lane_of(&s, STR("b"))));
	for (int i = 0; i < 3; i++)
		lane_park(&s, l, &nodes[i]);
	assert_null(lane_call(&s, l));
	lane_leave(l, false);
	assert_int_equal(lane_call(&s, l)->job.id, 1);
	assert_null(lane_call(&s, l)); /* one is coming: its place is taken */
	lane_arrived(l);
	assert_int_equal(lane_call(&s, l)->job.id, 2);
	assert_int_equal(s.parked, 1);
	lanes_done(&s);
}

static void narrows_when_it_fails(void **state)
{
	static struct job_node nodes[256];
	struct lanes s;

	(void)state;
	lanes_init(&s, 32);
	struct lane *l = lane_of(&s, STR("a"));
	for (int i = 0; i < 3; i++) {
		assert_false(lane_is_failing(l));
		lane_enter(l);
		lane_leave(l, true);
	}
	assert_true(lane_is_failing(l));
	lane_enter(l);
	lane_enter(l);
	assert_false(lane_has_room(&s, l));
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		assert_false(lane_is_crowded(l));
		lane_park(&s, l, &nodes[i]);
	}
	assert_true(lane_is_crowded(l));
	lane_leave(l, false);
	assert_false(lane_is_failing(l) || lane_is_crowded(l));
	assert_true(lane_has_room(&s, l));
	lanes_done(&s);
}

static void forgets_names_that_are_not_used(void **state)
{
	struct lanes s;
	char name[16];

	(void)state;
	lanes_init(&s, 2);
	lane_enter(lane_of(&s, STR("busy")));
	for (int i = 0; i < 5000; i++) {
		int n = snprintf(name, sizeof(name), "host-%d", i);

		lane_of(&s, (struct str){ name, (size_t)n });
	}
	assert_int_equal(s.count, 5001);
	lanes_sweep(&s);
	assert_int_equal(s.count, 1);
	assert_int_equal(lane_of(&s, STR("busy"))->inside, 1);
	lanes_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lets_in_as_many_as_it_is_wide),
		cmocka_unit_test(narrows_when_it_fails),
		cmocka_unit_test(forgets_names_that_are_not_used),
	};

	must(crypto_start() == OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/uuid.h"

#include "base/ids.h"

#include "support/test.h"

#include <string.h>

static void there_and_back(void **state)
{
	struct ids ids = { .slot = 31 };
	struct keys keys = { .pepper = { 1 } }, others = { .pepper = { 2 } };
	struct arena a;
	int64_t back;

	(void)state;
	arena_init(&a);
	for (int i = 0; i < 1000; i++) {
		int64_t id = ids_next(&ids, INT64_C(1768478058000000));
		struct str uuid = uuid_of_id(&keys, &a, "order", id);
		char *broken = (char *)arena_strz(&a, uuid);

		assert_int_equal(uuid.n, 36);
		assert_int_equal(uuid.p[14], '7');
		check_ok(uuid_to_id(&keys, "order", uuid, &back));
		assert_int_equal(back, id);
		check_err(uuid_to_id(&keys, "event", uuid, &back), ERR_NOT_FOUND);
		check_err(uuid_to_id(&others, "order", uuid, &back), ERR_NOT_FOUND);
		bool hyphen = broken[i % 36] == '-';
		broken[i % 36] = broken[i % 36] == '1' ? '2' : '1';
		check_err(uuid_to_id(&keys, "order", str_of(broken), &back), hyphen ? ERR_BAD_REQUEST : ERR_NOT_FOUND);
	}
	check_err(uuid_to_id(&keys, "order", STR("ffffffff-ffff-7fff-bfff-ffffffffffff"), &back), ERR_NOT_FOUND);
	check_err(uuid_to_id(&keys, "order", STR(""), &back), ERR_BAD_REQUEST);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(there_and_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/s2s/errors.h"

#include "support/test.h"

static void every_code_has_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; err_at(i); i++) {
		const struct s2s_error *error = s2s_error(err_at(i));

		if (error->code != err_at(i)) {
			print_error("no row for %s\n", err_name(err_at(i)));
			fail();
		}
		if (err_fault(err_at(i)) == ERR_FAULT_CALLER && err_at(i) != ERR_ILLEGAL_STATE)
			assert_in_range(error->status, 400, 499);
		else
			assert_in_range(error->status, 500, 599);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_code_has_a_row) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

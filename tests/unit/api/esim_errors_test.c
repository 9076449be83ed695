/* Every error has a row in each eSIM dialect, with a status that is an error's. */
#include "api/mobimatter/errors.h"
#include "api/payvessel/errors.h"

#include "support/test.h"

static void payvessel_has_them_all(void **state)
{
	(void)state;
	for (size_t i = 0; err_at(i); i++) {
		const struct pv_error *error = pv_error(err_at(i));

		if (!error)
			print_error("PayVessel has no row for %s\n", err_name(err_at(i)));
		assert_non_null(error);
		assert_true(error->status >= 400 && error->status < 600 && *error->message);
		assert_int_equal(err_fault(err_at(i)) == ERR_FAULT_US, error->status >= 500);
	}
}

static void mobimatter_has_them_all(void **state)
{
	(void)state;
	for (size_t i = 0; err_at(i); i++) {
		const struct mm_error *error = mm_error(err_at(i));

		if (!error)
			print_error("MobiMatter has no row for %s\n", err_name(err_at(i)));
		assert_non_null(error);
		assert_true(error->status >= 400 && error->status < 600 && *error->message);
		/* It says that nothing is in stock. */
		assert_int_equal(error->status == 429, err_at(i) == ERR_OUT_OF_STOCK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(payvessel_has_them_all),
					    cmocka_unit_test(mobimatter_has_them_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/csv.h"

#include "support/test.h"

static void cuts_lines_and_fields(void **state)
{
	struct str text = STR("a,b\r\n\"x\n\"\"y\"\"\",,z\n,\nlast"), line, fields[3];
	struct arena a;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_true(csv_line(&text, &line));
	check_ok(csv_fields(&a, line, fields, 3, &n));
	assert_int_equal(n, 2);
	check_str(fields[1], "b");
	assert_true(csv_line(&text, &line));
	check_ok(csv_fields(&a, line, fields, 3, &n));
	assert_int_equal(n, 3);
	check_str(fields[0], "x\n\"y\"");
	check_str(fields[1], "");
	check_str(fields[2], "z");
	assert_true(csv_line(&text, &line));
	check_ok(csv_fields(&a, line, fields, 3, &n));
	assert_int_equal(n, 2);
	assert_true(csv_line(&text, &line));
	check_str(line, "last");
	assert_false(csv_line(&text, &line));
	check_err(csv_fields(&a, STR("a,b,c,d"), fields, 3, &n), ERR_TOO_LARGE);
	check_err(csv_fields(&a, STR("a\"b"), fields, 3, &n), ERR_BAD_REQUEST);
	check_err(csv_fields(&a, STR("\"a"), fields, 3, &n), ERR_BAD_REQUEST);
	check_err(csv_fields(&a, STR("\"a\"b"), fields, 3, &n), ERR_BAD_REQUEST);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(cuts_lines_and_fields) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/dvs/pages.h"

#include "support/test.h"

static void test_place(void **state)
{
	static const struct {
		int64_t total, page, per_page, pages, next, previous;
	} rows[] = {
		{ 0, 1, 50, 0, 0, 0 },
		{ 1, 1, 50, 1, 0, 0 },
		{ 50, 1, 50, 1, 0, 0 },
		{ 51, 1, 50, 2, 2, 0 },
		{ 51, 2, 50, 2, 0, 1 },
		{ 250, 3, 50, 5, 4, 2 },
		/* Past the end: no next page, and the previous one is the last. */
		{ 51, 3, 50, 2, 0, 2 },
		{ 51, 9, 50, 2, 0, 2 },
		{ 0, 9, 50, 0, 0, 0 },
		{ 3, INT32_MAX, 1, 3, 0, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct dvs_place place = dvs_place(rows[i].total, rows[i].page, rows[i].per_page);

		assert_int_equal(place.pages, rows[i].pages);
		assert_int_equal(place.next, rows[i].next);
		assert_int_equal(place.previous, rows[i].previous);
	}
}

static void test_window(void **state)
{
	struct window window = dvs_window(3, 50);

	(void)state;
	assert_int_equal(window.skip, 100);
	assert_int_equal(window.take, 50);
	window = dvs_window(INT32_MAX, 100);
	assert_true(window.skip == (size_t)(INT32_MAX - 1) * 100);
}

static void test_empty(void **state)
{
	struct api_settings refuses = { 0 }, shows = { .empty_list_is_200 = true };
	struct request rq = { .settings = &refuses };

	(void)state;
	check_err(dvs_empty(&rq, 0, ERR_SERVICE_NOT_FOUND), ERR_SERVICE_NOT_FOUND);
	check_ok(dvs_empty(&rq, 1, ERR_SERVICE_NOT_FOUND));
	rq.settings = &shows;
	check_ok(dvs_empty(&rq, 0, ERR_SERVICE_NOT_FOUND));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

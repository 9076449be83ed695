#include "base/clock.h"

#include "support/test.h"

static void reads_and_writes_dates(void **state)
{
	static const struct {
		const char *in;
		const char *out; /* NULL: refused */
	} rows[] = {
		{ "2021-03-24T20:05:05.883561000Z", "2021-03-24T20:05:05.883561000Z" },
		{ "2021-03-24t20:05:05z", "2021-03-24T20:05:05.000000000Z" },
		{ "2021-03-25T04:05:05.5+08:00", "2021-03-24T20:05:05.500000000Z" },
		{ "2021-03-24T18:35:05-01:30", "2021-03-24T20:05:05.000000000Z" },
		{ "2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000000Z" },
		{ "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999000Z" },
		{ "2023-02-29T00:00:00Z", NULL },
		{ "2024-13-01T00:00:00Z", NULL },
		{ "2024-01-01T24:00:00Z", NULL },
		{ "2024-01-01T00:00:00", NULL },
		{ "2024-01-01 00:00:00Z", NULL },
		{ "2024-01-01T00:00:00.Z", NULL },
		{ "2024-01-01T00:00:00.1234567890Z", NULL },
		{ "2024-01-01T00:00:00 08:00", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b;
		int64_t us;
		enum err e = clock_parse_rfc3339(str_of(rows[i].in), false, &us);

		check_err(e, rows[i].out ? OK : ERR_BAD_REQUEST);
		if (e)
			continue;
		buf_init(&b, 64);
		clock_put_rfc3339(&b, us, 9, "Z");
		check_str(buf_view(&b), rows[i].out);
		buf_done(&b);
	}
	int64_t a, b;
	check_ok(clock_parse_rfc3339(STR("2024-01-01T00:00:00 08:00"), true, &a));
	check_ok(clock_parse_rfc3339(STR("2024-01-01T00:00:00+08:00"), false, &b));
	assert_int_equal(a, b);
}

static void writes_http_dates(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	clock_put_http_date(&b, SECONDS_US(784111777));
	check_str(buf_view(&b), "Sun, 06 Nov 1994 08:49:37 GMT");
	buf_done(&b);
}

static void reads_durations(void **state)
{
	int64_t us = 0;

	(void)state;
	check_ok(clock_parse_duration(STR("1h30m"), &us));
	assert_int_equal(us, SECONDS_US(5400));
	check_ok(clock_parse_duration(STR("25h"), &us));
	assert_int_equal(us, SECONDS_US(90000));
	check_err(clock_parse_duration(STR(""), &us), ERR_BAD_REQUEST);
	check_err(clock_parse_duration(STR("5"), &us), ERR_BAD_REQUEST);
	check_err(clock_parse_duration(STR("-5s"), &us), ERR_BAD_REQUEST);
	check_err(clock_parse_duration(STR("999999d"), &us), ERR_BAD_REQUEST);
}

static void finds_the_month(void **state)
{
	static const struct {
		const char *at, *from, *to;
	} rows[] = {
		{ "2026-11-24", "2026-11-01", "2026-12-01" },
		{ "2026-12-31", "2026-12-01", "2027-01-01" },
		{ "2028-02-01", "2028-02-01", "2028-03-01" },
		{ "1969-12-31", "1969-12-01", "1970-01-01" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at, from, to, wanted;

		check_ok(clock_parse_date(str_of(rows[i].at), &at));
		clock_month(at + SECONDS_US(24 * 3600) - 1, &from, &to);
		check_ok(clock_parse_date(str_of(rows[i].from), &wanted));
		assert_int_equal(from, wanted);
		check_ok(clock_parse_date(str_of(rows[i].to), &wanted));
		assert_int_equal(to, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes_dates),
		cmocka_unit_test(writes_http_dates),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(finds_the_month),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/zone.h"

#include "base/clock.h"
#include "support/test.h"

static int64_t at(const char *text)
{
	int64_t us;

	check_err(clock_parse_rfc3339(str_of(text), false, &us), OK);
	return us;
}

/* Local times are written as if they were UTC. `back`: the first moment that shows them. */
static void clocks_show_what_they_do(void **state)
{
	static const struct {
		const char *zone, *moment, *local, *back;
	} cases[] = {
		{ "UTC", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Pacific/Tahiti", "2026-03-29T01:00:00Z", "2026-03-28T15:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Paris", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z", "2026-03-29T00:59:59Z" },
		{ "Europe/Paris", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", "2026-03-29T01:00:00Z" },
		{ "Europe/Paris", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
		/* Shown a second time; the first one counts. */
		{ "Europe/Paris", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00Z", "2026-10-25T00:30:00Z" },
		{ "Europe/Paris", "2036-07-01T00:00:00Z", "2036-07-01T02:00:00Z", "2036-07-01T00:00:00Z" },
		{ "America/New_York", "2026-11-01T05:30:00Z", "2026-11-01T01:30:00Z", "2026-11-01T05:30:00Z" },
		{ "Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00Z", "2026-01-01T00:00:00Z" },
		/* A day that never was: Samoa went from the 29th to the 31st. */
		{ "Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59Z", "2011-12-30T09:59:59Z" },
		{ "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00:00Z", "2011-12-30T10:00:00Z" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct zone *zone;
		struct arena a;

		arena_init(&a);
		check_err(zone_load(&a, str_of(cases[i].zone), &zone), OK);
		assert_int_equal(zone_local(zone, at(cases[i].moment)), at(cases[i].local));
		assert_int_equal(zone_moment(zone, at(cases[i].local)), at(cases[i].back));
		arena_done(&a);
	}
}

/* A directory keeps the zones of all its partners: the changes of a zone, not the room for its file. */
static void a_zone_is_small(void **state)
{
	static const char *const names[] = { "Europe/Paris", "America/New_York", "Asia/Karachi", "Pacific/Apia" };
	const struct zone *zone;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		check_err(zone_load(&a, str_of(names[i]), &zone), OK);
	assert_true(a.total_bytes <= 64 * 1024);
	arena_done(&a);
}

/* What clocks never show begins when they jump over it. */
static void a_gap_ends_where_clocks_go_on(void **state)
{
	const struct zone *zone;
	struct arena a;

	(void)state;
	arena_init(&a);
	check_err(zone_load(&a, STR("Europe/Paris"), &zone), OK);
	assert_int_equal(zone_moment(zone, at("2026-03-29T02:30:00Z")), at("2026-03-29T01:00:00Z"));
	/* Summer time began at midnight there: the day begins at 01:00. */
	check_err(zone_load(&a, STR("America/Sao_Paulo"), &zone), OK);
	assert_int_equal(zone_moment(zone, at("2018-11-04T00:00:00Z")), at("2018-11-04T03:00:00Z"));
	arena_done(&a);
}

/* Days of a year follow each other without a gap, and last 24 hours but for two. */
static void days_are_whole(void **state)
{
	const struct zone *zone;
	int odd = 0;
	struct arena a;

	(void)state;
	arena_init(&a);
	check_err(zone_load(&a, STR("Europe/Paris"), &zone), OK);
	for (int64_t day = at("2026-01-01T00:00:00Z"); day < at("2027-01-01T00:00:00Z"); day += SECONDS_US(86400)) {
		int64_t hours =
			(zone_moment(zone, day + SECONDS_US(86400)) - zone_moment(zone, day)) / SECONDS_US(3600);

		odd += hours != 24;
		assert_true(hours >= 23 && hours <= 25);
	}
	assert_int_equal(odd, 2);
	arena_done(&a);
}

static void what_is_no_zone_is_refused(void **state)
{
	static const char *const names[] = { "Europe/Atlantis", "",	    "/etc/passwd",   "../../../etc/passwd",
					     "Europe",		"zone.tab", "Europe/Par is", "posixrules\n" };
	const struct zone *zone;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		check_err(zone_load(&a, str_of(names[i]), &zone), ERR_NOT_FOUND);
	check_err(zone_load(&a, STR_NONE, &zone), OK);
	assert_int_equal(zone_local(zone, 5), 5);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clocks_show_what_they_do),	 cmocka_unit_test(a_zone_is_small),
		cmocka_unit_test(a_gap_ends_where_clocks_go_on), cmocka_unit_test(days_are_whole),
		cmocka_unit_test(what_is_no_zone_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/message.h"

#include "support/test.h"

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Every pair of state and event that is not here is refused. */
static void moves_by_the_table_alone(void **state)
{
	static const struct {
		int from, event, mail, sms; /* 0 = refused */
	} rows[] = {
		{ MESSAGE_WAITING, MESSAGE_RELEASE, MESSAGE_QUEUED, MESSAGE_QUEUED },
		{ MESSAGE_WAITING, MESSAGE_DROP, MESSAGE_DROPPED, MESSAGE_DROPPED },
		{ MESSAGE_QUEUED, MESSAGE_CLAIM, MESSAGE_SENDING, MESSAGE_SENDING },
		{ MESSAGE_QUEUED, MESSAGE_DROP, MESSAGE_DROPPED, MESSAGE_DROPPED },
		{ MESSAGE_SENDING, MESSAGE_CLAIM, MESSAGE_SENDING, 0 },
		{ MESSAGE_SENDING, MESSAGE_TAKEN, MESSAGE_SENT, MESSAGE_SENT },
		{ MESSAGE_SENDING, MESSAGE_AGAIN, MESSAGE_QUEUED, MESSAGE_QUEUED },
		{ MESSAGE_SENDING, MESSAGE_LOSE, MESSAGE_UNKNOWN, MESSAGE_UNKNOWN },
		{ MESSAGE_SENDING, MESSAGE_GIVE_UP, MESSAGE_GIVEN_UP, MESSAGE_GIVEN_UP },
		{ MESSAGE_GIVEN_UP, MESSAGE_REVIVE, MESSAGE_QUEUED, MESSAGE_QUEUED },
	};

	(void)state;
	for (int from = 1; from < MESSAGE_STATES; from++)
		for (int event = 1; event < MESSAGE_EVENTS; event++)
			for (int medium = MEDIUM_MAIL; medium <= MEDIUM_SMS; medium++) {
				struct message m = { .state = from, .medium = medium };
				int to = 0;

				for (size_t i = 0; i < ARRAY_LEN(rows); i++)
					if (rows[i].from == from && rows[i].event == event)
						to = medium == MEDIUM_MAIL ? rows[i].mail : rows[i].sms;
				check_err(message_apply(&m, (enum message_event)event), to ? OK : ERR_ILLEGAL_STATE);
				assert_int_equal(m.state, to ? to : from);
			}
}

static void tries_for_a_day_or_a_few_hours(void **state)
{
	static const struct {
		enum medium medium;
		int64_t minutes;
		int tries;
	} rows[] = { { MEDIUM_MAIL, 1401, 9 }, { MEDIUM_SMS, 223, 7 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t at = 0, latest = 0;

		for (int tries = 1; tries < rows[i].tries; tries++) {
			int64_t wait = message_retry_us(rows[i].medium, tries, 0, 0);

			assert_true(wait > 0);
			assert_true(message_retry_us(rows[i].medium, tries, 0, UINT64_MAX) <= wait + wait / 10);
			latest += message_retry_us(rows[i].medium, tries, 0, (uint64_t)wait / 10);
			at = message_retry_us(rows[i].medium, tries, at, 0);
		}
		assert_int_equal(at, rows[i].minutes * MINUTE);
		assert_int_equal(latest, at + at / 10);
		assert_int_equal(message_retry_us(rows[i].medium, rows[i].tries, 5, 7), 0);
		assert_int_equal(message_retry_us(rows[i].medium, rows[i].tries + 9, 5, 7), 0);
	}
}

/* mobip.md 6: the k-th comes k times the period after the first; what a standstill swallowed is not made up for. */
static void repeats_by_its_plan(void **state)
{
	static const struct {
		int64_t now_days, expected_days;
		int repeats, left;
		int64_t until_days;
	} rows[] = {
		{ 0, 3, 2, 1, 5 }, { 3, 0, 1, 0, 5 },	{ 0, 3, 2, 1, 0 }, { 2, 3, 2, 1, 0 }, { 4, 6, 2, 0, 0 },
		{ 6, 0, 2, 0, 0 }, { 10, 12, 5, 1, 0 }, { 0, 0, 0, 0, 0 }, { 0, 0, 4, 0, 3 }, { 100, 0, 9, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		/* The second row is the repetition of the first. */
		int64_t planned = i == 1 ? 3 * DAY : 0;
		const struct message_plan plan = { planned, 3 * DAY, rows[i].repeats, rows[i].until_days * DAY };
		int left = -1;

		assert_int_equal(message_next_us(&plan, rows[i].now_days * DAY, &left), rows[i].expected_days * DAY);
		assert_int_equal(left, rows[i].left);
	}
	int left;
	assert_int_equal(message_next_us(&(struct message_plan){ 0, 0, 3, 0 }, 0, &left), 0);
}

static void is_quiet_at_night(void **state)
{
	static const struct quiet_hours night = { 20 * 60, 8 * 60, 0 }, noon = { 12 * 60, 14 * 60, 0 },
					east = { 20 * 60, 8 * 60, 11 * 60 }, never = { 0, 0, 0 };
	static const struct {
		const struct quiet_hours *quiet;
		int64_t at, over; /* minutes */
	} rows[] = {
		{ &night, 8 * 60, 8 * 60 },
		{ &night, 20 * 60 - 1, 20 * 60 - 1 },
		{ &night, 20 * 60, 32 * 60 },
		{ &night, 24 * 60, 32 * 60 },
		{ &night, 0, 8 * 60 },
		{ &night, 8 * 60 - 1, 8 * 60 },
		{ &noon, 13 * 60, 14 * 60 },
		{ &noon, 14 * 60, 14 * 60 },
		{ &noon, 0, 0 },
		{ &east, 9 * 60, 21 * 60 },
		{ &east, 8 * 60, 8 * 60 },
		{ &never, 77, 77 },
		{ &night, 1000 * 1440 + 60, 1000 * 1440 + 480 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(quiet_over_us(rows[i].quiet, NULL, rows[i].at * MINUTE), rows[i].over * MINUTE);
}

/* By the clocks of the zone, which change: 20:00 to 08:00 in Paris, and two hours of the night in which they go back.
 */
static void is_quiet_where_somebody_lives(void **state)
{
	static const struct quiet_hours night = { 20 * 60, 8 * 60, 11 * 60 }, small = { 60, 150, 0 };
	static const struct {
		const struct quiet_hours *quiet;
		int64_t at, over; /* seconds UTC */
	} rows[] = {
		{ &night, 1768460399, 1768460400 }, /* 2026-01-15 07:59:59+01:00 */
		{ &night, 1768460400, 1768460400 },
		{ &night, 1768503600, 1768546800 }, /* 2026-01-15 20:00+01:00 -> 08:00+01:00 */
		{ &night, 1784052000, 1784095200 }, /* 2026-07-14 20:00+02:00 -> 08:00+02:00 */
		{ &night, 1784051999, 1784051999 },
		{ &night, 1774731600, 1774764000 }, /* 2026-03-28 22:00+01:00 -> 2026-03-29 08:00+02:00: nine hours */
		{ &night, 1792872000, 1792911600 }, /* 2026-10-24 22:00+02:00 -> 2026-10-25 08:00+01:00: eleven */
		{ &small, 1792887000, 1792888200 }, /* 2026-10-25 02:10+02:00 -> 02:30+02:00 */
		{ &small, 1792890600, 1792891800 }, /* 2026-10-25 02:10+01:00 -> 02:30+01:00, the second one */
	};
	struct arena arena;
	const struct zone *paris;

	(void)state;
	arena_init(&arena);
	assert_int_equal(zone_load(&arena, STR("Europe/Paris"), &paris), OK);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(quiet_over_us(rows[i].quiet, paris, rows[i].at * 1000000), rows[i].over * 1000000);
	arena_done(&arena);
}

static void knows_addresses(void **state)
{
	static const char *const good[] = { "a@b", "first.last+tag@example.com", "o'neil@x-y.example", "x@1.2" },
				 *const bad[] = { "",
						  "a",
						  "@b",
						  "a@",
						  "a@b@c",
						  "a b@c",
						  "a@b c",
						  "a@b\r\nBcc: x@y",
						  "a\n@b",
						  "<a@b>",
						  "a@b>",
						  "\"a\"@b",
						  ".a@b",
						  "a.@b",
						  "a..b@c",
						  "a@.b",
						  "a@b..c",
						  "a@-b",
						  "-a@b",
						  "a,b@c",
						  "a;b@c",
						  "a:b@c",
						  "a@b\\",
						  "a@[127.0.0.1]",
						  "m\xc3\xbcller@b" };
	char longest[255 + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!mail_address_is_ok(str_of(good[i])))
			fail_msg("%s is good", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (mail_address_is_ok(str_of(bad[i])))
			fail_msg("%s is bad", bad[i]);
	assert_false(mail_address_is_ok(STR_NONE));
	assert_true(mail_address_is_ok(STR("root@localhost")));
	assert_false(mail_address_is_public(STR("root@localhost")));
	assert_true(mail_address_is_public(STR("a@b.c")));
	assert_false(mail_address_is_public(STR("a.b@c")));
	assert_false(mail_address_is_ok((struct str){ "a@b\0c", 5 }));
	for (size_t i = 0; i < 255; i++)
		longest[i] = i == 1 ? '@' : i % 10 == 5 ? '.' : 'a';
	assert_true(mail_address_is_ok((struct str){ longest, 254 }));
	longest[254] = 'a';
	assert_false(mail_address_is_ok((struct str){ longest, 255 }));
}

static void knows_numbers(void **state)
{
	static const char *const bad[] = { "",
					   "+",
					   "4712345678",
					   "+123456",
					   "+1234567890123456",
					   "+0123456789",
					   "+47 12345678",
					   "+4712345678\n",
					   "++471234567",
					   "+47a2345678" };

	(void)state;
	assert_true(phone_number_is_ok(STR("+1234567")));
	assert_true(phone_number_is_ok(STR("+123456789012345")));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(phone_number_is_ok(str_of(bad[i])));
	assert_false(phone_number_is_ok(STR_NONE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_by_the_table_alone),
		cmocka_unit_test(tries_for_a_day_or_a_few_hours),
		cmocka_unit_test(repeats_by_its_plan),
		cmocka_unit_test(is_quiet_at_night),
		cmocka_unit_test(is_quiet_where_somebody_lives),
		cmocka_unit_test(knows_addresses),
		cmocka_unit_test(knows_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

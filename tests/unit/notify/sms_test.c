#include "notify/sms.h"

#include "support/test.h"

static void speaks_sendsms(void **state)
{
	struct sms_config config = { "http://127.0.0.1:13013/cgi-bin/sendsms", "us er", "p&w=#", "Shop" };
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_string_equal(sms_url(&a, &config, STR("+4712345678"), STR("a&b +c\n\xc3\xa9")),
			    "http://127.0.0.1:13013/cgi-bin/sendsms?username=us%20er&password=p%26w%3D%23&from=Shop"
			    "&to=%2B4712345678&charset=UTF-8&coding=0&text=a%26b%20%2Bc%0A%C3%A9");
	config = (struct sms_config){ "https://g.example/s?x=1", "u", "p", NULL };
	assert_string_equal(sms_url(&a, &config, STR("+4712345678"), STR("\xd0\x96")),
			    "https://g.example/s?x=1&username=u&password=p&to=%2B4712345678&charset=UTF-8&coding=2"
			    "&text=%D0%96");
	arena_done(&a);
}

static void knows_seven_bits(void **state)
{
	static const char *const yes[] = { "", "Hello, world! 0-9 {}[]~\\^|", "\xc3\xa4\xc3\xb6\xc3\xbc\xe2\x82\xac",
					   "line\r\nline" },
				 *const no[] = { "`", "\xc3\xaa", "\xf0\x9f\x98\x80", "\t", "\xd0\x96", "\xc3" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		assert_true(sms_is_gsm7(str_of(yes[i])));
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		assert_false(sms_is_gsm7(str_of(no[i])));
}

/* What may have been taken is never said to be not. */
static void tells_no_from_perhaps(void **state)
{
	static const struct {
		int status;
		enum sending_outcome outcome;
	} rows[] = { { 202, SENDING_TAKEN }, { 200, SENDING_TAKEN }, { 400, SENDING_REFUSED }, { 404, SENDING_REFUSED },
		     { 403, SENDING_LATER }, { 401, SENDING_LATER }, { 429, SENDING_LATER },   { 503, SENDING_LATER },
		     { 500, SENDING_LOST },  { 502, SENDING_LOST },  { 504, SENDING_LOST },    { 302, SENDING_LOST },
		     { 100, SENDING_LOST } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(sms_outcome(rows[i].status), rows[i].outcome);
}

/* A sandbox partner's messages never leave a live store; a sandbox without a server has its folder. */
static void the_right_one_carries_it(void **state)
{
	static const struct {
		bool has_servers, is_sandbox, is_sandbox_partner;
		const struct messenger_driver *mail, *sms;
	} rows[] = {
		{ true, false, false, &messenger_smtp, &messenger_sendsms },
		{ true, false, true, &messenger_outbox, &messenger_outbox },
		{ true, true, true, &messenger_smtp, &messenger_sendsms },
		{ false, true, true, &messenger_outbox, &messenger_outbox },
		{ false, true, false, &messenger_outbox, &messenger_outbox },
		{ false, false, false, NULL, NULL },
		{ false, false, true, &messenger_outbox, &messenger_outbox },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct messengers_config config = { .outbox = "/nonexistent", .is_sandbox = rows[i].is_sandbox };
		struct messengers s = { 0 };

		if (rows[i].has_servers) {
			config.mail = (struct mail_config){ .host = "127.0.0.1", .port = 25, .from = "a@b" };
			config.sms = (struct sms_config){ "http://127.0.0.1:1/", "u", "p", NULL };
		}
		check_ok(messengers_open(&s, &config));
		const struct messenger *mail = messengers_for(&s, MEDIUM_MAIL, rows[i].is_sandbox_partner);
		const struct messenger *sms = messengers_for(&s, MEDIUM_SMS, rows[i].is_sandbox_partner);
		assert_ptr_equal(mail ? mail->driver : NULL, rows[i].mail);
		assert_ptr_equal(sms ? sms->driver : NULL, rows[i].sms);
		unsigned media = messengers_media(&config);
		assert_int_equal(media != 0, rows[i].has_servers || rows[i].is_sandbox);
		messengers_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(speaks_sendsms),
		cmocka_unit_test(knows_seven_bits),
		cmocka_unit_test(tells_no_from_perhaps),
		cmocka_unit_test(the_right_one_carries_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

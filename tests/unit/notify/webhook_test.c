#include "notify/webhook.h"

#include "base/clock.h"
#include "base/limits.h"
#include "support/test.h"

/* The example of the Standard Webhooks specification. */
static void signs_as_the_standard_says(void **state)
{
	struct webhook_header h[WEBHOOK_HEADERS];
	struct arena a;
	struct str key;

	(void)state;
	arena_init(&a);
	check_ok(webhook_secret_parse(&a, STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), &key));
	assert_int_equal(key.n, 24);
	const struct str keys[] = { key, STR_NONE }, none[] = { STR_NONE, STR_NONE }, both[] = { key, key };
	size_t n = webhook_headers(&a, STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), SECONDS_US(1614265330) + 999999,
				   STR("{\"test\": 2432232314}"), keys, h);
	assert_int_equal(n, 5);
	assert_string_equal(h[0].name, "Content-Type");
	check_str(h[0].value, "application/json");
	assert_string_equal(h[1].name, "User-Agent");
	assert_string_equal(h[2].name, "webhook-id");
	check_str(h[2].value, "msg_p5jXN8AQM9LWM0D4loKWxJek");
	assert_string_equal(h[3].name, "webhook-timestamp");
	check_str(h[3].value, "1614265330");
	assert_string_equal(h[4].name, "webhook-signature");
	check_str(h[4].value, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	assert_int_equal(webhook_headers(&a, STR("x"), 0, STR(""), none, h), 4);
	webhook_headers(&a, STR("msg_p5jXN8AQM9LWM0D4loKWxJek"), SECONDS_US(1614265330), STR("{\"test\": 2432232314}"),
			both, h);
	check_str(h[4].value, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
			      "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	arena_done(&a);
}

static void refuses_secrets_that_are_none(void **state)
{
	static const char *const rows[] = {
		"",
		"whsec_",
		"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",	  /* 23 bytes, badly padded */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaQ=", /* 23 bytes */
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw ",
		"whsec_****",
	};
	struct arena a;
	struct str key;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_err(webhook_secret_parse(&a, str_of(rows[i]), &key), ERR_BAD_REQUEST);
	check_err(webhook_secret_parse(&a, STR_NONE, &key), ERR_BAD_REQUEST);
	arena_done(&a);
}

static void tries_ten_times_over_a_day(void **state)
{
	int64_t shortest = 0, middle = 0, longest = 0;

	(void)state;
	for (int tries = 1; tries < LIMIT_CALLBACK_TRIES; tries++) {
		int64_t wait = SECONDS_US(9);

		for (int i = 1; i < tries; i++)
			wait *= 3;
		assert_int_equal(webhook_next_us(tries, 1000, 0), 1000 + wait - wait / 10);
		assert_int_equal(webhook_next_us(tries, 1000, (uint64_t)wait / 5), 1000 + wait + wait / 10);
		shortest = webhook_next_us(tries, shortest, 0);
		middle = webhook_next_us(tries, middle, (uint64_t)wait / 10);
		longest = webhook_next_us(tries, longest, (uint64_t)wait / 5);
	}
	assert_int_equal(middle, SECONDS_US(88569)); /* 24.6 h */
	assert_true(shortest > SECONDS_US(22 * 3600) && longest < SECONDS_US(28 * 3600));
	assert_int_equal(webhook_next_us(LIMIT_CALLBACK_TRIES, 1000, 5), 0);
	assert_int_equal(webhook_next_us(LIMIT_CALLBACK_TRIES + 7, 1000, 5), 0);
	/* Whatever the random number, it stays within a tenth. */
	for (uint64_t random = 1; random; random *= 2)
		assert_true(webhook_next_us(1, 0, random) >= 8100000 && webhook_next_us(1, 0, random) <= 9900000);
}

static void tells_origins_apart(void **state)
{
	static const struct {
		const char *url, *origin;
	} rows[] = {
		{ "https://a.example/x?y", "https://a.example" },
		{ "http://a.example:81", "http://a.example:81" },
		{ "HTTP://A.example?x", "HTTP://A.example" },
		{ "http://[::1]:80/x", "http://[::1]:80" },
		{ "ftp://a.example/", NULL },
		{ "http://", NULL },
		{ "http:///x", NULL },
		{ "", NULL },
		{ "javascript:alert(1)", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str origin = webhook_origin(str_of(rows[i].url));

		if (rows[i].origin)
			check_str(origin, rows[i].origin);
		else
			assert_null(origin.p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_as_the_standard_says),
		cmocka_unit_test(refuses_secrets_that_are_none),
		cmocka_unit_test(tries_ten_times_over_a_day),
		cmocka_unit_test(tells_origins_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

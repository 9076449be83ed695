#include "http/proxy.h"

#include "support/test.h"

static struct proxies *make(const char *const *texts, size_t count)
{
	struct proxies *p = NULL;

	check_ok(proxies_new(texts, count, &p));
	return p;
}

static void matches_networks(void **state)
{
	static const char *const texts[] = { "127.0.0.1", "10.0.0.0/8", "192.168.4.0/22", "fd00::/8", "2001:db8::1" };
	static const struct {
		const char *address;
		bool trusted;
	} rows[] = {
		{ "127.0.0.1", true },	   { "127.0.0.2", false },   { "10.255.1.2", true },	  { "11.0.0.0", false },
		{ "192.168.7.255", true }, { "192.168.8.0", false }, { "fdff::1", true },	  { "fe00::1", false },
		{ "2001:db8::1", true },   { "2001:db8::2", false }, { "::ffff:10.1.1.1", true }, { "", false },
		{ "unix", false },	   { "10.0.0.1:80", false },
	};
	struct proxies *p = make(texts, ARRAY_LEN(texts));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (proxies_trust(p, str_of(rows[i].address)) != rows[i].trusted)
			fail_msg("%s", rows[i].address);
	assert_false(proxies_trust(p, (struct str){ "10.0.0.1\0x", 10 }));
	proxies_free(p);
	proxies_free(NULL);
}

static void refuses_malformed_networks(void **state)
{
	static const char *const bad[] = { "",	     "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1",
					   "::/129", "proxy",  "1.2.3.4/8/9" };
	struct proxies *p = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		check_err(proxies_new(&bad[i], 1, &p), ERR_CONFIG);
		assert_null(p);
	}
}

static void finds_the_client(void **state)
{
	static const char *const texts[] = { "10.0.0.0/8" };
	static const struct {
		const char *peer, *first, *second, *client;
	} rows[] = {
		{ "10.0.0.1", NULL, NULL, "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.7", NULL, "203.0.113.7" },
		/* Whatever the client itself wrote stands further left. */
		{ "10.0.0.1", "1.1.1.1, 203.0.113.7", NULL, "203.0.113.7" },
		{ "10.0.0.1", "1.1.1.1, 203.0.113.7,10.0.0.2", NULL, "203.0.113.7" },
		{ "10.0.0.1", "1.1.1.1", "203.0.113.7", "203.0.113.7" },
		{ "10.0.0.1", "203.0.113.7", "10.0.0.2", "203.0.113.7" },
		{ "10.0.0.1", "10.0.0.3, 10.0.0.2", NULL, "10.0.0.3" },
		{ "10.0.0.1", "203.0.113.7, nonsense", NULL, "10.0.0.1" },
		{ "10.0.0.1", "203.0.113.7, nonsense, 10.0.0.2", NULL, "10.0.0.2" },
		{ "10.0.0.1", "2001:db8::1", NULL, "2001:db8::1" },
		{ "10.0.0.1", "", NULL, "10.0.0.1" },
		{ "203.0.113.9", "10.0.0.2", NULL, "203.0.113.9" },
	};
	struct proxies *p = make(texts, ARRAY_LEN(texts));

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct http_header headers[3] = {
			{ STR("x-forwarded-for"), str_of(rows[i].first ? rows[i].first : "") },
			{ STR("X-Other"), STR("203.0.113.1") },
			{ STR("X-Forwarded-For"), str_of(rows[i].second ? rows[i].second : "") },
		};
		size_t count = rows[i].second ? 3 : rows[i].first ? 2 : 0;

		check_str(proxies_client(p, str_of(rows[i].peer), false, headers, count), rows[i].client);
	}
	struct http_header header = { STR("X-Forwarded-For"), STR("203.0.113.7") };
	check_str(proxies_client(p, STR("unix"), true, &header, 1), "203.0.113.7");
	check_str(proxies_client(p, STR("unix"), false, &header, 1), "unix");
	proxies_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches_networks),
		cmocka_unit_test(refuses_malformed_networks),
		cmocka_unit_test(finds_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

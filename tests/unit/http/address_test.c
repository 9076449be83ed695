#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "support/test.h"

static enum address_class class_of(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_class((const struct sockaddr *)&v4, sizeof(v4));
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_class((const struct sockaddr *)&v6, sizeof(v6));
}

static const struct {
	const char *address;
	enum address_class class;
} rows[] = {
	{ "1.1.1.1", ADDRESS_PUBLIC },
	{ "0.0.0.0", ADDRESS_NEVER },
	{ "0.255.255.255", ADDRESS_NEVER },
	{ "1.0.0.0", ADDRESS_PUBLIC },
	{ "9.255.255.255", ADDRESS_PUBLIC },
	{ "10.0.0.0", ADDRESS_PRIVATE },
	{ "10.255.255.255", ADDRESS_PRIVATE },
	{ "11.0.0.0", ADDRESS_PUBLIC },
	{ "100.63.255.255", ADDRESS_PUBLIC },
	{ "100.64.0.0", ADDRESS_PRIVATE },
	{ "100.127.255.255", ADDRESS_PRIVATE },
	{ "100.128.0.0", ADDRESS_PUBLIC },
	{ "127.0.0.1", ADDRESS_PRIVATE },
	{ "127.255.255.255", ADDRESS_PRIVATE },
	{ "128.0.0.0", ADDRESS_PUBLIC },
	{ "169.254.169.254", ADDRESS_NEVER },
	{ "169.253.255.255", ADDRESS_PUBLIC },
	{ "172.15.255.255", ADDRESS_PUBLIC },
	{ "172.16.0.0", ADDRESS_PRIVATE },
	{ "172.31.255.255", ADDRESS_PRIVATE },
	{ "172.32.0.0", ADDRESS_PUBLIC },
	{ "192.0.0.8", ADDRESS_NEVER },
	{ "192.0.2.1", ADDRESS_NEVER },
	{ "192.88.99.1", ADDRESS_NEVER },
	{ "192.168.0.1", ADDRESS_PRIVATE },
	{ "192.169.0.1", ADDRESS_PUBLIC },
	{ "198.17.255.255", ADDRESS_PUBLIC },
	{ "198.18.0.0", ADDRESS_NEVER },
	{ "198.19.255.255", ADDRESS_NEVER },
	{ "198.51.100.7", ADDRESS_NEVER },
	{ "203.0.113.7", ADDRESS_NEVER },
	{ "223.255.255.255", ADDRESS_PUBLIC },
	{ "224.0.0.1", ADDRESS_NEVER },
	{ "239.255.255.255", ADDRESS_NEVER },
	{ "240.0.0.1", ADDRESS_NEVER },
	{ "255.255.255.255", ADDRESS_NEVER },
	{ "::", ADDRESS_NEVER },
	{ "::1", ADDRESS_PRIVATE },
	{ "::2", ADDRESS_NEVER },
	{ "::ffff:127.0.0.1", ADDRESS_PRIVATE },
	{ "::ffff:169.254.169.254", ADDRESS_NEVER },
	{ "::ffff:1.1.1.1", ADDRESS_PUBLIC },
	{ "::1.1.1.1", ADDRESS_NEVER },
	{ "64:ff9b::7f00:1", ADDRESS_NEVER },
	{ "2000::1", ADDRESS_PUBLIC },
	{ "2001::1", ADDRESS_NEVER },
	{ "2001:1ff:ffff::1", ADDRESS_NEVER },
	{ "2001:200::1", ADDRESS_PUBLIC },
	{ "2001:db8::1", ADDRESS_NEVER },
	{ "2001:db9::1", ADDRESS_PUBLIC },
	{ "2002:7f00:1::", ADDRESS_NEVER },
	{ "2606:4700::1111", ADDRESS_PUBLIC },
	{ "3fff:fff::1", ADDRESS_NEVER },
	{ "3fff:1000::1", ADDRESS_PUBLIC },
	{ "4000::1", ADDRESS_NEVER },
	{ "fbff::1", ADDRESS_NEVER },
	{ "fc00::1", ADDRESS_PRIVATE },
	{ "fdff::1", ADDRESS_PRIVATE },
	{ "fe80::1", ADDRESS_NEVER },
	{ "fec0::1", ADDRESS_NEVER },
	{ "ff02::1", ADDRESS_NEVER },
};

static void every_range_and_its_neighbours(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (class_of(rows[i].address) != rows[i].class)
			fail_msg("%s is %d", rows[i].address, (int)class_of(rows[i].address));
}

static void what_is_no_address_is_never_called(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr.s_addr = 0x01010101 };
	struct sockaddr other = { .sa_family = AF_UNIX };

	(void)state;
	assert_int_equal(address_class(&other, sizeof(other)), ADDRESS_NEVER);
	assert_int_equal(address_class((const struct sockaddr *)&v4, sizeof(v4)), ADDRESS_PUBLIC);
	assert_int_equal(address_class((const struct sockaddr *)&v4, sizeof(v4) - 1), ADDRESS_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_range_and_its_neighbours),
		cmocka_unit_test(what_is_no_address_is_never_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "http/address.h"

#include "base/must.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>

struct range4 {
	uint32_t first;
	int bits;
	enum address_class class;
};

#define IP4(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* IANA's special-purpose registry, and multicast. All else is public. */
static const struct range4 ranges4[] = {
	{ IP4(0, 0, 0, 0), 8, ADDRESS_NEVER },	     { IP4(10, 0, 0, 0), 8, ADDRESS_PRIVATE },
	{ IP4(100, 64, 0, 0), 10, ADDRESS_PRIVATE }, { IP4(127, 0, 0, 0), 8, ADDRESS_PRIVATE },
	{ IP4(169, 254, 0, 0), 16, ADDRESS_NEVER },  { IP4(172, 16, 0, 0), 12, ADDRESS_PRIVATE },
	{ IP4(192, 0, 0, 0), 24, ADDRESS_NEVER },    { IP4(192, 0, 2, 0), 24, ADDRESS_NEVER },
	{ IP4(192, 88, 99, 0), 24, ADDRESS_NEVER },  { IP4(192, 168, 0, 0), 16, ADDRESS_PRIVATE },
	{ IP4(198, 18, 0, 0), 15, ADDRESS_NEVER },   { IP4(198, 51, 100, 0), 24, ADDRESS_NEVER },
	{ IP4(203, 0, 113, 0), 24, ADDRESS_NEVER },  { IP4(224, 0, 0, 0), 4, ADDRESS_NEVER },
	{ IP4(240, 0, 0, 0), 4, ADDRESS_NEVER },
};

struct range6 {
	unsigned char first[16];
	int bits;
	enum address_class class;
};

/* The first that fits decides; what fits none is not global unicast and is never called. */
static const struct range6 ranges6[] = {
	{ { [15] = 1 }, 128, ADDRESS_PRIVATE },		   /* ::1 */
	{ { 0xFC }, 7, ADDRESS_PRIVATE },		   /* unique local */
	{ { 0x20, 0x01, 0x00, 0x00 }, 23, ADDRESS_NEVER }, /* IETF protocols, Teredo */
	{ { 0x20, 0x01, 0x0D, 0xB8 }, 32, ADDRESS_NEVER }, /* documentation */
	{ { 0x20, 0x02 }, 16, ADDRESS_NEVER },		   /* 6to4: carries any IPv4 address */
	{ { 0x3F, 0xFF, 0x00, 0x00 }, 20, ADDRESS_NEVER }, /* documentation */
	{ { 0x20 }, 3, ADDRESS_PUBLIC },		   /* global unicast */
};

static enum address_class class4(uint32_t ip)
{
	for (size_t i = 0; i < ARRAY_LEN(ranges4); i++)
		if ((ip ^ ranges4[i].first) >> (32 - ranges4[i].bits) == 0)
			return ranges4[i].class;
	return ADDRESS_PUBLIC;
}

static bool begins(const unsigned char *ip, const unsigned char *first, int bits)
{
	for (int i = 0; i < bits; i++)
		if ((ip[i / 8] ^ first[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

static enum address_class class6(const unsigned char ip[16])
{
	static const unsigned char mapped[16] = { [10] = 0xFF, [11] = 0xFF };

	if (begins(ip, mapped, 96))
		return class4(IP4(ip[12], ip[13], ip[14], ip[15]));
	for (size_t i = 0; i < ARRAY_LEN(ranges6); i++)
		if (begins(ip, ranges6[i].first, ranges6[i].bits))
			return ranges6[i].class;
	return ADDRESS_NEVER;
}

enum address_class address_class(const struct sockaddr *address, size_t length)
{
	if (address->sa_family == AF_INET && length >= sizeof(struct sockaddr_in))
		return class4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6 && length >= sizeof(struct sockaddr_in6))
		return class6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return ADDRESS_NEVER;
}

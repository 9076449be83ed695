#include "base/hash.h"

#include <string.h>

/* Odd, with about as many ones as zeros, and nothing else. */
#define K1 UINT64_C(0x9E3779B97F4A7C15)
#define K2 UINT64_C(0xC2B2AE3D27D4EB4F)
#define K3 UINT64_C(0x165667B19E3779F9)
#define K4 UINT64_C(0xD6E8FEB86659FD93)

/* Every bit of the product depends on many bits of both factors; its halves are laid over each other. */
static uint64_t fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void mix(struct hash128 *h, const char *p)
{
	uint64_t first, second;

	memcpy(&first, p, sizeof(first));
	memcpy(&second, p + sizeof(first), sizeof(second));
	h->a = fold(h->a ^ first, second ^ K1) + K3;
	h->b = fold(h->b ^ second, first ^ K2) + K4;
}

struct hash128 hash_bytes(struct str data)
{
	struct hash128 h = { K1 ^ data.n, K2 + data.n };
	char tail[16] = { 0 };
	size_t at = 0;

	for (; data.n - at >= sizeof(tail); at += sizeof(tail))
		mix(&h, data.p + at);
	if (at < data.n)
		memcpy(tail, data.p + at, data.n - at);
	mix(&h, tail);
	return (struct hash128){ fold(h.a ^ h.b, K2), fold(h.b ^ K3, h.a ^ K4) };
}

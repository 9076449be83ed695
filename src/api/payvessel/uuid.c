#include "api/payvessel/uuid.h"

#include "base/ids.h"

enum { UUID_DIGITS = 36, REST_BITS = 12 };

static const struct {
	int at;
} hyphens[] = { { 8 }, { 13 }, { 18 }, { 23 } };

struct str pv_uuid(const struct keys *keys, struct arena *a, int64_t order_id)
{
	unsigned long long ms = (unsigned long long)(ids_time_us(order_id) / 1000);
	unsigned rest = (unsigned)order_id & ((1u << REST_BITS) - 1);
	unsigned char mac[HASH_BYTES];
	uint64_t tail = 0;

	struct str text = arena_printf(a, "uuid %lld", (long long)order_id);
	crypto_keyed_hash(keys, text, mac);
	for (size_t i = 0; i < sizeof(tail); i++)
		tail = tail << 8 | mac[i];
	tail = (tail & (UINT64_MAX >> 2)) | UINT64_C(1) << 63; /* the variant of RFC 9562 */
	return arena_printf(a, "%08llx-%04llx-7%03x-%04llx-%012llx", ms >> 16, ms & 0xffff, rest,
			    (unsigned long long)(tail >> 48), (unsigned long long)(tail & 0xffffffffffff));
}

static bool is_hyphen(size_t at)
{
	for (size_t i = 0; i < ARRAY_LEN(hyphens); i++)
		if (hyphens[i].at == (int)at)
			return true;
	return false;
}

static int hex_value(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err pv_uuid_read(const struct keys *keys, struct arena *a, struct str text, int64_t *ret_id)
{
	char lower[UUID_DIGITS];
	uint64_t head = 0;

	if (text.n != UUID_DIGITS)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < UUID_DIGITS; i++) {
		lower[i] = text.p[i] >= 'A' && text.p[i] <= 'F' ? (char)(text.p[i] | 32) : text.p[i];
		if (is_hyphen(i) ? lower[i] != '-' : hex_value(lower[i]) < 0)
			return ERR_BAD_REQUEST;
		if (i < 18 && !is_hyphen(i) && i != 14)
			head = head << 4 | (uint64_t)hex_value(lower[i]);
	}
	/* 48 bits of milliseconds and 12 of the rest; the floor of that moment has the id's other bits. */
	int64_t ms = (int64_t)(head >> REST_BITS);
	if (ms > INT64_C(1) << 43)
		return ERR_NOT_FOUND;
	int64_t id = ids_floor(ms * 1000) | (int64_t)(head & ((1u << REST_BITS) - 1));
	struct str own = pv_uuid(keys, a, id);
	if (!crypto_equal(own, (struct str){ lower, UUID_DIGITS }))
		return ERR_NOT_FOUND;
	*ret_id = id;
	return OK;
}

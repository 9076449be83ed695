#include "base/uuid.h"

#include "base/ids.h"

#include <string.h>

enum { UUID_BYTES = 16, UUID_CHARS = 36, LOW_BITS = 12 };

static void make(const struct keys *keys, const char *kind, int64_t id, unsigned char ret[UUID_BYTES])
{
	char text[64];
	unsigned char hash[HASH_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	/* Milliseconds since 1970, so that others read the time in it as they expect. */
	uint64_t ms = (uint64_t)(ids_time_us(id) / 1000), low = (uint64_t)id & ((1u << LOW_BITS) - 1);

	buf_lit(&b, "uuid ");
	buf_str(&b, str_of(kind));
	buf_char(&b, ' ');
	buf_i64(&b, id);
	must(!b.failed);
	crypto_keyed_hash(keys, buf_view(&b), hash);
	for (int i = 0; i < 6; i++)
		ret[i] = (unsigned char)(ms >> (40 - 8 * i));
	ret[6] = (unsigned char)(0x70 | low >> 8);
	ret[7] = (unsigned char)low;
	memcpy(ret + 8, hash, 8);
	ret[8] = (unsigned char)(0x80 | (ret[8] & 0x3f));
}

struct str uuid_of_id(const struct keys *keys, struct arena *a, const char *kind, int64_t id)
{
	static const unsigned char groups[] = { 4, 2, 2, 2, 6 };
	unsigned char u[UUID_BYTES];
	struct buf b = { .p = arena_alloc(a, UUID_CHARS + 1), .cap = UUID_CHARS, .max = UUID_CHARS };

	make(keys, kind, id, u);
	for (size_t i = 0, at = 0; i < ARRAY_LEN(groups); at += groups[i++]) {
		if (i)
			buf_char(&b, '-');
		buf_hex(&b, u + at, groups[i]);
	}
	return buf_view(&b);
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool parse(struct str text, unsigned char ret[UUID_BYTES])
{
	size_t n = 0;

	if (text.n != UUID_CHARS)
		return false;
	for (size_t i = 0; i < UUID_CHARS; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen && text.p[i] == '-')
			continue;
		int value = hyphen ? -1 : hex_value(text.p[i]);
		if (value < 0)
			return false;
		ret[n / 2] = (unsigned char)(n % 2 ? ret[n / 2] << 4 | value : value);
		n++;
	}
	return true;
}

enum err uuid_to_id(const struct keys *keys, const char *kind, struct str uuid, int64_t *ret)
{
	unsigned char u[UUID_BYTES] = { 0 }, ours[UUID_BYTES];
	uint64_t ms = 0;

	if (!parse(uuid, u))
		return ERR_BAD_REQUEST;
	for (int i = 0; i < 6; i++)
		ms = ms << 8 | u[i];
	if (ms > INT64_C(1) << 42)
		return ERR_NOT_FOUND;
	int64_t id = ids_floor((int64_t)ms * 1000) | (u[6] & 0xf) << 8 | u[7];
	if (id <= 0)
		return ERR_NOT_FOUND;
	make(keys, kind, id, ours);
	if (!crypto_equal((struct str){ (const char *)u, UUID_BYTES }, (struct str){ (const char *)ours, UUID_BYTES }))
		return ERR_NOT_FOUND;
	*ret = id;
	return OK;
}

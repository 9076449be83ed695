#include "service/public.h"

#include <endian.h>

enum { KEY_DIGITS = 16, MAC_BYTES = 16, TOKEN_DIGITS = KEY_DIGITS + 2 * MAC_BYTES };

static const char *const paths[] = {
	[PUBLIC_ESIM] = "/e/",	      [PUBLIC_KYC] = "/kyc/",	   [PUBLIC_PAYMENT] = "/pay/",
	[PUBLIC_PAYMENT_QR] = "/qr/", [PUBLIC_REUSABLE] = "/buy/", [PUBLIC_REUSABLE_QR] = "/buy/",
	[PUBLIC_PHOTO] = "/buy/",
};

static void token_make(const struct keys *keys, enum public_kind kind, int64_t id, int unit, char ret[TOKEN_DIGITS + 1])
{
	unsigned char mac[HASH_BYTES];
	char text[64];
	struct buf said = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	struct buf b = { .p = ret, .cap = TOKEN_DIGITS + 1, .max = TOKEN_DIGITS + 1 };
	uint64_t key = htobe64((uint64_t)id << 8 | (uint64_t)unit);

	must(unit >= 0 && unit < 256 && id >= 0 && id < INT64_C(1) << 56);
	buf_lit(&said, "public ");
	buf_i64(&said, (int)kind);
	buf_char(&said, ' ');
	buf_i64(&said, id);
	buf_char(&said, ' ');
	buf_i64(&said, unit);
	crypto_keyed_hash(keys, buf_view(&said), mac);
	buf_hex(&b, &key, sizeof(key));
	buf_hex(&b, mac, MAC_BYTES);
	must(!said.failed && !b.failed && b.n == TOKEN_DIGITS);
}

/* 48 hex digits. `unit` below 256. */
static struct str public_token(const struct keys *keys, struct arena *a, enum public_kind kind, int64_t id, int unit)
{
	char token[TOKEN_DIGITS + 1];

	token_make(keys, kind, id, unit, token);
	return arena_str(a, (struct str){ token, TOKEN_DIGITS });
}

enum err public_token_read(const struct keys *keys, enum public_kind kind, struct str token, int64_t *ret_id,
			   int *ret_unit)
{
	char made[TOKEN_DIGITS + 1];
	uint64_t key = 0;

	if (token.n != TOKEN_DIGITS)
		return ERR_NOT_FOUND;
	for (size_t i = 0; i < KEY_DIGITS; i++) {
		char c = token.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return ERR_NOT_FOUND;
		key = key << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	int64_t id = (int64_t)(key >> 8);
	int unit = (int)(key & 255);
	token_make(keys, kind, id, unit, made);
	if (!crypto_equal(token, (struct str){ made, TOKEN_DIGITS }))
		return ERR_NOT_FOUND;
	*ret_id = id;
	*ret_unit = unit;
	return OK;
}

struct str public_link(const struct keys *keys, struct arena *a, const char *base_url, enum public_kind kind,
		       int64_t id, int unit, const char *ending)
{
	struct str token = public_token(keys, a, kind, id, unit);

	return arena_printf(a, "%s%s%.*s%s", base_url, paths[kind], STR_ARG(token), ending);
}

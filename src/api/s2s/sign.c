#include "api/s2s/sign.h"

#include "base/clock.h"

enum { MAC_BYTES = 32, MAC_CHARS = 64, TIMESTAMP_DIGITS = 12, WINDOW_SECONDS = 300, SECRETS_MAX = 2 };

struct str s2s_signature(struct arena *a, struct str secret, struct str timestamp, struct str second, struct str third)
{
	struct str message = arena_printf(a, "%.*s%.*s%.*s", STR_ARG(timestamp), STR_ARG(second), STR_ARG(third));
	unsigned char mac[MAC_BYTES];
	char text[MAC_CHARS];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	crypto_hmac_sha256(secret, message, mac);
	buf_hex(&b, mac, sizeof(mac));
	return arena_str(a, buf_view(&b));
}

/* By the wall clock: it is compared with the caller's, which no sandbox moves. */
enum err s2s_check_timestamp(struct request *rq)
{
	struct str text = http_header_find(rq->x, "X-Timestamp");
	int64_t then, now = clock_wall_us() / SECONDS_US(1);

	if (!text.p)
		return ERR_TIMESTAMP_MISSING;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return ERR_TIMESTAMP_INVALID;
	if (text.n > TIMESTAMP_DIGITS || str_to_i64(text, 0, INT64_MAX, &then))
		return ERR_TIMESTAMP_INVALID;
	return now - then > WINDOW_SECONDS || then - now > WINDOW_SECONDS ? ERR_TIMESTAMP_OUT_OF_RANGE : OK;
}

/* The documentation says small letters; capitals mean the same. */
static struct str small_letters(struct arena *a, struct str text)
{
	char *copy = arena_alloc(a, text.n + 1);

	for (size_t i = 0; i < text.n; i++)
		copy[i] = text.p[i] >= 'A' && text.p[i] <= 'F' ? (char)(text.p[i] - 'A' + 'a') : text.p[i];
	return (struct str){ copy, text.n };
}

enum err s2s_check_signature(struct request *rq, struct str second, struct str third)
{
	struct arena *a = &rq->x->arena;
	struct str given = http_header_find(rq->x, "X-Signature"), timestamp = http_header_find(rq->x, "X-Timestamp");
	const struct credential *live[SECRETS_MAX];
	bool good = false;

	if (!given.p)
		return ERR_SIGNATURE_MISSING;
	if (given.n != MAC_CHARS)
		return ERR_SIGNATURE_INVALID;
	given = small_letters(a, given);
	size_t n = directory_credentials(rq->directory, rq->credential->partner_id, DIALECT_S2S, rq->now_us, live,
					 SECRETS_MAX);
	for (size_t i = 0; i < n; i++) {
		struct str secret;

		if (!live[i]->sealed.p)
			continue;
		enum err e =
			crypto_open(rq->keys, a, credential_secret_label(a, live[i]->id), live[i]->sealed, &secret);
		if (e)
			return e;
		good |= crypto_equal(given, s2s_signature(a, secret, timestamp, second, third));
	}
	return good ? OK : ERR_SIGNATURE_INVALID;
}

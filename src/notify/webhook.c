#include "notify/webhook.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"

enum { KEY_BYTES_LEAST = 24, KEY_BYTES_MOST = 64, SIGNATURE_BYTES = 32, SIGNATURE_TEXT_BYTES = 64 };

static const struct str secret_prefix = { "whsec_", 6 };

enum err webhook_secret_parse(struct arena *a, struct str text, struct str *ret_key)
{
	struct str key;

	if (!str_starts(text, secret_prefix) || crypto_unbase64(a, str_skip(text, secret_prefix.n), &key))
		return ERR_BAD_REQUEST;
	if (key.n < KEY_BYTES_LEAST || key.n > KEY_BYTES_MOST)
		return ERR_BAD_REQUEST;
	*ret_key = key;
	return OK;
}

/* v1 = HMAC-SHA256 over "id.timestamp.body". */
static struct str signature(struct arena *a, struct str id, struct str timestamp, struct str body, struct str key)
{
	unsigned char mac[SIGNATURE_BYTES];
	char text[SIGNATURE_TEXT_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	char *content = arena_alloc(a, id.n + 1 + timestamp.n + 1 + body.n);
	char *at = content;

	memcpy(at, id.p, id.n);
	at += id.n;
	*at++ = '.';
	memcpy(at, timestamp.p, timestamp.n);
	at += timestamp.n;
	*at++ = '.';
	if (body.n)
		memcpy(at, body.p, body.n);
	at += body.n;
	crypto_hmac_sha256(key, (struct str){ content, (size_t)(at - content) }, mac);
	buf_lit(&b, "v1,");
	buf_base64(&b, mac, sizeof(mac));
	must(!b.failed);
	return arena_str(a, buf_view(&b));
}

size_t webhook_headers(struct arena *a, struct str id, int64_t timestamp_us, struct str body,
		       const struct str keys[WEBHOOK_KEYS], struct webhook_header ret[WEBHOOK_HEADERS])
{
	struct str timestamp = arena_printf(a, "%lld", (long long)(timestamp_us / SECONDS_US(1)));
	struct str all = STR("");
	size_t n = 0;

	/* First, so that another kind of body can name its own. */
	ret[n++] = (struct webhook_header){ "Content-Type", STR("application/json") };
	ret[n++] = (struct webhook_header){ "User-Agent", STR("Bodega-Webhook/1") };
	ret[n++] = (struct webhook_header){ "webhook-id", id };
	ret[n++] = (struct webhook_header){ "webhook-timestamp", timestamp };
	for (size_t i = 0; i < WEBHOOK_KEYS; i++)
		if (keys[i].p)
			all = arena_printf(a, "%.*s%s%.*s", STR_ARG(all), all.n ? " " : "",
					   STR_ARG(signature(a, id, timestamp, body, keys[i])));
	if (all.n)
		ret[n++] = (struct webhook_header){ "webhook-signature", all };
	return n;
}

int64_t webhook_next_by(const int64_t *waits_us, int tries, int64_t now_us)
{
	must(tries >= 1);
	for (int i = 1; i < tries && *waits_us; i++)
		waits_us++;
	return *waits_us ? now_us + *waits_us : 0;
}

int64_t webhook_next_us(int tries, int64_t now_us, uint64_t random)
{
	int64_t wait = SECONDS_US(9);

	must(tries >= 1);
	if (tries >= LIMIT_CALLBACK_TRIES)
		return 0;
	for (int i = 1; i < tries; i++)
		wait *= 3;
	/* From nine tenths to eleven tenths, so that what failed together does not come back together. */
	return now_us + wait - wait / 10 + (int64_t)(random % (uint64_t)(wait / 5 + 1));
}

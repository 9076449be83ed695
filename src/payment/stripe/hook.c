/* payment/stripe/hook.c: what Stripe sends by itself: signed events. */
#include "payment/stripe/wire.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "json/reader.h"

enum { TOLERANCE_SECONDS = 300, MAC_BYTES = 32 };

static void put_expected(struct buf *b, struct str secret, struct str at, struct str body)
{
	unsigned char mac[MAC_BYTES];
	struct buf text;

	buf_init(&text, at.n + body.n + 1);
	buf_str(&text, at);
	buf_char(&text, '.');
	buf_str(&text, body);
	must(!text.failed);
	crypto_hmac_sha256(secret, buf_view(&text), mac);
	buf_hex(b, mac, sizeof(mac));
	buf_done(&text);
}

/* "t=1492774577,v1=5257a8...,v1=...,v0=...": several v1 while a secret is replaced. */
enum err stripe_check_signature(struct str secret, const struct provider_hook *hook)
{
	char expected[2 * MAC_BYTES];
	struct buf b = { .p = expected, .cap = sizeof(expected), .max = sizeof(expected) };
	struct str rest = hook->signature, at = STR_NONE;
	int64_t seconds;
	bool is_good = false;

	while (rest.p && !at.p) {
		struct str value = str_cut(&rest, ',');

		if (str_is(str_trim(str_cut(&value, '=')), "t"))
			at = value;
	}
	if (!secret.n || !at.p || str_to_i64(at, 0, INT64_C(1) << 40, &seconds) ||
	    llabs(hook->wall_us / SECONDS_US(1) - seconds) > TOLERANCE_SECONDS)
		return ERR_UNAUTHORIZED;
	put_expected(&b, secret, at, hook->body);
	for (rest = hook->signature; rest.p;) {
		struct str value = str_cut(&rest, ',');

		if (str_is(str_trim(str_cut(&value, '=')), "v1"))
			is_good |= crypto_equal(value, buf_view(&b));
	}
	return is_good ? OK : ERR_UNAUTHORIZED;
}

struct str stripe_event_reference(struct arena *a, struct str body)
{
	struct json doc;

	if (json_read(a, body, NULL, &doc))
		return STR_NONE;
	const struct json_token *object = json_get(json_get(json_root(&doc), "data"), "object");
	if (!str_is(json_text(a, json_get(object, "object")), "checkout.session"))
		return STR_NONE;
	return json_text(a, json_get(object, "client_reference_id"));
}

/* api/mobip/callback.c: how a payment's end is called out: a GET of the merchant's address, else a form (mobip.md 6).
 */
#include "api/mobip/payment.h"

#include "base/clock.h"
#include "service/payment_link.h"

/* The merchant's address as it is, without what a server never sees. */
static const char *without_fragment(struct arena *a, struct str url)
{
	return arena_strz(a, str_cut(&url, '#'));
}

/* What a GET has in its query, as a form. */
static struct str form_of(const struct keys *keys, struct arena *a, const struct payment *p)
{
	struct str url = payment_end_url(keys, a, STR("http://localhost/"), p);

	str_cut(&url, '?');
	return url;
}

void mobip_payment_callback(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			    struct payment_callback *ret)
{
	const struct payment *p = &callback->payment->payment;

	*ret = (struct payment_callback){ .get_url = arena_strz(a, payment_end_url(keys, a, callback->url, p)),
					  .form_url = without_fragment(a, callback->url),
					  .form = form_of(keys, a, p) };
}

/* hex(HMAC-SHA256(api_secret_key, timestamp + trid + resp_code)); of the newest secret. */
size_t mobip_callback_headers(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			      struct callback_header ret[CALLBACK_HEADERS])
{
	const struct payment *p = &callback->payment->payment;
	struct str code = payment_resp_code((enum payment_state)p->state), trid = payment_trid(keys, a, p->id);
	struct str timestamp = arena_printf(a, "%lld", (long long)(clock_wall_us() / SECONDS_US(1)));
	struct str text = arena_printf(a, "%.*s%.*s%.*s", STR_ARG(timestamp), STR_ARG(trid), STR_ARG(code));
	unsigned char mac[32];
	char hex[2 * sizeof(mac) + 1];
	struct buf b = { .p = hex, .cap = sizeof(hex), .max = sizeof(hex) };

	ret[0] = (struct callback_header){ "X-Timestamp", timestamp };
	if (!callback->signing[0].p)
		return 1;
	crypto_hmac_sha256(callback->signing[0], text, mac);
	buf_hex(&b, mac, sizeof(mac));
	ret[1] = (struct callback_header){ "X-Signature", arena_str(a, buf_view(&b)) };
	return 2;
}

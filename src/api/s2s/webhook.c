#include "api/s2s/webhook.h"

#include "api/s2s/order.h"
#include "api/s2s/sign.h"
#include "base/clock.h"
#include "base/uuid.h"

#define EVENT STR("order.status_changed")

/* An order tells once, at its end, so the order is the event. */
static struct str event_key(const struct keys *keys, struct arena *a, int64_t order_id)
{
	return uuid_of_id(keys, a, "webhook", order_id);
}

enum err s2s_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view, struct str *ret)
{
	const struct order *o = &view->order;
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, LIMIT_RESPONSE_BYTES);
	json_writer_init(&w, &buf);
	json_obj(&w, NULL);
	json_str(&w, "event", EVENT);
	json_time(&w, "timestamp", o->completed_at, 0, "+00:00");
	json_str(&w, "idempotency_key", event_key(keys, a, o->id));
	json_obj(&w, "data");
	enum err e = s2s_put_webhook_order(&w, a, keys, view);
	if (!e) {
		json_end(&w);
		json_end(&w);
		e = json_finish(&w);
	}
	if (!e)
		*ret = arena_str(a, buf_view(&buf));
	buf_done(&buf);
	return e;
}

size_t s2s_callback_headers(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			    struct callback_header ret[CALLBACK_HEADERS])
{
	struct str timestamp = arena_printf(a, "%lld", (long long)(clock_wall_us() / SECONDS_US(1)));
	struct str key = event_key(keys, a, callback->view.order.id);
	bool rotating = callback->signing[1].p != NULL;
	struct str secret = callback->signing[rotating];
	size_t n = 0;

	ret[n++] = (struct callback_header){ "X-Timestamp", timestamp };
	ret[n++] = (struct callback_header){ "X-Webhook-Attempt", arena_printf(a, "%d", callback->tries + 1) };
	if (secret.p)
		ret[n++] = (struct callback_header){ "X-Signature", s2s_signature(a, secret, timestamp, EVENT, key) };
	if (rotating)
		ret[n++] = (struct callback_header){ "X-Signature-Next",
						     s2s_signature(a, callback->signing[0], timestamp, EVENT, key) };
	return n;
}

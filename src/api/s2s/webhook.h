/* api/s2s/webhook.h: the webhook of the S2S API: order.status_changed, signed over timestamp, event and key. */
#pragma once

#include "api/endpoint.h"

/* In the arena. ERR_SEALED, ERR_STORE_FAILED. */
MUST_USE enum err s2s_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view,
				    struct str *ret);
/* X-Timestamp, X-Signature and X-Webhook-Attempt, made anew for each try. While two secrets are valid the older one
 * signs, which a receiver that has not changed over yet knows, and X-Signature-Next is the newer one's. */
size_t s2s_callback_headers(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			    struct callback_header ret[CALLBACK_HEADERS]);

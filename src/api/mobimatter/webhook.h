/* api/mobimatter/webhook.h: what is posted to an order's callbackUrl, signed with the server's key
 * (mobimatter.md 2.10).
 */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err mm_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view,
				   struct str *ret);
/* The key that checks signatures: for anybody. */
MUST_USE enum err mm_public_key_answer(struct request *rq);
void mm_public_key_render(struct request *rq, struct json_writer *w);

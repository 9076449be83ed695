/* api/mobip/payment.h: payment requests over the MOBIP API: made, looked at, cancelled; the token that the calls need.
 */
#pragma once

#include "api/mobip/answer.h"
#include "service/payment.h"

/* get_token: parse checks account and secret, answer makes the token. */
MUST_USE enum err mobip_token_parse(struct request *rq);
MUST_USE enum err mobip_token_answer(struct request *rq);
void mobip_token_render(struct request *rq, struct json_writer *w);
/* login: the token has been looked at by then. */
MUST_USE enum err mobip_login_answer(struct request *rq);

/* create_one_use_qr and send_payment_request: struct payment_create. */
MUST_USE enum err mobip_create_parse(struct request *rq);
MUST_USE enum err mobip_send_parse(struct request *rq);
void mobip_create_render(struct request *rq, struct json_writer *w);
MUST_USE enum err mobip_resend_parse(struct request *rq);

/* is_valid and get_transaction: struct payment_get. */
MUST_USE enum err mobip_get_parse(struct request *rq);
void mobip_valid_render(struct request *rq, struct json_writer *w);
void mobip_transaction_render(struct request *rq, struct json_writer *w);
MUST_USE enum err mobip_cancel_parse(struct request *rq);

/* How a payment's end is called out (mobip.md 6). */
void mobip_payment_callback(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			    struct payment_callback *ret);
size_t mobip_callback_headers(struct arena *a, const struct keys *keys, const struct callback_get *callback,
			      struct callback_header ret[CALLBACK_HEADERS]);

void mobip_print_sample(struct buf *b, const struct json_token *credential, const char *base_url);

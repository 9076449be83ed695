/* api/mobip/routes.c: the payment requests of MOBIP, under the names that its documentation and its prose use. */
#include "api/registry.h"

#include "api/mobip/account.h"
#include "api/mobip/external.h"
#include "api/mobip/input.h"
#include "api/mobip/invoice.h"
#include "api/mobip/lists.h"
#include "api/mobip/payment.h"
#include "api/mobip/reusable.h"
#include "api/mobip/stats_file.h"
#include "base/clock.h"
#include "service/account.h"
#include "service/external_invoice.h"
#include "service/feed.h"
#include "service/merchant.h"
#include "service/payment_invoice.h"
#include "service/payment_queue.h"
#include "service/payment_stats.h"
#include "service/token.h"

#define CALL(method, name, flags, ...)                            \
	{                                                         \
		method, "/api/2.0/" name, flags, 200, __VA_ARGS__ \
	}

/* The secret travels in a query by design of the API; a body is taken too (mobip.md 4). */
/* clang-format off */
static const struct endpoint endpoints[] = {
	CALL("GET", "mobip/get_token", ENDPOINT_OPEN, mobip_token_parse, NULL, mobip_token_answer, mobip_token_render),
	CALL("POST", "mobip/get_token", ENDPOINT_OPEN, mobip_token_parse, NULL, mobip_token_answer, mobip_token_render),
	CALL("GET", "connect/get_token", ENDPOINT_OPEN,
	     mobip_token_parse, NULL, mobip_token_answer, mobip_token_render),
	CALL("POST", "connect/get_token", ENDPOINT_OPEN,
	     mobip_token_parse, NULL, mobip_token_answer, mobip_token_render),
	CALL("POST", "mobip/login", 0, NULL, NULL, mobip_login_answer, mobip_render_done),
	CALL("POST", "mobip/create_one_use_qr", ENDPOINT_IDEMPOTENT,
	     mobip_create_parse, &verb_payment_create, NULL, mobip_create_render),
	CALL("POST", "mobip/send_payment_request", ENDPOINT_IDEMPOTENT,
	     mobip_send_parse, &verb_payment_create, NULL, mobip_create_render),
	CALL("POST", "mobip/create_reusable_qr", ENDPOINT_IDEMPOTENT,
	     mobip_reusable_parse, &verb_reusable_create, NULL, mobip_reusable_render),
	CALL("POST", "mobip/resend", 0, mobip_resend_parse, &verb_payment_resend, NULL, mobip_render_done),
	CALL("GET", "mobip/is_valid", 0, mobip_get_parse, &verb_payment_get, NULL, mobip_valid_render),
	CALL("GET", "mobip/isvalid", 0, mobip_get_parse, &verb_payment_get, NULL, mobip_valid_render),
	CALL("GET", "mobip/get_transaction", 0, mobip_get_parse, &verb_payment_get, NULL, mobip_transaction_render),
	CALL("POST", "mobip/cancel_transaction", 0,
	     mobip_cancel_parse, &verb_payment_cancel, NULL, mobip_render_done),
	CALL("GET", "mobip/get_stats", 0, mobip_stats_parse, &verb_payment_stats, NULL, mobip_stats_render),
	CALL("GET", "stats/{file}", ENDPOINT_OPEN,
	     mobip_stats_file_parse, &verb_payment_stats, NULL, mobip_stats_file_render),
	CALL("GET", "mobip/get_invoice_list", 0,
	     mobip_invoices_parse, &verb_payment_invoices, NULL, mobip_invoices_render),
	CALL("GET", "mobip/get_invoices_list", 0,
	     mobip_invoices_parse, &verb_payment_invoices, NULL, mobip_invoices_render),
	CALL("GET", "mobip/get_invoice", 0,
	     mobip_invoice_parse, &verb_payment_invoice, NULL, mobip_invoice_render),
	CALL("GET", "mobip/get_account", ENDPOINT_RESTRICTED,
	     mobip_account_parse, &verb_account_get, NULL, mobip_account_render),
	CALL("GET", "mobip/get_account_by_external_id", 0,
	     mobip_own_account_parse, &verb_account_get, NULL, mobip_account_render),
	CALL("POST", "mobip/update_account", ENDPOINT_RESTRICTED,
	     mobip_update_parse, &verb_merchant_set, NULL, mobip_render_done),
	{ .method = "POST",
	  .pattern = "/api/2.0/mobip/set_external_invoices",
	  .status = 200,
	  .parse = mobip_external_import_parse,
	  .verb = &verb_external_import,
	  .render = mobip_render_done,
	  .body_bytes = LIMIT_INVOICES_BYTES },
	CALL("GET", "mobip/get_external_invoices", 0,
	     mobip_external_list_parse, &verb_external_list, NULL, mobip_external_list_render),
	CALL("POST", "mobip/set_external_invoice_status", 0,
	     mobip_words_set_parse, &verb_external_words_set, NULL, mobip_render_done),
	CALL("POST", "mobip/set_external_invoices_status", 0,
	     mobip_words_set_parse, &verb_external_words_set, NULL, mobip_render_done),
	CALL("GET", "mobip/get_external_invoices_status", 0,
	     mobip_words_get_parse, &verb_external_words_get, NULL, mobip_words_get_render),
	CALL("GET", "mobip/get_external_invoice_status", 0,
	     mobip_words_get_parse, &verb_external_words_get, NULL, mobip_words_get_render),
	CALL("GET", "mobip/events", 0, mobip_events_parse, &verb_feed_read, NULL, mobip_events_render),
	CALL("GET", "events", 0, mobip_events_parse, &verb_feed_read, NULL, mobip_events_render),
	CALL("GET", "neosystems/get_mobip_transactions", ENDPOINT_RESTRICTED,
	     mobip_queue_parse, &verb_payment_queue_list, NULL, mobip_queue_render),
	CALL("POST", "neosystems/set_mobip_transactions", ENDPOINT_RESTRICTED,
	     mobip_queue_ack_parse, &verb_payment_queue_ack, NULL, mobip_queue_ack_render),
};
/* clang-format on */

/* The token is a parameter like any other, so the input is read first. */
static enum err authenticate(struct request *rq, const struct credential **ret)
{
	int64_t credential_id;
	enum err e = mobip_read(rq);

	if (e)
		return e;
	struct str token = mobip_value(rq, "access_token");
	if (!token.p)
		return request_fault(rq, ERR_MISSING, STR("Missing parameter: access_token"));
	e = token_use(rq->tokens, rq->keys, token, rq->now_us, &credential_id);
	return e ? e : directory_credential(rq->directory, credential_id, rq->now_us, ret);
}

/* mobip.md 6. */
static const int64_t callback_waits[] = {
	SECONDS_US(10), SECONDS_US(100), SECONDS_US(1000), SECONDS_US(3600), SECONDS_US(21600), SECONDS_US(86400), 0
};

const struct dialect_api mobip_api = {
	.dialect = DIALECT_MOBIP,
	.prefix = "/api/2.0",
	.endpoints = endpoints,
	.endpoint_count = ARRAY_LEN(endpoints),
	.unknown_first = true,
	.body_bytes = LIMIT_FORM_BYTES,
	.authenticate = authenticate,
	.refuse = mobip_refuse,
	.finish = mobip_finish,
	.callback_headers = mobip_callback_headers,
	.payment_callback = mobip_payment_callback,
	.callback_waits = callback_waits,
	.print_sample = mobip_print_sample,
};

/* api/mobimatter/routes.c: the merchant API of MobiMatter, version 2. */
#include "api/events.h"
#include "api/registry.h"

#include "api/mobimatter/catalog.h"
#include "api/mobimatter/errors.h"
#include "api/mobimatter/order.h"
#include "api/mobimatter/webhook.h"
#include "base/clock.h"
#include "service/message.h"

#define API "/mobimatter/api/v2"

/* clang-format off */
static const struct endpoint endpoints[] = {
	EVENTS_ENDPOINT("/mobimatter/api/v2/events"),
	{ "GET", "/mobimatter/api/v2/products", ENDPOINT_TAGGED, 200,
	  mm_products_parse, NULL, mm_products_answer, mm_products_render },
	{ "GET", "/mobimatter/api/v2/products/{productId}/networks", 0, 200,
	  NULL, NULL, mm_networks_answer, mm_networks_render },
	{ "POST", "/mobimatter/api/v2/order", ENDPOINT_IDEMPOTENT, 200,
	  mm_create_parse, &verb_order_place, NULL, mm_create_render },
	{ "PUT", "/mobimatter/api/v2/order/complete", ENDPOINT_HELD, 200,
	  mm_complete_parse, &verb_order_complete, mm_complete_answer, mm_complete_render },
	{ "PUT", "/mobimatter/api/v2/order/cancel", 0, 200,
	  mm_cancel_parse, &verb_order_withdraw, NULL, mm_cancel_render },
	{ "PUT", "/mobimatter/api/v2/order/refund", ENDPOINT_HELD | ENDPOINT_ELEVATED, 202,
	  mm_refund_parse, &verb_order_refund, mm_refund_answer, mm_refund_render },
	{ "GET", "/mobimatter/api/v2/order", 0, 200, mm_iccid_parse, &verb_esim_find, NULL, mm_order_render },
	{ "GET", "/mobimatter/api/v2/order/{orderId}", 0, 200, mm_order_parse, &verb_esim_get, NULL, mm_order_render },
	{ "GET", "/mobimatter/api/v2/order/{orderId}/linked", 0, 200,
	  mm_linked_parse, &verb_esim_get, NULL, mm_linked_render },
	{ "GET", "/mobimatter/api/v2/order/{orderId}/refund/eligibility", 0, 200,
	  mm_terms_parse, &verb_refund_terms, NULL, mm_terms_render },
	{ "GET", "/mobimatter/api/v2/provider/usage/{orderId}", 0, 200,
	  mm_usage_parse, &verb_esim_get, mm_provider_answer, mm_usage_render },
	{ "GET", "/mobimatter/api/v2/provider/info/{orderId}", 0, 200,
	  mm_info_parse, &verb_esim_get, mm_provider_answer, mm_info_render },
	{ "POST", "/mobimatter/api/v2/email", 0, 200, mm_email_parse, &verb_order_mail, NULL, mm_email_render },
	{ "POST", "/mobimatter/api/v2/provider/sms/{orderId}", ENDPOINT_ELEVATED, 200,
	  mm_sms_parse, &verb_order_sms, NULL, mm_sms_render },
	{ "GET", "/mobimatter/api/v2/merchant/balance", 0, 200,
	  mm_balance_parse, &verb_balance_list, NULL, mm_balance_render },
	{ "GET", "/mobimatter/api/v2/webhook/public-key", ENDPOINT_OPEN, 200,
	  NULL, NULL, mm_public_key_answer, mm_public_key_render },
};
/* clang-format on */

/* A GUID in any spelling: ours are stored in small letters. */
static struct str lower(struct arena *a, struct str text)
{
	char *copy = arena_alloc(a, text.n + 1);

	for (size_t i = 0; i < text.n; i++)
		copy[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] | 32) : text.p[i];
	return (struct str){ copy, text.n };
}

static enum err authenticate(struct request *rq, const struct credential **ret)
{
	struct str key = http_header_find(rq->x, "api-key"), merchant = http_header_find(rq->x, "merchantId");

	if (!key.p || !merchant.p)
		return ERR_UNAUTHORIZED;
	return directory_authenticate(rq->directory, rq->keys, DIALECT_MOBIMATTER, lower(&rq->x->arena, merchant), key,
				      rq->now_us, ret);
}

static void put_body(struct buf *b, const char *name, const char *value)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_strz(&w, name, value);
	json_end(&w);
	must(json_finish(&w) == OK);
}

static void print_sample(struct buf *b, const struct json_token *credential, const char *base_url)
{
	struct arena a;

	arena_init(&a);
	struct str key = json_text(&a, json_get(credential, "api_key"));
	struct str merchant = json_text(&a, json_get(credential, "merchant_id"));
	struct str call = arena_printf(&a, "curl -s -H 'api-key: %.*s' -H 'merchantId: %.*s' %s" API, STR_ARG(key),
				       STR_ARG(merchant), base_url);
	buf_printf(b, "MobiMatter: an eSIM with 5 GB, reserved and completed:\n\n  ID=$(%.*s/order -d '",
		   STR_ARG(call));
	put_body(b, "productId", "9f0d2dcb-31d7-46d0-846d-bb68aa710e7e");
	buf_printf(b, "' | grep -o '[A-Z]\\{2,4\\}-[0-9]\\{7,\\}')\n  %.*s/order/complete -X PUT -d '", STR_ARG(call));
	put_body(b, "orderId", "'$ID'");
	buf_lit(b, "'\n\n");
	arena_done(&a);
}

/* Eight tries in about two hours (mobimatter.md 7). */
static const int64_t callback_waits[] = {
	SECONDS_US(30),	  SECONDS_US(60),   SECONDS_US(300),  SECONDS_US(900),
	SECONDS_US(1800), SECONDS_US(1800), SECONDS_US(1800), 0,
};

static void put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o)
{
	(void)a;
	(void)keys;
	json_str(w, "orderId", order_reference(o));
	json_strz(w, "orderState", mm_state((enum order_state)o->state));
}

const struct dialect_api mobimatter_api = {
	.dialect = DIALECT_MOBIMATTER,
	.prefix = "/mobimatter",
	.endpoints = endpoints,
	.endpoint_count = ARRAY_LEN(endpoints),
	.content_type = "application/json",
	.authenticate = authenticate,
	.refuse = mm_refuse,
	.callback_body = mm_callback_body,
	.callback_waits = callback_waits,
	.put_event_order = put_event_order,
	.print_sample = print_sample,
};

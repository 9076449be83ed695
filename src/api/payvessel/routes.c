/* api/payvessel/routes.c: the eSIM API of PayVessel, under both prefixes that its documentation has had. */
#include "api/events.h"
#include "api/registry.h"

#include "api/payvessel/catalog.h"
#include "api/payvessel/errors.h"
#include "api/payvessel/order.h"
#include "service/esim.h"

/* clang-format off */
#define ROUTES(prefix)                                                                                  \
	EVENTS_ENDPOINT(prefix "/events"),                                                              \
	{ "GET", prefix "/regions", 0, 200, NULL, NULL, pv_regions_answer, pv_regions_render },         \
	{ "GET", prefix "/packages", ENDPOINT_TAGGED, 200,                                                            \
	  pv_packages_parse, &verb_esim_find, pv_packages_answer, pv_packages_render },                  \
	{ "GET", prefix "/topup-packages", 0, 200,                                                      \
	  pv_topups_parse, &verb_esim_find, pv_packages_answer, pv_packages_render },                    \
	{ "POST", prefix "/orders", ENDPOINT_IDEMPOTENT, 201,                                           \
	  pv_create_parse, &verb_order_place, NULL, pv_create_render },                                 \
	{ "GET", prefix "/orders/{order_id}", 0, 200, pv_order_parse, &verb_esim_get, NULL, pv_order_render }

static const struct endpoint endpoints[] = {
	ROUTES("/api/v1/esim"),
	ROUTES("/vaas/api/v1/esim"),
};
/* clang-format on */

static enum err authenticate(struct request *rq, const struct credential **ret)
{
	struct str key = http_header_find(rq->x, "api-key"), secret = http_header_find(rq->x, "api-secret");

	if (!key.p || !secret.p)
		return ERR_UNAUTHORIZED;
	return directory_authenticate(rq->directory, rq->keys, DIALECT_PAYVESSEL, key, secret, rq->now_us, ret);
}

/* A body in quotes of the shell, which puts the time into the reference: it can be pasted again and again. */
static void put_purchase(struct buf *b)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_strz(&w, "reference", "try-'$(date +%s%N)'");
	json_strz(&w, "package_code", "US_5GB_30D");
	json_end(&w);
	must(json_finish(&w) == OK);
}

void pv_print_sample(struct buf *b, const struct json_token *credential, const char *base_url)
{
	struct arena a;

	arena_init(&a);
	struct str key = json_text(&a, json_get(credential, "api_key"));
	struct str secret = json_text(&a, json_get(credential, "api_secret"));
	struct str headers =
		arena_printf(&a, "-H 'api-key: %.*s' -H 'api-secret: %.*s'", STR_ARG(key), STR_ARG(secret));
	buf_printf(b,
		   "PayVessel: an eSIM for the United States, 5 GB for 30 days, and its profile:\n\n"
		   "  ID=$(curl -s %.*s %s/api/v1/esim/orders -d \\\n    '",
		   STR_ARG(headers), base_url);
	put_purchase(b);
	buf_printf(b,
		   "' | grep -o '[0-9a-f-]\\{36\\}' | head -1)\n  sleep 4; curl -s %.*s %s/api/v1/esim/orders/$ID\n\n",
		   STR_ARG(headers), base_url);
	arena_done(&a);
}

static void put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o)
{
	json_str(w, "order_id", pv_order_uuid(keys, a, o->id));
	json_str(w, "reference", order_reference(o));
	json_strz(w, "status", pv_status((enum order_state)o->state));
}

static enum err no_callbacks(struct arena *a, const struct keys *keys, const struct order_view *view, struct str *ret)
{
	(void)a;
	(void)keys;
	(void)view;
	(void)ret;
	return ERR_METHOD_NOT_SUPPORTED;
}

const struct dialect_api payvessel_api = {
	.dialect = DIALECT_PAYVESSEL,
	.prefix = "/api/v1/esim",
	.endpoints = endpoints,
	.endpoint_count = ARRAY_LEN(endpoints),
	.content_type = "application/json",
	.authenticate = authenticate,
	.refuse = pv_refuse,
	.callback_body = no_callbacks,
	.put_event_order = put_event_order,
	.print_sample = pv_print_sample,
};

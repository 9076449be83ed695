#include "api/events.h"
#include "api/registry.h"

#include "api/s2s/account.h"
#include "api/s2s/errors.h"
#include "api/s2s/esim.h"
#include "api/s2s/order.h"
#include "api/s2s/sample.h"
#include "api/s2s/shop.h"
#include "api/s2s/webhook.h"
#include "base/clock.h"
#include "service/esim.h"
#include "service/wallet.h"

#include <inttypes.h>

#define SHOP(path, noun)                                                                                          \
	{                                                                                                         \
		"GET", path, ENDPOINT_TAGGED | ENDPOINT_KEPT, 200, s2s_##noun##_parse, NULL, s2s_##noun##_answer, \
			s2s_##noun##_render                                                                       \
	}
#define READ(path, parse, verb, render)                                            \
	{                                                                          \
		"GET", path, 0, 200, s2s_##parse##_parse, verb, NULL, s2s_##render \
	}

#define ESIM(path)                                                                                     \
	{                                                                                              \
		"GET", path, 0, 200, s2s_esim_parse, &verb_esim_find, s2s_esim_answer, s2s_esim_render \
	}
#define TOP_UP(path)                                                                                                 \
	{                                                                                                            \
		"POST", path, ENDPOINT_IDEMPOTENT, 201, s2s_top_up_parse, &verb_order_place, NULL, s2s_top_up_render \
	}

/* The vendor's documentation has lost its paths: each call answers under the prefixes and names in use (s2s.md 1). */
/* clang-format off */
#define UNDER(prefix)                                                                                          \
	READ(prefix "/me", balance, &verb_balance_list, me_render),                                            \
	READ(prefix "/profile", balance, &verb_balance_list, me_render),                                       \
	READ(prefix "/verify", balance, &verb_balance_list, me_render),                                        \
	READ(prefix "/balance", balance, &verb_balance_list, balance_render),                                  \
	READ(prefix "/balance/history", history, &verb_wallet_statement, history_render),                      \
	READ(prefix "/balance/transactions", history, &verb_wallet_statement, history_render),                 \
	READ(prefix "/transactions", history, &verb_wallet_statement, history_render),                         \
	SHOP(prefix "/catalog/products", products),                                                            \
	SHOP(prefix "/products", products),                                                                    \
	SHOP(prefix "/catalog/products/{uuid}", product),                                                      \
	SHOP(prefix "/products/{uuid}", product),                                                              \
	SHOP(prefix "/catalog/pricelist", pricelist),                                                          \
	SHOP(prefix "/pricelist", pricelist),                                                                  \
	SHOP(prefix "/prices", pricelist),                                                                     \
	SHOP(prefix "/catalog/categories", categories),                                                        \
	SHOP(prefix "/categories", categories),                                                                \
	EVENTS_ENDPOINT(prefix "/events"),                                                                     \
	READ(prefix "/orders", orders, &verb_order_list, orders_render),                                       \
	READ(prefix "/orders/{uuid}", order, &verb_order_get, order_render),                                   \
	{ "POST", prefix "/orders", ENDPOINT_IDEMPOTENT, 201,                                                  \
	  s2s_create_parse, &verb_order_place, NULL, s2s_create_render },                                      \
	ESIM(prefix "/services/esim/{iccid}/status"),                                                          \
	ESIM(prefix "/esim/{iccid}/status"),                                                                   \
	TOP_UP(prefix "/services/esim/{iccid}/topup"),                                                         \
	TOP_UP(prefix "/esim/{iccid}/topup")

static const struct endpoint endpoints[] = {
	UNDER("/api/v1/s2s"),
	UNDER("/v1/partner"),
	UNDER("/api/v1/partner"),
};
static const char *const aliases[] = { "/v1/partner", "/api/v1/partner", NULL };
/* clang-format on */

static enum err authenticate(struct request *rq, const struct credential **ret)
{
	struct str token = http_header_find(rq->x, "Authorization");
	struct str scheme = str_cut(&token, ' ');

	if (!str_eq_nocase(scheme, STR("Bearer")) || !token.p)
		return ERR_UNAUTHORIZED;
	token = str_trim(token);
	return directory_authenticate(rq->directory, rq->keys, DIALECT_S2S,
				      credential_stored_id(&rq->x->arena, rq->keys, DIALECT_S2S, token), token,
				      rq->now_us, ret);
}

static void rate_headers(struct request *rq, int64_t limit, int64_t remaining)
{
	http_reply_header(rq->x, "X-RateLimit-Limit", arena_printf(&rq->x->arena, "%" PRId64, limit));
	http_reply_header(rq->x, "X-RateLimit-Remaining", arena_printf(&rq->x->arena, "%" PRId64, remaining));
}

/* Three attempts in all (s2s.md 6). */
static const int64_t callback_waits[] = { SECONDS_US(10), SECONDS_US(100), 0 };

const struct dialect_api s2s_api = {
	.dialect = DIALECT_S2S,
	.prefix = "/api/v1/s2s",
	.aliases = aliases,
	.endpoints = endpoints,
	.endpoint_count = ARRAY_LEN(endpoints),
	.content_type = "application/json",
	.authenticate = authenticate,
	.refuse = s2s_refuse,
	.rate_headers = rate_headers,
	.callback_body = s2s_callback_body,
	.put_event_order = s2s_put_event_order,
	.callback_headers = s2s_callback_headers,
	.callback_waits = callback_waits,
	.print_sample = s2s_print_sample,
};

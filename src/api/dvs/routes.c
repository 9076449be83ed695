#include "api/registry.h"

#include "api/dvs/catalog.h"
#include "api/dvs/errors.h"
#include "api/dvs/lookup.h"
#include "api/dvs/sample.h"
#include "api/dvs/transaction.h"
#include "api/events.h"
#include "service/lookup.h"

#include <inttypes.h>

#define GET(path, noun)                                                                                 \
	{                                                                                               \
		"GET", path, 0, 200, dvs_##noun##_parse, NULL, dvs_##noun##_answer, dvs_##noun##_render \
	}

/* clang-format off */
static const struct endpoint endpoints[] = {
	GET("/v1/services", services),
	GET("/v1/services/{service_id}", service),
	GET("/v1/countries", countries),
	GET("/v1/countries/{country_iso_code}", country),
	GET("/v1/operators", operators),
	GET("/v1/operators/{operator_id}", operator),
	GET("/v1/benefit-types", benefit_types),
	GET("/v1/promotions", promotions),
	GET("/v1/promotions/{promotion_id}", promotion),
	GET("/v1/campaigns", campaigns),
	GET("/v1/campaigns/{campaign_id}", campaign),
	{ "GET", "/v1/products", ENDPOINT_TAGGED, 200,
	  dvs_products_parse, NULL, dvs_products_answer, dvs_products_render },
	GET("/v1/products/{product_id}", product),
	EVENTS_ENDPOINT("/v1/events"),

	{ "POST", "/v1/async/transactions", ENDPOINT_IDEMPOTENT, 201,
	  dvs_create_async_parse, &verb_order_place, NULL, dvs_create_render },
	{ "POST", "/v1/sync/transactions", ENDPOINT_IDEMPOTENT | ENDPOINT_HELD, 201,
	  dvs_create_sync_parse, &verb_order_place, NULL, dvs_create_render },
	{ "POST", "/v1/async/transactions/{transaction_id}/confirm", 0, 202,
	  dvs_change_parse, &verb_order_confirm, NULL, dvs_change_render },
	{ "POST", "/v1/sync/transactions/{transaction_id}/confirm", ENDPOINT_HELD, 202,
	  dvs_confirm_sync_parse, &verb_order_confirm, NULL, dvs_change_render },
	{ "POST", "/v1/transactions/{transaction_id}/cancel", 0, 202,
	  dvs_change_parse, &verb_order_cancel, NULL, dvs_change_render },
	{ "GET", "/v1/transactions/{transaction_id}", 0, 200,
	  dvs_transaction_parse, &verb_order_get, NULL, dvs_transaction_render },
	{ "GET", "/v1/transactions", 0, 200,
	  dvs_transactions_parse, &verb_order_list, dvs_transactions_answer, dvs_transactions_render },

	{ "GET", "/v1/balances", 0, 200,
	  dvs_balances_parse, &verb_balance_list, dvs_balances_answer, dvs_balances_render },
	{ "POST", "/v1/lookup/mobile-number", 0, 200,
	  dvs_number_parse, NULL, dvs_number_answer, dvs_number_render },
	{ "GET", "/v1/lookup/mobile-number/{mobile_number}", 0, 200,
	  dvs_number_path_parse, NULL, dvs_number_answer, dvs_number_render },
	{ "POST", "/v1/lookup/statement-inquiry", 0, 200,
	  dvs_statements_parse, &verb_lookup_statements, NULL, dvs_statements_render },
	{ "POST", "/v1/lookup/credit-party-benefits", 0, 200,
	  dvs_party_benefits_parse, &verb_lookup_benefits, NULL, dvs_party_benefits_render },
	{ "POST", "/v1/lookup/credit-party-status", 0, 200,
	  dvs_party_status_parse, &verb_lookup_status, NULL, dvs_party_status_render },
};
/* clang-format on */

/* HTTP Basic: the pair is cut at the first colon, for a secret may hold more. */
static enum err authenticate(struct request *rq, const struct credential **ret)
{
	struct str rest = http_header_find(rq->x, "Authorization");
	struct str pair;

	if (!rest.p)
		return ERR_UNAUTHORIZED;
	struct str scheme = str_cut(&rest, ' ');
	if (!str_eq_nocase(scheme, STR("Basic")) || !rest.p)
		return ERR_UNAUTHORIZED;
	if (crypto_unbase64(&rq->x->arena, str_trim(rest), &pair))
		return ERR_UNAUTHORIZED;
	struct str secret = pair;
	struct str key = str_cut(&secret, ':');
	if (!secret.p)
		return ERR_UNAUTHORIZED;
	return directory_authenticate(rq->directory, rq->keys, DIALECT_DVS, key, secret, rq->now_us, ret);
}

static void rate_headers(struct request *rq, int64_t limit, int64_t remaining)
{
	http_reply_header(rq->x, "X-Ratelimit-Limit", arena_printf(&rq->x->arena, "%" PRId64, limit));
	http_reply_header(rq->x, "X-Ratelimit-Remaining", arena_printf(&rq->x->arena, "%" PRId64, remaining));
}

const struct dialect_api dvs_api = {
	.dialect = DIALECT_DVS,
	.prefix = "/v1",
	.endpoints = endpoints,
	.endpoint_count = ARRAY_LEN(endpoints),
	.content_type = "application/json",
	.authenticate = authenticate,
	.refuse = dvs_refuse,
	.rate_headers = rate_headers,
	.callback_body = dvs_callback_body,
	.put_event_order = dvs_put_event_order,
	.print_sample = dvs_print_sample,
};

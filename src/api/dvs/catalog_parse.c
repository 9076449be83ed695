#include "api/dvs/catalog.h"

#include "api/dvs/body.h"
#include "api/dvs/pages.h"
#include "api/dvs/query.h"
#include "api/dvs/words.h"
#include "json/fields.h"

#define AT(member) offsetof(struct discovery, member)
#define PAGE_PARAMS                                      \
	{ "page", PARAM_ID, AT(page) },                  \
	{                                                \
		"per_page", PARAM_PER_PAGE, AT(per_page) \
	}

static const struct param service_params[] = {
	{ "country_iso_code", PARAM_COUNTRY, AT(filter.country) },
	PAGE_PARAMS,
};
static const struct param country_params[] = {
	{ "service_id", PARAM_ID, AT(filter.service_id) },
	{ "subservice_id", PARAM_ID, AT(filter.subservice_id) },
	PAGE_PARAMS,
};
static const struct param operator_params[] = {
	{ "country_iso_code", PARAM_COUNTRY, AT(filter.country) },
	{ "service_id", PARAM_ID, AT(filter.service_id) },
	{ "subservice_id", PARAM_ID, AT(filter.subservice_id) },
	PAGE_PARAMS,
};
static const struct param page_params[] = { PAGE_PARAMS };
/* Of promotions and of campaigns. */
static const struct param offer_params[] = {
	{ "country_iso_code", PARAM_COUNTRY, AT(filter.country) },
	{ "operator_id", PARAM_ID, AT(filter.operator_id) },
	{ "product_id", PARAM_ID, AT(filter.product_id) },
	PAGE_PARAMS,
};

/* Two members of the filter are one list each; they are read here and copied. */
struct product_query {
	struct discovery d; /* first: the other tables' offsets hold */
	struct param_tags tags;
};
static const struct param product_params[] = {
	{ "type", PARAM_TYPE, AT(products.type) },
	{ "service_id", PARAM_ID, AT(products.service_id) },
	{ "subservice_id", PARAM_ID, AT(products.subservice_id) },
	{ "tags", PARAM_TAGS, offsetof(struct product_query, tags) },
	{ "country_iso_code", PARAM_COUNTRY, AT(products.country) },
	{ "operator_id", PARAM_ID, AT(products.operator_id) },
	{ "region", PARAM_REGION, AT(products.region) },
	{ "benefit_types", PARAM_BENEFITS, AT(products.benefit_types) },
	{ "sort", PARAM_SORT, AT(products.sort) },
	PAGE_PARAMS,
};

static void discovery_init(struct request *rq, struct discovery *d)
{
	d->page = DVS_PAGE;
	d->per_page = DVS_PER_PAGE;
	d->filter.list = d->products.list = rq->list;
	d->filter.now_us = rq->now_us;
	d->locale = LOCALE_DEFAULT;
	rq->task.command = d;
}

static struct discovery *discovery_new(struct request *rq)
{
	struct discovery *d = ARENA_NEW(&rq->x->arena, struct discovery);

	discovery_init(rq, d);
	return d;
}

/* The caller's languages; one that names none gets the partner's own. */
static void negotiate(struct request *rq, struct discovery *d)
{
	struct str accepted = http_header_find(rq->x, "Accept-Language");

	d->locale = catalog_locale(rq->catalog, accepted.p ? accepted : rq->credential->partner->locale);
}

static enum err need_service(struct request *rq, int64_t service_id, int64_t subservice_id)
{
	if (subservice_id && !service_id && rq->fault_count == 0)
		return dvs_fault(rq, ERR_BAD_REQUEST, "service_id", "required when subservice_id is set");
	return OK;
}

static enum err parse_list(struct request *rq, const struct param *params, size_t count)
{
	struct discovery *d = discovery_new(rq);
	enum err e = dvs_query(rq, params, count, d);

	return e ? e : need_service(rq, d->filter.service_id, d->filter.subservice_id);
}

enum err dvs_services_parse(struct request *rq)
{
	return parse_list(rq, service_params, ARRAY_LEN(service_params));
}

enum err dvs_countries_parse(struct request *rq)
{
	return parse_list(rq, country_params, ARRAY_LEN(country_params));
}

enum err dvs_operators_parse(struct request *rq)
{
	return parse_list(rq, operator_params, ARRAY_LEN(operator_params));
}

enum err dvs_benefit_types_parse(struct request *rq)
{
	return parse_list(rq, page_params, ARRAY_LEN(page_params));
}

enum err dvs_promotions_parse(struct request *rq)
{
	enum err e = parse_list(rq, offer_params, ARRAY_LEN(offer_params));

	negotiate(rq, rq->task.command);
	return e;
}

enum err dvs_campaigns_parse(struct request *rq)
{
	return parse_list(rq, offer_params, ARRAY_LEN(offer_params));
}

enum err dvs_products_parse(struct request *rq)
{
	struct product_query *q = ARENA_NEW(&rq->x->arena, struct product_query);

	discovery_init(rq, &q->d);
	negotiate(rq, &q->d);
	enum err e = dvs_query(rq, product_params, ARRAY_LEN(product_params), q);
	q->d.products.tags = q->tags.items;
	q->d.products.tag_count = q->tags.count;
	return e ? e : need_service(rq, q->d.products.service_id, q->d.products.subservice_id);
}

enum err dvs_service_parse(struct request *rq)
{
	return dvs_path_id(rq, "service_id", INT32_MAX, &discovery_new(rq)->id);
}

enum err dvs_country_parse(struct request *rq)
{
	struct discovery *d = discovery_new(rq);

	if (!dvs_is_country(rq->captures[0]))
		return dvs_fault(rq, ERR_BAD_REQUEST, "country_iso_code",
				 "must be a country code of three capital letters");
	d->iso = rq->captures[0];
	return OK;
}

enum err dvs_operator_parse(struct request *rq)
{
	return dvs_path_id(rq, "operator_id", INT32_MAX, &discovery_new(rq)->id);
}

enum err dvs_promotion_parse(struct request *rq)
{
	struct discovery *d = discovery_new(rq);

	negotiate(rq, d);
	return dvs_path_id(rq, "promotion_id", INT32_MAX, &d->id);
}

enum err dvs_campaign_parse(struct request *rq)
{
	return dvs_path_id(rq, "campaign_id", INT32_MAX, &discovery_new(rq)->id);
}

enum err dvs_product_parse(struct request *rq)
{
	struct discovery *d = discovery_new(rq);

	negotiate(rq, d);
	return dvs_path_id(rq, "product_id", INT32_MAX, &d->id);
}

/* ---- the operators of a number ---- */

static const char number_rule[] = "must be a mobile number in E.164 format, such as +6595123100";

static enum err check_number(struct str text, const char **ret_message)
{
	*ret_message = number_rule;
	return dvs_is_mobile(text) ? OK : ERR_CREDIT_PARTY_INVALID;
}

struct number_body {
	uint64_t set;
	struct str mobile_number;
	int64_t page, per_page;
};
enum { NUMBER_MOBILE, NUMBER_PAGE, NUMBER_PER_PAGE };
static const struct field number_fields[] = {
	[NUMBER_MOBILE] = { "mobile_number", FIELD_STR, FIELD_REQUIRED, offsetof(struct number_body, mobile_number),
			    .check = check_number },
	[NUMBER_PAGE] = { "page", FIELD_INT64, 0, offsetof(struct number_body, page), .min = 1, .max = INT32_MAX },
	[NUMBER_PER_PAGE] = { "per_page", FIELD_INT64, 0, offsetof(struct number_body, per_page), .min = 1,
			      .max = LIMIT_PAGE_ROWS },
};
static const struct fields number_table = FIELDS(number_fields, struct number_body, 0);

enum err dvs_number_parse(struct request *rq)
{
	struct discovery *d = discovery_new(rq);
	struct number_body body;
	enum err e = dvs_body(rq, &number_table, &body, NULL);

	if (e)
		return e;
	d->number = body.mobile_number;
	if (field_is_set(&body, NUMBER_PAGE))
		d->page = body.page;
	if (field_is_set(&body, NUMBER_PER_PAGE))
		d->per_page = body.per_page;
	return OK;
}

enum err dvs_number_path_parse(struct request *rq)
{
	struct discovery *d = discovery_new(rq);
	enum err e = dvs_query(rq, page_params, ARRAY_LEN(page_params), d);

	if (e)
		return e;
	d->number = rq->captures[0];
	return dvs_is_mobile(d->number) ? OK : dvs_fault(rq, ERR_CREDIT_PARTY_INVALID, "mobile_number", number_rule);
}

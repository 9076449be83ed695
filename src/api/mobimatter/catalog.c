#include "api/mobimatter/catalog.h"

#include "api/mobimatter/errors.h"
#include "api/mobimatter/order.h"
#include "base/ids.h"
#include "http/query.h"

enum { MEGABYTE = 1024 * 1024, GIGABYTE = 1024 * MEGABYTE };

/* All that are given must hold; an unknown value finds nothing. */
struct wanted {
	struct str product_id, country, region, provider, category, family_id;
	const struct product **items;
	size_t count;
};
static const struct {
	const char *name;
	size_t at;
} params[] = {
	{ "productId", offsetof(struct wanted, product_id) }, { "country", offsetof(struct wanted, country) },
	{ "region", offsetof(struct wanted, region) },	      { "provider", offsetof(struct wanted, provider) },
	{ "category", offsetof(struct wanted, category) },    { "familyId", offsetof(struct wanted, family_id) },
};

static const struct price *price_of(const struct request *rq, const struct product *p)
{
	const struct price *price = product_price(p, rq->list);
	struct currency dollar;

	must(currency_parse(STR("USD"), &dollar) == OK);
	return price && currency_eq(price->wholesale.cur, dollar) ? price : NULL;
}

enum err mm_products_parse(struct request *rq)
{
	struct wanted *f = ARENA_NEW(&rq->x->arena, struct wanted);
	struct query q;
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q);
	int64_t family;

	if (e)
		return e;
	for (size_t i = 0; i < ARRAY_LEN(params); i++) {
		struct str value = query_find(&q, params[i].name);

		if (value.n)
			*(struct str *)(void *)((char *)f + params[i].at) = value;
	}
	if (f->family_id.p && str_to_i64(f->family_id, INT32_MIN, INT32_MAX, &family))
		return request_fault(rq, ERR_BAD_REQUEST, STR("familyId must be a whole number"));
	rq->result = f;
	return OK;
}

static bool covers(const struct product *p, struct str alpha2)
{
	if (!p->coverage_count)
		return str_eq_nocase(alpha2, str_of(p->op->country->alpha2));
	for (size_t i = 0; i < p->coverage_count; i++)
		if (str_eq_nocase(alpha2, str_of(p->coverage[i]->alpha2)))
			return true;
	return false;
}

static bool is_in_region(const struct product *p, struct str region)
{
	for (size_t i = 0; i < p->esim->region_count; i++)
		if (str_eq_nocase(region, p->esim->regions[i]))
			return true;
	return false;
}

static bool is_wanted(const struct request *rq, const struct wanted *f, const struct product *p)
{
	const struct esim_plan *plan = p->esim;
	int64_t family = 0;

	if (!price_of(rq, p) || (f->product_id.p && !str_eq(f->product_id, plan->code)))
		return false;
	if (f->family_id.p && (str_to_i64(f->family_id, INT32_MIN, INT32_MAX, &family) || family != plan->family_id))
		return false;
	/* By name alone: "3" is the name of one whose id is 15 (mobimatter.md 5.1). */
	return (!f->provider.p || str_eq_nocase(f->provider, p->op->name)) &&
	       (!f->category.p || str_is(f->category, mm_category(plan->category))) &&
	       (!f->country.p || covers(p, f->country)) && (!f->region.p || is_in_region(p, f->region));
}

enum err mm_products_answer(struct request *rq)
{
	struct wanted *f = rq->result;
	size_t n;
	const struct product *const *all = catalog_esims(rq->catalog, ESIM_BY_CODE, &n);

	f->items = ARENA_ARRAY(&rq->x->arena, const struct product *, n + 1);
	for (size_t i = 0; i < n; i++)
		if (is_wanted(rq, f, all[i]))
			f->items[f->count++] = all[i];
	return OK;
}

static void put_detail(struct json_writer *w, const char *name, struct str value)
{
	json_obj(w, NULL);
	json_strz(w, "name", name);
	json_str(w, "value", value);
	json_end(w);
}

static struct str flag(bool is_set)
{
	return is_set ? STR("1") : STR("0");
}

/* A JSON text within the JSON: heading, description and items. */
static struct str plan_details(struct arena *a, const struct product *p)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, LIMIT_BODY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "heading", p->name);
	json_str(&w, "description", p->description.p ? p->description : STR(""));
	json_arr(&w, "items");
	if (p->esim->kyc)
		json_strz(&w, NULL, "An identity check is required before activation");
	json_end(&w);
	json_end(&w);
	struct str text = arena_str(a, buf_view(&b));
	buf_done(&b);
	return text;
}

static void put_allowance(struct json_writer *w, struct arena *a, const struct product *p)
{
	struct esim_allowance allowance = esim_allowance(p);
	bool whole = allowance.bytes % GIGABYTE == 0;

	if (allowance.bytes > 0) {
		put_detail(w, "PLAN_DATA_LIMIT",
			   arena_printf(a, "%lld", (long long)(allowance.bytes / (whole ? GIGABYTE : MEGABYTE))));
		put_detail(w, "PLAN_DATA_UNIT", whole ? STR("GB") : STR("MB"));
	} else if (allowance.bytes < 0) {
		put_detail(w, "PLAN_DATA_LIMIT", STR("Unlimited"));
	}
	/* In hours, whatever shops make of it. */
	put_detail(w, "PLAN_VALIDITY", arena_printf(a, "%lld", (long long)allowance.hours));
	put_detail(w, "HAS_DATA", flag(allowance.bytes != 0));
	put_detail(w, "HAS_CALLS", flag(allowance.minutes > 0));
	put_detail(w, "HAS_SMS", flag(allowance.messages > 0));
	put_detail(w, "UNLIMITED", flag(allowance.bytes < 0));
	if (allowance.minutes > 0)
		put_detail(w, "PLAN_VOICE_LIMIT", arena_printf(a, "%lld", (long long)allowance.minutes));
	if (allowance.messages > 0)
		put_detail(w, "SMS_COUNT", arena_printf(a, "%lld", (long long)allowance.messages));
}

void mm_put_product_details(struct json_writer *w, struct arena *a, const struct catalog *catalog,
			    const struct product *p)
{
	bool is_5g = false;

	for (size_t i = 0; i < p->esim->network_count; i++)
		is_5g |= p->esim->networks[i].is_5g;
	json_arr(w, "productDetails");
	put_detail(w, "PLAN_TITLE", p->name);
	put_allowance(w, a, p);
	put_detail(w, "PLAN_DETAILS", plan_details(a, p));
	put_detail(w, "TOPUP", flag(catalog_tops_up(catalog, CATALOG_ALL_LISTS, ESIM_BY_CODE, p->esim->family_id)));
	put_detail(w, "FIVEG", flag(is_5g));
	if (p->esim->category == ESIM_DELAYED)
		put_detail(w, "KYC_REQUIRED", STR("1"));
	for (size_t i = 0; i < p->esim->detail_count; i++) {
		json_obj(w, NULL);
		json_str(w, "name", p->esim->details[i].name);
		json_str(w, "value", p->esim->details[i].value);
		json_end(w);
	}
	json_end(w);
}

static void put_places(struct json_writer *w, const struct product *p)
{
	json_arr(w, "regions");
	for (size_t i = 0; i < p->esim->region_count; i++)
		json_str(w, NULL, p->esim->regions[i]);
	json_end(w);
	json_arr(w, "countries");
	for (size_t i = 0; i < p->coverage_count; i++)
		json_strz(w, NULL, p->coverage[i]->alpha2);
	if (!p->coverage_count && *p->op->country->alpha2)
		json_strz(w, NULL, p->op->country->alpha2);
	json_end(w);
}

static void put_product(struct request *rq, struct json_writer *w, const struct product *p)
{
	const struct esim_plan *plan = p->esim;
	const struct price *price = price_of(rq, p);

	json_obj(w, NULL);
	json_str(w, "merchantId", rq->credential->public_id);
	json_str(w, "uniqueId", plan->code);
	json_str(w, "productId", plan->code);
	json_int(w, "rank", plan->rank);
	json_int(w, "penalizedRank", plan->rank);
	json_int(w, "productCategoryId", (int64_t)plan->category);
	json_strz(w, "productCategory", mm_category(plan->category));
	json_int(w, "productFamilyId", plan->family_id);
	json_str(w, "productFamilyName", plan->family);
	if (plan->network_count)
		json_int(w, "networkListId", p->id);
	else
		json_null(w, "networkListId");
	json_int(w, "providerId", p->op->id);
	json_str(w, "providerName", p->op->name);
	json_str(w, "providerLogo", plan->logo);
	json_decimal(w, "retailPrice", price->retail.cur.number ? price->retail.max : price->wholesale.max);
	json_decimal(w, "wholesalePrice", price->wholesale.max);
	json_strz(w, "currencyCode", "USD");
	mm_put_date(w, "created", ids_time_us(p->batch));
	mm_put_date(w, "updated", ids_time_us(p->batch));
	put_places(w, p);
	json_arr(w, "displayAttributes");
	json_end(w);
	mm_put_product_details(w, &rq->x->arena, rq->catalog, p);
	json_end(w);
}

void mm_products_render(struct request *rq, struct json_writer *w)
{
	const struct wanted *f = rq->result;

	mm_begin(rq, w);
	json_arr(w, "result");
	for (size_t i = 0; i < f->count; i++)
		put_product(rq, w, f->items[i]);
	json_end(w);
	mm_end(w);
}

enum err mm_networks_answer(struct request *rq)
{
	const struct product *p = catalog_esim(rq->catalog, rq->list, ESIM_BY_CODE, rq->captures[0]);

	rq->result = (void *)p;
	return p && price_of(rq, p) ? OK : request_fault(rq, ERR_NOT_FOUND, STR("product not found"));
}

void mm_networks_render(struct request *rq, struct json_writer *w)
{
	const struct product *p = rq->result;

	mm_begin(rq, w);
	json_arr(w, "result");
	for (size_t i = 0; i < p->esim->network_count; i++) {
		const struct esim_network *network = &p->esim->networks[i];

		json_obj(w, NULL);
		json_int(w, "networkId", network->id);
		json_str(w, "brand", network->brand);
		json_str(w, "tadig", network->tadig);
		json_bool(w, "is4G", network->is_4g);
		json_bool(w, "is5G", network->is_5g);
		json_strz(w, "countryCode", network->country->alpha2);
		json_end(w);
	}
	json_end(w);
	mm_end(w);
}

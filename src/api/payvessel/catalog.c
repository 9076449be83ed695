#include "api/payvessel/catalog.h"

#include "api/payvessel/order.h"
#include "core/esim.h"
#include "core/rate.h"
#include "http/query.h"
#include "service/esim.h"

#include <stdlib.h>

enum { COUNTRY_REGION = 1, MULTI_REGION = 2, UNITS_PER_DOLLAR = 10000, UNUSED_DAYS = 180 };

/* The price that this partner pays, NULL if it is not sold to it in dollars. */
static const struct price *price_of(const struct request *rq, const struct product *p)
{
	const struct price *price = product_price(p, rq->list);
	struct currency dollar;

	must(currency_parse(STR("USD"), &dollar) == OK);
	return price && currency_eq(price->wholesale.cur, dollar) ? price : NULL;
}

static size_t country_total(const struct product *p)
{
	return p->coverage_count ? p->coverage_count : 1;
}

static const struct country *country_of(const struct product *p, size_t i)
{
	return p->coverage_count ? p->coverage[i] : p->op->country;
}

/* "NA-3" of "NA-3_10_30": what packages of several countries share. Absent of one country's. */
static struct str group_code(const struct product *p)
{
	struct str rest = p->esim->slug;

	return country_total(p) > 1 && rest.p ? str_cut(&rest, '_') : STR_NONE;
}

/* ---- packages ---- */

struct packages {
	struct str location, code, slug;
	bool top_ups, nothing;
	struct esim_get find; /* the eSIM that top-ups are asked for */
	const struct product **items;
	size_t count;
};

static bool in_location(const struct product *p, struct str location)
{
	if (str_is(location, "!RG"))
		return country_total(p) > 1;
	if (str_is(location, "!GL"))
		return p->op->country->is_group;
	if (str_eq(group_code(p), location))
		return true;
	for (size_t i = 0; i < country_total(p); i++)
		if (str_is(location, country_of(p, i)->alpha2))
			return true;
	return false;
}

static bool is_wanted(const struct request *rq, const struct packages *f, const struct product *p,
		      const struct product *root)
{
	bool is_top_up = p->esim->category == ESIM_ADDON;

	if (is_top_up != f->top_ups || (!is_top_up && p->esim->category != ESIM_REALTIME) || !price_of(rq, p))
		return false;
	if ((f->location.p && !in_location(p, f->location)) || (f->code.p && !str_eq(f->code, p->esim->package)) ||
	    (f->slug.p && !(p->esim->slug.p && str_eq(f->slug, p->esim->slug))))
		return false;
	return !root || (root->esim && root->esim->family_id == p->esim->family_id);
}

static enum err parse(struct request *rq, bool top_ups)
{
	struct packages *f = ARENA_NEW(&rq->x->arena, struct packages);
	struct query q;
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q);

	if (e)
		return e;
	f->location = query_find(&q, "location_code");
	f->code = query_find(&q, "package_code");
	f->slug = query_find(&q, "slug");
	f->find.name.iccid = query_find(&q, "iccid");
	f->find.name.dialect = DIALECT_PAYVESSEL;
	f->find.optional = true;
	struct str type = query_find(&q, "package_type");
	f->top_ups = top_ups || str_is(type, "TOPUP");
	f->nothing = type.p && type.n && !str_is(type, "TOPUP") && !str_is(type, "BASE");
	rq->result = f;
	rq->task.command = &f->find;
	return OK;
}

enum err pv_packages_parse(struct request *rq)
{
	return parse(rq, false);
}

enum err pv_topups_parse(struct request *rq)
{
	return parse(rq, true);
}

enum err pv_packages_answer(struct request *rq)
{
	struct packages *f = rq->result;
	size_t n;
	const struct product *const *all = catalog_esims(rq->catalog, ESIM_BY_PACKAGE, &n);

	f->items = ARENA_ARRAY(&rq->x->arena, const struct product *, n + 1);
	/* Of an eSIM that is not there nothing fits. */
	f->nothing |= f->find.name.iccid.p && !f->find.is_found;
	for (size_t i = 0; i < n && !f->nothing; i++)
		if (is_wanted(rq, f, all[i], f->find.root_product))
			f->items[f->count++] = all[i];
	return OK;
}

static void put_networks(struct json_writer *w, const struct product *p)
{
	json_arr(w, "location_networks");
	for (size_t i = 0; i < country_total(p); i++) {
		const struct country *country = country_of(p, i);

		json_obj(w, NULL);
		json_str(w, "location_name", country->name);
		json_null(w, "location_logo");
		json_arr(w, "operators");
		for (size_t k = 0; k < p->esim->network_count; k++) {
			const struct esim_network *network = &p->esim->networks[k];

			if (network->country != country)
				continue;
			json_obj(w, NULL);
			json_str(w, "operator_name", network->brand);
			json_strz(w, "network_type", network->is_5g ? "5G" : "4G");
			json_end(w);
		}
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void put_price(struct request *rq, struct json_writer *w, const struct price *price)
{
	struct currency naira;
	int64_t amount;

	must(currency_parse(STR("NGN"), &naira) == OK);
	const struct rate *rate = catalog_rate(rq->catalog, price->wholesale.cur, naira);
	json_int(w, "price_units", price->wholesale.max / (1000000 / UNITS_PER_DOLLAR));
	json_decimal(w, "price_usd", price->wholesale.max);
	if (rate && rate_convert(price->wholesale.max, rate->micros, naira, &amount) == OK) {
		json_decimal(w, "price_naira", amount);
		json_decimal(w, "exchange_rate", rate->micros);
	} else {
		json_null(w, "price_naira");
		json_null(w, "exchange_rate");
	}
	if (currency_eq(price->retail.cur, price->wholesale.cur)) {
		json_int(w, "retail_price_units", price->retail.max / (1000000 / UNITS_PER_DOLLAR));
		json_decimal(w, "retail_price_usd", price->retail.max);
	} else {
		json_null(w, "retail_price_units");
		json_null(w, "retail_price_usd");
	}
}

static void put_package(struct request *rq, struct json_writer *w, const struct product *p)
{
	struct esim_allowance allowance = esim_allowance(p);

	json_obj(w, NULL);
	json_str(w, "package_code", p->esim->package);
	json_str(w, "slug", p->esim->slug);
	json_str(w, "name", p->name);
	json_strz(w, "currency_code", "USD");
	put_price(rq, w, price_of(rq, p));
	json_int(w, "volume_bytes", allowance.bytes);
	json_int(w, "duration", esim_days(allowance.hours));
	json_strz(w, "duration_unit", "DAY");
	json_str(w, "location", pv_location(&rq->x->arena, p));
	json_str(w, "description", p->description.p ? p->description : p->name);
	json_int(w, "active_type", 2);
	json_bool(w, "favorite", false);
	json_strz(w, "speed", "3G/4G/5G");
	json_int(w, "sms_status", 0);
	json_int(w, "data_type", 1);
	json_int(w, "unused_valid_time", UNUSED_DAYS);
	put_networks(w, p);
	json_end(w);
}

void pv_packages_render(struct request *rq, struct json_writer *w)
{
	const struct packages *f = rq->result;

	pv_begin(w, "Packages retrieved successfully");
	json_arr(w, "data");
	for (size_t i = 0; i < f->count; i++)
		put_package(rq, w, f->items[i]);
	json_end(w);
	pv_end(w);
}

/* ---- regions ---- */

/* What is sold, by country and by group: a product of each, in the order of the codes. */
struct regions {
	bool *countries;
	const struct product **groups;
	size_t group_count;
};

static int by_group(const void *a, const void *b)
{
	return str_cmp(group_code(*(const struct product *const *)a), group_code(*(const struct product *const *)b));
}

enum err pv_regions_answer(struct request *rq)
{
	struct regions *r = ARENA_NEW(&rq->x->arena, struct regions);
	size_t n;
	const struct product *const *all = catalog_esims(rq->catalog, ESIM_BY_PACKAGE, &n);

	r->countries = ARENA_ARRAY(&rq->x->arena, bool, country_count());
	r->groups = ARENA_ARRAY(&rq->x->arena, const struct product *, n + 1);
	for (size_t i = 0; i < n; i++) {
		if (!price_of(rq, all[i]))
			continue;
		for (size_t k = 0; k < country_total(all[i]); k++)
			r->countries[country_of(all[i], k)->index] = true;
		if (group_code(all[i]).n)
			r->groups[r->group_count++] = all[i];
	}
	qsort(r->groups, r->group_count, sizeof(*r->groups), by_group);
	rq->result = r;
	return OK;
}

static void put_region(struct json_writer *w, struct str code, struct str name, int type)
{
	json_obj(w, NULL);
	json_str(w, "code", code);
	json_str(w, "name", name);
	json_int(w, "region_type", type);
	json_arr(w, "sub_locations");
}

static void end_region(struct json_writer *w)
{
	json_end(w);
	json_end(w);
}

void pv_regions_render(struct request *rq, struct json_writer *w)
{
	const struct regions *r = rq->result;

	pv_begin(w, "Regions retrieved successfully");
	json_arr(w, "data");
	for (size_t i = 0; i < country_count(); i++) {
		const struct country *country = country_at(i);

		if (!r->countries[i] || country->is_group)
			continue;
		put_region(w, str_of(country->alpha2), country->name, COUNTRY_REGION);
		end_region(w);
	}
	for (size_t i = 0; i < r->group_count; i++) {
		const struct product *p = r->groups[i];

		if (i && !by_group(&r->groups[i - 1], &r->groups[i]))
			continue;
		put_region(w, group_code(p), p->esim->region_count ? p->esim->regions[0] : p->name, MULTI_REGION);
		for (size_t k = 0; k < country_total(p); k++) {
			put_region(w, str_of(country_of(p, k)->alpha2), country_of(p, k)->name, COUNTRY_REGION);
			end_region(w);
		}
		end_region(w);
	}
	json_end(w);
	pv_end(w);
}

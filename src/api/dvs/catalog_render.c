#include "api/dvs/catalog.h"

#include "api/dvs/pages.h"
#include "api/dvs/parts.h"
#include "api/dvs/product.h"
#include "api/dvs/words.h"
#include "api/fragments.h"

static void page_headers(struct request *rq)
{
	const struct discovery *d = rq->task.command;

	dvs_page_headers(rq, d->total, d->page, d->per_page);
}

static void language_headers(struct request *rq)
{
	const struct discovery *d = rq->task.command;

	http_reply_header(rq->x, "Content-Language", locale_code(d->locale));
	http_reply_header(rq->x, "Vary", STR("Accept-Language"));
}

/* ---- services, countries, operators ---- */

static void put_service(struct json_writer *w, const struct service *service)
{
	json_obj(w, NULL);
	json_int(w, "id", service->id);
	json_str(w, "name", service->name);
	if (service->subservice_count) {
		json_arr(w, "subservices");
		for (size_t i = 0; i < service->subservice_count; i++) {
			json_obj(w, NULL);
			json_int(w, "id", service->subservices[i].id);
			json_str(w, "name", service->subservices[i].name);
			json_end(w);
		}
		json_end(w);
	} else {
		json_null(w, "subservices");
	}
	json_end(w);
}

void dvs_services_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.services.count; i++)
		put_service(w, d->found.services.items[i]);
	json_end(w);
}

void dvs_service_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	put_service(w, d->one);
}

void dvs_countries_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.countries.count; i++)
		dvs_put_country(w, NULL, d->found.countries.items[i], DVS_COUNTRY_WITH_REGIONS, LOCALE_DEFAULT);
	json_end(w);
}

void dvs_country_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	dvs_put_country(w, NULL, d->one, DVS_COUNTRY_WITH_REGIONS, LOCALE_DEFAULT);
}

void dvs_operators_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.operators.count; i++)
		dvs_put_operator(w, NULL, d->found.operators.items[i], LOCALE_DEFAULT);
	json_end(w);
}

void dvs_operator_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	dvs_put_operator(w, NULL, d->one, LOCALE_DEFAULT);
}

void dvs_number_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.numbers.count; i++) {
		json_obj(w, NULL);
		dvs_put_operator_members(w, d->found.numbers.items[i].op, LOCALE_DEFAULT);
		json_bool(w, "identified", d->found.numbers.items[i].certain);
		json_end(w);
	}
	json_end(w);
}

void dvs_benefit_types_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;
	struct window window = dvs_window(d->page, d->per_page);
	size_t at = 0;

	page_headers(rq);
	json_arr(w, NULL);
	for (const struct field_name *type = dvs_benefit_types; type->name; type++) {
		if (!(d->found.benefit_types & 1u << type->value))
			continue;
		if (at >= window.skip && at - window.skip < window.take) {
			json_obj(w, NULL);
			json_strz(w, "name", type->name);
			json_end(w);
		}
		at++;
	}
	json_end(w);
}

/* ---- promotions and campaigns ---- */

/* The members of a product that an offer shows, into an object that is open. */
static void put_offered(struct json_writer *w, const struct product *p, int locale)
{
	struct str description;
	struct str title = product_name(p, locale, &description);

	json_int(w, "id", p->id);
	json_str(w, "name", title);
	dvs_put_text(w, "description", description);
	json_strz(w, "type", dvs_word(dvs_product_types, (int)p->type));
}

static void put_promotion(struct json_writer *w, const struct promotion *promotion, int list, int locale)
{
	json_obj(w, NULL);
	dvs_put_promotion_members(w, promotion, locale);
	json_obj(w, "operator");
	json_int(w, "id", promotion->op->id);
	json_str(w, "name", promotion->op->name);
	json_obj(w, "country");
	json_str(w, "name", country_name(promotion->op->country, locale));
	json_strz(w, "iso_code", promotion->op->country->iso);
	json_end(w);
	json_end(w);
	json_arr(w, "products");
	for (size_t i = 0; i < promotion->product_count; i++) {
		if (!product_price(promotion->products[i], list))
			continue;
		json_obj(w, NULL);
		put_offered(w, promotion->products[i], locale);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

void dvs_promotions_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	language_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.promotions.count; i++)
		put_promotion(w, d->found.promotions.items[i], rq->list, d->locale);
	json_end(w);
}

void dvs_promotion_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	language_headers(rq);
	put_promotion(w, d->one, rq->list, d->locale);
}

static void put_campaign(struct json_writer *w, const struct campaign *campaign, int list)
{
	json_obj(w, NULL);
	json_int(w, "id", campaign->id);
	json_str(w, "title", campaign->title);
	dvs_put_text(w, "description", campaign->description);
	json_str(w, "terms", campaign->terms);
	json_date(w, "start_date", campaign->start_us);
	json_date(w, "end_date", campaign->end_us);
	json_arr(w, "products");
	for (size_t i = 0; i < campaign->product_count; i++) {
		const struct product *p = campaign->products[i];

		if (!product_price(p, list))
			continue;
		json_obj(w, NULL);
		put_offered(w, p, LOCALE_DEFAULT);
		dvs_put_operator(w, "operator", p->op, LOCALE_DEFAULT);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

void dvs_campaigns_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.campaigns.count; i++)
		put_campaign(w, d->found.campaigns.items[i], rq->list);
	json_end(w);
}

void dvs_campaign_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	put_campaign(w, d->one, rq->list);
}

/* ---- products ---- */

struct listed {
	const struct product *product;
	int list, locale;
	int64_t now_us;
};

static void put_listed(struct json_writer *w, const void *arg)
{
	const struct listed *l = arg;

	dvs_put_product(w, NULL, l->product, product_price(l->product, l->list), l->now_us, l->locale);
}

/* A product is the same for everybody with the same price list and language until the catalogue changes, or one of its
 * promotions begins or ends. */
static void put_product(struct request *rq, struct json_writer *w, const struct product *p)
{
	const struct discovery *d = rq->task.command;
	struct listed listed = { p, rq->list, d->locale, rq->now_us };
	struct fragment_key key = { p->id, rq->list, d->locale, product_moment(p, rq->now_us) };

	fragments_put(rq->fragments, rq->catalog, key, w, put_listed, &listed);
}

void dvs_products_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	page_headers(rq);
	language_headers(rq);
	json_arr(w, NULL);
	for (size_t i = 0; i < d->found.products.count; i++)
		put_product(rq, w, d->found.products.items[i]);
	json_end(w);
}

void dvs_product_render(struct request *rq, struct json_writer *w)
{
	const struct discovery *d = rq->task.command;

	language_headers(rq);
	put_product(rq, w, d->one);
}

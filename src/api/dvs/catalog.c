#include "api/dvs/catalog.h"

#include "api/dvs/pages.h"
#include "core/esim.h"

/* Of a list: the number of all and the refusal of none. */
static enum err found_all(struct request *rq, struct discovery *d, size_t total, enum err none)
{
	d->total = (int64_t)total;
	return dvs_empty(rq, d->total, none);
}

static enum err found_one(struct discovery *d, const void *one, enum err none)
{
	d->one = one;
	return one ? OK : none;
}

enum err dvs_services_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.services = catalog_services(rq->catalog, &rq->x->arena, &d->filter, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.services.total, ERR_SERVICE_NOT_FOUND);
}

enum err dvs_countries_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.countries =
		catalog_countries(rq->catalog, &rq->x->arena, &d->filter, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.countries.total, ERR_COUNTRY_NOT_FOUND);
}

enum err dvs_operators_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.operators =
		catalog_operators(rq->catalog, &rq->x->arena, &d->filter, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.operators.total, ERR_OPERATOR_NOT_FOUND);
}

enum err dvs_benefit_types_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.benefit_types = catalog_benefit_types(rq->catalog, rq->list);
	return found_all(rq, d, (size_t)__builtin_popcount(d->found.benefit_types), ERR_BENEFITS_NOT_DEFINED);
}

enum err dvs_promotions_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.promotions =
		catalog_promotions(rq->catalog, &rq->x->arena, &d->filter, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.promotions.total, ERR_PROMOTION_NOT_FOUND);
}

enum err dvs_campaigns_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.campaigns =
		catalog_campaigns(rq->catalog, &rq->x->arena, &d->filter, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.campaigns.total, ERR_CAMPAIGN_NOT_FOUND);
}

enum err dvs_products_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.products =
		catalog_products(rq->catalog, &rq->x->arena, &d->products, dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.products.total, ERR_PRODUCT_NOT_FOUND);
}

enum err dvs_number_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	d->found.numbers = catalog_number(rq->catalog, &rq->x->arena, rq->list, str_skip(d->number, 1),
					  dvs_window(d->page, d->per_page));
	return found_all(rq, d, d->found.numbers.total, ERR_OPERATOR_NOT_FOUND);
}

enum err dvs_service_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	return found_one(d, catalog_service(rq->catalog, rq->list, d->id), ERR_SERVICE_NOT_FOUND);
}

enum err dvs_country_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	return found_one(d, catalog_country(rq->catalog, rq->list, d->iso), ERR_COUNTRY_NOT_FOUND);
}

enum err dvs_operator_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	return found_one(d, catalog_operator(rq->catalog, rq->list, d->id), ERR_OPERATOR_NOT_FOUND);
}

enum err dvs_promotion_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	return found_one(d, catalog_promotion(rq->catalog, rq->list, d->id), ERR_PROMOTION_NOT_FOUND);
}

enum err dvs_campaign_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	return found_one(d, catalog_campaign(rq->catalog, rq->list, d->id), ERR_CAMPAIGN_NOT_FOUND);
}

enum err dvs_product_answer(struct request *rq)
{
	struct discovery *d = rq->task.command;

	const struct product *p = catalog_product(rq->catalog, rq->list, d->id);

	return found_one(d, p && product_stands_alone(p) ? p : NULL, ERR_PRODUCT_NOT_FOUND);
}

/* api/dvs/catalog.h: discovery: services, countries, operators, benefit types, promotions, campaigns, products, and the
 * operators of a mobile number. All of it is answered from the catalogue snapshot. */
#pragma once

#include "api/endpoint.h"

/* The command of all discovery endpoints: what was asked, then what was found. */
struct discovery {
	int64_t page, per_page;
	int locale;	/* of the answer, where it is translated */
	int64_t id;	/* by id */
	struct str iso; /* by code */
	struct str number;
	struct catalog_filter filter;
	struct product_filter products;
	/* found */
	int64_t total;
	const void *one;
	union {
		struct product_page products;
		struct service_page services;
		struct country_page countries;
		struct operator_page operators;
		struct promotion_page promotions;
		struct campaign_page campaigns;
		struct number_page numbers;
		unsigned benefit_types;
	} found;
};

MUST_USE enum err dvs_services_parse(struct request *rq);
MUST_USE enum err dvs_services_answer(struct request *rq);
MUST_USE enum err dvs_service_parse(struct request *rq);
MUST_USE enum err dvs_service_answer(struct request *rq);
MUST_USE enum err dvs_countries_parse(struct request *rq);
MUST_USE enum err dvs_countries_answer(struct request *rq);
MUST_USE enum err dvs_country_parse(struct request *rq);
MUST_USE enum err dvs_country_answer(struct request *rq);
MUST_USE enum err dvs_operators_parse(struct request *rq);
MUST_USE enum err dvs_operators_answer(struct request *rq);
MUST_USE enum err dvs_operator_parse(struct request *rq);
MUST_USE enum err dvs_operator_answer(struct request *rq);
MUST_USE enum err dvs_benefit_types_parse(struct request *rq);
MUST_USE enum err dvs_benefit_types_answer(struct request *rq);
MUST_USE enum err dvs_promotions_parse(struct request *rq);
MUST_USE enum err dvs_promotions_answer(struct request *rq);
MUST_USE enum err dvs_promotion_parse(struct request *rq);
MUST_USE enum err dvs_promotion_answer(struct request *rq);
MUST_USE enum err dvs_campaigns_parse(struct request *rq);
MUST_USE enum err dvs_campaigns_answer(struct request *rq);
MUST_USE enum err dvs_campaign_parse(struct request *rq);
MUST_USE enum err dvs_campaign_answer(struct request *rq);
MUST_USE enum err dvs_products_parse(struct request *rq);
MUST_USE enum err dvs_products_answer(struct request *rq);
MUST_USE enum err dvs_product_parse(struct request *rq);
MUST_USE enum err dvs_product_answer(struct request *rq);
MUST_USE enum err dvs_number_parse(struct request *rq);	     /* in the body */
MUST_USE enum err dvs_number_path_parse(struct request *rq); /* in the path; deprecated */
MUST_USE enum err dvs_number_answer(struct request *rq);

void dvs_services_render(struct request *rq, struct json_writer *w);
void dvs_service_render(struct request *rq, struct json_writer *w);
void dvs_countries_render(struct request *rq, struct json_writer *w);
void dvs_country_render(struct request *rq, struct json_writer *w);
void dvs_operators_render(struct request *rq, struct json_writer *w);
void dvs_operator_render(struct request *rq, struct json_writer *w);
void dvs_benefit_types_render(struct request *rq, struct json_writer *w);
void dvs_promotions_render(struct request *rq, struct json_writer *w);
void dvs_promotion_render(struct request *rq, struct json_writer *w);
void dvs_campaigns_render(struct request *rq, struct json_writer *w);
void dvs_campaign_render(struct request *rq, struct json_writer *w);
void dvs_products_render(struct request *rq, struct json_writer *w);
void dvs_product_render(struct request *rq, struct json_writer *w);
void dvs_number_render(struct request *rq, struct json_writer *w);

/* api/mobimatter/catalog.h: products and their networks (mobimatter.md 5), from memory. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err mm_products_parse(struct request *rq);
MUST_USE enum err mm_products_answer(struct request *rq);
void mm_products_render(struct request *rq, struct json_writer *w);
/* The member productDetails, with what the catalogue sells beside it. */
void mm_put_product_details(struct json_writer *w, struct arena *a, const struct catalog *catalog,
			    const struct product *p);
MUST_USE enum err mm_networks_answer(struct request *rq);
void mm_networks_render(struct request *rq, struct json_writer *w);

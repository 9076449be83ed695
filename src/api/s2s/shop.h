/* api/s2s/shop.h: the catalogue as the S2S API shows it: products with their SKUs, prices and stock, categories. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err s2s_products_parse(struct request *rq);
MUST_USE enum err s2s_products_answer(struct request *rq);
void s2s_products_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_product_parse(struct request *rq);
MUST_USE enum err s2s_product_answer(struct request *rq);
void s2s_product_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_pricelist_parse(struct request *rq);
MUST_USE enum err s2s_pricelist_answer(struct request *rq);
void s2s_pricelist_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_categories_parse(struct request *rq);
MUST_USE enum err s2s_categories_answer(struct request *rq);
void s2s_categories_render(struct request *rq, struct json_writer *w);

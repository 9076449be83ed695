/* api/mobimatter/catalog.h: products and their networks (mobimatter.md 2.8, 2.9), from memory. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err mm_products_parse(struct request *rq);
MUST_USE enum err mm_products_answer(struct request *rq);
void mm_products_render(struct request *rq, struct json_writer *w);
MUST_USE enum err mm_networks_answer(struct request *rq);
void mm_networks_render(struct request *rq, struct json_writer *w);

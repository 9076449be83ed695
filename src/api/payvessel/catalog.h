/* api/payvessel/catalog.h: regions and packages of the PayVessel API (payvessel.md 2.3, 2.4), from memory. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err pv_regions_answer(struct request *rq);
void pv_regions_render(struct request *rq, struct json_writer *w);
MUST_USE enum err pv_packages_parse(struct request *rq);
MUST_USE enum err pv_topups_parse(struct request *rq);
MUST_USE enum err pv_packages_answer(struct request *rq);
void pv_packages_render(struct request *rq, struct json_writer *w);

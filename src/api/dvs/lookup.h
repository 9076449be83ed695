/* api/dvs/lookup.h: look-ups at suppliers: statements of a bill, what a customer has left, whether an eSIM is in use.
 */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err dvs_statements_parse(struct request *rq);
MUST_USE enum err dvs_party_benefits_parse(struct request *rq);
MUST_USE enum err dvs_party_status_parse(struct request *rq);

void dvs_statements_render(struct request *rq, struct json_writer *w);
void dvs_party_benefits_render(struct request *rq, struct json_writer *w);
void dvs_party_status_render(struct request *rq, struct json_writer *w);

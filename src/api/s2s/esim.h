/* api/s2s/esim.h: the two calls about an eSIM that the partner bought: how it stands, and another package for it. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err s2s_esim_parse(struct request *rq);
MUST_USE enum err s2s_esim_answer(struct request *rq);
void s2s_esim_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_top_up_parse(struct request *rq);
void s2s_top_up_render(struct request *rq, struct json_writer *w);

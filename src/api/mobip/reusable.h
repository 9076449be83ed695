/* api/mobip/reusable.h: reusable QR codes over the MOBIP API. */
#pragma once

#include "api/mobip/answer.h"
#include "service/reusable.h"

/* create_reusable_qr: struct reusable_create. */
MUST_USE enum err mobip_reusable_parse(struct request *rq);
void mobip_reusable_render(struct request *rq, struct json_writer *w);

/* The id of a code as merchants see it. */
struct str mobip_qr_id(struct request *rq, int64_t id);

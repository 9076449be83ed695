/* api/s2s/account.h: who the partner is, what it has, and how that came. */
#pragma once

#include "api/endpoint.h"

MUST_USE enum err s2s_balance_parse(struct request *rq);
void s2s_me_render(struct request *rq, struct json_writer *w);
void s2s_balance_render(struct request *rq, struct json_writer *w);
MUST_USE enum err s2s_history_parse(struct request *rq);
void s2s_history_render(struct request *rq, struct json_writer *w);

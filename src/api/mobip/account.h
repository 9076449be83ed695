/* api/mobip/account.h: a merchant's account as a list of attributes, four of which may be changed (mobip.md 9). */
#pragma once

#include "api/mobip/answer.h"

/* get_account, for operators: struct account_get. */
MUST_USE enum err mobip_account_parse(struct request *rq);
/* get_account_by_external_id: the caller's own account and its sub-accounts alone. */
MUST_USE enum err mobip_own_account_parse(struct request *rq);
void mobip_account_render(struct request *rq, struct json_writer *w);

/* update_account, for operators: struct merchant_set. */
MUST_USE enum err mobip_update_parse(struct request *rq);

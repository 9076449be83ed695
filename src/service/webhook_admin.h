/* service/webhook_admin.h: what an operator may do with webhooks: look at their records, and send them again. */
#pragma once

#include "service/audit.h"
#include "service/task.h"
#include "store/callbacks.h"

enum { WEBHOOKS_SHOWN_MAX = 1000, WEBHOOKS_REPLAYED_MAX = 500 };

const char *callback_state_name(int state); /* "pending" */

struct webhook_list {
	struct callback_filter filter;
	/* found */
	struct callback_row *rows;
	size_t count;
	bool has_more;
};

/* Sends again what was delivered or given up, under the same id and on a fresh schedule: a body that is kept goes byte
 * for byte, another is made of the order as it is now. What is still on its way stays so. The filter names an order
 * or a partner: ERR_BAD_REQUEST; it takes at most WEBHOOKS_REPLAYED_MAX, newest orders first. */
struct webhook_replay {
	struct by by;
	struct callback_filter filter;
	/* found */
	int64_t replayed;
	int64_t before_id; /* has_more: go on with orders below this one */
	bool has_more;
};

extern const struct verb verb_webhook_list, verb_webhook_replay;

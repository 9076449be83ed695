/* store/callbacks.h: the records of webhooks as lists. */
#pragma once

#include "store/tables.h"

struct callback_filter {
	int64_t order_id, partner_id; /* 0 = any */
	int state;		      /* enum callback_state; 0 = any */
	int64_t from_us, to_us;	      /* of their creation: from_us <= it < to_us */
	int64_t before_id;	      /* of orders below this one */
	int64_t most;
};

/* With the partner and the dialect of its order; the body is left out. */
struct callback_row {
	struct callback callback;
	int64_t partner_id;
	int dialect;
};

/* Those of the newest orders first, of one order the first one first. */
MUST_USE enum err callbacks_list(struct db *db, struct arena *a, const struct callback_filter *f, db_row_fn on_row,
				 void *arg);

/* store/orders.h: lists over orders and accounts: plain SQL on a read-only connection. */
#pragma once

#include "store/tables.h"

/* At most `most` orders of a partner with ids in [first, before), newest first, as struct order with the columns that
 * filters look at. *ret_last is the last id seen. */
MUST_USE enum err orders_before(struct db *db, struct arena *a, int64_t partner_id, int64_t first, int64_t before,
				int64_t most, int64_t *ret_last, db_row_fn on_order, void *arg);
/* The id of the `most`-th newest order; 0 when there are fewer. */
MUST_USE enum err orders_newest_from(struct db *db, struct arena *a, int64_t most, int64_t *ret_id);
/* Lines of at most `most` orders of anybody with ids above `after`, oldest first, as struct order with the columns that
 * filters look at. *ret_last is the last id seen. */
MUST_USE enum err orders_after(struct db *db, struct arena *a, int64_t after, int64_t most, int64_t *ret_last,
			       db_row_fn on_order, void *arg);

/* An order as it is, and one of its events. */
struct changed_order {
	struct order order; /* with the columns that filters look at */
	int64_t event_id;
};
/* The orders of at most `most` events with ids above `after_event`, drawn by other slots than `but_slot`, as struct
 * changed_order in no order; the events are the earliest of them. */
MUST_USE enum err orders_changed(struct db *db, struct arena *a, int64_t after_event, int but_slot, int64_t most,
				 db_row_fn on_change, void *arg);

/* The accounts with ids in [first, end): one partner's. */
MUST_USE enum err accounts_range(struct db *db, struct arena *a, int64_t first, int64_t end, db_row_fn on_account,
				 void *arg);

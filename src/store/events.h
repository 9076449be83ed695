/* store/events.h: a partner's events, which lie together in the order of their ids. */
#pragma once

#include "store/tables.h"

/* What the partner's counter says: the highest id that a row of it has, and the last event that was dropped. Zeros when
 * there is no counter. On any connection. */
MUST_USE enum err events_bounds(struct db *db, struct arena *a, int64_t partner_id, int64_t *ret_high,
				int64_t *ret_gone);
/* At most `most` events of the partner with ids above `after`, oldest first. */
MUST_USE enum err events_after(struct db *db, struct arena *a, int64_t partner_id, int64_t after, int64_t most,
			       db_row_fn on_event, void *arg);
/* Deletes the oldest events that are older than before_us, at most `most`. *ret_last: the id of the last one that went;
 * 0 = none did. Under the partner's lock. */
MUST_USE enum err events_drop(struct db *db, struct arena *a, int64_t partner_id, int64_t before_us, int64_t most,
			      int64_t *ret_last);

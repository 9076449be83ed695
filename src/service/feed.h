/* service/feed.h: the feed of a partner's events: every change of its orders and payments, in their order,
 * LIMIT_KEPT_DAYS back.
 *
 * An event is a row that the change itself wrote, numbered under the partner's lock: whoever has read one has read, or
 * could have read, all before it, however late a node commits. A place in the feed is an event's id. */
#pragma once

#include "core/order.h"
#include "core/payment.h"
#include "service/task.h"
#include "store/tables.h"

enum { FEED_ROWS_MAX = 500 };

struct feed_item {
	struct event event;
	struct order order;	/* its names, which never change; the state is the event's */
	struct payment payment; /* of DIALECT_MOBIP in place of the order; likewise */
};

/* ERR_BAD_REQUEST: `after` is no place of this partner's feed. */
struct feed_read {
	enum dialect dialect; /* whose orders; of MOBIP payments */
	int64_t after;	      /* the last event that was read; -1 = from the oldest one that is kept */
	int64_t most;	      /* at most FEED_ROWS_MAX */
	/* found */
	bool is_gone; /* events behind `after` have been dropped: `next` is where the feed begins now */
	struct feed_item *items;
	size_t count;
	int64_t next; /* where to go on: also behind what was left out */
	bool has_more;
};
extern const struct verb verb_feed_read;

/* Drops what is too old of one partner's, a chunk at a time; audited nowhere: nothing is decided. */
struct feed_drop {
	int64_t partner_id;
	bool more; /* found: call again */
};
extern const struct verb verb_feed_drop;

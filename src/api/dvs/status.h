/* api/dvs/status.h: statuses of DVS transactions: one table from the core's state and reason (docs/api/dvs.md). */
#pragma once

#include "core/order.h"

/* Numbers of the wire. */
enum dvs_class {
	DVS_CREATED = 1,
	DVS_CONFIRMED = 2,
	DVS_REJECTED = 3,
	DVS_CANCELLED = 4,
	DVS_SUBMITTED = 5,
	DVS_COMPLETED = 7,
	DVS_REVERSED = 8,
	DVS_DECLINED = 9,
};

struct dvs_status {
	int id; /* five digits, the first is the class */
	const char *message;
	/* What of ours it is. A reason without a row of its own falls back to the state's row with REASON_NONE. */
	enum order_state state;
	enum order_reason reason;
};

/* Never NULL for a stored order. */
const struct dvs_status *dvs_status(enum order_state state, enum order_reason reason);
enum dvs_class dvs_status_class(const struct dvs_status *status);
const char *dvs_class_name(enum dvs_class class);

/* The i-th row; NULL past the end. */
const struct dvs_status *dvs_status_at(size_t i);

/* What orders a filter by this id means: bits of states and of reasons. ERR_NOT_FOUND for an id that no
 * transaction can have. */
MUST_USE enum err dvs_status_filter(int64_t id, unsigned *ret_states, unsigned *ret_reasons);

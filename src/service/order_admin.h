/* service/order_admin.h: what an operator may do with an order: look at everything, and push it on where it is stuck.
 *
 * States change through the same table as always; nothing is edited. All answer ERR_ORDER_NOT_FOUND. */
#pragma once

#include "service/audit.h"
#include "service/order.h"
#include "service/work.h"

enum { INSPECT_ROWS_MAX = 1000 };

/* An order with all that belongs to it, or the order that a partner's reference names. */
struct order_inspect {
	int64_t order_id; /* 0: by reference */
	int64_t partner_id;
	enum dialect dialect;
	struct str reference;
	/* found */
	struct order_view view;
	struct attempt *attempts;
	struct event *events;
	struct callback *callbacks; /* bodies are sealed and stay so */
	struct message *messages;   /* likewise */
	struct job *jobs;
	size_t attempt_count, event_count, callback_count, message_count, job_count;
};

/* Everything that waits for its time is due now: purchases, queries, callbacks; callbacks that were given up are taken
 * up again. ERR_ILLEGAL_STATE when nothing waits. */
struct order_retry {
	struct by by;
	int64_t order_id;
	int64_t jobs; /* found: how many became due */
};

/* Says what became of a purchase whose supplier is silent. ERR_ILLEGAL_STATE unless the unit waits for its supplier. A
 * refusal may go on to the next route. */
struct order_resolve {
	struct by by;
	int64_t order_id;
	int unit; /* from 1 */
	bool delivered;
	enum order_reason reason;      /* of a refusal */
	struct str operator_reference; /* absent = none */
	struct str delivery;	       /* JSON object {"code":..}; absent = none */
	/* found */
	struct attempt_result result;
	struct order order;
};

/* Gives the money back for what was delivered, refuses a refund that was asked for, ends an order that was not
 * confirmed. ERR_ILLEGAL_STATE when the table of transitions does not have it. */
struct order_end {
	struct by by;
	int64_t order_id;
	struct order order; /* found */
};

extern const struct verb verb_order_inspect, verb_order_retry, verb_order_resolve, verb_order_reverse, verb_order_keep,
	verb_order_end_unconfirmed;

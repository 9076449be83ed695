/* service/payment_queue.h: what was paid and given back, for an operator's own books (mobip.md 12).
 *
 * Every payment puts a row into the queue when it is paid, and another one when it is given back, in the commit of
 * that. Reading takes nothing out; what was taken over is acknowledged by its payment, the oldest row of it first, so
 * that a refund that came between reading and acknowledging is not lost. */
#pragma once

#include "service/task.h"
#include "store/payments.h"

enum { PAYMENT_QUEUE_MOST = 1000000, PAYMENT_QUEUE_ACK_MOST = 1000 };

/* Oldest first, of all merchants. */
struct payment_queue_list {
	int64_t most;
	/* found; in the task's arena */
	struct payment_queued *rows;
	size_t count;
};
extern const struct verb verb_payment_queue_list;

struct payment_queue_ack {
	const int64_t *ids; /* of payments, at most PAYMENT_QUEUE_ACK_MOST; one that is there twice counts twice */
	size_t count;
	/* found: those of `ids` whose row was there; in the task's arena */
	int64_t *removed;
	size_t removed_count;
};
extern const struct verb verb_payment_queue_ack;

/* service/payment_unit.h: what the payment verbs share: the one place that changes a payment.
 *
 * Private to service/payment*.c. payment_move() is the only function that writes a payment's state; it carries out the
 * effects that the table names. Everything that may refuse has been asked before. */
#pragma once

#include "service/payment.h"
#include "service/unit.h"

/* Names what a view shows; then, once the payment is there, what a change can touch. */
void payment_need(struct unit *u, int64_t payment_id);
void payment_need_more(struct unit *u, int64_t payment_id);
/* Of a payment that was just made: it has no children yet. */
void payment_none(struct unit *u, int64_t payment_id);

/* The merchant's, NULL when it is not there or somebody else's. */
struct payment *payment_owned(struct unit *u, int64_t partner_id, int64_t payment_id);
struct payment_attempt *payment_attempt_of(struct unit *u, int64_t payment_id, int no);

/* The deadline has passed, whether or not its job has run: nobody can pay any more. */
bool payment_is_over_time(const struct unit *u, const struct payment *p);

/* Whether the wallet can take what the payer paid: ERR_OVERFLOW. */
MUST_USE enum err payment_can_credit(struct unit *u, const struct payment *p);

/* Applies the event; the table must allow it in the payment's state (checked before: a must). */
void payment_move(struct unit *u, struct payment *p, enum payment_event event);
void payment_attempt_move(struct unit *u, struct payment_attempt *a, enum payment_attempt_state to);

/* A job of the payment. `id` 0: a fresh one. */
void payment_job_add(struct unit *u, const struct payment *p, enum job_kind kind, int64_t id, int no, int64_t due_us);
void payment_task_add(struct unit *u, const struct payment *p, enum task_kind kind, const char *detail);

/* Whether the payer can be asked that way: ERR_ADDRESS_MISSING, said in the task's detail; ERR_METHOD_NOT_SUPPORTED. */
MUST_USE enum err payment_can_ask(struct unit *u, struct task *t, enum payment_media media, struct str email,
				  struct str phone);
/* Queues the request to the payer, which payment_can_ask() has allowed. MESSAGE_PAYMENT begins the plan of repetitions,
 * MESSAGE_PAYMENT_AGAIN is one more beside it. */
void payment_ask(struct unit *u, const struct payment *p, enum message_kind kind, enum payment_media media,
		 const char *base_url);
/* To the payer's mail address, if there is one that mail can go to. */
void payment_receipt(struct unit *u, const struct payment *p);

/* Copies what a caller shall see into the task's arena: what is over is shown as over, even before its job has run. */
void payment_view(struct unit *u, struct arena *a, const struct payment *p, struct payment_view *ret);

/* service/work.h: what the work loops do with the order machine: read a job, act outside, report the result.
 *
 * A job is a durable row: something to do later. The loops hold the due ones in memory, call out with no transaction
 * open, and report through the committer like everybody else. A job carries partner, order and currency, so a result
 * needs no second round of reading. Results apply only under the job's fence: a loop that lost its lease is told
 * ERR_CONFLICT and drops what it has. */
#pragma once

#include "service/order.h"
#include "store/tables.h"

/* Stored in jobs.kind: append, never renumber. */
enum job_kind {
	JOB_FULFIL = 1,
	JOB_EXPIRE = 2,
	JOB_CALLBACK = 3,
	JOB_REVERSE = 4,
	/* Of payments: their order_id is the payment's id, their unit the attempt's or callback's number. */
	JOB_PAYMENT = 5,	/* an attempt is to be brought to an end */
	JOB_PAYMENT_EXPIRE = 6, /* has the payment's id */
	JOB_PAYMENT_CALLBACK = 7,
	JOB_PAYMENT_REFUND = 8,
	JOB_MESSAGE = 9,
	JOB_FORGET = 10,
	JOB_PHOTO = 11, /* its order_id is the reusable QR code's id */
};
enum { JOB_KINDS = JOB_PHOTO + 1 }; /* and nothing at 0 */

static inline bool job_is_of_payment(enum job_kind kind)
{
	return kind >= JOB_PAYMENT && kind <= JOB_PAYMENT_REFUND;
}

/* What became of one submission or query. */
enum outcome {
	OUTCOME_ACCEPTED = 1, /* the supplier works on it: ask again at next_due_us */
	OUTCOME_DELIVERED = 2,
	OUTCOME_REFUSED = 3, /* definitely not bought: the next route may be tried */
	OUTCOME_UNKNOWN = 4, /* silence or nonsense: ask again, never buy again */
};

/* All that is needed to buy one unit: the order as its buyer sees it and the live attempt. Read-only. */
struct purchase_get {
	struct job job;
	/* found */
	struct order_view view;
	struct attempt attempt;
	bool live; /* false: nothing is left to do, the job is stale */
};

/* Commits that the first byte is about to leave (attempt SENT, unit SENT, order SUBMITTED). Needed before submit() of
 * every supplier that cannot recognise a repeated reference. ERR_CONFLICT when the job is no longer ours. */
struct attempt_sending {
	struct job job;
	int attempt;
};

/* Commits an outcome and what follows from it: unit, order, wallet, callback, next attempt, next job. */
struct attempt_result {
	struct job job;
	int attempt;
	enum outcome outcome;
	enum order_reason reason; /* REFUSED */
	struct str supplier_reference, operator_reference;
	struct str
		delivery;  /* DELIVERED: plain JSON object {"code":..,"serial":..}, sealed by the verb; absent = none */
	struct money cost; /* currency 0 = as the route said */
	int64_t next_due_us; /* ACCEPTED, UNKNOWN: business time of the next query */
};

/* An order that waits for something at its deadline: unconfirmed, or its buyer's identity not verified.
 * Nothing happens if it was confirmed or cancelled meanwhile. */
struct order_expire {
	struct job job;
};

struct payment_view; /* service/payment.h */

/* What a webhook is about to carry: read-only. */
struct callback_get {
	struct job job;
	/* found */
	struct order_view view;
	const struct payment_view *payment; /* JOB_PAYMENT_CALLBACK: in place of the order; else NULL */
	struct str url;
	struct str body; /* of an earlier attempt: sent again byte for byte; absent on the first */
	int64_t id;	 /* stable: the same at each try */
	int64_t first_try_us;
	int tries;
	struct str webhook_secrets[2]; /* the partner's, plain, newest first; absent = no signature */
	struct str signing[2];	       /* of a dialect that signs: its live secrets, plain, newest first; else absent */
	bool live;		       /* false: delivered or given up, the job is stale */
	bool blocked;		       /* an earlier callback of the order is still to be delivered: try again later */
};

/* What a dialect adds to the headers of a webhook. */
struct callback_header {
	const char *name;
	struct str value;
};
enum { CALLBACK_HEADERS = 4 };

/* A payment's callback is a call of its address: first GET, and where that is not allowed a form (mobip.md 6). */
struct payment_callback {
	const char *get_url, *form_url;
	struct str form;
};

struct callback_result {
	struct job job;
	bool delivered;
	bool put_off;	     /* it was not sent and counts no try: of the others only next_due_us is looked at */
	int http_status;     /* 0 = no answer */
	struct str error;    /* a short word for the operator's log; absent = none */
	struct str body;     /* what was sent: kept, sealed, for the next try */
	int64_t next_due_us; /* 0 = give up */
	int64_t duration_us;
};

/* The body of a webhook that was given up is kept for so long that it can be replayed, and no longer. */
struct callback_forget {
	struct job job;
};

/* This node's jobs that fall due before `until_us`, oldest first, after (after_due, after_id); for the start and for
 * taking over. */
struct jobs_due {
	int64_t until_us, after_due, after_id;
	size_t most;
	/* found */
	struct job *jobs;
	size_t count;
};

/* Takes over what nodes had in hand that are gone: at most `most` jobs, the earliest that are due at from_due or later.
 * On a store of one node there is nothing to take over. */
struct jobs_claim {
	int64_t from_due;
	size_t most;
	/* found, in no order; this node's from now on, under a new fence */
	struct job *jobs;
	size_t count;
	bool left; /* said with a page that is not full: jobs of such nodes are still there, locked by somebody */
};

extern const struct verb verb_purchase_get;    /* read-only, struct purchase_get */
extern const struct verb verb_attempt_sending; /* struct attempt_sending */
extern const struct verb verb_attempt_result;  /* struct attempt_result */
extern const struct verb verb_order_expire;    /* struct order_expire */
extern const struct verb verb_callback_get;    /* read-only, struct callback_get */
extern const struct verb verb_callback_result; /* struct callback_result */
/* The same of a payment: struct callback_get, with its merchant's live secrets in `signing`. */
extern const struct verb verb_payment_callback_get;
extern const struct verb verb_callback_forget; /* struct callback_forget */
extern const struct verb verb_jobs_due;	       /* read, struct jobs_due */
extern const struct verb verb_jobs_claim;      /* struct jobs_claim */

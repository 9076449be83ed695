/* service/payment.h: the verbs of a payment request: make, look, try to pay, cancel, expire, give back.
 *
 * A merchant's calls name the merchant in the task's partner_id. The checkout page has no credential: an unguessable
 * address has shown that it may see the payment (service/public.h, PUBLIC_PAYMENT), so it reads with `is_public`, and
 * writes with the partner_id of the view that it has read.
 *
 * To pay is three steps, none with a transaction open across the network:
 *   1. verb_payment_begin commits the attempt (OPEN) and its job: nobody else can pay, cancel or expire it now.
 *   2. Whoever holds the attempt asks the provider, with payment_attempt_reference() as the idempotency key: the work
 *      loop by the job (JOB_PAYMENT), or the page itself, which then has the job come later (`patience_us`).
 *   3. verb_payment_outcome commits what the provider said. It may come twice, from the loop and from a webhook of the
 *      provider: the first one counts, and another one of the same kind changes nothing.
 * A crash in between leaves the job, which asks the provider by our reference and never charges again blindly. */
#pragma once

#include "core/message.h"
#include "core/payment.h"
#include "service/audit.h"
#include "service/work.h"

/* A payment as it is shown. Everything lives in the task's arena. */
struct payment_view {
	struct payment payment;
	const struct payment_attempt *attempts; /* oldest first */
	size_t attempt_count;
	const struct callback *callbacks; /* at most one, with its tries */
	size_t callback_count;
	const struct message *messages; /* oldest first, without their docs */
	size_t message_count;
	struct str merchant_name, merchant_email, merchant_phone; /* its contact; absent = not known */
	struct str external_account_id;				  /* the merchant's own; absent = none */
	struct str provider_key; /* the merchant's at its provider, sealed (merchant_key_label()); absent = none */
};

/* Amounts are micros of the merchant's home currency. With `media` the request is sent to the payer, and again by the
 * plan of `retry_period` and `retry_attempts`. ERR_ADDRESS_MISSING without a payer's address for `media`,
 * ERR_METHOD_NOT_SUPPORTED when the server sends nothing by it, ERR_OVERFLOW for more than an item may cost,
 * ERR_CONFLICT (idempotency key with another body). At a reusable QR code also ERR_PAYMENT_NOT_FOUND,
 * ERR_FORBIDDEN when the merchant is disabled, and ERR_CURRENCY when its currency is not the code's any more. */
struct payment_create {
	enum payment_kind kind;
	int64_t reusable_id; /* the QR code it is made at: item, amounts and track_id are the code's; 0 = none */
	int64_t item_amount, tax_amount;
	enum payment_language language;
	enum payment_media media;
	struct str item_name, track_id, customer_name, customer_email, customer_phone, redirect_url, callback_url;
	int64_t ttl_us;
	int retry_period, retry_attempts;
	const char *base_url;	    /* of the link that is sent */
	struct str idempotency_key; /* absent = none */
	int64_t idempotency_hash;
	/* found */
	struct payment_view view;
	bool replayed;
};

/* ERR_PAYMENT_NOT_FOUND, also for another merchant's. */
struct payment_get {
	int64_t id;
	bool is_public;
	struct payment_view view; /* found */
};

/* ERR_PAYMENT_NOT_FOUND; ERR_PAYMENT_FINAL when it is over (the view says how); ERR_PAYMENT_EXPIRED when its time is
 * over; ERR_PAYMENT_BUSY when another attempt is with the provider: the view has it. ERR_CONFLICT when it would not be
 * the attempt that the payer meant: a form that is sent twice pays once. */
struct payment_begin {
	int64_t id;
	int wanted;	       /* the number that the attempt shall have; 0 = the next */
	struct str provider;   /* "sandbox", ... */
	struct str instrument; /* a token for what the payer pays with; never card data */
	struct str email;      /* of the payer, for the receipt; absent = as it is */
	int64_t patience_us;   /* the job is due after that; 0 = at once */
	/* found */
	struct payment_view view;
	int attempt; /* its number */
};

/* Money that comes for a payment that is over is given back: the attempt is PAID, a job asks the provider to refund it
 * and an operator is told. ERR_PAYMENT_NOT_FOUND; ERR_CONFLICT when the attempt is over and this is nothing new. */
struct payment_outcome {
	int64_t id;
	int attempt;
	enum pay_outcome outcome;
	struct str method; /* PAID: "CARD", ... */
	struct str provider_reference, next_url, reason;
	int64_t next_due_us;	  /* WAITING, UNKNOWN: business time */
	struct job job;		  /* of the loop: its fence must still hold; id 0 = from elsewhere */
	struct payment_view view; /* found */
};

/* ERR_PAYMENT_NOT_FOUND, ERR_PAYMENT_FINAL, ERR_PAYMENT_BUSY. */
struct payment_cancel {
	int64_t id;
	bool by_customer;
	struct payment_view view; /* found */
};

/* The request is sent to the payer once more, by either medium. ERR_PAYMENT_NOT_FOUND, ERR_PAYMENT_FINAL,
 * ERR_PAYMENT_EXPIRED; ERR_ADDRESS_MISSING, ERR_METHOD_NOT_SUPPORTED as when it is made; ERR_RATE_LIMITED within a
 * minute of the message before (mobip.md 6). */
struct payment_resend {
	int64_t id;
	enum payment_media media;
	const char *base_url;	  /* of the link */
	struct payment_view view; /* found */
};

/* The end of its life came. Nothing happens while an attempt is with the provider: what follows from it decides. */
struct payment_expire {
	struct job job;
};

/* ERR_PAYMENT_NOT_FOUND; ERR_ILLEGAL_STATE when it is not paid, or the money is on its way back. */
struct payment_refund {
	struct by by;
	int64_t id;
	struct payment_view view; /* found */
};

/* What was tried and waits for its time is due now: messages, the callback, questions to the provider; what was given
 * up is taken up again. ERR_PAYMENT_NOT_FOUND; ERR_ILLEGAL_STATE when there is nothing of the kind. */
struct payment_retry {
	struct by by;
	int64_t id;
	int64_t jobs; /* found: how many became due */
};

/* What a job is about: the attempt to bring to an end (JOB_PAYMENT), or to give back (JOB_PAYMENT_REFUND). */
struct payment_job_get {
	struct job job;
	/* found */
	struct payment_view view;
	struct payment_attempt attempt;
	bool live; /* false: nothing is left to do, the job is stale */
};

struct payment_refund_result {
	struct job job;
	enum refund_outcome said;
	int64_t next_due_us; /* UNKNOWN */
};

extern const struct verb verb_payment_create;	     /* struct payment_create */
extern const struct verb verb_payment_get;	     /* read-only, struct payment_get */
extern const struct verb verb_payment_begin;	     /* struct payment_begin */
extern const struct verb verb_payment_outcome;	     /* struct payment_outcome */
extern const struct verb verb_payment_cancel;	     /* struct payment_cancel */
extern const struct verb verb_payment_resend;	     /* struct payment_resend */
extern const struct verb verb_payment_expire;	     /* struct payment_expire */
extern const struct verb verb_payment_refund;	     /* struct payment_refund */
extern const struct verb verb_payment_retry;	     /* struct payment_retry */
extern const struct verb verb_payment_job_get;	     /* read-only, struct payment_job_get */
extern const struct verb verb_payment_refund_result; /* struct payment_refund_result */

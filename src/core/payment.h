/* core/payment.h: the payment machine: requests for money, their states, and the one table of transitions.
 *
 * A payment request asks somebody without a credential for an amount: a merchant makes it, a payer opens its page and
 * pays through a provider. It leaves PENDING for good once (mobip.md 6). While an attempt is with the provider it is
 * PAYING: nobody can cancel it and it does not expire, so that money is never taken for something that is over. Silence
 * of a provider leaves it PAYING; we ask again by our own reference and never charge twice.
 *
 * Only payment_apply() changes a state, and only by the table. Pure: no clock, no store. */
#pragma once

#include "base/arena.h"
#include "core/money.h"

/* Stored in payments.state: append, never renumber. */
enum payment_state {
	PAYMENT_NEW = 0, /* not yet stored */
	PAYMENT_PENDING = 1,
	PAYMENT_PAYING = 2, /* an attempt is with the provider */
	PAYMENT_PAID = 3,
	PAYMENT_DENIED = 4, /* the last allowed attempt was refused */
	PAYMENT_CANCELLED = 5,
	PAYMENT_ERROR = 6,     /* the provider could not carry it out */
	PAYMENT_REFUNDING = 7, /* the provider was asked to give the money back */
	PAYMENT_REFUNDED = 8,
	PAYMENT_STATES, /* how many there are */
};

enum payment_event {
	PAY_CREATE = 1,
	PAY_BEGIN,   /* an attempt goes to the provider */
	PAY_SUCCEED, /* the money is there */
	PAY_REFUSE,  /* the attempt was refused; another one may follow */
	PAY_DENY,    /* it was refused and was the last one */
	PAY_ABANDON, /* the payer left the provider: as if he had not tried */
	PAY_FAIL,    /* the provider cannot carry it out */
	PAY_CANCEL,  /* by the merchant or the payer */
	PAY_EXPIRE,
	PAY_ASK_REFUND,
	PAY_REFUND,	/* the provider has given the money back */
	PAY_KEEP,	/* the provider does not give it back */
	PAYMENT_EVENTS, /* how many there are */
};

/* What a transition does beside the state; service/payment_unit.c carries them out. */
enum payment_effect {
	PAYDO_CREDIT = 1,   /* the merchant's wallet, less our fee */
	PAYDO_RETURN = 2,   /* out of the merchant's wallet again; our fee stays */
	PAYDO_NOTIFY = 4,   /* the merchant's callback: once, on leaving PENDING */
	PAYDO_EXPIRE = 8,   /* a job at the end of its life */
	PAYDO_COLLECT = 16, /* a job that brings the attempt to an end */
	PAYDO_ASK = 32,	    /* a job that asks the provider for the money back */
};

struct payment_rule {
	enum payment_state from;
	enum payment_event event;
	enum payment_state to;
	unsigned effects;
};

/* The table; n rows. */
const struct payment_rule *payment_rules(size_t *ret_n);
/* NULL when this event is not allowed in this state. */
const struct payment_rule *payment_rule(enum payment_state from, enum payment_event event);
/* It has left PENDING for good: what follows is at most a refund. */
bool payment_is_final(enum payment_state state);
/* The merchant's wallet has its money. */
bool payment_is_credited(enum payment_state state);
const char *payment_state_name(enum payment_state state);
const char *payment_event_name(enum payment_event event);

/* Stored in payments.kind: append, never renumber. */
enum payment_kind {
	PAYMENT_ONE_USE = 1,  /* a QR code or a link that the merchant shows */
	PAYMENT_REQUEST = 2,  /* sent to the payer by SMS or e-mail */
	PAYMENT_REUSABLE = 3, /* made by a payer at a reusable QR code */
};
const char *payment_kind_name(enum payment_kind kind); /* "one_use", as mobip.md 6 spells it */

/* Stored in payments.cause: why it did not come to a payment: append, never renumber. The provider's own words are in
 * payments.reason. */
enum payment_cause {
	CAUSE_NONE = 0,
	CAUSE_PROVIDER = 1, /* `reason` says */
	CAUSE_MERCHANT = 2,
	CAUSE_CUSTOMER = 3,
	CAUSE_EXPIRED = 4,
	PAYMENT_CAUSES, /* how many there are */
};
/* "cancelled by merchant", "expired", ...: the words of mobip.md 6; "" for none and for the provider's own. */
const char *payment_cause_text(enum payment_cause cause);

enum payment_media { MEDIA_NONE = 0, MEDIA_SMS = 1, MEDIA_EMAIL = 2 };
enum payment_language { PAY_EN = 1, PAY_FR = 2 };

enum { PAYMENT_ATTEMPTS_MOST = 3 }; /* refusals after which it is DENIED (mobip.md 6) */

struct payment {
	int64_t id, partner_id;
	int kind;	 /* enum payment_kind */
	int64_t link_id; /* the reusable QR code it was made at; 0 = none */
	int state, cause;
	struct str reason;		 /* the provider's words; absent = none */
	int currency;			 /* the merchant's when it was made */
	int64_t item_amount, tax_amount; /* micros; the payer pays the sum */
	int64_t fee;			 /* micros: ours of that sum, as of the making */
	int language, media;
	struct str item_name, track_id;
	struct str customer_name, customer_email, customer_phone; /* absent = not given; erasable */
	struct str redirect_url, callback_url;
	int retry_period, retry_attempts; /* days; how often it is sent again by itself */
	int attempts, refusals;		  /* how many went to the provider; how many it refused */
	int paid_by;			  /* the attempt that has paid it; 0 = not yet */
	struct str method;		  /* how it was paid: "CARD"; absent = not yet */
	int sandbox;			  /* of a sandbox merchant: no real provider is asked */
	int64_t created_at, expires_at, finished_at, refunded_at, updated_at; /* business clock, us; 0 = not yet */
	int64_t version;
};

/* Stored in payment_attempts.state: append, never renumber. OPEN is committed before the first byte leaves. */
enum payment_attempt_state {
	PAYTRY_OPEN = 1,
	PAYTRY_UNKNOWN = 2, /* the provider did not answer, or answered nonsense: ask again */
	PAYTRY_WAITING = 3, /* the payer is at the provider's own page */
	PAYTRY_PAID = 4,
	PAYTRY_REFUSED = 5,
	PAYTRY_FAILED = 6,
	PAYTRY_ABANDONED = 7,
};

/* What a provider says of an attempt. Silence and nonsense are UNKNOWN. */
enum pay_outcome {
	PAY_OUTCOME_PAID = 1,
	PAY_OUTCOME_REFUSED = 2,   /* definitely not charged */
	PAY_OUTCOME_FAILED = 3,	   /* definitely not charged, and the provider cannot */
	PAY_OUTCOME_WAITING = 4,   /* the payer goes on at next_url; ask again at next_due_us */
	PAY_OUTCOME_UNKNOWN = 5,   /* ask again, never charge again */
	PAY_OUTCOME_ABANDONED = 6, /* definitely not charged; the payer has left, and may try again */
};
enum refund_outcome { REFUND_DONE = 1, REFUND_REFUSED = 2, REFUND_UNKNOWN = 3 };

/* One try to pay. Our reference for the provider is payment_attempt_reference(). Never card data: `instrument` is a
 * token that the provider's side has made of it. */
struct payment_attempt {
	int64_t payment_id;
	int no;
	int64_t id; /* its job's, too */
	int state;  /* enum payment_attempt_state */
	struct str provider, instrument;
	struct str provider_reference; /* the provider's own id, once known */
	struct str next_url;	       /* where the payer goes on at the provider; absent = nowhere */
	struct str reason;	       /* of a refusal or fault, as the provider words it */
	int64_t created_at, updated_at;
};

/* Applies the event to the state alone: ERR_ILLEGAL_STATE when the table does not have it. *ret_effects: PAYDO_* bits.
 */
MUST_USE enum err payment_apply(struct payment *p, enum payment_event event, int64_t now_us, unsigned *ret_effects);

/* What the payer pays, micros. */
int64_t payment_total(const struct payment *p);

bool payment_attempt_is_live(enum payment_attempt_state state);
bool payment_attempt_can(enum payment_attempt_state from, enum payment_attempt_state to);
const char *payment_attempt_state_name(enum payment_attempt_state state);
/* "PAYMENT-NO": unique, sent along as the idempotency key of the try. */
struct str payment_attempt_reference(struct arena *a, int64_t payment_id, int no);

/* Our part of a total: a rate in millionths and a fixed amount, rounded once to the currency's minor unit, never more
 * than the total. */
struct payment_fee {
	int64_t rate_ppm; /* 15000 = 1.5 % */
	int64_t fixed;	  /* micros of the merchant's currency */
};
int64_t payment_fee_of(struct payment_fee fee, int64_t total, struct currency cur);

/* What a partner is beside a buyer: somebody who is paid. A partner without a row has these all empty, and no fee. */
struct merchant {
	int64_t partner_id;
	int64_t fee_ppm, fee_fixed;	/* struct payment_fee */
	struct str external_account_id; /* unique over all merchants; absent = none */
	struct str provider_login, provider_public_key;
	struct str provider_private_key;		  /* sealed */
	struct str redirect_url, callback_url, time_zone; /* of payments that name none; absent = UTC */
	int64_t version;
};

/* A payment that an operator's own books have not taken over yet (mobip.md 12). */
struct payment_entry {
	int64_t payment_id;
	int no;		/* 1 = paid, 2 = given back */
	int64_t id;	/* increasing: the order of the queue */
	int64_t amount; /* micros; negative for a refund */
	int64_t fee;
};

/* Whole minor units as the wire has them, and back. 13.00 EUR is 1300, 1300 XPF is 1300: the exponent is ISO 4217's, so
 * for a currency without minor units one "cent" is one unit (mobip.md 5). ERR_OVERFLOW beyond MONEY_ITEM_MAX. */
MUST_USE enum err payment_of_minor(int64_t minor, struct currency cur, int64_t *ret_micros);
int64_t payment_minor(int64_t micros, struct currency cur);

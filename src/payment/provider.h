/* payment/provider.h: the seam to those who take a payer's money: start, query, abandon, give back.
 *
 * No thread waits: a driver takes a call and reports through its `done`, at once or later, on any thread. It decides
 * nothing about the payment: it translates between a provider's words and ours, and above all tells what is certain
 * from what is not. Silence and nonsense are UNKNOWN, and an attempt that is unknown is asked about, never made again:
 * payment_attempt_reference() goes along as the idempotency key of everything that moves money.
 *
 * No card data comes here. A payer types a card at the provider's own page, or at ours for the sandbox, which makes a
 * token of it before anything is stored (payment/card.h).
 *
 * A driver is a folder below this one with a const struct provider_driver, listed in registry.c. */
#pragma once

#include "base/arena.h"
#include "core/payment.h"

struct http_client;

struct provider_answer {
	enum pay_outcome outcome;   /* of start, query and abandon */
	enum refund_outcome refund; /* of refund */
	struct str method;	    /* PAID: "CARD", ... */
	struct str reference;	    /* the provider's own; absent = it said none */
	struct str next_url;	    /* WAITING */
	struct str reason;	    /* for the payer and the merchant; absent = none */
	int64_t next_us;	    /* WAITING: business time; 0 = the caller knows best */
	const char *detail;	    /* a word for the operator's log; NULL = nothing to add */
};

/* One call. The caller owns it and all it points at until `done` is called; meanwhile the arena is the driver's. The
 * answer's strings are in the arena or static. */
struct provider_call {
	const struct payment *payment;
	const struct payment_attempt *attempt;
	struct str key;	      /* the merchant's secret at the provider, plain; absent = the operator's own */
	const char *page_url; /* of our checkout page: where the payer comes back to */
	int64_t now_us;	      /* business */
	struct arena *arena;
	void (*done)(struct provider_call *call); /* once, on any thread: be quick */
	void *sender;
	struct provider_answer answer;
};

struct provider_driver;

/* A provider that was opened. Drivers put this first in a struct of their own. */
struct provider {
	const struct provider_driver *driver;
	bool has_key; /* it takes payments for merchants who have no key of their own */
};

/* What the operator sets; strings outlive the provider. And what a driver may use of the program around it. */
struct provider_config {
	const char *url;	   /* of the API, "https://host"; NULL = the provider's own */
	struct str key;		   /* absent = merchants have theirs */
	struct str webhook_secret; /* absent = nothing that the provider sends by itself is believed */
};

/* What a provider sends by itself. */
struct provider_hook {
	struct str signature, body;
	int64_t wall_us;
};

struct provider_driver {
	const char *name; /* as it is stored with an attempt */
	/* ERR_CONFIG, logged, if something is malformed. */
	enum err (*open)(const struct provider_config *config, struct http_client *client, struct provider **ret);
	void (*close)(struct provider *p);
	/* Asks for the money, under the attempt's reference: repeated, it is the same charge. ABANDONED also when
	 * nothing has left. */
	void (*start)(struct provider *p, struct provider_call *call);
	/* What became of it. */
	void (*query)(struct provider *p, struct provider_call *call);
	/* The payer wants something else: makes sure that the attempt cannot be paid any more. ABANDONED, or what had
	 * become of it before. */
	void (*abandon)(struct provider *p, struct provider_call *call);
	/* Gives the whole amount back; asked again, it is the same refund. */
	void (*refund)(struct provider *p, struct provider_call *call);
	/* Which attempt it is about, by our reference: absent for what is none of ours. It only says that it is time to
	 * ask: what became of it, query() tells. ERR_UNAUTHORIZED: not from the provider, or too old. NULL: it sends
	 * nothing. */
	enum err (*hook)(struct provider *p, struct arena *a, const struct provider_hook *hook, struct str *ret);
};

extern const struct provider_driver provider_sandbox, provider_stripe;

enum { PROVIDERS = 2 };

struct providers {
	struct provider *items[PROVIDERS];
	size_t count;
};

/* Opens all there are, up to the first that refuses; close what was opened either way. ERR_CONFIG. */
MUST_USE enum err providers_open(struct providers *s, const struct provider_config *stripe, struct http_client *client);
void providers_close(struct providers *s); /* no call may be under way */
/* NULL if there is none of that name. */
struct provider *provider_find(const struct providers *s, struct str name);

/* For drivers: the reference of the call's attempt. */
struct str provider_call_reference(const struct provider_call *call);

/* supplier/supplier.h: the seam to those from whom we buy: submit, and query by our own reference.
 *
 * No thread waits: a driver takes a call and reports through its `done`, at once or later, on any thread. It decides
 * nothing about the order: it translates between a supplier's words and ours, and above all tells what is certain from
 * what is not. Silence and nonsense are UNKNOWN.
 *
 * A driver is a folder below this one with a const struct supplier_driver, listed in registry.c. */
#pragma once

#include "base/arena.h"
#include "core/order.h"

struct http_client;

enum supplier_outcome {
	SUPPLIER_ACCEPTED = 1, /* it works on it: query again at next_us */
	SUPPLIER_DELIVERED,
	SUPPLIER_REFUSED,     /* definitely not bought, and it will not be */
	SUPPLIER_UNKNOWN,     /* it may have been bought: query, never buy again */
	SUPPLIER_UNREACHABLE, /* submit only: nothing has left, it can be submitted again later */
	SUPPLIER_WAIT,	      /* nothing was done yet: make the same call at next_us and get the same answer */
	SUPPLIER_ABSENT,      /* query only: the supplier does not have our reference */
};

struct supplier_answer {
	enum supplier_outcome outcome;
	enum order_reason reason; /* REFUSED */
	struct str supplier_reference, operator_reference;
	struct str delivery; /* DELIVERED: JSON object {"code":..,"serial":..}; absent = nothing to give out */
	struct money cost;   /* what it charges; currency 0 = it did not say */
	int64_t next_us;     /* business time; 0 = the caller knows best */
	const char *detail;  /* a word for the operator's log; NULL = nothing to add */
};

/* One submission or query. The caller owns it and all it points at until `done` is called; meanwhile the arena is the
 * driver's. The answer's strings are in the arena or static. */
struct supplier_call {
	const struct order *order;
	const struct product *product;
	const struct attempt *attempt;
	struct str parties; /* JSON object of the party objects as the buyer gave them; absent = none */
	int64_t now_us;	    /* business */
	struct arena *arena;
	void (*done)(struct supplier_call *call); /* once, on any thread: be quick */
	void *sender;
	struct supplier_answer answer;
};

/* What a driver can do. */
enum {
	/* A repeated reference is recognised and never bought twice: submitting again is safe, and no commit is
	 * needed before the first byte leaves. */
	SUPPLIER_KNOWS_REFERENCE = 1,
	SUPPLIER_HAS_ACCOUNT = 2, /* url, key and secret are needed */
};

struct supplier_config {
	struct str name;   /* what routes call it */
	struct str driver; /* "sandbox", "dvs" */
	struct str url, key, secret;
};

/* How long the sandbox takes. */
struct sandbox_pace {
	int64_t time_scale;   /* delays are divided by it; >= 1 */
	int64_t esim_most_us; /* the longest for a profile; 0 = at once */
};

/* What a driver may use of the program around it. */
struct supplier_env {
	struct http_client *client;
	struct sandbox_pace pace;
};

struct supplier_driver;

/* A configured supplier. Drivers put this first in a struct of their own. */
struct supplier {
	const struct supplier_driver *driver;
	struct str name;
};

struct supplier_driver {
	const char *name;
	unsigned can; /* SUPPLIER_* bits */
	/* ERR_CONFIG, logged, if something it needs is missing or malformed. */
	enum err (*open)(const struct supplier_config *config, const struct supplier_env *env, struct supplier **ret);
	void (*close)(struct supplier *s);
	/* Buys what the attempt says, under attempt_reference(). */
	void (*submit)(struct supplier *s, struct supplier_call *call);
	/* What became of a submission under that reference. */
	void (*query)(struct supplier *s, struct supplier_call *call);
	/* Takes back what the attempt delivered: DELIVERED = agreed and done, REFUSED = it stays sold; else UNKNOWN or
	 * UNREACHABLE, and it is asked again. NULL: nobody to ask. */
	void (*take_back)(struct supplier *s, struct supplier_call *call);
};

extern const struct supplier_driver supplier_sandbox, supplier_dvs;

/* NULL if there is none of that name. */
const struct supplier_driver *supplier_driver_find(struct str name);

/* Opens one by its configuration. ERR_CONFIG if there is no such driver or it refuses. */
MUST_USE enum err supplier_open(const struct supplier_config *config, const struct supplier_env *env,
				struct supplier **ret);
void supplier_close(struct supplier *s); /* no call may be under way; NULL is fine */

enum { SUPPLIERS_MOST = 32 };

struct suppliers {
	struct supplier *items[SUPPLIERS_MOST];
	size_t count;
};

/* Opens the sandbox and those configured, up to the first that refuses; close what was opened either way. ERR_CONFIG
 * also if there are too many. */
MUST_USE enum err suppliers_open(struct suppliers *s, const struct supplier_config *configs, size_t n,
				 const struct supplier_env *env);
void suppliers_close(struct suppliers *s);

/* For drivers: the reference of the call's attempt. */
struct str supplier_call_reference(const struct supplier_call *call);

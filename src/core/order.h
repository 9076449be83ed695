/* core/order.h: the order machine: states, events, and the one table of transitions.
 *
 * An order sells one item, `quantity` units of one product. Units are bought from suppliers one by one through
 * attempts; when the last unit is final the order's final state follows from them. Only order_apply() changes a state,
 * and only by the table; the documentation's diagram and the test that refuses every unlisted pair are made from it.
 *
 * Silence of a supplier is UNKNOWN, never a failure: the order stays SUBMITTED, the hold stays, we ask again by our own
 * reference, never buy twice and never refund on silence. */
#pragma once

#include "core/catalog.h"

/* Stored in orders.state: append, never renumber. */
enum order_state {
	ORDER_NEW = 0, /* not yet stored */
	ORDER_CREATED = 1,
	ORDER_CONFIRMED = 2,
	ORDER_SUBMITTED = 3,
	ORDER_COMPLETED = 4,
	ORDER_PARTIAL = 5,
	ORDER_DECLINED = 6, /* by the supplier */
	ORDER_REJECTED = 7, /* by us */
	ORDER_CANCELLED = 8,
	ORDER_EXPIRED = 9,
	ORDER_REVERSED = 10,
	ORDER_AWAITING_KYC = 11, /* the customer's identity is being verified */
	ORDER_REVERSING = 12,	 /* a refund was asked for; the supplier must agree */
	ORDER_STATES,		 /* how many there are */
};

enum order_event {
	EV_CREATE = 1,
	EV_CONFIRM,
	EV_CANCEL,
	EV_EXPIRE,
	EV_SUBMIT,  /* handed to a supplier */
	EV_DELIVER, /* every unit delivered */
	EV_PARTLY,  /* some units delivered, none open */
	EV_DECLINE, /* no unit delivered: the suppliers refused */
	EV_REJECT,  /* no unit delivered: our own rules refused */
	EV_REVERSE,
	EV_VERIFY,	/* confirmed, but the customer's identity comes first */
	EV_APPROVE,	/* it was verified */
	EV_ASK_REVERSE, /* the buyer wants the money back */
	EV_KEEP,	/* the supplier does not take it back */
	ORDER_EVENTS,	/* how many there are */
};

/* What a transition does beside the state; service/order.c carries them out. */
enum order_effect {
	DO_AUTHORIZE = 1,
	DO_VOID = 2,
	DO_CAPTURE = 4, /* unit price x delivered, the rest of the hold is voided */
	DO_REVERSE = 8,
	DO_FULFIL = 16,	 /* a job that buys the units */
	DO_EXPIRE = 32,	 /* a job at the confirmation deadline */
	DO_NOTIFY = 64,	 /* the partner's callback */
	DO_VERIFY = 128, /* the check of an identity, and its deadline */
	DO_ASK = 256,	 /* a job that asks the supplier to take it back */
};

struct order_rule {
	enum order_state from;
	enum order_event event;
	enum order_state to;
	unsigned effects;
};

/* The table; n rows. */
const struct order_rule *order_rules(size_t *ret_n);
/* NULL when this event is not allowed in this state. */
const struct order_rule *order_rule(enum order_state from, enum order_event event);
bool order_is_final(enum order_state state); /* no more work; COMPLETED and PARTIAL can still be reversed */
bool order_holds(enum order_state state);    /* the wallet's hold includes this order */
bool order_has_paid(enum order_state state); /* delivered, charged and not given back */
const char *order_state_name(enum order_state state);
const char *order_event_name(enum order_event event);

/* Stored in orders.reason: why an order was rejected or declined; the dialects have their own words. Append. */
enum order_reason {
	REASON_NONE = 0,
	REASON_CREDIT_PARTY_INVALID = 1,
	REASON_CREDIT_PARTY_BARRED = 2,
	REASON_CREDIT_PARTY_INELIGIBLE = 3,
	REASON_DEBIT_PARTY_INVALID = 4,
	REASON_DEBIT_PARTY_BARRED = 5,
	REASON_OPERATOR_UNAVAILABLE = 6,
	REASON_DUPLICATED = 7,
	REASON_EXCEPTION = 8,
	REASON_INSUFFICIENT_BALANCE = 9,
	REASON_OPERATOR_AMOUNT = 10,
	REASON_CREDIT_PARTY_AMOUNT = 11,
	REASON_CUSTOMER_AMOUNT = 12,
	REASON_OPERATOR_QUANTITY = 13,
	REASON_CREDIT_PARTY_QUANTITY = 14,
	REASON_CUSTOMER_QUANTITY = 15,
	REASON_NO_ROUTE = 16,
	ORDER_REASONS, /* how many there are */
};
const char *order_reason_name(enum order_reason reason);

/* Stored in orders.dialect and in external keys: append, never renumber. */
enum dialect { DIALECT_DVS = 1, DIALECT_MOBIMATTER = 2, DIALECT_PAYVESSEL = 3, DIALECT_S2S = 4, DIALECT_MOBIP = 5 };

struct order {
	int64_t id, partner_id;
	int dialect;
	struct str ext_key;  /* "partner:dialect:reference": one unique key; see order_ext_key */
	int64_t fingerprint; /* of what was asked, for replays */
	int state, reason;   /* enum order_state, enum order_reason */
	int64_t product_id, product_batch;
	struct str price_list; /* its name */
	int calculation_mode;  /* CALCULATION_*, 0 for fixed products */
	int64_t quantity;
	int currency;	     /* of the wholesale price and so of the wallet */
	int64_t amount, fee; /* micros: what is held and captured is amount + fee */
	int retail_currency; /* 0 = no retail price */
	int64_t retail_amount, retail_fee;
	int64_t requested_source, requested_destination, adjusted_source, adjusted_destination; /* ranged; micros */
	struct str credit_party, credit_account; /* mobile and account number, for list filters */
	struct str callback_url;
	int sandbox;	 /* placed by a sandbox partner: it takes sandbox routes only, whatever its partner becomes */
	int64_t root_id; /* the eSIM's first order, of what was bought for it later; 0 = none */
	int64_t kept;	 /* micros: what a refund keeps of the price */
	int64_t created_at, confirmed_at, expires_at, completed_at, updated_at; /* business clock, us; 0 = not yet */
	int64_t version;
};

/* Party objects as given by the buyer, verbatim JSON; erasable on their own. Absent when not given. */
struct party {
	int64_t order_id;
	struct str doc;
};

/* What a dialect wants to show of an order and nobody else looks at: a JSON object of its own writing. */
struct order_details {
	int64_t order_id;
	struct str doc;
};

/* Stored in units.state: append, never renumber. */
enum unit_state { UNIT_WAITING = 1, UNIT_SENT = 2, UNIT_UNKNOWN = 3, UNIT_DELIVERED = 4, UNIT_FAILED = 5 };

struct unit_ {
	int64_t order_id;
	int no;	   /* 1.. quantity */
	int state; /* enum unit_state */
	int attempts;
	struct str operator_reference;
	struct str delivery; /* sealed JSON {"code","serial",...}; absent until delivered or when there is nothing */
	int64_t updated_at, first_read_at; /* the latter when the partner was first shown the delivery; 0 = not yet */
};

/* Stored in attempts.state: append, never renumber. PREPARED is committed before the first byte leaves. */
enum attempt_state {
	ATTEMPT_PREPARED = 1,
	ATTEMPT_SENT = 2,
	ATTEMPT_ACCEPTED = 3,
	ATTEMPT_REFUSED = 4,
	ATTEMPT_DELIVERED = 5,
	ATTEMPT_UNKNOWN = 6,
};

/* One submission to a supplier. Our reference is "order-unit-no" (attempt_reference): unique, sent along. */
struct attempt {
	int64_t order_id;
	int unit, no;
	int state;		       /* enum attempt_state */
	struct str supplier, sku;      /* of the route that was taken */
	struct str supplier_reference; /* the supplier's own id, once known */
	int reason;		       /* enum order_reason, when refused */
	int cost_currency;	       /* 0 = unknown */
	int64_t cost;		       /* micros */
	int64_t created_at, updated_at;
};

/* Applies the event to the state alone: ERR_ILLEGAL_STATE when the table does not have it. *ret_effects: DO_* bits. */
MUST_USE enum err order_apply(struct order *o, enum order_event event, int64_t now_us, unsigned *ret_effects);

/* How many units are in which state, and the event that follows for the order: 0 while one is open. */
struct unit_tally {
	int64_t open, delivered, failed;
};
enum order_event order_outcome(struct unit_tally tally, bool supplier_refused);

bool attempt_is_live(enum attempt_state state);
bool attempt_can(enum attempt_state from, enum attempt_state to); /* the attempt's own small table */
bool unit_can(enum unit_state from, enum unit_state to);
const char *unit_state_name(enum unit_state state);
const char *attempt_state_name(enum attempt_state state);

/* Whether the partner's webhook is told of the state: some dialects tell of delivered and failed orders alone. */
bool order_is_told(const struct order *o);
/* Whether its dialect has an order say where its callbacks go, or have none: the partner's webhook is not for it. */
bool order_names_callback(const struct order *o);
/* Whether the dialect keeps details, and so its orders are shown with them. */
bool order_keeps_details(const struct order *o);
struct str order_ext_key(struct arena *a, int64_t partner_id, enum dialect dialect, struct str reference);
struct str order_reference(const struct order *o); /* the partner's own reference out of ext_key */
struct str attempt_reference(struct arena *a, int64_t order_id, int unit, int no);

/* service/esim.h: what can be done with an eSIM and its orders, beyond placing and looking at them (service/order.h).
 *
 * Completing an order is confirming it as the eSIM APIs do: idempotent, through an identity check where the product
 * asks for one. A refund is asked of the supplier, who decides; the buyer's answer waits for that. */
#pragma once

#include "core/lookup.h"
#include "service/order.h"
#include "service/work.h"

struct keys;

/* Which order: by our id, by the reference in its dialect, or by an eSIM's ICCID. The first that is given counts. */
struct order_name {
	int64_t id;
	enum dialect dialect;
	struct str reference, iccid;
};

/* ERR_ORDER_NOT_FOUND; ERR_CONFIRM_TOO_LATE when it is expired, cancelled or failed. Done again, it gives the same
 * order. The answer waits until the order is final, at most as long as the settings say, or until a check begins. */
struct order_complete {
	struct order_name name;
	struct order_view view; /* found */
};
extern const struct verb verb_order_complete;

/* Cancel by name: as verb_order_cancel. */
struct order_withdraw {
	struct order_name name;
	struct order_view view; /* found */
};
extern const struct verb verb_order_withdraw;

/* An order, what hangs on its eSIM, and if asked what the network says of it. ERR_ORDER_NOT_FOUND. verb_esim_get takes
 * our id or the buyer's reference; verb_esim_find an ICCID too, and `optional`. */
struct esim_get {
	struct order_name name;
	const struct lookup *lookup; /* NULL: usage is not asked for, or nobody knows */
	bool optional;		     /* an order that is not there, or no name at all, is no error */
	/* found */
	struct order_view view;
	struct esim_usage *usage; /* one for each of the view's eSIMs; NULL = whoever knows did not answer */
	const struct product *root_product;
	size_t named;	/* which of the view's eSIMs has the ICCID; none: how many there are */
	bool can_renew; /* that one: esim_can_renew() */
	bool is_found;
};
extern const struct verb verb_esim_get, verb_esim_find;

/* The same for whoever has an unguessable address: the token has shown that the order may be seen. */
struct esim_public {
	int64_t order_id;
	struct esim_get get;
};
extern const struct verb verb_esim_public;

/* Whether a refund is possible: `reason` says why not. ERR_ORDER_NOT_FOUND. */
struct refund_terms {
	bool is_eligible;
	int64_t fee; /* micros */
	const char *reason;
};
struct refund_ask {
	struct order_name name;
	const struct lookup *lookup;
	struct refund_terms terms; /* found */
};
extern const struct verb verb_refund_terms; /* read-only, struct refund_ask */

/* ERR_ORDER_NOT_FOUND; ERR_ILLEGAL_STATE, `detail` says why. The answer waits until the supplier has agreed or not: the
 * view's order is REVERSED, COMPLETED again, or still REVERSING when the wait was over. */
struct order_refund {
	struct order_name name;
	struct order_view view; /* found */
};
extern const struct verb verb_order_refund;

/* The profile's JSON: code, serial, imsi, msisdn, pin, puk, apn. ERR_SEALED. */
MUST_USE enum err esim_profile_open(const struct keys *keys, struct arena *a, const struct esim *esim, struct str *ret);

/* An order's refund is up to the supplier: what to ask, and what it said. */
struct reversal_get {
	struct job job;
	/* found */
	struct order_view view;
	struct attempt attempt; /* the one that delivered */
	bool live;		/* false: the job is stale */
};
enum reversal { REVERSAL_AGREED = 1, REVERSAL_REFUSED = 2, REVERSAL_UNKNOWN = 3, REVERSAL_NOBODY_TO_ASK = 4 };
struct reversal_result {
	struct job job;
	enum reversal said;
	int64_t next_due_us; /* UNKNOWN, NOBODY_TO_ASK: when to ask again */
};
extern const struct verb verb_reversal_get;    /* read-only, struct reversal_get */
extern const struct verb verb_reversal_result; /* struct reversal_result; ERR_CONFLICT */

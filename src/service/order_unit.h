/* service/order_unit.h: what the order verbs share: the one place that changes an order.
 *
 * Private to service/order_*.c. order_move() is the only function that writes an order's state; it carries out the
 * effects that the table names, on rows of the unit. Everything that may refuse has been asked before. */
#pragma once

#include "service/order.h"
#include "service/stock_unit.h"

/* Where callbacks go: the order's own address, else its partner's; absent = there are none. The unit's or the
 * directory's memory. */
struct str order_callback_url(const struct unit *u, const struct order *o);
/* Sends a callback again that was delivered or given up, under the same id. */
void callback_revive(struct unit *u, const struct order *o, struct callback *c);
/* Names all rows that a later change of the order can touch; the order itself must be there. */
void order_need_change(struct unit *u, const struct order *o);
/* Names the accounts that a sale moves money between. */
void order_need_accounts(struct unit *u, int64_t partner_id, int currency, bool fee);
/* Names what a view shows. */
void order_need_view(struct unit *u, int64_t order_id);
/* The same of what only some dialects' orders have, once the order itself is there. */
void order_need_extras(struct unit *u, const struct order *o);

/* The order of this partner; NULL when it is not there or somebody else's. */
struct order *order_owned(struct unit *u, int64_t partner_id, int64_t order_id);

/* Applies the event; the table must allow it in the order's state (checked before: a must). */
void order_move(struct unit *u, struct order *o, enum order_event event);

enum { ORDER_ROUTES_MAX = 8 };
/* The routes of a product, best first: the product's own, or (for what a sandbox partner buys) the sandbox. */
size_t order_routes(bool sandbox, const struct product *p, const struct route *ret[static ORDER_ROUTES_MAX]);

/* What the product is sold from, if its partner's orders are to take it from stock. False: a supplier makes it. */
bool order_stock_of(const struct unit *u, const struct partner *partner, const struct product *p, struct stock_of *ret);

/* Brings the version that was bought into memory; all that asks for it afterwards, of the unit's catalogue or of that
 * one, cannot fail. To be called while refusing is possible: what cannot be read is not a product without routes.
 * ERR_STORE_UNAVAILABLE. */
MUST_USE enum err order_need_product(struct unit *u, const struct catalog *catalog, const struct order *o);

/* Whether the order's product can still be bought, by the mode that the order was placed under. */
bool order_has_route(struct unit *u, const struct order *o);

/* What the product requires of the parties was given; else ERR_BAD_REQUEST, and the task's detail has a sentence more
 * for each field that is missing. */
MUST_USE enum err order_check_parties(struct task *t, const struct product *product, const struct given_parties *given);

/* Once the last unit is final, the order is; `reason` is why nothing was delivered. */
void order_conclude(struct unit *u, struct order *o, enum order_reason reason);

/* A new attempt PREPARED for the unit by its n-th route (from 1). False when there is no such route. Both after
 * order_need_product(). */
bool order_prepare_attempt(struct unit *u, const struct order *o, struct unit_ *unit);

/* Copies what a caller shall see into the task's arena; after order_need_product(). `parties` may be absent. */
void order_view(struct unit *u, struct arena *a, const struct catalog *catalog, const struct order *o,
		struct order_view *ret);

/* Brings order and units of a view up to date; parties and product stay. The units must be in the unit of work. */
void order_view_refresh(struct unit *u, struct arena *a, const struct order *o, struct order_view *view);

/* Makes the answer wait for the end of the order if it is still open, at most so many seconds. */
void order_hold(struct unit *u, struct task *t, struct order_view *view, int64_t seconds);

/* esim_unit.c: the eSIM's part in an order. */
struct esim_delivery {
	struct str iccid; /* absent: no eSIM is delivered */
	enum esim_category category;
};
/* What a delivery brings, and the rows it will touch. */
struct esim_delivery esim_delivery(struct unit *u, const struct order *o, struct str delivery);
void esim_need_delivery(struct unit *u, const struct order *o, const struct esim_delivery *d);
/* Another eSIM has that ICCID already: it must not be sold twice. */
bool esim_is_taken(struct unit *u, const struct order *o, const struct esim_delivery *d);
void esim_deliver(struct unit *u, const struct order *o, const struct unit_ *unit, const struct esim_delivery *d,
		  struct str delivery);
/* After each change of a state. */
void esim_follow(struct unit *u, const struct order *o);
/* Of placing: the rows that the parent names; the root order, checked: ERR_BAD_REQUEST. *ret_root is NULL for what
 * hangs on none. */
void esim_need_parent(struct unit *u, const struct task *t);
void esim_need_root(struct unit *u, const struct task *t);
/* The eSIM that a command names by its ICCID; NULL if the partner has no such one in that dialect. */
struct esim *esim_of_iccid(struct unit *u, const struct task *t, enum dialect dialect, struct str iccid);
/* Whether another package can be put on the eSIM: it is in use, was bought with something renewable, and somebody can
 * make what tops it up. */
bool esim_can_renew(struct unit *u, const struct catalog *catalog, const struct esim *esim, const struct order *root);
MUST_USE enum err esim_check_parent(struct unit *u, struct task *t, const struct product *product,
				    const struct order **ret_root);
/* What a supplier tops up: the eSIM that the command names, else the root's first. */
const struct esim *esim_to_top_up(struct unit *u, const struct task *t, const struct order *root);
void esim_link_add(struct unit *u, const struct order *o, const struct product *product, int unit);
struct order_extras *esim_extras(struct unit *u, struct arena *a, const struct order *o);

/* Writes one ledger row; both accounts are touched. *posting: 0 begins one, else the row belongs to it. */
void order_post(struct unit *u, const struct order *o, const struct transfer *t, int64_t *posting);
/* The same of whatever it is about: an order, a payment, nothing (0). */
void unit_post(struct unit *u, int64_t partner_id, int64_t about_id, const struct transfer *t, int64_t *posting);

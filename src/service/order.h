/* service/order.h: the verbs of an order: place, confirm, cancel, get, list; and what the work loops report.
 *
 * A dialect fills a command struct, submits it with the verb, and renders the view that comes back. All rules of
 * business are here and in core/, none in a dialect: what two dialects do differently is a field of the command. */
#pragma once

#include "core/esim.h"
#include "core/pricing.h"
#include "service/task.h"

/* An order as a dialect shows it. Everything lives in the task's arena. */
/* What goes with the orders of dialects that keep details; in the task's arena. */
struct order_extras {
	struct str details;	       /* JSON object; absent = none */
	const struct order *root;      /* of what was bought for an eSIM later; else NULL */
	const struct esim *esims;      /* of the root order */
	const struct esim_link *links; /* likewise, in the order of buying */
	size_t esim_count, link_count;
	int kyc; /* enum kyc_state; 0 = nothing was checked */
};

struct order_view {
	struct order order;
	const struct unit_ *units;
	size_t unit_count;
	struct str parties;		   /* JSON object of the party objects as they were given; absent = none */
	const struct order_extras *extras; /* NULL: the dialect keeps none, or they were not asked for */
	const struct product *product; /* the version that was bought; held by the task's catalogue or its history */
};

/* The label that a unit's delivery is sealed under: "unit ORDER-NO". */
struct str unit_seal_label(struct arena *a, int64_t order_id, int no);

/* What the buyer gave in the party objects: bits of enum party_field, to be held against the product's requirements. */
struct given_parties {
	unsigned debit, credit, sender, beneficiary, statement, additional;
};

/* Of what is for an ICCID, first of all: ERR_ESIM_NOT_FOUND, ERR_ESIM_NOT_RENEWABLE. Then
 * ERR_PRODUCT_NOT_FOUND (also: no price in that currency), ERR_OUT_OF_STOCK, ERR_BAD_REQUEST (parent missing, unknown
 * or not fit for it; mode missing or not accepted, amount missing, required party fields missing: `detail` names all),
 * ERR_UNIT_INVALID, ERR_AMOUNT_OUT_OF_RANGE, ERR_REFERENCE_USED, ERR_INSUFFICIENT_FUNDS, ERR_CONFLICT (idempotency key
 * with another body), ERR_OVERFLOW; in this order (dvs.md 5.2). */
struct order_place {
	enum dialect dialect;
	struct str price_list; /* of the partner */
	struct str reference;  /* the buyer's own, unique per partner and dialect for ever */
	int64_t fingerprint;
	int64_t product_id;
	int calculation_mode; /* CALCULATION_*; 0 = not given */
	struct asked_amount source, destination;
	bool auto_confirm;
	bool hold;	   /* the answer waits until the order is final or LIMIT_SYNC_HOLD_SECONDS have passed */
	int64_t quantity;  /* 0 = 1 */
	int currency;	   /* the wallet that pays must be in this one; 0 = any */
	int64_t window_us; /* how long it may wait to be confirmed; 0 = as the server says */
	bool verifies;	   /* the dialect can have an identity checked; without, what asks for that is not for sale */
	bool lists_parts;  /* it lists what is for an eSIM that is there; without, that is not for sale */
	struct str number_prefix; /* given: the reference is ours, this and the partner's next number */
	struct str parent;	  /* reference of the order whose eSIM it is for; absent = none */
	struct str
		iccid; /* in its place: the partner's own eSIM in this dialect; product_id 0 = as it was bought with */
	struct str details; /* JSON object of the dialect's own; absent = none */
	/* A repeat of the reference with the same fingerprint is the first order again, before anything else is looked
	 * at; and only then what parsing found is said, if it found anything (`invalid` with its sentences). */
	bool repeats;
	enum err invalid;
	struct str invalid_detail;
	struct given_parties given;
	struct str parties;	 /* JSON, verbatim; absent = none */
	struct str credit_party; /* mobile or account number: the field the product requires is chosen by the verb */
	struct str credit_account;
	struct str callback_url;
	struct str idempotency_key; /* absent = none */
	int64_t idempotency_hash;   /* of method, path and raw body */
	/* found */
	struct order_view view;
	int64_t existing_id; /* ERR_REFERENCE_USED: the order that has it */
	bool replayed;
	int64_t required, available; /* of ERR_INSUFFICIENT_FUNDS: what it costs, what may be spent; micros */
};

/* ERR_ORDER_NOT_FOUND, ERR_CONFIRM_TOO_LATE (cancelled or expired), ERR_ALREADY_CONFIRMED, in dvs.md 5.2's order. */
/* Cancel: ERR_ORDER_NOT_FOUND, ERR_ALREADY_CANCELLED, ERR_CANCEL_TOO_LATE. */
struct order_change {
	int64_t order_id;
	bool hold;
	struct order_view view; /* found */
};

struct order_get {
	int64_t order_id;
	struct order_view view; /* found */
};

/* Filters combine with AND; 0 or absent = not asked. Newest first, id breaking ties. */
struct order_list {
	enum dialect dialect; /* whose orders; also of the reference */
	struct str reference;
	int64_t from_us, to_us; /* inclusive, on created_at; both 0 = no limit */
	int type;		/* enum product_type */
	int service, subservice;
	struct str country;
	int64_t operator_id;
	unsigned states;  /* bit per enum order_state */
	unsigned reasons; /* bit per enum order_reason; 0 = any */
	struct str credit_party;
	struct str credit_account;
	int64_t page, per_page;
	/* In place of a page number: those older than before_id, or the next ones newer than after_id; 0 = from the
	 * newest. Asked for with `windowed`. */
	bool windowed;
	int64_t before_id, after_id;
	/* found */
	bool more_newer, more_older; /* windowed: whether others come before and after these */
	int64_t total;
	struct order_view *views;
	size_t count;
};

/* Balances of a partner, one a currency in which it has a wallet. */
struct balance_list {
	int currency; /* 0 = all */
	int64_t page, per_page;
	/* found */
	int64_t total;
	struct account *accounts;
	size_t count;
};

extern const struct verb verb_order_place;   /* struct order_place */
extern const struct verb verb_order_confirm; /* struct order_change */
extern const struct verb verb_order_cancel;  /* struct order_change */
extern const struct verb verb_order_get;     /* struct order_get */
extern const struct verb verb_order_list;    /* struct order_list */
extern const struct verb verb_balance_list;  /* struct balance_list */

/* core/esim.h: what makes a product an eSIM plan, and the eSIM as a thing of its own.
 *
 * A product with a plan is sold by the eSIM dialects. What is bought first makes an eSIM (its root order); top-ups and
 * replacements hang on that root, never on each other. The eSIM lives on after the order: it has an ICCID that nobody
 * else has, packages, usage, and a state that the SM-DP+ and the network report. */
#pragma once

#include "core/order.h"

/* Stored in the catalogue's lines by name. */
enum esim_category {
	ESIM_REALTIME = 1, /* delivered within seconds */
	ESIM_DELAYED = 2,  /* only once the customer's identity is verified */
	ESIM_ADDON = 3,	   /* a package for an eSIM that is there */
	ESIM_REPLACEMENT = 4,
};

/* What an identity check may ask for; bits. */
enum kyc_field {
	KYC_FULL_NAME = 1,
	KYC_DATE_OF_BIRTH = 2,
	KYC_NATIONALITY = 4,
	KYC_DOCUMENT_TYPE = 8,
	KYC_DOCUMENT_NUMBER = 16,
	KYC_ADDRESS = 32,
	KYC_EMAIL = 64,
};

struct esim_detail {
	struct str name, value;
};

struct esim_network {
	int64_t id;
	struct str brand, tadig;
	const struct country *country;
	bool is_4g, is_5g;
};

struct esim_plan {
	enum esim_category category;
	struct str code;	  /* its id in the MobiMatter API; the lowest product has it if two say so */
	struct str package, slug; /* in the PayVessel API; absent = not sold there */
	int64_t family_id;	  /* top-ups are for eSIMs of the same family */
	struct str family;
	struct str logo; /* URL of the provider's; may be absent */
	const struct str *regions;
	size_t region_count;
	int64_t rank;
	int64_t expiry_minutes; /* how long an order may wait to be completed; at least ESIM_EXPIRY_LEAST_MINUTES */
	unsigned kyc;		/* of DELAYED: enum kyc_field */
	bool is_refundable;
	int64_t refund_fee;   /* micros, kept of the price */
	int64_t refund_hours; /* after completion; 0 = for ever */
	const struct esim_detail *details;
	size_t detail_count;
	const struct esim_network *networks;
	size_t network_count;
};
enum { ESIM_EXPIRY_LEAST_MINUTES = 20, ESIM_KYC_HOURS = 24 };

/* Largest allowance and time that a product gives; 0 = none of it. */
struct esim_allowance {
	int64_t bytes; /* 1 GB = 2^30; -1 = unlimited */
	int64_t minutes, messages;
	int64_t hours; /* validity; 0 = the product does not say */
};
struct esim_allowance esim_allowance(const struct product *p);
/* Whole days for who cannot say hours: one that has begun counts. */
int64_t esim_days(int64_t hours);

/* Of all packages of an eSIM together. Without a limit as soon as one of them is. */
struct esim_package;
struct esim_totals {
	int64_t bytes; /* -1 = unlimited; at most INT64_MAX */
	int64_t used_bytes, hours;
	int64_t activated_us, expires_us; /* of the first, of the last; 0 = not yet */
};
struct esim_totals esim_totals(const struct esim_package *packages, size_t n);

/* What an order for the product has brought, nothing of it used. */
struct esim_package esim_package_of(const struct product *p, int64_t bought_us, int64_t order_id);

/* Stored in esims.state: append, never renumber. */
enum esim_state { ESIM_ACTIVE = 1, ESIM_WITHDRAWN = 2 /* refunded */ };

/* One eSIM: unit `unit` of its root order. */
struct esim {
	int64_t order_id;
	int unit;
	int64_t partner_id;
	struct str iccid;   /* unique; of the profile in use: a replacement brings another */
	int state;	    /* enum esim_state */
	struct str profile; /* sealed JSON: code, serial, imsi, msisdn, pin, puk, apn */
	int64_t created_at, updated_at, version;
};

/* What was bought for an eSIM after it: the root order's first, second, ... */
struct esim_link {
	int64_t root_id;
	int no;
	int64_t order_id;
	struct str reference; /* the order's, in its dialect */
	int category;	      /* ESIM_ADDON or ESIM_REPLACEMENT */
	int64_t product_id, product_batch;
	int state; /* of the order */
	int64_t completed_at;
	int unit; /* of the root order: which of its eSIMs */
};

/* Stored in kyc.state: append, never renumber. */
enum kyc_state {
	KYC_OPEN = 1,
	KYC_SUBMITTED = 2,
	KYC_APPROVED = 3,
	KYC_REJECTED = 4,
	KYC_LAPSED = 5, /* nobody has decided in time */
};

/* The check of a customer's identity that an order waits for. */
struct kyc_check {
	int64_t order_id;
	int state;
	struct str doc; /* what the customer gave: sealed JSON; absent until then */
	int64_t created_at, submitted_at, decided_at, version;
};

/* A kind of purchase that hangs on a root order. */
bool esim_hangs_on_root(enum esim_category category);
/* Sold by itself and at once. What does not stand alone is for an eSIM that is there, or for somebody whose identity is
 * to be checked: for sale in the APIs that know eSIMs, and in none of the lists of core/catalog_query.h. */
bool product_stands_alone(const struct product *p);

/* Whether that package may be put on an eSIM that was bought with the other product, and is neither a replacement nor
 * for verified customers alone: both stand in one family of the shelf, or are plans of one family. */
bool esim_tops_up(const struct product *p, const struct product *root);

enum { ICCID_LEAST = 18, ICCID_MOST = 22 };
/* 18 to 22 digits. */
bool esim_is_iccid(struct str text);
/* The digit that, put behind these n, makes the whole number pass the Luhn test. */
char luhn_digit(const char *digits, size_t n);

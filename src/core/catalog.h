/* core/catalog.h: what is for sale, as one immutable snapshot in memory.
 *
 * A snapshot is built by service/catalog.c from the catalogue rows (core/catalog_build.h), then shared read-only
 * between threads by reference count; a change makes a new snapshot. Everything in it lives in the snapshot's own
 * arena, but for the geography, which is compiled in. core/catalog_query.h asks it. Products keep the number of the
 * batch that wrote them: (id, batch) names one wording and pricing for ever, which is how an order "copies" rates and
 * names without carrying them. */
#pragma once

#include "base/arena.h"
#include "core/geography.h"
#include "core/money.h"

enum { CATALOG_REQUIRED_MAX = 4, CATALOG_BENEFITS_MAX = 8 };

/* Stored: append, never renumber. */
enum product_type {
	PRODUCT_FIXED_RECHARGE = 1,
	PRODUCT_RANGED_RECHARGE = 2,
	PRODUCT_FIXED_PIN = 3,
	PRODUCT_RANGED_PIN = 4,
	PRODUCT_RANGED_PAYMENT = 5,
};
enum benefit_type { BENEFIT_TALKTIME = 1, BENEFIT_DATA = 2, BENEFIT_SMS = 3, BENEFIT_PAYMENT = 4, BENEFIT_CREDITS = 5 };
enum unit_type { UNIT_TIME = 1, UNIT_DATA = 2, UNIT_QUANTITY = 3, UNIT_CURRENCY = 4 };
enum time_unit { TIME_HOUR = 1, TIME_DAY = 2, TIME_WEEK = 3, TIME_MONTH = 4 };
enum { CALCULATION_SOURCE = 1, CALCULATION_DESTINATION = 2 }; /* bits of accepted modes; also the mode of an order */
enum { ZONE_DOMESTIC = 1, ZONE_INTERNATIONAL = 2 };	      /* bits */
enum { PAY_PARTIAL = 1, PAY_EXACT = 2, PAY_EXCESS = 4, PAY_PAST_DUE = 8 }; /* bits */

/* Names of party fields, as bits: a requirement is a set of them. One numbering for all party objects. */
enum party_field {
	FIELD_MOBILE_NUMBER = 1 << 0,
	FIELD_ACCOUNT_NUMBER = 1 << 1,
	FIELD_ACCOUNT_QUALIFIER = 1 << 2,
	FIELD_LAST_NAME = 1 << 3,
	FIELD_FIRST_NAME = 1 << 4,
	FIELD_MIDDLE_NAME = 1 << 5,
	FIELD_NATIONALITY = 1 << 6,
	FIELD_EMAIL = 1 << 7,
	FIELD_ADDRESS_TEXT = 1 << 8,
	FIELD_ADDRESS_CITY = 1 << 9,
	FIELD_ADDRESS_COUNTRY = 1 << 10,
	FIELD_ADDRESS_POSTAL_CODE = 1 << 11,
	FIELD_REFERENCE = 1 << 12,
	FIELD_DUE_DATE = 1 << 13,
	FIELD_PURCHASER_ID = 1 << 14,
};

/* A text in another language than English: see locale_find(). */
struct localized {
	int locale;
	struct str name, description; /* absent = the English one */
};

/* "operator" would do, were it not a word of C++'s tools. */
struct operator_ {
	int64_t id;
	struct str name;
	const struct country *country;
	const struct region *const *regions;
	size_t region_count;
};

struct validity {
	enum time_unit unit;
	int64_t quantity; /* -1 = no end; unit 0 = the product says nothing */
};

/* Outer OR, inner AND: satisfied when all bits of one set are given; count 0 = nothing is required. */
struct requirement {
	unsigned sets[CATALOG_REQUIRED_MAX]; /* of enum party_field */
	size_t count;
};

/* What one side of a product is worth: fixed products have min == max and increment 0. Micros, inclusive. */
struct span {
	struct currency cur;
	int64_t min, max, increment;
};

/* How a product of any amount is priced from its face value, in the price's currency (pricing.h). Micros. */
struct markup {
	int64_t rate, percent, fixed; /* rate 0 = priced by the ratio of the spans */
};

/* One row of a price list. Retail is optional (currency 0 = not set up). */
struct price {
	int list;	       /* price_list_number() */
	struct span wholesale; /* of a marked-up price: what its ends cost */
	int64_t wholesale_fee;
	struct markup markup;
	struct span retail;
	int64_t retail_fee;
};

struct benefit {
	enum benefit_type type;
	enum unit_type unit_type;
	struct str unit; /* "MB", "MINUTES", "USD", ... */
	/* Micros of the unit; fixed products have min == max; base_min -1000000 = unlimited. */
	int64_t base_min, base_max, bonus_min, bonus_max, excluding_tax_min, excluding_tax_max, including_tax_min,
		including_tax_max;
	struct str additional_information;
};

struct promotion {
	int64_t id;
	struct str title, description, terms; /* English */
	const struct localized *texts;	      /* name = title; terms are not translated */
	size_t text_count;
	int64_t start_us, end_us;
	const struct operator_ *op;
	const struct product *const *products;
	size_t product_count;
};

struct campaign {
	int64_t id;
	struct str title, description, terms;
	int64_t start_us, end_us;
	const struct product *const *products;
	size_t product_count;
};

struct pin_info {
	const struct str *usage_info;
	size_t usage_count;
	struct validity validity;
	struct str terms;
};

struct payment_info {
	unsigned modes;
	struct {
		enum time_unit unit; /* 0 = none */
		int64_t quantity;
		bool business_days;
	} posting_period;
	bool supports_statement_inquiry;
	struct requirement inquiry;
	const struct str *notes;
	size_t note_count;
};

struct route {
	struct str supplier; /* a name of the configuration; "sandbox" is always there */
	struct str sku;	     /* the supplier's name of the product */
	int priority;	     /* lowest first */
	struct money cost;   /* per unit; of ranged products: for the largest amount; currency 0 = unknown */
};

struct product {
	int64_t id, batch;
	struct str name, description; /* English */
	const struct localized *texts;
	size_t text_count;
	const struct str *tags;
	size_t tag_count;
	const struct service *service;
	const struct subservice *subservice; /* may be NULL */
	const struct operator_ *op;
	const struct region *const *regions;
	size_t region_count;
	/* Of products of GXX and EXX: where they can be used; none named = all that country_covers() says. */
	const struct country *const *coverage;
	size_t coverage_count;
	enum product_type type;
	unsigned calculation_modes; /* ranged only */
	struct validity validity;
	struct requirement debit_party, credit_party, sender, beneficiary, statement, additional;
	unsigned zones;
	struct span source, destination; /* source.cur is the currency of the price that is shown: dvs.md 5.3 */
	const struct price *prices;
	size_t price_count;
	const struct benefit *benefits;
	size_t benefit_count;
	const struct promotion *const *promotions;
	size_t promotion_count;
	const struct pin_info *pin;	    /* PIN types only */
	const struct payment_info *payment; /* payment type only */
	const struct esim_plan *esim;	    /* what the eSIM APIs sell: core/esim.h; NULL of all else */
	const struct route *routes;
	size_t route_count;
	const struct sku *sku; /* its place in a family: core/shop.h; NULL = none */
};

struct catalog;

void catalog_hold(const struct catalog *c);    /* thread-safe */
void catalog_release(const struct catalog *c); /* thread-safe; NULL is fine; the last one frees it */

bool product_is_ranged(const struct product *p);
bool product_is_pin(const struct product *p), product_from_stock(const struct product *p);
/* The row of this list, NULL when the product is not in it. */
const struct price *product_price(const struct product *p, int list);
/* Name and description in a language, falling back to the English ones; *ret_description may be NULL. */
struct str product_name(const struct product *p, int locale, struct str *ret_description);
/* Whether what was given (bits of enum party_field) satisfies it. */
bool requirement_met(const struct requirement *r, unsigned given);

/* core/catalog_query.h: reading a catalogue snapshot: what a partner may see, filtered, in order, a page at a time.
 *
 * Everything is answered from memory through indexes made with the snapshot, in well under a millisecond for 50,000
 * products. Results are pointers into the snapshot (valid while it is held) in arrays that live in the caller's arena.
 * `list` is the partner's price list: only products with a price in it are seen, and only the operators, services,
 * countries, promotions and campaigns that have such products. What does not stand alone (product_stands_alone) is in
 * no partner's list of products: only catalog_product and the eSIM plans find it. Time is an argument, like everywhere
 * in core. */
#pragma once

#include "core/catalog.h"
#include "core/price_list.h"

enum { CATALOG_ALL_LISTS = -1 };

/* The price list of that name, ERR_NOT_FOUND if no product has a price in it. */
MUST_USE enum err catalog_list(const struct catalog *c, struct str name, int *ret_list);

/* The language to answer in: the best of an Accept-Language header among those that products or promotions have texts
 * in. "fr-CA" is served by "fr", and "pt" by "pt-BR". LOCALE_DEFAULT if nothing fits, if the header is absent or makes
 * no sense: this never fails. */
int catalog_locale(const struct catalog *c, struct str accept_language);

/* Which part of a result is wanted: page 3 of 50 is { 100, 50 }. */
struct window {
	size_t skip, take;
};

enum sort_key { SORT_ID = 1, SORT_NAME = 2, SORT_AMOUNT = 3 };
struct sort {
	struct {
		enum sort_key key;
		bool descending;
	} keys[3]; /* none: by id */
	size_t count;
};
/* "name,-amount": id, name (in English, bytewise) and amount (smallest destination amount, whatever its currency).
 * Ties go by id. ERR_BAD_REQUEST on an unknown or repeated key, or an empty item. */
MUST_USE enum err sort_parse(struct str text, struct sort *ret);

/* All given filters must hold; zero or absent = not asked. */
struct product_filter {
	int list; /* or CATALOG_ALL_LISTS */
	enum product_type type;
	int64_t service_id, subservice_id;
	int64_t operator_id;
	struct str country; /* alpha-3, GXX, EXX: the product's operator is of that very country */
	/* A country (MEX, MX) or subdivision (MX-CMX): all that can be used there. That is what is sold for the country
	 * (for a subdivision: unless the product, or else its operator, is limited to others) and the products of
	 * regional and global operators that cover it. */
	struct str region;
	const struct str *tags; /* any of them */
	size_t tag_count;
	unsigned benefit_types; /* any of them: bits 1 << enum benefit_type */
	struct sort sort;
};

struct product_page {
	size_t total; /* of the whole result */
	const struct product *const *items;
	size_t count; /* of this page */
};
struct product_page catalog_products(const struct catalog *c, struct arena *a, const struct product_filter *filter,
				     struct window window);
/* NULL if there is none, or none in that list. */
const struct product *catalog_product(const struct catalog *c, int list, int64_t id);

/* What the other lists are filtered by; zero or absent = not asked. Each function looks at the fields it names. */
struct catalog_filter {
	int list; /* or CATALOG_ALL_LISTS */
	struct str country;
	int64_t service_id, subservice_id, operator_id, product_id;
	int64_t now_us; /* promotions and campaigns: those active then */
};

struct service_page {
	size_t total;
	const struct service *const *items;
	size_t count;
};
struct country_page {
	size_t total;
	const struct country *const *items;
	size_t count;
};
struct operator_page {
	size_t total;
	const struct operator_ *const *items;
	size_t count;
};
struct promotion_page {
	size_t total;
	const struct promotion *const *items;
	size_t count;
};
struct campaign_page {
	size_t total;
	const struct campaign *const *items;
	size_t count;
};

/* By id. Filter: country. */
struct service_page catalog_services(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				     struct window window);
/* By code. Filter: service_id, subservice_id. */
struct country_page catalog_countries(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				      struct window window);
/* By id. Filter: country, service_id, subservice_id. */
struct operator_page catalog_operators(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				       struct window window);
/* By id. Filter: country, operator_id, product_id, now_us. */
struct promotion_page catalog_promotions(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
					 struct window window);
/* By id. Filter: country, operator_id, product_id, now_us. */
struct campaign_page catalog_campaigns(const struct catalog *c, struct arena *a, const struct catalog_filter *filter,
				       struct window window);
/* The benefit types that the list's products have: bits 1 << enum benefit_type. */
unsigned catalog_benefit_types(const struct catalog *c, int list);

/* By id, within a list; NULL if there is none. Promotions and campaigns whatever the time; with CATALOG_ALL_LISTS also
 * operators that sell nothing. */
const struct service *catalog_service(const struct catalog *c, int list, int64_t id);
const struct country *catalog_country(const struct catalog *c, int list, struct str iso);
const struct operator_ *catalog_operator(const struct catalog *c, int list, int64_t id);
const struct promotion *catalog_promotion(const struct catalog *c, int list, int64_t id);
const struct campaign *catalog_campaign(const struct catalog *c, int list, int64_t id);

/* eSIM plans, by the ids that their dialects know them by. NULL if there is none, or none in that list. */
enum esim_key { ESIM_BY_CODE, ESIM_BY_PACKAGE, ESIM_KEYS };
const struct product *catalog_esim(const struct catalog *c, int list, enum esim_key key, struct str value);
/* All that have such an id, of all lists, in its order. */
const struct product *const *catalog_esims(const struct catalog *c, enum esim_key key, size_t *ret_count);
/* Whether a top-up with such an id is for eSIMs of the family. */
bool catalog_tops_up(const struct catalog *c, int list, enum esim_key key, int64_t family_id);

/* How many beginnings and ends of the product's promotions have passed: while it stays the same, so does what is shown.
 */
int product_moment(const struct product *p, int64_t now_us);
bool promotion_is_active(const struct promotion *p, int64_t now_us);
/* The title in a language, falling back to English; *ret_description may be NULL. */
struct str promotion_title(const struct promotion *p, int locale, struct str *ret_description);

/* Operators that a number may belong to, by the longest prefix known; the likeliest first. */
struct number_hit {
	const struct operator_ *op;
	bool certain; /* the prefix belongs to this operator alone */
};
struct number_page {
	size_t total;
	const struct number_hit *items;
	size_t count;
};
/* `digits` of E.164 without '+'. */
struct number_page catalog_number(const struct catalog *c, struct arena *a, int list, struct str digits,
				  struct window window);

/* core/catalog_private.h: the inside of a snapshot, for the files of the catalogue alone.
 *
 * A product's position is its place in the order of ids. Sets of positions are postings: a sorted array where they are
 * few, a bitmap where they are many (more than one in 32, from where on the bitmap is the smaller one). A dimension
 * maps small keys to postings. A query ors postings within one filter, ands the filters as bitmaps, and walks one of
 * the orders that were sorted in advance. */
#pragma once

#include "core/catalog_build.h"
#include "core/esim.h"
#include "core/shop.h"

struct posting {
	const uint32_t *positions; /* ascending */
	size_t count;
	const uint64_t *bits; /* if not NULL, in place of positions */
};

struct dimension {
	const uint32_t *keys; /* ascending */
	const struct posting *postings;
	size_t count;
};

enum dimension_id {
	BY_LIST,
	BY_TYPE,
	BY_SERVICE,
	BY_SUBSERVICE,
	BY_OPERATOR, /* key: its position */
	BY_COUNTRY,  /* of the operator; key: its index */
	BY_TAG,	     /* key: position among the snapshot's tags */
	BY_BENEFIT,
	BY_COVERAGE, /* countries that the product itself names; key: index */
	BY_GROUP,    /* of GXX or EXX and naming no countries: key: the group's index */
	BY_REGION,   /* regions that the product, else its operator, is limited to: region_key(); 0 = no limit */
	DIMENSION_COUNT,
};

/* What an operator sells under a service, in one price list. */
struct offer {
	uint32_t op; /* position among the operators */
	uint16_t service_id, subservice_id;
};
struct offers {
	const struct offer *items; /* by op, service_id, subservice_id; each once */
	size_t count;
};

struct prefix {
	uint64_t key; /* prefix_key() */
	uint32_t rank;
	bool certain;
	const struct operator_ *op;
};

/* Families, products with a sku and categories, in the orders they are asked for. */
struct shelf {
	const struct category **categories; /* by depth, then id */
	struct family **families;	    /* by id */
	const struct family **families_by_uuid;
	const struct product **skus; /* by id */
	const struct product **skus_by_uuid;
	size_t category_count, family_count, sku_count;
};

/* Sort keys with the first one ascending: the other directions are the same walked backwards. */
enum { ORDER_COUNT = 13 };

struct esim_index {
	const struct product **items; /* by the key, then by id */
	size_t count;
};

struct catalog {
	unsigned holders; /* atomic */
	struct arena arena;
	bool list_used[PRICE_LISTS_MAX];

	struct product **products; /* by id */
	const struct operator_ **operators;
	const struct promotion **promotions;
	const struct campaign **campaigns;
	struct str *tags;	 /* each once, bytewise */
	struct prefix *prefixes; /* by key, then likeliest first */
	size_t product_count, operator_count, promotion_count, campaign_count, tag_count, prefix_count;
	struct shelf shelf;

	const struct rate **rates; /* by id */
	size_t rate_count;
	struct esim_index esims[ESIM_KEYS];
	struct esim_index top_ups; /* by the family that they are for */

	size_t words; /* 64-bit words of a bitmap of products */
	struct dimension by[DIMENSION_COUNT];
	const uint32_t *orders[ORDER_COUNT]; /* [0] is NULL: the identity */

	struct offers offers[PRICE_LISTS_MAX + 1]; /* the last for all lists together */
	unsigned benefit_types[PRICE_LISTS_MAX + 1];
	bool locale_used[LOCALE_MAX];
};

/* Index into offers and benefit_types; -1 if there is no such list. */
int catalog_list_slot(const struct catalog *c, int list);
/* Position of an operator, -1 if unknown. */
int64_t catalog_operator_position(const struct catalog *c, int64_t id);
/* -1 if no product has it. */
int64_t catalog_tag_position(const struct catalog *c, struct str tag);
/* Of at most 15 digits: the same key for the same digits only. 0 if it is not 1 to 15 digits. */
uint64_t prefix_key(struct str digits);
/* Never 0; below 2^32. */
uint32_t region_key(const struct region *region);
bool product_in_list(const struct product *p, int list);
/* What a product may be limited to: its regions, else its operator's. NULL and *ret_count 0 = no limit. */
const struct region *const *product_limits(const struct product *p, size_t *ret_count);

/* Fills in words, the dimensions, orders, offers and benefit types from products and operators in their order. */
void catalog_index(struct catalog *c);
void catalog_index_esims(struct catalog *c);
/* Which of the 13 orders, and whether it is walked backwards. */
int order_of(const struct sort *sort, bool *ret_backwards);
/* shop.c: links categories, families and products, which are there by id. */
void catalog_link_shop(struct catalog *c);

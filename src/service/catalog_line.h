/* service/catalog_line.h: one line of a catalogue file, read and written; docs/catalog-format.md is its manual.
 *
 * A line is one JSON object and one noun. Reading checks everything that can be seen in the line alone: spelling,
 * types, ranges, currencies, countries, the consistency of amounts and rates. What a line says about other lines (the
 * operator of a product, the products of a promotion) is kept as ids, to be checked and linked by whoever has the other
 * lines. Writing gives the canonical line: what a store holds and an export prints; reading it again gives the same. */
#pragma once

#include "base/buf.h"
#include "core/catalog_build.h"
#include "core/shop.h"
#include "json/fields.h"

/* Stored in catalog.kind: append, never renumber. Loading goes in this order. */
enum catalog_kind {
	CATALOG_OPERATOR = 1,
	CATALOG_PRODUCT = 2,
	CATALOG_PROMOTION = 3,
	CATALOG_CAMPAIGN = 4,
	CATALOG_PREFIX = 5,
	CATALOG_RATE = 6,
	CATALOG_CATEGORY = 7,
	CATALOG_FAMILY = 8,
	CATALOG_KIND_COUNT = 8,
};
extern const struct field_name catalog_kind_names[];

struct catalog_line {
	enum catalog_kind kind;
	int64_t id;
	bool deleted; /* a tombstone: nothing below is set */
	/* What the line names by id: the operator (of products, promotions, prefixes; else 0) and, of promotions and
	 * campaigns, the products. */
	int64_t operator_id;
	const int64_t *products;
	size_t product_count;
	/* And its place on the shelf: a category's parent, a family's category, a product's family; id 0 = none. */
	enum catalog_kind shelf_kind;
	int64_t shelf_id;
	union {
		struct operator_ op;
		struct {
			struct product product;	 /* op is NULL, prices[i].list is i */
			const struct str *lists; /* the names of the prices' lists */
		};
		struct promotion promotion; /* op is NULL */
		struct campaign campaign;
		struct rate rate;
		struct category category; /* parent is NULL */
		struct family family;	  /* category is NULL */
		struct {
			const struct str *digits;
			size_t digit_count;
			bool certain;
		} prefix;
	};
};

/* Texts are slices of `text` or of the arena; both must live as long as *ret. Returns the first fault's code
 * (ERR_BAD_REQUEST, ERR_TOO_LARGE) and leaves *ret untouched. `faults` is emptied first. */
MUST_USE enum err catalog_line_read(struct arena *a, struct str text, struct catalog_line *ret,
				    struct json_faults *faults);

/* Appends the line without a newline. */
void catalog_line_write(struct buf *b, const struct catalog_line *line);

/* A copy that needs neither the text nor the arena it was read into. */
struct catalog_line *catalog_line_copy(struct arena *a, const struct catalog_line *line);

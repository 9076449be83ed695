/* core/shop.h: how products stand on the shelf: categories, families of products, and what an order must fill in.
 *
 * A family is what a shop shows ("Apple gift card | USA"); the products of a family are its denominations, each with a
 * sku of its own. Only a product with a sku belongs to a family. Everything here is part of a catalogue snapshot and as
 * immutable as it (core/catalog.h); lists are by id, so that (id) is a cursor. */
#pragma once

#include "core/catalog.h"

/* Stored in the catalogue by name; the numbers are ours. */
enum family_type {
	FAMILY_VOUCHER = 1,
	FAMILY_RECHARGE_FIXED = 2,
	FAMILY_RECHARGE = 3, /* any amount */
	FAMILY_VOUCHER_OPEN_RANGE = 4,
	FAMILY_ESIM = 5,
	FAMILY_OTHER = 6,
};
enum attribute_target { TARGET_PRODUCT = 1, TARGET_SKU = 2 }; /* of the family, of its products */
enum attribute_type {
	ATTRIBUTE_TEXT = 1,
	ATTRIBUTE_NUMBER = 2,
	ATTRIBUTE_BOOLEAN = 3,
	ATTRIBUTE_SELECT = 4,
	ATTRIBUTE_DATE = 5
};

/* What may be said of the families or products of a category. */
struct attribute {
	struct str code, name;
	const struct localized *texts;
	size_t text_count;
	enum attribute_type type;
	enum attribute_target target;
};

struct attribute_value {
	struct str code, value;
};
struct attribute_values {
	const struct attribute_value *items;
	size_t count;
};

struct category {
	int64_t id;
	struct str name;
	const struct localized *texts;
	size_t text_count;
	int64_t parent_id; /* 0 = a root */
	const struct category *parent;
	const struct attribute *attributes;
	size_t attribute_count;
};

/* Stored in the catalogue by name. AMOUNT is the face value of a product of any amount. */
enum shop_field_type {
	SHOP_FIELD_TEXT = 1,
	SHOP_FIELD_NUMBER = 2,	/* digits */
	SHOP_FIELD_PHONE = 3,	/* E.164; names the number that is recharged */
	SHOP_FIELD_ACCOUNT = 4, /* names the account that is recharged */
	SHOP_FIELD_EMAIL = 5,
	SHOP_FIELD_SELECT = 6,
	SHOP_FIELD_AMOUNT = 7,
};

/* One thing that an order of the family has to say beside how many. */
struct shop_field {
	struct str code, name, description;
	const struct localized *texts;
	size_t text_count;
	enum shop_field_type type;
	bool required;
	int64_t min, max; /* TEXT: characters, NUMBER: the value; both 0 = no bounds. AMOUNT: the product's span */
	const struct attribute_value *options; /* SELECT: code = the value that is sent, value = its label */
	size_t option_count;
};

struct family {
	int64_t id;
	struct str uuid; /* as it is shown: 36 characters, small letters */
	struct str name, description;
	const struct localized *texts;
	size_t text_count;
	enum family_type type;
	int64_t category_id;
	const struct category *category;
	struct str image;
	struct attribute_values attributes;
	const struct shop_field *fields;
	size_t field_count;
	const struct product *const *products; /* by id */
	size_t product_count;
};

/* A product's place in its family. */
struct sku {
	struct str uuid;
	int64_t family_id;
	const struct family *family; /* NULL in a version out of the history */
	struct str image;
	struct attribute_values attributes;
	int64_t max_per_order;
	bool is_renewable; /* of an eSIM: another package can be put on it */
};

/* Whether the family sells any amount; the others are of fixed denominations. */
bool family_is_custom(const struct family *f);
struct str family_name(const struct family *f, int locale, struct str *ret_description); /* falls back to English */
struct str category_name(const struct category *c, int locale);
struct str localized_name(const struct localized *texts, size_t n, int locale, struct str english);

/* What lists are filtered by; zero = not asked. */
struct shop_filter {
	int list; /* or CATALOG_ALL_LISTS */
	int64_t category_id;
	enum family_type type;
};

/* A page in the order of ids: the first `most` after an id (0 = from the start), or the last `most` before it. */
struct shop_window {
	int64_t after, before; /* at most one is set */
	size_t most;
};
struct family_page {
	const struct family *const *items;
	size_t count;
	bool more_before, more_after; /* whether others precede and follow the page */
};
struct sku_page {
	const struct product *const *items; /* each has a sku */
	size_t count;
	bool more_before, more_after;
};

/* Families with a product in the list. */
struct family_page catalog_families(const struct catalog *c, struct arena *a, const struct shop_filter *filter,
				    struct shop_window window);
struct sku_page catalog_skus(const struct catalog *c, struct arena *a, const struct shop_filter *filter,
			     struct shop_window window);
/* Parents before children, then by id; *ret_count of them. */
const struct category *const *catalog_categories(const struct catalog *c, size_t *ret_count);

/* By id, whatever the list; NULL if there is none. */
const struct category *catalog_category(const struct catalog *c, int64_t id);
const struct family *catalog_family(const struct catalog *c, int64_t id);
/* By the uuid that is shown, within a list; NULL if there is none. */
const struct family *catalog_family_by_uuid(const struct catalog *c, int list, struct str uuid);
const struct product *catalog_sku_by_uuid(const struct catalog *c, int list, struct str uuid);

/* 8-4-4-4-12 hex digits. Letters may be capitals. */
bool is_uuid(struct str text);

/* What is wrong with the text that was given for a field, in words that follow its name; NULL = nothing. Not for
 * AMOUNT, which is the product's to judge. */
const char *shop_field_fault(const struct shop_field *field, struct str text);

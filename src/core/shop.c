#include "core/shop.h"

#include "core/catalog_private.h"

#include <stdlib.h>

enum { UUID_CHARS = 36, DEPTH_MAX = 8 };

bool family_is_custom(const struct family *f)
{
	return f->type == FAMILY_RECHARGE || f->type == FAMILY_VOUCHER_OPEN_RANGE;
}

struct str localized_name(const struct localized *texts, size_t n, int locale, struct str english)
{
	for (size_t i = 0; i < n; i++)
		if (texts[i].locale == locale)
			return texts[i].name;
	return english;
}

struct str family_name(const struct family *f, int locale, struct str *ret_description)
{
	for (size_t i = 0; i < f->text_count; i++) {
		const struct localized *text = &f->texts[i];

		if (text->locale != locale)
			continue;
		*ret_description = text->description.p ? text->description : f->description;
		return text->name;
	}
	*ret_description = f->description;
	return f->name;
}

struct str category_name(const struct category *c, int locale)
{
	return localized_name(c->texts, c->text_count, locale, c->name);
}

bool is_uuid(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
	}
	return text.n == UUID_CHARS;
}

/* ---- linking ---- */

static const void *by_id(const void *const *items, size_t count, int64_t id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int64_t at = *(const int64_t *)items[middle];

		if (at == id)
			return items[middle];
		if (at < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const struct category *category_by_id(const struct catalog *c, int64_t id)
{
	return by_id((const void *const *)c->shelf.categories, c->shelf.category_count, id);
}

static int depth_of(const struct category *category)
{
	int depth = 0;

	for (; category->parent && depth < DEPTH_MAX; depth++)
		category = category->parent;
	return depth;
}

static int compare_depth(const void *a, const void *b)
{
	const struct category *x = *(const struct category *const *)a, *y = *(const struct category *const *)b;
	int dx = depth_of(x), dy = depth_of(y);

	return dx != dy ? dx - dy : (x->id > y->id) - (x->id < y->id);
}

static int compare_families(const void *a, const void *b)
{
	return str_cmp((*(const struct family *const *)a)->uuid, (*(const struct family *const *)b)->uuid);
}

static int compare_skus(const void *a, const void *b)
{
	return str_cmp((*(const struct product *const *)a)->sku->uuid, (*(const struct product *const *)b)->sku->uuid);
}

/* A circle of parents is cut where it is met: everybody in it becomes a root. */
static void link_categories(struct catalog *c)
{
	for (size_t i = 0; i < c->shelf.category_count; i++) {
		struct category *category = (struct category *)c->shelf.categories[i];

		category->parent = category->parent_id ? category_by_id(c, category->parent_id) : NULL;
	}
	for (size_t i = 0; i < c->shelf.category_count; i++) {
		struct category *category = (struct category *)c->shelf.categories[i];

		if (depth_of(category) == DEPTH_MAX)
			category->parent = NULL;
		if (!category->parent)
			category->parent_id = 0;
	}
}

/* Families whose category is gone are not shown, and neither are their products. */
static void link_families(struct catalog *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->shelf.family_count; i++) {
		struct family *family = c->shelf.families[i];

		family->category = category_by_id(c, family->category_id);
		if (family->category)
			c->shelf.families[kept++] = family;
	}
	c->shelf.family_count = kept;
	c->shelf.families_by_uuid = ARENA_ARRAY(&c->arena, const struct family *, kept + 1);
	for (size_t i = 0; i < kept; i++)
		c->shelf.families_by_uuid[i] = c->shelf.families[i];
	qsort(c->shelf.families_by_uuid, kept, sizeof(const struct family *), compare_families);
}

/* Counted first, then filled in, in the order of the products' ids. */
static void link_skus(struct catalog *c)
{
	c->shelf.skus = ARENA_ARRAY(&c->arena, const struct product *, c->product_count + 1);
	for (size_t i = 0; i < c->product_count; i++) {
		struct sku *sku = (struct sku *)c->products[i]->sku;
		struct family *family = sku ? (struct family *)by_id((const void *const *)c->shelf.families,
								     c->shelf.family_count, sku->family_id)
					    : NULL;

		if (!family)
			continue;
		sku->family = family;
		family->product_count++;
		c->shelf.skus[c->shelf.sku_count++] = c->products[i];
	}
	for (size_t i = 0; i < c->shelf.family_count; i++) {
		struct family *family = c->shelf.families[i];

		family->products = ARENA_ARRAY(&c->arena, const struct product *, family->product_count + 1);
		family->product_count = 0;
	}
	c->shelf.skus_by_uuid = ARENA_ARRAY(&c->arena, const struct product *, c->shelf.sku_count + 1);
	for (size_t i = 0; i < c->shelf.sku_count; i++) {
		struct family *family = (struct family *)c->shelf.skus[i]->sku->family;

		((const struct product **)family->products)[family->product_count++] = c->shelf.skus[i];
		c->shelf.skus_by_uuid[i] = c->shelf.skus[i];
	}
	qsort(c->shelf.skus_by_uuid, c->shelf.sku_count, sizeof(const struct product *), compare_skus);
}

void catalog_link_shop(struct catalog *c)
{
	link_categories(c);
	link_families(c);
	link_skus(c);
	qsort(c->shelf.categories, c->shelf.category_count, sizeof(const struct category *), compare_depth);
}

/* ---- asking ---- */

const struct category *const *catalog_categories(const struct catalog *c, size_t *ret_count)
{
	*ret_count = c->shelf.category_count;
	return c->shelf.categories;
}

const struct category *catalog_category(const struct catalog *c, int64_t id)
{
	/* By depth first, so there is nothing to bisect; there are few, and only imports ask. */
	for (size_t i = 0; i < c->shelf.category_count; i++)
		if (c->shelf.categories[i]->id == id)
			return c->shelf.categories[i];
	return NULL;
}

const struct family *catalog_family(const struct catalog *c, int64_t id)
{
	return by_id((const void *const *)c->shelf.families, c->shelf.family_count, id);
}

static bool family_matches(const struct family *f, const struct shop_filter *filter)
{
	return (!filter->category_id || f->category_id == filter->category_id) &&
	       (!filter->type || f->type == filter->type);
}

static bool family_in_list(const struct family *f, int list)
{
	for (size_t i = 0; i < f->product_count; i++)
		if (product_in_list(f->products[i], list))
			return true;
	return false;
}

static bool take_family(const void *item, const struct shop_filter *filter)
{
	return family_matches(item, filter) && family_in_list(item, filter->list);
}

static bool take_sku(const void *item, const struct shop_filter *filter)
{
	const struct product *p = item;

	return family_matches(p->sku->family, filter) && product_in_list(p, filter->list);
}

typedef bool (*taker)(const void *item, const struct shop_filter *filter);

/* The position of the first item whose id is not below `id`. */
static size_t lower_bound(const void *const *items, size_t count, int64_t id)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (*(const int64_t *)items[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct walk {
	const void **items;
	size_t count;
	bool more_before, more_after;
};

static bool any_before(const void *const *items, size_t end, const struct shop_filter *filter, taker take)
{
	while (end > 0)
		if (take(items[--end], filter))
			return true;
	return false;
}

/* Items come in the order of ids either way; backwards they are found from the end and turned round. */
static struct walk walk(const void *const *items, size_t count, struct arena *a, const struct shop_filter *filter,
			struct shop_window window, taker take)
{
	struct walk w = { .items = ARENA_ARRAY(a, const void *, window.most + 1) };

	if (window.before) {
		size_t at = lower_bound(items, count, window.before);

		w.more_after = at < count;
		for (; at > 0 && !w.more_before; at--) {
			if (!take(items[at - 1], filter))
				continue;
			if (w.count == window.most)
				w.more_before = true;
			else
				w.items[w.count++] = items[at - 1];
		}
		for (size_t i = 0; i < w.count / 2; i++) {
			const void *other = w.items[i];

			w.items[i] = w.items[w.count - 1 - i];
			w.items[w.count - 1 - i] = other;
		}
		return w;
	}
	size_t at = window.after ? lower_bound(items, count, window.after + 1) : 0;
	w.more_before = any_before(items, at, filter, take);
	for (; at < count && !w.more_after; at++) {
		if (!take(items[at], filter))
			continue;
		if (w.count == window.most)
			w.more_after = true;
		else
			w.items[w.count++] = items[at];
	}
	return w;
}

struct family_page catalog_families(const struct catalog *c, struct arena *a, const struct shop_filter *filter,
				    struct shop_window window)
{
	struct walk w =
		walk((const void *const *)c->shelf.families, c->shelf.family_count, a, filter, window, take_family);

	return (struct family_page){ (const struct family *const *)w.items, w.count, w.more_before, w.more_after };
}

struct sku_page catalog_skus(const struct catalog *c, struct arena *a, const struct shop_filter *filter,
			     struct shop_window window)
{
	struct walk w = walk((const void *const *)c->shelf.skus, c->shelf.sku_count, a, filter, window, take_sku);

	return (struct sku_page){ (const struct product *const *)w.items, w.count, w.more_before, w.more_after };
}

/* Stored in small letters; what is asked for may be in capitals. */
static struct str small(struct str uuid, char ret[static UUID_CHARS])
{
	for (size_t i = 0; i < UUID_CHARS; i++)
		ret[i] = uuid.p[i] >= 'A' && uuid.p[i] <= 'F' ? (char)(uuid.p[i] - 'A' + 'a') : uuid.p[i];
	return (struct str){ ret, UUID_CHARS };
}

const struct family *catalog_family_by_uuid(const struct catalog *c, int list, struct str uuid)
{
	char text[UUID_CHARS];

	if (!is_uuid(uuid))
		return NULL;
	struct family wanted = { .uuid = small(uuid, text) };
	const struct family *key = &wanted;
	const struct family *const *found = bsearch(&key, c->shelf.families_by_uuid, c->shelf.family_count,
						    sizeof(const struct family *), compare_families);
	return found && family_in_list(*found, list) ? *found : NULL;
}

const struct product *catalog_sku_by_uuid(const struct catalog *c, int list, struct str uuid)
{
	char text[UUID_CHARS];

	if (!is_uuid(uuid))
		return NULL;
	struct sku sku = { .uuid = small(uuid, text) };
	struct product wanted = { .sku = &sku };
	const struct product *key = &wanted;
	const struct product *const *found =
		bsearch(&key, c->shelf.skus_by_uuid, c->shelf.sku_count, sizeof(const struct product *), compare_skus);
	return found && product_in_list(*found, list) ? *found : NULL;
}

/* ---- what an order fills in ---- */

static bool is_phone(struct str text)
{
	if (text.n < 8 || text.n > 16 || text.p[0] != '+' || text.p[1] < '1' || text.p[1] > '9')
		return false;
	for (size_t i = 1; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

/* One @ with something before it and a dot somewhere behind it: enough to catch what was mistaken for an address. */
static bool is_email(struct str text)
{
	struct str rest = text, name = str_cut(&rest, '@');

	if (!name.n || !rest.n || text.n > 254)
		return false;
	struct str host = str_cut(&rest, '.');
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] <= ' ' || (text.p[i] == '@' && i != name.n))
			return false;
	return host.n && rest.n;
}

static bool is_option(const struct shop_field *field, struct str text)
{
	for (size_t i = 0; i < field->option_count; i++)
		if (str_eq(field->options[i].code, text))
			return true;
	return false;
}

static const char *length_fault(const struct shop_field *field, struct str text)
{
	int64_t n = (int64_t)str_codepoints(text), most = field->max ? field->max : 255;

	return n < field->min || n < 1 || n > most ? "has too few or too many characters" : NULL;
}

const char *shop_field_fault(const struct shop_field *field, struct str text)
{
	int64_t number;

	switch (field->type) {
	case SHOP_FIELD_TEXT:
	case SHOP_FIELD_ACCOUNT:
		return length_fault(field, text);
	case SHOP_FIELD_NUMBER:
		return str_to_i64(text, field->min, field->max ? field->max : INT64_MAX, &number)
			       ? "must be a whole number within its bounds"
			       : NULL;
	case SHOP_FIELD_PHONE:
		return is_phone(text) ? NULL : "must be a number in E.164 format, such as +971501234567";
	case SHOP_FIELD_EMAIL:
		return is_email(text) ? NULL : "must be an e-mail address";
	case SHOP_FIELD_SELECT:
		return is_option(field, text) ? NULL : "is not one of the options";
	case SHOP_FIELD_AMOUNT:
		return NULL;
	}
	return NULL;
}

/* core/catalog_build.c: collects the nouns, then sorts, links and indexes them. */
#include "core/catalog_build.h"

#include "core/catalog_private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A growing array of pointers; of promotions and campaigns with the product ids they name. */
struct pile {
	void **items;
	struct {
		const int64_t *ids;
		size_t n;
	} * named;
	size_t count, room;
};

struct catalog_builder {
	struct catalog *c;
	struct pile products, operators, promotions, campaigns, rates, categories, families;
	struct prefix *prefixes;
	size_t prefix_count, prefix_room;
};

static void *grow(void *p, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return p;
	*room = *room ? *room * 2 : 64;
	p = reallocarray(p, *room, size);
	must(p);
	return p;
}

static void pile_add(struct pile *pile, void *item, const int64_t *ids, size_t n)
{
	size_t room = pile->room;

	pile->items = grow(pile->items, &pile->room, pile->count, sizeof(*pile->items));
	pile->named = grow(pile->named, &room, pile->count, sizeof(*pile->named));
	pile->items[pile->count] = item;
	pile->named[pile->count].ids = ids;
	pile->named[pile->count++].n = n;
}

static void pile_done(struct pile *pile)
{
	free(pile->items);
	free(pile->named);
}

struct catalog_builder *catalog_builder_new(void)
{
	struct catalog_builder *b = calloc(1, sizeof(*b));

	must(b);
	b->c = calloc(1, sizeof(*b->c));
	must(b->c);
	b->c->holders = 1;
	b->c->locale_used[LOCALE_DEFAULT] = true;
	arena_init(&b->c->arena);
	return b;
}

void catalog_builder_free(struct catalog_builder *b)
{
	if (!b)
		return;
	catalog_release(b->c);
	pile_done(&b->products);
	pile_done(&b->operators);
	pile_done(&b->promotions);
	pile_done(&b->campaigns);
	pile_done(&b->rates);
	pile_done(&b->categories);
	pile_done(&b->families);
	free(b->prefixes);
	free(b);
}

struct arena *catalog_builder_arena(struct catalog_builder *b)
{
	return &b->c->arena;
}

void catalog_builder_operator(struct catalog_builder *b, const struct operator_ *op)
{
	size_t n = b->operators.count;

	must(!n || ((const struct operator_ *)b->operators.items[n - 1])->id < op->id);
	pile_add(&b->operators, (void *)op, NULL, 0);
}

const struct operator_ *catalog_builder_find_operator(const struct catalog_builder *b, int64_t id)
{
	size_t low = 0, high = b->operators.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct operator_ *op = b->operators.items[middle];

		if (op->id == id)
			return op;
		if (op->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static void use_locales(struct catalog_builder *b, const struct localized *texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		b->c->locale_used[texts[i].locale] = true;
}

void catalog_builder_product(struct catalog_builder *b, struct product *product)
{
	use_locales(b, product->texts, product->text_count);
	pile_add(&b->products, product, NULL, 0);
}

void catalog_builder_promotion(struct catalog_builder *b, struct promotion *promotion, const int64_t *ids, size_t n)
{
	use_locales(b, promotion->texts, promotion->text_count);
	pile_add(&b->promotions, promotion, ids, n);
}

void catalog_builder_campaign(struct catalog_builder *b, struct campaign *campaign, const int64_t *ids, size_t n)
{
	pile_add(&b->campaigns, campaign, ids, n);
}

void catalog_builder_rate(struct catalog_builder *b, const struct rate *rate)
{
	pile_add(&b->rates, (void *)rate, NULL, 0);
}

void catalog_builder_category(struct catalog_builder *b, struct category *category)
{
	use_locales(b, category->texts, category->text_count);
	pile_add(&b->categories, category, NULL, 0);
}

void catalog_builder_family(struct catalog_builder *b, struct family *family)
{
	use_locales(b, family->texts, family->text_count);
	pile_add(&b->families, family, NULL, 0);
}

uint64_t prefix_key(struct str digits)
{
	uint64_t key = 0;

	if (digits.n < 1 || digits.n > 15)
		return 0;
	for (size_t i = 0; i < digits.n; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9')
			return 0;
		key = key * 10 + (uint64_t)(digits.p[i] - '0');
	}
	return key * 16 + digits.n;
}

enum err catalog_builder_prefix(struct catalog_builder *b, struct str digits, const struct operator_ *op, bool certain)
{
	uint64_t key = prefix_key(digits);

	if (!key)
		return ERR_BAD_REQUEST;
	b->prefixes = grow(b->prefixes, &b->prefix_room, b->prefix_count, sizeof(*b->prefixes));
	b->prefixes[b->prefix_count] = (struct prefix){ key, (uint32_t)b->prefix_count, certain, op };
	b->prefix_count++;
	return OK;
}

/* All nouns begin with their id. */
static int compare_id(const void *a, const void *b)
{
	int64_t x = **(int64_t *const *)a, y = **(int64_t *const *)b;

	return (x > y) - (x < y);
}

static_assert(!offsetof(struct product, id) && !offsetof(struct operator_, id) && !offsetof(struct promotion, id) &&
		      !offsetof(struct campaign, id) && !offsetof(struct rate, id) && !offsetof(struct category, id) &&
		      !offsetof(struct family, id),
	      "compare_id");

static void *take_pile(struct catalog *c, const struct pile *pile, size_t *ret_count)
{
	void **items = ARENA_ARRAY(&c->arena, void *, pile->count + 1);

	if (pile->count)
		memcpy(items, pile->items, pile->count * sizeof(*items));
	qsort(items, pile->count, sizeof(*items), compare_id);
	for (size_t i = 1; i < pile->count; i++)
		must(compare_id(&items[i - 1], &items[i]) < 0);
	*ret_count = pile->count;
	return items;
}

static int compare_prefixes(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->certain != y->certain)
		return x->certain ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* The named products that there are, by id and each once. */
static const struct product **named_products(struct catalog *c, const int64_t *ids, size_t n, size_t *ret_count)
{
	const struct product **products = ARENA_ARRAY(&c->arena, const struct product *, n + 1);
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < n; i++) {
		const struct product *product = catalog_product(c, CATALOG_ALL_LISTS, ids[i]);

		if (product)
			products[count++] = product;
	}
	qsort(products, count, sizeof(const struct product *), compare_id);
	for (size_t i = 0; i < count; i++)
		if (!i || products[i] != products[i - 1])
			products[kept++] = products[i];
	*ret_count = kept;
	return products;
}

/* Tells each product of its promotions: counted first, then filled in, in the order of the promotions' ids. */
static void link_promotions(struct catalog *c)
{
	for (int filling = 0; filling < 2; filling++) {
		for (size_t i = 0; i < c->promotion_count; i++) {
			const struct promotion *promotion = c->promotions[i];

			for (size_t k = 0; k < promotion->product_count; k++) {
				struct product *product = (struct product *)promotion->products[k];

				if (filling)
					((const struct promotion **)product->promotions)[product->promotion_count++] =
						promotion;
				else
					product->promotion_count++;
			}
		}
		for (size_t i = 0; i < c->product_count && !filling; i++) {
			struct product *product = c->products[i];

			if (product->promotion_count)
				product->promotions =
					ARENA_ARRAY(&c->arena, const struct promotion *, product->promotion_count);
			product->promotion_count = 0;
		}
	}
}

static void link_products(struct catalog_builder *b)
{
	struct catalog *c = b->c;

	for (size_t i = 0; i < b->promotions.count; i++) {
		struct promotion *promotion = b->promotions.items[i];

		promotion->products = named_products(c, b->promotions.named[i].ids, b->promotions.named[i].n,
						     &promotion->product_count);
	}
	for (size_t i = 0; i < b->campaigns.count; i++) {
		struct campaign *campaign = b->campaigns.items[i];

		campaign->products =
			named_products(c, b->campaigns.named[i].ids, b->campaigns.named[i].n, &campaign->product_count);
	}
	link_promotions(c);
}

struct catalog *catalog_builder_finish(struct catalog_builder *b)
{
	struct catalog *c = b->c;

	c->products = take_pile(c, &b->products, &c->product_count);
	c->operators = take_pile(c, &b->operators, &c->operator_count);
	c->promotions = take_pile(c, &b->promotions, &c->promotion_count);
	c->campaigns = take_pile(c, &b->campaigns, &c->campaign_count);
	c->rates = take_pile(c, &b->rates, &c->rate_count);
	c->prefixes = ARENA_ARRAY(&c->arena, struct prefix, b->prefix_count + 1);
	if (b->prefix_count)
		memcpy(c->prefixes, b->prefixes, b->prefix_count * sizeof(*b->prefixes));
	qsort(c->prefixes, b->prefix_count, sizeof(*c->prefixes), compare_prefixes);
	c->prefix_count = b->prefix_count;
	c->shelf.categories = take_pile(c, &b->categories, &c->shelf.category_count);
	c->shelf.families = take_pile(c, &b->families, &c->shelf.family_count);
	link_products(b);
	catalog_link_shop(c);
	catalog_index(c);
	catalog_index_esims(c);
	catalog_hold(c); /* the builder's own hold goes with it */
	catalog_builder_free(b);
	return c;
}

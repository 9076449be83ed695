/* core/catalog_index.c: postings, orders and offers, made once a snapshot; a quarter of a second for 50,000 products.
 */
#include "core/catalog_private.h"
#include "core/esim.h"

#include <stdlib.h>
#include <string.h>

/* (key, position) pairs of one dimension, packed so that sorting them is sorting numbers. */
struct pairs {
	uint64_t *items;
	size_t count, room;
};

static void pairs_add(struct pairs *pairs, uint32_t key, size_t position)
{
	if (pairs->count == pairs->room) {
		pairs->room = pairs->room ? pairs->room * 2 : 1024;
		pairs->items = reallocarray(pairs->items, pairs->room, sizeof(*pairs->items));
		must(pairs->items);
	}
	pairs->items[pairs->count++] = (uint64_t)key << 32 | (uint32_t)position;
}

static int compare_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Sorts and makes each once. */
static void pairs_sort(struct pairs *pairs)
{
	size_t kept = 0;

	if (pairs->count)
		qsort(pairs->items, pairs->count, sizeof(*pairs->items), compare_u64);
	for (size_t i = 0; i < pairs->count; i++)
		if (!i || pairs->items[i] != pairs->items[i - 1])
			pairs->items[kept++] = pairs->items[i];
	pairs->count = kept;
}

static void make_posting(struct catalog *c, const uint64_t *pairs, size_t n, struct posting *ret)
{
	ret->count = n;
	if (n > c->words * 2) {
		uint64_t *bits = ARENA_ARRAY(&c->arena, uint64_t, c->words);

		for (size_t i = 0; i < n; i++)
			bits[(uint32_t)pairs[i] / 64] |= UINT64_C(1) << (pairs[i] & 63);
		ret->bits = bits;
	} else {
		uint32_t *positions = ARENA_ARRAY(&c->arena, uint32_t, n);

		for (size_t i = 0; i < n; i++)
			positions[i] = (uint32_t)pairs[i];
		ret->positions = positions;
	}
}

/* Empties the pairs. */
static void make_dimension(struct catalog *c, struct pairs *pairs, struct dimension *ret)
{
	struct posting *postings;
	uint32_t *keys;
	size_t n = 0, at = 0;

	pairs_sort(pairs);
	for (size_t i = 0; i < pairs->count; i++)
		n += !i || pairs->items[i] >> 32 != pairs->items[i - 1] >> 32;
	keys = ARENA_ARRAY(&c->arena, uint32_t, n + 1);
	postings = ARENA_ARRAY(&c->arena, struct posting, n + 1);
	for (size_t i = 0, end; i < pairs->count; i = end) {
		keys[at] = (uint32_t)(pairs->items[i] >> 32);
		for (end = i + 1; end < pairs->count && pairs->items[end] >> 32 == keys[at];)
			end++;
		make_posting(c, pairs->items + i, end - i, &postings[at++]);
	}
	*ret = (struct dimension){ keys, postings, n };
	free(pairs->items);
	*pairs = (struct pairs){ 0 };
}

static int compare_strs(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

static void collect_tags(struct catalog *c)
{
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < c->product_count; i++)
		n += c->products[i]->tag_count;
	struct str *all = calloc(n + 1, sizeof(*all));
	must(all);
	n = 0;
	for (size_t i = 0; i < c->product_count; i++)
		for (size_t k = 0; k < c->products[i]->tag_count; k++)
			all[n++] = c->products[i]->tags[k];
	qsort(all, n, sizeof(*all), compare_strs);
	for (size_t i = 0; i < n; i++)
		if (!i || !str_eq(all[i], all[i - 1]))
			all[kept++] = all[i];
	c->tags = ARENA_ARRAY(&c->arena, struct str, kept + 1);
	memcpy(c->tags, all, kept * sizeof(*all));
	c->tag_count = kept;
	free(all);
}

uint32_t region_key(const struct region *region)
{
	return (uint32_t)(region->country->index + 1) << 16 | (uint32_t)(region - region->country->regions);
}

static void add_product(const struct catalog *c, struct pairs *pairs, size_t i)
{
	const struct product *p = c->products[i];
	size_t limits;
	const struct region *const *limit = product_limits(p, &limits);

	pairs_add(&pairs[BY_TYPE], (uint32_t)p->type, i);
	pairs_add(&pairs[BY_SERVICE], (uint32_t)p->service->id, i);
	if (p->subservice)
		pairs_add(&pairs[BY_SUBSERVICE], (uint32_t)p->subservice->id, i);
	pairs_add(&pairs[BY_OPERATOR], (uint32_t)catalog_operator_position(c, p->op->id), i);
	pairs_add(&pairs[BY_COUNTRY], (uint32_t)p->op->country->index, i);
	if (p->op->country->is_group && !p->coverage_count)
		pairs_add(&pairs[BY_GROUP], (uint32_t)p->op->country->index, i);
	for (size_t k = 0; k < p->price_count && product_stands_alone(p); k++)
		pairs_add(&pairs[BY_LIST], (uint32_t)p->prices[k].list, i);
	for (size_t k = 0; k < p->tag_count; k++)
		pairs_add(&pairs[BY_TAG], (uint32_t)catalog_tag_position(c, p->tags[k]), i);
	for (size_t k = 0; k < p->benefit_count; k++)
		pairs_add(&pairs[BY_BENEFIT], (uint32_t)p->benefits[k].type, i);
	for (size_t k = 0; k < p->coverage_count; k++)
		pairs_add(&pairs[BY_COVERAGE], (uint32_t)p->coverage[k]->index, i);
	for (size_t k = 0; k < limits; k++)
		pairs_add(&pairs[BY_REGION], region_key(limit[k]), i);
	if (!limits)
		pairs_add(&pairs[BY_REGION], 0, i);
}

/* Dense ranks, equal for equal values, of positions sorted by `compare`. */
struct ranks {
	uint32_t *of; /* a position */
	uint32_t count;
};

static int compare_names(const void *a, const void *b, void *products)
{
	const struct product *const *p = products;

	return str_cmp(p[*(const uint32_t *)a]->name, p[*(const uint32_t *)b]->name);
}

static int compare_amounts(const void *a, const void *b, void *products)
{
	const struct product *const *p = products;
	int64_t x = p[*(const uint32_t *)a]->destination.min, y = p[*(const uint32_t *)b]->destination.min;

	return (x > y) - (x < y);
}

static struct ranks make_ranks(struct catalog *c, int (*compare)(const void *, const void *, void *))
{
	uint32_t *sorted = calloc(c->product_count + 1, sizeof(*sorted));
	struct ranks ranks = { calloc(c->product_count + 1, sizeof(*ranks.of)), 0 };

	must(sorted && ranks.of);
	for (size_t i = 0; i < c->product_count; i++)
		sorted[i] = (uint32_t)i;
	qsort_r(sorted, c->product_count, sizeof(*sorted), compare, c->products);
	for (size_t i = 0; i < c->product_count; i++) {
		if (i && compare(&sorted[i - 1], &sorted[i], c->products))
			ranks.count++;
		ranks.of[sorted[i]] = ranks.count;
	}
	ranks.count++;
	free(sorted);
	return ranks;
}

/* A stable counting sort of `from` into `to`. */
static void sort_by_rank(const struct catalog *c, const struct ranks *ranks, bool descending, const uint32_t *from,
			 uint32_t *to)
{
	size_t *starts = calloc((size_t)ranks->count + 1, sizeof(*starts));

	must(starts);
	for (size_t i = 0; i < c->product_count; i++) {
		uint32_t rank = ranks->of[i];

		starts[(descending ? ranks->count - 1 - rank : rank) + 1]++;
	}
	for (size_t i = 0; i < ranks->count; i++)
		starts[i + 1] += starts[i];
	for (size_t i = 0; i < c->product_count; i++) {
		uint32_t rank = ranks->of[from[i]];

		to[starts[descending ? ranks->count - 1 - rank : rank]++] = from[i];
	}
	free(starts);
}

/* The orders behind the identity: for name and amount as first key f, and each direction of the id: 1 + 2f + id. Those
 * with both as keys follow: 5 + 4f + 2 x (second descending) + id. */
static int order_number(bool amount_first, bool both, bool second_descending, bool id_descending)
{
	if (both)
		return 5 + 4 * amount_first + 2 * second_descending + id_descending;
	return 1 + 2 * amount_first + id_descending;
}

int order_of(const struct sort *sort, bool *ret_backwards)
{
	bool amount_first, backwards, id_descending = false, both = false, second_descending = false;

	*ret_backwards = backwards = sort->count && sort->keys[0].descending;
	if (!sort->count || sort->keys[0].key == SORT_ID)
		return 0;
	amount_first = sort->keys[0].key == SORT_AMOUNT;
	for (size_t i = 1; i < sort->count; i++) {
		if (sort->keys[i].key == SORT_ID) {
			id_descending = sort->keys[i].descending;
			break; /* ids are never equal: what follows says nothing */
		}
		both = true;
		second_descending = sort->keys[i].descending;
	}
	/* Backwards turns every direction round, so the later ones are turned round beforehand. */
	return order_number(amount_first, both, second_descending != backwards, id_descending != backwards);
}

static void make_orders(struct catalog *c)
{
	struct ranks ranks[2] = { make_ranks(c, compare_names), make_ranks(c, compare_amounts) };
	uint32_t *ids = calloc(c->product_count + 1, sizeof(*ids));
	uint32_t *half = calloc(c->product_count + 1, sizeof(*half));

	must(ids && half);
	for (int id_descending = 0; id_descending < 2; id_descending++) {
		for (size_t i = 0; i < c->product_count; i++)
			ids[i] = (uint32_t)(id_descending ? c->product_count - 1 - i : i);
		for (int first = 0; first < 2; first++) {
			uint32_t *order = ARENA_ARRAY(&c->arena, uint32_t, c->product_count + 1);

			sort_by_rank(c, &ranks[first], false, ids, order);
			c->orders[order_number(first, false, false, id_descending)] = order;
			for (int descending = 0; descending < 2; descending++) {
				order = ARENA_ARRAY(&c->arena, uint32_t, c->product_count + 1);
				sort_by_rank(c, &ranks[!first], descending, ids, half);
				sort_by_rank(c, &ranks[first], false, half, order);
				c->orders[order_number(first, true, descending, id_descending)] = order;
			}
		}
	}
	free(ids);
	free(half);
	free(ranks[0].of);
	free(ranks[1].of);
}

static void make_offers(struct catalog *c, int slot)
{
	int list = slot == PRICE_LISTS_MAX ? CATALOG_ALL_LISTS : slot;
	struct pairs pairs = { 0 };
	struct offer *items;

	for (size_t i = 0; i < c->product_count; i++) {
		const struct product *p = c->products[i];
		uint32_t sold = (uint32_t)p->service->id << 16 | (uint32_t)(p->subservice ? p->subservice->id : 0);

		if (!product_in_list(p, list) || (list != CATALOG_ALL_LISTS && !product_stands_alone(p)))
			continue;
		pairs_add(&pairs, (uint32_t)catalog_operator_position(c, p->op->id), sold);
		for (size_t k = 0; k < p->benefit_count; k++)
			c->benefit_types[slot] |= 1U << p->benefits[k].type;
	}
	pairs_sort(&pairs);
	items = ARENA_ARRAY(&c->arena, struct offer, pairs.count + 1);
	for (size_t i = 0; i < pairs.count; i++)
		items[i] = (struct offer){ (uint32_t)(pairs.items[i] >> 32), (uint16_t)(pairs.items[i] >> 16),
					   (uint16_t)pairs.items[i] };
	c->offers[slot] = (struct offers){ items, pairs.count };
	free(pairs.items);
}

void catalog_index(struct catalog *c)
{
	struct pairs pairs[DIMENSION_COUNT] = { 0 };

	must(c->product_count < UINT32_MAX);
	c->words = (c->product_count + 63) / 64;
	collect_tags(c);
	for (size_t i = 0; i < c->product_count; i++)
		add_product(c, pairs, i);
	for (int d = 0; d < DIMENSION_COUNT; d++)
		make_dimension(c, &pairs[d], &c->by[d]);
	make_orders(c);
	for (size_t i = 0; i < c->product_count; i++)
		for (size_t k = 0; k < c->products[i]->price_count; k++)
			c->list_used[c->products[i]->prices[k].list] = true;
	for (int slot = 0; slot <= PRICE_LISTS_MAX; slot++)
		if (slot == PRICE_LISTS_MAX || c->list_used[slot])
			make_offers(c, slot);
}

/* core/catalog_esim.c: eSIM plans by the ids that their dialects know them by, and the rates. */
#include "core/catalog_private.h"

#include <stdlib.h>

static struct str key_of(const struct product *p, enum esim_key key)
{
	return key == ESIM_BY_CODE ? p->esim->code : p->esim->package;
}

static int compare(const struct product *x, const struct product *y, enum esim_key key)
{
	int order = str_cmp(key_of(x, key), key_of(y, key));

	return order ? order : (x->id > y->id) - (x->id < y->id);
}

static int compare_codes(const void *a, const void *b)
{
	return compare(*(const struct product *const *)a, *(const struct product *const *)b, ESIM_BY_CODE);
}

static int compare_packages(const void *a, const void *b)
{
	return compare(*(const struct product *const *)a, *(const struct product *const *)b, ESIM_BY_PACKAGE);
}

static int compare_families(const void *a, const void *b)
{
	const struct product *x = *(const struct product *const *)a, *y = *(const struct product *const *)b;

	return (x->esim->family_id > y->esim->family_id) - (x->esim->family_id < y->esim->family_id);
}

static void index_top_ups(struct catalog *c)
{
	struct esim_index *index = &c->top_ups;

	index->items = ARENA_ARRAY(&c->arena, const struct product *, c->product_count + 1);
	for (size_t i = 0; i < c->product_count; i++)
		if (c->products[i]->esim && c->products[i]->esim->category == ESIM_ADDON)
			index->items[index->count++] = c->products[i];
	qsort(index->items, index->count, sizeof(*index->items), compare_families);
}

void catalog_index_esims(struct catalog *c)
{
	static int (*const orders[])(const void *, const void *) = { compare_codes, compare_packages };

	for (int key = 0; key < ESIM_KEYS; key++) {
		struct esim_index *index = &c->esims[key];

		index->items = ARENA_ARRAY(&c->arena, const struct product *, c->product_count + 1);
		for (size_t i = 0; i < c->product_count; i++)
			if (c->products[i]->esim && key_of(c->products[i], (enum esim_key)key).p)
				index->items[index->count++] = c->products[i];
		qsort(index->items, index->count, sizeof(*index->items), orders[key]);
	}
	index_top_ups(c);
}

const struct product *catalog_esim(const struct catalog *c, int list, enum esim_key key, struct str value)
{
	const struct esim_index *index = &c->esims[key];
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(key_of(index->items[middle], key), value) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == index->count || !str_eq(key_of(index->items[low], key), value))
		return NULL;
	return product_in_list(index->items[low], list) ? index->items[low] : NULL;
}

const struct product *const *catalog_esims(const struct catalog *c, enum esim_key key, size_t *ret_count)
{
	*ret_count = c->esims[key].count;
	return c->esims[key].items;
}

bool catalog_tops_up(const struct catalog *c, int list, enum esim_key key, int64_t family_id)
{
	const struct esim_index *index = &c->top_ups;
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->items[middle]->esim->family_id < family_id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < index->count && index->items[low]->esim->family_id == family_id; low++)
		if (key_of(index->items[low], key).p && product_in_list(index->items[low], list))
			return true;
	return false;
}

const struct rate *catalog_rate(const struct catalog *c, struct currency from, struct currency to)
{
	for (size_t i = 0; i < c->rate_count; i++)
		if (currency_eq(c->rates[i]->from, from) && currency_eq(c->rates[i]->to, to))
			return c->rates[i];
	return NULL;
}

enum err rate_convert(int64_t amount, int64_t rate_micros, struct currency to, int64_t *ret)
{
	return micros_scale_round(amount, rate_micros, 1000000, to, ret);
}

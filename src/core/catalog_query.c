/* core/catalog_query.c: products by id and by filter. */
#include "core/catalog_query.h"

#include "core/catalog_private.h"

#include <string.h>

int catalog_list_slot(const struct catalog *c, int list)
{
	if (list == CATALOG_ALL_LISTS)
		return PRICE_LISTS_MAX;
	return list >= 0 && list < PRICE_LISTS_MAX && c->list_used[list] ? list : -1;
}

enum err catalog_list(const struct catalog *c, struct str name, int *ret_list)
{
	int list = price_list_find(name);

	if (list < 0 || !c->list_used[list])
		return ERR_NOT_FOUND;
	*ret_list = list;
	return OK;
}

const struct product *catalog_product(const struct catalog *c, int list, int64_t id)
{
	size_t low = 0, high = c->product_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct product *p = c->products[middle];

		if (p->id == id)
			return product_in_list(p, list) ? p : NULL;
		if (p->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int64_t catalog_operator_position(const struct catalog *c, int64_t id)
{
	size_t low = 0, high = c->operator_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (c->operators[middle]->id == id)
			return (int64_t)middle;
		if (c->operators[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

int64_t catalog_tag_position(const struct catalog *c, struct str tag)
{
	size_t low = 0, high = c->tag_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = str_cmp(c->tags[middle], tag);

		if (!order)
			return (int64_t)middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static const struct sort_name {
	const char *name;
	enum sort_key key;
} sort_names[] = { { "id", SORT_ID }, { "name", SORT_NAME }, { "amount", SORT_AMOUNT } };

enum err sort_parse(struct str text, struct sort *ret)
{
	struct sort sort = { 0 };

	while (text.p) {
		struct str item = str_cut(&text, ',');
		bool descending = item.n && item.p[0] == '-';
		enum sort_key key = 0;

		if (descending)
			item = str_skip(item, 1);
		for (size_t i = 0; i < ARRAY_LEN(sort_names); i++)
			if (str_is(item, sort_names[i].name))
				key = sort_names[i].key;
		for (size_t i = 0; i < sort.count; i++)
			if (sort.keys[i].key == key)
				return ERR_BAD_REQUEST;
		if (!key)
			return ERR_BAD_REQUEST;
		sort.keys[sort.count].key = key;
		sort.keys[sort.count++].descending = descending;
	}
	*ret = sort;
	return OK;
}

/* A query in work: what is left, and room for the filter at hand. */
struct search {
	const struct catalog *c;
	uint64_t *left, *filter;
};

/* Adds the products of one key to the filter at hand; an unknown key (negative, or of no product) adds none. */
static void or_key(const struct search *s, enum dimension_id by, int64_t key)
{
	const struct dimension *d = &s->c->by[by];
	const struct posting *posting;
	size_t low = 0, high = d->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (d->keys[middle] < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == d->count || d->keys[low] != key)
		return;
	posting = &d->postings[low];
	if (posting->bits)
		for (size_t i = 0; i < s->c->words; i++)
			s->filter[i] |= posting->bits[i];
	else
		for (size_t i = 0; i < posting->count; i++)
			s->filter[posting->positions[i] / 64] |= UINT64_C(1) << (posting->positions[i] & 63);
}

/* The filter at hand is complete: keeps what passes it and starts the next. */
static void and_filter(const struct search *s)
{
	for (size_t i = 0; i < s->c->words; i++)
		s->left[i] &= s->filter[i];
	memset(s->filter, 0, s->c->words * sizeof(*s->filter));
}

static void keep_key(const struct search *s, enum dimension_id by, int64_t key)
{
	or_key(s, by, key);
	and_filter(s);
}

static void or_usable_in(const struct search *s, const struct country *country)
{
	or_key(s, BY_COUNTRY, country->index);
	or_key(s, BY_COVERAGE, country->index);
	for (size_t i = 0; i < s->c->by[BY_GROUP].count; i++) {
		uint32_t group = s->c->by[BY_GROUP].keys[i];

		if (country_covers(country_at(group), country))
			or_key(s, BY_GROUP, group);
	}
}

static void keep_region(const struct search *s, struct str code)
{
	const struct country *country = code.n == 2 ? country_find_alpha2(code) : country_find(code);
	const struct region *region = country ? NULL : region_find(code);
	struct search inner = *s;

	if (country)
		or_usable_in(s, country);
	if (!region) {
		and_filter(s); /* neither a country nor a region: nothing passes */
		return;
	}
	/* What is limited to regions must name this one; of the rest, all that serves the country. Before the last step
	 * `left` is narrowed by the first, so both are gathered in the filter: limited | (unlimited & usable). */
	or_key(s, BY_REGION, 0);
	inner.left = s->filter;
	inner.filter = s->filter + s->c->words;
	or_usable_in(&inner, region->country);
	and_filter(&inner);
	or_key(s, BY_REGION, region_key(region));
	and_filter(s);
}

static void apply(const struct search *s, const struct product_filter *f)
{
	if (f->list != CATALOG_ALL_LISTS)
		keep_key(s, BY_LIST, f->list);
	if (f->type)
		keep_key(s, BY_TYPE, f->type);
	if (f->service_id)
		keep_key(s, BY_SERVICE, f->service_id);
	if (f->subservice_id)
		keep_key(s, BY_SUBSERVICE, f->subservice_id);
	if (f->operator_id)
		keep_key(s, BY_OPERATOR, catalog_operator_position(s->c, f->operator_id));
	if (f->country.p) {
		const struct country *country = country_find(f->country);

		keep_key(s, BY_COUNTRY, country ? country->index : -1);
	}
	if (f->region.p)
		keep_region(s, f->region);
	if (f->tag_count) {
		for (size_t i = 0; i < f->tag_count; i++)
			or_key(s, BY_TAG, catalog_tag_position(s->c, f->tags[i]));
		and_filter(s);
	}
	if (f->benefit_types) {
		for (int type = BENEFIT_TALKTIME; type <= BENEFIT_CREDITS; type++)
			if (f->benefit_types & 1U << type)
				or_key(s, BY_BENEFIT, type);
		and_filter(s);
	}
}

static bool is_left(const struct search *s, size_t position)
{
	return s->left[position / 64] >> (position & 63) & 1;
}

/* In the order of ids whole words are passed over at once. */
static size_t walk_ids(const struct search *s, struct window window, const struct product **items)
{
	size_t passed = 0, count = 0;

	for (size_t i = 0; i < s->c->words && count < window.take; i++) {
		uint64_t word = s->left[i];
		size_t here = (size_t)__builtin_popcountll(word);

		if (passed + here <= window.skip) {
			passed += here;
			continue;
		}
		for (; word && count < window.take; word &= word - 1)
			if (passed++ >= window.skip)
				items[count++] = s->c->products[i * 64 + (size_t)__builtin_ctzll(word)];
	}
	return count;
}

static size_t walk_order(const struct search *s, struct window window, int order, bool backwards,
			 const struct product **items)
{
	size_t passed = 0, count = 0, n = s->c->product_count;

	for (size_t i = 0; i < n && count < window.take; i++) {
		size_t at = backwards ? n - 1 - i : i;
		size_t position = order ? s->c->orders[order][at] : at;

		if (is_left(s, position) && passed++ >= window.skip)
			items[count++] = s->c->products[position];
	}
	return count;
}

struct product_page catalog_products(const struct catalog *c, struct arena *a, const struct product_filter *filter,
				     struct window window)
{
	size_t words = c->words;
	uint64_t *bits = ARENA_ARRAY(a, uint64_t, words * 3 + 1);
	struct search search = { c, bits, bits + words };
	struct product_page page = { 0 };
	const struct product **items;
	bool backwards;
	int order = order_of(&filter->sort, &backwards);

	for (size_t i = 0; i < words; i++)
		search.left[i] = UINT64_MAX;
	if (c->product_count % 64)
		search.left[words - 1] = (UINT64_C(1) << c->product_count % 64) - 1;
	apply(&search, filter);
	for (size_t i = 0; i < words; i++)
		page.total += (size_t)__builtin_popcountll(search.left[i]);
	if (window.skip >= page.total)
		return page;
	if (window.take > page.total - window.skip)
		window.take = page.total - window.skip;
	items = ARENA_ARRAY(a, const struct product *, window.take);
	page.count = !order && !backwards ? walk_ids(&search, window, items)
					  : walk_order(&search, window, order, backwards, items);
	page.items = items;
	return page;
}

/* The indexes of a snapshot against a plain scan over the products they were made from. */
#include "core/catalog_build.h"

#include "support/test.h"

#include <stdlib.h>

enum { PRODUCTS = 700, OPERATORS = 24, FILTERS = 4000 };

static const char *const isos[] = { "MEX", "FRA", "SGP", "GXX", "EXX", "DEU", "USA" };
static const char *const codes[] = { "MX-CMX", "MX-JAL", "US-CA", "FR-IDF" };
static const char *const words[] = { "AIRTIME", "DATA", "BONUS", "ESIM", "NIGHT" };
static const char *const names[] = { "5 SGD", "10 EUR", "Data 1 GB", "Éclair", "5 SGD" };

static uint64_t seed;

static size_t below(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(seed >> 33) % n;
}

struct shop {
	struct catalog *c;
	struct product *products[PRODUCTS];
	int lists[3];
	struct arena arena;
};

static const struct region *const *pick_regions(struct arena *a, size_t *ret_count)
{
	const struct region **regions = ARENA_ARRAY(a, const struct region *, 2);

	*ret_count = below(5) ? 0 : 1 + below(2);
	for (size_t i = 0; i < *ret_count; i++)
		regions[i] = region_find(str_of(codes[(below(2) + i * 2) % ARRAY_LEN(codes)]));
	return regions;
}

static struct operator_ *make_operator(struct arena *a, int64_t id)
{
	struct operator_ *op = ARENA_NEW(a, struct operator_);

	op->id = id;
	op->name = arena_printf(a, "Operator %d", (int)id);
	op->country = country_find(str_of(isos[below(ARRAY_LEN(isos))]));
	op->regions = pick_regions(a, &op->region_count);
	return op;
}

static void add_sets(struct arena *a, struct product *p)
{
	struct str *tags = ARENA_ARRAY(a, struct str, 2);
	struct benefit *benefits = ARENA_ARRAY(a, struct benefit, 2);
	const struct country **coverage = ARENA_ARRAY(a, const struct country *, 2);

	p->tag_count = below(3);
	for (size_t i = 0; i < p->tag_count; i++)
		tags[i] = str_of(words[(below(2) + i * 2) % ARRAY_LEN(words)]);
	p->benefit_count = below(3);
	for (size_t i = 0; i < p->benefit_count; i++)
		benefits[i].type = (enum benefit_type)(1 + below(4));
	p->coverage_count = p->op->country->is_group ? below(3) : 0;
	for (size_t i = 0; i < p->coverage_count; i++)
		coverage[i] = country_find(str_of(isos[i ? 5 + below(2) : below(3)]));
	p->tags = tags;
	p->benefits = benefits;
	p->coverage = coverage;
}

static struct product *make_product(struct catalog_builder *b, struct shop *shop, int64_t id)
{
	struct arena *a = catalog_builder_arena(b);
	struct product *p = ARENA_NEW(a, struct product);
	struct price *prices = ARENA_ARRAY(a, struct price, 3);

	p->id = id;
	p->name = str_of(names[below(ARRAY_LEN(names))]);
	p->type = (enum product_type)(1 + below(5));
	p->service = service_at(below(service_count()));
	if (p->service->subservice_count)
		p->subservice = &p->service->subservices[below(p->service->subservice_count)];
	p->op = catalog_builder_find_operator(b, (int64_t)(1 + below(OPERATORS)) * 3);
	p->regions = pick_regions(a, &p->region_count);
	p->destination.min = (int64_t)below(9) * 1000000;
	add_sets(a, p);
	for (size_t i = 0; i < ARRAY_LEN(shop->lists); i++)
		if (below(3) < 2 - (i == 2))
			prices[p->price_count++].list = shop->lists[i];
	p->prices = prices;
	catalog_builder_product(b, p);
	return p;
}

static int make_shop(void **state)
{
	struct catalog_builder *b = catalog_builder_new();
	struct shop *shop = calloc(1, sizeof(*shop));

	seed = 20210324;
	for (int64_t id = 1; id <= OPERATORS; id++)
		catalog_builder_operator(b, make_operator(catalog_builder_arena(b), id * 3));
	check_ok(price_list_number(STR("standard"), &shop->lists[0]));
	check_ok(price_list_number(STR("euro"), &shop->lists[1]));
	check_ok(price_list_number(STR("small"), &shop->lists[2]));
	/* Not in the order of their ids: the snapshot sorts. */
	for (size_t i = 0; i < PRODUCTS; i++)
		shop->products[PRODUCTS - 1 - i] = make_product(b, shop, (int64_t)(PRODUCTS - i) * 7);
	shop->c = catalog_builder_finish(b);
	*state = shop;
	return 0;
}

static int free_shop(void **state)
{
	struct shop *shop = *state;

	catalog_release(shop->c);
	arena_done(&shop->arena);
	free(shop);
	return 0;
}

static bool named(const struct region *const *regions, size_t n, struct str code)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(regions[i]->code, code))
			return true;
	return false;
}

static bool usable_in(const struct product *p, const struct country *country)
{
	if (p->op->country == country)
		return true;
	for (size_t i = 0; i < p->coverage_count; i++)
		if (p->coverage[i] == country)
			return true;
	return p->op->country->is_group && !p->coverage_count && country_covers(p->op->country, country);
}

static bool in_region(const struct product *p, struct str code)
{
	const struct country *country = code.n == 2 ? country_find_alpha2(code) : country_find(code);

	if (country)
		return usable_in(p, country);
	if (!region_find(code))
		return false;
	if (p->region_count)
		return named(p->regions, p->region_count, code);
	if (p->op->region_count)
		return named(p->op->regions, p->op->region_count, code);
	return usable_in(p, region_find(code)->country);
}

static bool has_tag(const struct product *p, const struct product_filter *f)
{
	for (size_t i = 0; i < p->tag_count; i++)
		for (size_t k = 0; k < f->tag_count; k++)
			if (str_eq(p->tags[i], f->tags[k]))
				return true;
	return !f->tag_count;
}

static bool has_benefit(const struct product *p, unsigned types)
{
	for (size_t i = 0; i < p->benefit_count; i++)
		if (types >> p->benefits[i].type & 1)
			return true;
	return !types;
}

static bool passes(const struct product *p, const struct product_filter *f)
{
	return (f->list == CATALOG_ALL_LISTS || product_price(p, f->list)) && (!f->type || p->type == f->type) &&
	       (!f->service_id || p->service->id == f->service_id) &&
	       (!f->subservice_id || (p->subservice && p->subservice->id == f->subservice_id)) &&
	       (!f->operator_id || p->op->id == f->operator_id) &&
	       (!f->country.p || str_is(f->country, p->op->country->iso)) &&
	       (!f->region.p || in_region(p, f->region)) && has_tag(p, f) && has_benefit(p, f->benefit_types);
}

static int compare_by(const struct product *x, const struct product *y, const struct sort *sort)
{
	for (size_t i = 0; i < sort->count; i++) {
		int64_t order = sort->keys[i].key == SORT_NAME ? str_cmp(x->name, y->name)
				: sort->keys[i].key == SORT_ID ? x->id - y->id
							       : x->destination.min - y->destination.min;

		if (order)
			return (order < 0) != sort->keys[i].descending ? -1 : 1;
	}
	return x->id < y->id ? -1 : x->id > y->id;
}

static int compare_sorted(const void *a, const void *b, void *sort)
{
	return compare_by(*(const struct product *const *)a, *(const struct product *const *)b, sort);
}

static void pick_filter(struct shop *shop, struct product_filter *f, struct str *tags)
{
	static const char *const sorts[] = {
		"id",	    "-id",	    "name",	    "-name",	       "amount",
		"-amount",  "name,-amount", "-amount,name", "amount,name,-id", "-name,-amount,-id",
		"name,-id", "-name,id",	    "-id,name"
	};
	static const char *const places[] = { "MEX",	"MX",  "FRA", "US",  "MX-CMX", "US-CA",
					      "FR-IDF", "MXN", "EXX", "GXX", "MX-NOP" };

	*f = (struct product_filter){ .list = below(4) ? shop->lists[below(3)] : CATALOG_ALL_LISTS };
	if (!below(3))
		f->type = (enum product_type)(1 + below(5));
	if (!below(4))
		f->service_id = service_at(below(service_count()))->id;
	if (!below(6))
		f->subservice_id = 11 + (int)below(3);
	if (!below(6))
		f->operator_id = (int64_t)(1 + below(OPERATORS + 1)) * 3;
	if (!below(5))
		f->country = str_of(below(9) ? isos[below(ARRAY_LEN(isos))] : "MXN");
	if (!below(3))
		f->region = str_of(places[below(ARRAY_LEN(places))]);
	if (!below(4))
		f->tag_count = 1 + below(2);
	tags[0] = str_of(words[below(ARRAY_LEN(words))]);
	tags[1] = below(2) ? STR("UNHEARD_OF") : str_of(words[below(ARRAY_LEN(words))]);
	f->tags = tags;
	if (!below(4))
		f->benefit_types = (unsigned)(1 + below(15)) * 2;
	if (below(2))
		check_ok(sort_parse(str_of(sorts[below(ARRAY_LEN(sorts))]), &f->sort));
}

static void filters_as_a_scan_does(void **state)
{
	struct shop *shop = *state;
	size_t matched = 0;

	for (size_t round = 0; round < FILTERS; round++) {
		const struct product *expected[PRODUCTS];
		struct window window = { below(3) * below(60), 1 + below(100) };
		struct product_filter filter;
		struct product_page page;
		struct str tags[2];
		size_t n = 0;

		pick_filter(shop, &filter, tags);
		for (size_t i = 0; i < PRODUCTS; i++)
			if (passes(shop->products[i], &filter))
				expected[n++] = shop->products[i];
		qsort_r(expected, n, sizeof(*expected), compare_sorted, &filter.sort);
		arena_reset(&shop->arena);
		page = catalog_products(shop->c, &shop->arena, &filter, window);
		assert_int_equal(page.total, n);
		assert_int_equal(page.count, window.skip >= n		     ? 0
					     : n - window.skip < window.take ? n - window.skip
									     : window.take);
		for (size_t i = 0; i < page.count; i++)
			assert_int_equal(page.items[i]->id, expected[window.skip + i]->id);
		matched += page.count;
	}
	assert_true(matched > FILTERS); /* the filters were not all too narrow */
}

static void finds_products_by_id(void **state)
{
	struct shop *shop = *state;

	for (size_t i = 0; i < PRODUCTS; i++) {
		struct product *p = shop->products[i];

		assert_ptr_equal(catalog_product(shop->c, CATALOG_ALL_LISTS, p->id), p);
		assert_null(catalog_product(shop->c, CATALOG_ALL_LISTS, p->id + 1));
		assert_ptr_equal(catalog_product(shop->c, shop->lists[2], p->id),
				 product_price(p, shop->lists[2]) ? p : NULL);
	}
}

/* Whether any product passes, for the lists of what has products. */
static bool any(struct shop *shop, struct product_filter filter)
{
	for (size_t i = 0; i < PRODUCTS; i++)
		if (passes(shop->products[i], &filter))
			return true;
	return false;
}

static void lists_operators_that_sell(void **state)
{
	struct shop *shop = *state;

	for (int round = 0; round < 500; round++) {
		struct catalog_filter filter = { .list = below(4) ? shop->lists[below(3)] : CATALOG_ALL_LISTS,
						 .service_id = below(2) ? service_at(below(8))->id : 0,
						 .subservice_id = below(3) ? 0 : 11,
						 .country = below(2) ? str_of(isos[below(7)]) : STR_NONE };
		struct operator_page page = catalog_operators(shop->c, &shop->arena, &filter, (struct window){ 2, 5 });
		size_t total = 0;

		for (int64_t id = 3; id <= OPERATORS * 3; id += 3) {
			if (!any(shop, (struct product_filter){ .list = filter.list,
								.service_id = filter.service_id,
								.subservice_id = filter.subservice_id,
								.country = filter.country,
								.operator_id = id }))
				continue;
			if (total >= 2 && total < 7)
				assert_int_equal(page.items[total - 2]->id, id);
			total++;
		}
		assert_int_equal(page.total, total);
		assert_int_equal(page.count, total < 2 ? 0 : total < 7 ? total - 2 : 5);
		arena_reset(&shop->arena);
	}
}

static void lists_services_and_countries_that_have_products(void **state)
{
	struct shop *shop = *state;
	struct window all = { 0, 1000 };

	for (int list = -1; list < 3; list++) {
		for (size_t i = 0; i < ARRAY_LEN(isos); i++) {
			struct catalog_filter filter = { .list = list, .country = str_of(isos[i]) };
			struct service_page page = catalog_services(shop->c, &shop->arena, &filter, all);
			size_t total = 0;

			for (size_t k = 0; k < service_count(); k++)
				if (any(shop, (struct product_filter){ .list = list,
								       .country = filter.country,
								       .service_id = service_at(k)->id }))
					assert_ptr_equal(page.items[total++], service_at(k));
			assert_int_equal(page.total, total);
			assert_ptr_equal(catalog_country(shop->c, list, filter.country),
					 total ? country_find(filter.country) : NULL);
		}
		for (size_t k = 0; k < service_count(); k++) {
			struct catalog_filter filter = { .list = list, .service_id = service_at(k)->id };
			struct country_page page = catalog_countries(shop->c, &shop->arena, &filter, all);
			size_t total = 0;

			for (size_t i = 0; i < country_count(); i++)
				if (any(shop, (struct product_filter){ .list = list,
								       .service_id = filter.service_id,
								       .country = str_of(country_at(i)->iso) }))
					assert_ptr_equal(page.items[total++], country_at(i));
			assert_int_equal(page.total, total);
			assert_ptr_equal(catalog_service(shop->c, list, filter.service_id),
					 total ? service_at(k) : NULL);
		}
	}
	assert_int_equal(catalog_services(shop->c, &shop->arena, &(struct catalog_filter){ .list = 7 }, all).total, 0);
	assert_null(catalog_country(shop->c, CATALOG_ALL_LISTS, STR("JPN")));
	assert_null(catalog_operator(shop->c, CATALOG_ALL_LISTS, 4));
	assert_int_equal(catalog_benefit_types(shop->c, 0), 0x1e);
}

static void an_empty_catalogue_answers(void **state)
{
	struct shop *shop = *state;
	struct catalog *c = catalog_builder_finish(catalog_builder_new());
	struct product_filter filter = { .list = CATALOG_ALL_LISTS };
	int list = 5;

	assert_int_equal(catalog_products(c, &shop->arena, &filter, (struct window){ 0, 50 }).total, 0);
	check_ok(sort_parse(STR("-name"), &filter.sort));
	filter.region = STR("MX-CMX");
	assert_int_equal(catalog_products(c, &shop->arena, &filter, (struct window){ 0, 50 }).total, 0);
	assert_null(catalog_product(c, CATALOG_ALL_LISTS, 1));
	check_err(catalog_list(c, STR("standard"), &list), ERR_NOT_FOUND);
	assert_int_equal(list, 5);
	assert_int_equal(catalog_benefit_types(c, CATALOG_ALL_LISTS), 0);
	assert_int_equal(catalog_number(c, &shop->arena, CATALOG_ALL_LISTS, STR("65"), (struct window){ 0, 9 }).total,
			 0);
	catalog_hold(c);
	catalog_release(c);
	catalog_release(c);
	catalog_release(NULL);
}

static void reads_sort_lists(void **state)
{
	static const char *const bad[] = { "",	"price",     "name,",	   ",name", "--id",
					   "-", "name,name", "name,-name", "Name",  "id,name,amount,id" };
	struct sort sort = { .count = 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_err(sort_parse(str_of(bad[i]), &sort), ERR_BAD_REQUEST);
	assert_int_equal(sort.count, 77);
	check_ok(sort_parse(STR("-amount,id"), &sort));
	assert_int_equal(sort.count, 2);
	assert_true(sort.keys[0].key == SORT_AMOUNT && sort.keys[0].descending);
	assert_true(sort.keys[1].key == SORT_ID && !sort.keys[1].descending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filters_as_a_scan_does),
		cmocka_unit_test(finds_products_by_id),
		cmocka_unit_test(lists_operators_that_sell),
		cmocka_unit_test(lists_services_and_countries_that_have_products),
		cmocka_unit_test(an_empty_catalogue_answers),
		cmocka_unit_test(reads_sort_lists),
	};

	return cmocka_run_group_tests(tests, make_shop, free_shop);
}

/* Pages of families and skus, forwards and backwards, against a plain list. */
#include "core/catalog_build.h"
#include "core/shop.h"

#include "support/test.h"

enum { FAMILIES = 23, CATEGORIES = 5 };

static const struct price price = { .list = 0 };
static struct operator_ op = { .id = 1, .name = { "Op", 2 } };

static struct str uuid_of(struct arena *a, int64_t id)
{
	return arena_printf(a, "%08d-0000-4000-8000-00000000000a", (int)(id * 7919 % 100000));
}

static void add_category(struct catalog_builder *b, int64_t id, int64_t parent)
{
	struct category *c = ARENA_NEW(catalog_builder_arena(b), struct category);

	*c = (struct category){ .id = id, .name = STR("c"), .parent_id = parent };
	catalog_builder_category(b, c);
}

/* Every family has two products; of every third family none is in the list. */
static struct catalog *build(void)
{
	struct catalog_builder *b = catalog_builder_new();
	struct arena *a = catalog_builder_arena(b);

	op.country = country_find(STR("SGP"));
	catalog_builder_operator(b, &op);
	add_category(b, 1, 3);
	add_category(b, 2, 0);
	add_category(b, 3, 2);
	add_category(b, 4, 5); /* a circle */
	add_category(b, 5, 4);
	for (int64_t id = FAMILIES; id >= 1; id--) {
		struct family *f = ARENA_NEW(a, struct family);

		*f = (struct family){ .id = id,
				      .uuid = uuid_of(a, id),
				      .name = STR("f"),
				      .type = id % 2 ? FAMILY_VOUCHER : FAMILY_ESIM,
				      .category_id = 1 + id % CATEGORIES };
		catalog_builder_family(b, f);
		for (int64_t k = 0; k < 2; k++) {
			struct product *p = ARENA_NEW(a, struct product);
			struct sku *sku = ARENA_NEW(a, struct sku);

			*sku = (struct sku){ .uuid = uuid_of(a, 1000 + id * 2 + k), .family_id = id };
			*p = (struct product){ .id = id * 10 + k,
					       .op = &op,
					       .service = service_find(4),
					       .type = PRODUCT_FIXED_PIN,
					       .prices = &price,
					       .price_count = id % 3 ? 1 : 0,
					       .sku = sku };
			catalog_builder_product(b, p);
		}
	}
	return catalog_builder_finish(b);
}

static void walks_both_ways(void **state)
{
	struct catalog *c = build();
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t most = 1; most <= FAMILIES; most++) {
		const struct shop_filter filter = { .list = 0, .type = FAMILY_VOUCHER };
		struct family_page page = catalog_families(c, &a, &filter, (struct shop_window){ .most = most });
		int64_t expected = 1, last = 0;

		assert_false(page.more_before);
		for (;;) {
			for (size_t i = 0; i < page.count; i++, expected += 2) {
				expected += expected % 3 == 0 ? 2 : 0;
				assert_int_equal(page.items[i]->id, expected);
				last = expected;
			}
			if (!page.more_after)
				break;
			page = catalog_families(c, &a, &filter, (struct shop_window){ .after = last, .most = most });
			assert_true(page.more_before);
		}
		assert_int_equal(last, FAMILIES);
		while (page.more_before) {
			int64_t first = page.items[0]->id;

			page = catalog_families(c, &a, &filter, (struct shop_window){ .before = first, .most = most });
			assert_true(page.more_after && page.count && page.items[page.count - 1]->id < first);
			last = page.items[0]->id;
		}
		assert_int_equal(most < 8 ? last : 1, 1);
	}
	arena_done(&a);
	catalog_release(c);
}

static void finds_by_uuid_within_the_list(void **state)
{
	struct catalog *c = build();
	struct arena a;

	(void)state;
	arena_init(&a);
	for (int64_t id = 1; id <= FAMILIES; id++) {
		const struct family *f = catalog_family_by_uuid(c, 0, uuid_of(&a, id));
		const struct product *p = catalog_sku_by_uuid(c, CATALOG_ALL_LISTS, uuid_of(&a, 1000 + id * 2));

		assert_true(id % 3 ? f && f->id == id && f->product_count == 2 : !f);
		assert_true(p && p->id == id * 10 && p->sku->family->id == id);
	}
	assert_null(catalog_sku_by_uuid(c, CATALOG_ALL_LISTS, STR("no")));
	assert_non_null(catalog_family_by_uuid(c, 0, arena_printf(&a, "%08d-0000-4000-8000-00000000000A", 7919)));
	arena_done(&a);
	catalog_release(c);
}

static void puts_parents_first(void **state)
{
	struct catalog *c = build();
	size_t n;
	const struct category *const *categories = catalog_categories(c, &n);

	(void)state;
	assert_int_equal(n, CATEGORIES);
	for (size_t i = 0; i < n; i++) {
		bool seen = !categories[i]->parent;

		for (size_t k = 0; k < i; k++)
			seen |= categories[i]->parent == categories[k];
		assert_true(seen);
	}
	assert_int_equal(categories[n - 1]->id, 1);
	catalog_release(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_both_ways),
		cmocka_unit_test(finds_by_uuid_within_the_list),
		cmocka_unit_test(puts_parents_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

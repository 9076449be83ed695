#include "api/fragments.h"

#include "core/catalog_build.h"
#include "support/test.h"

static struct catalog *make_catalog(void)
{
	return catalog_builder_finish(catalog_builder_new());
}

static struct fragment_key key(int64_t id)
{
	return (struct fragment_key){ id, 1, 2 };
}

static void test_find(void **state)
{
	struct catalog *c = make_catalog();
	struct fragments *f = fragments_new(1000);

	(void)state;
	assert_null(fragments_find(f, c, key(1)).p);
	fragments_add(f, c, key(1), STR("one"));
	fragments_add(f, c, key(1), STR("not this"));
	fragments_add(f, c, (struct fragment_key){ 1, 1, 3 }, STR("une"));
	fragments_add(f, c, (struct fragment_key){ 1, 2, 2 }, STR("dear"));
	fragments_add(f, c, (struct fragment_key){ 1, 1, 2, 1 }, STR("promoted"));
	check_str(fragments_find(f, c, key(1)), "one");
	check_str(fragments_find(f, c, (struct fragment_key){ 1, 1, 3 }), "une");
	check_str(fragments_find(f, c, (struct fragment_key){ 1, 2, 2 }), "dear");
	check_str(fragments_find(f, c, (struct fragment_key){ 1, 1, 2, 1 }), "promoted");
	assert_null(fragments_find(f, c, key(2)).p);
	fragments_free(f);
	catalog_release(c);
}

/* What was rendered of one snapshot is never shown of another, and the old one is let go. */
static void test_other_snapshot(void **state)
{
	struct catalog *old = make_catalog(), *new = make_catalog();
	struct fragments *f = fragments_new(1000);

	(void)state;
	fragments_add(f, old, key(1), STR("old"));
	catalog_release(old);
	assert_null(fragments_find(f, new, key(1)).p);
	fragments_add(f, new, key(2), STR("new"));
	assert_null(fragments_find(f, new, key(1)).p);
	check_str(fragments_find(f, new, key(2)), "new");
	fragments_free(f);
	catalog_release(new);
}

static void test_many(void **state)
{
	struct catalog *c = make_catalog();
	struct fragments *f = fragments_new(1024 * 1024);
	char text[32];

	(void)state;
	for (int64_t id = 1; id <= 5000; id++) {
		int n = snprintf(text, sizeof(text), "%d", (int)id);

		fragments_add(f, c, key(id), (struct str){ text, (size_t)n });
	}
	for (int64_t id = 1; id <= 5000; id++) {
		(void)snprintf(text, sizeof(text), "%d", (int)id);
		check_str(fragments_find(f, c, key(id)), text);
	}
	fragments_free(f);
	catalog_release(c);
}

static void test_bound(void **state)
{
	struct catalog *c = make_catalog();
	struct fragments *f = fragments_new(10);

	(void)state;
	fragments_add(f, c, key(1), STR("12345"));
	fragments_add(f, c, key(2), STR("67890"));
	check_str(fragments_find(f, c, key(1)), "12345");
	/* Past the bound it starts again. */
	fragments_add(f, c, key(3), STR("a"));
	assert_null(fragments_find(f, c, key(1)).p);
	check_str(fragments_find(f, c, key(3)), "a");
	/* What could never fit is not kept, and drives nothing out. */
	fragments_add(f, c, key(4), STR("12345678901"));
	assert_null(fragments_find(f, c, key(4)).p);
	check_str(fragments_find(f, c, key(3)), "a");
	fragments_free(f);
	catalog_release(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_other_snapshot),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "service/product_keys.h"

#include "support/test.h"

static struct product_key key(int64_t i)
{
	return (struct product_key){ i % 500 + 1, i / 500 };
}

/* More than a block and more than the first table of slots; ids and batches that differ in one alone. */
static void each_version_has_one_number(void **state)
{
	enum { KEYS = 10000 };
	struct product_keys *keys = product_keys_new();

	(void)state;
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < KEYS; i++)
			assert_int_equal(product_keys_add(keys, key(i)), i);
	assert_int_equal(product_keys_count(keys), KEYS);
	for (uint32_t i = 0; i < KEYS; i++) {
		struct product_key found = product_keys_at(keys, i);

		assert_int_equal(found.id, key(i).id);
		assert_int_equal(found.batch, key(i).batch);
	}
	product_keys_free(keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_version_has_one_number) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

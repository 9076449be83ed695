/* The vectors were made with openssl and cross-checked with Python. */
#include "api/s2s/sign.h"

#include "support/test.h"

static const char secret[] = "whsec_demo_partner_secret_01", sku[] = "019bc0dd-8562-7173-afd9-a5cc534fafb7";

static void signs_the_vectors(void **state)
{
	static const char long_secret[] =
		"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
	static const struct {
		const char *secret, *timestamp, *second, *third, *signature;
	} rows[] = {
		{ secret, "1768478058", sku, "ORD-12345",
		  "4cd515f30580b9a729b9829cebb79bea9e8a5d9c239105ea0fdefea4c6b428c4" },
		{ secret, "1768478058", "8944422711108338982", "topup-12345",
		  "ecf97169b83e793d25cc6524d23e39e3da5b92659e8e9a98ba28f1a2bf665c82" },
		{ secret, "1768481903", "order.status_changed", "550e8400-e29b-41d4-a716-446655440000",
		  "4e2145cadc46c1c34302d405310bfa0fd225d6f24a7c1ba2dcfe726d23ef3309" },
		{ secret, "1768478058", sku, "Заказ-№7/ä",
		  "7dcb40db55ae0a68545e1391e677d936ab6fd1acc57b2ce3235e157f350ddba8" },
		{ long_secret, "1768478058", sku, "ORD-12345",
		  "27097a597be9110504ec7e62e0701470719adb8d717ea0ea3ff2aad065cdcba6" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(str_of(long_secret).n, 80);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_str(s2s_signature(&a, str_of(rows[i].secret), str_of(rows[i].timestamp), str_of(rows[i].second),
					str_of(rows[i].third)),
			  rows[i].signature);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(signs_the_vectors) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Products as they are shown, key by key. */
#include "api/dvs/product.h"

#include "dvs_shop.h"

static const int64_t now_us = INT64_C(1767323045678901); /* 2026-01-02T03:04:05.678901Z */

static void check_product(int64_t id, const char *language, const char *expected)
{
	struct shop shop;
	struct buf buf;
	struct json_writer w;

	shop_open(&shop);
	const struct product *p = catalog_product(shop.catalog, shop.list, id);
	assert_non_null(p);
	buf_init(&buf, 64 * 1024);
	json_writer_init(&w, &buf);
	dvs_put_product(&w, NULL, p, product_price(p, shop.list), now_us, locale_find(str_of(language)));
	check_ok(json_finish(&w));
	check_str(buf_view(&buf), expected);
	buf_done(&buf);
	shop_close(&shop);
}

static void test_fixed_recharge(void **state)
{
	(void)state;
	check_product(SHOP_TOP_UP, "en",
		      "{\"id\":1310,\"name\":\"5 SGD\",\"description\":\"\",\"tags\":[\"AIRTIME\"],"
		      "\"service\":{\"id\":1,\"name\":\"Mobile\",\"subservice\":{\"id\":11,"
		      "\"name\":\"Airtime\"}},\"operator\":{\"id\":5,\"name\":\"Op\",\"country\":{"
		      "\"name\":\"Singapore\",\"iso_code\":\"SGP\",\"regions\":null},\"regions\":null},"
		      "\"regions\":null,\"type\":\"FIXED_VALUE_RECHARGE\",\"validity\":null,"
		      "\"required_debit_party_identifier_fields\":null,"
		      "\"required_credit_party_identifier_fields\":[[\"mobile_number\"]],"
		      "\"required_sender_fields\":null,\"required_beneficiary_fields\":null,"
		      "\"required_statement_identifier_fields\":null,"
		      "\"required_additional_identifier_fields\":null,\"availability_zones\":["
		      "\"INTERNATIONAL\"],\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3.6},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3},\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3.6,\"fee\":0},\"retail\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":4,\"fee\":0}},\"rates\":{\"base\":0.833333333333333,"
		      "\"wholesale\":0.833333333333333,\"retail\":0.75},\"benefits\":[{\"type\":\"CREDITS\","
		      "\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":{\"base\":3,"
		      "\"promotion_bonus\":0,\"total_excluding_tax\":3,\"total_including_tax\":3},"
		      "\"additional_information\":null}],\"promotions\":null}");
}

static void test_ranged_recharge(void **state)
{
	(void)state;
	check_product(SHOP_RANGED, "en",
		      "{\"id\":1401,\"name\":\"80-800 BDT\",\"description\":\"\",\"tags\":null,\"service\":{"
		      "\"id\":1,\"name\":\"Mobile\",\"subservice\":{\"id\":11,\"name\":\"Airtime\"}},"
		      "\"operator\":{\"id\":6,\"name\":\"Bangla\",\"country\":{\"name\":\"Bangladesh\","
		      "\"iso_code\":\"BGD\",\"regions\":null},\"regions\":null},\"regions\":null,"
		      "\"type\":\"RANGED_VALUE_RECHARGE\",\"validity\":{\"unit\":\"DAY\",\"quantity\":30},"
		      "\"required_debit_party_identifier_fields\":null,"
		      "\"required_credit_party_identifier_fields\":[[\"mobile_number\"],[\"account_number\","
		      "\"account_qualifier\"]],\"required_sender_fields\":[[\"last_name\","
		      "\"nationality_country_iso_code\"]],\"required_beneficiary_fields\":null,"
		      "\"required_statement_identifier_fields\":null,"
		      "\"required_additional_identifier_fields\":null,\"availability_zones\":["
		      "\"INTERNATIONAL\"],\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":{"
		      "\"min\":1,\"max\":10}},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"BDT\","
		      "\"amount\":{\"min\":80,\"max\":800,\"increment\":10}},\"prices\":{\"wholesale\":{"
		      "\"unit_type\":\"CURRENCY\",\"unit\":\"EUR\",\"amount\":{\"min\":0.96,\"max\":9.6},"
		      "\"fee\":0},\"retail\":null},\"rates\":{\"base\":80,\"wholesale\":83.3333333333333,"
		      "\"retail\":null},\"benefits\":[{\"type\":\"TALKTIME\",\"unit_type\":\"TIME\","
		      "\"unit\":\"MINUTES\",\"amount\":{\"base\":{\"min\":16,\"max\":160},\"promotion_bonus\":{"
		      "\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":16,\"max\":160},"
		      "\"total_including_tax\":{\"min\":16,\"max\":160}},"
		      "\"additional_information\":\"Off-peak\"}],\"promotions\":null,"
		      "\"accepted_calculation_modes\":[\"SOURCE_AMOUNT\",\"DESTINATION_AMOUNT\"]}");
}

static void test_pin(void **state)
{
	(void)state;
	check_product(SHOP_VOUCHER, "en",
		      "{\"id\":1502,\"name\":\"Game Card 10\",\"description\":\"\",\"tags\":null,\"service\":{"
		      "\"id\":4,\"name\":\"Gift Cards\",\"subservice\":{\"id\":42,\"name\":\"Gaming\"}},"
		      "\"operator\":{\"id\":5,\"name\":\"Op\",\"country\":{\"name\":\"Singapore\","
		      "\"iso_code\":\"SGP\",\"regions\":null},\"regions\":null},\"regions\":null,"
		      "\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"validity\":null,"
		      "\"required_debit_party_identifier_fields\":null,"
		      "\"required_credit_party_identifier_fields\":null,\"required_sender_fields\":null,"
		      "\"required_beneficiary_fields\":null,\"required_statement_identifier_fields\":null,"
		      "\"required_additional_identifier_fields\":null,\"availability_zones\":["
		      "\"INTERNATIONAL\"],\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":10},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":10},\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":9.5,\"fee\":0.25},\"retail\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":0,\"fee\":0}},\"rates\":{\"base\":1,\"wholesale\":1.05263157894737,"
		      "\"retail\":-1},\"benefits\":null,\"promotions\":null,\"pin\":{\"usage_info\":["
		      "\"Open the shop\",\"Enter the code\"],\"validity\":{\"unit\":\"MONTH\",\"quantity\":-1},"
		      "\"terms\":\"# Terms\"}}");
}

static void test_payment(void **state)
{
	(void)state;
	check_product(SHOP_BILL, "en",
		      "{\"id\":1603,\"name\":\"Power bill\",\"description\":\"\",\"tags\":null,\"service\":{"
		      "\"id\":10,\"name\":\"Finance\",\"subservice\":null},\"operator\":{\"id\":5,"
		      "\"name\":\"Op\",\"country\":{\"name\":\"Singapore\",\"iso_code\":\"SGP\","
		      "\"regions\":null},\"regions\":null},\"regions\":[{\"name\":\"Ciudad de México\","
		      "\"code\":\"MX-CMX\"}],\"type\":\"RANGED_VALUE_PAYMENT\",\"validity\":null,"
		      "\"required_debit_party_identifier_fields\":null,"
		      "\"required_credit_party_identifier_fields\":null,\"required_sender_fields\":null,"
		      "\"required_beneficiary_fields\":null,\"required_statement_identifier_fields\":null,"
		      "\"required_additional_identifier_fields\":null,\"availability_zones\":["
		      "\"INTERNATIONAL\"],\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":{"
		      "\"min\":1,\"max\":500}},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":{\"min\":1,\"max\":500,\"increment\":0.01}},\"prices\":{\"wholesale\":{"
		      "\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":500},"
		      "\"fee\":1},\"retail\":null},\"rates\":{\"base\":1,\"wholesale\":1,\"retail\":null},"
		      "\"benefits\":null,\"promotions\":null,\"accepted_calculation_modes\":["
		      "\"DESTINATION_AMOUNT\"],\"payment\":{\"modes\":[\"PARTIAL\",\"PAST_DUE\"],"
		      "\"posting_period\":{\"unit\":\"DAY\",\"quantity\":2,\"type\":\"BUSINESS\"},"
		      "\"supports_statement_inquiry\":true,\"required_inquiry_fields\":[[\"account_number\"]],"
		      "\"notes\":[\"Posted at noon\"]}}");
}

static void test_language(void **state)
{
	(void)state;
	check_product(SHOP_TOP_UP, "fr",
		      "{\"id\":1310,\"name\":\"5 SGD de crédit\",\"description\":\"\",\"tags\":[\"AIRTIME\"],"
		      "\"service\":{\"id\":1,\"name\":\"Mobile\",\"subservice\":{\"id\":11,"
		      "\"name\":\"Airtime\"}},\"operator\":{\"id\":5,\"name\":\"Op\",\"country\":{"
		      "\"name\":\"Singapour\",\"iso_code\":\"SGP\",\"regions\":null},\"regions\":null},"
		      "\"regions\":null,\"type\":\"FIXED_VALUE_RECHARGE\",\"validity\":null,"
		      "\"required_debit_party_identifier_fields\":null,"
		      "\"required_credit_party_identifier_fields\":[[\"mobile_number\"]],"
		      "\"required_sender_fields\":null,\"required_beneficiary_fields\":null,"
		      "\"required_statement_identifier_fields\":null,"
		      "\"required_additional_identifier_fields\":null,\"availability_zones\":["
		      "\"INTERNATIONAL\"],\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3.6},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3},\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":3.6,\"fee\":0},\"retail\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
		      "\"amount\":4,\"fee\":0}},\"rates\":{\"base\":0.833333333333333,"
		      "\"wholesale\":0.833333333333333,\"retail\":0.75},\"benefits\":[{\"type\":\"CREDITS\","
		      "\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":{\"base\":3,"
		      "\"promotion_bonus\":0,\"total_excluding_tax\":3,\"total_including_tax\":3},"
		      "\"additional_information\":null}],\"promotions\":null}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fixed_recharge),
		cmocka_unit_test(test_ranged_recharge),
		cmocka_unit_test(test_pin),
		cmocka_unit_test(test_payment),
		cmocka_unit_test(test_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

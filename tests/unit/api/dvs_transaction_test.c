/* Transactions as they are shown: which keys are left out, which are null, and what is exact. */

#include "api/dvs/transaction.h"

#include "dvs_shop.h"

static const int64_t created_us = INT64_C(1767323045678901); /* 2026-01-02T03:04:05.678901Z */

struct scene {
	struct shop shop;
	struct arena arena;
	struct keys keys;
	struct unit_ unit;
	struct order_view view;
};

static void scene_open(struct scene *s, int64_t product_id)
{
	*s = (struct scene){ .keys = { .key_id = 1 } };
	shop_open(&s->shop);
	arena_init(&s->arena);
	const struct product *p = catalog_product(s->shop.catalog, s->shop.list, product_id);
	assert_non_null(p);
	const struct price *price = product_price(p, s->shop.list);
	s->unit = (struct unit_){ .order_id = 2237512891, .no = 1, .state = UNIT_WAITING };
	s->view = (struct order_view){ .units = &s->unit, .unit_count = 1, .product = p };
	s->view.order = (struct order){ .id = 2237512891,
					.partner_id = 5,
					.dialect = DIALECT_DVS,
					.ext_key = order_ext_key(&s->arena, 5, DIALECT_DVS, STR("order-1")),
					.state = ORDER_CREATED,
					.product_id = product_id,
					.product_batch = 1,
					.price_list = STR("standard"),
					.quantity = 1,
					.currency = price->wholesale.cur.number,
					.amount = price->wholesale.max,
					.fee = price->wholesale_fee,
					.retail_currency = price->retail.cur.number,
					.retail_amount = price->retail.max,
					.retail_fee = price->retail_fee,
					.created_at = created_us,
					.expires_at = created_us + INT64_C(3600000000) };
}

static void scene_close(struct scene *s)
{
	arena_done(&s->arena);
	shop_close(&s->shop);
}

static void scene_check(struct scene *s, const char *expected)
{
	struct str body;

	check_ok(dvs_callback_body(&s->arena, &s->keys, &s->view, &body));
	check_str(body, expected);
}

static void scene_deliver(struct scene *s, struct str delivery)
{
	struct str label = unit_seal_label(&s->arena, s->unit.order_id, s->unit.no);

	s->unit.state = UNIT_DELIVERED;
	s->unit.delivery = crypto_seal(&s->keys, &s->arena, label, delivery);
	s->view.order.state = ORDER_COMPLETED;
	s->view.order.confirmed_at = created_us + 200000;
	s->view.order.completed_at = created_us + 3200000;
}

static void test_created(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, SHOP_TOP_UP);
	s.view.parties = STR("{\"credit_party_identifier\":{ \"mobile_number\":\"+6595123100\"}}");
	scene_check(&s, "{\"id\":2237512891,\"external_id\":\"order-1\","
			"\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
			"\"confirmation_expiration_date\":\"2026-01-02T04:04:05.678901000Z\",\"status\":{"
			"\"id\":10000,\"message\":\"CREATED\",\"class\":{\"id\":1,\"message\":\"CREATED\"}},"
			"\"product\":{\"id\":1310,\"name\":\"5 SGD\",\"description\":\"\","
			"\"type\":\"FIXED_VALUE_RECHARGE\",\"tags\":[\"AIRTIME\"],\"service\":{\"id\":1,"
			"\"name\":\"Mobile\",\"subservice\":{\"id\":11,\"name\":\"Airtime\"}},\"operator\":{"
			"\"id\":5,\"name\":\"Op\",\"country\":{\"name\":\"Singapore\",\"iso_code\":\"SGP\","
			"\"regions\":null},\"regions\":null},\"regions\":null},\"prices\":{\"wholesale\":{"
			"\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":3.6,\"fee\":0},\"retail\":{"
			"\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":4,\"fee\":0}},\"rates\":{"
			"\"base\":0.833333333333333,\"wholesale\":0.833333333333333,\"retail\":0.75},"
			"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
			"\"additional_information\":null,\"amount\":{\"base\":3,\"promotion_bonus\":0,"
			"\"total_excluding_tax\":3,\"total_including_tax\":3}}],\"promotions\":null,"
			"\"credit_party_identifier\":{ \"mobile_number\":\"+6595123100\"}}");
	scene_close(&s);
}

static void test_declined_with_callback(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, SHOP_TOP_UP);
	s.view.order.state = ORDER_DECLINED;
	s.view.order.reason = REASON_CREDIT_PARTY_INVALID;
	s.view.order.confirmed_at = created_us + 200000;
	s.view.order.callback_url = STR("https://shop.example/dvs");
	s.unit.operator_reference = STR("OPR-7");
	scene_check(&s, "{\"id\":2237512891,\"external_id\":\"order-1\","
			"\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
			"\"confirmation_expiration_date\":\"2026-01-02T04:04:05.678901000Z\","
			"\"confirmation_date\":\"2026-01-02T03:04:05.878901000Z\",\"status\":{\"id\":90200,"
			"\"message\":\"DECLINED-INVALID-CREDIT-PARTY\",\"class\":{\"id\":9,"
			"\"message\":\"DECLINED\"}},\"operator_reference\":\"OPR-7\",\"product\":{\"id\":1310,"
			"\"name\":\"5 SGD\",\"description\":\"\",\"type\":\"FIXED_VALUE_RECHARGE\",\"tags\":["
			"\"AIRTIME\"],\"service\":{\"id\":1,\"name\":\"Mobile\",\"subservice\":{\"id\":11,"
			"\"name\":\"Airtime\"}},\"operator\":{\"id\":5,\"name\":\"Op\",\"country\":{"
			"\"name\":\"Singapore\",\"iso_code\":\"SGP\",\"regions\":null},\"regions\":null},"
			"\"regions\":null},\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\","
			"\"unit\":\"USD\",\"amount\":3.6,\"fee\":0},\"retail\":{\"unit_type\":\"CURRENCY\","
			"\"unit\":\"USD\",\"amount\":4,\"fee\":0}},\"rates\":{\"base\":0.833333333333333,"
			"\"wholesale\":0.833333333333333,\"retail\":0.75},\"benefits\":[{\"type\":\"CREDITS\","
			"\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"additional_information\":null,\"amount\":{"
			"\"base\":3,\"promotion_bonus\":0,\"total_excluding_tax\":3,\"total_including_tax\":3}}],"
			"\"promotions\":null,\"callback_url\":\"https://shop.example/dvs\"}");
	scene_close(&s);
}

/* SOURCE 2.55 USD of the worked example: 204 BDT asked, 200 given, for 2.4 EUR; the benefit is its share of the range.
 */
static void test_ranged(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, SHOP_RANGED);
	s.view.order.calculation_mode = CALCULATION_SOURCE;
	s.view.order.requested_source = 2550000;
	s.view.order.requested_destination = 204 * UNIT;
	s.view.order.adjusted_source = 2500000;
	s.view.order.adjusted_destination = 200 * UNIT;
	s.view.order.amount = 2400000;
	scene_check(&s, "{\"id\":2237512891,\"external_id\":\"order-1\","
			"\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
			"\"confirmation_expiration_date\":\"2026-01-02T04:04:05.678901000Z\",\"status\":{"
			"\"id\":10000,\"message\":\"CREATED\",\"class\":{\"id\":1,\"message\":\"CREATED\"}},"
			"\"product\":{\"id\":1401,\"name\":\"80-800 BDT\",\"description\":\"\","
			"\"type\":\"RANGED_VALUE_RECHARGE\",\"tags\":null,\"service\":{\"id\":1,"
			"\"name\":\"Mobile\",\"subservice\":{\"id\":11,\"name\":\"Airtime\"}},\"operator\":{"
			"\"id\":6,\"name\":\"Bangla\",\"country\":{\"name\":\"Bangladesh\",\"iso_code\":\"BGD\","
			"\"regions\":null},\"regions\":null},\"regions\":null},\"prices\":{\"wholesale\":{"
			"\"unit_type\":\"CURRENCY\",\"unit\":\"EUR\",\"amount\":2.4,\"fee\":0},\"retail\":null},"
			"\"rates\":{\"base\":80,\"wholesale\":83.3333333333333,\"retail\":null},\"benefits\":[{"
			"\"type\":\"TALKTIME\",\"unit_type\":\"TIME\",\"unit\":\"MINUTES\","
			"\"additional_information\":\"Off-peak\",\"amount\":{\"base\":40,\"promotion_bonus\":0,"
			"\"total_excluding_tax\":40,\"total_including_tax\":40}}],\"promotions\":null,"
			"\"requested_values\":{\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
			"\"amount\":2.55},\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"BDT\","
			"\"amount\":204}},\"adjusted_values\":{\"source\":{\"unit_type\":\"CURRENCY\","
			"\"unit\":\"USD\",\"amount\":2.5},\"destination\":{\"unit_type\":\"CURRENCY\","
			"\"unit\":\"BDT\",\"amount\":200}}}");
	scene_close(&s);
}

static void test_pin(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, SHOP_VOUCHER);
	scene_deliver(&s, STR("{\"code\":\"1234-5678\",\"serial\":\"S-9\"}"));
	scene_check(&s, "{\"id\":2237512891,\"external_id\":\"order-1\","
			"\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
			"\"confirmation_expiration_date\":\"2026-01-02T04:04:05.678901000Z\","
			"\"confirmation_date\":\"2026-01-02T03:04:05.878901000Z\",\"status\":{\"id\":70000,"
			"\"message\":\"COMPLETED\",\"class\":{\"id\":7,\"message\":\"COMPLETED\"}},\"pin\":{"
			"\"code\":\"1234-5678\",\"serial\":\"S-9\"},\"product\":{\"id\":1502,"
			"\"name\":\"Game Card 10\",\"description\":\"\",\"type\":\"FIXED_VALUE_PIN_PURCHASE\","
			"\"tags\":null,\"service\":{\"id\":4,\"name\":\"Gift Cards\",\"subservice\":{\"id\":42,"
			"\"name\":\"Gaming\"}},\"operator\":{\"id\":5,\"name\":\"Op\",\"country\":{"
			"\"name\":\"Singapore\",\"iso_code\":\"SGP\",\"regions\":null},\"regions\":null},"
			"\"regions\":null,\"pin\":{\"usage_info\":[\"Open the shop\",\"Enter the code\"],"
			"\"validity\":{\"unit\":\"MONTH\",\"quantity\":-1},\"terms\":\"# Terms\"}},\"prices\":{"
			"\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":9.5,\"fee\":0.25},"
			"\"retail\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":0,\"fee\":0}},"
			"\"rates\":{\"base\":1,\"wholesale\":1.05263157894737,\"retail\":-1},\"benefits\":null,"
			"\"promotions\":null}");
	/* Only while it is completed. */
	s.view.order.state = ORDER_REVERSED;
	struct str body;
	check_ok(dvs_callback_body(&s.arena, &s.keys, &s.view, &body));
	assert_null(memmem(body.p, body.n, "1234-5678", 9));
	scene_close(&s);
}

/* A delivery that was sealed for another unit is not shown, and not passed over in silence. */
static void test_wrong_seal(void **state)
{
	struct scene s;
	struct str body;

	(void)state;
	scene_open(&s, SHOP_VOUCHER);
	scene_deliver(&s, STR("{\"code\":\"1234-5678\",\"serial\":null}"));
	s.unit.no = 2;
	check_err(dvs_callback_body(&s.arena, &s.keys, &s.view, &body), ERR_SEALED);
	scene_close(&s);
}

static void test_esim(void **state)
{
	struct scene s;

	(void)state;
	scene_open(&s, SHOP_ESIM);
	scene_deliver(&s, STR("{\"code\":\"LPA:1$smdp.example$ABC\",\"serial\":\"8900000000000000007\"}"));
	scene_check(&s, "{\"id\":2237512891,\"external_id\":\"order-1\","
			"\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
			"\"confirmation_expiration_date\":\"2026-01-02T04:04:05.678901000Z\","
			"\"confirmation_date\":\"2026-01-02T03:04:05.878901000Z\",\"status\":{\"id\":70000,"
			"\"message\":\"COMPLETED\",\"class\":{\"id\":7,\"message\":\"COMPLETED\"}},\"pin\":{"
			"\"code\":\"LPA:1$smdp.example$ABC\",\"serial\":\"8900000000000000007\"},\"product\":{"
			"\"id\":1704,\"name\":\"Europe 1.5 GB\",\"description\":\"\","
			"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"tags\":null,\"service\":{\"id\":13,"
			"\"name\":\"eSIM\",\"subservice\":null},\"operator\":{\"id\":7,\"name\":\"Roam\","
			"\"country\":{\"name\":\"Europe\",\"iso_code\":\"EXX\",\"regions\":null},"
			"\"regions\":null},\"regions\":null,\"pin\":{\"usage_info\":null,\"validity\":null,"
			"\"terms\":null}},\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\","
			"\"amount\":4,\"fee\":0},\"retail\":null},\"rates\":{\"base\":1,\"wholesale\":1,"
			"\"retail\":null},\"benefits\":[{\"type\":\"DATA\",\"unit_type\":\"DATA\","
			"\"unit\":\"GB\",\"additional_information\":null,\"amount\":{\"base\":1.5,"
			"\"promotion_bonus\":0,\"total_excluding_tax\":1.5,\"total_including_tax\":1.5}}],"
			"\"promotions\":null,\"metadata\":{\"type\":\"ESIM\",\"activation_type\":\"DATA_PLAN\","
			"\"balance\":{\"size\":{\"amount\":1500,\"unit\":\"MB\"},\"validity\":{\"quantity\":7,"
			"\"unit\":\"DAY\"},\"country_set\":[\"DEU\",\"FRA\"],\"extended_data_policy\":{"
			"\"type\":\"STANDARD\"}},\"profile\":{\"iccid\":\"8900000000000000007\","
			"\"activation_code\":\"LPA:1$smdp.example$ABC\","
			"\"apple_universal_link\":\"https://esimsetup.apple.com/"
			"esim_qrcode_provisioning?carddata=LPA:1$smdp.example$ABC\","
			"\"android_universal_link\":\"https://esimsetup.android.com/"
			"esim_qrcode_provisioning?carddata=LPA:1$smdp.example$ABC\","
			"\"installation_url\":\"https://esimsetup.apple.com/"
			"esim_qrcode_provisioning?carddata=LPA:1$smdp.example$ABC\"}}}"
			"");
	scene_close(&s);
}

static void test_esim_top_up(void **state)
{
	struct scene s;
	struct str body;

	(void)state;
	scene_open(&s, SHOP_ESIM);
	s.view.order.credit_account = STR("8900000000000000007");
	scene_deliver(&s, STR("{\"code\":null,\"serial\":\"8900000000000000007\"}"));
	check_ok(dvs_callback_body(&s.arena, &s.keys, &s.view, &body));
	assert_non_null(memmem(body.p, body.n, "\"activation_type\":\"TOP_UP\"", 26));
	assert_null(memmem(body.p, body.n, "\"profile\"", 9));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_created),	    cmocka_unit_test(test_declined_with_callback),
		cmocka_unit_test(test_ranged),	    cmocka_unit_test(test_pin),
		cmocka_unit_test(test_wrong_seal),  cmocka_unit_test(test_esim),
		cmocka_unit_test(test_esim_top_up),
	};

	check_ok(crypto_start());
	return cmocka_run_group_tests(tests, NULL, NULL);
}

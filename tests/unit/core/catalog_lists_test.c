/* Numbers, promotions, campaigns, languages and requirements, on a catalogue small enough to be read. */
#include "core/catalog_build.h"

#include "base/buf.h"

#include "support/test.h"

#include <stdlib.h>

struct shop {
	struct catalog *c;
	struct arena arena;
	int standard, small;
};

static struct operator_ ops[] = { { .id = 5, .name = { "SingTel", 7 } },
				  { .id = 6, .name = { "M1", 2 } },
				  { .id = 7, .name = { "Orange", 6 } } };
static struct localized french_text = { .name = { "5 SGD de crédit", 16 } };
static struct localized brazilian_text = { .name = { "Bônus", 6 }, .description = { "Hoje", 4 } };
static struct product products[4];
static struct promotion promotions[3];
static struct campaign campaigns[2];

static void add_product(struct shop *shop, struct catalog_builder *b, size_t i, const struct operator_ *op, bool small)
{
	struct price *prices = ARENA_ARRAY(catalog_builder_arena(b), struct price, 2);

	prices[0].list = shop->standard;
	prices[1].list = shop->small;
	products[i] = (struct product){ .id = 1310 + (int64_t)i,
					.name = STR("5 SGD"),
					.description = STR("Credit"),
					.service = service_find(1),
					.op = op,
					.type = PRODUCT_FIXED_RECHARGE,
					.prices = prices,
					.price_count = small ? 2 : 1 };
	if (!i) {
		products[i].texts = &french_text;
		products[i].text_count = 1;
	}
	catalog_builder_product(b, &products[i]);
}

static void add_promotions(struct catalog_builder *b)
{
	static const int64_t both[] = { 1311, 1310, 1310, 999 }, other[] = { 1312 };

	promotions[0] = (struct promotion){ .id = 20,
					    .title = STR("Twice"),
					    .description = STR("Today"),
					    .start_us = 100,
					    .end_us = 200,
					    .op = &ops[0],
					    .texts = &brazilian_text,
					    .text_count = 1 };
	promotions[1] =
		(struct promotion){ .id = 10, .title = STR("Over"), .start_us = 0, .end_us = 100, .op = &ops[0] };
	promotions[2] =
		(struct promotion){ .id = 30, .title = STR("France"), .start_us = 0, .end_us = 900, .op = &ops[2] };
	campaigns[0] = (struct campaign){ .id = 1, .title = STR("New Year"), .start_us = 100, .end_us = 200 };
	campaigns[1] = (struct campaign){ .id = 2, .title = STR("Easter"), .start_us = 150, .end_us = 200 };
	catalog_builder_promotion(b, &promotions[0], both, ARRAY_LEN(both));
	catalog_builder_promotion(b, &promotions[1], both, ARRAY_LEN(both));
	catalog_builder_promotion(b, &promotions[2], other, ARRAY_LEN(other));
	catalog_builder_campaign(b, &campaigns[0], both, ARRAY_LEN(both));
	catalog_builder_campaign(b, &campaigns[1], other, ARRAY_LEN(other));
}

static int make_shop(void **state)
{
	struct catalog_builder *b = catalog_builder_new();
	struct shop *shop = calloc(1, sizeof(*shop));

	ops[0].country = ops[1].country = country_find(STR("SGP"));
	ops[2].country = country_find(STR("FRA"));
	french_text.locale = locale_find(STR("fr"));
	brazilian_text.locale = locale_find(STR("pt-BR"));
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		catalog_builder_operator(b, &ops[i]);
	check_ok(price_list_number(STR("standard"), &shop->standard));
	check_ok(price_list_number(STR("small"), &shop->small));
	add_product(shop, b, 0, &ops[0], true);
	add_product(shop, b, 1, &ops[0], false);
	add_product(shop, b, 2, &ops[2], false);
	add_product(shop, b, 3, &ops[1], false);
	add_promotions(b);
	check_ok(catalog_builder_prefix(b, STR("65"), &ops[1], false));
	check_ok(catalog_builder_prefix(b, STR("65"), &ops[0], true));
	check_ok(catalog_builder_prefix(b, STR("65"), &ops[2], false));
	check_ok(catalog_builder_prefix(b, STR("65"), &ops[1], false));
	check_ok(catalog_builder_prefix(b, STR("6595"), &ops[0], true));
	check_ok(catalog_builder_prefix(b, STR("659"), &ops[1], true));
	check_err(catalog_builder_prefix(b, STR(""), &ops[1], true), ERR_BAD_REQUEST);
	check_err(catalog_builder_prefix(b, STR("65a"), &ops[1], true), ERR_BAD_REQUEST);
	check_err(catalog_builder_prefix(b, STR("1234567890123456"), &ops[1], true), ERR_BAD_REQUEST);
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

/* Number, price list, and the hits in order; '!' marks a certain one. */
static void check_number(struct shop *shop, int list, const char *digits, const char *expected)
{
	struct number_page page = catalog_number(shop->c, &shop->arena, list, str_of(digits), (struct window){ 0, 10 });
	struct buf text;

	buf_init(&text, 1000);
	for (size_t i = 0; i < page.count; i++)
		buf_printf(&text, "%s%d%s", i ? " " : "", (int)page.items[i].op->id, page.items[i].certain ? "!" : "");
	check_str(buf_view(&text), expected);
	assert_int_equal(page.total, page.count);
	buf_done(&text);
}

static void finds_operators_of_numbers(void **state)
{
	struct shop *shop = *state;
	struct number_page page;

	check_number(shop, CATALOG_ALL_LISTS, "6595123100", "5!");
	check_number(shop, CATALOG_ALL_LISTS, "6591", "6!");
	check_number(shop, CATALOG_ALL_LISTS, "6580", "5! 6 7");
	check_number(shop, CATALOG_ALL_LISTS, "65", "5! 6 7");
	check_number(shop, CATALOG_ALL_LISTS, "6", "");
	check_number(shop, CATALOG_ALL_LISTS, "", "");
	check_number(shop, CATALOG_ALL_LISTS, "33612345678", "");
	check_number(shop, CATALOG_ALL_LISTS, "65x", "5! 6 7");
	check_number(shop, CATALOG_ALL_LISTS, "659512310012345678", "5!");
	check_number(shop, shop->small, "6580", "5!");
	check_number(shop, shop->small, "6591", "");
	page = catalog_number(shop->c, &shop->arena, CATALOG_ALL_LISTS, STR("6580"), (struct window){ 1, 1 });
	assert_int_equal(page.total, 3);
	assert_int_equal(page.count, 1);
	assert_int_equal(page.items[0].op->id, 6);
}

static void shows_promotions_that_are_on(void **state)
{
	struct shop *shop = *state;
	struct window all = { 0, 50 };
	struct catalog_filter filter = { .list = shop->standard, .now_us = 100 };
	struct promotion_page page = catalog_promotions(shop->c, &shop->arena, &filter, all);

	assert_int_equal(page.total, 2);
	assert_int_equal(page.items[0]->id, 20);
	assert_int_equal(page.items[1]->id, 30);
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, (struct window){ 1, 50 }).items[0]->id, 30);
	filter.now_us = 99;
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).items[0]->id, 10);
	filter.now_us = 200;
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).total, 1);
	filter = (struct catalog_filter){ .list = shop->small, .now_us = 100 };
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).total, 1);
	filter = (struct catalog_filter){ .list = shop->standard, .now_us = 100, .country = STR("FRA") };
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).items[0]->id, 30);
	filter = (struct catalog_filter){ .list = shop->standard, .now_us = 100, .operator_id = 5 };
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).total, 1);
	filter = (struct catalog_filter){ .list = shop->standard, .now_us = 100, .product_id = 1312 };
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).items[0]->id, 30);
	filter.product_id = 999;
	assert_int_equal(catalog_promotions(shop->c, &shop->arena, &filter, all).total, 0);
	assert_ptr_equal(catalog_promotion(shop->c, shop->small, 10), &promotions[1]);
	assert_null(catalog_promotion(shop->c, shop->small, 30));
	assert_null(catalog_promotion(shop->c, shop->standard, 31));
}

/* What is rendered of a product is good until one of its promotions begins or ends, and no longer. */
static void moments_pass_with_promotions(void **state)
{
	const struct promotion first = { .start_us = 10, .end_us = 30 }, second = { .start_us = 20, .end_us = 40 };
	const struct promotion *both[] = { &first, &second };
	const struct product p = { .promotions = both, .promotion_count = 2 };
	int before = product_moment(&p, 0);

	(void)state;
	for (int64_t now = 1; now <= 50; now++) {
		bool changed = promotion_is_active(&first, now) != promotion_is_active(&first, now - 1) ||
			       promotion_is_active(&second, now) != promotion_is_active(&second, now - 1);
		int moment = product_moment(&p, now);

		assert_int_equal(moment != before, changed);
		before = moment;
	}
}

static void links_products_and_promotions(void **state)
{
	(void)state;
	assert_int_equal(promotions[0].product_count, 2);
	assert_ptr_equal(promotions[0].products[0], &products[0]);
	assert_ptr_equal(promotions[0].products[1], &products[1]);
	assert_int_equal(products[0].promotion_count, 2);
	assert_int_equal(products[0].promotions[0]->id, 10);
	assert_int_equal(products[0].promotions[1]->id, 20);
	assert_int_equal(products[3].promotion_count, 0);
}

static void shows_campaigns_that_are_on(void **state)
{
	struct shop *shop = *state;
	struct window all = { 0, 50 };
	struct catalog_filter filter = { .list = shop->standard, .now_us = 150 };

	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).total, 2);
	filter.now_us = 149;
	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).total, 1);
	filter = (struct catalog_filter){ .list = shop->small, .now_us = 150 };
	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).items[0]->id, 1);
	filter = (struct catalog_filter){ .list = shop->standard, .now_us = 150, .country = STR("SGP") };
	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).total, 1);
	filter = (struct catalog_filter){ .list = shop->standard, .now_us = 150, .operator_id = 7 };
	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).items[0]->id, 2);
	filter.product_id = 1310; /* of another operator */
	assert_int_equal(catalog_campaigns(shop->c, &shop->arena, &filter, all).total, 0);
	assert_ptr_equal(catalog_campaign(shop->c, shop->standard, 2), &campaigns[1]);
	assert_null(catalog_campaign(shop->c, shop->small, 2));
}

static void negotiates_languages(void **state)
{
	static const struct {
		const char *header, *locale;
	} rows[] = {
		{ NULL, "en" },
		{ "", "en" },
		{ "fr", "fr" },
		{ "FR", "fr" },
		{ "fr-CA, en;q=0.8", "fr" },
		{ "en, fr;q=0.9", "en" },
		{ "en;q=0.5, fr;q=0.9", "fr" },
		{ "en;q=0.5,fr ; q=0.501", "fr" },
		{ "de, fr;q=0.1", "fr" },
		{ "de", "en" },
		{ "pt", "pt-BR" },
		{ "pt-PT", "pt-BR" },
		{ "pt-br", "pt-BR" },
		{ "p", "en" },
		{ "fr;q=0", "en" },
		{ "fr;q=0, pt;q=0.001", "pt-BR" },
		{ "*", "en" },
		{ "*;q=0.5, fr;q=0.4", "en" },
		{ "de, *;q=0.5, fr;q=0.6", "fr" },
		{ "fr;q=nonsense, pt", "pt-BR" },
		{ "fr;q=1.5", "en" },
		{ "fr;q=1.000", "fr" },
		{ "fr;q=0.0001", "en" },
		{ ",,;;,=", "en" },
		{ "-, --, fr--", "fr" },
	};
	struct shop *shop = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_str(locale_code(catalog_locale(shop->c, str_of(rows[i].header))), rows[i].locale);
}

static void translates_with_fallback(void **state)
{
	struct str description = STR_NONE;

	(void)state;
	check_str(product_name(&products[0], locale_find(STR("fr")), &description), "5 SGD de crédit");
	check_str(description, "Credit");
	check_str(product_name(&products[0], locale_find(STR("es")), &description), "5 SGD");
	check_str(product_name(&products[1], locale_find(STR("fr")), NULL), "5 SGD");
	check_str(promotion_title(&promotions[0], locale_find(STR("pt-BR")), &description), "Bônus");
	check_str(description, "Hoje");
	check_str(promotion_title(&promotions[0], LOCALE_DEFAULT, &description), "Twice");
	check_str(description, "Today");
}

static void weighs_requirements(void **state)
{
	struct requirement either = { { FIELD_MOBILE_NUMBER, FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER }, 2 };
	struct requirement nothing = { 0 };

	(void)state;
	assert_true(requirement_met(&nothing, 0));
	assert_true(requirement_met(&either, FIELD_MOBILE_NUMBER | FIELD_EMAIL));
	assert_true(requirement_met(&either, FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER));
	assert_false(requirement_met(&either, FIELD_ACCOUNT_NUMBER));
	assert_false(requirement_met(&either, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_operators_of_numbers),	cmocka_unit_test(shows_promotions_that_are_on),
		cmocka_unit_test(moments_pass_with_promotions), cmocka_unit_test(links_products_and_promotions),
		cmocka_unit_test(shows_campaigns_that_are_on),	cmocka_unit_test(negotiates_languages),
		cmocka_unit_test(translates_with_fallback),	cmocka_unit_test(weighs_requirements),
	};

	return cmocka_run_group_tests(tests, make_shop, free_shop);
}

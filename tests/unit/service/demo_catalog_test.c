/* The demo catalogue: it imports without a complaint, has something of everything, and what the documentation names. */
#include "service/demo_catalog.h"

#include "support/store.h"
#include "support/test.h"

#include <stdlib.h>

/* Fewer than by default, for the sake of time; everything repeats after a hundred. */
enum { PRODUCTS = 3000 };

struct demo_test {
	struct test_store store;
	struct catalog_import *import;
	struct catalog *c;
	struct arena arena;
	int standard, euro, small;
	uint64_t hash;
};

static enum err feed(void *arg, struct str line)
{
	struct demo_test *t = arg;

	t->hash = t->hash * 31 + str_hash(line);
	catalog_import_feed(t->import, line);
	catalog_import_feed(t->import, STR("\n"));
	return OK;
}

static int make_demo(void **state)
{
	struct demo_test *t = calloc(1, sizeof(*t));
	const struct import_error *error;

	store_open(&t->store);
	t->import = catalog_import_new(NULL);
	check_ok(demo_catalog_write(feed, t, PRODUCTS));
	if (catalog_import_check(t->import) != OK)
		for (size_t i = 0; (error = catalog_import_error(t->import, i, NULL)) && i < 10; i++)
			print_error("line %zu: %s\n", error->line, error->text);
	check_ok(catalog_import_run(t->import, t->store.db, 1, 0, STR("demo")));
	check_ok(db_begin(t->store.db));
	check_ok(catalog_load(t->store.db, &t->c));
	db_rollback(t->store.db);
	check_ok(catalog_list(t->c, STR("standard"), &t->standard));
	check_ok(catalog_list(t->c, STR("euro"), &t->euro));
	check_ok(catalog_list(t->c, STR("small"), &t->small));
	*state = t;
	return 0;
}

static int free_demo(void **state)
{
	struct demo_test *t = *state;

	catalog_import_free(t->import);
	catalog_release(t->c);
	arena_done(&t->arena);
	store_close(&t->store);
	free(t);
	return 0;
}

static size_t count(struct demo_test *t, struct product_filter filter)
{
	return catalog_products(t->c, &t->arena, &filter, (struct window){ 0, 1 }).total;
}

static void has_something_of_everything(void **state)
{
	struct demo_test *t = *state;

	assert_int_equal(count(t, (struct product_filter){ .list = CATALOG_ALL_LISTS }), PRODUCTS);
	for (size_t i = 0; i < service_count(); i++) {
		const struct service *service = service_at(i);

		assert_true(count(t, (struct product_filter){ .list = t->standard, .service_id = service->id }));
		for (size_t k = 0; k < service->subservice_count; k++)
			assert_true(count(t, (struct product_filter){ .list = t->standard,
								      .service_id = service->id,
								      .subservice_id = service->subservices[k].id }));
	}
	for (enum product_type type = PRODUCT_FIXED_RECHARGE; type <= PRODUCT_RANGED_PAYMENT; type++)
		assert_true(count(t, (struct product_filter){ .list = t->euro, .type = type }));
	for (int type = BENEFIT_TALKTIME; type <= BENEFIT_CREDITS; type++)
		assert_true(count(t, (struct product_filter){ .list = t->euro, .benefit_types = 1U << type }));
	assert_true(count(t, (struct product_filter){ .list = t->standard, .country = STR("GXX") }));
	assert_true(count(t, (struct product_filter){ .list = t->standard, .country = STR("EXX") }));
	assert_true(count(t, (struct product_filter){ .list = t->standard, .region = STR("MEX") }) >
		    count(t, (struct product_filter){ .list = t->standard, .country = STR("MEX") }));
	assert_in_range(count(t, (struct product_filter){ .list = t->small }), 6, PRODUCTS / 20);
	assert_in_range(count(t, (struct product_filter){ .list = t->standard }), PRODUCTS / 10 * 9, PRODUCTS - 1);
}

static void has_events_now_but_not_all(void **state)
{
	struct demo_test *t = *state;
	struct catalog_filter now = { .list = t->standard, .now_us = INT64_C(1790000000000000) };
	struct catalog_filter later = { .list = t->standard, .now_us = INT64_C(3800000000000000) };
	struct window all = { 0, 1000 };

	assert_in_range(catalog_promotions(t->c, &t->arena, &now, all).total, 50, 199);
	assert_true(catalog_promotions(t->c, &t->arena, &later, all).total !=
		    catalog_promotions(t->c, &t->arena, &now, all).total);
	assert_in_range(catalog_campaigns(t->c, &t->arena, &now, all).total, 5, 11);
	assert_int_equal(catalog_product(t->c, t->standard, DEMO_IN_STANDARD)->promotion_count, 1);
}

static void sells_five_dollars_in_singapore(void **state)
{
	struct demo_test *t = *state;
	const struct product *p = catalog_product(t->c, t->standard, DEMO_FIXED_RECHARGE);
	struct number_page hits =
		catalog_number(t->c, &t->arena, t->standard, STR("6595123100"), (struct window){ 0, 9 });
	const struct price *price;

	assert_int_equal(hits.total, 1);
	assert_int_equal(hits.items[0].op->id, 5);
	assert_true(hits.items[0].certain);
	assert_non_null(p);
	assert_ptr_equal(p->op, hits.items[0].op);
	check_str(p->name, "5 SGD");
	price = product_price(p, t->standard);
	assert_int_equal(p->source.min, 3600000);
	assert_int_equal(p->destination.max, 3000000);
	check_str(currency_code(p->destination.cur), "USD");
	assert_int_equal(price->wholesale.min, 3600000);
	assert_int_equal(price->retail.min, 4000000);
	assert_int_equal(p->benefits[0].base_min, 3000000);
	check_str(product_name(p, locale_find(STR("fr")), NULL), "5 SGD");
	assert_int_equal(catalog_locale(t->c, STR("fr-CA")), locale_find(STR("fr")));
}

static void sells_the_other_samples(void **state)
{
	struct demo_test *t = *state;
	const struct product *ranged = catalog_product(t->c, t->euro, DEMO_RANGED_RECHARGE);
	const struct product *card = catalog_product(t->c, t->standard, DEMO_GIFT_CARD);
	const struct product *esim = catalog_product(t->c, t->standard, DEMO_ESIM);
	const struct product *bill = catalog_product(t->c, t->standard, DEMO_BILL_PAYMENT);
	const struct price *price = product_price(ranged, t->euro);

	assert_int_equal(ranged->source.max, 10000000);
	assert_int_equal(ranged->destination.min, 80000000);
	assert_int_equal(ranged->destination.increment, 10000000);
	assert_int_equal(price->wholesale.min, 960000);
	assert_int_equal(price->wholesale.max, 9600000);
	check_str(currency_code(price->wholesale.cur), "EUR");
	assert_int_equal(card->type, PRODUCT_FIXED_PIN);
	assert_int_equal(card->credit_party.count + card->sender.count + card->additional.count, 0);
	assert_int_equal(esim->service->id, 13);
	assert_true(bill->payment->supports_statement_inquiry);
	assert_int_equal(catalog_product(t->c, t->standard, DEMO_RANGED_GIFT_CARD)->type, PRODUCT_RANGED_PIN);
	assert_null(catalog_product(t->c, t->euro, DEMO_IN_STANDARD));
}

static void is_the_same_every_time(void **state)
{
	struct demo_test *t = *state;
	uint64_t hash = t->hash;
	struct demo_test again = { .import = catalog_import_new(NULL) };

	check_ok(demo_catalog_write(feed, &again, PRODUCTS));
	assert_true(again.hash == hash);
	catalog_import_free(again.import);
	check_err(demo_catalog_write(feed, &again, DEMO_PRODUCTS_MAX + 1), ERR_TOO_LARGE);
}

static void comes_in_any_size(void **state)
{
	static const size_t sizes[] = { 1, 8, 9, 30, 250 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct demo_test t = { .import = catalog_import_new(NULL) };

		check_ok(demo_catalog_write(feed, &t, sizes[i]));
		check_ok(catalog_import_check(t.import));
		catalog_import_free(t.import);
	}
}

static enum err refuse(void *arg, struct str line)
{
	(void)line;
	++*(int *)arg;
	return ERR_IO;
}

static void stops_when_the_sink_is_full(void **state)
{
	int calls = 0;

	(void)state;
	check_err(demo_catalog_write(refuse, &calls, PRODUCTS), ERR_IO);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_something_of_everything),	   cmocka_unit_test(has_events_now_but_not_all),
		cmocka_unit_test(sells_five_dollars_in_singapore), cmocka_unit_test(sells_the_other_samples),
		cmocka_unit_test(is_the_same_every_time),	   cmocka_unit_test(comes_in_any_size),
		cmocka_unit_test(stops_when_the_sink_is_full),
	};

	return cmocka_run_group_tests(tests, make_demo, free_demo);
}

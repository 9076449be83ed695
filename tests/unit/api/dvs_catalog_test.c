/* Discovery: what each resource answers when there is nothing, and that a price list is all that an account sees. */
#include "api/dvs/catalog.h"

#include "dvs_fixture.h"
#include "dvs_shop.h"

typedef enum err (*step)(struct request *rq);

static enum err ask(struct fixture *f, const struct catalog *catalog, int list, step parse, step answer)
{
	f->rq.catalog = catalog;
	f->rq.list = list;
	check_ok(parse(&f->rq));
	return answer(&f->rq);
}

static const struct {
	step parse, answer;
	enum err none;
} lists[] = {
	{ dvs_services_parse, dvs_services_answer, ERR_SERVICE_NOT_FOUND },
	{ dvs_countries_parse, dvs_countries_answer, ERR_COUNTRY_NOT_FOUND },
	{ dvs_operators_parse, dvs_operators_answer, ERR_OPERATOR_NOT_FOUND },
	{ dvs_benefit_types_parse, dvs_benefit_types_answer, ERR_BENEFITS_NOT_DEFINED },
	{ dvs_products_parse, dvs_products_answer, ERR_PRODUCT_NOT_FOUND },
	{ dvs_promotions_parse, dvs_promotions_answer, ERR_PROMOTION_NOT_FOUND },
	{ dvs_campaigns_parse, dvs_campaigns_answer, ERR_CAMPAIGN_NOT_FOUND },
};

/* Whether the account has no price list at all or one that sells nothing. */
static void test_empty_lists(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct fixture f;

		fixture_init(&f);
		check_err(ask(&f, shop.catalog, LIST_NONE, lists[i].parse, lists[i].answer), lists[i].none);
		f.settings.empty_list_is_200 = true;
		check_ok(ask(&f, shop.catalog, LIST_NONE, lists[i].parse, lists[i].answer));
		assert_int_equal(((const struct discovery *)f.rq.task.command)->total, 0);
		fixture_done(&f);
	}
	shop_close(&shop);
}

static void test_full_lists(void **state)
{
	/* Of the shop: the services 1, 4, 10 and 13; three operators in three countries; three types of benefits. */
	static const int64_t totals[] = { 4, 3, 3, 3, 5 };
	struct shop shop;

	(void)state;
	shop_open(&shop);
	for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
		struct fixture f;

		fixture_init(&f);
		check_ok(ask(&f, shop.catalog, shop.list, lists[i].parse, lists[i].answer));
		assert_int_equal(((const struct discovery *)f.rq.task.command)->total, totals[i]);
		fixture_done(&f);
	}
	shop_close(&shop);
}

static void test_single(void **state)
{
	static const struct {
		step parse, answer;
		const char *known;
		enum err none;
	} singles[] = {
		{ dvs_service_parse, dvs_service_answer, "13", ERR_SERVICE_NOT_FOUND },
		{ dvs_country_parse, dvs_country_answer, "BGD", ERR_COUNTRY_NOT_FOUND },
		{ dvs_operator_parse, dvs_operator_answer, "6", ERR_OPERATOR_NOT_FOUND },
		{ dvs_product_parse, dvs_product_answer, "1310", ERR_PRODUCT_NOT_FOUND },
	};
	struct shop shop;

	(void)state;
	shop_open(&shop);
	for (size_t i = 0; i < ARRAY_LEN(singles); i++) {
		struct fixture f;

		fixture_init(&f);
		f.rq.captures[0] = str_of(singles[i].known);
		check_ok(ask(&f, shop.catalog, shop.list, singles[i].parse, singles[i].answer));
		/* The same, for an account whose list does not have it. */
		check_err(ask(&f, shop.catalog, LIST_NONE, singles[i].parse, singles[i].answer), singles[i].none);
		fixture_done(&f);
	}
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_lists),
		cmocka_unit_test(test_full_lists),
		cmocka_unit_test(test_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

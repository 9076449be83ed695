/* Queries of the lists: what is taken, in all the ways that clients write it, and every rule. */
#include "api/dvs/catalog.h"
#include "api/dvs/transaction.h"

#include "core/catalog_build.h"
#include "dvs_fixture.h"

#include "base/clock.h"

struct row {
	const char *query;
	const char *faults;
};

static void check_rows(enum err (*parse)(struct request *rq), const struct row *rows, size_t count)
{
	struct catalog *catalog = catalog_builder_finish(catalog_builder_new());

	for (size_t i = 0; i < count; i++) {
		struct fixture f;

		fixture_init(&f);
		f.rq.catalog = catalog;
		f.x.query = str_of(rows[i].query);
		enum err e = parse(&f.rq);
		if (f.rq.fault_count == 0 && e)
			request_add_fault(&f.rq, e, STR_NONE);
		check_str(fixture_faults(&f), rows[i].faults);
		fixture_done(&f);
	}
	catalog_release(catalog);
}

#define ID "must be a whole number of at least 1"
#define COUNTRY "must be a country code of three capital letters"
#define REGION "must be an ISO 3166 code of a country or subdivision"
#define TAGS "must be tags of 4 to 16 characters that begin with one of A-Z, 0-9 and _"
#define SORT "must be of id, name, amount, each once, with - before it for descending"
#define TIME "must be a date and time with zone, such as 2026-01-02T03:04:05Z"

static void test_product_rules(void **state)
{
	static const struct row rows[] = {
		{ NULL, "" },
		{ "page=1&per_page=100", "" },
		{ "page=0", "1000400 page: " ID },
		{ "page=abc", "1000400 page: " ID },
		{ "page=", "1000400 page: " ID },
		{ "page", "1000400 page: " ID },
		{ "page=2147483648", "1000400 page: " ID },
		{ "per_page=101", "1000400 per_page: must be a whole number from 1 to 100" },
		{ "per_page=0", "1000400 per_page: must be a whole number from 1 to 100" },
		{ "page=1&page=2", "1000400 page: must not be given twice" },
		{ "unknown=1", "" },
		{ "type=FIXED_VALUE_RECHARGE", "" },
		{ "type=FIXED", "1000400 type: must be one of the product types, such as FIXED_VALUE_RECHARGE" },
		{ "service_id=1&subservice_id=11", "" },
		{ "subservice_id=11", "1000400 service_id: required when subservice_id is set" },
		{ "country_iso_code=MEX", "" },
		{ "country_iso_code=MXN", "" },
		{ "country_iso_code=mex", "1000400 country_iso_code: " COUNTRY },
		{ "country_iso_code=MX", "1000400 country_iso_code: " COUNTRY },
		{ "region=MX&operator_id=5", "" },
		{ "region=MX-CMX", "" },
		{ "region=GB-ENG-AB", "" },
		{ "region=MX-", "1000400 region: " REGION },
		{ "region=MX-CMX-A", "1000400 region: " REGION },
		{ "region=mx", "1000400 region: " REGION },
		{ "tags=AIRTIME,DATA_5G", "" },
		{ "tags=abc", "1000400 tags: " TAGS },
		{ "tags=aIRTIME", "1000400 tags: " TAGS },
		{ "tags=AIRTIME,DATA_5G,AIRTIME", "1000400 tags: must not have an item twice" },
		{ "benefit_types=DATA&benefit_types=DATA", "1000400 benefit_types: must not have an item twice" },
		{ "tags=", "1000400 tags: must have at least one item" },
		{ "benefit_types=TALKTIME,DATA", "" },
		{ "benefit_types=VOICE", "1000400 benefit_types: must be of TALKTIME, DATA, SMS, PAYMENT, CREDITS" },
		{ "sort=-amount,name", "" },
		{ "sort=price", "1000400 sort: " SORT },
		{ "page=0&per_page=0&operator_id=x", "1000400 operator_id: " ID "; 1000400 page: " ID
						     "; 1000400 per_page: must be a whole number from 1 to 100" },
		{ "page=%zz", "1000400 query: must be percent-encoded UTF-8" },
		{ "tags=%00", "1000400 query: must be percent-encoded UTF-8" },
	};

	(void)state;
	check_rows(dvs_products_parse, rows, ARRAY_LEN(rows));
}

/* 4.6 of the interface: one value with commas, brackets, brackets with a number, the name again and again. */
static void test_arrays(void **state)
{
	static const char *const queries[] = {
		"benefit_types=TALKTIME,DATA&tags=AIRTIME,BONUS",
		"benefit_types%5B%5D=TALKTIME&benefit_types%5B%5D=DATA&tags%5B%5D=AIRTIME&tags%5B%5D=BONUS",
		"benefit_types[]=TALKTIME&benefit_types[]=DATA&tags[]=AIRTIME&tags[]=BONUS",
		"benefit_types[0]=TALKTIME&benefit_types[1]=DATA&tags[0]=AIRTIME&tags[1]=BONUS",
		"benefit_types=TALKTIME&benefit_types=DATA&tags=AIRTIME&tags=BONUS",
	};
	struct catalog *catalog = catalog_builder_finish(catalog_builder_new());

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct fixture f;

		fixture_init(&f);
		f.rq.catalog = catalog;
		f.x.query = str_of(queries[i]);
		check_ok(dvs_products_parse(&f.rq));
		const struct discovery *d = f.rq.task.command;
		assert_int_equal(d->products.benefit_types, 1u << BENEFIT_TALKTIME | 1u << BENEFIT_DATA);
		assert_int_equal(d->products.tag_count, 2);
		check_str(d->products.tags[0], "AIRTIME");
		check_str(d->products.tags[1], "BONUS");
		assert_int_equal(d->page, 1);
		assert_int_equal(d->per_page, 50);
		fixture_done(&f);
	}
	catalog_release(catalog);
}

static void test_transaction_rules(void **state)
{
	static const struct row rows[] = {
		{ NULL, "" },
		{ "external_id=order-1&status_id=70000&product_type=RANGED_VALUE_PAYMENT", "" },
		{ "external_id=", "1000400 external_id: must not be blank" },
		{ "status_id=seven", "1000400 status_id: must be a whole number" },
		{ "credit_party_mobile_number=6595123100",
		  "1000400 credit_party_mobile_number: must be a mobile number in E.164 format, such as +6595123100" },
		{ "credit_party_account_number=%20", "1000400 credit_party_account_number: must not be blank" },
		{ "subservice_id=11", "" },
		{ "from_date=2026-01-01T00:00:00Z&to_date=2026-01-02T00:00:00Z", "" },
		{ "from_date=2026-01-01T00:00:00Z&to_date=2026-01-02T00:00:00.000001Z",
		  "1000400 to_date: must be at most 24 hours after from_date" },
		{ "from_date=2026-01-02T00:00:00Z&to_date=2026-01-01T00:00:00Z",
		  "1000400 from_date: must not be after to_date" },
		{ "external_id=a&from_date=2026-01-01T00:00:00Z&to_date=2026-01-03T00:00:00Z",
		  "1000400 to_date: must be at most 24 hours after from_date" },
		{ "from_date=yesterday", "1000400 from_date: " TIME },
		{ "to_date=2026-01-01", "1000400 to_date: " TIME },
	};

	(void)state;
	check_rows(dvs_transactions_parse, rows, ARRAY_LEN(rows));
}

static int64_t at(const char *text)
{
	int64_t us;

	check_ok(clock_parse_rfc3339(str_of(text), false, &us));
	return us;
}

/* A plus sign in a number or a date is a plus sign, however it was sent. */
static void test_plus(void **state)
{
	static const char *const queries[] = {
		"credit_party_mobile_number=+6595123100&from_date=2026-01-01T08:00:00+08:00",
		"credit_party_mobile_number=%2B6595123100&from_date=2026-01-01T08:00:00%2B08:00",
		"credit_party_mobile_number=%206595123100&from_date=2026-01-01T08:00:00%2008:00",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(queries); i++) {
		struct fixture f;

		fixture_init(&f);
		f.x.query = str_of(queries[i]);
		check_ok(dvs_transactions_parse(&f.rq));
		const struct order_list *c = f.rq.task.command;
		check_str(c->credit_party, "+6595123100");
		assert_int_equal(c->from_us, at("2026-01-01T00:00:00Z"));
		/* Of one date the other end is a day away. */
		assert_int_equal(c->to_us, at("2026-01-02T00:00:00Z"));
		fixture_done(&f);
	}
}

static void test_window(void **state)
{
	struct fixture f;

	(void)state;
	/* Of nothing: the last 24 hours. */
	fixture_init(&f);
	check_ok(dvs_transactions_parse(&f.rq));
	const struct order_list *c = f.rq.task.command;
	assert_int_equal(c->from_us, f.rq.now_us - SECONDS_US(86400));
	assert_true(c->to_us >= f.rq.now_us);
	assert_int_equal(c->reasons, 0);
	assert_int_equal(c->states, 0);
	fixture_done(&f);
	/* Of a reference: no limit. */
	fixture_init(&f);
	f.x.query = STR("external_id=order+1&status_id=40000");
	check_ok(dvs_transactions_parse(&f.rq));
	c = f.rq.task.command;
	check_str(c->reference, "order 1");
	assert_int_equal(c->from_us, 0);
	assert_int_equal(c->to_us, 0);
	assert_int_equal(c->states, 1u << ORDER_CANCELLED | 1u << ORDER_EXPIRED);
	fixture_done(&f);
	/* Of a status that nothing has: no order is in that state. */
	fixture_init(&f);
	f.x.query = STR("status_id=0");
	check_ok(dvs_transactions_parse(&f.rq));
	c = f.rq.task.command;
	assert_int_equal(c->states, 1u << ORDER_NEW);
	fixture_done(&f);
}

static void test_balance_rules(void **state)
{
	static const struct row rows[] = {
		{ NULL, "" },
		{ "unit_type=CURRENCY&unit=USD", "" },
		{ "unit_type=TIME", "1000400 unit_type: must be CURRENCY" },
		{ "unit=%20", "1000400 unit: must not be blank" },
		{ "unit=XYZ", "1006009 Account balance not found" },
	};

	(void)state;
	check_rows(dvs_balances_parse, rows, ARRAY_LEN(rows));
}

static void test_path_ids(void **state)
{
	static const struct {
		enum err (*parse)(struct request *rq);
		const char *id;
		enum err expected;
	} cases[] = {
		{ dvs_product_parse, "1310", OK },
		{ dvs_product_parse, "0", ERR_BAD_REQUEST },
		{ dvs_product_parse, "abc", ERR_BAD_REQUEST },
		{ dvs_product_parse, "2147483648", ERR_BAD_REQUEST },
		{ dvs_service_parse, "-1", ERR_BAD_REQUEST },
		{ dvs_operator_parse, "5", OK },
		{ dvs_promotion_parse, "x", ERR_BAD_REQUEST },
		{ dvs_campaign_parse, "1.0", ERR_BAD_REQUEST },
		{ dvs_country_parse, "MEX", OK },
		{ dvs_country_parse, "mex", ERR_BAD_REQUEST },
		{ dvs_transaction_parse, "9007199254740991", OK },
		{ dvs_transaction_parse, "9223372036854775808", ERR_BAD_REQUEST },
		{ dvs_number_path_parse, "+6595123100", OK },
		{ dvs_number_path_parse, "6595123100", ERR_CREDIT_PARTY_INVALID },
	};
	struct catalog *catalog = catalog_builder_finish(catalog_builder_new());

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;

		fixture_init(&f);
		f.rq.catalog = catalog;
		f.rq.captures[0] = str_of(cases[i].id);
		check_err(cases[i].parse(&f.rq), cases[i].expected);
		fixture_done(&f);
	}
	catalog_release(catalog);
}

/* Confirm and cancel want no body, and take what clients send all the same. */
static void test_no_body(void **state)
{
	static const struct {
		const char *body;
		enum err expected;
	} cases[] = { { "", OK },
		      { "{}", OK },
		      { " \r\n", OK },
		      { "{\"a\":1}", OK },
		      { "[]", ERR_BAD_REQUEST },
		      { "{", ERR_BAD_REQUEST } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;

		fixture_init(&f);
		f.rq.captures[0] = STR("77");
		f.x.body = str_of(cases[i].body);
		check_err(dvs_confirm_sync_parse(&f.rq), cases[i].expected);
		assert_true(((const struct order_change *)f.rq.task.command)->hold);
		fixture_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_product_rules),
		cmocka_unit_test(test_arrays),
		cmocka_unit_test(test_transaction_rules),
		cmocka_unit_test(test_plus),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_balance_rules),
		cmocka_unit_test(test_path_ids),
		cmocka_unit_test(test_no_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

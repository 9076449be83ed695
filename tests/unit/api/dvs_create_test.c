/* The body of a create: what is taken, and every rule of every field. */
#include "api/dvs/transaction.h"

#include "dvs_fixture.h"

struct row {
	const char *body;
	const char *faults;
};

/* The least that is right, with room for one more member. */
#define GOOD "\"external_id\":\"order-1\",\"product_id\":1310"
#define E164 "must be a mobile number in E.164 format, such as +6595123100"
#define POSTAL "must be capitals and digits, with spaces and hyphens only between them"
#define COUNTRY "must be a country code of three capital letters"
#define WITH(member) "{" GOOD "," member "}"

static const struct row rows[] = {
	/* not JSON, not an object */
	{ "", "1000400 body: expected a value at byte 0" },
	{ "{", "1000400 body: expected a key at byte 1" },
	{ "[]", "1000400 body: must be an object" },
	{ "null", "1000400 body: must be an object" },
	{ "{\"external_id\":\"a\",\"external_id\":\"b\",\"product_id\":1}",
	  "1000400 body: duplicate key in the object that ends here at byte 52" },
	/* external_id */
	{ "{\"product_id\":1310}", "1000400 external_id: is required" },
	{ "{\"external_id\":null,\"product_id\":1310}", "1000400 external_id: must not be null" },
	{ "{\"external_id\":\"\",\"product_id\":1310}", "1000400 external_id: must have 1 to 40 characters" },
	{ "{\"external_id\":\" \",\"product_id\":1310}", "1000400 external_id: must not be blank" },
	{ "{\"external_id\":7,\"product_id\":1310}", "1000400 external_id: must be a string" },
	{ "{\"external_id\":\"12345678901234567890123456789012345678901\",\"product_id\":1310}",
	  "1000400 external_id: must have 1 to 40 characters" },
	{ "{\"external_id\":\"1234567890123456789012345678901234567890\",\"product_id\":1310}", "" },
	/* product_id */
	{ "{\"external_id\":\"a\"}", "1000400 product_id: is required" },
	{ "{\"external_id\":\"a\",\"product_id\":0}", "1000400 product_id: must be from 1 to 2147483647" },
	{ "{\"external_id\":\"a\",\"product_id\":\"1310\"}", "1000400 product_id: must be an integer" },
	{ "{\"external_id\":\"a\",\"product_id\":1310.0}", "1000400 product_id: must be an integer" },
	{ "{\"external_id\":\"a\",\"product_id\":2147483648}", "1000400 product_id: must be from 1 to 2147483647" },
	{ "{\"external_id\":\"a\",\"product_id\":2147483647}", "" },
	/* several at once */
	{ "{}", "1000400 external_id: is required; 1000400 product_id: is required" },
	/* calculation_mode */
	{ WITH("\"calculation_mode\":\"SOURCE_AMOUNT\""), "" },
	{ WITH("\"calculation_mode\":null"), "" },
	{ WITH("\"calculation_mode\":\"source_amount\""),
	  "1000400 calculation_mode: must be one of SOURCE_AMOUNT, DESTINATION_AMOUNT" },
	/* source and destination */
	{ WITH("\"source\":null,\"destination\":null"), "" },
	{ WITH("\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":2.55}"), "" },
	{ WITH("\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":\"2.55\"}"),
	  "1000400 source.amount: must be a number" },
	{ WITH("\"source\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\"}"), "1000400 source.amount: is required" },
	{ WITH("\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"\",\"amount\":1}"),
	  "1000400 destination.unit: must not be blank" },
	{ WITH("\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":1,\"fee\":1}"),
	  "1000400 destination.fee: is not a known field" },
	{ WITH("\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":0.0000001}"),
	  "1000400 destination.amount: must have at most 6 decimal places" },
	{ WITH("\"source\":2.55"), "1000400 source: must be an object" },
	/* auto_confirm */
	{ WITH("\"auto_confirm\":true"), "" },
	{ WITH("\"auto_confirm\":\"true\""), "1000400 auto_confirm: must be true or false" },
	/* parties */
	{ WITH("\"sender\":null"), "" },
	{ WITH("\"sender\":{}"), "1000400 sender: must have at least one key" },
	{ WITH("\"sender\":[]"), "1000400 sender: must be an object" },
	{ WITH("\"sender\":{\"last_name\":\" \"}"), "1000400 sender.last_name: must not be blank" },
	{ WITH("\"sender\":{\"mobile_number\":\"6595123100\"}"), "1005503 sender.mobile_number: " E164 },
	{ WITH("\"sender\":{\"nationality_country_iso_code\":\"sgp\"}"),
	  "1000400 sender.nationality_country_iso_code: " COUNTRY },
	{ WITH("\"sender\":{\"email\":\"not an address\",\"address_postal_code\":\"SW1A 1-AA\"}"), "" },
	{ WITH("\"sender\":{\"address_postal_code\":\"A\"}"), "1000400 sender.address_postal_code: " POSTAL },
	{ WITH("\"sender\":{\"address_postal_code\":\"sw1a\"}"), "1000400 sender.address_postal_code: " POSTAL },
	{ WITH("\"sender\":{\"address_country_iso_code\":\"SG\"}"),
	  "1000400 sender.address_country_iso_code: " COUNTRY },
	{ WITH("\"beneficiary\":{\"mobile_number\":\"+0595123100\"}"), "1006503 beneficiary.mobile_number: " E164 },
	{ WITH("\"beneficiary\":{}"), "1000400 beneficiary: must have at least one key" },
	{ WITH("\"debit_party_identifier\":{\"mobile_number\":\"+12\"}"),
	  "1006003 debit_party_identifier.mobile_number: " E164 },
	{ WITH("\"debit_party_identifier\":{}"), "1000400 debit_party_identifier: must have at least one key" },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":\"+6595123100\"}"), "" },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":\"6595123100\"}"),
	  "1005003 credit_party_identifier.mobile_number: " E164 },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":\"+659512310x\"}"),
	  "1005003 credit_party_identifier.mobile_number: " E164 },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":\"+1234567890123456\"}"),
	  "1005003 credit_party_identifier.mobile_number: " E164 },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":\"+123456\"}"),
	  "1005003 credit_party_identifier.mobile_number: " E164 },
	{ WITH("\"credit_party_identifier\":{\"mobile_number\":6595123100}"),
	  "1000400 credit_party_identifier.mobile_number: must be a string" },
	{ WITH("\"credit_party_identifier\":{\"account_number\":\" \"}"),
	  "1000400 credit_party_identifier.account_number: must not be blank" },
	{ WITH("\"credit_party_identifier\":{}"), "1000400 credit_party_identifier: must have at least one key" },
	{ WITH("\"statement_identifier\":{\"reference\":\"R1\",\"due_date\":\"2026-02-28\"}"), "" },
	{ WITH("\"statement_identifier\":{\"due_date\":\"2026-02-30\"}"),
	  "1000400 statement_identifier.due_date: must be a date, YYYY-MM-DD" },
	{ WITH("\"statement_identifier\":{\"reference\":\"\"}"),
	  "1000400 statement_identifier.reference: must not be blank" },
	{ WITH("\"statement_identifier\":{}"), "1000400 statement_identifier: must have at least one key" },
	{ WITH("\"additional_identifier\":{\"purchaser_id\":\"abc-DEF-123\"}"), "" },
	{ WITH("\"additional_identifier\":{\"purchaser_id\":\"short-1\"}"),
	  "1000400 additional_identifier.purchaser_id: must be 8 to 36 letters, digits and hyphens" },
	{ WITH("\"additional_identifier\":{\"purchaser_id\":\"under_score\"}"),
	  "1000400 additional_identifier.purchaser_id: must be 8 to 36 letters, digits and hyphens" },
	{ WITH("\"additional_identifier\":{}"), "1000400 additional_identifier: must have at least one key" },
	/* callback_url */
	{ WITH("\"callback_url\":\"https://shop.example/dvs?a=1\""), "" },
	{ WITH("\"callback_url\":null"), "" },
	{ WITH("\"callback_url\":\"shop.example\""), "1000400 callback_url: must be an http or https URL" },
	{ WITH("\"callback_url\":\"ftp://shop.example\""), "1000400 callback_url: must be an http or https URL" },
	{ WITH("\"callback_url\":\"http:///path\""), "1000400 callback_url: must be an http or https URL" },
	{ WITH("\"callback_url\":\"http://a b\""), "1000400 callback_url: must be an http or https URL" },
	/* what we do not know is ignored */
	{ WITH("\"colour\":{\"a\":[1]}"), "" },
	/* the schema's faults stand before those of a number's format */
	{ "{\"external_id\":\"\",\"product_id\":1,\"credit_party_identifier\":{\"mobile_number\":\"1\"},"
	  "\"auto_confirm\":1,\"sender\":{\"mobile_number\":\"2\"}}",
	  "1000400 external_id: must have 1 to 40 characters; 1000400 auto_confirm: must be true or false; 1005503 "
	  "sender.mobile_number: " E164 "; 1005003 credit_party_identifier.mobile_number: " E164 },
};

static void test_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		fixture_init(&f);
		f.x.body = str_of(rows[i].body);
		enum err e = dvs_create_async_parse(&f.rq);
		assert_int_equal(e != OK, f.rq.fault_count > 0);
		if (f.rq.fault_count)
			assert_int_equal(e, f.rq.faults[0].code);
		check_str(fixture_faults(&f), rows[i].faults);
		fixture_done(&f);
	}
}

static void test_command(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.rq.idempotency_key = STR("key-12345");
	f.rq.request_hash = 77;
	f.x.body = STR(
		"{\"external_id\":\"order-1\",\"product_id\":1310,\"calculation_mode\":\"DESTINATION_AMOUNT\","
		"\"destination\":{\"unit_type\":\"CURRENCY\",\"unit\":\"BDT\",\"amount\":205.5},"
		"\"auto_confirm\":true,\"sender\":{ \"last_name\" : \"D\\u00e9\", \"mobile_number\":\"+33123456789\"},"
		"\"credit_party_identifier\":{\"mobile_number\":\"+6595123100\",\"account_number\":\"A1\"},"
		"\"beneficiary\":null,\"statement_identifier\":{\"due_date\":\"2026-02-01\"},"
		"\"callback_url\":\"https://shop.example/dvs\"}");
	check_ok(dvs_create_sync_parse(&f.rq));
	const struct order_place *c = f.rq.task.command;
	assert_int_equal(c->dialect, DIALECT_DVS);
	check_str(c->reference, "order-1");
	check_str(c->price_list, "standard");
	assert_int_equal(c->product_id, 1310);
	assert_int_equal(c->calculation_mode, CALCULATION_DESTINATION);
	assert_false(c->source.set);
	assert_true(c->destination.set);
	check_str(c->destination.unit, "BDT");
	assert_int_equal(c->destination.micros, 205500000);
	assert_true(c->auto_confirm && c->hold);
	check_str(c->credit_party, "+6595123100");
	check_str(c->credit_account, "A1");
	check_str(c->callback_url, "https://shop.example/dvs");
	check_str(c->idempotency_key, "key-12345");
	assert_int_equal(c->idempotency_hash, 77);
	assert_int_equal(c->given.credit, FIELD_MOBILE_NUMBER | FIELD_ACCOUNT_NUMBER);
	assert_int_equal(c->given.sender, FIELD_MOBILE_NUMBER | FIELD_LAST_NAME);
	assert_int_equal(c->given.statement, FIELD_DUE_DATE);
	assert_int_equal(c->given.debit | c->given.beneficiary | c->given.additional, 0);
	check_str(c->parties,
		  "{\"sender\":{ \"last_name\" : \"D\\u00e9\", \"mobile_number\":\"+33123456789\"},"
		  "\"credit_party_identifier\":{\"mobile_number\":\"+6595123100\",\"account_number\":\"A1\"},"
		  "\"statement_identifier\":{\"due_date\":\"2026-02-01\"}}");
	fixture_done(&f);
}

/* There is nothing to wait for when the order is not confirmed, and nobody waits on the asynchronous path. */
static void test_hold(void **state)
{
	static const struct {
		enum err (*parse)(struct request *rq);
		const char *body;
		bool hold;
	} cases[] = {
		{ dvs_create_sync_parse, WITH("\"auto_confirm\":true"), true },
		{ dvs_create_sync_parse, WITH("\"auto_confirm\":false"), false },
		{ dvs_create_async_parse, WITH("\"auto_confirm\":true"), false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct fixture f;

		fixture_init(&f);
		f.x.body = str_of(cases[i].body);
		check_ok(cases[i].parse(&f.rq));
		const struct order_place *c = f.rq.task.command;
		assert_int_equal(c->hold, cases[i].hold);
		assert_null(c->parties.p);
		fixture_done(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

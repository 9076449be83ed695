/* The DVS API's bytes and what they mean, from payloads written after dvs.md 5, dvs.md 6 and dvs.md 7.1. */
#include "supplier/dvs/wire.h"

#include "support/test.h"

struct fixture {
	struct arena a;
	struct order order;
	struct product product;
	struct attempt attempt;
	struct supplier_call call;
};

static void init(struct fixture *f)
{
	*f = (struct fixture){ .order = { .id = 77, .credit_party = STR("+6595123100") },
			       .product = { .type = PRODUCT_FIXED_RECHARGE },
			       .attempt = { .order_id = 77, .unit = 1, .no = 2, .sku = STR("1310") } };
	arena_init(&f->a);
	f->call = (struct supplier_call){
		.order = &f->order, .product = &f->product, .attempt = &f->attempt, .arena = &f->a
	};
	check_ok(currency_parse(STR("USD"), &f->product.source.cur));
	check_ok(currency_parse(STR("BDT"), &f->product.destination.cur));
}

static void check_create(struct fixture *f, const char *expected)
{
	struct buf b;

	buf_init(&b, 4096);
	check_ok(dvs_write_create(&b, &f->call));
	check_str(buf_view(&b), expected);
	buf_done(&b);
}

static void writes_creates(void **state)
{
	struct fixture f;
	struct buf b;

	(void)state;
	init(&f);
	check_create(&f, "{\"external_id\":\"77-1-2\",\"product_id\":1310,\"auto_confirm\":true,"
			 "\"credit_party_identifier\":{\"mobile_number\":\"+6595123100\"}}");
	/* Party objects verbatim, and only those of the API. */
	f.call.parties = STR("{\"credit_party_identifier\":{ \"account_number\":\"9\\u0041\"},\"x\":1,\"sender\":"
			     "{\"last_name\":\"\\\"\"},\"beneficiary\":null}");
	check_create(&f, "{\"external_id\":\"77-1-2\",\"product_id\":1310,\"auto_confirm\":true,\"sender\":"
			 "{\"last_name\":\"\\\"\"},\"credit_party_identifier\":{ \"account_number\":\"9\\u0041\"}}");
	/* Ranged: what was sold, by destination where that is accepted. */
	f.call.parties = STR_NONE;
	f.order.credit_party = STR_NONE;
	f.order.adjusted_destination = 200500000;
	f.order.requested_source = 2550000;
	f.product.type = PRODUCT_RANGED_RECHARGE;
	f.product.calculation_modes = CALCULATION_SOURCE | CALCULATION_DESTINATION;
	check_create(&f, "{\"external_id\":\"77-1-2\",\"product_id\":1310,\"auto_confirm\":true,"
			 "\"calculation_mode\":\"DESTINATION_AMOUNT\",\"destination\":{\"unit_type\":\"CURRENCY\","
			 "\"unit\":\"BDT\",\"amount\":200.5}}");
	f.product.calculation_modes = CALCULATION_SOURCE;
	check_create(&f, "{\"external_id\":\"77-1-2\",\"product_id\":1310,\"auto_confirm\":true,"
			 "\"calculation_mode\":\"SOURCE_AMOUNT\",\"source\":{\"unit_type\":\"CURRENCY\","
			 "\"unit\":\"USD\",\"amount\":2.55}}");
	buf_init(&b, 4096);
	f.attempt.sku = STR("abc");
	check_err(dvs_write_create(&b, &f.call), ERR_CONFIG);
	f.attempt.sku = STR("1310");
	f.call.parties = STR("{");
	check_err(dvs_write_create(&b, &f.call), ERR_BAD_REQUEST);
	buf_done(&b);
	buf_init(&b, 20);
	f.call.parties = STR_NONE;
	check_err(dvs_write_create(&b, &f.call), ERR_TOO_LARGE);
	buf_done(&b);
	arena_done(&f.a);
}

#define HEAD "{\"id\":2237512891,\"external_id\":\"77-1-2\",\"creation_date\":\"2026-01-02T03:04:05.678901000Z\","
#define PRICES                                                                                                \
	"\"prices\":{\"wholesale\":{\"unit_type\":\"CURRENCY\",\"unit\":\"USD\",\"amount\":3.6,\"fee\":0.1}," \
	"\"retail\":null},\"promotions\":null}"
#define STATUS(id, class) \
	"\"status\":{\"id\":" #id ",\"message\":\"X\",\"class\":{\"id\":" #class ",\"message\":\"X\"}},"

static void tells_statuses_apart(void **state)
{
	static const struct {
		const char *body;
		enum supplier_outcome outcome;
		enum order_reason reason;
	} rows[] = {
		{ HEAD STATUS(10000, 1) PRICES, SUPPLIER_ACCEPTED, REASON_NONE },
		{ HEAD STATUS(20000, 2) PRICES, SUPPLIER_ACCEPTED, REASON_NONE },
		{ HEAD STATUS(50000, 5) PRICES, SUPPLIER_ACCEPTED, REASON_NONE },
		{ HEAD STATUS(70000, 7) PRICES, SUPPLIER_DELIVERED, REASON_NONE },
		{ HEAD STATUS(30000, 3) PRICES, SUPPLIER_REFUSED, REASON_NONE },
		{ HEAD STATUS(40000, 4) PRICES, SUPPLIER_REFUSED, REASON_NONE },
		{ HEAD STATUS(80000, 8) PRICES, SUPPLIER_REFUSED, REASON_NONE },
		{ HEAD STATUS(90000, 9) PRICES, SUPPLIER_REFUSED, REASON_NONE },
		{ HEAD STATUS(90200, 9) PRICES, SUPPLIER_REFUSED, REASON_CREDIT_PARTY_INVALID },
		{ HEAD STATUS(30201, 3) PRICES, SUPPLIER_REFUSED, REASON_CREDIT_PARTY_BARRED },
		{ HEAD STATUS(90400, 9) PRICES, SUPPLIER_REFUSED, REASON_OPERATOR_UNAVAILABLE },
		{ HEAD STATUS(30500, 3) PRICES, SUPPLIER_REFUSED, REASON_OPERATOR_UNAVAILABLE },
		{ HEAD STATUS(90600, 9) PRICES, SUPPLIER_REFUSED, REASON_DUPLICATED },
		{ HEAD STATUS(90999, 9) PRICES, SUPPLIER_REFUSED, REASON_EXCEPTION },
		/* The class decides, also where the id says something else. */
		{ HEAD STATUS(70000, 5) PRICES, SUPPLIER_ACCEPTED, REASON_NONE },
		{ HEAD STATUS(60000, 6) PRICES, SUPPLIER_UNKNOWN, REASON_NONE },
		{ HEAD STATUS(0, 0) PRICES, SUPPLIER_UNKNOWN, REASON_NONE },
		{ HEAD "\"status\":null," PRICES, SUPPLIER_UNKNOWN, REASON_NONE },
		{ "{\"id\":1,\"external_id\":\"78-1-2\"," STATUS(70000, 7) PRICES, SUPPLIER_UNKNOWN, REASON_NONE },
		{ "{\"external_id\":\"77-1-2\"," STATUS(70000, 7) PRICES, SUPPLIER_UNKNOWN, REASON_NONE },
		{ "[]", SUPPLIER_UNKNOWN, REASON_NONE },
		{ "", SUPPLIER_UNKNOWN, REASON_NONE },
		{ "<html>", SUPPLIER_UNKNOWN, REASON_NONE },
	};
	struct fixture f;
	int64_t code;

	(void)state;
	init(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int status = 200; status <= 201; status++) {
			struct supplier_answer answer =
				dvs_read_create(&f.call, (struct dvs_reply){ status, str_of(rows[i].body) }, &code);

			if (answer.outcome != rows[i].outcome || answer.reason != rows[i].reason || code)
				fail_msg("row %zu: outcome %d reason %d", i, (int)answer.outcome, (int)answer.reason);
		}
	arena_done(&f.a);
}

static void reads_what_was_delivered(void **state)
{
	struct fixture f;
	int64_t code;

	(void)state;
	init(&f);
	struct supplier_answer answer = dvs_read_create(
		&f.call,
		(struct dvs_reply){
			201, STR(HEAD STATUS(70000, 7) "\"operator_reference\":\"R\\u00e9f\","
						       "\"pin\":{\"code\":\"12\\\"34\",\"serial\":null}," PRICES) },
		&code);
	check_str(answer.supplier_reference, "2237512891");
	check_str(answer.operator_reference, "R\xC3\xA9"
					     "f");
	check_str(answer.delivery, "{\"code\":\"12\\\"34\",\"serial\":null}");
	assert_int_equal(answer.cost.micros, 3700000);
	check_str(currency_code(answer.cost.cur), "USD");
	/* An eSIM without a PIN block. */
	answer = dvs_read_create(
		&f.call,
		(struct dvs_reply){ 201, STR(HEAD STATUS(70000, 7) "\"metadata\":{\"profile\":{\"iccid\":"
								   "\"8999\",\"activation_code\":"
								   "\"LPA:1$a$b\"}}," PRICES) },
		&code);
	check_str(answer.delivery, "{\"code\":\"LPA:1$a$b\",\"serial\":\"8999\"}");
	/* Nothing to hand over, no price: no delivery, no cost. */
	answer = dvs_read_create(&f.call, (struct dvs_reply){ 201, STR(HEAD STATUS(70000, 7) "\"pin\":null}") }, &code);
	assert_int_equal(answer.outcome, SUPPLIER_DELIVERED);
	assert_null(answer.delivery.p);
	assert_int_equal(answer.cost.cur.number, 0);
	arena_done(&f.a);
}

#define ERRORS(code) "{\"errors\":[{\"code\":" #code ",\"message\":\"x\"}]}"

static void tells_refusals_from_silence(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum supplier_outcome outcome;
		enum order_reason reason;
		int64_t code;
	} rows[] = {
		{ 400, ERRORS(1007001), SUPPLIER_REFUSED, REASON_EXCEPTION, DVS_REFERENCE_USED },
		{ 400, ERRORS(1006001), SUPPLIER_REFUSED, REASON_OPERATOR_UNAVAILABLE, 1006001 },
		{ 400, ERRORS(1005003), SUPPLIER_REFUSED, REASON_CREDIT_PARTY_INVALID, 1005003 },
		{ 400, ERRORS(1000400), SUPPLIER_REFUSED, REASON_EXCEPTION, 1000400 },
		{ 404, ERRORS(1003001), SUPPLIER_REFUSED, REASON_EXCEPTION, 1003001 },
		{ 401, ERRORS(1000401), SUPPLIER_UNREACHABLE, REASON_NONE, 1000401 },
		{ 429, ERRORS(1000429), SUPPLIER_UNREACHABLE, REASON_NONE, 1000429 },
		/* Not the API's own words: something in between spoke. */
		{ 404, "<html>not found</html>", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 400, "{\"errors\":[]}", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 400, "{\"errors\":[{\"code\":\"1006001\"}]}", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 401, "", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 500, ERRORS(1009001), SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 503, ERRORS(1009503), SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 302, "", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
		{ 204, "", SUPPLIER_UNKNOWN, REASON_NONE, 0 },
	};
	struct fixture f;
	int64_t code;

	(void)state;
	init(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct supplier_answer answer =
			dvs_read_create(&f.call, (struct dvs_reply){ rows[i].status, str_of(rows[i].body) }, &code);

		if (answer.outcome != rows[i].outcome || answer.reason != rows[i].reason || code != rows[i].code)
			fail_msg("row %zu: outcome %d reason %d code %lld", i, (int)answer.outcome, (int)answer.reason,
				 (long long)code);
	}
	arena_done(&f.a);
}

static void reads_queries(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum supplier_outcome outcome;
	} rows[] = {
		{ 200, "[" HEAD STATUS(70000, 7) PRICES "]", SUPPLIER_DELIVERED },
		{ 200, "[" HEAD STATUS(50000, 5) PRICES "]", SUPPLIER_ACCEPTED },
		{ 200, "[]", SUPPLIER_ABSENT },
		{ 404, ERRORS(1008004), SUPPLIER_ABSENT },
		/* Not proof that we are unknown there. */
		{ 404, ERRORS(1000404), SUPPLIER_UNKNOWN },
		{ 404, "gone", SUPPLIER_UNKNOWN },
		{ 401, ERRORS(1000401), SUPPLIER_UNKNOWN },
		{ 500, "", SUPPLIER_UNKNOWN },
		{ 200, "{}", SUPPLIER_UNKNOWN },
		{ 200, "[{}]", SUPPLIER_UNKNOWN },
		{ 200, "", SUPPLIER_UNKNOWN },
	};
	struct fixture f;

	(void)state;
	init(&f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct supplier_answer answer =
			dvs_read_query(&f.call, (struct dvs_reply){ rows[i].status, str_of(rows[i].body) });

		if (answer.outcome != rows[i].outcome)
			fail_msg("row %zu: outcome %d", i, (int)answer.outcome);
	}
	arena_done(&f.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_creates),
		cmocka_unit_test(tells_statuses_apart),
		cmocka_unit_test(reads_what_was_delivered),
		cmocka_unit_test(tells_refusals_from_silence),
		cmocka_unit_test(reads_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

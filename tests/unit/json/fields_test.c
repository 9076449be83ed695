#include "json/fields.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "support/test.h"

struct amount {
	uint64_t set;
	struct str unit;
	int64_t micros;
};

struct person {
	uint64_t set;
	struct str name, phone;
};

struct body {
	uint64_t set;
	struct str reference;
	int64_t product;
	int mode;
	struct amount source;
	bool confirm;
	struct person sender;
	int64_t due_us, at_us;
	struct str metadata;
	struct field_strs tags;
};

enum { MODE_SOURCE = 3, MODE_DESTINATION = 5 };

static enum err check_phone(struct str text, const char **ret_message)
{
	*ret_message = "must be a number in E.164";
	return str_starts(text, STR("+")) ? OK : ERR_CREDIT_PARTY_INVALID;
}

static enum err check_even(struct str text, const char **ret_message)
{
	*ret_message = "must be even";
	return (text.p[text.n - 1] - '0') % 2 ? ERR_CONFLICT : OK;
}

static const struct field_name modes[] = { { "SOURCE", MODE_SOURCE }, { "DESTINATION", MODE_DESTINATION }, { 0 } };

enum { AMOUNT_UNIT, AMOUNT_MICROS };
static const struct field amount_fields[] = {
	[AMOUNT_UNIT] = { "unit", FIELD_STR, FIELD_REQUIRED, offsetof(struct amount, unit), .min = 3, .max = 3 },
	[AMOUNT_MICROS] = { "amount", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct amount, micros), .min = 500000,
			    .max = 1000000000, .code = ERR_AMOUNT_OUT_OF_RANGE },
};
static const struct fields amount_table = FIELDS(amount_fields, struct amount, FIELDS_CLOSED);

static const struct field person_fields[] = {
	{ "name", FIELD_STR, FIELD_NONBLANK, offsetof(struct person, name) },
	{ "phone", FIELD_STR, 0, offsetof(struct person, phone), .check = check_phone },
};
static const struct fields person_table = FIELDS(person_fields, struct person, FIELDS_NOT_EMPTY);

static const struct field tag = { .type = FIELD_STR, .min = 2, .max = 4 };

enum { REFERENCE, PRODUCT, MODE, SOURCE, CONFIRM, SENDER, DUE, AT, METADATA, TAGS };
static const struct field body_fields[] = {
	[REFERENCE] = { "reference", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct body, reference),
			.min = 1, .max = 5 },
	[PRODUCT] = { "product", FIELD_INT64, FIELD_REQUIRED, offsetof(struct body, product), .min = 1,
		      .max = INT32_MAX, .code = ERR_PRODUCT_NOT_FOUND },
	[MODE] = { "mode", FIELD_ENUM, FIELD_NULLABLE, offsetof(struct body, mode), .names = modes },
	[SOURCE] = { "source", FIELD_OBJECT, FIELD_NULLABLE, offsetof(struct body, source), .object = &amount_table,
		     .code = ERR_UNIT_INVALID },
	[CONFIRM] = { "confirm", FIELD_BOOL, 0, offsetof(struct body, confirm) },
	[SENDER] = { "sender", FIELD_OBJECT, 0, offsetof(struct body, sender), .object = &person_table },
	[DUE] = { "due", FIELD_DATE, 0, offsetof(struct body, due_us) },
	[AT] = { "at", FIELD_TIME, 0, offsetof(struct body, at_us) },
	[METADATA] = { "metadata", FIELD_RAW, 0, offsetof(struct body, metadata), .max = 20 },
	[TAGS] = { "tags", FIELD_STRS, FIELD_UNIQUE, offsetof(struct body, tags), .min = 1, .max = 3, .item = &tag },
};
static const struct fields body_table = FIELDS(body_fields, struct body, 0);

static void binds_every_type(void **state)
{
	struct json_faults faults = { .n = 0 };
	struct arena a;
	struct body body;

	(void)state;
	arena_init(&a);
	memset(&body, 0xA5, sizeof(body));
	check_ok(fields_read(&a,
			     STR("{\"tags\":[\"AB\",\"\\u0043D\"],\"metadata\": {\"x\" : [1.00]} ,\"at\":"
				 "\"1970-01-01T01:00:00.5+01:00\",\"due\":\"1970-01-02\",\"ignored\":{\"any\":[]},"
				 "\"sender\":{\"phone\":\"+123\"},\"confirm\":true,\"source\":{\"amount\":29.09,"
				 "\"unit\":\"EUR\"},\"mode\":\"DESTINATION\",\"product\":7,"
				 "\"reference\":\"\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\\u00e9\"}"),
			     &body_table, &body, &faults));
	assert_int_equal(faults.n, 0);
	assert_int_equal(body.set, (1 << (TAGS + 1)) - 1);
	check_str(body.reference, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9");
	assert_int_equal(body.product, 7);
	assert_int_equal(body.mode, MODE_DESTINATION);
	assert_int_equal(body.source.set, 3);
	check_str(body.source.unit, "EUR");
	assert_int_equal(body.source.micros, 29090000);
	assert_true(body.confirm);
	assert_int_equal(body.sender.set, 2);
	assert_null(body.sender.name.p);
	check_str(body.sender.phone, "+123");
	assert_int_equal(body.due_us, SECONDS_US(86400));
	assert_int_equal(body.at_us, 500000);
	check_str(body.metadata, "{\"x\" : [1.00]}");
	assert_int_equal(body.tags.n, 2);
	check_str(body.tags.items[0], "AB");
	check_str(body.tags.items[1], "CD");
	arena_done(&a);
}

static void what_is_absent_or_null_is_zero_and_not_set(void **state)
{
	struct json_faults faults = { .n = 0 };
	struct arena a;
	struct body body;

	(void)state;
	arena_init(&a);
	memset(&body, 0xA5, sizeof(body));
	check_ok(fields_read(&a, STR("{\"reference\":\"r\",\"product\":1,\"mode\":null,\"source\":null}"), &body_table,
			     &body, &faults));
	assert_int_equal(body.set, 1 << REFERENCE | 1 << PRODUCT);
	assert_true(field_is_set(&body, PRODUCT));
	assert_false(field_is_set(&body, MODE));
	assert_int_equal(body.mode, 0);
	assert_int_equal(body.source.set, 0);
	assert_null(body.metadata.p);
	assert_null(body.tags.items);
	arena_done(&a);
}

/* Rows: what follows {"reference":"r","product":1 in the body, then all faults as "code message\n". */
static const struct {
	const char *rest, *faults;
} rows[] = {
	{ "", "" },
	{ ",\"confirm\":1", "bad_request confirm: must be true or false\n" },
	{ ",\"confirm\":null", "bad_request confirm: must not be null\n" },
	{ ",\"mode\":\"source\"", "bad_request mode: must be one of SOURCE, DESTINATION\n" },
	{ ",\"mode\":3", "bad_request mode: must be one of SOURCE, DESTINATION\n" },
	{ ",\"source\":[]", "unit_invalid source: must be an object\n" },
	{ ",\"source\":{}", "bad_request source.unit: is required\namount_out_of_range source.amount: is required\n" },
	{ ",\"source\":{\"unit\":\"EU\",\"amount\":\"1\"}", "bad_request source.unit: must have exactly 3 characters\n"
							    "amount_out_of_range source.amount: must be a number\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":0.499999}",
	  "amount_out_of_range source.amount: must be from 0.5 to 1000\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":1000.000001}",
	  "amount_out_of_range source.amount: must be from 0.5 to 1000\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":1e40}",
	  "amount_out_of_range source.amount: must be from 0.5 to 1000\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":0.5000001}",
	  "amount_out_of_range source.amount: must have at most 6 decimal places\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":null}", "amount_out_of_range source.amount: must not be null\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":5e-1}", "" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":1e3}", "" },
	{ ",\"source\":{\"unit\":\"EUR\",\"b\":1,\"amount\":1,\"a\":2}",
	  "unit_invalid source.b: is not a known field\nunit_invalid source.a: is not a known field\n" },
	{ ",\"source\":{\"unit\":\"EUR\",\"amount\":1,\"0123456789012345678901234567890123456789012345678901234567890"
	  "12345\":2}",
	  "unit_invalid source: has an unknown key\n" },
	{ ",\"sender\":{}", "bad_request sender: must have at least one key\n" },
	{ ",\"sender\":{\"else\":1}", "" },
	{ ",\"sender\":{\"name\":\" \\t\\n\"}", "bad_request sender.name: must not be blank\n" },
	{ ",\"sender\":{\"name\":\"\"}", "bad_request sender.name: must not be blank\n" },
	{ ",\"sender\":{\"phone\":\"123\"}", "credit_party_invalid sender.phone: must be a number in E.164\n" },
	{ ",\"sender\":{\"phone\":\"\\u002B123\"}", "" },
	{ ",\"due\":\"2024-02-30\"", "bad_request due: must be a date, YYYY-MM-DD\n" },
	{ ",\"due\":20240230", "bad_request due: must be a date, YYYY-MM-DD\n" },
	{ ",\"at\":\"2024-02-03\"", "bad_request at: must be a date and time with zone, as RFC 3339 has it\n" },
	{ ",\"metadata\":\"0123456789012345678\"", "bad_request metadata: must have at most 20 bytes\n" },
	{ ",\"metadata\":\"012345678901234567\"", "" },
	{ ",\"tags\":{}", "bad_request tags: must be an array\n" },
	{ ",\"tags\":[]", "bad_request tags: must have 1 to 3 items\n" },
	{ ",\"tags\":[\"AA\",\"BB\",\"CC\",\"DD\"]", "bad_request tags: must have 1 to 3 items\n" },
	{ ",\"tags\":[\"AA\",\"B\",3]",
	  "bad_request tags[1]: must have 2 to 4 characters\nbad_request tags[2]: must be a string\n" },
	{ ",\"tags\":[\"AA\",\"BB\",\"\\u0041A\"]", "bad_request tags: must not have the same item twice\n" },
	{ ",\"tags\":[null]", "bad_request tags[0]: must be a string\n" },
};

static void check_faults(struct arena *a, struct str body, const struct fields *table, const char *expected)
{
	char ret[sizeof(struct body)], before[sizeof(ret)];
	struct json_faults faults = { .n = 0 };
	struct buf b;

	memset(ret, 0xA5, sizeof(ret));
	memcpy(before, ret, sizeof(ret));
	must(table->bytes <= sizeof(ret));
	enum err e = fields_read(a, body, table, ret, &faults);
	check_err(e, faults.n ? faults.items[0].code : OK);
	if (e)
		assert_memory_equal(ret, before, sizeof(ret));
	buf_init(&b, 4096);
	for (size_t i = 0; i < faults.n; i++) {
		struct str path = str_of(*faults.items[i].path ? faults.items[i].path : "body");

		buf_printf(&b, "%s %s\n", err_name(faults.items[i].code), faults.items[i].message);
		assert_true(str_starts(str_of(faults.items[i].message), path));
	}
	check_str(buf_view(&b), expected);
	buf_done(&b);
}

static void names_the_field_and_the_rule(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("# %s\n", rows[i].rest);
		check_faults(&a, arena_printf(&a, "{\"reference\":\"r\",\"product\":1%s}", rows[i].rest), &body_table,
			     rows[i].faults);
	}
	arena_done(&a);
}

static void names_what_is_wrong_with_the_whole(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	check_faults(&a, STR("{}"), &body_table,
		     "bad_request reference: is required\nproduct_not_found product: is required\n");
	check_faults(&a, STR("{\"product\":1.0,\"reference\":\"123456\"}"), &body_table,
		     "bad_request reference: must have 1 to 5 characters\n"
		     "product_not_found product: must be an integer\n");
	check_faults(&a, STR("{\"product\":99999999999999999999,\"reference\":null}"), &body_table,
		     "bad_request reference: must not be null\n"
		     "product_not_found product: must be from 1 to 2147483647\n");
	check_faults(&a, STR("[]"), &body_table, "bad_request body: must be an object\n");
	check_faults(&a, STR("{\"a\":1,\"a\":2}"), &body_table,
		     "bad_request body: duplicate key in the object that ends here at byte 13\n");
	check_faults(&a, STR("[[[[[[[[[[[[[[[[["), &body_table, "too_large body: nested too deep at byte 16\n");
	arena_done(&a);
}

struct number {
	uint64_t set;
	int64_t value;
};

static void knows_bounds_on_one_side(void **state)
{
	static const struct {
		struct field field;
		const char *body, *faults;
	} bounds[] = {
		{ { .type = FIELD_INT64 }, "-9223372036854775808", "" },
		{ { .type = FIELD_INT64 }, "9223372036854775808", "bad_request n: is too large\n" },
		{ { .type = FIELD_INT64, .min = 1 }, "9223372036854775807", "" },
		{ { .type = FIELD_INT64, .min = 1 }, "0", "bad_request n: must be at least 1\n" },
		{ { .type = FIELD_INT64, .min = 0, .max = 9 }, "-1", "bad_request n: must be from 0 to 9\n" },
		{ { .type = FIELD_INT64, .min = 0, .max = 9 }, "9", "" },
		{ { .type = FIELD_INT64, .min = 0, .max = 9 }, "10", "bad_request n: must be from 0 to 9\n" },
		{ { .type = FIELD_INT64, .check = check_even }, "2", "" },
		{ { .type = FIELD_INT64, .check = check_even }, "3", "conflict n: must be even\n" },
		{ { .type = FIELD_INT64, .check = check_even, .code = ERR_CURRENCY },
		  "3",
		  "currency_mismatch n: must be even\n" },
		{ { .type = FIELD_INT64, .flags = FIELD_REQUIRED | FIELD_NULLABLE }, "null", "" },
		{ { .type = FIELD_DECIMAL, .min = 1 }, "0", "bad_request n: must be at least 0.000001\n" },
		{ { .type = FIELD_DECIMAL }, "1e13", "bad_request n: is too large\n" },
		{ { .type = FIELD_STR, .min = 1 }, "\"\"", "bad_request n: must have at least 1 character\n" },
		{ { .type = FIELD_STR, .max = 1 }, "\"ab\"", "bad_request n: must have at most 1 character\n" },
		{ { .type = FIELD_STR, .max = 2 }, "\"abc\"", "bad_request n: must have at most 2 characters\n" },
		{ { .type = FIELD_STRS }, "[\"\",\"\"]", "" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		struct field field = bounds[i].field;
		const struct fields table = { &field, 1, sizeof(struct body), 0 };

		field.name = "n";
		field.at = offsetof(struct number, value);
		check_faults(&a, arena_printf(&a, "{\"n\":%s}", bounds[i].body), &table, bounds[i].faults);
	}
	arena_done(&a);
}

/* Faults past the limit are dropped, but the body is still refused, also when the list was full before. */
static void survives_more_faults_than_it_reports(void **state)
{
	struct json_faults faults = { .n = 0 };
	struct body body;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < LIMIT_FIELD_ERRORS + 5; i++)
		fields_fault(&a, &faults, "page", ERR_TOO_LARGE, "must be at most 1");
	assert_int_equal(faults.n, LIMIT_FIELD_ERRORS);
	check_str(str_of(faults.items[LIMIT_FIELD_ERRORS - 1].message), "page: must be at most 1");
	check_err(fields_read(&a, STR("{\"product\":0}"), &body_table, &body, &faults), ERR_BAD_REQUEST);
	check_err(fields_read(&a, STR("{\"product\":0,\"reference\":\"r\"}"), &body_table, &body, &faults),
		  ERR_PRODUCT_NOT_FOUND);
	assert_int_equal(faults.n, LIMIT_FIELD_ERRORS);
	arena_done(&a);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binds_every_type),
		cmocka_unit_test(what_is_absent_or_null_is_zero_and_not_set),
		cmocka_unit_test(names_the_field_and_the_rule),
		cmocka_unit_test(names_what_is_wrong_with_the_whole),
		cmocka_unit_test(knows_bounds_on_one_side),
		cmocka_unit_test(survives_more_faults_than_it_reports),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

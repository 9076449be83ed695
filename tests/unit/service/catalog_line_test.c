/* Lines read and written: the canonical form survives both ways, and what is wrong is told where it is. */
#include "service/catalog_line.h"

#include "support/test.h"

/* A whole line of each kind as it is written. */
static const char *const canonical[] = {
	"{\"kind\":\"operator\",\"id\":5,\"name\":\"SingTel\",\"country\":\"SGP\",\"regions\":[\"SG-01\",\"SG-02\"]}",
	"{\"kind\":\"prefix\",\"id\":7,\"operator\":5,\"certain\":true,\"digits\":[\"6595\",\"6591\"]}",
	"{\"kind\":\"product\",\"id\":9,\"deleted\":true}",
	"{\"kind\":\"campaign\",\"id\":1,\"title\":\"New Year\",\"description\":\"\",\"terms\":\"**None**\","
	"\"start\":\"2026-01-01T00:00:00.000000Z\",\"end\":\"2026-02-01T00:00:00.000000Z\",\"products\":[1,2]}",
	"{\"kind\":\"promotion\",\"id\":1,\"title\":\"Twice\",\"description\":\"All day\","
	"\"texts\":{\"fr\":{\"title\":\"Deux fois\",\"description\":\"Toute la "
	"journée\"},\"ru\":{\"title\":\"Дважды\"}},"
	"\"start\":\"2026-01-01T00:00:00.000000Z\",\"end\":\"2026-02-01T00:00:00.500000Z\",\"operator\":5,\"products\":"
	"[1]}",
	"{\"kind\":\"product\",\"id\":1320,\"name\":\"80 - 800 BDT\",\"description\":\"x\\\"y\\n\","
	"\"texts\":{\"fr\":{\"name\":\"a\"}},\"tags\":[\"AIRTIME\",\"PROMO_1\"],\"service\":1,\"subservice\":11,"
	"\"operator\":6,"
	"\"regions\":[\"BD-13\"],\"coverage\":[\"IND\",\"NPL\"],\"type\":\"RANGED_VALUE_RECHARGE\","
	"\"calculation_modes\":[\"SOURCE_AMOUNT\",\"DESTINATION_AMOUNT\"],\"validity\":{\"unit\":\"DAY\",\"quantity\":-"
	"1},"
	"\"required\":{\"debit_party\":[[\"mobile_number\"]],"
	"\"credit_party\":[[\"mobile_number\"],[\"account_number\",\"account_qualifier\"]],"
	"\"sender\":[[\"last_name\",\"first_name\",\"email\"]],\"beneficiary\":[[\"address_postal_code\"]],"
	"\"statement\":[[\"reference\"],[\"due_date\"]],\"additional\":[[\"purchaser_id\"]]},"
	"\"zones\":[\"DOMESTIC\",\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":10}},"
	"\"destination\":{\"unit\":\"BDT\",\"amount\":{\"min\":80,\"max\":800,\"increment\":10}},"
	"\"prices\":{\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":{\"min\":0.96,\"max\":9.6},\"fee\":0.5},"
	"\"retail\":{\"unit\":\"USD\",\"amount\":{\"min\":1.2,\"max\":12}}},"
	"\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":10}}}},"
	"\"benefits\":[{\"type\":\"CREDITS\",\"unit_type\":\"CURRENCY\",\"unit\":\"BDT\",\"base\":{\"min\":80,\"max\":"
	"800},"
	"\"promotion_bonus\":{\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":80,\"max\":800},"
	"\"total_including_tax\":{\"min\":80,\"max\":800},\"additional_information\":\"now\"},"
	"{\"type\":\"DATA\",\"unit_type\":\"DATA\",\"unit\":\"MB\",\"base\":{\"min\":-1,\"max\":-1},"
	"\"promotion_bonus\":{\"min\":0,\"max\":0},\"total_excluding_tax\":{\"min\":-1,\"max\":-1},"
	"\"total_including_tax\":{\"min\":-1,\"max\":-1}}],"
	"\"routes\":[{\"supplier\":\"sandbox\",\"sku\":\"A-1\",\"priority\":1,\"cost\":{\"unit\":\"USD\",\"amount\":9."
	"123456}},"
	"{\"supplier\":\"dvs\",\"sku\":\"11187\",\"priority\":2}]}",
	"{\"kind\":\"product\",\"id\":2,\"name\":\"Bill\",\"service\":3,\"operator\":6,\"type\":\"RANGED_VALUE_"
	"PAYMENT\","
	"\"calculation_modes\":[\"DESTINATION_AMOUNT\"],\"required\":{\"credit_party\":[[\"account_number\"]]},"
	"\"zones\":[\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":2,\"max\":200}},"
	"\"destination\":{\"unit\":\"JPY\",\"amount\":{\"min\":300,\"max\":30000,\"increment\":1}},"
	"\"prices\":{},"
	"\"payment\":{\"modes\":[\"PARTIAL\",\"EXACT\",\"EXCESS\",\"PAST_DUE\"],"
	"\"posting_period\":{\"unit\":\"HOUR\",\"quantity\":2,\"type\":\"BUSINESS\"},\"supports_statement_inquiry\":"
	"true,"
	"\"required_inquiry_fields\":[[\"account_number\"]],\"notes\":[\"a\",\"b\"]}}",
	"{\"kind\":\"product\",\"id\":3,\"name\":\"Card\",\"service\":4,\"subservice\":41,\"operator\":6,"
	"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"INTERNATIONAL\"],\"source\":{\"unit\":\"USD\",\"amount\":"
	"20},"
	"\"destination\":{\"unit\":\"KWD\",\"amount\":6.125},"
	"\"prices\":{\"small\":{\"wholesale\":{\"unit\":\"KWD\",\"amount\":5.999},\"retail\":{\"unit\":\"USD\","
	"\"amount\":0}}},"
	"\"pin\":{\"usage_info\":[\"Type it "
	"in\"],\"validity\":{\"unit\":\"MONTH\",\"quantity\":12},\"terms\":\"none\"}}",
};

static void writes_what_it_read(void **state)
{
	struct arena a, copies;
	struct buf b;

	(void)state;
	arena_init(&a);
	arena_init(&copies);
	buf_init(&b, LIMIT_IMPORT_LINE_BYTES);
	for (size_t i = 0; i < ARRAY_LEN(canonical); i++) {
		struct str text = arena_str(&a, str_of(canonical[i]));
		struct json_faults faults;
		struct catalog_line line, *copy;

		if (catalog_line_read(&a, text, &line, &faults) != OK)
			print_error("%s\n", faults.items[0].message);
		check_ok(catalog_line_read(&a, text, &line, &faults));
		buf_clear(&b);
		catalog_line_write(&b, &line);
		check_str(buf_view(&b), canonical[i]);
		/* A copy owes nothing to what it was made from. */
		copy = catalog_line_copy(&copies, &line);
		arena_reset(&a);
		memset(arena_alloc(&a, 7000), 'x', 7000);
		buf_clear(&b);
		catalog_line_write(&b, copy);
		check_str(buf_view(&b), canonical[i]);
		arena_reset(&a);
	}
	buf_done(&b);
	arena_done(&a);
	arena_done(&copies);
}

/* A ranged product with one member replaced: `from` is cut out and `to` put in its place. */
static struct str changed(struct arena *a, const char *from, const char *to)
{
	static const char good[] =
		"{\"kind\":\"product\",\"id\":1,\"name\":\"N\",\"tags\":[\"AIRTIME\"],\"service\":1,\"subservice\":11,"
		"\"operator\":6,\"type\":\"RANGED_VALUE_RECHARGE\",\"calculation_modes\":[\"SOURCE_AMOUNT\"],"
		"\"required\":{\"credit_party\":[[\"mobile_number\"]]},\"zones\":[\"DOMESTIC\"],"
		"\"source\":{\"unit\":\"USD\",\"amount\":{\"min\":1,\"max\":10}},"
		"\"destination\":{\"unit\":\"BDT\",\"amount\":{\"min\":80,\"max\":800,\"increment\":10}},"
		"\"prices\":{\"euro\":{\"wholesale\":{\"unit\":\"EUR\",\"amount\":{\"min\":0.96,\"max\":9.6}}}}}";
	const char *at = strstr(good, from);

	assert_non_null(at);
	return arena_printf(a, "%.*s%s%s", (int)(at - good), good, to, at + strlen(from));
}

static const struct {
	const char *from, *to, *message;
} bad[] = {
	{ "\"product\"", "\"produce\"",
	  "kind: must be operator, product, promotion, campaign, prefix, rate, category or family" },
	{ "\"id\":1", "\"id\":0", "id: must be from 1 to 2147483647" },
	{ "\"id\":1", "\"id\":\"1\"", "id: must be an integer" },
	{ "\"name\":\"N\"", "\"name\":\" \"", "name: must not be blank" },
	{ "\"name\"", "\"nmae\"", "name: is required" },
	{ "\"id\":1", "\"id\":1,\"id\":2", "body: duplicate key in the object that ends here at byte 446" },
	{ "[\"AIRTIME\"]", "[\"AIR\"]", "tags[0]: must have 4 to 16 characters" },
	{ "[\"AIRTIME\"]", "[\"air-time\"]", "tags[0]: must be capital letters, digits and _" },
	{ "\"service\":1", "\"service\":2", "service: is not a service" },
	{ "\"subservice\":11", "\"subservice\":31", "subservice: is not a subservice of that service" },
	{ "RANGED_VALUE_RECHARGE", "RANGED",
	  "type: must be one of FIXED_VALUE_RECHARGE, RANGED_VALUE_RECHARGE, "
	  "FIXED_VALUE_PIN_PURCHASE, RANGED_VALUE_PIN_PURCHASE, RANGED_VALUE_PAYMENT" },
	{ "RANGED_VALUE_RECHARGE", "FIXED_VALUE_RECHARGE",
	  "source.amount: must be a number of at most 6 decimal places, up to 1000000000" },
	{ "\"calculation_modes\":[\"SOURCE_AMOUNT\"],", "", "calculation_modes: is required of ranged products" },
	{ "[\"SOURCE_AMOUNT\"]", "[\"SOURCE\"]", "calculation_modes[0]: is not one of the words for it" },
	{ "\"required\":{\"credit_party\":[[\"mobile_number\"]]},", "",
	  "required.credit_party: is required of recharges and payments" },
	{ "[[\"mobile_number\"]]", "[\"mobile_number\"]",
	  "required.credit_party: must be an array of non-empty arrays of field names" },
	{ "[[\"mobile_number\"]]", "[[\"email\"]]",
	  "required.credit_party: names a field that there is not in this place" },
	{ "\"credit_party\"", "\"credit\"", "required.credit: is not a known field" },
	{ "\"zones\":[\"DOMESTIC\"],", "", "zones: is required" },
	{ "\"unit\":\"USD\"", "\"unit\":\"UST\"", "source.unit: is not a currency of ISO 4217" },
	{ "\"min\":1,\"max\":10", "\"min\":0,\"max\":10", "source: amount must be above 0" },
	{ "\"min\":1,\"max\":10", "\"min\":10,\"max\":1", "source: min must not be above max" },
	{ "\"min\":1,\"max\":10", "\"min\":10,\"max\":10",
	  "source: min and max are the same: that is a fixed product" },
	{ "\"min\":1,\"max\":10", "\"min\":1.1,\"max\":10",
	  "source: min must follow from max at the rate destination.max / max" },
	{ "\"min\":1,\"max\":10", "\"min\":1", "source.amount.max: is required" },
	{ "\"min\":1,\"max\":10", "\"min\":1.0000001,\"max\":10",
	  "source.amount.min: must have at most 6 decimal places" },
	{ "\"min\":1,\"max\":10", "\"min\":1,\"max\":10,\"increment\":1",
	  "source.amount.increment: is not a known field" },
	{ ",\"increment\":10", "", "destination.amount.increment: is required" },
	{ "\"increment\":10", "\"increment\":7", "destination.amount: max must be min + k x increment" },
	{ "\"min\":0.96", "\"min\":0.97",
	  "prices.euro.wholesale: min must follow from max at the rate destination.max / max" },
	{ "\"min\":0.96,\"max\":9.6", "\"min\":0.961,\"max\":9.61",
	  "prices.euro.wholesale: has more decimal places than the currency" },
	{ "\"wholesale\"", "\"wholesome\"", "prices.euro.wholesale: is required" },
	{ "\"euro\"", "\"Euro\"", "prices.Euro: a price list is 1 to 32 small letters, digits, - and _" },
	{ "\"zones\"", "\"texts\":{\"en\":{\"name\":\"N\"}},\"zones\"",
	  "texts.en: is not a language that texts can be in" },
	{ "\"zones\"", "\"texts\":{\"fr\":{}},\"zones\"", "texts.fr.name: is required" },
	{ "\"zones\"", "\"regions\":[\"BD-99\"],\"zones\"", "regions[0]: is not a code of ISO 3166-2" },
	{ "\"zones\"", "\"coverage\":[\"EXX\"],\"zones\"", "coverage[0]: is not a code of ISO 3166-1 (three letters)" },
	{ "\"zones\"", "\"pin\":{},\"zones\"", "pin: belongs to PIN products only" },
	{ "\"zones\"", "\"payment\":{},\"zones\"", "payment: belongs to payment products only" },
	{ "\"zones\"", "\"validity\":{\"unit\":\"DAY\",\"quantity\":0},\"zones\"",
	  "validity: quantity must not be 0; -1 is without end" },
	{ "\"zones\"", "\"benefits\":{},\"zones\"", "benefits: must be an array of at most 8" },
	{ "\"zones\"", "\"benefits\":[{}],\"zones\"", "benefits[0].type: is required" },
	{ "\"zones\"", "\"routes\":[{\"supplier\":\"Sand box\",\"sku\":\"a\",\"priority\":1}],\"zones\"",
	  "routes[0].supplier: must have 1 to 32 small letters, digits, - and _" },
	{ "\"zones\"", "\"unknown\":1,\"zones\"", "unknown: is not a known field" },
	{ "{\"kind\":\"product\",\"id\":1", "{\"kind\":\"product\",\"deleted\":false,\"id\":1",
	  "name: is not a known field" },
};

static void tells_what_is_wrong(void **state)
{
	struct catalog_line line = { .id = 77 };
	struct json_faults faults;
	struct arena a;

	(void)state;
	arena_init(&a);
	check_ok(catalog_line_read(&a, changed(&a, "\"zones\"", "\"zones\""), &line, &faults));
	line.id = 77;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		bool told = false;

		assert_true(catalog_line_read(&a, changed(&a, bad[i].from, bad[i].to), &line, &faults) != OK);
		for (size_t k = 0; k < faults.n; k++)
			told |= !strcmp(faults.items[k].message, bad[i].message);
		if (!told)
			print_error("row %zu: %s\nnot %s\n", i, faults.items[0].message, bad[i].message);
		assert_true(told);
		assert_int_equal(line.id, 77);
		arena_reset(&a);
	}
	arena_done(&a);
}

static void refuses_other_kinds_too(void **state)
{
	static const char *const lines[] = {
		"",
		"{}",
		"[]",
		"null",
		"{\"kind\":1}",
		"{\"kind\":\"operator\"",
		"{\"kind\":\"operator\",\"id\":1,\"name\":\"a\",\"country\":\"XXX\"}",
		"{\"kind\":\"operator\",\"id\":1,\"name\":\"a\",\"country\":\"FRA\",\"regions\":[\"FR-99\"]}",
		"{\"kind\":\"prefix\",\"id\":1,\"operator\":1,\"certain\":true,\"digits\":[]}",
		"{\"kind\":\"prefix\",\"id\":1,\"operator\":1,\"certain\":true,\"digits\":[\"+65\"]}",
		"{\"kind\":\"prefix\",\"id\":1,\"operator\":1,\"certain\":1,\"digits\":[\"65\"]}",
		"{\"kind\":\"campaign\",\"id\":1,\"title\":\"t\",\"description\":\"\",\"start\":\"2026-01-02T00:00:"
		"00Z\","
		"\"end\":\"2026-01-01T00:00:00Z\",\"products\":[1]}",
		"{\"kind\":\"campaign\",\"id\":1,\"title\":\"t\",\"description\":\"\",\"start\":\"2026-01-01T00:00:"
		"00Z\","
		"\"end\":\"2026-01-02T00:00:00Z\",\"products\":[]}",
		"{\"kind\":\"campaign\",\"id\":1,\"title\":\"t\",\"description\":\"\",\"start\":\"2026-01-01T00:00:"
		"00Z\","
		"\"end\":\"2026-01-02T00:00:00Z\",\"products\":[\"1\"]}",
		"{\"kind\":\"operator\",\"id\":1,\"deleted\":true,\"name\":\"a\"}",
		"{\"kind\":\"category\",\"id\":1,\"name\":\"a\",\"parent\":1}",
		"{\"kind\":\"category\",\"id\":1,\"name\":\"a\",\"attributes\":[{\"code\":\"A\",\"name\":\"a\","
		"\"type\":\"text\",\"target\":\"sku\"}]}",
		"{\"kind\":\"family\",\"id\":1,\"uuid\":\"019BC0DD-8423-739C-A557-5387D900152B\",\"name\":\"a\","
		"\"type\":\"esim\",\"category\":1}",
		"{\"kind\":\"family\",\"id\":1,\"uuid\":\"019bc0dd-8423-739c-a557-5387d900152b\",\"name\":\"a\","
		"\"type\":\"pizza\",\"category\":1}",
		"{\"kind\":\"family\",\"id\":1,\"uuid\":\"019bc0dd-8423-739c-a557-5387d900152b\",\"name\":\"a\","
		"\"type\":\"esim\",\"category\":1,\"fields\":[{\"code\":\"quantity\",\"name\":\"a\",\"type\":\"text\","
		"\"required\":true}]}",
		"{\"kind\":\"operator\",\"id\":1,\"deleted\":false}",
	};
	struct catalog_line line;
	struct json_faults faults;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		check_err(catalog_line_read(&a, str_of(lines[i]), &line, &faults), ERR_BAD_REQUEST);
	check_err(catalog_line_read(&a, arena_printf(&a, "%*s", LIMIT_IMPORT_LINE_BYTES + 1, "{}"), &line, &faults),
		  ERR_TOO_LARGE);
	arena_done(&a);
}

/* A product whose eSIM plan has these fields beside what it must have, with this supplier. */
static enum err read_plan(struct arena *a, const char *fields, const char *supplier, struct json_faults *faults)
{
	struct catalog_line line;
	struct str text = arena_printf(
		a,
		"{\"kind\":\"product\",\"id\":4,\"name\":\"1 GB\",\"service\":13,\"operator\":6,"
		"\"type\":\"FIXED_VALUE_PIN_PURCHASE\",\"zones\":[\"INTERNATIONAL\"],"
		"\"source\":{\"unit\":\"USD\",\"amount\":2},\"destination\":{\"unit\":\"USD\",\"amount\":2},"
		"\"prices\":{\"small\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":2}}},"
		"\"esim\":{%s,\"code\":\"one\",\"family\":{\"id\":1,\"name\":\"F\"}},"
		"\"routes\":[{\"supplier\":\"%s\",\"sku\":\"A\",\"priority\":1}]}",
		fields, supplier);

	return catalog_line_read(a, text, &line, faults);
}

/* Stock has profiles; what is for a profile that is there comes from a supplier. */
static void sells_profiles_alone_from_stock(void **state)
{
	static const struct {
		const char *plan, *supplier;
		bool good;
	} rows[] = { { "\"category\":\"realtime\"", "sandbox", true },
		     { "\"category\":\"realtime\"", "stock", true },
		     { "\"category\":\"addon\"", "sandbox", true },
		     { "\"category\":\"addon\"", "stock", false },
		     { "\"category\":\"replacement\"", "stock", false } };
	struct json_faults faults;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].good) {
			check_ok(read_plan(&a, rows[i].plan, rows[i].supplier, &faults));
			continue;
		}
		check_err(read_plan(&a, rows[i].plan, rows[i].supplier, &faults), ERR_BAD_REQUEST);
		check_str(str_of(faults.items[0].message), "esim: a top-up or a replacement is not sold from stock");
	}
	arena_done(&a);
}

/* An order waits for its completion as long as its plan says, and never under 20 minutes. */
static void holds_an_order_for_twenty_minutes_at_least(void **state)
{
	static const struct {
		int minutes;
		enum err e;
	} rows[] = {
		{ 0, ERR_BAD_REQUEST }, { 19, ERR_BAD_REQUEST }, { 20, OK }, { 2880, OK }, { 2881, ERR_BAD_REQUEST }
	};
	struct json_faults faults;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str plan = arena_printf(&a, "\"category\":\"realtime\",\"expiry_minutes\":%d", rows[i].minutes);

		check_err(read_plan(&a, plan.p, "sandbox", &faults), rows[i].e);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_it_read),
		cmocka_unit_test(tells_what_is_wrong),
		cmocka_unit_test(refuses_other_kinds_too),
		cmocka_unit_test(sells_profiles_alone_from_stock),
		cmocka_unit_test(holds_an_order_for_twenty_minutes_at_least),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

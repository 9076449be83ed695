/* Files into a store and back: errors by line, batches that do not count yet, versions, tombstones, history. */
#include "service/catalog.h"

#include "base/buf.h"
#include "support/store.h"

#include <string.h>

static const char operators[] = "{\"kind\":\"operator\",\"id\":5,\"name\":\"SingTel\",\"country\":\"SGP\"}\n"
				"{\"kind\":\"operator\",\"id\":6,\"name\":\"M1\",\"country\":\"SGP\"}\n";

/* A product of operator `op` that costs `dollars`. */
static struct str product(struct arena *a, int id, int op, int dollars)
{
	return arena_printf(
		a,
		"{\"kind\":\"product\",\"id\":%d,\"name\":\"Top-up %d\",\"service\":1,\"subservice\":11,"
		"\"operator\":%d,\"type\":\"FIXED_VALUE_RECHARGE\","
		"\"required\":{\"credit_party\":[[\"mobile_number\"]]},\"zones\":[\"DOMESTIC\"],"
		"\"source\":{\"unit\":\"USD\",\"amount\":%d},\"destination\":{\"unit\":\"SGD\",\"amount\":5},"
		"\"prices\":{\"standard\":{\"wholesale\":{\"unit\":\"USD\",\"amount\":%d}}}}\n",
		id, id, op, dollars, dollars);
}

struct import_test {
	struct test_store store;
	struct arena arena;
	struct catalog *c; /* as of the last load */
};

static int start(void **state)
{
	struct import_test *t = calloc(1, sizeof(*t));

	store_open(&t->store);
	*state = t;
	return 0;
}

static int stop(void **state)
{
	struct import_test *t = *state;

	catalog_release(t->c);
	arena_done(&t->arena);
	store_close(&t->store);
	free(t);
	return 0;
}

static const struct catalog *load(struct import_test *t)
{
	catalog_release(t->c);
	t->c = NULL;
	check_ok(db_begin(t->store.db));
	check_ok(catalog_load(t->store.db, &t->c));
	db_rollback(t->store.db);
	return t->c;
}

static struct catalog_import *feed(struct import_test *t, const char *first, struct str second)
{
	struct catalog_import *import = catalog_import_new(t->c);

	catalog_import_feed(import, str_of(first));
	catalog_import_feed(import, second);
	return import;
}

static void import(struct import_test *t, int64_t batch, const char *first, struct str second)
{
	struct catalog_import *import = feed(t, first, second);

	check_ok(catalog_import_check(import));
	check_ok(catalog_import_run(import, t->store.db, batch, 1, STR_NONE));
	catalog_import_free(import);
	load(t);
}

/* The whole file is refused, with these errors: "line: text" each. */
static void check_errors(struct import_test *t, const char *first, struct str second, const char *expected)
{
	struct catalog_import *import = feed(t, first, second);
	const struct import_error *error;
	struct str text = STR("");

	check_err(catalog_import_check(import), ERR_BAD_REQUEST);
	for (size_t i = 0; (error = catalog_import_error(import, i, NULL)); i++)
		text = arena_printf(&t->arena, "%.*s%zu: %s\n", STR_ARG(text), error->line, error->text);
	check_str(text, expected);
	catalog_import_free(import);
}

static void reports_errors_by_line(void **state)
{
	struct import_test *t = *state;

	check_errors(t, "", STR(""), "1: body: there is nothing in the file\n");
	check_errors(t, "\n\n  \n", STR(""), "3: body: there is nothing in the file\n");
	check_errors(t, operators,
		     STR("\n{\"kind\":\"operator\",\"id\":0,\"name\":\"\",\"country\":\"SGP\"}\nnonsense"),
		     "4: id: must be from 1 to 2147483647\n4: name: must have 1 to 255 characters\n"
		     "5: body: expected a value at byte 0\n");
	check_errors(t, operators, product(&t->arena, 1, 7, 3), "3: operator: there is no operator 7\n");
	check_errors(t, operators, STR("{\"kind\":\"operator\",\"id\":5,\"name\":\"Again\",\"country\":\"SGP\"}"),
		     "3: id: line 1 is the same one\n");
	check_errors(t, operators,
		     STR("{\"kind\":\"campaign\",\"id\":1,\"title\":\"t\",\"description\":\"\","
			 "\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2026-01-02T00:00:00Z\",\"products\":[8,9]}\n{}"),
		     "3: products[0]: there is no product 8\n3: products[1]: there is no product 9\n"
		     "4: kind: must be operator, product, promotion, campaign, prefix, rate, category or family\n");
}

static void stops_counting_lines_at_a_limit(void **state)
{
	struct import_test *t = *state;
	struct catalog_import *import = catalog_import_new(NULL);
	size_t total;

	(void)t;
	for (int i = 0; i < IMPORT_ERRORS_MAX + 20; i++)
		catalog_import_feed(import, STR("{}\n"));
	/* Found last, but of the first line. */
	check_err(catalog_import_check(import), ERR_BAD_REQUEST);
	assert_non_null(catalog_import_error(import, IMPORT_ERRORS_MAX - 1, &total));
	assert_int_equal(total, IMPORT_ERRORS_MAX + 20);
	assert_null(catalog_import_error(import, IMPORT_ERRORS_MAX, NULL));
	catalog_import_free(import);
}

static void takes_bytes_cut_anywhere(void **state)
{
	struct import_test *t = *state;
	struct str text = arena_printf(&t->arena, "%s%.*s", operators, STR_ARG(product(&t->arena, 1, 5, 3)));

	for (size_t piece = 1; piece < 9; piece++) {
		struct catalog_import *import = catalog_import_new(NULL);

		for (size_t at = 0; at < text.n - 1; at += piece)
			catalog_import_feed(
				import, (struct str){ text.p + at, at + piece < text.n - 1 ? piece : text.n - 1 - at });
		check_ok(catalog_import_check(import));
		assert_int_equal(catalog_import_rows(import), 3);
		catalog_import_free(import);
	}
}

static void refuses_a_line_without_end(void **state)
{
	struct import_test *t = *state;
	struct catalog_import *import = catalog_import_new(NULL);

	(void)t;
	for (int i = 0; i < LIMIT_IMPORT_LINE_BYTES / 8 + 2; i++)
		catalog_import_feed(import, STR("        "));
	catalog_import_feed(import, STR("\n{}\n"));
	check_err(catalog_import_check(import), ERR_BAD_REQUEST);
	assert_string_equal(catalog_import_error(import, 0, NULL)->text, "body: the line is too long");
	assert_int_equal(catalog_import_error(import, 1, NULL)->line, 2);
	catalog_import_free(import);
}

/* The canonical line spells times out and is longer than what it came from: it must be readable still. */
static void refuses_a_line_that_would_grow_too_long(void **state)
{
	struct import_test *t = *state;
	struct buf text;

	buf_init(&text, LIMIT_IMPORT_LINE_BYTES);
	buf_lit(&text, "{\"kind\":\"campaign\",\"id\":1,\"title\":\"t\",\"description\":\"\","
		       "\"start\":\"2026-01-01T00:00:00Z\",\"end\":\"2026-01-02T00:00:00Z\",\"terms\":\"");
	for (int i = 0; i < 7900; i++)
		buf_lit(&text, "\xf0\x9f\x98\x80");
	buf_lit(&text, "\",\"products\":[2147483647");
	while (text.n + 13 <= LIMIT_IMPORT_LINE_BYTES)
		buf_lit(&text, ",2147483647");
	buf_lit(&text, "]}");
	assert_false(text.failed);
	check_errors(t, "", buf_view(&text), "1: body: the line is too long\n");
	buf_done(&text);
}

static void counts_only_when_finished(void **state)
{
	struct import_test *t = *state;
	struct db *db = t->store.db;
	struct catalog_import *second;
	bool more = true;

	import(t, 10, operators, product(&t->arena, 1, 5, 3));
	second = feed(t, "", product(&t->arena, 1, 5, 4));
	check_ok(catalog_import_check(second));
	check_ok(db_begin(db));
	check_ok(catalog_import_begin(second, db, 11, 1, STR("second")));
	check_ok(catalog_import_write(second, db, 11, 0));
	check_ok(db_commit(db));
	assert_int_equal(catalog_product(load(t), CATALOG_ALL_LISTS, 1)->source.min, 3000000);
	check_ok(db_begin(db));
	check_ok(catalog_import_abandon(db, 11));
	check_err(catalog_import_finish(db, 11), ERR_ILLEGAL_STATE);
	check_ok(catalog_import_sweep(db, 11, &more));
	assert_false(more);
	check_ok(catalog_import_begin(second, db, 12, 1, STR("third")));
	check_ok(catalog_import_write(second, db, 12, 0));
	check_ok(catalog_import_finish(db, 12));
	check_ok(db_commit(db));
	assert_int_equal(catalog_product(load(t), CATALOG_ALL_LISTS, 1)->source.min, 4000000);
	assert_int_equal(catalog_product(t->c, CATALOG_ALL_LISTS, 1)->batch, 12);
	catalog_import_free(second);
}

static void remembers_what_was_sold(void **state)
{
	struct import_test *t = *state;
	struct db *db = t->store.db;
	const struct product *old = NULL;
	int list;

	import(t, 10, operators, product(&t->arena, 1, 5, 3));
	import(t, 20, "{\"kind\":\"operator\",\"id\":5,\"name\":\"Renamed\",\"country\":\"MYS\"}\n",
	       product(&t->arena, 1, 6, 4));
	import(t, 30, "", STR("{\"kind\":\"product\",\"id\":1,\"deleted\":true}"));
	assert_null(catalog_product(t->c, CATALOG_ALL_LISTS, 1));
	assert_int_equal(catalog_list(t->c, STR("standard"), &list), ERR_NOT_FOUND);
	check_ok(db_begin(db));
	check_ok(catalog_product_at(db, &t->arena, 1, 10, &old));
	check_str(old->op->name, "SingTel");
	assert_int_equal(old->batch, 10);
	list = price_list_find(STR("standard"));
	assert_int_equal(product_price(old, list)->wholesale.max, 3000000);
	check_ok(catalog_product_at(db, &t->arena, 1, 20, &old));
	check_str(old->op->name, "M1");
	assert_int_equal(product_price(old, list)->wholesale.max, 4000000);
	check_err(catalog_product_at(db, &t->arena, 1, 15, &old), ERR_NOT_FOUND);
	check_err(catalog_product_at(db, &t->arena, 1, 30, &old), ERR_NOT_FOUND);
	check_err(catalog_product_at(db, &t->arena, 2, 10, &old), ERR_NOT_FOUND);
	db_rollback(db);
}

static void an_operator_goes_after_its_products(void **state)
{
	struct import_test *t = *state;
	static const char gone[] = "{\"kind\":\"operator\",\"id\":5,\"deleted\":true}\n";

	import(t, 10, operators, product(&t->arena, 1, 5, 3));
	import(t, 20, "{\"kind\":\"prefix\",\"id\":1,\"operator\":5,\"certain\":true,\"digits\":[\"6595\"]}", STR(""));
	check_errors(t, gone, STR(""), "1: id: the operator still has product 1\n");
	check_errors(t, gone, product(&t->arena, 1, 5, 3), "2: operator: there is no operator 5\n");
	import(t, 30, gone, product(&t->arena, 1, 6, 3));
	check_str(catalog_product(t->c, CATALOG_ALL_LISTS, 1)->op->name, "M1");
	assert_null(catalog_operator(t->c, CATALOG_ALL_LISTS, 5));
	assert_int_equal(catalog_number(t->c, &t->arena, CATALOG_ALL_LISTS, STR("6595"), (struct window){ 0, 9 }).total,
			 0);
}

static enum err collect(void *arg, struct str line)
{
	buf_str(arg, line);
	buf_char(arg, '\n');
	return OK;
}

static void exports_what_imports(void **state)
{
	struct import_test *t = *state;
	struct str card = product(&t->arena, 2, 6, 4);
	struct buf out;

	buf_init(&out, 100000);
	import(t, 10, operators, product(&t->arena, 1, 5, 3));
	import(t, 20, "{ \"kind\" : \"product\", \"id\" : 1, \"deleted\" : true }\n", card);
	check_ok(db_begin(t->store.db));
	check_ok(catalog_export(t->store.db, collect, &out));
	db_rollback(t->store.db);
	check_str(buf_view(&out), arena_printf(&t->arena, "%s%.*s", operators, STR_ARG(card)).p);
	buf_done(&out);
}

/* More than one page of the scan and one chunk of the import. */
static void takes_many_lines(void **state)
{
	struct import_test *t = *state;
	struct catalog_import *import = catalog_import_new(NULL);
	enum { MANY = LIMIT_IMPORT_CHUNK_ROWS * 2 };

	catalog_import_feed(import, str_of(operators));
	for (int i = 1; i <= MANY; i++) {
		arena_reset(&t->arena);
		catalog_import_feed(import, product(&t->arena, i, 5 + i % 2, 3));
	}
	check_ok(catalog_import_check(import));
	check_ok(catalog_import_run(import, t->store.db, 10, 1, STR_NONE));
	load(t);
	for (int i = 1; i <= MANY; i++)
		assert_int_equal(catalog_product(t->c, CATALOG_ALL_LISTS, i)->op->id, 5 + i % 2);
	/* The id is taken: nothing is written, and what was there stays. */
	check_err(catalog_import_run(import, t->store.db, 10, 1, STR_NONE), ERR_STORE_FAILED);
	catalog_import_free(import);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reports_errors_by_line, start, stop),
		cmocka_unit_test_setup_teardown(stops_counting_lines_at_a_limit, start, stop),
		cmocka_unit_test_setup_teardown(takes_bytes_cut_anywhere, start, stop),
		cmocka_unit_test_setup_teardown(refuses_a_line_without_end, start, stop),
		cmocka_unit_test_setup_teardown(refuses_a_line_that_would_grow_too_long, start, stop),
		cmocka_unit_test_setup_teardown(counts_only_when_finished, start, stop),
		cmocka_unit_test_setup_teardown(remembers_what_was_sold, start, stop),
		cmocka_unit_test_setup_teardown(an_operator_goes_after_its_products, start, stop),
		cmocka_unit_test_setup_teardown(exports_what_imports, start, stop),
		cmocka_unit_test_setup_teardown(takes_many_lines, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

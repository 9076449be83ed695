#include "http/route.h"

#include "support/test.h"

/* The head of a larger row, as dialects have it. */
static const struct endpoint {
	struct route_row route;
	int status;
} endpoints[] = {
	{ { "GET", "/v1/transactions/{id}" }, 200 },
	{ { "POST", "/v1/async/transactions/{id}/confirm" }, 200 },
	{ { "POST", "/v1/async/transactions" }, 201 },
	{ { "GET", "/v1/transactions/external/{ref}" }, 200 },
	{ { "GET", "/v1/transactions" }, 200 },
	{ { "DELETE", "/v1/transactions/{id}" }, 204 },
	{ { "GET", "/v1/transactions/{id}/{part}" }, 200 },
	{ { "GET", "/" }, 200 },
	{ { "HEAD", "/v1/balances" }, 200 },
	{ { "GET", "/v1/balances" }, 200 },
};

static struct route_table *table;

static int set_up(void **state)
{
	(void)state;
	table = route_table_new(&endpoints[0].route, ARRAY_LEN(endpoints), sizeof(endpoints[0]));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	route_table_free(table);
	route_table_free(NULL);
	return 0;
}

static void finds_rows(void **state)
{
	static const struct {
		const char *method, *path;
		enum route_result result;
		size_t index;
		const char *captures;
	} rows[] = {
		{ "GET", "/v1/transactions", ROUTE_FOUND, 4, "" },
		{ "GET", "/v1/transactions/7", ROUTE_FOUND, 0, "|7" },
		{ "DELETE", "/v1/transactions/%2B7", ROUTE_FOUND, 5, "|%2B7" },
		{ "POST", "/v1/async/transactions/9/confirm", ROUTE_FOUND, 1, "|9" },
		{ "POST", "/v1/async/transactions", ROUTE_FOUND, 2, "" },
		/* Fixed text wins; where it leads nowhere, the capture is tried. */
		{ "GET", "/v1/transactions/external/x", ROUTE_FOUND, 3, "|x" },
		{ "GET", "/v1/transactions/external", ROUTE_FOUND, 0, "|external" },
		{ "GET", "/v1/transactions/7/external", ROUTE_FOUND, 6, "|7|external" },
		{ "GET", "/", ROUTE_FOUND, 7, "" },
		{ "HEAD", "/v1/transactions", ROUTE_FOUND, 4, "" },
		{ "HEAD", "/v1/balances", ROUTE_FOUND, 8, "" },
		{ "HEAD", "/v1/async/transactions", ROUTE_NO_METHOD, 0, "" },
		{ "PUT", "/v1/transactions/7", ROUTE_NO_METHOD, 0, "" },
		{ "get", "/v1/transactions", ROUTE_NO_METHOD, 0, "" },
		{ "GET", "/v1/transactions/", ROUTE_NO_PATH, 0, "" },
		{ "GET", "/v1", ROUTE_NO_PATH, 0, "" },
		{ "GET", "/v1/transaction", ROUTE_NO_PATH, 0, "" },
		{ "GET", "/v1/transactions/7/a/b", ROUTE_NO_PATH, 0, "" },
		{ "GET", "//v1/transactions", ROUTE_NO_PATH, 0, "" },
		{ "GET", "v1/transactions", ROUTE_NO_PATH, 0, "" },
		{ "GET", "", ROUTE_NO_PATH, 0, "" },
		{ "GET", "*", ROUTE_NO_PATH, 0, "" },
		{ "GET", "/1/2/3/4/5/6/7/8/9/0/1/2/3/4/5/6/7/8", ROUTE_NO_PATH, 0, "" },
	};
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct route_match match = { .index = 99 };
		enum route_result result = route_find(table, str_of(rows[i].method), str_of(rows[i].path), &match);
		struct str captures = STR("");

		assert_int_equal(result, rows[i].result);
		assert_int_equal(match.index, result == ROUTE_FOUND ? rows[i].index : 99);
		for (size_t j = 0; j < match.capture_count; j++)
			captures = arena_printf(&arena, "%.*s|%.*s", STR_ARG(captures), STR_ARG(match.captures[j]));
		check_str(captures, rows[i].captures);
	}
	arena_done(&arena);
}

static void names_the_methods(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	check_str(route_allow(table, &arena, STR("/v1/transactions/7")), "GET, DELETE, HEAD");
	check_str(route_allow(table, &arena, STR("/v1/balances")), "HEAD, GET");
	check_str(route_allow(table, &arena, STR("/v1/async/transactions")), "POST");
	check_str(route_allow(table, &arena, STR("/nowhere")), "");
	arena_done(&arena);
}

/* Every fixed text among many siblings is found, in whatever order the rows came. */
static void holds_many_siblings(void **state)
{
	enum { MANY = 300 };
	struct arena arena;
	struct route_row rows[MANY];

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < MANY; i++)
		rows[i] = (struct route_row){ "GET", arena_printf(&arena, "/%zu/x", i * 7919 % 1000).p };
	struct route_table *many = route_table_new(rows, MANY, sizeof(rows[0]));
	for (size_t i = 0; i < MANY; i++) {
		struct route_match match;

		assert_int_equal(route_find(many, STR("GET"), str_of(rows[i].pattern), &match), ROUTE_FOUND);
		assert_int_equal(match.index, i);
	}
	route_table_free(many);
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_rows),
		cmocka_unit_test(names_the_methods),
		cmocka_unit_test(holds_many_siblings),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

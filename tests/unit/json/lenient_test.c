#include "json/lenient.h"

#include "support/test.h"
#include "json/xml.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

/* What was read, as XML: the whole tree in one text. */
static struct str tree_of(const char *text)
{
	struct json doc;
	struct buf b;

	check_ok(json_read_lenient(&arena, str_of(text), "Rows", NULL, &doc));
	buf_init(&b, 10000);
	xml_put(&b, &arena, "r", json_root(&doc));
	struct str tree =
		arena_str(&arena, str_skip(buf_view(&b), sizeof("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") - 1));
	buf_done(&b);
	return tree;
}

static void reads_json_as_it_is(void **state)
{
	static const char text[] = "{\"Rows\":[1,{\"a\":[\",]\",\"{\"]}],\"b\":{}}";
	struct json doc;

	(void)state;
	check_ok(json_read_lenient(&arena, STR(text), "Rows", NULL, &doc));
	assert_ptr_equal(json_raw(json_root(&doc)).p, text); /* not a copy */
}

static void repairs_what_the_example_does(void **state)
{
	(void)state;
	check_str(tree_of("[1,2,]"), "<r><item>1</item><item>2</item></r>");
	check_str(tree_of("{\"a\":1 ,\n}"), "<r><a>1</a></r>");
	check_str(tree_of("{[1]}"), "<r><Rows><item>1</item></Rows></r>");
	check_str(tree_of("{\"a\":[2],\n [{\"b \":\"x\\\"],\"},]}"),
		  "<r><a><item>2</item></a><Rows><item><b_>x&quot;],</b_></item></Rows></r>");
	check_str(tree_of(" \"a\":[1]"), "<r><a><item>1</item></a></r>");
	check_str(tree_of("\"a\":[1,],\n}"), "<r><a><item>1</item></a></r>");
}

/* The text of the vendor's page, shortened by one customer. */
static void reads_the_documented_example(void **state)
{
	static const char example[] =
		"\"InvoicesLists\":\n[{\n\"CustomerId\": \"custom_1\",\n\"CustomerBalance_in_cents \": \"3000\",\n"
		"[\n{ \"InvId\": \"inv_000\", \"InvDate \": \"2023-01-01\" },\n"
		"{ \"InvId\": \"inv_002\", \"InvDate \": \"2023-02-01\" } ]},\n"
		"{\n\"CustomerId\": \"custom_2\",\n[\n{ \"InvId\": \"inv_003\" }\n]},\n]\n}";

	(void)state;
	check_str(tree_of(example),
		  "<r><InvoicesLists><item><CustomerId>custom_1</CustomerId>"
		  "<CustomerBalance_in_cents_>3000</CustomerBalance_in_cents_>"
		  "<Rows><item><InvId>inv_000</InvId><InvDate_>2023-01-01</InvDate_></item>"
		  "<item><InvId>inv_002</InvId><InvDate_>2023-02-01</InvDate_></item></Rows></item>"
		  "<item><CustomerId>custom_2</CustomerId><Rows><item><InvId>inv_003</InvId></item></Rows></item>"
		  "</InvoicesLists></r>");
}

static void repairs_nothing_else(void **state)
{
	static const char *const texts[] = {
		"",
		"[",
		"]",
		"[1,,2]",
		"[,]",
		"{,}",
		"{\"a\":1,,}",
		"{\"a\":[1}",
		"{a:1}",
		"{'a':1}",
		"[1 2]",
		"[1]]",
		"\"a",
		"{\"a\":,}",
		"{[1],[2]}",
		"{\"a\"}",
		"{\"a\":1}}",
		"\"a\":1}}",
		"\"a\" 1",
		"\"a\":1,{}",
		"[1],",
		"{{}}",
		"[\"\\]",
		"{\"a\" [1]}",
		"\"\\",
		"// x\n[]",
		"{\"a\":[1],[2],\"Rows\":3}",
	};
	struct json doc;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		check_err(json_read_lenient(&arena, str_of(texts[i]), "Rows", NULL, &doc), ERR_BAD_REQUEST);
}

static void keeps_the_limits(void **state)
{
	const struct json_limits limits = { .depth = 2, .tokens = 4 };
	struct json doc;
	struct buf b;

	(void)state;
	check_err(json_read_lenient(&arena, STR("[1,2,3,4,5]"), "Rows", &limits, &doc), ERR_TOO_LARGE);
	check_err(json_read_lenient(&arena, STR("[1,2,3,4,5,]"), "Rows", &limits, &doc), ERR_TOO_LARGE);
	buf_init(&b, 100000);
	for (int i = 0; i < 10000; i++)
		buf_lit(&b, "{[");
	check_err(json_read_lenient(&arena, buf_view(&b), "Rows", NULL, &doc), ERR_BAD_REQUEST);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_json_as_it_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(repairs_what_the_example_does, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_the_documented_example, set_up, tear_down),
		cmocka_unit_test_setup_teardown(repairs_nothing_else, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keeps_the_limits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "http/query.h"

#include "support/test.h"

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

static struct query parse(const char *text, enum query_plus plus)
{
	struct query q;

	check_ok(query_parse(&arena, str_of(text), plus, &q));
	return q;
}

static void decodes_parameters(void **state)
{
	struct query q = parse("a=1&b=%32+x&&c&d=&e=f%3Dg=h&%61=2", QUERY_PLUS_KEPT);

	(void)state;
	assert_int_equal(q.count, 6);
	check_str(query_find(&q, "a"), "1");
	check_str(query_find(&q, "b"), "2+x");
	assert_null(query_find(&q, "c").p);
	assert_int_equal(query_count(&q, "c"), 1);
	check_str(query_find(&q, "d"), "");
	assert_non_null(query_find(&q, "d").p);
	check_str(query_find(&q, "e"), "f=g=h");
	assert_int_equal(query_count(&q, "a"), 2);
	assert_null(query_find(&q, "z").p);
	assert_int_equal(parse("", QUERY_PLUS_KEPT).count, 0);
	check_ok(query_parse(&arena, STR_NONE, QUERY_PLUS_KEPT, &q));
	assert_int_equal(q.count, 0);
}

static void keeps_or_turns_plus(void **state)
{
	struct query q = parse("m=+65%2B1", QUERY_PLUS_KEPT);

	(void)state;
	check_str(query_find(&q, "m"), "+65+1");
	q = parse("m=+65%2B1", QUERY_PLUS_IS_SPACE);
	check_str(query_find(&q, "m"), " 65+1");
}

static void refuses_what_is_no_text(void **state)
{
	static const char *const bad[] = {
		"a=%00",    "a=%",   "a=%4",   "a=%4g",		  "a=%g4", "%zz=1",
		"a=%C0%80", "a=%FF", "a=\xFF", "a=1&b=%ED%A0%80", "%00",
	};
	struct query q = { .count = 42 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		check_err(query_parse(&arena, str_of(bad[i]), QUERY_PLUS_KEPT, &q), ERR_BAD_REQUEST);
		assert_int_equal(q.count, 42);
	}
	check_err(query_parse(&arena, (struct str){ "a=b\0c", 5 }, QUERY_PLUS_KEPT, &q), ERR_BAD_REQUEST);
	q = parse("a=%C3%BC\xC3\xBC", QUERY_PLUS_KEPT);
	check_str(query_find(&q, "a"), "\xC3\xBC\xC3\xBC");
}

static void bounds_the_count(void **state)
{
	char text[2 * (QUERY_PARAMS + 1)];
	struct query q;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i += 2) {
		text[i] = 'a';
		text[i + 1] = '&';
	}
	check_err(query_parse(&arena, (struct str){ text, sizeof(text) - 1 }, QUERY_PLUS_KEPT, &q), ERR_BAD_REQUEST);
	check_ok(query_parse(&arena, (struct str){ text, sizeof(text) - 3 }, QUERY_PLUS_KEPT, &q));
	assert_int_equal(q.count, QUERY_PARAMS);
}

static void check_list(const char *text, const char *expected)
{
	struct query q = parse(text, QUERY_PLUS_KEPT);
	size_t count;
	struct str *items = query_list(&arena, &q, "tags", &count);
	struct str joined = STR("");

	for (size_t i = 0; i < count; i++)
		joined = arena_printf(&arena, "%.*s|%.*s", STR_ARG(joined), STR_ARG(items[i]));
	check_str(joined, expected);
}

static void reads_every_form_of_a_list(void **state)
{
	(void)state;
	check_list("tags=A,B", "|A|B");
	check_list("tags=A&x=1&tags=B", "|A|B");
	check_list("tags[]=A&tags[]=B", "|A|B");
	check_list("tags%5B%5D=A&tags%5b%5d=B,C", "|A|B|C");
	check_list("tags[0]=A&tags[1]=B", "|A|B");
	check_list("tags=A%2CB", "|A|B");
	check_list("tags=,A,,", "|A");
	check_list("tags=&tags", "");
	check_list("tag=A&tags[x]=B&tags]=C&[]=D&tags[1x]=E", "");
	struct query q = parse("a[]=1&b[2]=1&c=1&[]=1", QUERY_PLUS_KEPT);
	assert_true(q.params[0].is_array && q.params[1].is_array);
	assert_false(q.params[2].is_array || q.params[3].is_array);
	check_str(q.params[3].name, "[]");
}

static void splits_paths(void **state)
{
	static const struct {
		const char *path;
		size_t count;
		const char *first, *last;
	} rows[] = {
		{ "/", 0, "", "" },	   { "", 0, "", "" },
		{ "/a", 1, "a", "a" },	   { "/a/b%2Fc", 2, "a", "b%2Fc" },
		{ "/a/", 2, "a", "" },	   { "//a", 2, "", "a" },
		{ "/a/b/c", 3, "a", "c" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str segments[3];
		size_t count = path_split(str_of(rows[i].path), segments, 3);

		assert_int_equal(count, rows[i].count);
		if (count) {
			check_str(segments[0], rows[i].first);
			check_str(segments[count - 1], rows[i].last);
		}
	}
	struct str only[1] = { STR_NONE };
	assert_int_equal(path_split(STR("/a/b/c"), only, 1), 3);
	check_str(only[0], "a");
}

static void decodes_segments(void **state)
{
	struct str text;

	(void)state;
	check_ok(query_unescape(&arena, STR("+65%2B%2f"), QUERY_PLUS_KEPT, &text));
	check_str(text, "+65+/");
	struct str plain = STR("plain");
	check_ok(query_unescape(&arena, plain, QUERY_PLUS_KEPT, &text));
	assert_ptr_equal(text.p, plain.p);
	check_err(query_unescape(&arena, STR("a%00"), QUERY_PLUS_KEPT, &text), ERR_BAD_REQUEST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_parameters),	      cmocka_unit_test(keeps_or_turns_plus),
		cmocka_unit_test(refuses_what_is_no_text),    cmocka_unit_test(bounds_the_count),
		cmocka_unit_test(reads_every_form_of_a_list), cmocka_unit_test(splits_paths),
		cmocka_unit_test(decodes_segments),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

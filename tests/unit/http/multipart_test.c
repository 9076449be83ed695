#include "http/multipart.h"

#include "support/test.h"

#define TYPE "multipart/form-data; boundary=xYz"
#define PART(name, value) "--xYz\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n" value "\r\n"
#define END "--xYz--\r\n"

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

static struct query parse(const char *type, const char *body)
{
	struct query q;

	check_ok(multipart_parse(&arena, str_of(type), str_of(body), &q));
	return q;
}

static void reads_values_as_they_are(void **state)
{
	struct str body = STR(PART("a", "1") PART("b", "") PART("c", "x\r\ny=%2B&z\r\n")
				      PART("a", "\xC3\xA9\xF0\x9F\x98\x80") END);
	struct query q;

	(void)state;
	check_ok(multipart_parse(&arena, STR(TYPE), body, &q));
	assert_int_equal(q.count, 4);
	check_str(query_find(&q, "a"), "1");
	check_str(query_find(&q, "b"), "");
	check_str(query_find(&q, "c"), "x\r\ny=%2B&z\r\n");
	check_str(q.params[3].value, "\xC3\xA9\xF0\x9F\x98\x80");
	for (size_t i = 0; i < q.count; i++) /* a slice, not a copy */
		assert_true(q.params[i].value.p >= body.p && q.params[i].value.p <= body.p + body.n);
	assert_int_equal(parse(TYPE, "--xYz--").count, 0);
	assert_int_equal(parse(TYPE, "\r\n--xYz--\r\n").count, 0);
}

static void takes_every_spelling_of_the_boundary(void **state)
{
	static const char *const types[] = {
		"multipart/form-data;boundary=xYz",
		"Multipart/Form-Data ; BOUNDARY = xYz ; charset=utf-8",
		"multipart/form-data; boundary=\"xYz\"",
		"multipart/form-data; charset=\"a;b\"; boundary=xYz;",
		"multipart/form-data; boundary=xYz; boundary=other",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		check_str(query_find(&(struct query){ parse(types[i], PART("a", "1") END).params, 1 }, "a"), "1");
	assert_int_equal(parse("multipart/form-data; boundary=\"a b:'()+_,-./=?\"", "--a b:'()+_,-./=?--").count, 0);
}

static void takes_headers_in_any_order_and_case(void **state)
{
	struct query q =
		parse(TYPE, "--xYz  \t\r\nX-Other: 1\r\ncontent-type:text/plain; charset=utf-8\r\n"
			    "CONTENT-DISPOSITION:Form-Data;filename=\"C:\\dir\\f.txt\" ; name=plain\r\n"
			    "Content-Transfer-Encoding: 8BIT\r\n\r\nfile\r\n"
			    "--xYz\r\nContent-Disposition: form-data; name=\"say \\\"a\\\\b\\c;\"\r\n\r\n2\r\n" END);

	(void)state;
	assert_int_equal(q.count, 2);
	check_str(q.params[0].name, "plain");
	check_str(q.params[0].value, "file");
	check_str(q.params[1].name, "say \"a\\b\\c;");
}

static void skips_preamble_and_epilogue(void **state)
{
	struct query q =
		parse(TYPE, "This is not read.\r\n--xYzzy\r\n--xYz\r\n"
			    "Content-Disposition: form-data; name=a\r\n\r\n1\r\n--xYz--  \r\nnor this\n--xYz\r\n");

	(void)state;
	assert_int_equal(q.count, 1);
	check_str(q.params[0].value, "1");
}

static void a_longer_line_is_data(void **state)
{
	struct query q = parse(TYPE, PART("a", "\r\n--xYzA\r\n--xYz-\r\n --xYz\r\nq--xYz\r\n--xYz--no\r\n--xY") END);

	(void)state;
	assert_int_equal(q.count, 1);
	check_str(q.params[0].value, "\r\n--xYzA\r\n--xYz-\r\n --xYz\r\nq--xYz\r\n--xYz--no\r\n--xY");
}

static void refuses_what_could_be_read_differently(void **state)
{
	static const char *const bodies[] = {
		"",
		"a=1",
		"--xYz\r\n",
		PART("a", "1"), /* not closed */
		PART("a", "1") "--xYz-\r\n",
		"--xYz\r\n--xYz--",	  /* no headers */
		"--xYz\r\n\r\n1\r\n" END, /* no name */
		"--xYz\nContent-Disposition: form-data; name=a\n\n1\n--xYz--\n",
		"--xYz\r\nContent-Disposition: form-data; name=a\n\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=a\r\n--xYz--", /* headers without an end */
		"--xYz\r\nContent-Disposition: form-data\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=a b\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=\"\xFF\"\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; "
		"name=b\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: "
		"base64\r\n\r\nMQ==\r\n" END,
		"--xYz\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n" END,
		"--xYz\r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1\r\n" END, /* folded */
		PART("a", "\xC0\x80") END,
	};
	static const char *const types[] = {
		"multipart/form-data",
		"multipart/form-data; boundary=",
		"multipart/form-data; boundary=\"xYz",
		"multipart/form-data; boundary=\"xYz \"",
		"multipart/form-data; boundary xYz",
		"multipart/form-data; boundary=x\xC3\xA9",
		"multipart/mixed; boundary=xYz",
		"text/plain; a=multipart/form-data; boundary=xYz",
	};
	struct query q = { .count = 42 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++)
		check_err(multipart_parse(&arena, STR(TYPE), str_of(bodies[i]), &q), ERR_BAD_REQUEST);
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		check_err(multipart_parse(&arena, str_of(types[i]), STR(PART("a", "1") END), &q), ERR_BAD_REQUEST);
	check_err(multipart_parse(&arena, STR_NONE, STR(PART("a", "1") END), &q), ERR_BAD_REQUEST);
	check_err(multipart_parse(&arena, STR(TYPE), STR(PART("a", "1\0002") END), &q), ERR_BAD_REQUEST);
	assert_int_equal(q.count, 42);
}

static struct str repeated(struct str part, size_t n, struct str end)
{
	char *text = arena_alloc(&arena, part.n * n + end.n);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * part.n, part.p, part.n);
	memcpy(text + n * part.n, end.p, end.n);
	return (struct str){ text, part.n * n + end.n };
}

static void has_limits(void **state)
{
	static const char disposition[] =
		"--xYz\r\nContent-Disposition: form-data; name=%.*s\r\nX: %.*s\r\n\r\n1\r\n" END;
	struct str part = STR(PART("a", "1")), many = repeated(STR("n"), MULTIPART_HEADER_BYTES, STR(""));
	struct query q;

	(void)state;
	check_ok(multipart_parse(&arena, STR(TYPE), repeated(part, MULTIPART_PARTS, STR(END)), &q));
	assert_int_equal(q.count, MULTIPART_PARTS);
	check_err(multipart_parse(&arena, STR(TYPE), repeated(part, MULTIPART_PARTS + 1, STR(END)), &q), ERR_TOO_LARGE);
	check_ok(multipart_parse(&arena, STR(TYPE),
				 arena_printf(&arena, disposition, MULTIPART_NAME_BYTES, many.p, 1, many.p), &q));
	check_err(multipart_parse(&arena, STR(TYPE),
				  arena_printf(&arena, disposition, MULTIPART_NAME_BYTES + 1, many.p, 1, many.p), &q),
		  ERR_TOO_LARGE);
	check_err(multipart_parse(&arena, STR(TYPE),
				  arena_printf(&arena, disposition, 1, many.p, MULTIPART_HEADER_BYTES, many.p), &q),
		  ERR_TOO_LARGE);
	struct str type =
		arena_printf(&arena, "multipart/form-data; boundary=%.*s", MULTIPART_BOUNDARY_BYTES + 1, many.p);
	check_err(multipart_parse(&arena, type, STR(END), &q), ERR_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_values_as_they_are, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_every_spelling_of_the_boundary, set_up, tear_down),
		cmocka_unit_test_setup_teardown(takes_headers_in_any_order_and_case, set_up, tear_down),
		cmocka_unit_test_setup_teardown(skips_preamble_and_epilogue, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_longer_line_is_data, set_up, tear_down),
		cmocka_unit_test_setup_teardown(refuses_what_could_be_read_differently, set_up, tear_down),
		cmocka_unit_test_setup_teardown(has_limits, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "json/reader.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "support/test.h"

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

static void accepts(void **state)
{
	static const char *const rows[] = {
		"null",
		"true",
		"false",
		"0",
		"-0",
		"-1.5e+3",
		"1E5",
		"1e-5",
		"0.10",
		"\"\"",
		"[]",
		"{}",
		" \t\r\n[ ] ",
		" {\n} ",
		"[[],{}]",
		"[1 , 2]",
		"{\"a\" : 1 , \"b\":[ ]}",
		"\"\x7F\"",
		"{\"\":1}",
		"{\"a\":{\"a\":{\"a\":1}}}",
		"[{\"a\":1},{\"a\":2}]",
		"{\"a\":1,\"A\":2,\"aa\":3}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDCB3\"",
		"\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\"",
		"\"\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"",
		"\"\\uFEFF\\uFFFF\\u0001\"",
		"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
		"12345678901234567890123456789012345678901234567890",
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json doc;

		print_message("# row %zu\n", i);
		check_ok(json_read(&a, str_of(rows[i]), NULL, &doc));
		check_str(str_trim(str_of(rows[i])), arena_strz(&a, json_raw(json_root(&doc))));
		assert_int_equal(doc.count, json_root(&doc)->span);
	}
	arena_done(&a);
}

static const struct refusal {
	const char *in;
	size_t at;
	const char *error;
} refusals[] = {
	{ "", 0, "expected a value" },
	{ "  ", 2, "expected a value" },
	{ "nul", 0, "expected a value" },
	{ "True", 0, "expected a value" },
	{ "nullx", 4, "something follows the value" },
	{ "NaN", 0, "expected a value" },
	{ "Infinity", 0, "expected a value" },
	{ "-Infinity", 1, "expected a digit" },
	{ "+1", 0, "expected a value" },
	{ "01", 1, "something follows the value" },
	{ "-01", 2, "something follows the value" },
	{ "-", 1, "expected a digit" },
	{ "1.", 2, "expected a digit" },
	{ ".5", 0, "expected a value" },
	{ "1.e5", 2, "expected a digit" },
	{ "1e", 2, "expected a digit" },
	{ "1e+", 3, "expected a digit" },
	{ "0x10", 1, "something follows the value" },
	{ "1 2", 2, "something follows the value" },
	{ "{} {}", 3, "something follows the value" },
	{ "[]]", 2, "something follows the value" },
	{ "'a'", 0, "expected a value" },
	{ "{'a':1}", 1, "expected a key" },
	{ "{a:1}", 1, "expected a key" },
	{ "{1:1}", 1, "expected a key" },
	{ "// c\n1", 0, "expected a value" },
	{ "1 /* c */", 2, "something follows the value" },
	{ "[1,]", 3, "expected a value" },
	{ "[,1]", 1, "expected a value" },
	{ "[1 2]", 3, "expected ',' or ']'" },
	{ "[1", 2, "expected ',' or ']'" },
	{ "[1}", 2, "expected ',' or ']'" },
	{ "[", 1, "expected a value" },
	{ "{", 1, "expected a key" },
	{ "{]", 1, "expected a key" },
	{ "{\"a\"}", 4, "expected ':'" },
	{ "{\"a\" 1}", 5, "expected ':'" },
	{ "{\"a\":}", 5, "expected a value" },
	{ "{\"a\":1,}", 7, "expected a key" },
	{ "{\"a\":1", 6, "expected ',' or '}'" },
	{ "{\"a\":1]", 6, "expected ',' or '}'" },
	{ "{\"a\":1 \"b\":2}", 7, "expected ',' or '}'" },
	{ "\xEF\xBB\xBF{}", 0, "expected a value" },
	{ "\xA0", 0, "expected a value" },
	{ "\f1", 0, "expected a value" },
	{ "\"a", 2, "unfinished string" },
	{ "\"a\\\"", 4, "unfinished string" },
	{ "\"a\\", 2, "unknown escape" },
	{ "\"\t\"", 1, "control character in a string" },
	{ "\"\x1F\"", 1, "control character in a string" },
	{ "\"a\nb\"", 2, "control character in a string" },
	{ "\"\\a\"", 1, "unknown escape" },
	{ "\"\\'\"", 1, "unknown escape" },
	{ "\"\\U0041\"", 1, "unknown escape" },
	{ "\"\\u12\"", 1, "malformed \\u escape" },
	{ "\"\\u12G4\"", 1, "malformed \\u escape" },
	{ "\"\\u", 1, "malformed \\u escape" },
	{ "\"\\u0000\"", 1, "U+0000 in a string" },
	{ "\"\\uD800\"", 1, "lone surrogate" },
	{ "\"\\uDC00\"", 1, "lone surrogate" },
	{ "\"\\uD800\\u0041\"", 1, "lone surrogate" },
	{ "\"\\uD800\\uD800\"", 1, "lone surrogate" },
	{ "\"\\uD800x\\uDC00\"", 1, "lone surrogate" },
	{ "\"\x80\"", 0, "ill-formed UTF-8" },
	{ "\"\xC3\"", 0, "ill-formed UTF-8" },
	{ "\"\xC0\x80\"", 0, "ill-formed UTF-8" },
	{ "\"\xE0\x80\x80\"", 0, "ill-formed UTF-8" },
	{ "\"\xED\xA0\x80\"", 0, "ill-formed UTF-8" },
	{ "\"\xF4\x90\x80\x80\"", 0, "ill-formed UTF-8" },
	{ "\"\xFF\"", 0, "ill-formed UTF-8" },
	{ "{\"\xFF\":1}", 1, "ill-formed UTF-8" },
	{ "{\"a\":1,\"a\":1}", 13, "duplicate key in the object that ends here" },
	{ "{\"\":1,\"\":1}", 11, "duplicate key in the object that ends here" },
	{ "{\"a\":1,\"b\":2,\"\\u0061\":1}", 24, "duplicate key in the object that ends here" },
	{ "{\"\\/\":1,\"/\":2}", 14, "duplicate key in the object that ends here" },
	{ "[{\"x\":{\"a\":{},\"a\":[]}}]", 21, "duplicate key in the object that ends here" },
};

static void refuses_and_says_where(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct json doc = { .count = 77 };

		print_message("# row %zu\n", i);
		check_err(json_read(&a, str_of(refusals[i].in), NULL, &doc), ERR_BAD_REQUEST);
		check_str(str_of(doc.error), refusals[i].error);
		assert_int_equal(doc.error_at, refusals[i].at);
		assert_int_equal(doc.count, 77);
	}
	/* Raw U+0000, in a string and outside one. */
	struct json doc;
	check_err(json_read(&a, STR("\"a\0b\""), NULL, &doc), ERR_BAD_REQUEST);
	check_err(json_read(&a, STR("1\0"), NULL, &doc), ERR_BAD_REQUEST);
	check_err(json_read(&a, STR("[\0]"), NULL, &doc), ERR_BAD_REQUEST);
	check_err(json_read(&a, STR_NONE, NULL, &doc), ERR_BAD_REQUEST);
	arena_done(&a);
}

/* Every beginning of a valid text is refused, and nothing past it is read: it stands alone on the heap for ASan. */
static void refuses_every_prefix(void **state)
{
	static const char whole[] = "{\"a\":[true,false,null,-1.5e+3,\"\\uD83D\\uDCB3\xC3\xA9\"],\"b\":{\"c\":\"d\"}}";
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t n = 0; n < sizeof(whole); n++) {
		char *copy = malloc(n ? n : 1);
		struct json doc;

		must(copy);
		memcpy(copy, whole, n);
		check_err(json_read(&a, (struct str){ copy, n }, NULL, &doc),
			  n < sizeof(whole) - 1 ? ERR_BAD_REQUEST : OK);
		free(copy);
	}
	arena_done(&a);
}

static void keeps_limits(void **state)
{
	const struct json_limits limits = { .depth = 2, .tokens = 5 };
	struct arena a;
	struct json doc;

	(void)state;
	arena_init(&a);
	check_ok(json_read(&a, STR("[[1,2,3]]"), &limits, &doc));
	check_err(json_read(&a, STR("[[1,2,3,4]]"), &limits, &doc), ERR_TOO_LARGE);
	check_str(str_of(doc.error), "too many values");
	check_ok(json_read(&a, STR("{\"a\":1,\"b\":2}"), &limits, &doc));
	check_err(json_read(&a, STR("{\"a\":1,\"b\":2,\"c\":3}"), &limits, &doc), ERR_TOO_LARGE);
	check_err(json_read(&a, STR("[[[]]]"), &limits, &doc), ERR_TOO_LARGE);
	check_str(str_of(doc.error), "nested too deep");
	check_err(json_read(&a, STR("[[{}]]"), &limits, &doc), ERR_TOO_LARGE);
	check_ok(json_read(&a, STR("[[],[]]"), &limits, &doc));
	check_err(json_read(&a, STR("[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]"), NULL, &doc), ERR_TOO_LARGE);
	arena_done(&a);
}

static void walks(void **state)
{
	const struct json_token *root, *at;
	struct arena a;
	struct json doc;

	(void)state;
	arena_init(&a);
	check_ok(json_read(&a,
			   STR("{\"one\":1, \"list\":[ 10, {\"x\":[[]]} ,\"s\" ],\"k\\u0065y\":{\"in\": true},"
			       "\"empty\":{},\"void\":null}"),
			   NULL, &doc));
	root = json_root(&doc);
	assert_int_equal(json_type(root), JSON_OBJECT);
	assert_int_equal(json_count(root), 5);
	check_str(json_raw(json_get(root, "one")), "1");
	check_str(json_raw(json_get(root, "list")), "[ 10, {\"x\":[[]]} ,\"s\" ]");
	check_str(json_raw(json_get(json_get(root, "key"), "in")), "true");
	assert_null(json_get(root, "k"));
	assert_null(json_get(root, "in"));
	assert_null(json_get(root, "keyy"));
	assert_null(json_get(json_get(root, "list"), "x"));
	assert_null(json_get(NULL, "x"));
	assert_null(json_first(json_get(root, "empty")));
	assert_null(json_first(json_get(root, "one")));
	assert_true(json_is_null(json_get(root, "void")));
	assert_true(json_is_null(json_get(root, "nowhere")));
	assert_false(json_is_null(root));

	struct buf seen;
	buf_init(&seen, 1000);
	for (at = json_first(root); at; at = json_next(root, at)) {
		buf_str(&seen, json_text(&a, at));
		buf_char(&seen, '=');
		buf_i64(&seen, (int64_t)json_count(json_value(at)));
		buf_char(&seen, ' ');
	}
	root = json_get(root, "list");
	for (at = json_first(root); at; at = json_next(root, at)) {
		buf_str(&seen, json_raw(at));
		buf_char(&seen, ';');
	}
	check_str(buf_view(&seen), "one=0 list=3 key=1 empty=0 void=0 10;{\"x\":[[]]};\"s\";");
	buf_done(&seen);
	arena_done(&a);
}

static void decodes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "\"plain \xC3\xA9\"", "plain \xC3\xA9" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t" },
		{ "\"\\u0041\\u007f\\u0080\\u07FF\\u0800\\uFFFF\"", "A\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF" },
		{ "\"\\uD83D\\uDcb3 \\uD800\\uDC00 \\uDBFF\\uDFFF\"",
		  "\xF0\x9F\x92\xB3 \xF0\x90\x80\x80 \xF4\x8F\xBF\xBF" },
		{ "\"\"", "" },
		{ "1", NULL },
		{ "[\"x\"]", NULL },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct json doc;

		check_ok(json_read(&a, str_of(rows[i].in), NULL, &doc));
		struct str text = json_text(&a, json_root(&doc));
		if (rows[i].out) {
			check_str(text, rows[i].out);
			assert_true(json_text_is(json_root(&doc), text));
			assert_false(json_text_is(json_root(&doc), arena_printf(&a, "%sx", rows[i].out)));
			if (text.n)
				assert_false(json_text_is(json_root(&doc), (struct str){ text.p, text.n - 1 }));
		} else {
			assert_null(text.p);
			assert_false(json_text_is(json_root(&doc), STR("")));
		}
	}
	assert_null(json_text(&a, NULL).p);
	arena_done(&a);
}

static void reads_scalars(void **state)
{
	static const struct {
		const char *in;
		enum err i64, micros, boolean;
		int64_t i64_value, micros_value;
	} rows[] = {
		{ "5", OK, OK, ERR_BAD_REQUEST, 5, 5000000 },
		{ "-0", OK, OK, ERR_BAD_REQUEST, 0, 0 },
		{ "9223372036854775807", OK, ERR_OVERFLOW, ERR_BAD_REQUEST, INT64_MAX, 0 },
		{ "9223372036854775808", ERR_BAD_REQUEST, ERR_OVERFLOW, ERR_BAD_REQUEST, 0, 0 },
		{ "5.0", ERR_BAD_REQUEST, OK, ERR_BAD_REQUEST, 0, 5000000 },
		{ "5e0", ERR_BAD_REQUEST, OK, ERR_BAD_REQUEST, 0, 5000000 },
		{ "0.0000001", ERR_BAD_REQUEST, ERR_BAD_REQUEST, ERR_BAD_REQUEST, 0, 0 },
		{ "\"5\"", ERR_BAD_REQUEST, ERR_BAD_REQUEST, ERR_BAD_REQUEST, 0, 0 },
		{ "null", ERR_BAD_REQUEST, ERR_BAD_REQUEST, ERR_BAD_REQUEST, 0, 0 },
		{ "true", ERR_BAD_REQUEST, ERR_BAD_REQUEST, OK, 0, 0 },
	};
	struct arena a;
	struct json doc;
	bool yes = false;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t i64 = 77, micros = 77;

		print_message("# row %zu\n", i);
		check_ok(json_read(&a, str_of(rows[i].in), NULL, &doc));
		check_err(json_i64(json_root(&doc), INT64_MIN, INT64_MAX, &i64), rows[i].i64);
		check_err(json_micros(json_root(&doc), &micros), rows[i].micros);
		check_err(json_boolean(json_root(&doc), &yes), rows[i].boolean);
		assert_int_equal(i64, rows[i].i64 ? 77 : rows[i].i64_value);
		assert_int_equal(micros, rows[i].micros ? 77 : rows[i].micros_value);
	}
	assert_true(yes);
	check_ok(json_read(&a, STR("[false,1.50]"), NULL, &doc));
	const struct json_token *first = json_first(json_root(&doc));
	check_ok(json_boolean(first, &yes));
	assert_false(yes);
	check_str(json_number_text(json_next(json_root(&doc), first)), "1.50");
	assert_null(json_number_text(first).p);
	int64_t i64;
	check_err(json_i64(json_next(json_root(&doc), first), 0, 10, &i64), ERR_BAD_REQUEST);
	check_err(json_i64(NULL, 0, 10, &i64), ERR_BAD_REQUEST);
	arena_done(&a);
}

/* An object of n members "key-I", the last of which repeats member `repeat` under another spelling, if there is one. */
static struct str large_object(struct buf *b, size_t n, size_t repeat)
{
	buf_clear(b);
	buf_char(b, '{');
	for (size_t i = 0; i < n; i++) {
		if (i + 1 == n && repeat < n)
			buf_printf(b, "\"\\u006bey-%zu\":0}", repeat);
		else
			buf_printf(b, "\"key-%zu\":0%c", i, i + 1 < n ? ',' : '}');
	}
	return buf_view(b);
}

/* Around the size at which the search changes its method, every pair must still be compared. */
static void finds_duplicates_in_objects_of_any_size(void **state)
{
	struct arena a;
	struct json doc;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 100000);
	for (size_t n = 2; n < 40; n++) {
		check_ok(json_read(&a, large_object(&b, n, n), NULL, &doc));
		for (size_t repeat = 0; repeat < n - 1; repeat++)
			check_err(json_read(&a, large_object(&b, n, repeat), NULL, &doc), ERR_BAD_REQUEST);
	}
	/* Large objects one after the other share their working memory, and nothing else. */
	struct str large = arena_str(&a, large_object(&b, 40, 40)), twice = arena_str(&a, large_object(&b, 20, 3));
	check_ok(json_read(&a, arena_printf(&a, "[%s,%s]", large.p, large.p), NULL, &doc));
	check_err(json_read(&a, arena_printf(&a, "[%s,%s]", large.p, twice.p), NULL, &doc), ERR_BAD_REQUEST);
	buf_done(&b);
	arena_done(&a);
}

/* Quadratic work on so many keys would take minutes, and the test runner would end it. */
static void many_keys_stay_cheap(void **state)
{
	const struct json_limits limits = { .depth = 1, .tokens = 400001 };
	struct arena a;
	struct json doc;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 16 * 1024 * 1024);
	check_ok(json_read(&a, large_object(&b, 200000, 200000), &limits, &doc));
	assert_int_equal(json_count(json_root(&doc)), 200000);
	check_err(json_read(&a, large_object(&b, 200000, 77), &limits, &doc), ERR_BAD_REQUEST);
	buf_done(&b);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(refuses_and_says_where),
		cmocka_unit_test(refuses_every_prefix),
		cmocka_unit_test(keeps_limits),
		cmocka_unit_test(walks),
		cmocka_unit_test(decodes),
		cmocka_unit_test(reads_scalars),
		cmocka_unit_test(finds_duplicates_in_objects_of_any_size),
		cmocka_unit_test(many_keys_stay_cheap),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}

/* Our reader against json-c in its strict mode, on random texts and on texts damaged at random: what we accept, json-c
 * accepts with the same values; what json-c accepts and we do not is one of the differences listed here. */
#include "json/reader.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "support/test.h"
#include "unit/json/oracle.h"

#include <inttypes.h>

enum { SEED = 20250101, DOCUMENTS = 20000, MOST_DEPTH = 5 };

struct tally {
	size_t accepted, refused, differed; /* refused by both; by us alone */
};

struct random {
	uint64_t state;
};

static size_t below(struct random *r, size_t n)
{
	r->state = r->state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(r->state >> 33) % n;
}

#define PICK(r, rows) ((rows)[below((r), ARRAY_LEN(rows))])

static void put_space(struct random *r, struct buf *b)
{
	static const char *const spaces[] = { "", "", "", "", "", " ", "\n", "\t", "\r\n", "  " };

	buf_str(b, str_of(PICK(r, spaces)));
}

static void put_string(struct random *r, struct buf *b)
{
	static const char *const pieces[] = { "a",
					      "b",
					      "key",
					      "0",
					      " ",
					      "/",
					      "'",
					      "\x7F",
					      "\xC3\xA9",
					      "\xE2\x82\xAC",
					      "\xF0\x9F\x92\xB3",
					      "\\\"",
					      "\\\\",
					      "\\/",
					      "\\b",
					      "\\n",
					      "\\u0041",
					      "\\u00e9",
					      "\\u20AC",
					      "\\uD83D\\uDCB3",
					      "\\u001f",
					      "\\uFFFF" };

	buf_char(b, '"');
	for (size_t i = below(r, 5); i > 0; i--)
		buf_str(b, str_of(PICK(r, pieces)));
	buf_char(b, '"');
}

static void put_number(struct random *r, struct buf *b)
{
	static const char *const wholes[] = { "0",
					      "1",
					      "7",
					      "42",
					      "9007199254740993",
					      "9223372036854775807",
					      "9223372036854775808",
					      "123456789012345678901234567890" };
	static const char *const fractions[] = { "", "", "", ".0", ".5", ".25", ".000001", ".10" };
	static const char *const exponents[] = { "", "", "", "", "e0", "E+2", "e-3", "e10" };

	buf_str(b, below(r, 4) ? STR("") : STR("-"));
	buf_str(b, str_of(PICK(r, wholes)));
	buf_str(b, str_of(PICK(r, fractions)));
	buf_str(b, str_of(PICK(r, exponents)));
}

static void put_value(struct random *r, struct buf *b, int depth)
{
	static const char *const words[] = { "null", "true", "false" };
	size_t kind = below(r, depth < MOST_DEPTH ? 6 : 3);
	bool is_object = kind == 5;

	put_space(r, b);
	if (kind == 0) {
		buf_str(b, str_of(PICK(r, words)));
	} else if (kind == 1) {
		put_number(r, b);
	} else if (kind == 2) {
		put_string(r, b);
	} else {
		buf_char(b, is_object ? '{' : '[');
		put_space(r, b);
		for (size_t i = 0, n = below(r, 5); i < n; i++) {
			if (i)
				buf_char(b, ',');
			if (is_object) {
				put_space(r, b);
				put_string(r, b);
				put_space(r, b);
				buf_char(b, ':');
			}
			put_value(r, b, depth + 1);
		}
		buf_char(b, is_object ? '}' : ']');
	}
	put_space(r, b);
}

/* Takes out, puts in or changes one to three bytes. */
static void damage(struct random *r, struct buf *b)
{
	static const char bytes[] = "{}[]:,\"'\\/+-.0159eENnItu \n\t\x01\x1F\x7F\x80\xBF\xC3\xED\xA0\xF0\xFF";

	for (size_t i = 1 + below(r, 3); i > 0; i--) {
		size_t at = below(r, b->n + 1), kind = below(r, 3);

		if (kind == 0 && buf_reserve(b, 1)) {
			memmove(b->p + at + 1, b->p + at, b->n - at);
			b->p[at] = PICK(r, bytes);
			b->n++;
		} else if (kind == 1 && at < b->n) {
			b->p[at] = PICK(r, bytes);
		} else if (at < b->n) {
			memmove(b->p + at, b->p + at + 1, b->n - at - 1);
			b->n--;
		}
	}
}

static void dump(struct arena *a, struct buf *b, const struct json_token *value);

static void dump_number(struct arena *a, struct buf *b, const struct json_token *value)
{
	struct str text = json_raw(value);
	int64_t number;

	if (json_i64(value, INT64_MIN + 1, INT64_MAX, &number) == OK)
		buf_printf(b, "i%" PRId64 " ", number);
	else if (memchr(text.p, '.', text.n) || memchr(text.p, 'e', text.n) || memchr(text.p, 'E', text.n))
		buf_printf(b, "d%.17g ", strtod(arena_strz(a, text), NULL));
	else
		buf_lit(b, "I ");
}

static void dump_text(struct arena *a, struct buf *b, const struct json_token *value)
{
	struct str text = json_text(a, value);

	buf_printf(b, "s%zu:", text.n);
	buf_str(b, text);
}

static void dump_container(struct arena *a, struct buf *b, const struct json_token *value)
{
	bool is_object = json_type(value) == JSON_OBJECT;

	buf_printf(b, "%c%zu ", is_object ? '{' : '[', json_count(value));
	for (const struct json_token *at = json_first(value); at; at = json_next(value, at)) {
		if (is_object)
			dump_text(a, b, at);
		dump(a, b, is_object ? json_value(at) : at);
	}
}

static void dump(struct arena *a, struct buf *b, const struct json_token *value)
{
	bool yes;

	switch (json_type(value)) {
	case JSON_NULL:
		buf_lit(b, "n ");
		break;
	case JSON_BOOL:
		check_ok(json_boolean(value, &yes));
		buf_str(b, yes ? STR("t ") : STR("f "));
		break;
	case JSON_NUMBER:
		dump_number(a, b, value);
		break;
	case JSON_STRING:
		dump_text(a, b, value);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		dump_container(a, b, value);
		break;
	}
}

/* What json-c 0.16 lets through although RFC 8259, or our reader beyond it, does not: our error, the bytes at which it
 * is one of these (NULL: any), and what json-c makes of it. */
static const struct {
	const char *error;
	struct str at;
	const char *there;
} differences[] = {
	{ "duplicate key in the object that ends here", STR_NONE, "the last one counts" },
	{ "U+0000 in a string", STR_NONE, "a value keeps it, a key is cut at it" },
	{ "lone surrogate", STR_NONE, "becomes U+FFFD" },
	{ "control character in a string", STR_NONE, "is kept" },
	{ "expected a digit", STR_NONE, "1. and 1.e5 are numbers, so is -Infinity" },
	{ "expected a value", STR("NI"), "NaN and Infinity are numbers" },
	{ "expected a key", STR("'"), "'a' is a key" },
	{ "something follows the value",
	  STR("\0"
	      "0123456789"),
	  "a NUL ends the text; 00 and 01.5 are numbers" },
	{ "expected ',' or '}'", STR("0123456789"), "00 and 01.5 are numbers" },
	{ "expected ',' or ']'", STR("0123456789"), "00 and 01.5 are numbers" },
};

static bool is_known(const struct json *doc, struct str in)
{
	struct str rest = str_skip(in, doc->error_at);

	for (size_t i = 0; i < ARRAY_LEN(differences); i++)
		if (str_is(str_of(doc->error), differences[i].error) &&
		    (!differences[i].at.p || (rest.n && memchr(differences[i].at.p, rest.p[0], differences[i].at.n))))
			return true;
	return false;
}

static void check_one(struct arena *a, struct str in, struct tally *tally)
{
	struct buf mine, theirs;
	struct json doc;

	buf_init(&mine, 1024 * 1024);
	buf_init(&theirs, 1024 * 1024);
	enum err e = json_read(a, in, NULL, &doc);
	bool theirs_good = oracle_dump(in, &theirs);
	if (!e && !theirs_good)
		fail_msg("json-c refuses %.*s", STR_ARG(in));
	if (e && theirs_good && !is_known(&doc, in))
		fail_msg("json-c accepts what we refuse at %zu, %s: %.*s", doc.error_at, doc.error, STR_ARG(in));
	if (!e) {
		dump(a, &mine, json_root(&doc));
		check_str(buf_view(&mine), arena_strz(a, buf_view(&theirs)));
	}
	tally->accepted += !e;
	tally->refused += e && !theirs_good;
	tally->differed += e && theirs_good;
	buf_done(&mine);
	buf_done(&theirs);
}

static void agrees_with_json_c(void **state)
{
	struct random random = { SEED };
	struct tally tally = { 0 };
	struct arena a;
	struct buf b;

	(void)state;
	print_message("# seed %d\n", SEED);
	arena_init(&a);
	buf_init(&b, 1024 * 1024);
	for (int i = 0; i < DOCUMENTS; i++) {
		buf_clear(&b);
		arena_reset(&a);
		put_value(&random, &b, 0);
		if (i % 2)
			damage(&random, &b);
		check_one(&a, buf_view(&b), &tally);
	}
	print_message("# %zu accepted, %zu refused by both, %zu by us alone\n", tally.accepted, tally.refused,
		      tally.differed);
	assert_true(tally.accepted > DOCUMENTS / 3 && tally.refused > DOCUMENTS / 6 && tally.differed > 0);
	buf_done(&b);
	arena_done(&a);
}

/* The reason why json-c does not read our requests: it takes all of these. */
static void knows_the_differences(void **state)
{
	static const struct str samples[] = {
		STR("{\"a\":1,\"a\":2}"),
		STR("\"\\u0000\""),
		STR("\"\\uD800\""),
		STR("\"\n\""),
		STR("[1.]"),
		STR("NaN"),
		STR("[-Infinity]"),
		STR("{'a':1}"),
		STR("1\0x"),
		STR("[01.5]"),
		STR("{\"a\":00}"),
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(samples); i++) {
		struct tally tally = { 0 };

		print_message("# sample %zu\n", i);
		check_one(&a, samples[i], &tally);
		assert_int_equal(tally.differed, 1);
	}
	arena_done(&a);
}

static int start(void **state)
{
	(void)state;
	return crypto_start();
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(agrees_with_json_c),
					    cmocka_unit_test(knows_the_differences) };

	return cmocka_run_group_tests(tests, start, NULL);
}

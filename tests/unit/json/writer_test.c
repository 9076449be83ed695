#include "json/writer.h"

#include "support/test.h"
#include "json/reader.h"

static void writes_every_kind(void **state)
{
	struct json_writer writer, *w = &writer;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	buf_lit(&b, "before ");
	json_writer_init(w, &b);
	json_obj(w, NULL);
	json_str(w, "str", STR("a/b"));
	json_str(w, "absent", STR_NONE);
	json_str(w, "empty", STR(""));
	json_strz(w, "strz", "z");
	json_strz(w, "none", NULL);
	json_int(w, "least", INT64_MIN);
	json_bool(w, "yes", true);
	json_bool(w, "no", false);
	json_null(w, "null");
	json_decimal(w, "decimal", 29090000);
	json_ratio(w, "ratio", 5, 6);
	json_raw_value(w, "raw", STR("{\"x\":[1.00]}"));
	json_raw_value(w, "nothing", STR_NONE);
	json_date(w, "date", 883561);
	json_time(w, "time", 1, 3, "+00:00");
	json_arr(w, "empties");
	json_obj(w, NULL);
	json_end(w);
	json_arr(w, NULL);
	json_end(w);
	json_int(w, NULL, 1);
	json_null(w, NULL);
	json_end(w);
	json_key(w, STR("we\"ird"));
	json_arr(w, NULL);
	json_int(w, NULL, 7);
	json_end(w);
	json_key(w, STR("more"));
	json_int(w, NULL, 8);
	json_int(w, "last", 9);
	json_end(w);
	check_ok(json_finish(w));
	check_str(buf_view(&b),
		  "before {\"str\":\"a/b\",\"absent\":null,\"empty\":\"\",\"strz\":\"z\",\"none\":null,"
		  "\"least\":-9223372036854775808,\"yes\":true,\"no\":false,\"null\":null,\"decimal\":29.09,"
		  "\"ratio\":0.833333333333333,\"raw\":{\"x\":[1.00]},\"nothing\":null,"
		  "\"date\":\"1970-01-01T00:00:00.883561000Z\",\"time\":\"1970-01-01T00:00:00.000+00:00\","
		  "\"empties\":[{},[],1,null],\"we\\\"ird\":[7],\"more\":8,\"last\":9}");
	buf_done(&b);
}

static void check_written(struct str in, const char *out)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, 4096);
	json_writer_init(&w, &b);
	json_str(&w, NULL, in);
	check_ok(json_finish(&w));
	check_str(buf_view(&b), out);
	buf_done(&b);
}

static void escapes_what_must_be(void **state)
{
	(void)state;
	check_written(STR("plain \x7F / ' h\xC3\xA9 \xF0\x9F\x92\xB3"),
		      "\"plain \x7F / ' h\xC3\xA9 \xF0\x9F\x92\xB3\"");
	check_written(STR("\"\\"), "\"\\\"\\\\\"");
	check_written(STR("a\b\f\n\r\tz"), "\"a\\b\\f\\n\\r\\tz\"");
	check_written(STR("\x01\x1F"), "\"\\u0001\\u001f\"");
	check_written(STR("\0"), "\"\\u0000\"");
}

static void put_alone(struct buf *b, struct str s)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_str(&w, NULL, s);
	check_ok(json_finish(&w));
}

/* Eight bytes are looked at at once: each is written as it is alone, wherever it stands and whatever is around it. */
static void escapes_wherever_it_stands(void **state)
{
	static const char around[] = "x!#[] \x7F\xC3\xA9\xFF";
	enum { LENGTH = 21 };
	char text[LENGTH];
	struct buf whole, parts;

	(void)state;
	buf_init(&whole, 4096);
	buf_init(&parts, 4096);
	for (size_t i = 0; i < sizeof(around) - 1; i++)
		for (int at = 0; at < LENGTH * 256; at++) {
			memset(text, around[i], LENGTH);
			text[at % LENGTH] = (char)(at / LENGTH);
			buf_clear(&whole);
			buf_clear(&parts);
			put_alone(&whole, (struct str){ text, LENGTH });
			for (int j = 0; j < LENGTH; j++) {
				parts.n -= j > 0; /* one string without the quotes between its bytes */
				size_t from = parts.n;

				put_alone(&parts, (struct str){ text + j, 1 });
				if (j > 0)
					memmove(parts.p + from, parts.p + from + 1, --parts.n - from);
			}
			assert_int_equal(whole.n, parts.n);
			assert_memory_equal(whole.p, parts.p, whole.n);
		}
	buf_done(&whole);
	buf_done(&parts);
}

static void what_is_written_reads_back(void **state)
{
	char all[0x7F];
	struct json_writer w;
	struct json doc;
	struct arena a;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (char)(i + 1);
	arena_init(&a);
	buf_init(&b, 4096);
	json_writer_init(&w, &b);
	json_str(&w, NULL, (struct str){ all, sizeof(all) });
	check_ok(json_finish(&w));
	check_ok(json_read(&a, buf_view(&b), NULL, &doc));
	assert_true(str_eq(json_text(&a, json_root(&doc)), (struct str){ all, sizeof(all) }));
	buf_done(&b);
	arena_done(&a);
}

/* Whatever the maximum, a document that does not fit is refused at the end, and one that fits is whole. */
static void overflow_is_told_once_at_the_end(void **state)
{
	static const char whole[] = "{\"a\":[1,\"b\\n\"],\"c\":true}";

	(void)state;
	for (size_t max = 0; max <= sizeof(whole) + 8; max++) {
		struct json_writer w;
		struct buf b;

		buf_init(&b, max);
		json_writer_init(&w, &b);
		json_obj(&w, NULL);
		json_arr(&w, "a");
		json_int(&w, NULL, 1);
		json_str(&w, NULL, STR("b\n"));
		json_end(&w);
		json_bool(&w, "c", true);
		json_end(&w);
		enum err e = json_finish(&w);
		check_err(e, max < sizeof(whole) - 1 ? ERR_TOO_LARGE : OK);
		if (!e)
			check_str(buf_view(&b), whole);
		buf_done(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_kind),
		cmocka_unit_test(escapes_what_must_be),
		cmocka_unit_test(escapes_wherever_it_stands),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(overflow_is_told_once_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The JSON reader, writer, field tables and decimals on foreign bytes. What is read is written again by our writer from
 * decoded values, and must then be read as the same. */
#include "base/decimal.h"
#include "json/fields.h"
#include "json/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct inner {
	uint64_t set;
	int64_t micros;
};

struct body {
	uint64_t set;
	struct str text, raw;
	int64_t number, time_us;
	int kind;
	struct inner inner;
	struct field_strs strs;
};

static const struct field_name kinds[] = { { "A", 1 }, { "B", 2 }, { 0 } };
static const struct field inner_fields[] = {
	{ "d", FIELD_DECIMAL, FIELD_REQUIRED, offsetof(struct inner, micros), .min = 1, .max = 1000000000 },
};
static const struct fields inner_table = FIELDS(inner_fields, struct inner, FIELDS_CLOSED | FIELDS_NOT_EMPTY);
static const struct field body_fields[] = {
	{ "t", FIELD_STR, FIELD_NONBLANK, offsetof(struct body, text), .min = 1, .max = 4 },
	{ "n", FIELD_INT64, FIELD_NULLABLE, offsetof(struct body, number), .min = 1 },
	{ "e", FIELD_ENUM, 0, offsetof(struct body, kind), .names = kinds },
	{ "at", FIELD_TIME, 0, offsetof(struct body, time_us) },
	{ "o", FIELD_OBJECT, 0, offsetof(struct body, inner), .object = &inner_table },
	{ "s", FIELD_STRS, FIELD_UNIQUE, offsetof(struct body, strs), .max = 5 },
	{ "r", FIELD_RAW, 0, offsetof(struct body, raw), .max = 100 },
};
static const struct fields body_table = FIELDS(body_fields, struct body, 0);

static void write_value(struct arena *a, struct json_writer *w, const struct json_token *value)
{
	bool yes;

	switch (json_type(value)) {
	case JSON_NULL:
	case JSON_NUMBER:
		json_raw_value(w, NULL, json_raw(value));
		break;
	case JSON_BOOL:
		must(!json_boolean(value, &yes));
		json_bool(w, NULL, yes);
		break;
	case JSON_STRING:
		must(str_is_utf8(json_text(a, value)));
		must(json_text_is(value, json_text(a, value)));
		json_str(w, NULL, json_text(a, value));
		break;
	case JSON_ARRAY:
		json_arr(w, NULL);
		for (const struct json_token *at = json_first(value); at; at = json_next(value, at))
			write_value(a, w, at);
		json_end(w);
		break;
	case JSON_OBJECT:
		json_obj(w, NULL);
		for (const struct json_token *key = json_first(value); key; key = json_next(value, key)) {
			json_key(w, json_text(a, key));
			write_value(a, w, json_value(key));
		}
		json_end(w);
		break;
	}
}

static void check_same(struct arena *a, const struct json *doc, const struct json *again)
{
	must(again->count == doc->count);
	for (size_t i = 0; i < doc->count; i++) {
		const struct json_token *one = &doc->tokens[i], *other = &again->tokens[i];

		must(one->type == other->type && one->span == other->span && one->count == other->count);
		if (one->type == JSON_STRING)
			must(json_text_is(other, json_text(a, one)));
		if (one->type == JSON_NUMBER)
			must(str_eq(json_raw(one), json_raw(other)));
	}
}

static void check_decimal(struct str text)
{
	struct buf again;
	int64_t micros, same;

	if (decimal_parse(text, &micros))
		return;
	buf_init(&again, 64);
	decimal_put(&again, micros);
	must(!decimal_parse(buf_view(&again), &same) && same == micros);
	buf_done(&again);
}

static void check_fields(struct arena *a, const struct json *doc)
{
	struct json_faults faults = { .n = 0 };
	struct body body = { .number = 77 };
	enum err e = fields_bind(a, json_root(doc), &body_table, &body, &faults);

	must(e ? faults.n > 0 && e == faults.items[0].code && body.number == 77 : faults.n == 0);
	for (size_t i = 0; i < faults.n; i++)
		must(str_is_utf8(str_of(faults.items[i].message)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct json doc, again;
	struct json_writer w;
	struct arena a;
	struct buf b;

	check_decimal(text);
	arena_init(&a);
	enum err e = json_read(&a, text, NULL, &doc);
	must(!e || doc.error_at <= size);
	if (!e) {
		buf_init(&b, 6 * size + 64);
		json_writer_init(&w, &b);
		write_value(&a, &w, json_root(&doc));
		must(!json_finish(&w));
		must(!json_read(&a, buf_view(&b), NULL, &again));
		check_same(&a, &doc, &again);
		check_fields(&a, &doc);
		buf_done(&b);
	}
	arena_done(&a);
	return 0;
}

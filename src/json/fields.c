#include "json/fields.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/decimal.h"

#include <inttypes.h>
#include <string.h>

enum { MOST_FIELDS = 64, MOST_KEY_SHOWN_BYTES = 64, MOST_UNIQUE_ITEMS = 256 };

struct binder {
	struct arena *a;
	struct json_faults *faults;
	enum err first; /* the first fault's code */
	size_t refused; /* faults found, also those that `faults` had no room for */
};

/* Where we are in the body; made into text only when there is a fault to tell. */
struct place {
	const struct place *outer; /* NULL at the body itself */
	const char *name;	   /* NULL: element `index` of the outer one */
	size_t index;
};

static const char *place_path(struct arena *a, const struct place *place)
{
	if (!place->outer)
		return "";
	const char *outer = place_path(a, place->outer);
	if (!place->name)
		return arena_printf(a, "%s[%zu]", outer, place->index).p;
	return *outer ? arena_printf(a, "%s.%s", outer, place->name).p : place->name;
}

static void add_fault(struct binder *b, const char *path, enum err code, const char *rule)
{
	struct json_faults *faults = b->faults;

	code = code ? code : ERR_BAD_REQUEST;
	if (b->refused++ == 0)
		b->first = code;
	if (faults->n == ARRAY_LEN(faults->items))
		return;
	faults->items[faults->n++] = (struct json_fault){
		.path = path,
		.code = code,
		.message = arena_printf(b->a, "%s: %s", *path ? path : "body", rule).p,
	};
}

static bool refuse(struct binder *b, const struct place *place, enum err code, const char *rule)
{
	add_fault(b, place_path(b->a, place), code, rule);
	return false;
}

static bool has_min(const struct field *field)
{
	return field->min != 0 || field->max != 0;
}

static bool has_max(const struct field *field)
{
	return field->max != 0;
}

static bool is_within(const struct field *field, int64_t value)
{
	return (!has_min(field) || value >= field->min) && (!has_max(field) || value <= field->max);
}

/* "must have 1 to 40 characters" */
static const char *count_rule(struct arena *a, const struct field *field, const char *noun)
{
	const char *plural = (has_max(field) ? field->max : field->min) == 1 ? "" : "s";

	if (!has_max(field))
		return arena_printf(a, "must have at least %" PRId64 " %s%s", field->min, noun, plural).p;
	if (field->min == field->max)
		return arena_printf(a, "must have exactly %" PRId64 " %s%s", field->min, noun, plural).p;
	if (field->min <= 0)
		return arena_printf(a, "must have at most %" PRId64 " %s%s", field->max, noun, plural).p;
	return arena_printf(a, "must have %" PRId64 " to %" PRId64 " %s%s", field->min, field->max, noun, plural).p;
}

static const char *bound_text(struct arena *a, const struct field *field, int64_t bound)
{
	struct buf b;

	buf_init(&b, 32);
	if (field->type == FIELD_DECIMAL)
		decimal_put(&b, bound);
	else
		buf_i64(&b, bound);
	const char *text = arena_strz(a, buf_view(&b));
	buf_done(&b);
	return text;
}

/* "must be from 1 to 100" */
static const char *range_rule(struct arena *a, const struct field *field)
{
	const char *min = bound_text(a, field, field->min), *max = bound_text(a, field, field->max);

	if (!has_min(field))
		return "is too large";
	if (!has_max(field))
		return arena_printf(a, "must be at least %s", min).p;
	return arena_printf(a, "must be from %s to %s", min, max).p;
}

typedef bool bind_fn(struct binder *b, const struct place *place, const struct field *field,
		     const struct json_token *value, void *ret);

static bool bind_str(struct binder *b, const struct place *place, const struct field *field,
		     const struct json_token *value, void *ret)
{
	if (json_type(value) != JSON_STRING)
		return refuse(b, place, field->code, "must be a string");
	struct str text = json_text(b->a, value);
	if (!is_within(field, (int64_t)str_codepoints(text)))
		return refuse(b, place, field->code, count_rule(b->a, field, "character"));
	if (field->flags & FIELD_NONBLANK && str_is_blank(text))
		return refuse(b, place, field->code, "must not be blank");
	*(struct str *)ret = text;
	return true;
}

static bool bind_int64(struct binder *b, const struct place *place, const struct field *field,
		       const struct json_token *value, void *ret)
{
	struct str digits = json_number_text(value);
	int64_t number;

	if (!digits.p || memchr(digits.p, '.', digits.n) || memchr(digits.p, 'e', digits.n) ||
	    memchr(digits.p, 'E', digits.n))
		return refuse(b, place, field->code, "must be an integer");
	if (json_i64(value, INT64_MIN, INT64_MAX, &number) || !is_within(field, number))
		return refuse(b, place, field->code, range_rule(b->a, field));
	*(int64_t *)ret = number;
	return true;
}

static bool bind_bool(struct binder *b, const struct place *place, const struct field *field,
		      const struct json_token *value, void *ret)
{
	if (json_boolean(value, ret))
		return refuse(b, place, field->code, "must be true or false");
	return true;
}

static bool bind_enum(struct binder *b, const struct place *place, const struct field *field,
		      const struct json_token *value, void *ret)
{
	const char *all = "", *separator = "";

	for (const struct field_name *name = field->names; name->name; name++) {
		if (json_text_is(value, str_of(name->name))) {
			*(int *)ret = name->value;
			return true;
		}
	}
	for (const struct field_name *name = field->names; name->name; name++) {
		all = arena_printf(b->a, "%s%s%s", all, separator, name->name).p;
		separator = ", ";
	}
	return refuse(b, place, field->code, arena_printf(b->a, "must be one of %s", all).p);
}

static bool bind_decimal(struct binder *b, const struct place *place, const struct field *field,
			 const struct json_token *value, void *ret)
{
	int64_t micros;

	if (json_type(value) != JSON_NUMBER)
		return refuse(b, place, field->code, "must be a number");
	enum err e = json_micros(value, &micros);
	if (e == ERR_BAD_REQUEST)
		return refuse(b, place, field->code, "must have at most 6 decimal places");
	if (e || !is_within(field, micros))
		return refuse(b, place, field->code, range_rule(b->a, field));
	*(int64_t *)ret = micros;
	return true;
}

static bool bind_time(struct binder *b, const struct place *place, const struct field *field,
		      const struct json_token *value, void *ret)
{
	if (clock_parse_rfc3339(json_text(b->a, value), false, ret))
		return refuse(b, place, field->code, "must be a date and time with zone, as RFC 3339 has it");
	return true;
}

static bool bind_date(struct binder *b, const struct place *place, const struct field *field,
		      const struct json_token *value, void *ret)
{
	if (clock_parse_date(json_text(b->a, value), ret))
		return refuse(b, place, field->code, "must be a date, YYYY-MM-DD");
	return true;
}

static bool bind_raw(struct binder *b, const struct place *place, const struct field *field,
		     const struct json_token *value, void *ret)
{
	struct str raw = json_raw(value);

	if (!is_within(field, (int64_t)raw.n))
		return refuse(b, place, field->code, count_rule(b->a, field, "byte"));
	*(struct str *)ret = raw;
	return true;
}

static bool is_repeated(const struct field_strs *strs)
{
	for (size_t i = 1; i < strs->n; i++)
		for (size_t j = 0; j < i; j++)
			if (str_eq(strs->items[i], strs->items[j]))
				return true;
	return false;
}

static bool passes_check(struct binder *b, const struct place *place, const struct field *field,
			 const struct json_token *value)
{
	const char *message = "is not acceptable";

	if (!field->check)
		return true;
	struct str text = json_type(value) == JSON_STRING ? json_text(b->a, value) : json_raw(value);
	enum err e = field->check(text, &message);
	return !e || refuse(b, place, field->code ? field->code : e, message);
}

static bool bind_strs(struct binder *b, const struct place *place, const struct field *field,
		      const struct json_token *value, void *ret)
{
	static const struct field any = { .type = FIELD_STR };
	const struct field *item = field->item ? field->item : &any;
	struct field_strs strs = { .n = json_count(value) };
	struct place inner = { .outer = place };
	bool good = true;

	if (json_type(value) != JSON_ARRAY)
		return refuse(b, place, field->code, "must be an array");
	if (!is_within(field, (int64_t)strs.n))
		return refuse(b, place, field->code, count_rule(b->a, field, "item"));
	strs.items = ARENA_ARRAY(b->a, struct str, strs.n);
	for (const struct json_token *at = json_first(value); at; at = json_next(value, at), inner.index++)
		good &= bind_str(b, &inner, item, at, &strs.items[inner.index]) && passes_check(b, &inner, item, at);
	if (good && field->flags & FIELD_UNIQUE) {
		/* Compared pair by pair, so the table must say how many there can be. */
		must(field->max > 0 && field->max <= MOST_UNIQUE_ITEMS);
		if (is_repeated(&strs))
			return refuse(b, place, field->code, "must not have the same item twice");
	}
	if (good)
		*(struct field_strs *)ret = strs;
	return good;
}

static bool bind_members(struct binder *b, const struct place *place, enum err code, const struct json_token *object,
			 const struct fields *table, char *ret);

static bool bind_object(struct binder *b, const struct place *place, const struct field *field,
			const struct json_token *value, void *ret)
{
	return bind_members(b, place, field->code, value, field->object, ret);
}

static bind_fn *const binders[] = {
	[FIELD_STR] = bind_str,		[FIELD_INT64] = bind_int64, [FIELD_BOOL] = bind_bool, [FIELD_ENUM] = bind_enum,
	[FIELD_DECIMAL] = bind_decimal, [FIELD_TIME] = bind_time,   [FIELD_DATE] = bind_date, [FIELD_RAW] = bind_raw,
	[FIELD_OBJECT] = bind_object,	[FIELD_STRS] = bind_strs,
};

/* Whether the value is there and bound; being rightly absent is neither that nor a fault. */
static bool bind_field(struct binder *b, const struct place *place, const struct field *field,
		       const struct json_token *value, void *ret)
{
	if (!value) {
		if (field->flags & FIELD_REQUIRED)
			refuse(b, place, field->code, "is required");
		return false;
	}
	if (json_is_null(value)) {
		if (!(field->flags & FIELD_NULLABLE))
			refuse(b, place, field->code, "must not be null");
		return false;
	}
	return binders[field->type](b, place, field, value, ret) && passes_check(b, place, field, value);
}

/* Callers mostly send fields in the order of our tables, so the search begins after the last hit. */
static size_t find_field(const struct fields *table, const struct json_token *key, size_t from)
{
	for (size_t i = 0; i < table->n; i++) {
		size_t at = from + i < table->n ? from + i : from + i - table->n;

		if (json_text_is(key, str_of(table->list[at].name)))
			return at;
	}
	return table->n;
}

static void refuse_key(struct binder *b, const struct place *outer, enum err code, const struct json_token *key)
{
	struct str text = json_text(b->a, key);

	if (text.n > MOST_KEY_SHOWN_BYTES) {
		refuse(b, outer, code, "has an unknown key");
		return;
	}
	struct place place = { outer, arena_strz(b->a, text), 0 };
	refuse(b, &place, code, "is not a known field");
}

static bool bind_members(struct binder *b, const struct place *place, enum err code, const struct json_token *object,
			 const struct fields *table, char *ret)
{
	const struct json_token *values[MOST_FIELDS] = { 0 };
	uint64_t set = 0;
	size_t unknown = 0, from = 0, refused_before = b->refused;

	must(table->n <= MOST_FIELDS && table->bytes >= sizeof(set));
	if (json_type(object) != JSON_OBJECT)
		return refuse(b, place, code, "must be an object");
	if (table->flags & FIELDS_NOT_EMPTY && json_count(object) == 0)
		return refuse(b, place, code, "must have at least one key");
	for (const struct json_token *key = json_first(object); key; key = json_next(object, key)) {
		size_t i = find_field(table, key, from);

		if (i == table->n) {
			unknown++;
			continue;
		}
		values[i] = json_value(key);
		from = i + 1 < table->n ? i + 1 : 0;
	}
	for (size_t i = 0; i < table->n; i++) {
		const struct field *field = &table->list[i];
		struct place inner = { place, field->name, 0 };

		if (bind_field(b, &inner, field, values[i], ret + field->at))
			set |= UINT64_C(1) << i;
	}
	if (unknown && table->flags & FIELDS_CLOSED)
		for (const struct json_token *key = json_first(object); key; key = json_next(object, key))
			if (find_field(table, key, 0) == table->n)
				refuse_key(b, place, code, key);
	memcpy(ret, &set, sizeof(set));
	return b->refused == refused_before;
}

enum err fields_bind(struct arena *a, const struct json_token *object, const struct fields *table, void *ret,
		     struct json_faults *faults)
{
	struct binder b = { .a = a, .faults = faults };
	char *bound = arena_alloc(a, table->bytes);

	if (bind_members(&b, &(struct place){ 0 }, OK, object, table, bound))
		memcpy(ret, bound, table->bytes);
	return b.first;
}

enum err fields_read(struct arena *a, struct str body, const struct fields *table, void *ret,
		     struct json_faults *faults)
{
	struct json doc;
	enum err e = json_read(a, body, NULL, &doc);

	if (!e)
		return fields_bind(a, json_root(&doc), table, ret, faults);
	fields_fault(a, faults, "", e, arena_printf(a, "%s at byte %zu", doc.error, doc.error_at).p);
	return e;
}

void fields_fault(struct arena *a, struct json_faults *faults, const char *path, enum err code, const char *rule)
{
	struct binder b = { .a = a, .faults = faults };

	add_fault(&b, path, code, rule);
}

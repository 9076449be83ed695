#include "unit/json/oracle.h"

#include <inttypes.h>
#include <json-c/json.h>

static void dump(struct buf *b, struct json_object *value);

static void dump_int(struct buf *b, struct json_object *value)
{
	int64_t number = json_object_get_int64(value);

	if (number == INT64_MIN || (number > 0 && json_object_get_uint64(value) > INT64_MAX))
		buf_lit(b, "I ");
	else
		buf_printf(b, "i%" PRId64 " ", number);
}

static void dump_text(struct buf *b, const char *p, size_t n)
{
	buf_printf(b, "s%zu:", n);
	buf_put(b, p, n);
}

static void dump_array(struct buf *b, struct json_object *value)
{
	size_t n = json_object_array_length(value);

	buf_printf(b, "[%zu ", n);
	for (size_t i = 0; i < n; i++)
		dump(b, json_object_array_get_idx(value, i));
}

static void dump_object(struct buf *b, struct json_object *value)
{
	buf_printf(b, "{%d ", json_object_object_length(value));
	json_object_object_foreach(value, key, member)
	{
		dump_text(b, key, strlen(key));
		dump(b, member);
	}
}

static void dump(struct buf *b, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		buf_lit(b, "n ");
		break;
	case json_type_boolean:
		buf_str(b, json_object_get_boolean(value) ? STR("t ") : STR("f "));
		break;
	case json_type_double:
		buf_printf(b, "d%.17g ", json_object_get_double(value));
		break;
	case json_type_int:
		dump_int(b, value);
		break;
	case json_type_string:
		dump_text(b, json_object_get_string(value), (size_t)json_object_get_string_len(value));
		break;
	case json_type_array:
		dump_array(b, value);
		break;
	case json_type_object:
		dump_object(b, value);
		break;
	}
}

bool oracle_dump(struct str in, struct buf *b)
{
	struct json_tokener *tokener = json_tokener_new();

	must(tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	struct json_object *value = json_tokener_parse_ex(tokener, in.p, (int)in.n);
	/* A number at the very end is known to end there only when the text is told to be over. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		value = json_tokener_parse_ex(tokener, "", 1);
	bool good = json_tokener_get_error(tokener) == json_tokener_success;
	if (good)
		dump(b, value);
	json_object_put(value);
	json_tokener_free(tokener);
	return good;
}

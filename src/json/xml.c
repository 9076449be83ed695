#include "json/xml.h"

static bool is_name_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool is_name_char(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/* Names beginning with "xml" are the standard's own. */
static bool is_name(struct str name)
{
	return name.n && is_name_start(name.p[0]) &&
	       !(name.n >= 3 && str_eq_nocase((struct str){ name.p, 3 }, STR("xml")));
}

static void put_name(struct buf *b, struct str name)
{
	if (!is_name(name))
		buf_char(b, '_');
	for (size_t i = 0; i < name.n; i++)
		buf_char(b, is_name_char(name.p[i]) ? name.p[i] : '_');
}

static void put_tag(struct buf *b, const char *opening, struct str name)
{
	buf_str(b, str_of(opening));
	put_name(b, name);
	buf_char(b, '>');
}

/* What stands for a byte; itself where nothing has to. U+FFFE and U+FFFF are the only long characters that XML lacks.
 */
static void put_byte(struct buf *b, unsigned char c)
{
	switch (c) {
	case '&':
		buf_lit(b, "&amp;");
		break;
	case '<':
		buf_lit(b, "&lt;");
		break;
	case '>':
		buf_lit(b, "&gt;");
		break;
	case '"':
		buf_lit(b, "&quot;");
		break;
	case '\r':
		buf_lit(b, "&#13;");
		break;
	default:
		if (c >= ' ' || c == '\t' || c == '\n')
			buf_char(b, (char)c);
	}
}

static void put_text(struct buf *b, struct str text)
{
	static const struct str absent[] = { { "\xEF\xBF\xBE", 3 }, { "\xEF\xBF\xBF", 3 } };

	for (size_t i = 0; i < text.n; i++) {
		struct str rest = str_skip(text, i);

		if (str_starts(rest, absent[0]) || str_starts(rest, absent[1]))
			i += 2;
		else
			put_byte(b, (unsigned char)text.p[i]);
	}
}

static void put_element(struct buf *b, struct arena *a, struct str name, const struct json_token *value);

/* As deep as the reader lets a document be. */
static void put_content(struct buf *b, struct arena *a, const struct json_token *value)
{
	const struct json_token *at;

	switch (json_type(value)) {
	case JSON_NULL:
		break;
	case JSON_BOOL:
	case JSON_NUMBER:
		buf_str(b, json_raw(value));
		break;
	case JSON_STRING:
		put_text(b, json_text(a, value));
		break;
	case JSON_ARRAY:
		for (at = json_first(value); at; at = json_next(value, at))
			put_element(b, a, STR("item"), at);
		break;
	case JSON_OBJECT:
		for (at = json_first(value); at; at = json_next(value, at))
			put_element(b, a, json_text(a, at), json_value(at));
		break;
	}
}

static void put_element(struct buf *b, struct arena *a, struct str name, const struct json_token *value)
{
	put_tag(b, "<", name);
	put_content(b, a, value);
	put_tag(b, "</", name);
}

void xml_put(struct buf *b, struct arena *a, const char *root, const struct json_token *value)
{
	buf_lit(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
	put_element(b, a, str_of(root), value);
}

#include "http/query.h"

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool needs_decoding(struct str raw, enum query_plus plus)
{
	for (size_t i = 0; i < raw.n; i++)
		if (raw.p[i] == '%' || (raw.p[i] == '+' && plus == QUERY_PLUS_IS_SPACE))
			return true;
	return false;
}

enum err query_unescape(struct arena *a, struct str raw, enum query_plus plus, struct str *ret)
{
	struct str text = raw;

	if (needs_decoding(raw, plus)) {
		char *out = arena_alloc(a, raw.n + 1);
		size_t n = 0;

		for (size_t i = 0; i < raw.n; i++) {
			char c = raw.p[i];

			if (c == '%') {
				int high = i + 2 < raw.n ? hex_digit(raw.p[i + 1]) : -1;
				int low = i + 2 < raw.n ? hex_digit(raw.p[i + 2]) : -1;

				if (high < 0 || low < 0)
					return ERR_BAD_REQUEST;
				c = (char)(high * 16 + low);
				i += 2;
			} else if (c == '+' && plus == QUERY_PLUS_IS_SPACE) {
				c = ' ';
			}
			out[n++] = c;
		}
		text = (struct str){ out, n };
	}
	/* Refuses NUL too. */
	if (!str_is_utf8(text))
		return ERR_BAD_REQUEST;
	*ret = text;
	return OK;
}

/* "tags[]" and "tags[12]" are "tags", an array; other brackets are part of the name. */
static void cut_brackets(struct query_param *param)
{
	struct str name = param->name;

	if (name.n < 3 || name.p[name.n - 1] != ']')
		return;
	size_t open = name.n - 1;
	while (open && name.p[open - 1] >= '0' && name.p[open - 1] <= '9')
		open--;
	if (open < 2 || name.p[open - 1] != '[')
		return;
	param->name.n = open - 1;
	param->is_array = true;
}

static enum err parse_param(struct arena *a, struct str raw, enum query_plus plus, struct query_param *ret)
{
	struct query_param param = { 0 };
	struct str value = raw;
	struct str name = str_cut(&value, '=');
	enum err e = query_unescape(a, name, plus, &param.name);

	if (!e && value.p)
		e = query_unescape(a, value, plus, &param.value);
	if (e)
		return e;
	cut_brackets(&param);
	*ret = param;
	return OK;
}

static size_t count_params(struct str raw)
{
	size_t count = raw.n > 0;

	for (size_t i = 0; i < raw.n; i++)
		count += raw.p[i] == '&';
	return count;
}

enum err query_parse(struct arena *a, struct str raw, enum query_plus plus, struct query *ret)
{
	struct query q = { 0 };
	size_t most = count_params(raw);
	struct str rest = raw;

	if (most > QUERY_PARAMS)
		return ERR_BAD_REQUEST;
	q.params = ARENA_ARRAY(a, struct query_param, most);
	while (rest.p) {
		struct str piece = str_cut(&rest, '&');

		if (piece.n == 0)
			continue;
		enum err e = parse_param(a, piece, plus, &q.params[q.count]);
		if (e)
			return e;
		q.count++;
	}
	*ret = q;
	return OK;
}

struct str query_find(const struct query *q, const char *name)
{
	for (size_t i = 0; i < q->count; i++)
		if (str_is(q->params[i].name, name))
			return q->params[i].value;
	return STR_NONE;
}

size_t query_count(const struct query *q, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < q->count; i++)
		count += str_is(q->params[i].name, name);
	return count;
}

/* Calls for every item of every parameter of the name; with `items` NULL it only counts. */
static size_t list_items(const struct query *q, const char *name, struct str *items)
{
	size_t count = 0;

	for (size_t i = 0; i < q->count; i++) {
		struct str rest = q->params[i].value;

		if (!str_is(q->params[i].name, name))
			continue;
		while (rest.p) {
			struct str item = str_cut(&rest, ',');

			if (item.n == 0)
				continue;
			if (items)
				items[count] = item;
			count++;
		}
	}
	return count;
}

struct str *query_list(struct arena *a, const struct query *q, const char *name, size_t *ret_count)
{
	size_t count = list_items(q, name, NULL);
	struct str *items = count ? ARENA_ARRAY(a, struct str, count) : NULL;

	if (items)
		list_items(q, name, items);
	*ret_count = count;
	return items;
}

size_t path_split(struct str path, struct str *segments, size_t most)
{
	size_t count = 0;
	struct str rest = path;

	if (rest.n && rest.p[0] == '/')
		rest = str_skip(rest, 1);
	if (rest.n == 0)
		return 0;
	while (rest.p) {
		struct str segment = str_cut(&rest, '/');

		if (count < most)
			segments[count] = segment;
		count++;
	}
	return count;
}

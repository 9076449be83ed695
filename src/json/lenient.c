#include "json/lenient.h"

#include "base/buf.h"
#include "base/limits.h"

/* A repair may make a text longer, but not by much: a hostile one is refused. */
enum { REPAIR_GROWTH = 2, REPAIR_BYTES_LEAST = 4096 };

struct repair {
	struct str in;
	size_t at;
	struct buf out;
	const char *key;
	char open[LIMIT_JSON_DEPTH]; /* '{' or '[' of the containers around */
	size_t depth;
	bool comma;	    /* seen, and not written yet */
	bool wants_element; /* a key or an element may come next */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void put_comma(struct repair *r)
{
	if (r->comma)
		buf_char(&r->out, ',');
	r->comma = false;
}

static bool open_container(struct repair *r, char c)
{
	bool in_object = r->depth && r->open[r->depth - 1] == '{';

	if (r->depth == LIMIT_JSON_DEPTH)
		return false;
	put_comma(r);
	if (c == '[' && in_object && r->wants_element)
		buf_printf(&r->out, "\"%s\":", r->key);
	buf_char(&r->out, c);
	r->open[r->depth++] = c;
	r->wants_element = true;
	return true;
}

static bool close_container(struct repair *r, char c)
{
	if (!r->depth || r->open[r->depth - 1] != (c == '}' ? '{' : '['))
		return false;
	r->comma = false; /* the one before it was too many */
	buf_char(&r->out, c);
	r->depth--;
	r->wants_element = false;
	return true;
}

/* A string with its quotes; what is in it is the strict reader's to judge. */
static bool copy_string(struct repair *r)
{
	size_t from = r->at++;

	while (r->at < r->in.n && r->in.p[r->at] != '"')
		r->at += r->in.p[r->at] == '\\' ? 2 : 1;
	if (r->at >= r->in.n)
		return false;
	put_comma(r);
	buf_put(&r->out, r->in.p + from, ++r->at - from);
	r->wants_element = false;
	return true;
}

static bool copy_next(struct repair *r)
{
	char c = r->in.p[r->at];

	if (c == '"')
		return copy_string(r);
	r->at++;
	if (is_space(c)) { /* kept: "1 2" is not 12 */
		buf_char(&r->out, c);
		return true;
	}
	if (c == '{' || c == '[')
		return open_container(r, c);
	if (c == '}' || c == ']')
		return close_container(r, c);
	if (c == ',') {
		bool follows_one = !r->wants_element;

		r->comma = r->wants_element = true;
		return follows_one;
	}
	put_comma(r);
	buf_char(&r->out, c);
	r->wants_element = false;
	return true;
}

static bool repair(struct repair *r)
{
	while (r->at < r->in.n && is_space(r->in.p[r->at]))
		r->at++;
	bool is_bare = r->at < r->in.n && r->in.p[r->at] == '"';

	if (is_bare && !open_container(r, '{'))
		return false;
	while (r->at < r->in.n)
		if (!copy_next(r))
			return false;
	/* The closing brace may be there although the opening one is not. */
	if (is_bare && r->depth == 1 && !close_container(r, '}'))
		return false;
	return !r->depth && !r->comma && !r->out.failed;
}

enum err json_read_lenient(struct arena *a, struct str in, const char *key, const struct json_limits *limits,
			   struct json *ret)
{
	enum err e = json_read(a, in, limits, ret);
	struct repair r = { .in = in, .key = key };
	struct json repaired;

	if (e != ERR_BAD_REQUEST)
		return e;
	buf_init(&r.out, in.n * REPAIR_GROWTH + REPAIR_BYTES_LEAST);
	if (repair(&r) && !json_read(a, arena_str(a, buf_view(&r.out)), limits, &repaired)) {
		*ret = repaired;
		e = OK;
	}
	buf_done(&r.out);
	return e;
}

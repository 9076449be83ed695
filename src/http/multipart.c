#include "http/multipart.h"

#include <string.h>

/* What is between two boundaries, and where the next search begins. */
struct delimiter {
	size_t at;   /* of the CRLF before it, or 0 at the very beginning */
	size_t next; /* past its line */
	bool is_last;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static struct str skip_spaces(struct str s)
{
	while (s.n && is_space(s.p[0]))
		s = str_skip(s, 1);
	return s;
}

static bool is_token_char(char c)
{
	return c > ' ' && c < 127 && !strchr("()<>@,;:\\\"/[]?=", c);
}

static struct str cut_token(struct str *rest)
{
	size_t n = 0;

	while (n < rest->n && is_token_char(rest->p[n]))
		n++;
	struct str token = { rest->p, n };
	*rest = str_skip(*rest, n);
	return token;
}

/* A quoted string without its quotes; a backslash quotes a quote or itself, and is itself before anything else, as in
 * the paths that some browsers send for a file name. */
static bool cut_quoted(struct arena *a, struct str *rest, struct str *ret)
{
	size_t n = 1, escapes = 0;

	while (n < rest->n && rest->p[n] != '"') {
		bool is_escape =
			rest->p[n] == '\\' && n + 1 < rest->n && (rest->p[n + 1] == '"' || rest->p[n + 1] == '\\');

		escapes += is_escape;
		n += is_escape ? 2 : 1;
	}
	if (n >= rest->n)
		return false;
	struct str value = { rest->p + 1, n - 1 };
	if (escapes) {
		char *plain = arena_alloc(a, value.n);
		size_t to = 0;

		for (size_t i = 0; i < value.n; i++) {
			bool is_escape = value.p[i] == '\\' && (value.p[i + 1] == '"' || value.p[i + 1] == '\\');

			plain[to++] = value.p[is_escape ? ++i : i];
		}
		value = (struct str){ plain, to };
	}
	*rest = str_skip(*rest, n + 1);
	*ret = value;
	return true;
}

/* The value of one parameter of a header such as "form-data; name=x"; the first of that name. False: the header is
 * malformed. Absent: it does not have it. */
static bool header_parameter(struct arena *a, struct str header, const char *name, struct str *ret)
{
	struct str rest = header, value = STR_NONE;

	*ret = STR_NONE;
	while (rest.n && rest.p[0] != ';')
		rest = str_skip(rest, 1);
	while ((rest = skip_spaces(rest)).n) {
		if (rest.p[0] != ';')
			return false;
		rest = skip_spaces(str_skip(rest, 1));
		if (!rest.n) /* a semicolon at the end */
			return true;
		struct str key = cut_token(&rest);
		rest = skip_spaces(rest);
		if (!key.n || !rest.n || rest.p[0] != '=')
			return false;
		rest = skip_spaces(str_skip(rest, 1));
		if (rest.n && rest.p[0] == '"') {
			if (!cut_quoted(a, &rest, &value))
				return false;
		} else {
			value = cut_token(&rest);
		}
		if (!ret->p && str_eq_nocase(key, str_of(name)))
			*ret = value;
	}
	return true;
}

/* The part of a header before its parameters. */
static struct str header_word(struct str header)
{
	struct str rest = header;

	return str_trim(str_cut(&rest, ';'));
}

bool multipart_is(struct str content_type)
{
	return content_type.p && str_eq_nocase(header_word(content_type), STR("multipart/form-data"));
}

/* "\r\n--boundary": what stands before every delimiter but one at the very beginning. */
static enum err read_boundary(struct arena *a, struct str content_type, struct str *ret_mark)
{
	struct str boundary;

	if (!multipart_is(content_type) || !header_parameter(a, content_type, "boundary", &boundary) || !boundary.n ||
	    boundary.p[boundary.n - 1] == ' ')
		return ERR_BAD_REQUEST;
	if (boundary.n > MULTIPART_BOUNDARY_BYTES)
		return ERR_TOO_LARGE;
	for (size_t i = 0; i < boundary.n; i++)
		if (boundary.p[i] < ' ' || boundary.p[i] > '~')
			return ERR_BAD_REQUEST;
	*ret_mark = arena_printf(a, "\r\n--%.*s", STR_ARG(boundary));
	return OK;
}

/* Whether a line that begins with the boundary ends as one: spaces, then CRLF, or the closing hyphens. What goes on
 * otherwise is data that happens to begin alike. */
static bool ends_line(struct str body, size_t at, struct delimiter *ret)
{
	bool is_last = body.n - at >= 2 && body.p[at] == '-' && body.p[at + 1] == '-';

	if (is_last)
		at += 2;
	while (at < body.n && is_space(body.p[at]))
		at++;
	bool is_crlf = body.n - at >= 2 && body.p[at] == '\r' && body.p[at + 1] == '\n';
	if (!is_crlf && !(is_last && at == body.n))
		return false;
	ret->next = is_crlf ? at + 2 : at;
	ret->is_last = is_last;
	return true;
}

static bool find_delimiter(struct str body, struct str mark, size_t from, struct delimiter *ret)
{
	struct str first = str_skip(mark, 2); /* the body may begin with it, without a CRLF */

	if (from == 0 && str_starts(body, first) && ends_line(body, first.n, ret)) {
		ret->at = 0;
		return true;
	}
	while (from < body.n) {
		const char *found = memmem(body.p + from, body.n - from, mark.p, mark.n);

		if (!found)
			return false;
		ret->at = (size_t)(found - body.p);
		if (ends_line(body, ret->at + mark.n, ret))
			return true;
		from = ret->at + 2;
	}
	return false;
}

/* How many parts there are. ERR_BAD_REQUEST without an opening or a closing delimiter. */
static enum err count_parts(struct str body, struct str mark, size_t *ret)
{
	struct delimiter d;
	size_t count = 0;

	if (!find_delimiter(body, mark, 0, &d))
		return ERR_BAD_REQUEST;
	while (!d.is_last) {
		/* The CRLF of a delimiter's line may be that of the next one: an empty part has no headers, and is
		 * refused where it is read. */
		if (!find_delimiter(body, mark, d.next - 2, &d))
			return ERR_BAD_REQUEST;
		if (++count > MULTIPART_PARTS)
			return ERR_TOO_LARGE;
	}
	*ret = count;
	return OK;
}

static enum err read_disposition(struct arena *a, struct str value, struct str *ret_name)
{
	struct str name;

	if (ret_name->p || !str_eq_nocase(header_word(value), STR("form-data")) ||
	    !header_parameter(a, value, "name", &name) || !name.n || !str_is_utf8(name))
		return ERR_BAD_REQUEST;
	if (name.n > MULTIPART_NAME_BYTES)
		return ERR_TOO_LARGE;
	*ret_name = name;
	return OK;
}

/* Values come as they are: RFC 7578, 4.7 has no other encoding. */
static bool is_plain_encoding(struct str value)
{
	return str_eq_nocase(value, STR("7bit")) || str_eq_nocase(value, STR("8bit")) ||
	       str_eq_nocase(value, STR("binary"));
}

/* One header line, without its CRLF. */
static enum err read_header(struct arena *a, struct str line, struct str *ret_name)
{
	struct str value = line;
	struct str name = str_cut(&value, ':');

	if (!value.p || !name.n || memchr(line.p, '\n', line.n) || memchr(line.p, '\r', line.n))
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < name.n; i++)
		if (!is_token_char(name.p[i]))
			return ERR_BAD_REQUEST;
	value = str_trim(value);
	if (str_eq_nocase(name, STR("Content-Disposition")))
		return read_disposition(a, value, ret_name);
	if (str_eq_nocase(name, STR("Content-Transfer-Encoding")) && !is_plain_encoding(value))
		return ERR_BAD_REQUEST;
	return OK;
}

/* What stands between two delimiters: headers, an empty line, the value. */
static enum err read_part(struct arena *a, struct str part, struct query_param *ret)
{
	struct str rest = part, name = STR_NONE;

	for (;;) {
		const char *end = memmem(rest.p, rest.n, "\r\n", 2);

		if (!end)
			return ERR_BAD_REQUEST;
		if ((size_t)(end - part.p) > MULTIPART_HEADER_BYTES)
			return ERR_TOO_LARGE;
		struct str line = { rest.p, (size_t)(end - rest.p) };
		rest = str_skip(rest, line.n + 2);
		if (!line.n)
			break;
		enum err e = read_header(a, line, &name);
		if (e)
			return e;
	}
	if (!name.p || !str_is_utf8(rest))
		return ERR_BAD_REQUEST;
	*ret = (struct query_param){ .name = name, .value = rest };
	return OK;
}

enum err multipart_parse(struct arena *a, struct str content_type, struct str body, struct query *ret)
{
	struct query q = { 0 };
	struct delimiter d, next;
	struct str mark;
	size_t count;
	enum err e = read_boundary(a, content_type, &mark);

	if (!e)
		e = count_parts(body, mark, &count);
	if (e)
		return e;
	q.params = ARENA_ARRAY(a, struct query_param, count);
	must(find_delimiter(body, mark, 0, &d));
	for (; !d.is_last; d = next) {
		must(q.count < count && find_delimiter(body, mark, d.next - 2, &next));
		struct str part = next.at >= d.next ? (struct str){ body.p + d.next, next.at - d.next } : STR("");

		e = read_part(a, part, &q.params[q.count++]);
		if (e)
			return e;
	}
	*ret = q;
	return OK;
}

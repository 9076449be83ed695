#include "base/csv.h"

bool csv_line(struct str *text, struct str *ret_line)
{
	bool quoted = false;
	size_t n = 0;

	if (text->n == 0)
		return false;
	for (; n < text->n && (quoted || text->p[n] != '\n'); n++)
		quoted ^= text->p[n] == '"';
	*ret_line = (struct str){ text->p, n };
	if (n && text->p[n - 1] == '\r')
		ret_line->n--;
	*text = str_skip(*text, n < text->n ? n + 1 : n);
	return true;
}

/* After the opening quote; *at is left behind the closing one. */
static enum err quoted_field(struct arena *a, struct str line, size_t *at, struct str *ret)
{
	char *copy = arena_alloc(a, line.n + 1);
	size_t n = 0, i = *at;

	for (; i < line.n; i++) {
		if (line.p[i] == '"' && (i + 1 == line.n || line.p[i + 1] != '"')) {
			*ret = (struct str){ copy, n };
			*at = i + 1;
			return OK;
		}
		copy[n++] = line.p[i];
		i += line.p[i] == '"';
	}
	return ERR_BAD_REQUEST;
}

static enum err plain_field(struct str line, size_t *at, struct str *ret)
{
	size_t start = *at;

	for (; *at < line.n && line.p[*at] != ','; ++*at)
		if (line.p[*at] == '"')
			return ERR_BAD_REQUEST;
	*ret = (struct str){ line.p + start, *at - start };
	return OK;
}

enum err csv_fields(struct arena *a, struct str line, struct str *ret, size_t most, size_t *ret_n)
{
	size_t at = 0, n = 0;

	for (;;) {
		enum err e;

		if (n == most)
			return ERR_TOO_LARGE;
		if (at < line.n && line.p[at] == '"') {
			at++;
			e = quoted_field(a, line, &at, &ret[n]);
		} else {
			e = plain_field(line, &at, &ret[n]);
		}
		if (e || (at < line.n && line.p[at] != ','))
			return ERR_BAD_REQUEST;
		n++;
		if (at == line.n)
			break;
		at++;
	}
	*ret_n = n;
	return OK;
}

/* http/query.h: query strings and path segments, from raw bytes to text.
 *
 * The server hands out targets raw, because what '+' means is the dialect's to say (dvs.md 3.2). Everything decoded
 * here lives in the given arena or in the raw bytes themselves. */
#pragma once

#include "base/arena.h"

enum { QUERY_PARAMS = 256 }; /* the most parameters of one query */

struct query_param {
	struct str name;  /* decoded; without the brackets of an array form */
	struct str value; /* decoded; absent in "?name" without '=' */
	bool is_array;	  /* was written name[]=, name%5B%5D= or name[0]= */
};

struct query {
	struct query_param *params; /* in the order sent */
	size_t count;
};

enum query_plus { QUERY_PLUS_KEPT, QUERY_PLUS_IS_SPACE };

/* Splits at '&' and the first '=', decodes %XX. An absent or empty query has no parameters. ERR_BAD_REQUEST for %00, a
 * broken escape, text that is not UTF-8 and for more than QUERY_PARAMS parameters. */
MUST_USE enum err query_parse(struct arena *a, struct str raw, enum query_plus plus, struct query *ret);

/* The first parameter of that name, as its value; absent if there is none. */
struct str query_find(const struct query *q, const char *name);
/* How many parameters of that name there are. */
size_t query_count(const struct query *q, const char *name);

/* All values of a list parameter: name=a,b, name=a&name=b, name[]=a&name[]=b and name[0]=a (dvs.md 3.1), in the order
 * sent, empty items left out. NULL and 0 if there are none. */
struct str *query_list(struct arena *a, const struct query *q, const char *name, size_t *ret_count);

/* Decodes %XX in a path segment; '+' is never a space there. ERR_BAD_REQUEST as above. Without an escape the result is
 * the raw slice itself. */
MUST_USE enum err query_unescape(struct arena *a, struct str raw, enum query_plus plus, struct str *ret);

/* Cuts a raw path ("/a/b") into raw segments ("a", "b"); a trailing '/' gives an empty last one, "/" gives none. At
 * most `most` are stored; returns how many there are, which may be more. */
size_t path_split(struct str path, struct str *segments, size_t most);

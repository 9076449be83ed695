/* http/route.h: from method and raw path to a row of a static route table.
 *
 * A pattern is a path whose segments are fixed text or "{name}", which matches any one non-empty segment:
 * "/v1/async/transactions/{id}/confirm". Fixed text wins over a capture, at the leftmost segment where they differ. The
 * table is built once from the dialect's rows and is read-only afterwards, so threads share it. */
#pragma once

#include "base/arena.h"

enum { ROUTE_SEGMENTS = 16, ROUTE_CAPTURES = 8 };

struct route_row {
	const char *method;
	const char *pattern;
};

struct route_table;

enum route_result {
	ROUTE_FOUND,
	ROUTE_NO_PATH,	 /* 404 */
	ROUTE_NO_METHOD, /* the path exists with other methods: 405 */
};

struct route_match {
	size_t index;			     /* of the row, as given to route_table_new */
	struct str captures[ROUTE_CAPTURES]; /* raw, in the order of the pattern; http/query.h decodes */
	size_t capture_count;
};

/* `stride` is the distance between rows, so that the rows may be the heads of larger structs. The strings must outlive
 * the table. Malformed or doubled rows are a programmer's mistake and abort. */
struct route_table *route_table_new(const struct route_row *rows, size_t count, size_t stride);
void route_table_free(struct route_table *t); /* NULL is fine */

/* A trailing '/' is not ignored. HEAD falls back to the GET row. *ret is set when the result is ROUTE_FOUND. */
enum route_result route_find(const struct route_table *t, struct str method, struct str path, struct route_match *ret);

/* The methods that the path has, as an Allow header's value; empty if the path is unknown. */
struct str route_allow(const struct route_table *t, struct arena *a, struct str path);

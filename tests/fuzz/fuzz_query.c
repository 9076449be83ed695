/* Query strings, path segments and the route table: whatever decodes must be text, and the raw bytes are never changed.
 */
#include "http/query.h"
#include "http/route.h"

#include "base/must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_query(struct arena *a, struct str text, enum query_plus plus)
{
	struct query q;
	size_t count;

	if (query_parse(a, text, plus, &q))
		return;
	must(q.count <= QUERY_PARAMS);
	for (size_t i = 0; i < q.count; i++) {
		const struct query_param *param = &q.params[i];

		must(str_is_utf8(param->name) && (!param->value.p || str_is_utf8(param->value)));
		must(param->name.n + param->value.n <= text.n);
		const char *name = arena_strz(a, param->name);
		struct str *items = query_list(a, &q, name, &count);
		must(query_count(&q, name) > 0 && (count == 0) == !items);
		for (size_t j = 0; j < count; j++)
			must(items[j].n > 0 && !memchr(items[j].p, ',', items[j].n));
	}
}

static void check_route(struct arena *a, const struct route_table *table, struct str text)
{
	struct str path = text;
	struct str method = str_cut(&path, ' ');
	struct str segments[ROUTE_SEGMENTS], decoded;
	struct route_match match;
	size_t count = path_split(path, segments, ROUTE_SEGMENTS);

	for (size_t i = 0; i < count && i < ROUTE_SEGMENTS; i++)
		if (!query_unescape(a, segments[i], QUERY_PLUS_KEPT, &decoded))
			must(str_is_utf8(decoded) && decoded.n <= segments[i].n);
	enum route_result result = route_find(table, method, path, &match);
	must((result == ROUTE_NO_PATH) == (route_allow(table, a, path).n == 0));
	if (result == ROUTE_FOUND)
		for (size_t i = 0; i < match.capture_count; i++)
			must(match.captures[i].n > 0 && match.captures[i].p >= path.p &&
			     match.captures[i].p + match.captures[i].n <= path.p + path.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct route_row rows[] = {
		{ "GET", "/a/{id}" },	       { "POST", "/a/{id}" }, { "GET", "/a/b" },
		{ "GET", "/a/{id}/{part}/c" }, { "GET", "/" },
	};
	static struct route_table *table;
	struct arena arena;
	struct str text = { (const char *)data, size };

	if (!table)
		table = route_table_new(rows, ARRAY_LEN(rows), sizeof(rows[0]));
	arena_init(&arena);
	if (size && size < 8192) {
		check_query(&arena, text, QUERY_PLUS_KEPT);
		check_query(&arena, text, QUERY_PLUS_IS_SPACE);
		check_route(&arena, table, text);
	}
	arena_done(&arena);
	return 0;
}

#include "http/route.h"

#include "http/query.h"

#include <stdlib.h>
#include <string.h>

enum { ROUTE_METHODS = 8 };

/* A tree of segments. Children with fixed text are sorted, so that one is found by halving. */
struct node {
	struct str text;
	struct node **children;
	size_t child_count, child_room;
	struct node *capture; /* the child "{name}" */
	struct {
		struct str method;
		size_t index;
	} rows[ROUTE_METHODS];
	size_t row_count;
};

struct route_table {
	struct arena arena;
	struct node *root;
};

static struct node *find_child(const struct node *node, struct str text, size_t *ret_at)
{
	size_t low = 0, high = node->child_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = str_cmp(text, node->children[middle]->text);

		if (order == 0)
			return node->children[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	*ret_at = low;
	return NULL;
}

static struct node *node_new(struct route_table *t, struct str text)
{
	struct node *node = ARENA_NEW(&t->arena, struct node);

	node->text = text;
	return node;
}

static void grow_children(struct route_table *t, struct node *node)
{
	size_t room = node->child_room ? node->child_room * 2 : 4;
	struct node **children = ARENA_ARRAY(&t->arena, struct node *, room);

	if (node->child_count)
		memcpy(children, node->children, node->child_count * sizeof(struct node *));
	node->children = children;
	node->child_room = room;
}

static struct node *add_segment(struct route_table *t, struct node *node, struct str text)
{
	size_t at = 0;

	if (text.n > 2 && text.p[0] == '{' && text.p[text.n - 1] == '}') {
		if (!node->capture)
			node->capture = node_new(t, text);
		return node->capture;
	}
	must(!memchr(text.p, '{', text.n));
	struct node *child = find_child(node, text, &at);
	if (child)
		return child;
	if (node->child_count == node->child_room)
		grow_children(t, node);
	memmove(&node->children[at + 1], &node->children[at], (node->child_count - at) * sizeof(struct node *));
	node->children[at] = child = node_new(t, text);
	node->child_count++;
	return child;
}

static size_t find_method(const struct node *node, struct str method)
{
	size_t i = 0;

	while (i < node->row_count && !str_eq(node->rows[i].method, method))
		i++;
	return i;
}

static void add_row(struct route_table *t, const struct route_row *row, size_t index)
{
	struct str segments[ROUTE_SEGMENTS];
	struct str pattern = str_of(row->pattern), method = str_of(row->method);
	struct node *node = t->root;
	size_t captures = 0;

	must(pattern.n && pattern.p[0] == '/');
	size_t count = path_split(pattern, segments, ROUTE_SEGMENTS);
	must(count <= ROUTE_SEGMENTS);
	for (size_t i = 0; i < count; i++) {
		struct node *next = add_segment(t, node, segments[i]);

		captures += next == node->capture;
		node = next;
	}
	must(captures <= ROUTE_CAPTURES && node->row_count < ROUTE_METHODS);
	must(find_method(node, method) == node->row_count);
	node->rows[node->row_count].method = method;
	node->rows[node->row_count++].index = index;
}

struct route_table *route_table_new(const struct route_row *rows, size_t count, size_t stride)
{
	struct route_table *t = calloc(1, sizeof(*t));

	must(t && stride >= sizeof(*rows));
	arena_init(&t->arena);
	t->root = node_new(t, STR(""));
	for (size_t i = 0; i < count; i++)
		add_row(t, (const struct route_row *)(const void *)((const char *)rows + i * stride), i);
	return t;
}

void route_table_free(struct route_table *t)
{
	if (!t)
		return;
	arena_done(&t->arena);
	free(t);
}

struct walk {
	struct str segments[ROUTE_SEGMENTS];
	size_t count;
	struct str captures[ROUTE_CAPTURES];
	size_t capture_count;
};

/* Fixed text first; where that leads nowhere, back to the capture. Patterns are few and short, so trying both is cheap:
 * at most one capture a level, and the levels are bounded. */
static const struct node *walk_to(struct walk *walk, const struct node *node, size_t level)
{
	size_t at;
	size_t captured = walk->capture_count;

	if (level == walk->count)
		return node->row_count ? node : NULL;
	struct str segment = walk->segments[level];
	const struct node *child = find_child(node, segment, &at);
	const struct node *found = child ? walk_to(walk, child, level + 1) : NULL;
	if (found || !node->capture || segment.n == 0)
		return found;
	walk->capture_count = captured;
	walk->captures[walk->capture_count++] = segment;
	found = walk_to(walk, node->capture, level + 1);
	if (!found)
		walk->capture_count = captured;
	return found;
}

static const struct node *find_node(const struct route_table *t, struct str path, struct walk *walk)
{
	if (path.n == 0 || path.p[0] != '/')
		return NULL;
	walk->capture_count = 0;
	walk->count = path_split(path, walk->segments, ROUTE_SEGMENTS);
	return walk->count > ROUTE_SEGMENTS ? NULL : walk_to(walk, t->root, 0);
}

enum route_result route_find(const struct route_table *t, struct str method, struct str path, struct route_match *ret)
{
	struct walk walk;
	const struct node *node = find_node(t, path, &walk);

	if (!node)
		return ROUTE_NO_PATH;
	size_t row = find_method(node, method);
	if (row == node->row_count && str_is(method, "HEAD"))
		row = find_method(node, STR("GET"));
	if (row == node->row_count)
		return ROUTE_NO_METHOD;
	ret->index = node->rows[row].index;
	ret->capture_count = walk.capture_count;
	memcpy(ret->captures, walk.captures, sizeof(walk.captures[0]) * walk.capture_count);
	return ROUTE_FOUND;
}

struct str route_allow(const struct route_table *t, struct arena *a, struct str path)
{
	struct walk walk;
	const struct node *node = find_node(t, path, &walk);
	struct str allow = STR("");

	if (!node)
		return allow;
	for (size_t i = 0; i < node->row_count; i++) {
		struct str method = node->rows[i].method;

		allow = arena_printf(a, "%.*s%s%.*s", STR_ARG(allow), i ? ", " : "", STR_ARG(method));
	}
	if (find_method(node, STR("GET")) < node->row_count && find_method(node, STR("HEAD")) == node->row_count)
		allow = arena_printf(a, "%.*s, HEAD", STR_ARG(allow));
	return allow;
}

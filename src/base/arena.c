#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST_BYTES = 8 * 1024, ARENA_MOST_BYTES = 256 * 1024 };

struct arena_block {
	struct arena_block *older;
	size_t bytes;
	_Alignas(16) char data[];
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ 0 };
}

static void arena_grow(struct arena *a, size_t need)
{
	size_t bytes = a->blocks ? a->blocks->bytes * 2 : ARENA_FIRST_BYTES;

	if (bytes > ARENA_MOST_BYTES)
		bytes = ARENA_MOST_BYTES;
	if (bytes < need)
		bytes = need;
	struct arena_block *block = malloc(sizeof(*block) + bytes);
	must(block);
	block->older = a->blocks;
	block->bytes = bytes;
	a->blocks = block;
	a->at = block->data;
	a->end = block->data + bytes;
	a->total_bytes += bytes;
}

void arena_reset(struct arena *a)
{
	struct arena_block *block = a->blocks;

	while (block && block->older) {
		struct arena_block *older = block->older;

		a->total_bytes -= block->bytes;
		free(block);
		block = older;
	}
	a->blocks = block;
	a->at = block ? block->data : NULL;
	a->end = block ? block->data + block->bytes : NULL;
}

void arena_done(struct arena *a)
{
	arena_reset(a);
	free(a->blocks);
	*a = (struct arena){ 0 };
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	size_t need = (bytes + 15) & ~(size_t)15;

	must(need >= bytes);
	if (!a->at || need > (size_t)(a->end - a->at))
		arena_grow(a, need);
	void *p = a->at;
	a->at += need;
	return memset(p, 0, need);
}

void *arena_array(struct arena *a, size_t size, size_t n)
{
	size_t bytes;

	must(!__builtin_mul_overflow(size, n, &bytes));
	return arena_alloc(a, bytes);
}

struct str arena_str(struct arena *a, struct str s)
{
	if (!s.p)
		return STR_NONE;
	char *copy = arena_alloc(a, s.n + 1);
	memcpy(copy, s.p, s.n);
	return (struct str){ copy, s.n };
}

const char *arena_strz(struct arena *a, struct str s)
{
	return arena_str(a, s).p;
}

/* Most are short and made in one go. */
struct str arena_printf(struct arena *a, const char *fmt, ...)
{
	char brief[256];
	va_list args, again;

	va_start(args, fmt);
	va_copy(again, args);
	int n = vsnprintf(brief, sizeof(brief), fmt, args);
	va_end(args);
	must(n >= 0);
	char *p = arena_alloc(a, (size_t)n + 1);
	if ((size_t)n < sizeof(brief))
		memcpy(p, brief, (size_t)n);
	else
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return (struct str){ p, (size_t)n };
}

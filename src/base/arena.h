/* base/arena.h: memory that is freed all at once.
 *
 * One request or job has one arena; everything made for it lives there and dies with it, so handlers never free.
 * Running out of memory aborts: limits bound every size before it is asked for. Not thread-safe: an arena belongs to
 * whoever holds the request, and is handed over with it. */
#pragma once

#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	char *at, *end;
	size_t total_bytes;
};

void arena_init(struct arena *a);
void arena_reset(struct arena *a); /* frees all but the first block, which is kept for the next use */
void arena_done(struct arena *a);

/* Aligned to 16 bytes, zeroed. */
void *arena_alloc(struct arena *a, size_t bytes);
#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), sizeof(type), (n)))
void *arena_array(struct arena *a, size_t size, size_t n); /* aborts on overflow */

/* Copies; the result is NUL-terminated. An absent slice stays absent (NULL). */
struct str arena_str(struct arena *a, struct str s);
const char *arena_strz(struct arena *a, struct str s);
struct str arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

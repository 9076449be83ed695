/* base/buf.h: a growing byte buffer with a maximum and a memory of failure.
 *
 * Writers append without checking; past the maximum the buffer turns `failed` and swallows everything more. Whoever
 * finishes checks once. Owned by whoever declared it: buf_init, buf_done. */
#pragma once

#include "base/str.h"

#include <string.h>

struct buf {
	char *p;
	size_t n, cap, max;
	bool failed;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_done(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_reserve_slow(struct buf *b, size_t more);

/* Makes room for `more` bytes; false when that would pass the maximum. */
static inline bool buf_reserve(struct buf *b, size_t more)
{
	if (more > b->cap - b->n || b->failed)
		buf_reserve_slow(b, more);
	return !b->failed;
}

static inline void buf_put(struct buf *b, const void *p, size_t n)
{
	if (n && buf_reserve(b, n)) {
		memcpy(b->p + b->n, p, n);
		b->n += n;
	}
}

static inline void buf_char(struct buf *b, char c)
{
	if (buf_reserve(b, 1))
		b->p[b->n++] = c;
}

static inline void buf_str(struct buf *b, struct str s)
{
	buf_put(b, s.p, s.n);
}

#define buf_lit(b, literal) buf_put((b), (literal), sizeof(literal) - 1)

/* As a part of a URL or a form: every byte but letters, digits and -._~ as %XX (RFC 3986). */
void buf_percent(struct buf *b, struct str s);
void buf_i64(struct buf *b, int64_t value);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
struct str buf_view(const struct buf *b);

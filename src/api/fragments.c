#include "api/fragments.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SLOTS = 1024 };

struct piece {
	struct fragment_key key;
	struct str bytes; /* absent = free slot */
};

struct fragments {
	const struct catalog *catalog; /* held; NULL before the first piece */
	struct arena arena;
	struct piece *pieces; /* open addressing; at most half of them in use */
	size_t slots, used;   /* slots is a power of two */
	size_t bytes, max_bytes;
};

struct fragments *fragments_new(size_t max_bytes)
{
	struct fragments *f = calloc(1, sizeof(*f));

	must(f);
	arena_init(&f->arena);
	f->max_bytes = max_bytes;
	f->slots = FIRST_SLOTS;
	f->pieces = calloc(f->slots, sizeof(*f->pieces));
	must(f->pieces);
	return f;
}

static void empty(struct fragments *f)
{
	arena_reset(&f->arena);
	memset(f->pieces, 0, f->slots * sizeof(*f->pieces));
	f->used = 0;
	f->bytes = 0;
}

void fragments_free(struct fragments *f)
{
	if (!f)
		return;
	if (f->catalog)
		catalog_release(f->catalog);
	arena_done(&f->arena);
	free(f->pieces);
	free(f);
}

static struct piece *slot_of(struct fragments *f, struct fragment_key key)
{
	uint64_t hash = (uint64_t)key.id * UINT64_C(0x9E3779B97F4A7C15) + (uint64_t)key.list * 64 +
			(uint64_t)key.locale + ((uint64_t)key.moment << 48);
	size_t i = (size_t)(hash ^ hash >> 32) & (f->slots - 1);

	for (;; i = (i + 1) & (f->slots - 1)) {
		struct piece *p = &f->pieces[i];

		if (!p->bytes.p || (p->key.id == key.id && p->key.list == key.list && p->key.locale == key.locale &&
				    p->key.moment == key.moment))
			return p;
	}
}

struct str fragments_find(struct fragments *f, const struct catalog *c, struct fragment_key key)
{
	return f->catalog == c ? slot_of(f, key)->bytes : STR_NONE;
}

static void grow(struct fragments *f)
{
	struct piece *old = f->pieces;
	size_t slots = f->slots;

	f->slots *= 2;
	f->pieces = calloc(f->slots, sizeof(*f->pieces));
	must(f->pieces);
	for (size_t i = 0; i < slots; i++)
		if (old[i].bytes.p)
			*slot_of(f, old[i].key) = old[i];
	free(old);
}

void fragments_add(struct fragments *f, const struct catalog *c, struct fragment_key key, struct str bytes)
{
	if (f->catalog != c) {
		empty(f);
		if (f->catalog)
			catalog_release(f->catalog);
		catalog_hold(c);
		f->catalog = c;
	}
	if (bytes.n > f->max_bytes)
		return;
	if (f->bytes + bytes.n > f->max_bytes)
		empty(f);
	if (f->used * 2 >= f->slots)
		grow(f);
	struct piece *p = slot_of(f, key);
	if (p->bytes.p)
		return;
	p->key = key;
	p->bytes = arena_str(&f->arena, bytes);
	f->used++;
	f->bytes += bytes.n;
}

void fragments_put(struct fragments *f, const struct catalog *c, struct fragment_key key, struct json_writer *w,
		   void (*put)(struct json_writer *w, const void *arg), const void *arg)
{
	struct str kept = fragments_find(f, c, key);
	size_t from = w->buf->n + (w->comma ? 1 : 0);

	if (kept.p) {
		json_raw_members(w, kept);
		return;
	}
	put(w, arg);
	if (!w->buf->failed)
		fragments_add(f, c, key, str_skip(buf_view(w->buf), from));
}

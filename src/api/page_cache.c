#include "api/page_cache.h"

#include "base/crypto.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096 };

struct kept {
	struct page page; /* first: pages are handed out as this */
	struct str key;
	struct kept *next;
};

struct page_cache {
	const struct catalog *catalog; /* held; NULL before the first page */
	struct arena arena;
	struct kept *slots[SLOTS];
	size_t max_bytes;
	unsigned char seed[HASH_SEED_BYTES]; /* keys are what callers ask for */
};

struct page_cache *page_cache_new(size_t max_bytes)
{
	struct page_cache *c = calloc(1, sizeof(*c));

	must(c);
	arena_init(&c->arena);
	crypto_random(c->seed, sizeof(c->seed));
	c->max_bytes = max_bytes;
	return c;
}

void page_cache_free(struct page_cache *c)
{
	if (!c)
		return;
	catalog_release(c->catalog);
	arena_done(&c->arena);
	free(c);
}

static void empty(struct page_cache *c)
{
	arena_reset(&c->arena);
	memset(c->slots, 0, sizeof(c->slots));
}

static struct kept **slot_of(struct page_cache *c, struct str key)
{
	return &c->slots[crypto_seeded_hash(c->seed, key) % SLOTS];
}

static struct kept *find(struct page_cache *c, struct str key)
{
	struct kept *k = *slot_of(c, key);

	while (k && !str_eq(k->key, key))
		k = k->next;
	return k;
}

struct page *page_cache_find(struct page_cache *c, const struct catalog *catalog, struct str key)
{
	struct kept *k = c->catalog == catalog ? find(c, key) : NULL;

	return k ? &k->page : NULL;
}

static void copy(struct page_cache *c, struct page *to, const struct page *page)
{
	*to = (struct page){ .stays_plain = page->stays_plain, .stock = page->stock };
	to->tag = arena_str(&c->arena, page->tag);
	to->plain = arena_str(&c->arena, page->plain);
	to->gzip = arena_str(&c->arena, page->gzip);
	to->stock.first = shown_stock_copy(&c->arena, page->stock.first);
}

struct page *page_cache_put(struct page_cache *c, const struct catalog *catalog, struct str key,
			    const struct page *page)
{
	size_t bytes = key.n + page->plain.n + page->gzip.n + sizeof(struct kept);

	if (c->catalog != catalog) {
		empty(c);
		catalog_release(c->catalog);
		catalog_hold(catalog);
		c->catalog = catalog;
	}
	if (bytes > c->max_bytes)
		return NULL;
	/* What was replaced stays in the arena until then. */
	if (c->arena.total_bytes + bytes > c->max_bytes)
		empty(c);
	struct kept *k = find(c, key);
	if (!k) {
		struct kept **slot = slot_of(c, key);

		k = ARENA_NEW(&c->arena, struct kept);
		k->key = arena_str(&c->arena, key);
		k->next = *slot;
		*slot = k;
	}
	copy(c, &k->page, page);
	return &k->page;
}

void page_cache_compress(struct page_cache *c, struct page *page, struct str gzip)
{
	if (c->arena.total_bytes + gzip.n <= c->max_bytes)
		page->gzip = arena_str(&c->arena, gzip);
}

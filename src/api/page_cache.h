/* api/page_cache.h: whole answers of the catalogue as they leave, plain and compressed.
 *
 * As with fragments (api/fragments.h), one cache belongs to one dialect and one loop thread, and to one catalogue
 * snapshot, which it holds: asked about another, it starts empty again. Past its size it starts again too. */
#pragma once

#include "api/shown_stock.h"
#include "core/catalog.h"

struct page_cache;

/* One answer. What a caller may change is changed in place. */
struct page {
	struct str tag;		  /* of the plain bytes: 32 hex digits */
	struct str plain;	  /* absent where only the compressed bytes are kept */
	struct str gzip;	  /* absent until somebody asked for it */
	bool stays_plain;	  /* compressed it would not be smaller */
	struct shown_stock stock; /* what the bytes say of it */
};

struct page_cache *page_cache_new(size_t max_bytes);
void page_cache_free(struct page_cache *c); /* NULL is fine */

/* NULL if it is not there. Valid until the next page_cache_put. */
struct page *page_cache_find(struct page_cache *c, const struct catalog *catalog, struct str key);
/* Keeps a copy, in place of what was kept under the key. NULL: it is larger than the whole cache may be. */
struct page *page_cache_put(struct page_cache *c, const struct catalog *catalog, struct str key,
			    const struct page *page);
/* The compressed bytes of a page that is kept; forgotten if there is no room for them. */
void page_cache_compress(struct page_cache *c, struct page *page, struct str gzip);

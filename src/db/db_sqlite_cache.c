/* The page cache: SQLite's own, spared a walk through all of it at most commits.
 *
 * At the end of a commit SQLite drops cached pages past the end of the file, and walks the whole cache for that when
 * the highest page number ever cached is past it. While it splits a tree node it gives a page for a moment the number
 * of the page that holds the file locks (at 1 GiB), which counts as cached from then on. So in any smaller file nearly
 * every batch of inserts ends with a walk: a fifth of the committer's time with a cache of 64 MiB. This layer remembers
 * the highest number that really was cached and leaves out walks that cannot find anything. */
#include "db/db_sqlite_private.h"

#include <pthread.h>
#include <stdlib.h>

enum { LOCK_BYTE = 0x40000000 };

struct cache {
	sqlite3_pcache *plain;
	unsigned highest;   /* number of a cached page */
	unsigned lock_page; /* never cached under this number for longer than a split takes */
};

static sqlite3_pcache_methods2 plain;

static struct cache *cache_of(sqlite3_pcache *p)
{
	return (struct cache *)p;
}

static int cache_init(void *arg)
{
	(void)arg;
	return plain.xInit(plain.pArg);
}

static void cache_shutdown(void *arg)
{
	(void)arg;
	plain.xShutdown(plain.pArg);
}

static sqlite3_pcache *cache_create(int page_bytes, int extra_bytes, int purgeable)
{
	struct cache *c = calloc(1, sizeof(*c));

	must(c);
	c->lock_page = (unsigned)(LOCK_BYTE / page_bytes) + 1;
	c->plain = plain.xCreate(page_bytes, extra_bytes, purgeable);
	if (c->plain)
		return (sqlite3_pcache *)c;
	free(c);
	return NULL;
}

static void cache_destroy(sqlite3_pcache *p)
{
	plain.xDestroy(cache_of(p)->plain);
	free(p);
}

static void cache_size(sqlite3_pcache *p, int pages)
{
	plain.xCachesize(cache_of(p)->plain, pages);
}

static int cache_count(sqlite3_pcache *p)
{
	return plain.xPagecount(cache_of(p)->plain);
}

static void cache_shrink(sqlite3_pcache *p)
{
	plain.xShrink(cache_of(p)->plain);
}

static void note(struct cache *c, unsigned number)
{
	if (number > c->highest && number != c->lock_page)
		c->highest = number;
}

static sqlite3_pcache_page *cache_fetch(sqlite3_pcache *p, unsigned number, int create)
{
	struct cache *c = cache_of(p);
	sqlite3_pcache_page *page = plain.xFetch(c->plain, number, create);

	if (page)
		note(c, number);
	return page;
}

static void cache_unpin(sqlite3_pcache *p, sqlite3_pcache_page *page, int discard)
{
	plain.xUnpin(cache_of(p)->plain, page, discard);
}

static void cache_rekey(sqlite3_pcache *p, sqlite3_pcache_page *page, unsigned from, unsigned to)
{
	struct cache *c = cache_of(p);

	plain.xRekey(c->plain, page, from, to);
	note(c, to);
}

/* Drops the pages with this number and higher. */
static void cache_truncate(sqlite3_pcache *p, unsigned first)
{
	struct cache *c = cache_of(p);

	if (first > c->highest)
		return;
	plain.xTruncate(c->plain, first);
	c->highest = first ? first - 1 : 0;
}

static const sqlite3_pcache_methods2 methods = {
	.iVersion = 1,
	.xInit = cache_init,
	.xShutdown = cache_shutdown,
	.xCreate = cache_create,
	.xCachesize = cache_size,
	.xPagecount = cache_count,
	.xFetch = cache_fetch,
	.xUnpin = cache_unpin,
	.xRekey = cache_rekey,
	.xTruncate = cache_truncate,
	.xDestroy = cache_destroy,
	.xShrink = cache_shrink,
};

static void install(void)
{
	/* Refused once SQLite is in use; then the walks stay. */
	if (sqlite3_config(SQLITE_CONFIG_GETPCACHE2, &plain) == SQLITE_OK)
		sqlite3_config(SQLITE_CONFIG_PCACHE2, &methods);
}

void sqlite_cache_install(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
}

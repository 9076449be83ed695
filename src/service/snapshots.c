#include "service/snapshots.h"

#include "core/catalog_query.h"
#include "service/catalog.h"
#include "store/nodes.h"

#include <pthread.h>
#include <stdlib.h>

enum { HISTORY_BUCKETS = 4096 };

struct old_product {
	struct old_product *next;
	int64_t id, batch;
	const struct product *product; /* NULL: the store does not have it */
};

struct snapshots {
	pthread_mutex_t lock; /* of the two pointers and their versions */
	const struct directory *directory;
	const struct catalog *catalog;
	struct snapshots_versions versions;
	pthread_mutex_t store_lock; /* of the connection and the history */
	struct db *db;
	struct arena arena; /* of the history: lives as long as the engine */
	struct old_product *history[HISTORY_BUCKETS];
};

enum err snapshots_read_catalog(struct db *db, const struct catalog **ret, int64_t *ret_version)
{
	struct catalog *fresh = NULL;
	enum err e = db_begin(db);

	if (e)
		return e;
	e = version_get(db, CATALOG_VERSION, ret_version);
	if (!e)
		e = catalog_load(db, &fresh);
	db_rollback(db);
	if (!e)
		*ret = fresh;
	return e;
}

enum err snapshots_open(const char *uri, struct snapshots **ret)
{
	struct snapshots *s = calloc(1, sizeof(*s));

	must(s);
	must(pthread_mutex_init(&s->lock, NULL) == 0 && pthread_mutex_init(&s->store_lock, NULL) == 0);
	arena_init(&s->arena);
	enum err e = db_open(&(struct db_options){ .uri = uri, .mode = DB_READ }, &s->db);
	if (!e)
		e = snapshots_reload_directory(s);
	if (!e)
		e = snapshots_read_catalog(s->db, &s->catalog, &s->versions.catalog);
	if (e)
		snapshots_close(s);
	else
		*ret = s;
	return e;
}

void snapshots_close(struct snapshots *s)
{
	if (!s)
		return;
	directory_release(s->directory);
	catalog_release(s->catalog);
	db_close(s->db);
	arena_done(&s->arena);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->store_lock);
	free(s);
}

/* With store_lock held until the new one is in its place: of two threads the one that read last is the last to swap. */
static enum err read_directory(struct snapshots *s)
{
	const struct directory *fresh = NULL, *old;
	int64_t version;
	enum err e = db_begin(s->db);

	if (e)
		return e;
	e = version_get(s->db, DIRECTORY_VERSION, &version);
	if (!e)
		e = directory_load(s->db, &fresh);
	db_rollback(s->db);
	if (e)
		return e;
	pthread_mutex_lock(&s->lock);
	old = s->directory;
	s->directory = fresh;
	s->versions.directory = version;
	pthread_mutex_unlock(&s->lock);
	directory_release(old);
	return OK;
}

void snapshots_swap_catalog(struct snapshots *s, const struct catalog *fresh, int64_t version)
{
	pthread_mutex_lock(&s->lock);
	const struct catalog *old = s->catalog;
	s->catalog = fresh;
	s->versions.catalog = version;
	pthread_mutex_unlock(&s->lock);
	catalog_release(old);
}

enum err snapshots_reload_directory(struct snapshots *s)
{
	pthread_mutex_lock(&s->store_lock);
	enum err e = read_directory(s);
	pthread_mutex_unlock(&s->store_lock);
	return e;
}

struct snapshots_versions snapshots_versions(struct snapshots *s)
{
	pthread_mutex_lock(&s->lock);
	struct snapshots_versions versions = s->versions;
	pthread_mutex_unlock(&s->lock);
	return versions;
}

const struct directory *snapshots_directory(struct snapshots *s)
{
	pthread_mutex_lock(&s->lock);
	const struct directory *d = s->directory;
	directory_hold(d);
	pthread_mutex_unlock(&s->lock);
	return d;
}

const struct catalog *snapshots_catalog(struct snapshots *s)
{
	pthread_mutex_lock(&s->lock);
	const struct catalog *c = s->catalog;
	catalog_hold(c);
	pthread_mutex_unlock(&s->lock);
	return c;
}

/* With store_lock held. ERR_NOT_FOUND if the store does not have it. */
static enum err read_old(struct snapshots *s, int64_t id, int64_t batch, const struct product **ret)
{
	enum err e = db_begin(s->db);

	if (!e) {
		e = catalog_product_at(s->db, &s->arena, id, batch, ret);
		db_rollback(s->db);
	}
	return e;
}

static enum err product_of_history(struct snapshots *s, int64_t id, int64_t batch, const struct product **ret)
{
	struct old_product **bucket =
		&s->history[((uint64_t)id * 0x9E3779B97F4A7C15u ^ (uint64_t)batch) % HISTORY_BUCKETS];
	const struct product *product = NULL;
	struct old_product *old = *bucket;

	while (old && (old->id != id || old->batch != batch))
		old = old->next;
	if (!old) {
		enum err e = read_old(s, id, batch, &product);

		/* That it is not there is worth remembering too; a failure of the store is not. */
		if (e && e != ERR_NOT_FOUND)
			return ERR_STORE_UNAVAILABLE;
		old = ARENA_NEW(&s->arena, struct old_product);
		*old = (struct old_product){ *bucket, id, batch, product };
		*bucket = old;
	}
	*ret = old->product;
	return OK;
}

enum err snapshots_product(struct snapshots *s, const struct catalog *current, int64_t id, int64_t batch,
			   const struct product **ret)
{
	const struct product *product = catalog_product(current, CATALOG_ALL_LISTS, id);

	if (product && product->batch == batch) {
		*ret = product;
		return OK;
	}
	pthread_mutex_lock(&s->store_lock);
	enum err e = product_of_history(s, id, batch, ret);
	pthread_mutex_unlock(&s->store_lock);
	return e;
}

#include "service/watch.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/business_clock.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Between two looks that nobody asked for; and at least so long between two that somebody did. */
static const int64_t look_every_us = SECONDS_US(2), look_least_us = 10000;

struct watch {
	struct engine *engine;
	struct db *db;
	pthread_t thread;
	int wake_fd;
	bool started;
	_Atomic(bool) stopping;
};

struct living {
	struct view *view;
	int64_t wall_us;
};

static enum err node_seen(void *arg, void *row)
{
	struct living *living = arg;
	const struct node *node = row;

	if (node->lease_until <= living->wall_us || living->view->count == LIMIT_NODE_SLOTS)
		return OK;
	living->view->tokens[living->view->count++] = node_token(node);
	shard_nodes_add(&living->view->shards, node_token(node), node->batch_no, node->address);
	return OK;
}

static enum err look(struct db *db, struct view *view)
{
	struct living living = { .view = view };
	struct arena a;
	int64_t before = clock_mono_us(), wall = clock_wall_us();
	enum err e = store_wall_us(db, &living.wall_us);

	view->wall_slack_us = clock_mono_us() - before;
	view->wall_offset_us = living.wall_us - wall - view->wall_slack_us / 2;
	if (!e)
		e = business_clock_read(db, &view->clock_offset_us);
	if (!e)
		e = version_get(db, DIRECTORY_VERSION, &view->directory);
	if (!e)
		e = version_get(db, CATALOG_VERSION, &view->catalog);
	if (e)
		return e;
	arena_init(&a);
	e = nodes_each(db, &a, node_seen, &living);
	arena_done(&a);
	return e;
}

enum err watch_look(struct db *db, struct view *ret)
{
	enum err e = db_begin(db);

	*ret = (struct view){ 0 };
	if (e)
		return e;
	e = look(db, ret);
	db_rollback(db);
	return e;
}

enum err watch_open(struct engine *e, const char *uri, struct watch **ret)
{
	struct watch *w = calloc(1, sizeof(*w));

	must(w);
	w->engine = e;
	w->wake_fd = eventfd(0, EFD_CLOEXEC);
	must(w->wake_fd >= 0);
	enum err err = db_open(&(struct db_options){ .uri = uri, .mode = DB_READ }, &w->db);
	if (err)
		watch_free(w);
	else
		*ret = w;
	return err;
}

/* The index of orders does not fall far behind, so that a list finds little to bring. */
static void follow(struct watch *w)
{
	if (db_begin(w->db))
		return;
	enum err e = engine_follow_orders(w->engine, w->db);
	if (e)
		log_debug("watch.follow", "error=%s", err_name(e));
	db_rollback(w->db);
}

static void *watch_main(void *arg)
{
	struct watch *w = arg;
	struct pollfd wake = { .fd = w->wake_fd, .events = POLLIN };
	struct view view;
	int64_t looked_us = 0, followed_us = 0;
	bool heard;

	while (!atomic_load(&w->stopping)) {
		int64_t pause = looked_us + look_least_us - clock_mono_us();

		/* Many notifications in a row are one. */
		if (pause > 0)
			poll(&wake, 1, (int)(pause / 1000) + 1);
		looked_us = clock_mono_us();
		if (!watch_look(w->db, &view))
			engine_look(w->engine, &view);
		if (looked_us - followed_us >= look_every_us) {
			followed_us = looked_us;
			follow(w);
		}
		/* Told, not told, or the store is away: it looks again. */
		enum err e = db_listen(w->db, w->wake_fd, look_every_us, &heard);
		if (e)
			log_debug("watch.deaf", "error=%s", err_name(e));
	}
	return NULL;
}

void watch_start(struct watch *w)
{
	w->started = true;
	must(pthread_create(&w->thread, NULL, watch_main, w) == 0);
	pthread_setname_np(w->thread, "watch");
}

void watch_stop(struct watch *w)
{
	if (!w || !w->started)
		return;
	atomic_store(&w->stopping, true);
	eventfd_write(w->wake_fd, 1);
	pthread_join(w->thread, NULL);
	w->started = false;
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	watch_stop(w);
	db_close(w->db);
	close(w->wake_fd);
	free(w);
}

#include "service/catalog_loader.h"

#include "base/log.h"
#include "base/thread.h"
#include "service/snapshots.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { RETRY_SECONDS = 1 };

struct awaiting {
	struct awaiting *next;
	struct task *task;
	uint64_t change;
};

struct catalog_loader {
	struct catalog_loader_options options;
	struct db *db;
	pthread_t thread;
	bool started;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t changed;
	bool stopping;
	uint64_t asked, loaded; /* changes, counted */
	struct awaiting *awaiting;
};

enum err catalog_loader_open(const struct catalog_loader_options *options, struct catalog_loader **ret)
{
	struct catalog_loader *l = calloc(1, sizeof(*l));

	must(l);
	l->options = *options;
	must(pthread_mutex_init(&l->lock, NULL) == 0 && pthread_cond_init(&l->changed, NULL) == 0);
	enum err e = db_open(&(struct db_options){ .uri = options->uri, .mode = DB_READ }, &l->db);
	if (e)
		catalog_loader_free(l);
	else
		*ret = l;
	return e;
}

void catalog_loader_free(struct catalog_loader *l)
{
	if (!l)
		return;
	db_close(l->db);
	pthread_mutex_destroy(&l->lock);
	pthread_cond_destroy(&l->changed);
	free(l);
}

static enum err load(struct catalog_loader *l)
{
	const struct catalog *fresh = NULL;
	int64_t version;

	if (l->options.before)
		l->options.before(l->options.before_arg);
	enum err e = snapshots_read_catalog(l->db, &fresh, &version);
	if (e)
		log_error("catalog.reload", "error=%s", err_name(e));
	else
		l->options.swap(l->options.arg, fresh, version);
	return e;
}

/* With the lock held. Takes out who waits for this change or an earlier one. */
static struct awaiting *take_awaiting(struct catalog_loader *l, uint64_t change)
{
	struct awaiting *taken = NULL, **at = &l->awaiting;

	while (*at) {
		struct awaiting *a = *at;

		if (a->change > change) {
			at = &a->next;
			continue;
		}
		*at = a->next;
		a->next = taken;
		taken = a;
	}
	return taken;
}

static void answer(struct awaiting *taken)
{
	while (taken) {
		struct awaiting *next =
			taken->next; /* lives in the task, which is its sender's again once it is done */

		taken->task->done(taken->task);
		taken = next;
	}
}

/* With the lock held. */
static void wait_to_retry(struct catalog_loader *l)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RETRY_SECONDS;
	while (!l->stopping && pthread_cond_timedwait(&l->changed, &l->lock, &until) == 0)
		continue;
}

static void *loader_main(void *arg)
{
	struct catalog_loader *l = arg;

	pthread_setname_np(pthread_self(), "catalog");
	thread_step_back("catalog");
	pthread_mutex_lock(&l->lock);
	for (;;) {
		while (!l->stopping && l->loaded == l->asked)
			pthread_cond_wait(&l->changed, &l->lock);
		if (l->stopping)
			break;
		uint64_t change = l->asked;
		pthread_mutex_unlock(&l->lock);
		enum err e = load(l);
		pthread_mutex_lock(&l->lock);
		if (!e)
			l->loaded = change;
		/* The change is committed: who made it is not kept waiting for a store that cannot be read. */
		struct awaiting *taken = take_awaiting(l, change);
		pthread_mutex_unlock(&l->lock);
		answer(taken);
		pthread_mutex_lock(&l->lock);
		if (e)
			wait_to_retry(l);
	}
	struct awaiting *rest = take_awaiting(l, UINT64_MAX);
	pthread_mutex_unlock(&l->lock);
	answer(rest);
	return NULL;
}

void catalog_loader_start(struct catalog_loader *l)
{
	must(pthread_create(&l->thread, NULL, loader_main, l) == 0);
	l->started = true;
}

void catalog_loader_stop(struct catalog_loader *l)
{
	if (!l->started)
		return;
	pthread_mutex_lock(&l->lock);
	l->stopping = true;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
	pthread_join(l->thread, NULL);
	l->started = false;
}

void catalog_loader_ask(struct catalog_loader *l)
{
	pthread_mutex_lock(&l->lock);
	l->asked++;
	pthread_cond_signal(&l->changed);
	pthread_mutex_unlock(&l->lock);
}

bool catalog_loader_await(struct catalog_loader *l, struct task *t)
{
	pthread_mutex_lock(&l->lock);
	bool waits = l->loaded != l->asked && !l->stopping;
	if (waits) {
		struct awaiting *a = ARENA_NEW(t->arena, struct awaiting);

		*a = (struct awaiting){ l->awaiting, t, l->asked };
		l->awaiting = a;
	}
	pthread_mutex_unlock(&l->lock);
	return waits;
}

/* tests/unit/work/fixture.h: an engine and a clock that a test holds in its hand.
 *
 * The engine is one thread that answers the verbs (verbs.h) over the rows (rows.h), asynchronously and on another
 * thread as the real one does. Nothing here sleeps: the test moves the clock and waits for what must come. */
#pragma once

#include "verbs.h"

static inline struct fixture *fixture_of(struct engine *e)
{
	return (struct fixture *)(void *)e;
}

static inline bool fixture_submit(struct engine *e, struct task *t)
{
	struct fixture *f = fixture_of(e);

	pthread_mutex_lock(&f->lock);
	bool room = f->refuse-- <= 0 && f->queued < TASKS;
	if (f->refuse < 0)
		f->refuse = 0;
	if (room)
		f->queue[f->queued++] = t;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	return room;
}

static inline int64_t fixture_now(struct engine *e)
{
	struct fixture *f = fixture_of(e);

	pthread_mutex_lock(&f->lock);
	int64_t now_us = f->now_us;
	pthread_mutex_unlock(&f->lock);
	return now_us;
}

static inline const struct catalog *fixture_catalog(struct engine *e)
{
	(void)e;
	return NULL;
}

static inline void *fixture_run(void *arg)
{
	struct fixture *f = arg;

	pthread_mutex_lock(&f->lock);
	while (!f->stop || f->queued) {
		if (!f->queued) {
			pthread_cond_wait(&f->changed, &f->lock);
			continue;
		}
		struct task *t = f->queue[0];
		struct row *changed = NULL;
		struct job job = { 0 };

		memmove(f->queue, f->queue + 1, --f->queued * sizeof(f->queue[0]));
		enum err e = fixture_do(f, t, &changed);
		bool tell = !e && changed && changed->present;
		if (tell)
			job = changed->job;
		pthread_mutex_unlock(&f->lock);
		if (tell)
			work_on_jobs(f->work, &job, 1);
		t->result = e;
		t->done(t);
		pthread_mutex_lock(&f->lock);
		pthread_cond_broadcast(&f->changed);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

static inline struct fixture *fixture_new(void)
{
	struct fixture *f = calloc(1, sizeof(*f));

	must(f && crypto_start() == OK);
	f->now_us = 1000000000;
	f->product = (struct product){ .id = 1, .type = PRODUCT_FIXED_RECHARGE };
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	must(pthread_create(&f->thread, NULL, fixture_run, f) == 0);
	f->work = work_new();
	return f;
}

static inline struct work_options fixture_options(struct fixture *f)
{
	return (struct work_options){ .engine = (struct engine *)(void *)f,
				      .submit = fixture_submit,
				      .now_us = fixture_now,
				      .catalog = fixture_catalog };
}

/* Starts the work and waits until it has read what was there: it knows of a later row by being told, and once. */
static inline void fixture_start(struct fixture *f, const struct work_options *options)
{
	work_start(f->work, options);
	pthread_mutex_lock(&f->lock);
	while (!f->pages)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static inline void fixture_free(struct fixture *f)
{
	work_stop(f->work);
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	pthread_cond_broadcast(&f->changed);
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->thread, NULL);
	work_free(f->work);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* A row of this kind, due in so many microseconds, for the test to fill in: the engine does not see it before
 * rows_show(). The id is the order's too. */
static inline struct row *row_add(struct fixture *f, int id, int kind, int64_t in_us)
{
	struct row *r = &f->rows[id];

	pthread_mutex_lock(&f->lock);
	*r = (struct row){ .job = { .id = id,
				    .kind = kind,
				    .order_id = id,
				    .unit = 1,
				    .partner_id = 9,
				    .due_at = f->now_us + in_us,
				    .fence = 1 },
			   .draft = true,
			   .order = { .id = id, .dialect = DIALECT_DVS },
			   .routes = 1,
			   .attempt = { .order_id = id,
					.unit = 1,
					.no = 1,
					.state = ATTEMPT_PREPARED,
					.supplier = STR("fake"),
					.created_at = f->now_us } };
	pthread_mutex_unlock(&f->lock);
	return r;
}

static inline void rows_show(struct fixture *f)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < ROWS; i++) {
		f->rows[i].present |= f->rows[i].draft;
		f->rows[i].draft = false;
	}
	pthread_mutex_unlock(&f->lock);
}

/* Shows it and tells the work, as the committer does. */
static inline void row_tell(struct fixture *f, const struct row *r)
{
	struct job job;

	rows_show(f);
	pthread_mutex_lock(&f->lock);
	job = r->job;
	pthread_mutex_unlock(&f->lock);
	work_on_jobs(f->work, &job, 1);
}

static inline void clock_to(struct fixture *f, int64_t now_us)
{
	pthread_mutex_lock(&f->lock);
	f->now_us = now_us;
	pthread_mutex_unlock(&f->lock);
	work_on_jobs(f->work, NULL, 0);
}

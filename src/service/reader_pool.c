#include "service/reader_pool.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/queue.h"

#include <pthread.h>
#include <stdlib.h>

enum { READERS_MAX = 16, READ_BATCH = 64 };

struct reader_pool {
	struct queue *points; /* by key: quick */
	struct queue *lists;  /* may scan: never in the way of the others */
	struct reader readers[READERS_MAX];
	pthread_t threads[READERS_MAX];
	int count;
	bool started;
	struct reader_start {
		struct reader_pool *pool;
		struct reader *reader;
		bool lists;
	} starts[READERS_MAX];
};

enum err reader_pool_open(struct engine *e, const char *uri, int threads, struct reader_pool **ret)
{
	struct reader_pool *p = calloc(1, sizeof(*p));
	enum err err = OK;

	must(p && threads > 0);
	if (threads > READERS_MAX - 1)
		threads = READERS_MAX - 1;
	p->points = queue_new(LIMIT_READ_QUEUE + LIMIT_RESULT_QUEUE);
	p->lists = queue_new(LIMIT_READ_QUEUE);
	/* One more, for lists alone. */
	for (int i = 0; i < threads + 1 && !err; i++) {
		struct reader *r = &p->readers[i];

		r->engine = e;
		arena_init(&r->unit.arena);
		err = db_open(&(struct db_options){ .uri = uri, .mode = DB_READ }, &r->db);
		p->count += !err;
	}
	if (err)
		reader_pool_free(p);
	else
		*ret = p;
	return err;
}

/* Answers a batch of reads by key from one snapshot of the store. */
static void read_points(struct reader *r, struct task **tasks, size_t n)
{
	struct unit *u = &r->unit;
	enum err e;

	unit_begin(u, r->engine, r->db, NULL, engine_now_us(r->engine));
	for (size_t i = 0; i < n; i++)
		tasks[i]->verb->need(u, tasks[i]);
	e = db_begin(r->db);
	if (!e) {
		e = unit_load(u);
		for (size_t i = 0; i < n && !e; i++)
			if (tasks[i]->verb->need_more)
				tasks[i]->verb->need_more(u, tasks[i]);
		if (!e)
			e = unit_load(u);
		for (size_t i = 0; i < n; i++)
			tasks[i]->result = e ? e : tasks[i]->verb->act(u, tasks[i]);
		db_rollback(r->db);
	}
	unit_end(u);
	for (size_t i = 0; i < n; i++) {
		tasks[i]->result = e ? e : tasks[i]->result;
		tasks[i]->done(tasks[i]);
	}
}

static void read_list(struct reader *r, struct task *t)
{
	unit_begin(&r->unit, r->engine, r->db, NULL, engine_now_us(r->engine));
	db_set_deadline(r->db, clock_mono_us() + SECONDS_US(LIMIT_READ_SECONDS));
	t->result = db_begin(r->db);
	if (!t->result) {
		t->result = t->verb->read(r, t);
		db_rollback(r->db);
	}
	db_set_deadline(r->db, 0);
	unit_end(&r->unit);
	t->done(t);
}

static void *reader_main(void *arg)
{
	const struct reader_start *start = arg;
	struct queue *queue = start->lists ? start->pool->lists : start->pool->points;
	void *items[READ_BATCH];

	pthread_setname_np(pthread_self(), start->lists ? "list reader" : "reader");
	while (queue_wait(queue, -1)) {
		size_t n = queue_pop(queue, items, start->lists ? 1 : READ_BATCH);

		if (n && start->lists)
			read_list(start->reader, items[0]);
		else if (n)
			read_points(start->reader, (struct task **)items, n);
	}
	return NULL;
}

void reader_pool_start(struct reader_pool *p)
{
	p->started = true;
	for (int i = 0; i < p->count; i++) {
		p->starts[i] = (struct reader_start){ p, &p->readers[i], i == p->count - 1 };
		must(pthread_create(&p->threads[i], NULL, reader_main, &p->starts[i]) == 0);
	}
}

void reader_pool_stop(struct reader_pool *p)
{
	if (!p->started)
		return;
	queue_close(p->points);
	queue_close(p->lists);
	for (int i = 0; i < p->count; i++)
		pthread_join(p->threads[i], NULL);
	p->started = false;
}

void reader_pool_free(struct reader_pool *p)
{
	if (!p)
		return;
	reader_pool_stop(p);
	for (int i = 0; i < p->count; i++) {
		db_close(p->readers[i].db);
		arena_done(&p->readers[i].unit.arena);
	}
	queue_free(p->points);
	queue_free(p->lists);
	free(p);
}

bool reader_pool_submit(struct reader_pool *p, struct task *t)
{
	return queue_push(t->verb->read ? p->lists : p->points, t);
}

size_t reader_pool_queue(struct reader_pool *p)
{
	return queue_length(p->points) + queue_length(p->lists);
}

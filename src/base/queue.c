#include "base/queue.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	void **slots;
	size_t capacity, head, length, waiting;
	bool closed;
};

struct queue *queue_new(size_t capacity)
{
	struct queue *q = calloc(1, sizeof(*q));
	pthread_condattr_t attr;

	must(q);
	q->slots = calloc(capacity, sizeof(*q->slots));
	must(q->slots);
	q->capacity = capacity;
	must(pthread_mutex_init(&q->lock, NULL) == 0);
	must(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&q->filled, &attr) == 0);
	pthread_condattr_destroy(&attr);
	return q;
}

void queue_free(struct queue *q)
{
	if (!q)
		return;
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q->slots);
	free(q);
}

bool queue_push(struct queue *q, void *item)
{
	pthread_mutex_lock(&q->lock);
	bool room = !q->closed && q->length < q->capacity;
	if (room) {
		q->slots[(q->head + q->length++) % q->capacity] = item;
		if (q->waiting)
			pthread_cond_signal(&q->filled);
	}
	pthread_mutex_unlock(&q->lock);
	return room;
}

size_t queue_pop(struct queue *q, void **items, size_t most)
{
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	for (; n < most && q->length; n++) {
		items[n] = q->slots[q->head];
		q->head = (q->head + 1) % q->capacity;
		q->length--;
	}
	pthread_mutex_unlock(&q->lock);
	return n;
}

bool queue_wait(struct queue *q, int64_t timeout_us)
{
	int64_t until = timeout_us < 0 ? 0 : clock_mono_us() + timeout_us;
	struct timespec ts = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };
	int rc = 0;

	pthread_mutex_lock(&q->lock);
	q->waiting++;
	while (!q->length && !q->closed && rc != ETIMEDOUT)
		rc = timeout_us < 0 ? pthread_cond_wait(&q->filled, &q->lock)
				    : pthread_cond_timedwait(&q->filled, &q->lock, &ts);
	q->waiting--;
	bool some = q->length > 0;
	pthread_mutex_unlock(&q->lock);
	return some;
}

size_t queue_length(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	size_t n = q->length;
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_close(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->closed = true;
	pthread_cond_broadcast(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

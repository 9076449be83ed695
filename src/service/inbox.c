#include "service/inbox.h"

#include "base/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct ring {
	struct task **slots;
	size_t capacity, head, length;
};

struct inbox {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct ring requests, results;
	bool waiting, closed;
};

static void ring_init(struct ring *r, size_t capacity)
{
	r->slots = calloc(capacity, sizeof(struct task *));
	must(r->slots);
	r->capacity = capacity;
}

struct inbox *inbox_new(size_t requests, size_t results)
{
	struct inbox *in = calloc(1, sizeof(*in));
	pthread_condattr_t attr;

	must(in);
	ring_init(&in->requests, requests);
	ring_init(&in->results, results);
	must(pthread_mutex_init(&in->lock, NULL) == 0);
	must(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&in->filled, &attr) == 0);
	pthread_condattr_destroy(&attr);
	return in;
}

void inbox_free(struct inbox *in)
{
	if (!in)
		return;
	pthread_cond_destroy(&in->filled);
	pthread_mutex_destroy(&in->lock);
	free(in->requests.slots);
	free(in->results.slots);
	free(in);
}

bool inbox_put(struct inbox *in, struct task *t)
{
	struct ring *r = t->verb->background ? &in->results : &in->requests;

	pthread_mutex_lock(&in->lock);
	bool room = !in->closed && r->length < r->capacity;
	if (room) {
		r->slots[(r->head + r->length++) % r->capacity] = t;
		if (in->waiting)
			pthread_cond_signal(&in->filled);
	}
	pthread_mutex_unlock(&in->lock);
	return room;
}

static size_t ring_take(struct ring *r, struct task **ret, size_t most)
{
	size_t n = 0;

	for (; n < most && r->length; n++) {
		ret[n] = r->slots[r->head];
		r->head = (r->head + 1) % r->capacity;
		r->length--;
	}
	return n;
}

size_t inbox_take(struct inbox *in, struct task **ret, size_t most, int64_t timeout_us)
{
	int64_t until = clock_mono_us() + timeout_us;
	struct timespec ts = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };
	int rc = timeout_us ? 0 : ETIMEDOUT;

	pthread_mutex_lock(&in->lock);
	in->waiting = true;
	while (!in->requests.length && !in->results.length && !in->closed && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&in->filled, &in->lock, &ts);
	in->waiting = false;
	/* Half for each; what one side does not need the other takes. */
	size_t background = in->requests.length >= most / 2 ? most / 2 : most - in->requests.length;
	size_t n = ring_take(&in->results, ret, background);
	n += ring_take(&in->requests, ret + n, most - n);
	pthread_mutex_unlock(&in->lock);
	return n;
}

void inbox_close(struct inbox *in)
{
	pthread_mutex_lock(&in->lock);
	in->closed = true;
	pthread_cond_broadcast(&in->filled);
	pthread_mutex_unlock(&in->lock);
}

bool inbox_is_over(struct inbox *in)
{
	pthread_mutex_lock(&in->lock);
	bool over = in->closed && !in->requests.length && !in->results.length;
	pthread_mutex_unlock(&in->lock);
	return over;
}

void inbox_lengths(struct inbox *in, size_t *ret_requests, size_t *ret_results)
{
	pthread_mutex_lock(&in->lock);
	*ret_requests = in->requests.length;
	*ret_results = in->results.length;
	pthread_mutex_unlock(&in->lock);
}

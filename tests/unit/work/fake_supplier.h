/* tests/unit/work/fake_supplier.h: a supplier that says what it is told to. */
#pragma once

#include "supplier/supplier.h"
#include "support/test.h"

#include <pthread.h>

enum { SCRIPT = 64 };

/* One answer a call, the last one again and again. */
struct fake_supplier {
	struct supplier supplier;
	struct supplier_driver driver;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct supplier_answer script[SCRIPT];
	int n, calls;
	bool hold; /* calls wait for fake_supplier_release */
	struct supplier_call *held;
	char log[SCRIPT * 2]; /* s or q, then the number of the attempt, for each call */
};

static inline void fake_call(struct supplier *s, struct supplier_call *call, char what)
{
	struct fake_supplier *fake = (struct fake_supplier *)(void *)s;

	pthread_mutex_lock(&fake->lock);
	if (fake->calls < SCRIPT) {
		fake->log[2 * fake->calls] = what;
		fake->log[2 * fake->calls + 1] = (char)('0' + call->attempt->no);
	}
	call->answer = fake->script[fake->calls < fake->n ? fake->calls : fake->n - 1];
	fake->calls++;
	bool hold = fake->hold;
	if (hold)
		fake->held = call;
	pthread_cond_broadcast(&fake->changed);
	pthread_mutex_unlock(&fake->lock);
	if (!hold)
		call->done(call);
}

static inline void fake_submit(struct supplier *s, struct supplier_call *call)
{
	fake_call(s, call, 's');
}

static inline void fake_query(struct supplier *s, struct supplier_call *call)
{
	fake_call(s, call, 'q');
}

static inline void fake_supplier_init(struct fake_supplier *s, const char *name, unsigned can)
{
	*s = (struct fake_supplier){ .driver = {
					     .name = "fake", .can = can, .submit = fake_submit, .query = fake_query } };
	s->supplier = (struct supplier){ &s->driver, str_of(name) };
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
}

static inline void fake_says(struct fake_supplier *s, struct supplier_answer answer)
{
	s->script[s->n++] = answer;
}

static inline void fake_await_held(struct fake_supplier *s)
{
	pthread_mutex_lock(&s->lock);
	while (!s->held)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

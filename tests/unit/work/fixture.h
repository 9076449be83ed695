/* tests/unit/work/fixture.h: an engine, a clock and suppliers that a test holds in its hand.
 *
 * The engine is one thread that answers the verbs of service/work.h over a small table of rows, asynchronously and on
 * another thread as the real one does. Nothing here sleeps: the test moves the clock and waits for what must come. */
#pragma once

#include "base/crypto.h"
#include "supplier/supplier.h"
#include "support/test.h"
#include "work/work.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 512, TASKS = 4096, SCRIPT = 64 };

/* Everything about one job. */
struct row {
	struct job job;
	bool draft, present; /* the engine sees it once it is present */
	struct order order;
	struct attempt attempt;
	int routes; /* how many there are; the second goes to the supplier "other" */
	struct str parties;
	char url[128]; /* callbacks */
	char body[256], error[32];
	bool blocked, has_body;
	int reads, results; /* how often read, how often a result was committed */
	int outcome, reason, http_status;
	bool delivered;
	int64_t next_due_us;
	char delivery[128];
};

struct fixture {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	bool stop;
	int64_t now_us;
	struct task *queue[TASKS];
	size_t queued;
	int refuse; /* so many submissions find the queue full */
	int fail;   /* so many background tasks find the store away */
	int pages;  /* of jobs read */
	struct row rows[ROWS];
	struct work *work;
	struct product product;
};

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

static inline struct row *row_by_job(struct fixture *f, const struct job *job)
{
	struct row *r = &f->rows[job->id];

	return r->present && r->job.fence == job->fence ? r : NULL;
}

static inline enum err do_purchase_get(struct fixture *f, struct purchase_get *g)
{
	struct row *r = &f->rows[g->order_id];

	r->reads++;
	g->live = r->present;
	g->view.order = r->order;
	g->view.product = &f->product;
	g->view.parties = r->parties;
	g->attempt = r->attempt;
	return OK;
}

static inline void row_next_route(struct fixture *f, struct row *r)
{
	r->present = r->attempt.no < r->routes;
	r->attempt.no++;
	r->attempt.state = ATTEMPT_PREPARED;
	r->attempt.supplier = STR("other");
	r->attempt.created_at = f->now_us;
	r->job.due_at = f->now_us;
	r->job.tries = 0;
}

static inline enum err do_attempt_result(struct fixture *f, const struct attempt_result *a)
{
	struct row *r = row_by_job(f, &a->job);

	if (!r || r->attempt.no != a->attempt)
		return ERR_CONFLICT;
	r->results++;
	r->outcome = (int)a->outcome;
	r->reason = (int)a->reason;
	r->next_due_us = a->next_due_us;
	if (a->delivery.p)
		memcpy(r->delivery, a->delivery.p, a->delivery.n);
	if (a->outcome == OUTCOME_DELIVERED) {
		r->present = false;
	} else if (a->outcome == OUTCOME_REFUSED) {
		row_next_route(f, r);
	} else {
		r->attempt.state = a->outcome == OUTCOME_UNKNOWN ? ATTEMPT_UNKNOWN : ATTEMPT_ACCEPTED;
		r->job.due_at = a->next_due_us;
		r->job.tries++;
	}
	return OK;
}

static inline enum err do_callback_get(struct fixture *f, struct callback_get *g)
{
	struct row *r = &f->rows[g->job.id];

	r->reads++;
	g->live = r->present;
	g->blocked = r->blocked;
	g->id = g->job.id * 10;
	g->tries = r->job.tries;
	g->view.order = r->order;
	g->url = str_of(r->url);
	g->body = r->has_body ? str_of(r->body) : STR_NONE;
	g->webhook_secret = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	return OK;
}

static inline enum err do_callback_result(struct fixture *f, const struct callback_result *c)
{
	struct row *r = row_by_job(f, &c->job);

	if (!r)
		return ERR_CONFLICT;
	r->results++;
	r->delivered = c->delivered;
	r->http_status = c->http_status;
	r->next_due_us = c->next_due_us;
	snprintf(r->error, sizeof(r->error), "%.*s", STR_ARG(c->error));
	if (c->body.p && !r->has_body) {
		r->has_body = true;
		snprintf(r->body, sizeof(r->body), "%.*s", STR_ARG(c->body));
	}
	r->present = !c->delivered && c->next_due_us;
	r->job.due_at = c->next_due_us;
	r->job.tries++;
	return OK;
}

static inline int by_due(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->due_at != y->due_at)
		return x->due_at < y->due_at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static inline enum err do_jobs_due(struct fixture *f, struct jobs_due *d, struct arena *a)
{
	struct job after = { .due_at = d->after_due, .id = d->after_id };

	f->pages++;
	d->jobs = ARENA_ARRAY(a, struct job, ROWS);
	for (size_t i = 0; i < ROWS; i++)
		if (f->rows[i].present && f->rows[i].job.due_at < d->until_us && by_due(&f->rows[i].job, &after) > 0)
			d->jobs[d->count++] = f->rows[i].job;
	qsort(d->jobs, d->count, sizeof(struct job), by_due);
	if (d->count > d->most)
		d->count = d->most;
	return OK;
}

/* Under the lock. *ret_changed: the row that was written, for the hook. */
static inline enum err fixture_do(struct fixture *f, struct task *t, struct row **ret_changed)
{
	if (t->verb->background && f->fail > 0) {
		f->fail--;
		return ERR_STORE_UNAVAILABLE;
	}
	if (t->verb == &verb_jobs_due)
		return do_jobs_due(f, t->command, t->arena);
	if (t->verb == &verb_purchase_get)
		return do_purchase_get(f, t->command);
	if (t->verb == &verb_callback_get)
		return do_callback_get(f, t->command);
	if (t->verb == &verb_attempt_sending) {
		const struct attempt_sending *s = t->command;
		struct row *r = row_by_job(f, &s->job);

		if (!r || r->attempt.state != ATTEMPT_PREPARED)
			return ERR_CONFLICT;
		r->attempt.state = ATTEMPT_SENT;
		return OK;
	}
	if (t->verb == &verb_attempt_result) {
		const struct attempt_result *a = t->command;

		*ret_changed = &f->rows[a->job.id];
		return do_attempt_result(f, a);
	}
	if (t->verb == &verb_callback_result) {
		const struct callback_result *c = t->command;

		*ret_changed = &f->rows[c->job.id];
		return do_callback_result(f, c);
	}
	must(t->verb == &verb_order_expire);
	const struct order_expire *x = t->command;
	struct row *r = row_by_job(f, &x->job);
	if (!r)
		return ERR_CONFLICT;
	r->results++;
	r->present = false;
	return OK;
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

static inline void row_await_results(struct fixture *f, const struct row *r, int n)
{
	pthread_mutex_lock(&f->lock);
	while (r->results < n)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static inline void row_await_reads(struct fixture *f, const struct row *r, int n)
{
	pthread_mutex_lock(&f->lock);
	while (r->reads < n)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
}

static inline struct row row_look(struct fixture *f, const struct row *r)
{
	pthread_mutex_lock(&f->lock);
	struct row copy = *r;
	pthread_mutex_unlock(&f->lock);
	return copy;
}

static inline void clock_to(struct fixture *f, int64_t now_us)
{
	pthread_mutex_lock(&f->lock);
	f->now_us = now_us;
	pthread_mutex_unlock(&f->lock);
	work_on_jobs(f->work, NULL, 0);
}

/* A supplier that says what it is told to: one answer a call, the last one again and again. */
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

/* tests/unit/work/rows.h: the store of the tests of the work: a table of jobs. */
#pragma once

#include "base/crypto.h"
#include "support/test.h"
#include "work/work.h"

#include <pthread.h>
#include <stdlib.h>

enum { ROWS = 512, TASKS = 4096 };

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
	int tries;	    /* of a callback: how often it was sent, or said to have been */
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

static inline struct row *row_by_job(struct fixture *f, const struct job *job)
{
	struct row *r = &f->rows[job->id];

	return r->present && r->job.fence == job->fence ? r : NULL;
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

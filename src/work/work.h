/* work/work.h: what happens after the answer: buying, calling back, expiring.
 *
 * One thread holds the jobs that are near in memory, takes those that are due, calls outside with no transaction open
 * and reports through the committer. Jobs are rows, and the row is the truth: one that is far away, or too many, stays
 * in the store until its time comes near, and what memory lost is found again by reading. Nothing is dropped when a
 * queue is full: it is done a little later. */
#pragma once

#include "service/engine.h"

struct http_client;
struct messengers;
struct supplier;
struct providers;
struct work;

struct work_options {
	struct engine *engine;
	/* Of the engine: task_submit, engine_now_us, engine_catalog. Tests put their own. */
	bool (*submit)(struct engine *e, struct task *t);
	int64_t (*now_us)(struct engine *e);
	const struct catalog *(*catalog)(struct engine *e);
	struct http_client *client;	     /* outlives the work */
	const struct messengers *messengers; /* NULL: nobody carries mails and SMS; outlives the work */
	struct supplier *const *suppliers;
	size_t supplier_count;
	const struct providers *providers; /* who takes payers' money; outlive the work */
	const struct keys *keys;	   /* open what is sealed */
	const char *public_url;		   /* what links begin with; whole once the server runs */
	/* The bytes of a callback in the order's dialect, in the arena; absent if they cannot be made, which counts as
	 * a failed try. */
	struct str (*callback_body)(void *arg, enum dialect dialect, const struct order_view *view, struct arena *a);
	/* What a dialect adds to that: headers of its own (how many), and the waits between tries, which end with 0
	 * (NULL: as always). Either may be NULL. */
	size_t (*callback_headers)(void *arg, const struct callback_get *callback, struct arena *a,
				   struct callback_header ret[CALLBACK_HEADERS]);
	const int64_t *(*callback_waits)(enum dialect dialect);
	/* How a payment's callback is called; in the arena. NULL: payments are not called back here. */
	void (*payment_callback)(void *arg, const struct callback_get *callback, struct arena *a,
				 struct payment_callback *ret);
	void *arg;
	size_t jobs_in_memory; /* waiting for their time; 0 = 400,000, some 60 MB */
	bool shared;	       /* several nodes work on the store: each on its own jobs, and on those of who is gone */
};

struct work *work_new(void);
void work_free(struct work *w); /* after the engine and the HTTP client have answered everything; NULL is fine */

/* The engine's hook (struct engine_options.on_jobs); may be called before work_start. */
void work_on_jobs(void *work, const struct job *jobs, size_t n);

/* The engine's hook (struct engine_options.on_orphans): a node is gone, its jobs are to be taken over. */
void work_on_orphans(void *work);

/* Reads the jobs there are and starts the thread. */
void work_start(struct work *w, const struct work_options *options);
/* Begins nothing new, waits up to LIMIT_DRAIN_SECONDS for what is under way, ends the thread. What is not finished
 * then is taken up at the next start. */
void work_stop(struct work *w);

struct work_stats {
	int64_t jobs_in_memory, parked, running_fulfil, running_expire, running_callback;
	int64_t fulfilled, refused, unknown, expired, callbacks_delivered, callbacks_failed;
	int64_t messages_sent, messages_failed;
	int64_t retried;   /* pushed back because a queue was full or the store did not answer */
	int64_t oldest_us; /* how long the oldest due job has been waiting; 0 = none is */
};
void work_stats(struct work *w, struct work_stats *ret);
/* Appends the counters for /metrics; `work`: the struct work. */
void work_write_metrics(void *work, struct buf *b);

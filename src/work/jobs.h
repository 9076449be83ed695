/* work/jobs.h: the jobs that are in memory, by id and by when to look at them. Pure, for one thread.
 *
 * Each is in one place: waiting in the heap of its kind, running, parked behind others by whoever took it, or gone.
 * Gone ones are remembered while the store is being read, so that an older reading does not bring them back. */
#pragma once

#include "service/work.h"

enum job_place { JOB_WAITING, JOB_RUNNING, JOB_PARKED, JOB_GONE };

struct job_node {
	struct job job;
	int64_t wake_us; /* business */
	size_t heap_at;	 /* while waiting */
	enum job_place place;
	bool renewed; /* the row changed while it was not waiting */
	int patience; /* how often it was put off, without a trace in the store, since the row changed */
	struct job_node *next_in_bucket;
	struct job_node *next; /* parked behind, gone, or free */
};

struct job_heap {
	struct job_node **nodes;
	size_t n, cap;
};

struct jobs {
	struct job_heap heaps[JOB_KINDS];
	struct job_node **buckets;
	size_t bucket_count, count; /* count: without the gone */
	struct job_node *free, *gone;
	size_t gone_count;
	bool reading;
};

void jobs_init(struct jobs *s);
void jobs_done(struct jobs *s);

/* The row was written: what is known of it is replaced. One that is running or parked keeps its place and is marked. */
void jobs_put(struct jobs *s, const struct job *job);
/* The row was read some time ago: taken in unless it is known already. True when it was. */
bool jobs_found(struct jobs *s, const struct job *job);
bool jobs_knows(const struct jobs *s, int64_t id);
/* From reading_begin to reading_end, gone jobs are remembered. */
void jobs_reading_begin(struct jobs *s);
void jobs_reading_end(struct jobs *s);

/* Takes the next of this kind that is due; NULL if none is. It is running then. */
struct job_node *jobs_take(struct jobs *s, int kind, int64_t now_us);
/* When the next of this kind is due; INT64_MAX if none waits. */
int64_t jobs_next_us(const struct jobs *s, int kind);
/* Back to waiting: until wake_us, with more patience; or, if it was renewed meanwhile, until the row says. */
void jobs_wait(struct jobs *s, struct job_node *node, int64_t wake_us);
/* It is done; if it was renewed meanwhile, it waits again instead. */
void jobs_finish(struct jobs *s, struct job_node *node);

/* work/work_private.h: the thread of the work and what is under way, for the files of this folder.
 *
 * A run is one job under way: it goes out (to the engine, a supplier, a host) and comes back to the thread through
 * run_back(), which is the only thing that other threads call. So all state is one thread's, and a step of a job is a
 * plain function: it looks at what came back and sends the run out again, or ends it. */
#pragma once

#include "base/limits.h"
#include "notify/messengers.h"
#include "notify/picture.h"
#include "notify/webhook.h"
#include "payment/provider.h"
#include "service/esim.h"
#include "service/message.h"
#include "service/payment.h"
#include "service/reusable.h"
#include "supplier/supplier.h"
#include "work/jobs.h"
#include "work/lane.h"
#include "work/work.h"

#include <pthread.h>

enum {
	RUNS_FULFIL = 1024,
	RUNS_EXPIRE = 128,
	RUNS_CALLBACK = 1024,
	RUNS_REVERSE = 128,
	RUNS_PAYMENT = 256,
	RUNS_MESSAGE = 64,
	RUNS_FORGET = 128,
	RUNS_PHOTO = 8,				 /* up to 5 MB each */
	LANE_HOST = 4 * LIMIT_WEBHOOKS_PER_HOST, /* with the client or on the way to it, for each host */
	LANE_SUPPLIER = 256,
	LANE_MEDIUM = 8, /* claimed at once: so many SMS may be unknown after a crash */
};

struct run {
	struct run *next;
	struct work *work;
	struct job_node *node;
	struct job job; /* the row as it was when the run began */
	struct arena arena;
	struct task task;
	void (*resume)(struct run *r);
	struct lanes *lanes; /* of the two below */
	struct lane *lane;   /* inside */
	struct lane *called; /* parked behind it until now */
	union {
		struct purchase_get purchase;
		struct callback_get callback;
		struct order_expire expire;
		struct callback_forget forget;
		struct reversal_get reversal;
		struct payment_expire payment_expire;
		struct payment_job_get payment;
		struct message_claim claim;
		struct photo_wanted photo_wanted;
	};
	union {
		struct attempt_sending sending;
		struct attempt_result result;
		struct callback_result callback_result;
		struct reversal_result reversal_result;
		struct payment_outcome payment_outcome;
		struct payment_refund_result payment_refund;
		struct message_result message_result;
		struct photo_result photo_result;
	};
	struct supplier *supplier;
	struct supplier_call call;
	struct provider_call provider_call; /* of a payment's attempt */
	bool querying, sent_now;	    /* of the supplier call: what it is; whether this run committed SENT */
	struct webhook webhook;
	struct webhook_result webhook_result;
	struct str body;			  /* of the webhook */
	struct payment_callback payment_callback; /* likewise, of a payment's */
	struct sending outgoing;
	struct picture picture;
};

/* Runs that wait to be submitted again, oldest first. */
struct refused {
	struct run *first, **last;
};

/* Reading of jobs from the store, one page at a time. */
struct load {
	struct arena arena;
	struct task task;
	struct jobs_due page;
	struct run back; /* how the task comes back */
	bool busy, sweeping;
	struct jobs_claim claim;
	bool claiming; /* jobs of nodes that are gone may be in the store */
	int64_t claim_not_before_mono_us;
	int64_t until_us; /* every row that is due before is in memory */
	int64_t not_before_mono_us, next_sweep_mono_us;
};

struct work {
	struct work_options options;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock; /* guards what stands up to the blank line */
	pthread_cond_t wake;
	struct run *back, **back_last;
	struct job *hooked;
	size_t hooked_count, hooked_cap;
	bool hooks_lost, clock_moved, orphans, stirred, stopping, asleep;
	struct work_stats published;

	/* the thread's own */
	struct job *taken; /* the other half of `hooked` */
	size_t taken_cap;
	struct jobs jobs;
	struct lanes hosts, suppliers, media;
	struct load load;
	struct run *free;
	int running[JOB_KINDS];
	struct refused reads, results;	       /* tasks that the engine had no room for */
	int64_t pause_until_mono_us, pause_us; /* the store does not answer */
	int64_t started_us;		       /* business */
	bool draining;
	struct work_stats stats;
};

/* scheduler.c */
/* Thread-safe: the run comes back, and its `resume` is called on the work's thread. */
void run_back(struct run *r);

/* The first step of a kind of job. */
void (*kind_start(enum job_kind kind))(struct run *r);

/* run.c */
/* Begins a run of a job that was taken or called up. */
struct run *run_begin(struct work *w, struct job_node *node);
/* Sends the run to the engine; `resume` is called with the result in r->task.result. */
void run_submit(struct run *r, const struct verb *verb, void *command, void (*resume)(struct run *r));
/* Tries again what the engine had no room for. */
void run_retry_refused(struct work *w);
/* After a task: true when it went well. Otherwise the run has been dealt with: sent again (a result, when the store did
 * not answer) or ended (everything else), and the step returns. */
bool run_went_well(struct run *r);
/* The job is done, or its row says when it goes on. Ending a run leaves the lane it is in. */
void run_finish(struct run *r);
/* The job waits in memory without a trace in the store. */
void run_wait(struct run *r, int64_t wake_us);
/* Lets the run into the lane; false when there is no room: then the job is parked behind it and the run has ended. */
bool run_enter_lane(struct run *r, struct lanes *lanes, struct lane *lane);
/* Leaves the lane it is in and lets the next ones start. */
void run_leave_lane(struct run *r, bool failed);
/* Waits of first_us, doubled with each try, at most most_us, and up to a tenth more. */
int64_t run_backoff_us(const struct run *r, int64_t first_us, int64_t most_us);
void runs_free(struct work *w);

/* The first step of each kind. */
void fulfil_start(struct run *r);
void deliver_start(struct run *r);
void expire_start(struct run *r);
void payment_expire_start(struct run *r);
void reverse_start(struct run *r);
void collect_start(struct run *r); /* of JOB_PAYMENT and JOB_PAYMENT_REFUND */
void message_start(struct run *r);
void forget_start(struct run *r);
void photo_start(struct run *r);

/* fulfil.c */
/* The configured supplier of that name, NULL if there is none. */
struct supplier *supplier_find(const struct work *w, struct str name);

/* load.c */
void load_init(struct work *w);
/* Jobs of nodes that are gone may be in the store: takes them over. */
void load_claim(struct work *w);
/* Reads on when it is time. Returns in how many microseconds to look again. */
int64_t load_step(struct work *w, int64_t now_us);
/* Whether a job that was just written belongs into memory. */
bool load_wants(struct work *w, const struct job *job, int64_t now_us);

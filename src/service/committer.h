/* service/committer.h: the one place where the store is written: batches of commands, one COMMIT each.
 *
 * Private to service/engine.c and its kin. */
#pragma once

#include "base/limits.h"
#include "service/holds.h"
#include "service/inbox.h"
#include "store/nodes.h"

#include <pthread.h>
#include <stdatomic.h>

struct committer {
	struct engine *engine;
	struct db *db;
	struct inbox *inbox;
	struct holds *holds;
	struct node node;
	struct ids ids;
	struct unit units[2], *unit; /* the present one is one of two: the other's batch may not be concluded yet */
	struct unit *announced;	     /* of the batch that is being announced */
	struct {
		struct unit *unit; /* NULL: none */
		struct task *tasks[LIMIT_BATCH];
		size_t n;
	} committed;	      /* a batch that is in the store, but neither announced nor answered yet */
	bool lost;	      /* somebody else was given our slot: nothing is written any more */
	bool in_doubt;	      /* of the last batch nobody knows yet whether it was committed; the unit keeps its rows */
	int64_t beat_us;      /* monotonic: the last commit */
	int64_t tidy_us;      /* business: when to look for what is too old; 0 = not said yet */
	int64_t tidy_partner; /* whose rows were looked at last; 0 = nobody's in this round */
	int64_t last_now_us;  /* the business time of batches never goes back */
	_Atomic(bool) draining; /* nothing is parked any more */
	_Atomic(bool) recheck;	/* another node may have ended orders that answers here wait for */
	void (*on_jobs)(void *arg, const struct job *jobs, size_t n);
	void *on_jobs_arg;
	void (*on_lost)(void);
	struct {
		_Atomic(int64_t) commits, commands, refused, poisoned, commit_us_total, commit_us_last, batch_last,
			parked;
		_Atomic(bool) store_ok, lost;
		_Atomic(int64_t) busy_since_us; /* monotonic; 0 = idle */
	} stats;
};

/* Before the first batch; the committer's db is open. Committer_done frees what the units hold. */
void committer_open(struct committer *c);
void committer_done(struct committer *c);
/* Runs until the inbox is closed and empty; then releases what is parked. */
void committer_run(struct committer *c);
/* Puts down in the node's row which master keys it knows and uses: before anything of the batch is read. */
void committer_say_keys(struct committer *c);

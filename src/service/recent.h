/* service/recent.h: the orders that this node has just written, in memory, for whoever reads them next.
 *
 * Most reads of an order come within seconds of its write: to buy it, to call back, to answer a client that polls. Each
 * commit leaves an image of the orders it wrote, with their parties, units, attempts, callbacks, identity checks and
 * eSIMs, in a ring of fixed size; the oldest are overwritten. An image is what the store holds: the committer alone
 * writes it, after the COMMIT and before the answers. Where other nodes write too, an image may be older than the
 * store; then only verbs that say how old it may be (struct verb, recent_us) are answered from it.
 *
 * What is not here is read from the store: nothing depends on an image being there. */
#pragma once

#include "service/unit.h"

struct recent;

/* The ring is not part of core dumps. `shared`: other nodes write to the store. */
struct recent *recent_new(size_t bytes, bool shared);
void recent_free(struct recent *r); /* NULL is fine */

/* After a commit, with its unit: images of the orders it wrote, or wrote parts of. Committer thread. */
void recent_note(struct recent *r, struct unit *u);
/* Committer thread: takes what the unit still has to fetch from images; on a shared store, does nothing. */
void recent_fill(struct recent *r, struct unit *u);
/* Runs a read-only verb on images alone, in the calling thread, and calls done. False when a row that it needs is not
 * here or may be too old; the task is untouched then. Thread-safe. */
MUST_USE bool recent_answer(struct recent *r, struct engine *e, struct task *t);

struct recent_stats {
	int64_t answered, missed; /* verbs */
};
void recent_stats(struct recent *r, struct recent_stats *ret);

/* work/lane.h: what must not hold up others goes in lanes: one a host that is called back, one a supplier.
 *
 * A lane lets a few jobs in; the others are parked behind it, as small nodes, until one leaves. Lanes come and go with
 * their names, which are foreign input. Pure, for one thread. */
#pragma once

#include "base/crypto.h"
#include "work/jobs.h"

struct lane {
	struct lane *next_in_bucket;
	struct job_node *first, **last; /* parked, oldest first */
	size_t parked;
	int inside;   /* let in */
	int coming;   /* called up from the parked, not yet in */
	int failures; /* in a row */
	uint64_t hash;
	size_t n;
	char name[]; /* n bytes */
};

enum { LANE_BUCKETS = 1024 };

struct lanes {
	struct lane *buckets[LANE_BUCKETS];
	size_t count, parked;
	int width; /* how many a lane lets in */
	unsigned char seed[HASH_SEED_BYTES];
};

void lanes_init(struct lanes *s, int width);
void lanes_done(struct lanes *s);

struct lane *lane_of(struct lanes *s, struct str name);
bool lane_is_failing(const struct lane *l);
bool lane_has_room(const struct lanes *s, const struct lane *l);
/* Whether so many are parked that another one had better come back much later. */
bool lane_is_crowded(const struct lane *l);

void lane_enter(struct lane *l);
void lane_leave(struct lane *l, bool failed);
void lane_park(struct lanes *s, struct lane *l, struct job_node *node);
/* The next parked one, if the lane has room for it: it counts as coming, until lane_arrived. NULL otherwise. */
struct job_node *lane_call(struct lanes *s, struct lane *l);
void lane_arrived(struct lane *l);
/* Forgets lanes that nobody is in or behind, once there are many. */
void lanes_sweep(struct lanes *s);

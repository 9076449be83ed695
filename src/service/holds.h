/* service/holds.h: answers that wait for the end of an order: synchronous creates and confirms.
 *
 * No thread waits. The committer parks a task after the commit that leaves its order open, and releases it after the
 * commit that ends the order, or when the business clock passes its limit. At most LIMIT_PARKED are held and
 * LIMIT_PARKED_PER_CREDENTIAL a partner; above that the answer is given at once with the present state. The committer
 * thread alone touches this. */
#pragma once

#include "service/unit.h"

struct holds;

struct holds *holds_new(void);
void holds_free(struct holds *h); /* nothing may be parked any more */

/* False when there is no room: answer at once. */
bool holds_park(struct holds *h, struct task *t);
/* An order has changed: every task that waits for it gets its present view, and is taken out if the order is final. */
void holds_order(struct holds *h, struct unit *u, const struct order *o, void (*release)(struct task *t));
/* Takes out what has waited long enough. */
void holds_expire(struct holds *h, int64_t now_us, void (*release)(struct task *t));
/* Takes out everything: the server stops. */
void holds_release_all(struct holds *h, void (*release)(struct task *t));
/* Calls fn with the order of everything that is parked; an order may come more than once. */
void holds_each(const struct holds *h, void (*fn)(void *arg, int64_t order_id), void *arg);
size_t holds_count(const struct holds *h);

#include "service/holds.h"

#include "base/limits.h"
#include "service/order_unit.h"

#include <stdlib.h>

enum { HOLD_BUCKETS = 1024 };

struct hold {
	struct hold *next;
	struct task *task;
};

struct holds {
	struct hold *buckets[HOLD_BUCKETS];
	size_t count;
	int64_t next_us;
};

struct holds *holds_new(void)
{
	struct holds *h = calloc(1, sizeof(*h));

	must(h);
	h->next_us = INT64_MAX;
	return h;
}

void holds_free(struct holds *h)
{
	must(!h || h->count == 0);
	free(h);
}

static struct hold **bucket_of(struct holds *h, int64_t order_id)
{
	return &h->buckets[(uint64_t)order_id * 0x9E3779B97F4A7C15u >> 54];
}

static size_t held_for(const struct holds *h, int64_t partner_id)
{
	size_t count = 0;

	for (size_t i = 0; i < HOLD_BUCKETS; i++)
		for (const struct hold *hold = h->buckets[i]; hold; hold = hold->next)
			count += hold->task->partner_id == partner_id;
	return count;
}

bool holds_park(struct holds *h, struct task *t)
{
	/* Counting is quick as long as few are parked, and only asked for when one partner could be over its share. */
	if (h->count >= LIMIT_PARKED ||
	    (h->count >= LIMIT_PARKED_PER_CREDENTIAL && held_for(h, t->partner_id) >= LIMIT_PARKED_PER_CREDENTIAL))
		return false;
	struct hold **bucket = bucket_of(h, t->hold->order.id);
	struct hold *hold = calloc(1, sizeof(*hold));

	must(hold);
	*hold = (struct hold){ *bucket, t };
	*bucket = hold;
	h->count++;
	if (t->hold_until_us < h->next_us)
		h->next_us = t->hold_until_us;
	return true;
}

static void take_out(struct holds *h, struct hold **link, void (*release)(struct task *t))
{
	struct hold *hold = *link;

	*link = hold->next;
	h->count--;
	release(hold->task);
	free(hold);
}

void holds_order(struct holds *h, struct unit *u, const struct order *o, void (*release)(struct task *t))
{
	if (!h->count)
		return;
	for (struct hold **link = bucket_of(h, o->id); *link;) {
		struct task *t = (*link)->task;

		if (t->hold->order.id != o->id) {
			link = &(*link)->next;
			continue;
		}
		order_view_refresh(u, t->arena, o, t->hold);
		if (order_is_final((enum order_state)o->state))
			take_out(h, link, release);
		else
			link = &(*link)->next;
	}
}

static void sweep(struct holds *h, int64_t now_us, void (*release)(struct task *t))
{
	h->next_us = INT64_MAX;
	for (size_t i = 0; i < HOLD_BUCKETS; i++) {
		for (struct hold **link = &h->buckets[i]; *link;) {
			int64_t until = (*link)->task->hold_until_us;

			if (until <= now_us) {
				take_out(h, link, release);
				continue;
			}
			if (until < h->next_us)
				h->next_us = until;
			link = &(*link)->next;
		}
	}
}

void holds_expire(struct holds *h, int64_t now_us, void (*release)(struct task *t))
{
	if (h->count && now_us >= h->next_us)
		sweep(h, now_us, release);
}

void holds_release_all(struct holds *h, void (*release)(struct task *t))
{
	sweep(h, INT64_MAX, release);
}

void holds_each(const struct holds *h, void (*fn)(void *arg, int64_t order_id), void *arg)
{
	for (size_t i = 0; i < HOLD_BUCKETS; i++)
		for (const struct hold *hold = h->buckets[i]; hold; hold = hold->next)
			fn(arg, hold->task->hold->order.id);
}

size_t holds_count(const struct holds *h)
{
	return h->count;
}

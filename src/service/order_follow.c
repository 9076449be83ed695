#include "service/order_follow.h"

#include "base/clock.h"
#include "base/ids.h"
#include "base/limits.h"
#include "store/nodes.h"
#include "store/orders.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { SLICE = 1024 };

/* A node that has taken a slot since the last look draws ids by its own clock, which may differ by this. */
static const int64_t clock_slack_us = SECONDS_US(60);
/* How long a list waits for another one's look. */
static const int64_t patience_us = 500000;

struct slot {
	int64_t fence, batch_no, id_high;
};

struct order_follow {
	struct order_index *index;
	pthread_mutex_t lock; /* guards what follows */
	struct slot slots[LIMIT_NODE_SLOTS];
	int64_t horizon; /* ids drawn after the last look are above it */
};

struct order_follow *order_follow_new(struct order_index *ix)
{
	struct order_follow *f = calloc(1, sizeof(*f));

	must(f && pthread_mutex_init(&f->lock, NULL) == 0);
	f->index = ix;
	return f;
}

void order_follow_free(struct order_follow *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static enum err slot_seen(void *arg, void *row)
{
	const struct node *node = row;

	if (node->slot >= 0 && node->slot < LIMIT_NODE_SLOTS)
		((struct slot *)arg)[node->slot] = (struct slot){ node->fence, node->batch_no, node->id_high };
	return OK;
}

static enum err read_slots(struct db *db, struct slot slots[static LIMIT_NODE_SLOTS])
{
	struct arena a;

	arena_init(&a);
	enum err e = nodes_each(db, &a, slot_seen, slots);
	arena_done(&a);
	return e;
}

enum err order_follow_begin(struct order_follow *f, struct db *db, int64_t now_us)
{
	f->horizon = ids_floor(now_us - clock_slack_us);
	return read_slots(db, f->slots);
}

/* Whether the slot has written since, and above which id. A row that is older than what was seen is another list's
 * past.
 */
static bool has_written(const struct order_follow *f, int i, const struct slot *now, int64_t *ret_above)
{
	const struct slot *seen = &f->slots[i];
	bool changed_hands = now->fence != seen->fence;

	if (now->batch_no <= seen->batch_no && !changed_hands)
		return false;
	if (now->fence < seen->fence)
		return false;
	*ret_above = changed_hands && seen->id_high < f->horizon ? f->horizon : seen->id_high;
	return true;
}

struct slice {
	struct order orders[SLICE];
	size_t count;
	struct change_range range;
};

static enum err change_seen(void *arg, void *row)
{
	struct slice *slice = arg;
	const struct changed_order *change = row;

	slice->orders[slice->count++] = change->order;
	slice->range.after_partner = change->order.partner_id;
	slice->range.after_event = change->event_id;
	return OK;
}

static enum err bring(struct order_follow *f, struct db *db, int own_slot, int64_t above)
{
	struct slice *slice = malloc(sizeof(*slice));
	struct arena rows;
	enum err e;

	must(slice);
	arena_init(&rows);
	slice->range = (struct change_range){ .above = above, .but_slot = own_slot };
	do {
		struct change_range range = slice->range;

		arena_reset(&rows);
		slice->count = 0;
		e = orders_changed(db, &rows, &range, SLICE, change_seen, slice);
		if (!e)
			order_index_bring(f->index, slice->orders, slice->count);
	} while (!e && slice->count == SLICE);
	arena_done(&rows);
	free(slice);
	return e;
}

static enum err follow(struct order_follow *f, struct db *db, int own_slot, int64_t now_us)
{
	struct slot slots[LIMIT_NODE_SLOTS] = { 0 };
	int64_t above = INT64_MAX, mark;
	enum err e = read_slots(db, slots);

	for (int i = 0; i < LIMIT_NODE_SLOTS && !e; i++)
		if (i != own_slot && has_written(f, i, &slots[i], &mark) && mark < above)
			above = mark;
	if (!e && above < INT64_MAX)
		e = bring(f, db, own_slot, above);
	for (int i = 0; i < LIMIT_NODE_SLOTS && !e; i++)
		if (i != own_slot && has_written(f, i, &slots[i], &mark))
			f->slots[i] = slots[i];
	if (!e && f->horizon < ids_floor(now_us - clock_slack_us))
		f->horizon = ids_floor(now_us - clock_slack_us);
	return e;
}

enum err order_follow_up(struct order_follow *f, struct db *db, int own_slot, int64_t now_us)
{
	int64_t until = clock_wall_us() + patience_us; /* what pthread_mutex_timedlock goes by */
	struct timespec ts = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };

	if (pthread_mutex_timedlock(&f->lock, &ts))
		return ERR_BUSY;
	enum err e = follow(f, db, own_slot, now_us);
	pthread_mutex_unlock(&f->lock);
	return e;
}

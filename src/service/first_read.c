#include "service/first_read.h"

#include "base/limits.h"
#include "service/engine.h"
#include "service/unit.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct first_reads {
	struct engine *engine;
	pthread_mutex_t lock; /* guards what follows */
	struct first_read waiting[LIMIT_FIRST_READS];
	size_t count;
	bool is_under_way;
	struct first_reads_mark command; /* while it is: the committer's */
	struct task task;
	struct arena arena;
};

struct first_reads *first_reads_new(struct engine *e)
{
	struct first_reads *f = calloc(1, sizeof(*f));

	must(f && pthread_mutex_init(&f->lock, NULL) == 0);
	f->engine = e;
	arena_init(&f->arena);
	return f;
}

void first_reads_free(struct first_reads *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	arena_done(&f->arena);
	free(f);
}

/* As the dialects show it: what an order that has not ended well has got so far is nobody's yet. */
static bool is_given_out(const struct order *o)
{
	return order_has_paid((enum order_state)o->state) || o->state == ORDER_REVERSED;
}

static bool is_unread(const struct unit_ *unit)
{
	return !unit->first_read_at && unit->state == UNIT_DELIVERED && unit->delivery.p;
}

static void mark_units(struct unit *u, int64_t order_id, int64_t at_us)
{
	for (struct unit_ *unit = unit_find(u, NOUN_UNIT, order_id); unit; unit = unit_next(u, unit)) {
		if (!is_unread(unit))
			continue;
		unit->first_read_at = at_us;
		unit_touch(u, unit);
	}
}

void first_read_mark(struct unit *u, const struct order *o)
{
	if (is_given_out(o))
		mark_units(u, o->id, u->now_us);
}

static bool shows_unread(const struct order_view *view)
{
	size_t i = 0;

	while (i < view->unit_count && !is_unread(&view->units[i]))
		i++;
	return i < view->unit_count && is_given_out(&view->order);
}

static bool is_listed(const struct first_read *reads, size_t count, int64_t order_id)
{
	for (size_t i = 0; i < count; i++)
		if (reads[i].order_id == order_id)
			return true;
	return false;
}

static void marked(struct task *t);

/* The oldest of what waits. Under the lock. */
static void mark_some(struct first_reads *f)
{
	size_t n = f->count < FIRST_READS_BATCH ? f->count : FIRST_READS_BATCH;

	arena_reset(&f->arena);
	memcpy(f->command.reads, f->waiting, n * sizeof(f->waiting[0]));
	f->command.count = n;
	f->task = (struct task){
		.verb = &verb_first_reads_mark, .command = &f->command, .arena = &f->arena, .done = marked, .sender = f
	};
	f->is_under_way = n && task_submit(f->engine, &f->task);
	if (!f->is_under_way)
		return;
	f->count -= n;
	memmove(f->waiting, f->waiting + n, f->count * sizeof(f->waiting[0]));
}

static void marked(struct task *t)
{
	struct first_reads *f = t->sender;

	pthread_mutex_lock(&f->lock);
	mark_some(f);
	pthread_mutex_unlock(&f->lock);
}

void first_reads_note(struct first_reads *f, const struct order_view *view)
{
	const struct order *o = &view->order;

	if (!shows_unread(view))
		return;
	pthread_mutex_lock(&f->lock);
	bool is_known = is_listed(f->waiting, f->count, o->id) ||
			(f->is_under_way && is_listed(f->command.reads, f->command.count, o->id));
	/* With no room left the next read of it is taken for the first. */
	if (!is_known && f->count < LIMIT_FIRST_READS)
		f->waiting[f->count++] = (struct first_read){ o->partner_id, o->id, engine_now_us(f->engine) };
	if (!f->is_under_way)
		mark_some(f);
	pthread_mutex_unlock(&f->lock);
}

static void mark_need(struct unit *u, const struct task *t)
{
	const struct first_reads_mark *c = t->command;

	for (size_t i = 0; i < c->count; i++) {
		unit_need_partner(u, c->reads[i].partner_id);
		unit_need(u, NOUN_UNIT, c->reads[i].order_id);
	}
}

static enum err mark_act(struct unit *u, struct task *t)
{
	const struct first_reads_mark *c = t->command;

	for (size_t i = 0; i < c->count; i++)
		mark_units(u, c->reads[i].order_id, c->reads[i].at_us);
	return OK;
}

const struct verb verb_first_reads_mark = {
	.name = "first_reads.mark", .need = mark_need, .act = mark_act, .background = true
};

#include "service/payment_queue.h"

#include "service/reader.h"

#include <stdlib.h>

enum { FIRST_ROOM = 256 };

struct listing {
	struct payment_queue_list *list;
	struct arena *arena;
	size_t room;
};

static enum err queued_seen(void *arg, void *row)
{
	struct listing *l = arg;
	struct payment_queue_list *list = l->list;

	if (list->count == l->room) {
		struct payment_queued *grown = ARENA_ARRAY(l->arena, struct payment_queued, l->room * 2);

		memcpy(grown, list->rows, l->room * sizeof(*grown));
		list->rows = grown;
		l->room *= 2;
	}
	list->rows[list->count++] = *(const struct payment_queued *)row;
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct payment_queue_list *list = t->command;
	struct listing l = { list, t->arena, FIRST_ROOM };

	list->rows = ARENA_ARRAY(t->arena, struct payment_queued, FIRST_ROOM);
	list->count = 0;
	return payments_queued(r->db, t->arena, list->most ? list->most : PAYMENT_QUEUE_MOST, queued_seen, &l);
}

static void ack_need(struct unit *u, const struct task *t)
{
	const struct payment_queue_ack *c = t->command;

	for (size_t i = 0; i < c->count; i++) {
		int64_t partner_id = 0;

		/* One that is not there has nothing in the queue. */
		if (payment_owner(u->db, c->ids[i], &partner_id) == OK)
			unit_need_partner(u, partner_id);
		unit_need(u, NOUN_PAYMENT_ENTRY, c->ids[i]);
	}
}

static struct payment_entry *oldest_of(struct unit *u, int64_t payment_id)
{
	struct payment_entry *oldest = NULL;

	for (struct payment_entry *e = unit_find(u, NOUN_PAYMENT_ENTRY, payment_id); e; e = unit_next(u, e))
		if (!oldest || e->id < oldest->id)
			oldest = e;
	return oldest;
}

static enum err ack_act(struct unit *u, struct task *t)
{
	struct payment_queue_ack *c = t->command;

	c->removed = ARENA_ARRAY(t->arena, int64_t, c->count + 1);
	c->removed_count = 0;
	for (size_t i = 0; i < c->count; i++) {
		struct payment_entry *entry = oldest_of(u, c->ids[i]);

		if (!entry)
			continue;
		unit_remove(u, entry);
		c->removed[c->removed_count++] = c->ids[i];
	}
	return OK;
}

const struct verb verb_payment_queue_list = { .name = "payment.queue", .read = list_read };
const struct verb verb_payment_queue_ack = { .name = "payment.queue_ack", .need = ack_need, .act = ack_act };

#include "service/event_unit.h"

struct event_search {
	int64_t order_id;
	struct event *found;
};

static void looked_at(void *arg, void *row)
{
	struct event_search *search = arg;

	if (((struct event *)row)->order_id == search->order_id)
		search->found = row;
}

void event_note(struct unit *u, const struct event *what, bool is_first)
{
	struct counter *c = unit_counter(u, what->partner_id);
	struct event_search search = { what->order_id, NULL };

	if (!is_first)
		unit_each_written(u, NOUN_EVENT, looked_at, &search);
	if (search.found) {
		search.found->state = what->state;
		search.found->reason = what->reason;
		return;
	}
	c->event_seq++;
	unit_touch(u, c);
	unit_add(u, NOUN_EVENT,
		 &(struct event){ .id = unit_row_id(u, NOUN_EVENT),
				  .partner_id = what->partner_id,
				  .seq = c->event_seq,
				  .order_id = what->order_id,
				  .state = what->state,
				  .reason = what->reason,
				  .created_at = u->now_us });
}

#include "service/task_list.h"

#include "service/reader.h"

const char *task_kind_name(enum task_kind kind)
{
	switch (kind) {
	case TASK_LATE_DELIVERY:
		return "late_delivery";
	case TASK_POISONED:
		return "poisoned";
	case TASK_CALLBACK_GIVEN_UP:
		return "callback_given_up";
	case TASK_UNKNOWN_OUTCOME:
		return "unknown_outcome";
	case TASK_PROFILE_TAKEN:
		return "profile_taken";
	case TASK_REVERSAL:
		return "reversal";
	case TASK_STOCK_LOW:
		return "stock_low";
	case TASK_LATE_PAYMENT:
		return "late_payment";
	case TASK_UNKNOWN_PAYMENT:
		return "unknown_payment";
	case TASK_REFUND:
		return "refund";
	case TASK_MESSAGE:
		return "message";
	}
	must(!"a kind of task");
	return "";
}

static enum err task_seen(void *arg, void *row)
{
	struct task_list *l = arg;

	l->rows[l->count++] = *(const struct work_task *)row;
	return OK;
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct task_list *l = t->command;

	l->rows = ARENA_ARRAY(t->arena, struct work_task, (size_t)l->most);
	l->count = 0;
	return work_tasks(r->db, t->arena, l->closed_too ? 0 : TASK_OPEN, l->most, task_seen, l);
}

static void close_need(struct unit *u, const struct task *t)
{
	unit_need(u, NOUN_TASK, ((const struct task_close *)t->command)->id);
}

static enum err close_act(struct unit *u, struct task *t)
{
	const struct task_close *c = t->command;
	struct work_task *row = unit_find(u, NOUN_TASK, c->id);

	if (row && row->state == TASK_OPEN) {
		row->state = TASK_CLOSED;
		row->closed_at = u->now_us;
		unit_touch(u, row);
	}
	return audited(u, &c->by, "task.close", arena_printf(&u->arena, "task %lld", (long long)c->id), STR(""),
		       row ? OK : ERR_NOT_FOUND);
}

const struct verb verb_task_list = { .name = "task.list", .read = list_read };
const struct verb verb_task_close = { .name = "task.close", .need = close_need, .act = close_act };

#include "service/webhook_admin.h"

#include "service/order_unit.h"
#include "service/reader.h"
#include "service/work.h"

const char *callback_state_name(int state)
{
	static const char *const names[] = { "", "pending", "delivered", "given_up" };

	return state > 0 && (size_t)state < ARRAY_LEN(names) ? names[state] : "unknown";
}

struct rows {
	struct callback_row *items;
	size_t count;
};

static enum err row_seen(void *arg, void *row)
{
	struct rows *rows = arg;

	rows->items[rows->count++] = *(const struct callback_row *)row;
	return OK;
}

/* One more than asked for tells whether there are more. */
static enum err read_rows(struct db *db, struct arena *a, struct callback_filter filter, struct rows *ret)
{
	*ret = (struct rows){ ARENA_ARRAY(a, struct callback_row, (size_t)filter.most + 1), 0 };
	filter.most++;
	return callbacks_list(db, a, &filter, row_seen, ret);
}

static enum err list_read(struct reader *r, struct task *t)
{
	struct webhook_list *l = t->command;
	struct rows rows;
	enum err e = read_rows(r->db, t->arena, l->filter, &rows);

	l->rows = rows.items;
	l->has_more = !e && rows.count > (size_t)l->filter.most;
	l->count = l->has_more ? rows.count - 1 : rows.count;
	return e;
}

/* Read before the partner is locked: what has changed since is seen when it is decided. */
static enum err replay_rows(struct unit *u, const struct webhook_replay *r, struct rows *ret)
{
	*ret = (struct rows){ NULL, 0 };
	return r->filter.order_id || r->filter.partner_id ? read_rows(u->db, &u->arena, r->filter, ret) : OK;
}

static void replay_need(struct unit *u, const struct task *t)
{
	const struct webhook_replay *r = t->command;
	struct rows rows;

	/* A failed read spoils the transaction, so nobody decides on half. */
	if (replay_rows(u, r, &rows))
		return;
	for (size_t i = 0; i < rows.count; i++) {
		unit_need_partner(u, rows.items[i].partner_id);
		unit_need(u, NOUN_ORDER, rows.items[i].callback.order_id);
		unit_need(u, NOUN_CALLBACK, rows.items[i].callback.order_id);
	}
}

void callback_revive(struct unit *u, const struct order *o, struct callback *c)
{
	c->state = CALLBACK_PENDING;
	unit_touch(u, c);
	unit_none(u, NOUN_JOB, c->id);
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = c->id,
				.kind = JOB_CALLBACK,
				.order_id = o->id,
				.partner_id = o->partner_id,
				.unit = c->no,
				.currency = o->currency,
				.due_at = u->now_us,
				.owner = u->node });
}

static bool replay_one(struct unit *u, const struct callback_row *row)
{
	const struct order *o = unit_has(u, NOUN_ORDER, row->callback.order_id)
					? unit_find(u, NOUN_ORDER, row->callback.order_id)
					: NULL;
	struct callback *c = o ? unit_find(u, NOUN_CALLBACK, o->id) : NULL;

	while (c && c->no != row->callback.no)
		c = unit_next(u, c);
	if (!c || c->state == CALLBACK_PENDING || !order_callback_url(u, o).p)
		return false;
	c->tries = 0;
	callback_revive(u, o, c);
	return true;
}

static enum err replay_decide(struct unit *u, struct task *t)
{
	struct webhook_replay *r = t->command;
	struct rows rows;

	r->replayed = 0;
	r->has_more = false;
	if (!r->filter.order_id && !r->filter.partner_id) {
		t->detail = STR("say which order or partner");
		return ERR_BAD_REQUEST;
	}
	enum err e = replay_rows(u, r, &rows);
	for (size_t i = 0; i < rows.count && !e; i++) {
		r->has_more = i == (size_t)r->filter.most;
		if (r->has_more)
			break;
		r->before_id = rows.items[i].callback.order_id;
		r->replayed += replay_one(u, &rows.items[i]);
	}
	return e;
}

static enum err replay_act(struct unit *u, struct task *t)
{
	struct webhook_replay *r = t->command;
	enum err e = replay_decide(u, t);
	struct str subject = r->filter.order_id
				     ? arena_printf(&u->arena, "order %lld", (long long)r->filter.order_id)
				     : arena_printf(&u->arena, "partner %lld", (long long)r->filter.partner_id);

	return audited(u, &r->by, "webhook.replay", subject,
		       arena_printf(&u->arena, "%lld webhooks", (long long)r->replayed), e);
}

const struct verb verb_webhook_list = { .name = "webhook.list", .read = list_read };
const struct verb verb_webhook_replay = { .name = "webhook.replay", .need = replay_need, .act = replay_act };

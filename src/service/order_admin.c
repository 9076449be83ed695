#include "service/order_admin.h"

#include "service/message_unit.h"
#include "service/order_unit.h"
#include "service/reader.h"

struct job_scan {
	struct job *jobs;
	size_t count;
};

static enum err job_seen(void *arg, void *row)
{
	struct job_scan *scan = arg;

	if (scan->count < INSPECT_ROWS_MAX)
		scan->jobs[scan->count++] = *(const struct job *)row;
	return OK;
}

/* Asks for the order, its partner and its jobs. A failed read spoils the transaction, so nobody decides on half. */
static struct job_scan need_order(struct unit *u, int64_t order_id)
{
	struct job_scan scan = { ARENA_ARRAY(&u->arena, struct job, INSPECT_ROWS_MAX), 0 };
	int64_t partner_id = 0;
	enum err e = order_owner(u->db, order_id, &partner_id);

	unit_need_partner(u, partner_id);
	order_need_view(u, order_id);
	unit_need(u, NOUN_ATTEMPT, order_id);
	unit_need(u, NOUN_CALLBACK, order_id);
	unit_need(u, NOUN_MESSAGE, order_id);
	unit_need(u, NOUN_JOB, order_id);
	if (!e)
		e = jobs_of_order(u->db, &u->arena, order_id, job_seen, &scan);
	for (size_t i = 0; !e && i < scan.count; i++)
		unit_need(u, NOUN_JOB, scan.jobs[i].id);
	return scan;
}

static void need_change(struct unit *u, int64_t order_id)
{
	const struct order *o = unit_find(u, NOUN_ORDER, order_id);

	if (o)
		order_need_change(u, o);
}

static struct str order_subject(struct unit *u, int64_t order_id)
{
	return arena_printf(&u->arena, "order %lld", (long long)order_id);
}

static void retry_need(struct unit *u, const struct task *t)
{
	need_order(u, ((const struct order_retry *)t->command)->order_id);
}

static enum err retry_decide(struct unit *u, struct task *t)
{
	struct order_retry *r = t->command;
	const struct order *o = unit_find(u, NOUN_ORDER, r->order_id);
	struct job_scan scan = { ARENA_ARRAY(&u->arena, struct job, INSPECT_ROWS_MAX), 0 };

	r->jobs = 0;
	if (!o)
		return ERR_ORDER_NOT_FOUND;
	enum err e = jobs_of_order(u->db, &u->arena, r->order_id, job_seen, &scan);
	for (size_t i = 0; !e && i < scan.count; i++) {
		struct job *job = unit_find(u, NOUN_JOB, scan.jobs[i].id);

		if (!job || job->kind == JOB_EXPIRE || job->kind == JOB_FORGET ||
		    (job->kind == JOB_MESSAGE && !job->tries))
			continue; /* what was never tried has a time of its own */
		job->due_at = u->now_us;
		unit_take_job(u, job);
		unit_touch(u, job);
		r->jobs++;
	}
	for (struct callback *c = unit_find(u, NOUN_CALLBACK, o->id); !e && c; c = unit_next(u, c)) {
		if (c->state != CALLBACK_GIVEN_UP)
			continue;
		callback_revive(u, o, c);
		r->jobs++;
	}
	for (struct message *m = unit_find(u, NOUN_MESSAGE, o->id); !e && m; m = unit_next(u, m))
		r->jobs += m->about == ABOUT_ORDER && message_revive(u, m);
	if (e || r->jobs)
		return e;
	t->detail = STR("nothing of this order waits for its time");
	return ERR_ILLEGAL_STATE;
}

static enum err retry_act(struct unit *u, struct task *t)
{
	struct order_retry *r = t->command;
	enum err e = retry_decide(u, t);

	return audited(u, &r->by, "order.retry", order_subject(u, r->order_id), STR(""), e);
}

/* The task of a work loop's report, made in the operator's name: the same verb decides. */
static struct task report_of(const struct task *t)
{
	struct order_resolve *r = t->command;
	struct task report = *t;

	report.verb = &verb_attempt_result;
	report.command = &r->result;
	return report;
}

static void resolve_need(struct unit *u, const struct task *t)
{
	struct order_resolve *r = t->command;
	struct job_scan scan = need_order(u, r->order_id);

	r->result = (struct attempt_result){ .outcome = r->delivered ? OUTCOME_DELIVERED : OUTCOME_REFUSED,
					     .reason = r->reason,
					     .operator_reference = r->operator_reference,
					     .delivery = r->delivery };
	for (size_t i = 0; i < scan.count; i++)
		if (scan.jobs[i].kind == JOB_FULFIL && scan.jobs[i].unit == r->unit)
			r->result.job = scan.jobs[i];
}

static const struct unit_ *unit_of(struct unit *u, int64_t order_id, int no)
{
	const struct unit_ *unit = unit_find(u, NOUN_UNIT, order_id);

	while (unit && unit->no != no)
		unit = unit_next(u, (void *)unit);
	return unit;
}

static void resolve_need_more(struct unit *u, const struct task *t)
{
	struct order_resolve *r = t->command;
	const struct unit_ *unit = unit_of(u, r->order_id, r->unit);

	if (!unit || !r->result.job.id)
		return;
	r->result.attempt = unit->attempts;
	struct task report = report_of(t);
	verb_attempt_result.need_more(u, &report);
}

static enum err resolve_decide(struct unit *u, struct task *t)
{
	struct order_resolve *r = t->command;
	const struct order *o = unit_find(u, NOUN_ORDER, r->order_id);
	const struct unit_ *unit = unit_of(u, r->order_id, r->unit);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (!unit || !r->result.job.id || (unit->state != UNIT_UNKNOWN && unit->state != UNIT_SENT)) {
		t->detail = STR("this unit does not wait for a supplier");
		return ERR_ILLEGAL_STATE;
	}
	struct task report = report_of(t);
	enum err e = verb_attempt_result.act(u, &report);
	struct job *job = e ? NULL : unit_find(u, NOUN_JOB, r->result.job.id);
	/* What a work loop still has under way is about the attempt that was just ended. */
	if (job) {
		job->fence++;
		unit_touch(u, job);
	}
	r->order = *o;
	return e;
}

static enum err resolve_act(struct unit *u, struct task *t)
{
	const struct order_resolve *r = t->command;
	enum err e = resolve_decide(u, t);
	struct str detail = arena_printf(&u->arena, "unit %d %s", r->unit, r->delivered ? "delivered" : "refused");

	return audited(u, &r->by, "order.resolve", order_subject(u, r->order_id), detail, e);
}

static void end_need(struct unit *u, const struct task *t)
{
	need_order(u, ((const struct order_end *)t->command)->order_id);
}

static void end_need_more(struct unit *u, const struct task *t)
{
	need_change(u, ((const struct order_end *)t->command)->order_id);
}

static const char *why_not(enum order_event event)
{
	if (event == EV_REVERSE)
		return "only a completed order can be reversed";
	return event == EV_KEEP ? "no refund of this order was asked for" : "only an unconfirmed order can be expired";
}

static enum err end_by(struct unit *u, struct task *t, enum order_event event)
{
	struct order_end *c = t->command;
	struct order *o = unit_find(u, NOUN_ORDER, c->order_id);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (!order_rule((enum order_state)o->state, event)) {
		t->detail = str_of(why_not(event));
		return ERR_ILLEGAL_STATE;
	}
	if (event == EV_KEEP)
		o->kept = 0;
	if (event == EV_EXPIRE && o->expires_at > u->now_us)
		o->expires_at = u->now_us;
	order_move(u, o, event);
	c->order = *o;
	return OK;
}

static enum err reverse_act(struct unit *u, struct task *t)
{
	struct order_end *c = t->command;
	enum err e = end_by(u, t, EV_REVERSE);

	return audited(u, &c->by, "order.reverse", order_subject(u, c->order_id), STR(""), e);
}

static enum err keep_act(struct unit *u, struct task *t)
{
	struct order_end *c = t->command;
	enum err e = end_by(u, t, EV_KEEP);

	return audited(u, &c->by, "order.keep", order_subject(u, c->order_id), STR(""), e);
}

static enum err expire_act(struct unit *u, struct task *t)
{
	struct order_end *c = t->command;
	enum err e = end_by(u, t, EV_EXPIRE);

	return audited(u, &c->by, "order.expire", order_subject(u, c->order_id), STR(""), e);
}

const struct verb verb_order_retry = { .name = "order.retry", .need = retry_need, .act = retry_act };
const struct verb verb_order_resolve = {
	.name = "order.resolve", .need = resolve_need, .need_more = resolve_need_more, .act = resolve_act
};
const struct verb verb_order_reverse = {
	.name = "order.reverse", .need = end_need, .need_more = end_need_more, .act = reverse_act
};
const struct verb verb_order_keep = {
	.name = "order.keep", .need = end_need, .need_more = end_need_more, .act = keep_act
};
const struct verb verb_order_end_unconfirmed = {
	.name = "order.end-unconfirmed", .need = end_need, .need_more = end_need_more, .act = expire_act
};

static enum err event_seen(void *arg, void *row)
{
	struct order_inspect *i = arg;

	if (i->event_count < INSPECT_ROWS_MAX)
		i->events[i->event_count++] = *(const struct event *)row;
	return OK;
}

static enum err callback_seen(void *arg, void *row)
{
	struct order_inspect *i = arg;

	if (i->callback_count < INSPECT_ROWS_MAX)
		i->callbacks[i->callback_count++] = *(const struct callback *)row;
	return OK;
}

static enum err message_seen(void *arg, void *row)
{
	struct order_inspect *i = arg;
	const struct message *m = row;
	size_t at = i->message_count;

	if (m->about != ABOUT_ORDER || at == INSPECT_ROWS_MAX)
		return OK;
	for (; at > 0 && i->messages[at - 1].no > m->no; at--)
		i->messages[at] = i->messages[at - 1];
	i->messages[at] = *m;
	i->message_count++;
	return OK;
}

static enum err find_by_reference(struct unit *u, struct order_inspect *i, struct arena *a)
{
	struct str key = order_ext_key(a, i->partner_id, i->dialect, i->reference);

	unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY, key);
	enum err e = unit_load(u);
	const struct order *o = e ? NULL : unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY, key);

	if (!e && !o)
		e = ERR_ORDER_NOT_FOUND;
	if (!e)
		i->order_id = o->id;
	return e;
}

static enum err inspect_read(struct reader *r, struct task *t)
{
	struct order_inspect *i = t->command;
	struct unit *u = &r->unit;
	struct job_scan scan = { ARENA_ARRAY(t->arena, struct job, INSPECT_ROWS_MAX), 0 };
	enum err e = i->order_id ? OK : find_by_reference(u, i, t->arena);

	if (e)
		return e;
	order_need_view(u, i->order_id);
	unit_need(u, NOUN_ATTEMPT, i->order_id);
	e = unit_load(u);
	if (e)
		return e;
	const struct order *o = unit_find(u, NOUN_ORDER, i->order_id);
	if (!o)
		return ERR_ORDER_NOT_FOUND;
	e = order_need_product(u, t->catalog, o);
	if (e)
		return e;
	order_view(u, t->arena, t->catalog, o, &i->view);
	i->attempts = ARENA_ARRAY(t->arena, struct attempt, INSPECT_ROWS_MAX);
	i->events = ARENA_ARRAY(t->arena, struct event, INSPECT_ROWS_MAX);
	i->callbacks = ARENA_ARRAY(t->arena, struct callback, INSPECT_ROWS_MAX);
	i->messages = ARENA_ARRAY(t->arena, struct message, INSPECT_ROWS_MAX);
	for (struct attempt *row = unit_find(u, NOUN_ATTEMPT, o->id); row; row = unit_next(u, row)) {
		if (i->attempt_count == INSPECT_ROWS_MAX)
			break;
		struct attempt *copy = &i->attempts[i->attempt_count++];
		*copy = *row;
		copy->supplier = arena_str(t->arena, row->supplier);
		copy->sku = arena_str(t->arena, row->sku);
		copy->supplier_reference = arena_str(t->arena, row->supplier_reference);
	}
	e = jobs_of_order(r->db, t->arena, o->id, job_seen, &scan);
	i->jobs = scan.jobs;
	i->job_count = scan.count;
	if (!e)
		e = events_of_order(r->db, t->arena, o->partner_id, o->id, event_seen, i);
	if (!e)
		e = messages_of(r->db, t->arena, o->id, message_seen, i);
	return e ? e : callbacks_of_order(r->db, t->arena, o->id, callback_seen, i);
}

const struct verb verb_order_inspect = { .name = "order.inspect", .read = inspect_read };

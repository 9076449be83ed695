/* service/callback.c: webhooks as rows: what is to be sent, and what came of it. */
#include "service/order_unit.h"
#include "service/payment_unit.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/seals.h"

static const int64_t kept_us = SECONDS_US(INT64_C(24) * 3600 * LIMIT_KEPT_DAYS);

static struct callback *callback_of(struct unit *u, int64_t order_id, int no)
{
	struct callback *c = unit_find(u, NOUN_CALLBACK, order_id);

	while (c && c->no != no)
		c = unit_next(u, c);
	return c;
}

/* Newest first; after a change there are two for a while. */
static enum err webhook_secrets(const struct unit *u, struct arena *a, int64_t partner_id, struct str ret[2])
{
	const struct partner *p = directory_partner(u->directory, partner_id);

	ret[0] = ret[1] = STR_NONE;
	if (!p || !p->webhook_secret.p)
		return OK;
	enum err e = crypto_open(u->keys, a, partner_secret_label(a, partner_id), p->webhook_secret, &ret[0]);
	if (!e && p->webhook_secret_old.p && u->now_us < p->webhook_secret_until)
		e = crypto_open(u->keys, a, partner_secret_label(a, partner_id), p->webhook_secret_old, &ret[1]);
	return e;
}

/* During a rotation there are two. */
static enum err signing_secrets(const struct unit *u, struct arena *a, int64_t partner_id, enum dialect dialect,
				struct callback_get *g)
{
	const struct credential *live[ARRAY_LEN(g->signing)];
	enum err e = OK;

	g->signing[0] = g->signing[1] = STR_NONE;
	if (!dialect_seals(dialect))
		return OK;
	size_t n = directory_credentials(u->directory, partner_id, dialect, u->now_us, live, ARRAY_LEN(live));
	for (size_t i = 0; i < n && !e; i++)
		if (live[i]->sealed.p)
			e = crypto_open(u->keys, a, credential_secret_label(a, live[i]->id), live[i]->sealed,
					&g->signing[i]);
	return e;
}

static void callback_get_need(struct unit *u, const struct task *t)
{
	const struct callback_get *g = t->command;

	order_need_view(u, g->job.order_id);
	unit_need(u, NOUN_CALLBACK, g->job.order_id);
	unit_need_own_job(u, &g->job);
}

static void callback_get_need_more(struct unit *u, const struct task *t)
{
	const struct order *o = unit_find(u, NOUN_ORDER, ((const struct callback_get *)t->command)->job.order_id);

	if (o)
		order_need_extras(u, o);
}

static enum err callback_get_act(struct unit *u, struct task *t)
{
	struct callback_get *g = t->command;
	const struct order *o = unit_find(u, NOUN_ORDER, g->job.order_id);
	const struct callback *c = callback_of(u, g->job.order_id, g->job.unit);

	g->live = unit_owns_job(u, &g->job) && o && c && c->state == CALLBACK_PENDING;
	if (!g->live)
		return OK;
	enum err e = order_need_product(u, t->catalog, o);
	if (e)
		return e;
	g->blocked = false;
	for (int no = 1; no < c->no; no++) {
		const struct callback *earlier = callback_of(u, c->order_id, no);

		g->blocked |= earlier && earlier->state == CALLBACK_PENDING;
	}
	order_view(u, t->arena, t->catalog, o, &g->view);
	g->url = arena_str(t->arena, order_callback_url(u, o));
	g->id = c->id;
	g->first_try_us = c->first_try_at;
	g->tries = c->tries;
	e = webhook_secrets(u, t->arena, o->partner_id, g->webhook_secrets);
	if (!e)
		e = signing_secrets(u, t->arena, o->partner_id, (enum dialect)o->dialect, g);
	if (e)
		return e;
	return c->body.p ? crypto_open(u->keys, t->arena, callback_seal_label(t->arena, c), c->body, &g->body) : OK;
}

static void payment_callback_get_need(struct unit *u, const struct task *t)
{
	const struct callback_get *g = t->command;

	payment_need(u, g->job.order_id);
	unit_need_own_job(u, &g->job);
}

static void payment_callback_get_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct callback_get *)t->command)->job.order_id);
}

static enum err payment_callback_get_act(struct unit *u, struct task *t)
{
	struct callback_get *g = t->command;
	const struct payment *p = unit_find(u, NOUN_PAYMENT, g->job.order_id);
	const struct callback *c = callback_of(u, g->job.order_id, g->job.unit);
	struct payment_view *view = ARENA_NEW(t->arena, struct payment_view);

	g->live = unit_owns_job(u, &g->job) && p && c && c->state == CALLBACK_PENDING;
	if (!g->live)
		return OK;
	payment_view(u, t->arena, p, view);
	g->payment = view;
	g->url = view->payment.callback_url;
	g->id = c->id;
	g->first_try_us = c->first_try_at;
	g->tries = c->tries;
	enum err e = webhook_secrets(u, t->arena, p->partner_id, g->webhook_secrets);
	return e ? e : signing_secrets(u, t->arena, p->partner_id, DIALECT_MOBIP, g);
}

static void callback_result_need(struct unit *u, const struct task *t)
{
	const struct callback_result *r = t->command;

	unit_need_partner(u, r->job.partner_id);
	unit_need(u, NOUN_JOB, r->job.id);
	unit_need(u, NOUN_CALLBACK, r->job.order_id);
}

static void callback_note(struct unit *u, struct callback *c, const struct callback_result *r)
{
	c->tries++;
	c->http_status = r->http_status;
	c->error = r->error;
	c->duration_us = r->duration_us;
	c->last_try_at = u->now_us;
	if (!c->first_try_at)
		c->first_try_at = u->now_us;
	unit_touch(u, c);
}

/* A person is told, who may have it sent again as long as its body is kept. */
static void give_up(struct unit *u, struct callback *c, struct job *job)
{
	c->state = CALLBACK_GIVEN_UP;
	unit_add(u, NOUN_TASK,
		 &(struct work_task){ .id = unit_id(u),
				      .kind = TASK_CALLBACK_GIVEN_UP,
				      .order_id = c->order_id,
				      .detail = STR("the receiver did not take the callback"),
				      .state = 1,
				      .created_at = u->now_us });
	if (c->body.p)
		unit_add(u, NOUN_JOB,
			 &(struct job){ .id = unit_row_id(u, NOUN_JOB),
					.kind = JOB_FORGET,
					.order_id = job->order_id,
					.partner_id = job->partner_id,
					.unit = job->unit,
					.currency = job->currency,
					.due_at = u->now_us + kept_us,
					.owner = u->node });
	unit_remove(u, job);
}

static void come_back(struct unit *u, struct job *job, int64_t due_us)
{
	job->due_at = due_us;
	job->tries++;
	unit_touch(u, job);
}

static enum err callback_result_act(struct unit *u, struct task *t)
{
	const struct callback_result *r = t->command;
	struct job *job = unit_find(u, NOUN_JOB, r->job.id);
	struct callback *c = callback_of(u, r->job.order_id, r->job.unit);

	if (!job || job->fence != r->job.fence || !c || c->state != CALLBACK_PENDING)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	if (r->put_off) {
		come_back(u, job, r->next_due_us);
		return OK;
	}
	callback_note(u, c, r);
	if (r->delivered) {
		c->state = CALLBACK_DELIVERED;
		c->body = STR_NONE;
		unit_remove(u, job);
		return OK;
	}
	if (!c->body.p && r->body.p)
		c->body = crypto_seal(u->keys, &u->arena, callback_seal_label(&u->arena, c), r->body);
	if (!r->next_due_us) {
		give_up(u, c, job);
		return OK;
	}
	come_back(u, job, r->next_due_us);
	return OK;
}

static void forget_need(struct unit *u, const struct task *t)
{
	const struct callback_forget *f = t->command;

	unit_need_partner(u, f->job.partner_id);
	unit_need(u, NOUN_JOB, f->job.id);
	unit_need(u, NOUN_CALLBACK, f->job.order_id);
}

/* What was taken up again meanwhile is looked at again later. */
static enum err forget_act(struct unit *u, struct task *t)
{
	const struct callback_forget *f = t->command;
	struct job *job = unit_find(u, NOUN_JOB, f->job.id);
	struct callback *c = callback_of(u, f->job.order_id, f->job.unit);

	if (!job || job->fence != f->job.fence)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	if (c && c->body.p && (c->state == CALLBACK_PENDING || c->last_try_at > u->now_us - kept_us)) {
		job->due_at = u->now_us + kept_us;
		unit_take_job(u, job);
		unit_touch(u, job);
		return OK;
	}
	if (c && c->body.p) {
		c->body = STR_NONE;
		unit_touch(u, c);
	}
	unit_remove(u, job);
	return OK;
}

const struct verb verb_callback_forget = {
	.name = "callback.forget", .need = forget_need, .act = forget_act, .background = true
};
const struct verb verb_callback_get = {
	.name = "callback.get",
	.need = callback_get_need,
	.need_more = callback_get_need_more,
	.act = callback_get_act,
	.read_only = true,
	.recent_us = SECONDS_US(60),
};
const struct verb verb_payment_callback_get = {
	.name = "payment.callback",
	.need = payment_callback_get_need,
	.need_more = payment_callback_get_need_more,
	.act = payment_callback_get_act,
	.read_only = true,
};
const struct verb verb_callback_result = {
	.name = "callback.result", .need = callback_result_need, .act = callback_result_act, .background = true
};

/* tests/unit/work/verbs.h: what each verb of service/work.h does with the rows. All of it under the fixture's lock. */
#pragma once

#include "rows.h"

MUST_USE static inline enum err do_purchase_get(struct fixture *f, struct purchase_get *g)
{
	struct row *r = &f->rows[g->job.order_id];

	r->reads++;
	g->live = r->present;
	g->view.order = r->order;
	g->view.product = &f->product;
	g->view.parties = r->parties;
	g->attempt = r->attempt;
	return OK;
}

static inline void row_next_route(struct fixture *f, struct row *r)
{
	r->present = r->attempt.no < r->routes;
	r->attempt.no++;
	r->attempt.state = ATTEMPT_PREPARED;
	r->attempt.supplier = STR("other");
	r->attempt.created_at = f->now_us;
	r->job.due_at = f->now_us;
	r->job.tries = 0;
}

MUST_USE static inline enum err do_attempt_result(struct fixture *f, const struct attempt_result *a,
						  struct row **ret_changed)
{
	struct row *r = *ret_changed = row_by_job(f, &a->job);

	if (!r || r->attempt.no != a->attempt)
		return ERR_CONFLICT;
	r->results++;
	r->outcome = (int)a->outcome;
	r->reason = (int)a->reason;
	r->next_due_us = a->next_due_us;
	if (a->delivery.p)
		memcpy(r->delivery, a->delivery.p, a->delivery.n);
	if (a->outcome == OUTCOME_DELIVERED) {
		r->present = false;
	} else if (a->outcome == OUTCOME_REFUSED) {
		row_next_route(f, r);
	} else {
		r->attempt.state = a->outcome == OUTCOME_UNKNOWN ? ATTEMPT_UNKNOWN : ATTEMPT_ACCEPTED;
		r->job.due_at = a->next_due_us;
		r->job.tries++;
	}
	return OK;
}

MUST_USE static inline enum err do_callback_get(struct fixture *f, struct callback_get *g)
{
	struct row *r = &f->rows[g->job.id];

	r->reads++;
	g->live = r->present;
	g->blocked = r->blocked;
	g->id = g->job.id * 10;
	g->tries = r->tries;
	g->view.order = r->order;
	g->url = str_of(r->url);
	g->body = r->has_body ? str_of(r->body) : STR_NONE;
	g->webhook_secrets[0] = STR("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
	return OK;
}

MUST_USE static inline enum err do_callback_result(struct fixture *f, const struct callback_result *c,
						   struct row **ret_changed)
{
	struct row *r = *ret_changed = row_by_job(f, &c->job);

	if (!r)
		return ERR_CONFLICT;
	r->results++;
	if (c->put_off) {
		r->next_due_us = r->job.due_at = c->next_due_us;
		r->job.tries++;
		return OK;
	}
	r->delivered = c->delivered;
	r->http_status = c->http_status;
	r->next_due_us = c->next_due_us;
	snprintf(r->error, sizeof(r->error), "%.*s", STR_ARG(c->error));
	if (c->body.p && !r->has_body) {
		r->has_body = true;
		snprintf(r->body, sizeof(r->body), "%.*s", STR_ARG(c->body));
	}
	r->present = !c->delivered && c->next_due_us;
	r->job.due_at = c->next_due_us;
	r->job.tries++;
	r->tries++;
	return OK;
}

static inline int by_due(const void *a, const void *b)
{
	const struct job *x = a, *y = b;

	if (x->due_at != y->due_at)
		return x->due_at < y->due_at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

MUST_USE static inline enum err do_jobs_due(struct fixture *f, struct jobs_due *d, struct arena *a)
{
	struct job after = { .due_at = d->after_due, .id = d->after_id };

	f->pages++;
	d->jobs = ARENA_ARRAY(a, struct job, ROWS);
	for (size_t i = 0; i < ROWS; i++)
		if (f->rows[i].present && f->rows[i].job.due_at < d->until_us && by_due(&f->rows[i].job, &after) > 0)
			d->jobs[d->count++] = f->rows[i].job;
	qsort(d->jobs, d->count, sizeof(struct job), by_due);
	if (d->count > d->most)
		d->count = d->most;
	return OK;
}

MUST_USE static inline enum err do_attempt_sending(struct fixture *f, const struct attempt_sending *s)
{
	struct row *r = row_by_job(f, &s->job);

	if (!r || r->attempt.state != ATTEMPT_PREPARED)
		return ERR_CONFLICT;
	r->attempt.state = ATTEMPT_SENT;
	return OK;
}

MUST_USE static inline enum err do_order_expire(struct fixture *f, const struct order_expire *x)
{
	struct row *r = row_by_job(f, &x->job);

	if (!r)
		return ERR_CONFLICT;
	r->results++;
	r->present = false;
	return OK;
}

/* Under the lock. *ret_changed: the row that was written, for the hook. */
MUST_USE static inline enum err fixture_do(struct fixture *f, struct task *t, struct row **ret_changed)
{
	if (t->verb->background && f->fail > 0) {
		f->fail--;
		return ERR_STORE_UNAVAILABLE;
	}
	if (t->verb == &verb_jobs_due)
		return do_jobs_due(f, t->command, t->arena);
	if (t->verb == &verb_purchase_get)
		return do_purchase_get(f, t->command);
	if (t->verb == &verb_callback_get)
		return do_callback_get(f, t->command);
	if (t->verb == &verb_attempt_sending)
		return do_attempt_sending(f, t->command);
	if (t->verb == &verb_attempt_result)
		return do_attempt_result(f, t->command, ret_changed);
	if (t->verb == &verb_callback_result)
		return do_callback_result(f, t->command, ret_changed);
	must(t->verb == &verb_order_expire);
	return do_order_expire(f, t->command);
}

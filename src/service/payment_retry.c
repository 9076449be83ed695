/* service/payment_retry.c: an operator pushes on what of a payment waits, or was given up. */
#include "service/payment_unit.h"

#include "service/message_unit.h"
#include "store/admin.h"

enum { JOBS_MOST = 1000 };

struct job_scan {
	int64_t ids[JOBS_MOST];
	size_t count;
};

static enum err job_seen(void *arg, void *row)
{
	struct job_scan *scan = arg;

	if (scan->count < JOBS_MOST)
		scan->ids[scan->count++] = ((const struct job *)row)->id;
	return OK;
}

static enum err scan_jobs(struct unit *u, int64_t payment_id, struct job_scan **ret)
{
	*ret = ARENA_NEW(&u->arena, struct job_scan);
	return jobs_of_order(u->db, &u->arena, payment_id, job_seen, *ret);
}

static void retry_need(struct unit *u, const struct task *t)
{
	const struct payment_retry *r = t->command;
	int64_t partner_id = 0;
	struct job_scan *scan;

	/* One that is not there has no merchant; the verb says so. */
	if (payment_owner(u->db, r->id, &partner_id) == OK)
		unit_need_partner(u, partner_id);
	payment_need(u, r->id);
	if (scan_jobs(u, r->id, &scan))
		return; /* it fails again when the verb asks */
	for (size_t i = 0; i < scan->count; i++)
		unit_need(u, NOUN_JOB, scan->ids[i]);
}

/* The end of its life, and what was never tried, have a time of their own. */
static bool keeps_its_time(const struct job *job)
{
	return job->kind == JOB_PAYMENT_EXPIRE || job->kind == JOB_FORGET || (job->kind == JOB_MESSAGE && !job->tries);
}

static void revive_callback(struct unit *u, const struct payment *p, struct callback *c)
{
	c->state = CALLBACK_PENDING;
	c->tries = 0;
	unit_touch(u, c);
	unit_none(u, NOUN_JOB, c->id);
	payment_job_add(u, p, JOB_PAYMENT_CALLBACK, c->id, c->no, u->now_us);
}

static enum err retry_decide(struct unit *u, struct task *t)
{
	struct payment_retry *r = t->command;
	const struct payment *p = unit_find(u, NOUN_PAYMENT, r->id);
	struct job_scan *scan;

	r->jobs = 0;
	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	enum err e = scan_jobs(u, r->id, &scan);
	if (e)
		return e;
	for (size_t i = 0; i < scan->count; i++) {
		struct job *job = unit_find(u, NOUN_JOB, scan->ids[i]);

		if (!job || keeps_its_time(job))
			continue;
		job->due_at = u->now_us;
		unit_take_job(u, job);
		unit_touch(u, job);
		r->jobs++;
	}
	for (struct callback *c = unit_find(u, NOUN_CALLBACK, p->id); c; c = unit_next(u, c)) {
		if (c->state != CALLBACK_GIVEN_UP)
			continue;
		revive_callback(u, p, c);
		r->jobs++;
	}
	for (struct message *m = unit_find(u, NOUN_MESSAGE, p->id); m; m = unit_next(u, m))
		r->jobs += m->about == ABOUT_PAYMENT && message_revive(u, m);
	if (r->jobs)
		return OK;
	t->detail = STR("nothing of this payment waits for its time");
	return ERR_ILLEGAL_STATE;
}

static enum err retry_act(struct unit *u, struct task *t)
{
	const struct payment_retry *r = t->command;
	enum err e = retry_decide(u, t);

	return audited(u, &r->by, "payment.retry", arena_printf(&u->arena, "payment %lld", (long long)r->id), STR(""),
		       e);
}

const struct verb verb_payment_retry = { .name = "payment.retry", .need = retry_need, .act = retry_act };

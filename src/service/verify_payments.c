/* service/verify_payments.c: every payment held against its attempts, its jobs and its money in the ledger; every code
 * that makes payments against the job that fetches its picture. */
#include "service/verify_private.h"

#include "service/work.h"
#include "store/verify.h"

void verify_payment_row(struct verify *v, const struct ledger_row *row)
{
	struct sums *money = sum_map_at(&v->payments, row->order_id);

	if (row->kind == LEDGER_PAYMENT)
		money->a += row->amount;
	else if (row->kind == LEDGER_PAYMENT_FEE)
		money->b += row->amount;
	else
		money->c += row->amount;
}

void verify_payment_job(struct verify *v, const struct job *job)
{
	struct sums *jobs = sum_map_at(&v->pay_jobs, job->order_id);

	jobs->a += job->kind == JOB_PAYMENT;
	jobs->b += job->kind == JOB_PAYMENT_EXPIRE;
	jobs->c += job->kind == JOB_PAYMENT_REFUND;
}

static void check_money(struct verify *v, const struct payment_facts *p)
{
	struct sums *money = sum_map_find(&v->payments, p->id);
	bool is_back = p->state == PAYMENT_REFUNDED;
	bool is_in = is_back || payment_is_credited((enum payment_state)p->state);
	int64_t in = money ? money->a : 0, fee = money ? money->b : 0, back = money ? money->c : 0;

	if (money)
		money->seen = true;
	if (in != (is_in ? p->total : 0) || fee != (is_in ? p->fee : 0) || back != (is_back ? p->total : 0))
		verify_difference(
			v,
			"payment %lld: the ledger received %lld micros, kept %lld and gave back %lld; it is of "
			"%lld with a fee of %lld in state %d",
			(long long)p->id, (long long)in, (long long)fee, (long long)back, (long long)p->total,
			(long long)p->fee, p->state);
}

/* What its attempts and jobs must be in its state. NULL: they are. */
static const char *parts_fault(const struct payment_facts *p, const struct sums *jobs)
{
	int64_t expire = jobs ? jobs->b : 0, refund = jobs ? jobs->c : 0;
	bool is_paid = payment_is_credited((enum payment_state)p->state) || p->state == PAYMENT_REFUNDED;

	if (p->state <= PAYMENT_NEW || p->state >= PAYMENT_STATES)
		return "its state is none";
	if (p->attempts != p->attempts_said)
		return "it counts other attempts than there are";
	if (p->live != (jobs ? jobs->a : 0))
		return "an attempt that is not over has no job, or a job no such attempt";
	if (p->state == PAYMENT_PAYING ? !p->live : p->live && !is_paid)
		return "its attempts do not make its state";
	if (is_paid && !p->paid)
		return "it is paid and no attempt has paid it";
	if (p->state == PAYMENT_PENDING ? expire != 1 : expire && p->state != PAYMENT_PAYING)
		return "its expiry has no job, or a job and no expiry";
	return p->state == PAYMENT_REFUNDING && !refund ? "its refund has no job" : NULL;
}

static enum err payment_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct payment_facts *p = row;
	struct sums *jobs = sum_map_find(&v->pay_jobs, p->id);
	const char *fault = parts_fault(p, jobs);

	v->after = p->id;
	v->rows_in_page++;
	v->result.payments++;
	if (jobs)
		jobs->seen = true;
	if (fault)
		verify_difference(v, "payment %lld: %s (state %d, attempts %lld, live %lld)", (long long)p->id, fault,
				  p->state, (long long)p->attempts, (long long)p->live);
	check_money(v, p);
	return OK;
}

static void check_strays(struct verify *v, const struct sum_map *map, const char *what)
{
	for (size_t i = 0; i < map->room; i++) {
		const struct sums *one = sum_map_slot(map, i);

		if (one && !one->seen)
			verify_difference(v, "payment %lld: %s and no such payment", (long long)one->key, what);
	}
}

static enum err photo_without_job(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "reusable code %lld: it waits for its picture and no job fetches it",
			  (long long)stray->order_id);
	return OK;
}

static enum err job_without_photo(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "reusable code %lld: a job fetches its picture, for which it does not wait",
			  (long long)stray->order_id);
	return OK;
}

enum err verify_all_payments(struct verify *v)
{
	enum err e = verify_pages(v, "payments", verify_payments, payment_seen);

	if (e)
		return e;
	check_strays(v, &v->payments, "there are ledger rows of it");
	check_strays(v, &v->pay_jobs, "there are jobs for it");
	arena_reset(&v->page);
	return verify_photos(v->db, &v->page, JOB_PHOTO, photo_without_job, job_without_photo, v);
}

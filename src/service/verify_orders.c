/* service/verify_orders.c: every order held against its units, attempts and jobs, and its wallet's holds. */
#include "service/verify_private.h"

#include "service/work.h"
#include "store/verify.h"

static enum err job_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct job *job = row;

	v->after = job->id;
	v->rows_in_page++;
	if (job_is_of_payment((enum job_kind)job->kind)) {
		verify_payment_job(v, job);
		return OK;
	}
	struct sums *order = sum_map_at(&v->jobs, job->order_id);
	order->a += job->kind == JOB_FULFIL;
	order->b += job->kind == JOB_EXPIRE;
	return OK;
}

/* What an order's units must be in its state. NULL: they are. */
static const char *units_fault(const struct order_facts *o)
{
	int64_t open = o->units - o->delivered - o->failed;

	switch ((enum order_state)o->state) {
	case ORDER_CREATED:
	case ORDER_CANCELLED:
	case ORDER_EXPIRED:
	case ORDER_AWAITING_KYC:
		return o->units ? "it has units and was never confirmed" : NULL;
	case ORDER_CONFIRMED:
	case ORDER_SUBMITTED:
		if (o->units != o->quantity)
			return "it does not have as many units as were bought";
		return open ? NULL : "all its units are final and it is not";
	case ORDER_COMPLETED:
	case ORDER_REVERSING:
		return o->delivered == o->quantity ? NULL : "it is completed and not every unit is delivered";
	case ORDER_PARTIAL:
		return o->delivered > 0 && o->failed > 0 && !open ? NULL : "its units do not make it partial";
	case ORDER_DECLINED:
		return o->failed == o->quantity && !o->delivered ? NULL : "it is declined and not every unit failed";
	case ORDER_REJECTED:
		return !o->delivered && !open ? NULL : "it is rejected and a unit is delivered or open";
	case ORDER_REVERSED:
		return o->delivered > 0 && !open ? NULL : "it is reversed and nothing was delivered, or a unit is open";
	case ORDER_NEW:
	case ORDER_STATES:
		break;
	}
	return "its state is none";
}

static void check_parts(struct verify *v, const struct order_facts *o)
{
	const struct sums *jobs = sum_map_find(&v->jobs, o->id);
	int64_t fulfil = jobs ? jobs->a : 0, expire = jobs ? jobs->b : 0;
	int64_t open = o->units - o->delivered - o->failed;
	const char *fault = units_fault(o);

	if (fault)
		verify_difference(v, "order %lld: %s (state %d, units %lld, delivered %lld, failed %lld)",
				  (long long)o->id, fault, o->state, (long long)o->units, (long long)o->delivered,
				  (long long)o->failed);
	if (o->attempts != o->attempts_said)
		verify_difference(v, "order %lld: its units count %lld attempts, there are %lld", (long long)o->id,
				  (long long)o->attempts_said, (long long)o->attempts);
	if (o->live != open)
		verify_difference(v, "order %lld: %lld live attempts for %lld open units", (long long)o->id,
				  (long long)o->live, (long long)open);
	if (fulfil != open)
		verify_difference(v, "order %lld: %lld jobs for %lld open units", (long long)o->id, (long long)fulfil,
				  (long long)open);
	if (expire != (o->state == ORDER_CREATED || o->state == ORDER_AWAITING_KYC))
		verify_difference(v, "order %lld: %lld expiry jobs in state %d", (long long)o->id, (long long)expire,
				  o->state);
}

static enum err order_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct order_facts *o = row;
	struct sums *jobs = sum_map_find(&v->jobs, o->id);

	v->after = o->id;
	v->rows_in_page++;
	v->result.orders++;
	check_parts(v, o);
	if (jobs)
		jobs->seen = true;
	struct sums *wallet = sum_map_at(&v->wallets, account_wallet(o->partner_id, (struct currency){ o->currency }));
	if (order_holds((enum order_state)o->state))
		wallet->a += o->amount + o->fee;
	if (order_has_paid((enum order_state)o->state) && o->quantity > 0)
		wallet->b += o->amount / o->quantity * o->delivered + o->fee;
	if (o->state == ORDER_REVERSED)
		wallet->b += o->kept;
	return OK;
}

static void check_wallets(struct verify *v)
{
	arena_reset(&v->page);
	for (size_t i = 0; i < v->wallets.room; i++) {
		const struct sums *wallet = sum_map_slot(&v->wallets, i);

		if (!wallet)
			continue;
		const struct sums *hold = sum_map_find(&v->sides, account_hold(wallet->key));
		int64_t held = hold ? hold->a - hold->b : 0;
		if (held != wallet->a)
			verify_difference(v, "%s: the ledger holds %lld micros, its open orders cost %lld",
					  verify_account_name(v, wallet->key), (long long)held, (long long)wallet->a);
		if (wallet->c != wallet->b)
			verify_difference(v, "%s: it paid %lld micros for orders, what was delivered cost %lld",
					  verify_account_name(v, wallet->key), (long long)wallet->c,
					  (long long)wallet->b);
	}
}

static void check_stray_jobs(struct verify *v)
{
	for (size_t i = 0; i < v->jobs.room; i++) {
		const struct sums *order = sum_map_slot(&v->jobs, i);

		if (order && !order->seen && (order->a || order->b))
			verify_difference(v, "order %lld: there are jobs for it and no such order",
					  (long long)order->key);
	}
}

static enum err callback_without_job(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "order %lld: callback %lld waits and no job delivers it", (long long)stray->order_id,
			  (long long)stray->no);
	return OK;
}

static enum err job_without_callback(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "order %lld: a job delivers callback %lld, which does not wait",
			  (long long)stray->order_id, (long long)stray->no);
	return OK;
}

static enum err message_without_job(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "order or payment %lld: message %lld is to be sent and no job sends it",
			  (long long)stray->order_id, (long long)stray->no);
	return OK;
}

static enum err job_without_message(void *arg, void *row)
{
	const struct stray *stray = row;

	verify_difference(arg, "order or payment %lld: a job sends a message that is not to be sent",
			  (long long)stray->order_id);
	return OK;
}

enum err verify_all_orders(struct verify *v)
{
	enum err e = verify_pages(v, "jobs", verify_jobs, job_seen);

	if (!e)
		e = verify_pages(v, "orders", verify_orders, order_seen);
	if (e)
		return e;
	check_wallets(v);
	check_stray_jobs(v);
	arena_reset(&v->page);
	e = verify_callbacks(v->db, &v->page, (struct callback_kinds){ JOB_CALLBACK, JOB_PAYMENT_CALLBACK },
			     callback_without_job, job_without_callback, v);
	return e ? e : verify_messages(v->db, &v->page, JOB_MESSAGE, message_without_job, job_without_message, v);
}

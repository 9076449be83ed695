#include "service/status.h"

#include "service/reader.h"

static enum err state_seen(void *arg, void *row)
{
	struct store_status *s = arg;

	if (s->state_count < ARRAY_LEN(s->states))
		s->states[s->state_count++] = *(const struct tally *)row;
	return OK;
}

static enum err job_seen(void *arg, void *row)
{
	struct store_status *s = arg;
	const struct tally *tally = row;

	if (tally->key > 0 && tally->key < JOB_KINDS)
		s->jobs[tally->key] = *tally;
	return OK;
}

static enum err tally_seen(void *arg, void *row)
{
	*(struct tally *)arg = *(const struct tally *)row;
	return OK;
}

static struct currency_sums *sums_in(struct store_status *s, int currency)
{
	for (size_t i = 0; i < s->sum_count; i++)
		if (s->sums[i].currency == currency)
			return &s->sums[i];
	if (s->sum_count == ARRAY_LEN(s->sums))
		return NULL;
	s->sums[s->sum_count] = (struct currency_sums){ .currency = currency };
	return &s->sums[s->sum_count++];
}

static enum err wallet_seen(void *arg, void *row)
{
	const struct account *a = row;
	struct currency_sums *sums = sums_in(arg, account_parts(a->id).cur.number);

	if (sums)
		sums->held += a->held;
	return OK;
}

static enum err common_seen(void *arg, void *row)
{
	const struct account *a = row;
	struct account_parts parts = account_parts(a->id);
	struct currency_sums *sums = parts.kind == ACCOUNT_FLOAT ? sums_in(arg, parts.cur.number) : NULL;

	if (sums)
		sums->supplier_float += a->balance;
	return OK;
}

static enum err amount_seen(void *arg, void *row)
{
	const struct tally *tally = row;
	struct currency_sums *sums = sums_in(arg, (int)tally->key);

	if (sums)
		sums->explained = tally->amount;
	return OK;
}

static enum err status_read(struct reader *r, struct task *t)
{
	struct store_status *s = t->command;
	struct arena *a = &r->unit.arena;
	struct tally partners = { 0 }, tasks = { 0 };

	*s = (struct store_status){ 0 };
	enum err e = tally_open_orders(r->db, a, JOB_FULFIL, JOB_EXPIRE, state_seen, s);
	if (!e)
		e = tally_jobs(r->db, a, job_seen, s);
	if (!e)
		e = tally_unknown(r->db, a, JOB_FULFIL, tally_seen, &s->unknown);
	if (!e)
		e = tally_holds(r->db, a, wallet_seen, s);
	if (!e)
		e = tally_common(r->db, a, common_seen, s);
	if (!e)
		e = tally_open_amounts(r->db, a, JOB_FULFIL, JOB_EXPIRE, amount_seen, s);
	if (!e)
		e = tally_partners(r->db, a, tally_seen, &partners);
	if (!e)
		e = tally_open_tasks(r->db, a, tally_seen, &tasks);
	s->partners = partners.count;
	s->open_tasks = tasks.count;
	return e;
}

const struct verb verb_store_status = { .name = "store.status", .read = status_read };

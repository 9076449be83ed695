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

	if (tally->key == JOB_FULFIL)
		s->fulfil = *tally;
	else if (tally->key == JOB_EXPIRE)
		s->expire = *tally;
	else if (tally->key == JOB_CALLBACK)
		s->callbacks = *tally;
	return OK;
}

static enum err tally_seen(void *arg, void *row)
{
	*(struct tally *)arg = *(const struct tally *)row;
	return OK;
}

static struct held_in *held_in(struct store_status *s, int currency)
{
	for (size_t i = 0; i < s->held_count; i++)
		if (s->held[i].currency == currency)
			return &s->held[i];
	if (s->held_count == ARRAY_LEN(s->held))
		return NULL;
	s->held[s->held_count] = (struct held_in){ .currency = currency };
	return &s->held[s->held_count++];
}

static enum err account_seen(void *arg, void *row)
{
	const struct account *a = row;
	struct held_in *held = held_in(arg, account_parts(a->id).cur.number);

	if (held)
		held->held += a->held;
	return OK;
}

static enum err amount_seen(void *arg, void *row)
{
	const struct tally *tally = row;
	struct held_in *held = held_in(arg, (int)tally->key);

	if (held)
		held->explained = tally->amount;
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
		e = tally_holds(r->db, a, account_seen, s);
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

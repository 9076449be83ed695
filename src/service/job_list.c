/* service/job_list.c: which jobs this node has: those that it made, and those that it takes over from nodes that are
 * gone. */
#include "service/reader.h"
#include "store/jobs.h"

static enum err due_seen(void *arg, void *row)
{
	struct jobs_due *due = arg;

	due->jobs[due->count++] = *(const struct job *)row;
	return OK;
}

/* Who is alone has them all: those of its former runs too. */
static enum err due_read(struct reader *r, struct task *t)
{
	struct jobs_due *due = t->command;
	const struct jobs_window window = { .owner = db_is_shared(r->db) ? engine_node(r->engine) : 0,
					    .until_us = due->until_us,
					    .after_due = due->after_due,
					    .after_id = due->after_id,
					    .most = (int64_t)due->most };

	due->jobs = ARENA_ARRAY(t->arena, struct job, due->most + 1);
	due->count = 0;
	return jobs_due_before(r->db, &r->unit.arena, &window, due_seen, due);
}

static void claim_need(struct unit *u, const struct task *t)
{
	(void)u;
	(void)t;
}

static enum err claim_seen(void *arg, void *row)
{
	struct jobs_claim *claim = arg;

	claim->jobs[claim->count++] = *(const struct job *)row;
	return OK;
}

static enum err claim_act(struct unit *u, struct task *t)
{
	struct jobs_claim *c = t->command;
	const struct jobs_claim_by by = {
		.owner = u->node, .wall_us = u->wall_us, .from_due = c->from_due, .most = (int64_t)c->most
	};

	c->count = 0;
	c->left = false;
	if (!db_is_shared(u->db))
		return OK;
	c->jobs = ARENA_ARRAY(t->arena, struct job, c->most + 1);
	enum err e = jobs_claim(u->db, &u->arena, &by, claim_seen, c);
	return e || c->count == c->most ? e : jobs_any_orphan(u->db, &u->arena, u->wall_us, &c->left);
}

const struct verb verb_jobs_due = { .name = "jobs.due", .read = due_read };
const struct verb verb_jobs_claim = { .name = "jobs.claim", .need = claim_need, .act = claim_act, .background = true };

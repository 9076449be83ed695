/* service/reusable_photo.c: the picture of a reusable QR code's item: fetched by a job, kept in parts. */
#include "service/reusable.h"
#include "service/unit.h"

static void get_need(struct unit *u, const struct task *t)
{
	const struct photo_get *g = t->command;

	unit_need(u, NOUN_REUSABLE, g->reusable_id);
	unit_need(u, NOUN_PHOTO_PART, g->reusable_id);
}

/* The parts come in no order. */
static struct str whole(struct unit *u, struct arena *a, int64_t reusable_id)
{
	size_t bytes = 0;

	for (const struct photo_part *p = unit_find(u, NOUN_PHOTO_PART, reusable_id); p;
	     p = unit_next(u, (void *)(uintptr_t)p))
		bytes += p->content.n;
	char *all = arena_alloc(a, bytes + 1);
	for (const struct photo_part *p = unit_find(u, NOUN_PHOTO_PART, reusable_id); p;
	     p = unit_next(u, (void *)(uintptr_t)p)) {
		size_t at = (size_t)(p->no - 1) * PHOTO_PART_BYTES;

		must(p->no >= 1 && at <= bytes && p->content.n <= bytes - at);
		memcpy(all + at, p->content.p, p->content.n);
	}
	return (struct str){ all, bytes };
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct photo_get *g = t->command;
	const struct reusable *r = unit_find(u, NOUN_REUSABLE, g->reusable_id);

	if (!r || r->photo_state != PHOTO_KEPT)
		return ERR_PAYMENT_NOT_FOUND;
	g->type = arena_str(t->arena, r->photo_type);
	g->content = whole(u, t->arena, r->id);
	return OK;
}

static void wanted_need(struct unit *u, const struct task *t)
{
	const struct photo_wanted *w = t->command;

	unit_need(u, NOUN_REUSABLE, w->job.order_id);
	unit_need_own_job(u, &w->job);
}

static enum err wanted_act(struct unit *u, struct task *t)
{
	struct photo_wanted *w = t->command;
	const struct reusable *r = unit_find(u, NOUN_REUSABLE, w->job.order_id);

	w->live = unit_owns_job(u, &w->job) && r && r->photo_state == PHOTO_WANTED;
	if (w->live)
		w->url = arena_str(t->arena, r->photo_url);
	return OK;
}

static void result_need(struct unit *u, const struct task *t)
{
	const struct photo_result *r = t->command;

	unit_need_partner(u, r->job.partner_id);
	unit_need(u, NOUN_JOB, r->job.id);
	unit_need(u, NOUN_REUSABLE, r->job.order_id);
	unit_need(u, NOUN_PHOTO_PART, r->job.order_id);
}

static void keep(struct unit *u, const struct photo_result *result, struct reusable *r)
{
	struct str rest = result->content;

	must(rest.n <= PHOTO_MOST_BYTES);
	for (int no = 1; rest.n; no++) {
		struct photo_part part = { .reusable_id = r->id, .no = no, .content = rest };

		if (part.content.n > PHOTO_PART_BYTES)
			part.content.n = PHOTO_PART_BYTES;
		unit_add(u, NOUN_PHOTO_PART, &part);
		rest = str_skip(rest, part.content.n);
	}
	r->photo_state = PHOTO_KEPT;
	r->photo_type = str_of(result->type);
}

static enum err result_act(struct unit *u, struct task *t)
{
	const struct photo_result *result = t->command;
	struct job *job = unit_find(u, NOUN_JOB, result->job.id);
	struct reusable *r = unit_find(u, NOUN_REUSABLE, result->job.order_id);

	if (!job || job->fence != result->job.fence || !r || r->photo_state != PHOTO_WANTED)
		return ERR_CONFLICT;

	/* From here nothing can fail. */
	unit_counter(u, r->partner_id);
	if (!result->type && result->next_due_us) {
		job->tries++;
		job->due_at = result->next_due_us;
		unit_take_job(u, job);
		unit_touch(u, job);
		return OK;
	}
	if (result->type)
		keep(u, result, r);
	else
		r->photo_state = PHOTO_MISSED;
	unit_touch(u, r);
	unit_remove(u, job);
	return OK;
}

const struct verb verb_photo_get = { .name = "photo.get", .need = get_need, .act = get_act, .read_only = true };
const struct verb verb_photo_wanted = {
	.name = "photo.wanted", .need = wanted_need, .act = wanted_act, .read_only = true
};
const struct verb verb_photo_result = {
	.name = "photo.result", .need = result_need, .act = result_act, .background = true
};

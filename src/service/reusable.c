#include "service/reusable.h"

#include "service/repeat.h"

static struct repeat repeat_of(const struct task *t)
{
	const struct reusable_create *c = t->command;

	return (struct repeat){ t->partner_id, DIALECT_MOBIP, c->idempotency_key, c->idempotency_hash };
}

static void create_need(struct unit *u, const struct task *t)
{
	const struct repeat repeat = repeat_of(t);

	unit_need_partner(u, t->partner_id);
	repeat_need(u, t, &repeat);
}

static struct reusable *create_add(struct unit *u, const struct task *t, const struct partner *partner)
{
	const struct reusable_create *c = t->command;
	const struct reusable r = { .id = unit_id(u),
				    .partner_id = t->partner_id,
				    .currency = partner->home.number,
				    .item_amount = c->item_amount,
				    .tax_amount = c->tax_amount,
				    .item_name = c->item_name,
				    .photo_url = c->photo_url,
				    .video_url = c->video_url,
				    .message = c->message,
				    .reference = c->reference,
				    .category = c->category,
				    .brand = c->brand,
				    .photo_state = PHOTO_WANTED,
				    .created_at = u->now_us };

	unit_none(u, NOUN_PHOTO_PART, r.id);
	return unit_add(u, NOUN_REUSABLE, &r);
}

static enum err create_act(struct unit *u, struct task *t)
{
	struct reusable_create *c = t->command;
	const struct partner *partner = directory_partner(u->directory, t->partner_id);
	const struct repeat repeat = repeat_of(t);
	int64_t total;

	c->replayed = false; /* of a run that was rolled back */
	if (!partner)
		return ERR_FORBIDDEN;
	enum err e = repeat_known(u, t, &repeat, &c->id);
	if (e || c->id) {
		c->replayed = !e;
		return e;
	}
	if (c->item_amount < 0 || c->tax_amount < 0 || micros_add(c->item_amount, c->tax_amount, &total) || !total ||
	    total > MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	unit_counter(u, t->partner_id);

	/* From here nothing can fail. */
	const struct reusable *r = create_add(u, t, partner);
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = unit_row_id(u, NOUN_JOB),
				.kind = JOB_PHOTO,
				.order_id = r->id,
				.partner_id = r->partner_id,
				.currency = r->currency,
				.due_at = u->now_us,
				.owner = u->node });
	repeat_remember(u, t, &repeat, r->id);
	c->id = r->id;
	return OK;
}

static void get_need(struct unit *u, const struct task *t)
{
	unit_need(u, NOUN_REUSABLE, ((const struct reusable_get *)t->command)->id);
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct reusable_get *g = t->command;
	const struct reusable *r = unit_find(u, NOUN_REUSABLE, g->id);
	struct reusable *copy = &g->view.reusable;

	if (!r || (!g->is_public && r->partner_id != t->partner_id))
		return ERR_PAYMENT_NOT_FOUND;
	*copy = *r;
	struct str *texts[] = { &copy->item_name, &copy->photo_url, &copy->video_url, &copy->message,
				&copy->reference, &copy->category,  &copy->brand,     &copy->photo_type };
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(t->arena, *texts[i]);
	const struct partner *partner = directory_partner(u->directory, r->partner_id);
	g->view.merchant_name = partner ? arena_str(t->arena, partner->name) : STR("");
	return OK;
}

const struct verb verb_reusable_create = { .name = "reusable.create", .need = create_need, .act = create_act };
const struct verb verb_reusable_get = { .name = "reusable.get", .need = get_need, .act = get_act, .read_only = true };

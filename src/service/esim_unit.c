/* service/esim_unit.c: the eSIM's part in an order: its parent, its delivery, what follows its state. */
#include "service/esim_unit.h"

#include "json/reader.h"

/* ---- what an order brings ---- */

struct esim_delivery esim_delivery(struct unit *u, const struct order *o, struct str delivery)
{
	const struct product *p = o ? engine_product(u->engine, u->catalog, o->product_id, o->product_batch) : NULL;
	struct esim_delivery d = { STR_NONE, ESIM_REALTIME };
	struct json doc;

	if (!p || !p->service || p->service->id != SERVICE_ESIM || !delivery.p)
		return d;
	if (p->esim)
		d.category = p->esim->category;
	if (d.category != ESIM_ADDON && json_read(&u->arena, delivery, NULL, &doc) == OK)
		d.iccid = json_text(&u->arena, json_get(json_root(&doc), "serial"));
	return d;
}

void esim_need_delivery(struct unit *u, const struct order *o, const struct esim_delivery *d)
{
	if (!d->iccid.p)
		return;
	unit_need_text(u, NOUN_ESIM, ESIMS_ICCID, d->iccid);
	unit_need(u, NOUN_ESIM, o->root_id ? o->root_id : o->id);
}

bool esim_is_taken(struct unit *u, const struct order *o, const struct esim_delivery *d)
{
	(void)o;
	return d->iccid.p && unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, d->iccid);
}

static struct str esim_label(struct arena *a, int64_t order_id, int unit)
{
	return arena_printf(a, "esim %lld-%d", (long long)order_id, unit);
}

enum err esim_profile_open(const struct keys *keys, struct arena *a, const struct esim *esim, struct str *ret)
{
	return crypto_open(keys, a, esim_label(a, esim->order_id, esim->unit), esim->profile, ret);
}

void esim_deliver(struct unit *u, const struct order *o, const struct unit_ *unit, const struct esim_delivery *d,
		  struct str delivery)
{
	struct esim row = { .order_id = o->root_id ? o->root_id : o->id,
			    .unit = o->root_id ? 1 : unit->no,
			    .partner_id = o->partner_id,
			    .iccid = d->iccid,
			    .state = ESIM_ACTIVE,
			    .created_at = u->now_us,
			    .updated_at = u->now_us };

	if (!d->iccid.p)
		return;
	row.profile = crypto_seal(u->keys, &u->arena, esim_label(&u->arena, row.order_id, row.unit), delivery);
	struct esim *known = o->root_id ? unit_find(u, NOUN_ESIM, o->root_id) : NULL;
	if (!known) {
		unit_add(u, NOUN_ESIM, &row);
		return;
	}
	known->iccid = row.iccid;
	known->profile = row.profile;
	known->updated_at = u->now_us;
	unit_touch(u, known);
}

/* ---- what follows an order's state ---- */

void esim_follow(struct unit *u, const struct order *o)
{
	struct esim_link *link = o->root_id ? unit_find(u, NOUN_ESIM_LINK, o->root_id) : NULL;

	while (link && link->order_id != o->id)
		link = unit_next(u, link);
	if (link) {
		link->state = o->state;
		link->completed_at = o->state == ORDER_COMPLETED ? o->completed_at : link->completed_at;
		unit_touch(u, link);
	}
	if (o->root_id || o->state != ORDER_REVERSED)
		return;
	for (struct esim *esim = unit_find(u, NOUN_ESIM, o->id); esim; esim = unit_next(u, esim)) {
		esim->state = ESIM_WITHDRAWN;
		esim->updated_at = u->now_us;
		unit_touch(u, esim);
	}
}

/* ---- what an order is for ---- */

static struct order *parent_of(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;

	return p->parent.p ? unit_find_text(u, NOUN_ORDER, ORDERS_EXT_KEY,
					    order_ext_key(t->arena, t->partner_id, p->dialect, p->parent))
			   : NULL;
}

void esim_need_parent(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;

	if (p->parent.p)
		unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY,
			       order_ext_key(t->arena, t->partner_id, p->dialect, p->parent));
}

/* A child stands for its root. */
void esim_need_root(struct unit *u, const struct task *t)
{
	const struct order *parent = parent_of(u, t);

	if (!parent)
		return;
	int64_t root_id = parent->root_id ? parent->root_id : parent->id;
	unit_need(u, NOUN_ORDER, root_id);
	unit_need(u, NOUN_ESIM, root_id);
	unit_need(u, NOUN_ESIM_LINK, root_id);
}

static enum err parent_fault(struct task *t, const char *sentence)
{
	t->detail = str_of(sentence);
	return ERR_BAD_REQUEST;
}

enum err esim_check_parent(struct unit *u, struct task *t, const struct product *product, const struct order **ret_root)
{
	const struct order_place *p = t->command;
	bool hangs = product->esim && esim_hangs_on_root(product->esim->category);
	const struct order *parent = parent_of(u, t), *root;

	*ret_root = NULL;
	if (!hangs && !p->parent.p)
		return OK;
	if (!hangs)
		return parent_fault(t, "this product is not a top-up or a replacement");
	if (!p->parent.p)
		return parent_fault(t, "the order of the eSIM that this is for is required");
	if (!parent)
		return parent_fault(t, "there is no such order to top up or replace");
	root = unit_find(u, NOUN_ORDER, parent->root_id ? parent->root_id : parent->id);
	const struct esim *esim = root ? unit_find(u, NOUN_ESIM, root->id) : NULL;
	if (!root || root->state != ORDER_COMPLETED || !esim || esim->state != ESIM_ACTIVE)
		return parent_fault(t, "the order to top up or replace is not a completed eSIM");
	const struct product *first = engine_product(u->engine, u->catalog, root->product_id, root->product_batch);
	if (!first || !first->esim || first->esim->family_id != product->esim->family_id)
		return parent_fault(t, "the product is of another family than the eSIM");
	*ret_root = root;
	return OK;
}

struct str esim_account(struct unit *u, const struct order *root)
{
	const struct esim *esim = unit_find(u, NOUN_ESIM, root->id);

	return esim->iccid;
}

void esim_link_add(struct unit *u, const struct order *o, const struct product *product)
{
	int no = 1;

	for (struct esim_link *link = unit_find(u, NOUN_ESIM_LINK, o->root_id); link; link = unit_next(u, link))
		no = link->no >= no ? link->no + 1 : no;
	unit_add(u, NOUN_ESIM_LINK,
		 &(struct esim_link){ .root_id = o->root_id,
				      .no = no,
				      .order_id = o->id,
				      .reference = order_reference(o),
				      .category = (int)product->esim->category,
				      .product_id = product->id,
				      .product_batch = product->batch,
				      .state = ORDER_CREATED });
}

/* ---- what is shown with an order ---- */

static void copy_esims(struct unit *u, struct arena *a, int64_t root_id, struct order_extras *x)
{
	size_t n = 0;

	for (struct esim *esim = unit_find(u, NOUN_ESIM, root_id); esim; esim = unit_next(u, esim))
		n++;
	struct esim *esims = ARENA_ARRAY(a, struct esim, n + 1);
	for (struct esim *esim = unit_find(u, NOUN_ESIM, root_id); esim; esim = unit_next(u, esim)) {
		struct esim *copy = &esims[x->esim_count++];

		*copy = *esim;
		copy->iccid = arena_str(a, esim->iccid);
		copy->profile = arena_str(a, esim->profile);
	}
	x->esims = esims;
}

static void copy_links(struct unit *u, struct arena *a, int64_t root_id, struct order_extras *x)
{
	size_t n = 0;

	for (struct esim_link *link = unit_find(u, NOUN_ESIM_LINK, root_id); link; link = unit_next(u, link))
		n++;
	struct esim_link *links = ARENA_ARRAY(a, struct esim_link, n + 1);
	for (struct esim_link *link = unit_find(u, NOUN_ESIM_LINK, root_id); link; link = unit_next(u, link)) {
		size_t at = x->link_count++;

		/* Rows come in no order. */
		for (; at > 0 && links[at - 1].no > link->no; at--)
			links[at] = links[at - 1];
		links[at] = *link;
		links[at].reference = arena_str(a, link->reference);
	}
	x->links = links;
}

struct order_extras *esim_extras(struct unit *u, struct arena *a, const struct order *o)
{
	struct order_extras *x = ARENA_NEW(a, struct order_extras);
	const struct order_details *details = unit_find(u, NOUN_DETAILS, o->id);
	const struct kyc_check *kyc = unit_find(u, NOUN_KYC, o->id);
	const struct order *root = o->root_id ? unit_find(u, NOUN_ORDER, o->root_id) : NULL;

	x->details = details ? arena_str(a, details->doc) : STR_NONE;
	x->kyc = kyc ? kyc->state : 0;
	copy_esims(u, a, o->root_id ? o->root_id : o->id, x);
	copy_links(u, a, o->root_id ? o->root_id : o->id, x);
	if (root) {
		struct order *copy = ARENA_NEW(a, struct order);

		*copy = (struct order){ .id = root->id,
					.partner_id = root->partner_id,
					.dialect = root->dialect,
					.ext_key = arena_str(a, root->ext_key),
					.state = root->state,
					.sandbox = root->sandbox,
					.product_id = root->product_id,
					.product_batch = root->product_batch,
					.completed_at = root->completed_at };
		x->root = copy;
	}
	return x;
}

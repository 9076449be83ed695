/* service/esim_get.c: an order with its eSIM, as buyers look at it, and what the network says. */
#include "service/esim_unit.h"

#include "service/reader.h"

/* What the network says of an eSIM, if there is a look-up to ask. NULL if nobody knows. */
static struct esim_usage *usage_of(const struct unit *u, const struct task *t, const struct esim_get *g,
				   const struct esim *esim)
{
	const struct order_extras *x = g->view.extras;
	const struct order *root = x->root ? x->root : &g->view.order;
	struct esim_usage *usage = ARENA_NEW(t->arena, struct esim_usage);
	struct esim_package *packages = ARENA_ARRAY(t->arena, struct esim_package, x->link_count + 1);
	size_t n = 0;

	if (!g->root_product)
		return NULL;
	packages[n++] = esim_package_of(g->root_product, esim->created_at, esim->order_id);
	for (size_t i = 0; i < x->link_count; i++) {
		const struct esim_link *link = &x->links[i];
		const struct product *p = engine_product(u->engine, t->catalog, link->product_id, link->product_batch);

		if (p && link->unit == esim->unit && link->category == ESIM_ADDON &&
		    order_has_paid((enum order_state)link->state))
			packages[n++] = esim_package_of(p, link->completed_at, link->order_id);
	}
	*usage = (struct esim_usage){ .packages = packages, .package_count = n };
	/* A sandbox makes a life up; of an eSIM that a supplier has sold for real it knows nothing. */
	if (!g->lookup || !g->lookup->esim || !root->sandbox)
		return usage;
	usage->is_told =
		g->lookup->esim(g->lookup->arg, t->arena, esim->iccid, esim->created_at, u->now_us, usage) == OK;
	return usage->is_told ? usage : NULL;
}

/* Rows that are known by others, one round at a time. */
static enum err load_view(struct unit *u, const struct task *t, const struct order_name *name, struct order **ret)
{
	name_need(u, t, name);
	enum err e = unit_load(u);
	if (e)
		return e;
	if (!name->id && !name->reference.p) {
		const struct esim *esim = unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, name->iccid);

		if (!esim || esim->partner_id != t->partner_id)
			return ERR_ORDER_NOT_FOUND;
		unit_need(u, NOUN_ORDER, esim->order_id);
		e = unit_load(u);
	}
	struct order *o = e ? NULL : name_find(u, t, name);
	if (!e && !o)
		return ERR_ORDER_NOT_FOUND;
	if (!e) {
		order_need_view(u, o->id);
		order_need_extras(u, o);
		e = unit_load(u);
	}
	*ret = o;
	return e;
}

/* All versions that the order and its eSIM were bought with: what cannot be read is not a package less. */
static enum err need_products(struct unit *u, const struct task *t, const struct order *o)
{
	const struct order *root = o->root_id ? unit_find(u, NOUN_ORDER, o->root_id) : NULL;
	enum err e = order_need_product(u, t->catalog, o);

	if (!e && root)
		e = order_need_product(u, t->catalog, root);
	struct esim_link *link = unit_find(u, NOUN_ESIM_LINK, o->root_id ? o->root_id : o->id);
	for (; link && !e; link = unit_next(u, link))
		e = engine_need_product(u->engine, t->catalog, link->product_id, link->product_batch);
	return e;
}

static void find_usage(struct unit *u, struct task *t, struct esim_get *g)
{
	const struct order_extras *x = g->view.extras;
	const struct order *root = x->root ? x->root : &g->view.order;

	g->root_product = engine_product(u->engine, t->catalog, root->product_id, root->product_batch);
	g->usage = NULL;
	g->named = 0;
	while (g->named < x->esim_count && !str_eq(x->esims[g->named].iccid, g->name.iccid))
		g->named++;
	g->can_renew = g->named < x->esim_count && esim_can_renew(u, t->catalog, &x->esims[g->named], root);
	if (!x->esim_count)
		return;
	struct esim_usage *usages = ARENA_ARRAY(t->arena, struct esim_usage, x->esim_count);
	for (size_t i = 0; i < x->esim_count; i++) {
		const struct esim_usage *usage = usage_of(u, t, g, &x->esims[i]);

		if (!usage)
			return;
		usages[i] = *usage;
	}
	g->usage = usages;
}

static enum err show(struct unit *u, struct task *t, struct esim_get *g, const struct order *o)
{
	enum err e = need_products(u, t, o);

	if (e)
		return e;
	order_view(u, t->arena, t->catalog, o, &g->view);
	find_usage(u, t, g);
	return OK;
}

/* ---- by its number: many at once, from one snapshot of the store ---- */

static void get_need(struct unit *u, const struct task *t)
{
	name_need(u, t, &((const struct esim_get *)t->command)->name);
}

static void get_need_more(struct unit *u, const struct task *t)
{
	name_need_view(u, t, &((const struct esim_get *)t->command)->name);
}

static enum err get_act(struct unit *u, struct task *t)
{
	struct esim_get *g = t->command;
	const struct order *o = name_find(u, t, &g->name);

	g->is_found = o != NULL;
	return o ? show(u, t, g, o) : ERR_ORDER_NOT_FOUND;
}

/* ---- by an ICCID, or by who may see it: one round more ---- */

static enum err read_order(struct reader *r, struct task *t, struct esim_get *g)
{
	struct unit *u = &r->unit;
	struct order *o = NULL;
	bool is_named = g->name.id || g->name.reference.p || g->name.iccid.p;
	enum err e = is_named ? load_view(u, t, &g->name, &o) : ERR_ORDER_NOT_FOUND;

	g->is_found = !e;
	if (e)
		return e == ERR_ORDER_NOT_FOUND && g->optional ? OK : e;
	return show(u, t, g, o);
}

static enum err esim_find_read(struct reader *r, struct task *t)
{
	return read_order(r, t, t->command);
}

static enum err esim_public_read(struct reader *r, struct task *t)
{
	struct esim_public *p = t->command;

	unit_need(&r->unit, NOUN_ORDER, p->order_id);
	enum err e = unit_load(&r->unit);
	const struct order *o = e ? NULL : unit_find(&r->unit, NOUN_ORDER, p->order_id);
	if (!o || !order_keeps_details(o))
		return e ? e : ERR_ORDER_NOT_FOUND;
	t->partner_id = o->partner_id;
	p->get.name = (struct order_name){ .id = o->id, .dialect = (enum dialect)o->dialect };
	return read_order(r, t, &p->get);
}

static enum err terms_read(struct reader *r, struct task *t)
{
	struct refund_ask *ask = t->command;
	struct unit *u = &r->unit;
	struct esim_get g = { .lookup = ask->lookup };
	struct order *o;
	enum err e = load_view(u, t, &ask->name, &o);

	if (!e)
		e = show(u, t, &g, o);
	if (e)
		return e;
	ask->terms = refund_terms(u, o);
	if (ask->terms.is_eligible && g.usage && g.usage[0].installed_us)
		ask->terms = (struct refund_terms){ .reason = "The eSIM is installed" };
	return OK;
}

const struct verb verb_esim_get = {
	.name = "esim.get", .need = get_need, .need_more = get_need_more, .act = get_act, .read_only = true
};
const struct verb verb_esim_find = { .name = "esim.find", .read = esim_find_read };
const struct verb verb_esim_public = { .name = "esim.public", .read = esim_public_read };
const struct verb verb_refund_terms = { .name = "refund.terms", .read = terms_read };

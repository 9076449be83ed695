/* service/esim_unit.c: the eSIM's part in an order: its parent, its delivery, what follows its state. */
#include "service/esim_unit.h"

#include "core/catalog_query.h"
#include "core/shop.h"
#include "service/seals.h"
#include "json/reader.h"

/* ---- what an order brings ---- */

bool product_is_profile(const struct product *p)
{
	return p->service && p->service->id == SERVICE_ESIM;
}

struct str profile_iccid(struct arena *a, struct str plain)
{
	struct json doc;

	return json_read(a, plain, NULL, &doc) ? STR_NONE : json_text(a, json_get(json_root(&doc), "serial"));
}

struct esim_delivery esim_delivery(struct unit *u, const struct order *o, struct str delivery)
{
	const struct product *p = o ? engine_product(u->engine, u->catalog, o->product_id, o->product_batch) : NULL;
	struct esim_delivery d = { STR_NONE, ESIM_REALTIME };

	if (!p || !product_is_profile(p) || !delivery.p)
		return d;
	if (p->esim)
		d.category = p->esim->category;
	if (o->root_id && d.category == ESIM_REALTIME) /* put on an eSIM that is there */
		d.category = ESIM_ADDON;
	if (d.category != ESIM_ADDON)
		d.iccid = profile_iccid(&u->arena, delivery);
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

enum err esim_profile_open(const struct keys *keys, struct arena *a, const struct esim *esim, struct str *ret)
{
	return crypto_open(keys, a, esim_seal_label(a, esim), esim->profile, ret);
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
	row.profile = crypto_seal(u->keys, &u->arena, esim_seal_label(&u->arena, &row), delivery);
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

	if (p->iccid.p) {
		unit_need_text(u, NOUN_ESIM, ESIMS_ICCID, p->iccid);
		unit_need(u, NOUN_ACCOUNT, account_wallet(t->partner_id, (struct currency){ p->currency }));
	}
	if (p->parent.p)
		unit_need_text(u, NOUN_ORDER, ORDERS_EXT_KEY,
			       order_ext_key(t->arena, t->partner_id, p->dialect, p->parent));
}

/* A child stands for its root. */
void esim_need_root(struct unit *u, const struct task *t)
{
	const struct order_place *p = t->command;
	const struct order *parent = parent_of(u, t);
	const struct esim *esim = p->iccid.p ? unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, p->iccid) : NULL;

	if (!parent && (!esim || esim->partner_id != t->partner_id))
		return;
	int64_t root_id = !parent ? esim->order_id : parent->root_id ? parent->root_id : parent->id;
	unit_need(u, NOUN_ORDER, root_id);
	unit_need(u, NOUN_ESIM, root_id);
	unit_need(u, NOUN_ESIM_LINK, root_id);
}

static enum err parent_fault(struct task *t, const char *sentence)
{
	t->detail = str_of(sentence);
	return ERR_BAD_REQUEST;
}

struct esim *esim_of_iccid(struct unit *u, const struct task *t, enum dialect dialect, struct str iccid)
{
	struct esim *esim = unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, iccid);
	const struct order *o =
		esim && unit_has(u, NOUN_ORDER, esim->order_id) ? unit_find(u, NOUN_ORDER, esim->order_id) : NULL;

	/* Nobody learns that somebody else's ICCID exists. */
	return o && o->partner_id == t->partner_id && o->dialect == (int)dialect ? esim : NULL;
}

bool esim_can_renew(struct unit *u, const struct catalog *catalog, const struct esim *esim, const struct order *root)
{
	const struct product *now = catalog_product(catalog, CATALOG_ALL_LISTS, root->product_id);
	const struct product *p = now ? now : engine_product(u->engine, catalog, root->product_id, root->product_batch);
	const struct route *routes[ORDER_ROUTES_MAX];

	return esim->state == ESIM_ACTIVE && (root->state == ORDER_COMPLETED || root->state == ORDER_PARTIAL) && p &&
	       p->sku && p->sku->is_renewable && order_routes(root->sandbox, p, routes) > 0;
}

/* A made-up eSIM is not topped up for real, nor a real one by the sandbox: its partner has changed the mode since. */
static bool is_of_same_mode(const struct unit *u, const struct task *t, const struct order *root)
{
	const struct partner *partner = directory_partner(u->directory, t->partner_id);

	return partner && partner->sandbox == (root->sandbox != 0);
}

/* What the command names by an ICCID: the eSIM's order, if the product can be put on it. */
static enum err check_topped_up(struct unit *u, struct task *t, const struct product *product,
				const struct order **ret_root)
{
	const struct order_place *p = t->command;
	const struct esim *esim = esim_of_iccid(u, t, p->dialect, p->iccid);

	if (!esim)
		return ERR_ESIM_NOT_FOUND;
	const struct order *root = unit_find(u, NOUN_ORDER, esim->order_id);
	enum err e = order_need_product(u, t->catalog, root);
	if (e)
		return e;
	if (!is_of_same_mode(u, t, root) || !esim_can_renew(u, t->catalog, esim, root))
		return ERR_ESIM_NOT_RENEWABLE;
	const struct product *first = engine_product(u->engine, u->catalog, root->product_id, root->product_batch);
	if (!product) {
		t->detail = STR("sku_uuid: what the eSIM was bought with is not for sale any more: say another");
		return p->product_id ? ERR_PRODUCT_NOT_FOUND : ERR_ESIM_NOT_RENEWABLE;
	}
	if (!first || !esim_tops_up(product, first)) {
		t->detail = STR("sku_uuid: must be a SKU for this eSIM");
		return ERR_BAD_REQUEST;
	}
	*ret_root = root;
	return OK;
}

enum err esim_check_parent(struct unit *u, struct task *t, const struct product *product, const struct order **ret_root)
{
	const struct order_place *p = t->command;
	bool hangs = product && product->esim && esim_hangs_on_root(product->esim->category);
	const struct order *parent = parent_of(u, t), *root;

	*ret_root = NULL;
	if (p->iccid.p)
		return check_topped_up(u, t, product, ret_root);
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
	if (!is_of_same_mode(u, t, root))
		return parent_fault(t, "the eSIM was bought in another mode, sandbox or live, than the account's now");
	enum err e = order_need_product(u, t->catalog, root);
	if (e)
		return e;
	const struct product *first = engine_product(u->engine, u->catalog, root->product_id, root->product_batch);
	if (!first || !first->esim || first->esim->family_id != product->esim->family_id)
		return parent_fault(t, "the product is of another family than the eSIM");
	*ret_root = root;
	return OK;
}

const struct esim *esim_to_top_up(struct unit *u, const struct task *t, const struct order *root)
{
	const struct order_place *p = t->command;

	return p->iccid.p ? unit_find_text(u, NOUN_ESIM, ESIMS_ICCID, p->iccid) : unit_find(u, NOUN_ESIM, root->id);
}

void esim_link_add(struct unit *u, const struct order *o, const struct product *product, int unit)
{
	int no = 1;

	for (struct esim_link *link = unit_find(u, NOUN_ESIM_LINK, o->root_id); link; link = unit_next(u, link))
		no = link->no >= no ? link->no + 1 : no;
	unit_add(u, NOUN_ESIM_LINK,
		 &(struct esim_link){ .root_id = o->root_id,
				      .no = no,
				      .order_id = o->id,
				      .reference = order_reference(o),
				      .unit = unit,
				      .category = product->esim && product->esim->category == ESIM_REPLACEMENT
							  ? ESIM_REPLACEMENT
							  : ESIM_ADDON,
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

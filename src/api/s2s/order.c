#include "api/s2s/order.h"

#include "base/uuid.h"
#include "core/shop.h"

struct str s2s_order_uuid(const struct keys *keys, struct arena *a, int64_t order_id)
{
	return uuid_of_id(keys, a, "order", order_id);
}

struct str s2s_esim_uuid(const struct keys *keys, struct arena *a, int64_t order_id, int unit)
{
	return uuid_of_id(keys, a, arena_printf(a, "esim %d", unit).p, order_id);
}

static const struct {
	const char *status;
	unsigned states;
} statuses[] = {
	{ "created", 1u << ORDER_CREATED },
	{ "processing", 1u << ORDER_CONFIRMED | 1u << ORDER_SUBMITTED },
	{ "completed", 1u << ORDER_COMPLETED | 1u << ORDER_REVERSED },
	{ "partially_completed", 1u << ORDER_PARTIAL },
	{ "failed", 1u << ORDER_DECLINED | 1u << ORDER_REJECTED },
	{ "cancelled", 1u << ORDER_CANCELLED | 1u << ORDER_EXPIRED },
};

const char *s2s_order_status(const struct order *o)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (statuses[i].states >> o->state & 1)
			return statuses[i].status;
	return "processing";
}

unsigned s2s_order_states(struct str status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (str_is(status, statuses[i].status))
			return statuses[i].states;
	return 0;
}

void s2s_put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o)
{
	json_str(w, "id", s2s_order_uuid(keys, a, o->id));
	json_str(w, "external_id", order_reference(o));
	json_strz(w, "status", s2s_order_status(o));
}

/* Where an order is shown, and what it is shown with. */
struct rendering {
	struct json_writer *w;
	struct arena *a;
	const struct keys *keys;
	bool single;  /* alone: its items have ids */
	bool webhook; /* fewer members, other names for a voucher's (s2s.md 6) */
};

struct delivered {
	struct str code, serial, expires;
};

static enum err open_unit(const struct rendering *r, const struct unit_ *unit, struct delivered *ret)
{
	struct str plain;
	struct json doc;

	*ret = (struct delivered){ STR_NONE, STR_NONE, STR_NONE };
	if (!unit->delivery.p)
		return OK;
	enum err e =
		crypto_open(r->keys, r->a, unit_seal_label(r->a, unit->order_id, unit->no), unit->delivery, &plain);
	if (e)
		return e;
	if (json_read(r->a, plain, NULL, &doc))
		return ERR_SEALED;
	ret->code = json_text(r->a, json_get(json_root(&doc), "code"));
	ret->serial = json_text(r->a, json_get(json_root(&doc), "serial"));
	ret->expires = json_text(r->a, json_get(json_root(&doc), "expires"));
	return OK;
}

static void put_voucher(const struct rendering *r, const struct delivered *d)
{
	json_str(r->w, "pin", d->code);
	if (r->webhook) {
		json_str(r->w, "serial_number", d->serial.p ? d->serial : STR(""));
		json_str(r->w, "expiration_date", d->expires);
	} else {
		json_str(r->w, "expiration", d->expires);
		json_str(r->w, "serialNumber", d->serial.p ? d->serial : STR(""));
	}
}

/* The code of a profile is "LPA:1$host$matching id". */
static void put_profile(const struct rendering *r, const struct unit_ *unit, const struct delivered *d)
{
	struct str rest = d->code;

	str_cut(&rest, '$');
	struct str host = str_cut(&rest, '$');
	json_str(r->w, "iccid", d->serial);
	json_str(r->w, "qr_code", d->code);
	json_str(r->w, "smdp_address", host);
	json_str(r->w, "activation_code", rest);
	json_str(r->w, "esim_id", s2s_esim_uuid(r->keys, r->a, unit->order_id, unit->no));
	json_strz(r->w, "status", "Released");
}

/* A package was put on an eSIM that is there. */
static void put_topped_up(const struct rendering *r, const struct order *o)
{
	json_str(r->w, "iccid", o->credit_account);
	json_strz(r->w, "status", "recharged");
	json_strz(r->w, "message", "Package successfully added to existing eSIM");
}

static enum err put_unit(const struct rendering *r, const struct order_view *view, const struct unit_ *unit)
{
	const struct product *p = view->product;
	struct delivered d;
	enum err e = open_unit(r, unit, &d);

	if (e)
		return e;
	json_obj(r->w, NULL);
	if (view->order.root_id) {
		put_topped_up(r, &view->order);
	} else if (p->service->id == SERVICE_ESIM) {
		put_profile(r, unit, &d);
	} else if (product_is_pin(p) || d.code.p) {
		put_voucher(r, &d);
	} else {
		json_strz(r->w, "status", "recharged");
		json_str(r->w, "reference", unit->operator_reference);
		json_strz(r->w, "message", "The recharge was carried out");
	}
	json_end(r->w);
	return OK;
}

/* What was delivered is shown once the order has ended, and only then. */
static enum err put_delivery(const struct rendering *r, const struct order_view *view)
{
	const struct order *o = &view->order;
	bool ended = o->state == ORDER_COMPLETED || o->state == ORDER_PARTIAL || o->state == ORDER_REVERSED;
	enum err e = OK;

	json_arr(r->w, "delivery_data");
	for (size_t i = 0; i < view->unit_count && ended && !e; i++)
		if (view->units[i].state == UNIT_DELIVERED)
			e = put_unit(r, view, &view->units[i]);
	json_end(r->w);
	return e;
}

static void put_customer_data(const struct rendering *r, const struct json_token *details)
{
	struct str fields = json_raw(json_get(details, "fields"));

	json_raw_value(r->w, "customer_data", fields);
}

static const char *failure_of(const struct order *o)
{
	static const char *const words[ORDER_REASONS] = {
		[REASON_NONE] = "The order was not carried out",
		[REASON_CREDIT_PARTY_INVALID] = "The recipient is not valid",
		[REASON_CREDIT_PARTY_BARRED] = "The recipient is barred",
		[REASON_CREDIT_PARTY_INELIGIBLE] = "The recipient cannot be served",
		[REASON_OPERATOR_UNAVAILABLE] = "The operator is not available",
		[REASON_DUPLICATED] = "The operator takes it for a duplicate",
		[REASON_NO_ROUTE] = "Nobody can deliver it at this time",
	};

	if (o->state != ORDER_DECLINED && o->state != ORDER_REJECTED)
		return NULL;
	return words[o->reason] ? words[o->reason] : words[REASON_NONE];
}

static enum err put_item(const struct rendering *r, const struct order_view *view, const struct json_token *details)
{
	const struct order *o = &view->order;
	const struct product *p = view->product;

	json_obj(r->w, NULL);
	if (r->single)
		json_int(r->w, "id", o->id);
	json_str(r->w, "sku_id", p->sku ? p->sku->uuid : STR_NONE);
	if (!r->webhook)
		json_str(r->w, "sku_name", p->name);
	json_int(r->w, "quantity", o->quantity);
	json_decimal(r->w, "price", o->amount / o->quantity);
	if (product_is_ranged(p))
		json_decimal(r->w, "amount", o->adjusted_destination);
	if (!r->webhook)
		json_str(r->w, "currency", currency_code((struct currency){ o->currency }));
	json_strz(r->w, "status", s2s_order_status(&view->order));
	enum err e = put_delivery(r, view);
	if (e)
		return e;
	if (!r->webhook)
		put_customer_data(r, details);
	json_strz(r->w, "error_message", failure_of(o));
	json_end(r->w);
	return OK;
}

static enum err put_order(const struct rendering *r, const char *name, const struct order_view *view)
{
	const struct order *o = &view->order;
	const struct json_token *details = NULL;
	struct json doc;

	if (!view->product)
		return ERR_STORE_FAILED;
	if (view->extras && view->extras->details.p) {
		if (json_read(r->a, view->extras->details, NULL, &doc))
			return ERR_STORE_FAILED;
		details = json_root(&doc);
	}
	json_obj(r->w, name);
	json_str(r->w, "id", s2s_order_uuid(r->keys, r->a, o->id));
	json_str(r->w, "external_id", order_reference(o));
	json_strz(r->w, "status", s2s_order_status(&view->order));
	json_decimal(r->w, "total_amount", o->amount + o->fee);
	json_str(r->w, "currency", currency_code((struct currency){ o->currency }));
	json_raw_value(r->w, "metadata", json_raw(json_get(details, "metadata")));
	if (r->webhook)
		json_time(r->w, "completed_at", o->completed_at, 0, "+00:00");
	else
		json_time(r->w, "created_at", o->created_at, 0, "+00:00");
	json_arr(r->w, "items");
	enum err e = put_item(r, view, details);
	if (e)
		return e;
	json_end(r->w);
	json_end(r->w);
	return OK;
}

static struct rendering rendering_of(struct request *rq, struct json_writer *w, bool single)
{
	return (struct rendering){ .w = w, .a = &rq->x->arena, .keys = rq->keys, .single = single };
}

static void put_or_fail(struct request *rq, const struct rendering *r, const char *name, const struct order_view *view)
{
	enum err e = put_order(r, name, view);

	if (e)
		request_add_fault(rq, e, STR_NONE);
	else
		request_shows(rq, view);
}

void s2s_put_placed(struct request *rq, struct json_writer *w, const char *message)
{
	const struct order_place *c = rq->task.command;
	const struct rendering r = rendering_of(rq, w, false);

	if (c->replayed) {
		rq->x->status = 200;
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	}
	json_obj(w, NULL);
	json_bool(w, "success", true);
	json_strz(w, "message", message);
	put_or_fail(rq, &r, "data", &c->view);
	if (!rq->fault_count)
		json_end(w);
}

void s2s_create_render(struct request *rq, struct json_writer *w)
{
	s2s_put_placed(rq, w, "Order created successfully");
}

void s2s_order_render(struct request *rq, struct json_writer *w)
{
	const struct order_get *c = rq->task.command;
	const struct rendering r = rendering_of(rq, w, true);

	if (!order_is_final((enum order_state)c->view.order.state))
		http_reply_header(rq->x, "Retry-After", STR("2"));
	json_obj(w, NULL);
	json_bool(w, "success", true);
	put_or_fail(rq, &r, "data", &c->view);
	if (!rq->fault_count)
		json_end(w);
}

void s2s_put_orders(struct request *rq, struct json_writer *w, const struct order_view *views, size_t count)
{
	const struct rendering r = rendering_of(rq, w, false);

	json_arr(w, "data");
	for (size_t i = 0; i < count && !rq->fault_count; i++)
		put_or_fail(rq, &r, NULL, &views[i]);
	if (!rq->fault_count)
		json_end(w);
}

enum err s2s_put_webhook_order(struct json_writer *w, struct arena *a, const struct keys *keys,
			       const struct order_view *view)
{
	const struct rendering r = { .w = w, .a = a, .keys = keys, .webhook = true };

	return put_order(&r, "order", view);
}

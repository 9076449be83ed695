#include "api/dvs/transaction.h"

#include "api/dvs/esim.h"
#include "api/dvs/parts.h"
#include "api/dvs/product.h"
#include "api/dvs/status.h"
#include "api/dvs/words.h"
#include "core/price_list.h"
#include "json/reader.h"

static void put_status(struct json_writer *w, const struct order *o)
{
	const struct dvs_status *status = dvs_status((enum order_state)o->state, (enum order_reason)o->reason);
	enum dvs_class class = dvs_status_class(status);

	json_obj(w, "status");
	json_int(w, "id", status->id);
	json_strz(w, "message", status->message);
	json_obj(w, "class");
	json_int(w, "id", (int64_t) class);
	json_strz(w, "message", dvs_class_name(class));
	json_end(w);
	json_end(w);
}

static void put_product(struct json_writer *w, const struct product *p)
{
	struct str description;
	struct str title = product_name(p, LOCALE_DEFAULT, &description);

	json_obj(w, "product");
	json_int(w, "id", p->id);
	json_str(w, "name", title);
	dvs_put_text(w, "description", description);
	json_strz(w, "type", dvs_word(dvs_product_types, (int)p->type));
	dvs_put_tags(w, "tags", p);
	dvs_put_product_service(w, "service", p);
	dvs_put_operator(w, "operator", p->op, LOCALE_DEFAULT);
	dvs_put_regions(w, "regions", p->regions, p->region_count);
	if (product_is_pin(p))
		dvs_put_pin_info(w, "pin", p->pin);
	json_end(w);
}

static void put_amount(struct json_writer *w, const char *name, int currency, int64_t amount, const int64_t *fee)
{
	json_obj(w, name);
	json_strz(w, "unit_type", "CURRENCY");
	json_str(w, "unit", currency_code((struct currency){ currency }));
	json_decimal(w, "amount", amount);
	if (fee)
		json_decimal(w, "fee", *fee);
	json_end(w);
}

static void put_prices(struct json_writer *w, const struct order *o)
{
	json_obj(w, "prices");
	put_amount(w, "wholesale", o->currency, o->amount, &o->fee);
	if (o->retail_currency)
		put_amount(w, "retail", o->retail_currency, o->retail_amount, &o->retail_fee);
	else
		json_null(w, "retail");
	json_end(w);
}

/* By the ends of the listed ranges, as the product's own page shows them. */
static void put_rates(struct json_writer *w, const struct order *o, const struct product *p)
{
	struct span wholesale = { { o->currency }, o->amount, o->amount, 0 };
	struct span retail = { { o->retail_currency }, o->retail_amount, o->retail_amount, 0 };
	int list = price_list_find(o->price_list);
	const struct price *price = list < 0 ? NULL : product_price(p, list);

	if (price)
		dvs_put_rates(w, "rates", p, &price->wholesale, &price->retail);
	else
		dvs_put_rates(w, "rates", p, &wholesale, &retail);
}

/* Of a fixed product the benefit itself; of a ranged one its share of the range, exactly. */
static void put_share(struct json_writer *w, const char *name, const struct order *o, const struct product *p,
		      int64_t min, int64_t max)
{
	__int128 range = (__int128)p->destination.max - p->destination.min;
	__int128 at = (__int128)o->adjusted_destination - p->destination.min;

	if (!product_is_ranged(p) || range <= 0 || min == max)
		json_decimal(w, name, max);
	else
		json_ratio(w, name, min * range + ((__int128)max - min) * at, range * 1000000);
}

static void put_benefits(struct json_writer *w, const struct order *o, const struct product *p)
{
	if (p->benefit_count == 0) {
		json_null(w, "benefits");
		return;
	}
	json_arr(w, "benefits");
	for (size_t i = 0; i < p->benefit_count; i++) {
		const struct benefit *b = &p->benefits[i];

		json_obj(w, NULL);
		json_strz(w, "type", dvs_word(dvs_benefit_types, (int)b->type));
		json_strz(w, "unit_type", dvs_word(dvs_unit_types, (int)b->unit_type));
		json_str(w, "unit", b->unit);
		json_str(w, "additional_information", b->additional_information);
		json_obj(w, "amount");
		put_share(w, "base", o, p, b->base_min, b->base_max);
		put_share(w, "promotion_bonus", o, p, b->bonus_min, b->bonus_max);
		put_share(w, "total_excluding_tax", o, p, b->excluding_tax_min, b->excluding_tax_max);
		put_share(w, "total_including_tax", o, p, b->including_tax_min, b->including_tax_max);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void put_values(struct json_writer *w, const char *name, const struct product *p, int64_t source,
		       int64_t destination)
{
	json_obj(w, name);
	put_amount(w, "source", p->source.cur.number, source, NULL);
	put_amount(w, "destination", p->destination.cur.number, destination, NULL);
	json_end(w);
}

static void put_product_parts(struct json_writer *w, const struct order *o, const struct product *p)
{
	put_rates(w, o, p);
	put_benefits(w, o, p);
	dvs_put_promotions(w, "promotions", p, o->created_at, LOCALE_DEFAULT);
	if (product_is_ranged(p)) {
		put_values(w, "requested_values", p, o->requested_source, o->requested_destination);
		put_values(w, "adjusted_values", p, o->adjusted_source, o->adjusted_destination);
	}
}

/* The six objects as the buyer gave them; those not given are left out. */
static enum err put_parties(const struct dvs_rendering *r, struct str parties)
{
	struct json doc;

	if (!parties.p)
		return OK;
	enum err e = json_read(r->arena, parties, NULL, &doc);
	if (e)
		return ERR_STORE_FAILED;
	const struct json_token *root = json_root(&doc);
	for (const struct json_token *key = json_first(root); key; key = json_next(root, key)) {
		json_key(r->w, json_text(r->arena, key));
		json_raw_value(r->w, NULL, json_raw(json_value(key)));
	}
	return OK;
}

static bool is_completed(const struct order *o)
{
	return o->state == ORDER_COMPLETED || o->state == ORDER_PARTIAL;
}

/* The first unit that has something for the customer; DVS sells one unit an order. */
static const struct unit_ *delivered_unit(const struct order_view *view)
{
	for (size_t i = 0; i < view->unit_count; i++)
		if (view->units[i].delivery.p)
			return &view->units[i];
	return NULL;
}

/* Opens what was delivered: only of a completed order, whatever is stored. */
static enum err open_delivery(const struct dvs_rendering *r, const struct order_view *view, struct dvs_delivery *ret)
{
	const struct unit_ *unit = is_completed(&view->order) ? delivered_unit(view) : NULL;
	struct str plain;
	struct json doc;

	if (!unit)
		return OK;
	struct str label = unit_seal_label(r->arena, unit->order_id, unit->no);
	enum err e = crypto_open(r->keys, r->arena, label, unit->delivery, &plain);
	if (e)
		return e;
	if (json_read(r->arena, plain, NULL, &doc))
		return ERR_SEALED;
	ret->code = json_text(r->arena, json_get(json_root(&doc), "code"));
	ret->serial = json_text(r->arena, json_get(json_root(&doc), "serial"));
	return OK;
}

static void put_operator_reference(struct json_writer *w, const struct order_view *view)
{
	if (view->unit_count && view->units[0].operator_reference.p)
		json_str(w, "operator_reference", view->units[0].operator_reference);
}

static void put_pin(struct json_writer *w, const struct dvs_delivery *delivery)
{
	if (!delivery->code.p && !delivery->serial.p)
		return;
	json_obj(w, "pin");
	json_str(w, "code", delivery->code);
	json_str(w, "serial", delivery->serial);
	json_end(w);
}

static void put_head(struct json_writer *w, const struct order *o)
{
	json_int(w, "id", o->id);
	json_str(w, "external_id", order_reference(o));
	json_date(w, "creation_date", o->created_at);
	json_date(w, "confirmation_expiration_date", o->expires_at);
	if (o->confirmed_at)
		json_date(w, "confirmation_date", o->confirmed_at);
	put_status(w, o);
}

void dvs_put_event_order(struct json_writer *w, struct arena *a, const struct keys *keys, const struct order *o)
{
	(void)a;
	(void)keys;
	json_int(w, "id", o->id);
	json_str(w, "external_id", order_reference(o));
	put_status(w, o);
}

enum err dvs_put_transaction(const struct dvs_rendering *r, const struct order_view *view)
{
	const struct order *o = &view->order;
	const struct product *p = view->product;
	struct dvs_delivery delivery = { 0 };
	enum err e = p ? open_delivery(r, view, &delivery) : ERR_STORE_FAILED;

	if (e)
		return e;
	json_obj(r->w, NULL);
	put_head(r->w, o);
	put_operator_reference(r->w, view);
	put_pin(r->w, &delivery);
	put_product(r->w, p);
	put_prices(r->w, o);
	put_product_parts(r->w, o, p);
	e = put_parties(r, view->parties);
	if (e)
		return e;
	if (r->with_callback_url && o->callback_url.n)
		json_str(r->w, "callback_url", o->callback_url);
	dvs_put_esim(r->w, o, p, &delivery);
	json_end(r->w);
	return OK;
}

/* ---- endpoints ---- */

static void render_one(struct request *rq, struct json_writer *w, const struct order_view *view, bool with_callback_url)
{
	struct dvs_rendering r = { w, &rq->x->arena, rq->keys, with_callback_url };
	enum err e = dvs_put_transaction(&r, view);

	if (e)
		request_add_fault(rq, e, STR_NONE);
	else
		request_shows(rq, view);
}

void dvs_create_render(struct request *rq, struct json_writer *w)
{
	const struct order_place *c = rq->task.command;

	if (c->replayed)
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	render_one(rq, w, &c->view, false);
}

void dvs_change_render(struct request *rq, struct json_writer *w)
{
	const struct order_change *c = rq->task.command;

	render_one(rq, w, &c->view, false);
}

void dvs_transaction_render(struct request *rq, struct json_writer *w)
{
	const struct order_get *c = rq->task.command;

	render_one(rq, w, &c->view, true);
}

enum err dvs_callback_body(struct arena *a, const struct keys *keys, const struct order_view *view, struct str *ret)
{
	struct buf buf;
	struct json_writer w;
	struct dvs_rendering r = { &w, a, keys, true };

	buf_init(&buf, LIMIT_BODY_BYTES * 4);
	json_writer_init(&w, &buf);
	enum err e = dvs_put_transaction(&r, view);
	if (!e)
		e = json_finish(&w);
	if (!e)
		*ret = arena_str(a, buf_view(&buf));
	buf_done(&buf);
	return e;
}

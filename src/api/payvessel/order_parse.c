/* api/payvessel/order_parse.c: bodies and paths to commands, refused as the vendor's framework refuses them. */
#include "api/payvessel/order.h"

#include "api/payvessel/errors.h"
#include "core/esim.h"
#include "core/rate.h"
#include "service/esim.h"

enum { REFERENCE_MOST = 64, PACKAGE_MOST = 64, QUANTITY_MOST = 30 };

static enum err take_text(struct request *rq, const struct json_token *body, const char *name, size_t most,
			  struct str *ret)
{
	const struct json_token *value = json_get(body, name);

	if (!value)
		return pv_invalid(rq, "body", name, "Field required", "missing");
	if (json_type(value) != JSON_STRING)
		return pv_invalid(rq, "body", name, "Input should be a valid string", "string_type");
	*ret = json_text(&rq->x->arena, value);
	if (str_is_blank(*ret))
		return pv_invalid(rq, "body", name, "String should have at least 1 character", "string_too_short");
	if (str_codepoints(*ret) > most)
		return pv_invalid(rq, "body", name,
				  arena_printf(&rq->x->arena, "String should have at most %zu characters", most).p,
				  "string_too_long");
	return OK;
}

/* Lax, as the vendor's framework is: "2" is 2, and so is 2.0. */
static enum err take_quantity(struct request *rq, const struct json_token *value, int64_t *ret)
{
	int64_t micros;

	*ret = 1;
	if (!value)
		return OK;
	struct str text = json_type(value) == JSON_STRING ? json_text(&rq->x->arena, value) : STR_NONE;
	if (text.p) {
		if (str_to_i64(text, INT64_MIN, INT64_MAX, ret))
			return pv_invalid(rq, "body", "quantity",
					  "Input should be a valid integer, unable to parse string as an integer",
					  "int_parsing");
	} else if (json_type(value) != JSON_NUMBER) {
		return pv_invalid(rq, "body", "quantity", "Input should be a valid integer", "int_type");
	} else if (json_micros(value, &micros) || micros % 1000000) {
		return pv_invalid(rq, "body", "quantity",
				  "Input should be a valid integer, got a number with a fractional part",
				  "int_from_float");
	} else {
		*ret = micros / 1000000;
	}
	if (*ret <= 0)
		return pv_invalid(rq, "body", "quantity", "Input should be greater than 0", "greater_than");
	if (*ret > QUANTITY_MOST)
		return pv_invalid(rq, "body", "quantity", "Input should be less than or equal to 30",
				  "less_than_equal");
	return OK;
}

static enum err take_body(struct request *rq, const struct json_token **ret)
{
	struct json doc = { 0 };

	if (str_is_blank(rq->x->body))
		return pv_invalid(rq, "body", NULL, "Field required", "missing");
	if (json_read(&rq->x->arena, rq->x->body, NULL, &doc))
		return pv_invalid_json(rq, doc.error_at);
	if (json_type(json_root(&doc)) != JSON_OBJECT)
		return pv_invalid(rq, "body", NULL,
				  "Input should be a valid dictionary or object to extract fields from",
				  "model_attributes_type");
	*ret = json_root(&doc);
	return OK;
}

/* The rate that the naira amounts of this order are shown with, for ever. */
static struct str details_of(struct request *rq)
{
	struct currency dollar, naira;
	char text[64];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	struct json_writer w;

	must(currency_parse(STR("USD"), &dollar) == OK && currency_parse(STR("NGN"), &naira) == OK);
	const struct rate *rate = catalog_rate(rq->catalog, dollar, naira);
	if (!rate)
		return STR_NONE;
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_decimal(&w, "naira", rate->micros);
	json_end(&w);
	return arena_str(&rq->x->arena, buf_view(&b));
}

enum err pv_create_parse(struct request *rq)
{
	struct order_place *c = ARENA_NEW(&rq->x->arena, struct order_place);
	const struct json_token *body = NULL;
	struct currency dollar;
	struct str package = STR_NONE;
	enum err e = take_body(rq, &body);

	if (e)
		return e;
	must(currency_parse(STR("USD"), &dollar) == OK);
	/* All faults are told at once, in the order of the fields. */
	e = take_text(rq, body, "reference", REFERENCE_MOST, &c->reference);
	e = take_text(rq, body, "package_code", PACKAGE_MOST, &package) ? ERR_BAD_REQUEST : e;
	e = take_quantity(rq, json_get(body, "quantity"), &c->quantity) ? ERR_BAD_REQUEST : e;
	if (e)
		return e;
	const struct product *p = catalog_esim(rq->catalog, rq->list, ESIM_BY_PACKAGE, package);
	c->dialect = DIALECT_PAYVESSEL;
	c->price_list = rq->credential->partner->price_list;
	c->fingerprint = (int64_t)str_hash(rq->x->body);
	c->product_id = p ? p->id : 0;
	c->currency = dollar.number;
	c->auto_confirm = true;
	c->lists_parts = true; /* and can name none: the verb says so */
	c->details = details_of(rq);
	c->idempotency_key = rq->idempotency_key;
	c->idempotency_hash = rq->request_hash;
	rq->task.command = c;
	return OK;
}

enum err pv_order_parse(struct request *rq)
{
	struct esim_get *c = ARENA_NEW(&rq->x->arena, struct esim_get);
	enum err e = pv_order_id(rq->keys, rq->captures[0], &c->name.id);

	if (e == ERR_BAD_REQUEST)
		return pv_invalid(rq, "path", "order_id", "Input should be a valid UUID", "uuid_parsing");
	c->name.dialect = DIALECT_PAYVESSEL;
	c->lookup = rq->lookup;
	rq->task.command = c;
	return e ? ERR_ORDER_NOT_FOUND : OK;
}

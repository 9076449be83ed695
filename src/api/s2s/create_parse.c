/* api/s2s/create_parse.c: POST /orders. The order of the checks is the documentation's: size, timestamp, signature,
 * then whether the external_id is known, and only then everything else, which is why its faults travel with the
 * command. */
#include "api/s2s/create.h"
#include "api/s2s/order.h"
#include "api/s2s/query.h"
#include "api/s2s/sign.h"
#include "base/decimal.h"
#include "core/shop.h"

#include <stdlib.h>

enum { BODY_MOST = 64 * 1024, EXTERNAL_ID_MOST = 255, METADATA_MOST = 8 * 1024, FIELDS_MOST = 64 };

struct creating {
	struct request *rq;
	struct arena *a;
	struct order_place *c;
	const struct product *product;
	const struct json_token *item, *fields;
	struct buf faults; /* lines of "path: rule" */
};

static void fault(struct creating *p, const char *path, const char *rule)
{
	if (p->faults.n)
		buf_char(&p->faults, '\n');
	buf_printf(&p->faults, "%s: %s", path, rule);
}

static bool has_control(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return true;
	return false;
}

/* A field's value as text: of a string what it says, of anything else what stands there. */
static struct str text_of(struct arena *a, const struct json_token *value)
{
	return json_type(value) == JSON_STRING ? json_text(a, value) : json_raw(value);
}

static void take_quantity(struct creating *p)
{
	const struct json_token *value = json_get(p->fields, "quantity");
	int64_t most = p->product ? p->product->sku->max_per_order : INT32_MAX;

	p->c->quantity = 1;
	if (!value)
		return;
	bool whole = json_type(value) == JSON_NUMBER || json_type(value) == JSON_STRING;
	if (!whole || str_to_i64(text_of(p->a, value), 1, most, &p->c->quantity))
		fault(p, "item.fields.quantity",
		      arena_printf(p->a, "must be a whole number from 1 to %lld", (long long)most).p);
}

static bool has_exponent(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == 'e' || text.p[i] == 'E')
			return true;
	return false;
}

/* The face value of a product of any amount, in the product's own currency. */
static void take_amount(struct creating *p, const char *path, struct str text)
{
	const struct span *span = &p->product->destination;
	int64_t micros = 0;

	/* Digits, as people write amounts: no exponents. */
	if (has_exponent(text) || decimal_parse(text, &micros) != OK || micros_round(micros, span->cur) != micros) {
		fault(p, path, "must be an amount with the decimal places of its currency");
		return;
	}
	if (micros < span->min || micros > span->max || (micros - span->min) % span->increment) {
		struct buf b;

		buf_init(&b, 200);
		buf_lit(&b, "must be from ");
		decimal_put(&b, span->min);
		buf_lit(&b, " to ");
		decimal_put(&b, span->max);
		buf_lit(&b, " in steps of ");
		decimal_put(&b, span->increment);
		fault(p, path, arena_strz(p->a, buf_view(&b)));
		buf_done(&b);
		return;
	}
	p->c->calculation_mode = CALCULATION_DESTINATION;
	p->c->destination = (struct asked_amount){ true, STR("CURRENCY"), currency_code(span->cur), micros };
}

static void take_field(struct creating *p, const struct shop_field *field)
{
	const struct json_token *value = json_get(p->fields, arena_strz(p->a, field->code));
	const char *path = arena_printf(p->a, "item.fields.%.*s", STR_ARG(field->code)).p;

	if (json_is_null(value)) {
		if (field->required)
			fault(p, path, "is required by this product");
		return;
	}
	if (json_type(value) != JSON_STRING && json_type(value) != JSON_NUMBER) {
		fault(p, path, "must be a string or a number");
		return;
	}
	struct str text = text_of(p->a, value);
	if (field->type == SHOP_FIELD_AMOUNT) {
		take_amount(p, path, text);
		return;
	}
	const char *rule = shop_field_fault(field, text);
	if (rule)
		fault(p, path, rule);
	else if (field->type == SHOP_FIELD_PHONE)
		p->c->credit_party = text;
	else if (field->type == SHOP_FIELD_ACCOUNT)
		p->c->credit_account = text;
}

static void take_fields(struct creating *p)
{
	const struct json_token *fields = json_get(p->item, "fields");

	if (!json_is_null(fields) && (json_type(fields) != JSON_OBJECT || json_count(fields) > FIELDS_MOST)) {
		fault(p, "item.fields", "must be an object");
		return;
	}
	p->fields = fields;
	take_quantity(p);
	if (!p->product)
		return;
	const struct family *family = p->product->sku->family;
	for (size_t i = 0; i < family->field_count; i++)
		take_field(p, &family->fields[i]);
	p->c->given.credit = (p->c->credit_party.p ? (unsigned)FIELD_MOBILE_NUMBER : 0) |
			     (p->c->credit_account.p ? (unsigned)FIELD_ACCOUNT_NUMBER : 0);
}

/* ERR_PRODUCT_NOT_FOUND when there is no such SKU for this partner. */
static enum err take_sku(struct creating *p, struct str sku)
{
	if (!is_uuid(sku)) {
		fault(p, "item.sku_id", "must be a UUID");
		return OK;
	}
	p->product = catalog_sku_by_uuid(p->rq->catalog, p->rq->list, sku);
	if (!p->product)
		return ERR_PRODUCT_NOT_FOUND;
	p->c->product_id = p->product->id;
	return OK;
}

static int compare_keys(const void *a, const void *b)
{
	return str_cmp(*(const struct str *)a, *(const struct str *)b);
}

int64_t s2s_fingerprint(struct str text)
{
	unsigned char digest[HASH_BYTES];
	uint64_t hash = 0;

	crypto_digest(text, digest);
	for (size_t i = 0; i < sizeof(hash); i++)
		hash = hash << 8 | digest[i];
	return (int64_t)hash;
}

/* The SKU, the fields by their names, the metadata. */
static int64_t fingerprint(struct creating *p, struct str sku, struct str metadata)
{
	struct str lines[FIELDS_MOST + 1];
	size_t n = 0;
	struct buf b;

	buf_init(&b, BODY_MOST * 4);
	buf_str(&b, sku);
	buf_printf(&b, "\nquantity=%lld\n", (long long)p->c->quantity);
	if (json_type(p->fields) == JSON_OBJECT) {
		for (const struct json_token *key = json_first(p->fields); key && n < FIELDS_MOST;
		     key = json_next(p->fields, key))
			if (!json_text_is(key, STR("quantity")))
				lines[n++] = arena_printf(p->a, "%.*s=%.*s\n", STR_ARG(json_text(p->a, key)),
							  STR_ARG(text_of(p->a, json_value(key))));
	}
	qsort(lines, n, sizeof(*lines), compare_keys);
	for (size_t i = 0; i < n; i++)
		buf_str(&b, lines[i]);
	buf_str(&b, metadata);
	int64_t hash = s2s_fingerprint(buf_view(&b));
	buf_done(&b);
	return hash;
}

struct str s2s_order_details(struct arena *a, const struct json_token *metadata, struct str fields)
{
	struct json_writer w;
	struct buf b;

	if (json_is_null(metadata) && !fields.p)
		return STR_NONE;
	buf_init(&b, BODY_MOST * 2);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	if (!json_is_null(metadata))
		json_raw_value(&w, "metadata", json_raw(metadata));
	if (fields.p)
		json_raw_value(&w, "fields", fields);
	json_end(&w);
	struct str details = arena_str(a, buf_view(&b));
	buf_done(&b);
	return details;
}

/* Absent when there is nothing among them but how many. */
static struct str fields_to_keep(const struct creating *p)
{
	bool has_more = json_count(p->fields) > (json_get(p->fields, "quantity") ? 1 : 0);

	return has_more ? json_raw(p->fields) : STR_NONE;
}

const char *s2s_metadata_fault(const struct json_token *metadata)
{
	if (json_is_null(metadata) || (json_type(metadata) == JSON_OBJECT && json_raw(metadata).n <= METADATA_MOST))
		return NULL;
	return "must be an object of at most 8 KiB, or null";
}

/* All that is wrong but for the external_id: told only if that is a new one. */
static void take_order(struct creating *p, const struct json_token *root)
{
	const struct json_token *metadata = json_get(root, "metadata");
	struct str sku = json_text(p->a, json_get(p->item, "sku_id"));
	enum err e = OK;

	if (json_type(p->item) != JSON_OBJECT)
		fault(p, "item", "must be an object");
	else
		e = take_sku(p, sku);
	if (!e)
		take_fields(p);
	if (s2s_metadata_fault(metadata))
		fault(p, "metadata", s2s_metadata_fault(metadata));
	if (!p->fields)
		p->fields = json_get(p->item, "fields");
	p->c->fingerprint = fingerprint(p, sku, json_raw(metadata));
	p->c->details = s2s_order_details(p->a, metadata, fields_to_keep(p));
	p->c->invalid = p->faults.n ? ERR_BAD_REQUEST : e;
	p->c->invalid_detail = p->faults.n ? arena_str(p->a, buf_view(&p->faults)) : STR_NONE;
}

static enum err check_external_id(struct request *rq, struct str id)
{
	if (id.n >= 1 && id.n <= EXTERNAL_ID_MOST && !has_control(id))
		return OK;
	s2s_fault(rq, "external_id", "must be a string of 1 to 255 bytes without control characters");
	return ERR_BAD_REQUEST;
}

enum err s2s_check_signed(struct request *rq, struct str subject, struct str external_id)
{
	enum err e = s2s_check_signature(rq, subject, external_id);

	return e ? e : check_external_id(rq, external_id);
}

struct order_place s2s_order(const struct request *rq, struct str external_id)
{
	return (struct order_place){ .dialect = DIALECT_S2S,
				     .lists_parts = true,
				     .price_list = rq->credential->partner->price_list,
				     .reference = external_id,
				     .currency = rq->credential->partner->home.number,
				     .auto_confirm = true,
				     .repeats = true,
				     .idempotency_key = rq->idempotency_key,
				     .idempotency_hash = rq->request_hash };
}

enum err s2s_signed_body(struct request *rq, struct json *ret)
{
	struct str type = http_header_find(rq->x, "Content-Type");
	struct str media = str_trim(str_cut(&type, ';'));

	if (rq->x->body.n > BODY_MOST)
		return ERR_TOO_LARGE;
	if (media.n && !str_eq_nocase(media, STR("application/json")))
		return ERR_MEDIA_TYPE;
	enum err e = s2s_check_timestamp(rq);
	if (!e && json_read(&rq->x->arena, rq->x->body, NULL, ret))
		e = ERR_MALFORMED;
	return e;
}

enum err s2s_create_parse(struct request *rq)
{
	struct creating p = { .rq = rq, .a = &rq->x->arena, .c = ARENA_NEW(&rq->x->arena, struct order_place) };
	struct json doc;

	rq->task.command = p.c;
	enum err e = s2s_signed_body(rq, &doc);
	if (e)
		return e;
	const struct json_token *root = json_root(&doc);
	p.item = json_get(root, "item");
	struct str external_id = json_text(p.a, json_get(root, "external_id"));
	e = s2s_check_signed(rq, json_text(p.a, json_get(p.item, "sku_id")), external_id);
	if (e)
		return e;
	*p.c = s2s_order(rq, external_id);
	buf_init(&p.faults, BODY_MOST);
	take_order(&p, root);
	buf_done(&p.faults);
	return OK;
}

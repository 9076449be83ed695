/* api/mobimatter/order_parse.c: bodies and paths to commands. Unknown members are ignored: real clients send some. */
#include "api/mobimatter/order.h"

#include "base/clock.h"
#include "http/query.h"
#include "json/fields.h"

enum { LABEL_MOST = 300, ID_MOST = 64, URL_MOST = 2048, PREFIX_LEAST = 2, PREFIX_MOST = 4 };

static enum err check_https(struct str text, const char **ret_message)
{
	*ret_message = "must begin with https://";
	return str_starts(text, STR("https://")) && text.n > 8 ? OK : ERR_BAD_REQUEST;
}

struct create_body {
	uint64_t set;
	struct str product_id, category, parent, parent_order, label, callback_url;
};
#define AT(member) offsetof(struct create_body, member)
static const struct field create_fields[] = {
	{ "productId", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, AT(product_id), .min = 1, .max = ID_MOST },
	{ "productCategory", FIELD_STR, FIELD_NULLABLE, AT(category), .max = ID_MOST },
	{ "addOnIdentifier", FIELD_STR, FIELD_NULLABLE, AT(parent), .max = ID_MOST },
	{ "addOnOrderIdentifier", FIELD_STR, FIELD_NULLABLE, AT(parent_order), .max = ID_MOST },
	{ "label", FIELD_STR, FIELD_NULLABLE, AT(label), .max = LABEL_MOST },
	{ "callbackUrl", FIELD_STR, FIELD_NULLABLE, AT(callback_url), .max = URL_MOST, .check = check_https },
};
static const struct fields create_table = FIELDS(create_fields, struct create_body, 0);

enum err mm_bind(struct request *rq, const struct fields *table, void *ret)
{
	struct json_faults faults = { 0 };
	enum err e = fields_read(&rq->x->arena, rq->x->body, table, ret, &faults);

	for (size_t i = 0; i < faults.n; i++)
		request_add_fault(rq, ERR_BAD_REQUEST, str_of(faults.items[i].message));
	return e ? ERR_BAD_REQUEST : OK;
}

/* Two names for one thing (mobimatter.md 3.1). */
static enum err take_parent(struct request *rq, const struct create_body *body, struct str *ret)
{
	bool first = body->parent.n > 0, second = body->parent_order.n > 0;

	if (first && second && !str_eq(body->parent, body->parent_order))
		return request_fault(rq, ERR_BAD_REQUEST,
				     STR("addOnIdentifier and addOnOrderIdentifier name different orders"));
	*ret = first ? body->parent : second ? body->parent_order : STR_NONE;
	return OK;
}

static struct str details_of(struct request *rq, const struct create_body *body)
{
	struct buf b;
	struct json_writer w;

	buf_init(&b, LIMIT_BODY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "merchant", rq->credential->public_id);
	if (body->label.p)
		json_str(&w, "label", body->label);
	json_end(&w);
	struct str doc = arena_str(&rq->x->arena, buf_view(&b));
	buf_done(&b);
	return doc;
}

/* The merchant's prefix: the first letters of its name, in capitals. */
static struct str prefix_of(struct arena *a, struct str name)
{
	char *letters = arena_alloc(a, PREFIX_MOST);
	size_t n = 0;

	for (size_t i = 0; i < name.n && n < PREFIX_MOST; i++) {
		char c = name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i];

		if (c >= 'A' && c <= 'Z')
			letters[n++] = c;
	}
	return n < PREFIX_LEAST ? STR("MM") : (struct str){ letters, n };
}

static void fill(struct request *rq, struct order_place *c, const struct create_body *body, const struct product *p)
{
	struct currency dollar;

	must(currency_parse(STR("USD"), &dollar) == OK);
	c->dialect = DIALECT_MOBIMATTER;
	c->price_list = rq->credential->partner->price_list;
	c->product_id = p ? p->id : 0;
	c->currency = dollar.number;
	c->verifies = c->lists_parts = true;
	c->number_prefix = prefix_of(&rq->x->arena, rq->credential->partner->name);
	c->details = details_of(rq, body);
	c->idempotency_key = rq->idempotency_key;
	c->idempotency_hash = rq->request_hash;
	if (!p)
		return;
	c->window_us = SECONDS_US(p->esim->expiry_minutes * 60);
	/* Of the others it is silently ignored (mobimatter.md 7). */
	if (p->esim->category == ESIM_DELAYED || p->esim->category == ESIM_REPLACEMENT)
		c->callback_url = body->callback_url;
}

enum err mm_create_parse(struct request *rq)
{
	struct order_place *c = ARENA_NEW(&rq->x->arena, struct order_place);
	struct create_body body = { 0 };
	enum err e = mm_bind(rq, &create_table, &body);

	if (!e)
		e = take_parent(rq, &body, &c->parent);
	if (e)
		return e;
	const struct product *p = catalog_esim(rq->catalog, rq->list, ESIM_BY_CODE, body.product_id);
	if (p && body.category.n && mm_category_of(body.category) != p->esim->category)
		return request_fault(rq, ERR_BAD_REQUEST, STR("productCategory is not that of the product"));
	fill(rq, c, &body, p);
	rq->task.command = c;
	return OK;
}

struct named_body {
	uint64_t set;
	struct str order_id;
};
static const struct field named_fields[] = {
	{ "orderId", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, offsetof(struct named_body, order_id), .min = 1,
	  .max = ID_MOST },
};
static const struct fields named_table = FIELDS(named_fields, struct named_body, 0);

static enum err take_name(struct request *rq, struct order_name *ret)
{
	struct named_body body = { 0 };
	enum err e = mm_bind(rq, &named_table, &body);

	*ret = (struct order_name){ .dialect = DIALECT_MOBIMATTER, .reference = body.order_id };
	return e;
}

enum err mm_complete_parse(struct request *rq)
{
	struct order_complete *c = ARENA_NEW(&rq->x->arena, struct order_complete);

	rq->task.command = c;
	return take_name(rq, &c->name);
}

enum err mm_cancel_parse(struct request *rq)
{
	struct order_withdraw *c = ARENA_NEW(&rq->x->arena, struct order_withdraw);

	rq->task.command = c;
	return take_name(rq, &c->name);
}

enum err mm_refund_parse(struct request *rq)
{
	struct order_refund *c = ARENA_NEW(&rq->x->arena, struct order_refund);

	rq->task.command = c;
	return take_name(rq, &c->name);
}

static struct order_name name_of_path(const struct request *rq)
{
	return (struct order_name){ .dialect = DIALECT_MOBIMATTER, .reference = rq->captures[0] };
}

static enum err take_flag(struct request *rq, const struct query *q, const char *name, bool *ret)
{
	struct str text = query_find(q, name);

	*ret = text.p && str_eq_nocase(text, STR("true"));
	if (!text.p || *ret || str_eq_nocase(text, STR("false")))
		return OK;
	return request_fault(rq, ERR_BAD_REQUEST, arena_printf(&rq->x->arena, "%s must be true or false", name));
}

/* An order by its number, with a flag of the query in rq->result; with `lookup`, what the network says as well. */
static enum err parse_with_flag(struct request *rq, const char *flag, const struct lookup *lookup)
{
	struct esim_get *c = ARENA_NEW(&rq->x->arena, struct esim_get);
	bool *is_set = ARENA_NEW(&rq->x->arena, bool);
	struct query q;
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q);

	c->name = name_of_path(rq);
	c->lookup = lookup;
	rq->task.command = c;
	rq->result = is_set;
	return e || !flag ? e : take_flag(rq, &q, flag, is_set);
}

enum err mm_order_parse(struct request *rq)
{
	return parse_with_flag(rq, "returnProductDetails", NULL);
}

enum err mm_info_parse(struct request *rq)
{
	return parse_with_flag(rq, "skipLocation", rq->lookup);
}

enum err mm_usage_parse(struct request *rq)
{
	return parse_with_flag(rq, NULL, rq->lookup);
}

/* ^89\d+$ */
static bool is_iccid(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n > 2 && text.n <= 22 && str_starts(text, STR("89"));
}

enum err mm_iccid_parse(struct request *rq)
{
	struct esim_get *c = ARENA_NEW(&rq->x->arena, struct esim_get);
	bool *with_details = ARENA_NEW(&rq->x->arena, bool);
	struct query q;
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q);

	rq->task.command = c;
	rq->result = with_details;
	if (!e)
		e = take_flag(rq, &q, "returnProductDetails", with_details);
	if (e)
		return e;
	c->name = (struct order_name){ .dialect = DIALECT_MOBIMATTER, .iccid = query_find(&q, "iccid") };
	if (!c->name.iccid.p || !is_iccid(c->name.iccid))
		return request_fault(rq, ERR_BAD_REQUEST, STR("iccid is required: 89 and more digits"));
	return OK;
}

/* Which links are told: bits of states in rq->result; NULL = all. */
enum err mm_linked_parse(struct request *rq)
{
	static const unsigned completed = 1u << ORDER_COMPLETED | 1u << ORDER_PARTIAL | 1u << ORDER_REVERSING,
			      refunded = completed | 1u << ORDER_REVERSED;
	bool completed_only, with_refunded;
	struct query q;
	enum err e = query_parse(&rq->x->arena, rq->x->query, QUERY_PLUS_IS_SPACE, &q);

	if (!e)
		e = take_flag(rq, &q, "completedOnly", &completed_only);
	if (!e)
		e = take_flag(rq, &q, "completedWithRefunded", &with_refunded);
	if (e)
		return e;
	e = mm_usage_parse(rq);
	rq->result = completed_only ? (void *)&completed : with_refunded ? (void *)&refunded : NULL;
	return e;
}

enum err mm_terms_parse(struct request *rq)
{
	struct refund_ask *c = ARENA_NEW(&rq->x->arena, struct refund_ask);

	c->name = name_of_path(rq);
	c->lookup = rq->lookup;
	rq->task.command = c;
	return OK;
}

enum err mm_balance_parse(struct request *rq)
{
	struct balance_list *c = ARENA_NEW(&rq->x->arena, struct balance_list);
	struct currency dollar;

	must(currency_parse(STR("USD"), &dollar) == OK);
	*c = (struct balance_list){ .currency = dollar.number, .page = 1, .per_page = 1 };
	rq->task.command = c;
	return OK;
}

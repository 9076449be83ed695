/* admin/partners.c: partners and their credentials. */
#include "admin/endpoint.h"

#include "base/clock.h"
#include "core/geography.h"
#include "core/message.h"
#include "service/partner.h"

struct partner_body {
	uint64_t set;
	struct str name, email, currency, locale;
	bool sandbox, active;
	struct str price_list;
	int64_t rate_limit;
	struct str webhook_url, webhook_secret, phone, country;
	int64_t parent;
};

/* In the order of enum partner_field_bit: what is set here is set there. */
static const struct field partner_fields[] = {
	{ "name", FIELD_STR, FIELD_NONBLANK, offsetof(struct partner_body, name), .min = 1, .max = 200 },
	{ "email", FIELD_STR, 0, offsetof(struct partner_body, email), .min = 0, .max = 254 },
	{ "currency", FIELD_STR, 0, offsetof(struct partner_body, currency), .min = 3, .max = 3 },
	{ "locale", FIELD_STR, FIELD_NONBLANK, offsetof(struct partner_body, locale), .min = 2, .max = 35 },
	{ "sandbox", FIELD_BOOL, 0, offsetof(struct partner_body, sandbox) },
	{ "active", FIELD_BOOL, 0, offsetof(struct partner_body, active) },
	{ "price_list", FIELD_STR, FIELD_NONBLANK, offsetof(struct partner_body, price_list), .min = 1, .max = 64 },
	{ "rate_limit", FIELD_INT64, 0, offsetof(struct partner_body, rate_limit), .min = 0, .max = 1000000 },
	{ "webhook_url", FIELD_STR, 0, offsetof(struct partner_body, webhook_url), .min = 0, .max = 2048 },
	{ "webhook_secret", FIELD_STR, 0, offsetof(struct partner_body, webhook_secret), .min = 0, .max = 128 },
	{ "phone", FIELD_STR, 0, offsetof(struct partner_body, phone), .min = 0, .max = 16 },
	{ "country", FIELD_STR, 0, offsetof(struct partner_body, country), .min = 0, .max = 2 },
	{ "parent", FIELD_INT64, 0, offsetof(struct partner_body, parent), .min = 0, .max = INT32_MAX },
};
static const struct fields partner_table =
	FIELDS(partner_fields, struct partner_body, FIELDS_CLOSED | FIELDS_NOT_EMPTY);

static enum err read_partner(struct admin_request *rq, struct partner_fields *ret)
{
	struct partner_body body;
	enum err e = admin_body(rq, &partner_table, &body);

	if (e)
		return e;
	*ret = (struct partner_fields){ .set = (unsigned)body.set,
					.name = body.name,
					.email = body.email,
					.locale = body.locale,
					.price_list = body.price_list,
					.sandbox = body.sandbox,
					.active = body.active,
					.rate_limit = body.rate_limit,
					.webhook_url = body.webhook_url,
					.webhook_secret = body.webhook_secret,
					.phone = body.phone,
					.country = body.country,
					.parent_id = body.parent };
	if (body.phone.n && !phone_number_is_ok(body.phone))
		return admin_fault(rq, "phone", ERR_BAD_REQUEST, "must be a number such as +33612345678");
	if (body.country.n && !country_find_alpha2(body.country))
		return admin_fault(rq, "country", ERR_BAD_REQUEST, "must be ISO 3166-1 alpha-2, such as FR");
	return ret->set & PARTNER_CURRENCY ? admin_currency(rq, "currency", body.currency, &ret->home) : OK;
}

static enum err create_parse(struct admin_request *rq)
{
	struct partner_create *c = ARENA_NEW(rq->arena, struct partner_create);

	c->by = rq->by;
	rq->task.command = c;
	return read_partner(rq, &c->fields);
}

static enum err create_render(struct admin_request *rq, struct json_writer *w)
{
	const struct partner_create *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "id", c->id);
	json_end(w);
	return OK;
}

static enum err change_parse(struct admin_request *rq)
{
	struct partner_change *c = ARENA_NEW(rq->arena, struct partner_change);

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->id);
	return e ? e : read_partner(rq, &c->fields);
}

static enum err change_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "id", ((const struct partner_change *)rq->task.command)->id);
	json_end(w);
	return OK;
}

static enum err list_parse(struct admin_request *rq)
{
	struct partner_list *l = ARENA_NEW(rq->arena, struct partner_list);

	rq->task.command = l;
	return rq->captures[0].p ? admin_id(rq, 0, &l->id) : OK;
}

static void put_partner(struct json_writer *w, const struct partner_row *p)
{
	json_obj(w, NULL);
	json_int(w, "id", p->id);
	json_str(w, "name", p->name);
	json_str(w, "email", p->email);
	json_str(w, "phone", p->phone);
	json_str(w, "country", p->country);
	json_str(w, "currency", currency_code((struct currency){ p->home_currency }));
	json_str(w, "locale", p->locale);
	json_bool(w, "sandbox", p->sandbox);
	json_bool(w, "active", p->active);
	json_str(w, "price_list", p->price_list);
	json_int(w, "rate_limit", p->rate_limit);
	json_str(w, "webhook_url", p->webhook_url);
	json_bool(w, "webhook_secret", p->webhook_secret.p != NULL);
	if (p->parent_id)
		json_int(w, "parent", p->parent_id);
	else
		json_null(w, "parent");
	json_moment(w, "created_at", p->created_at);
	json_end(w);
}

static enum err list_render(struct admin_request *rq, struct json_writer *w)
{
	const struct partner_list *l = rq->task.command;

	if (l->id) {
		put_partner(w, l->rows);
		return OK;
	}
	json_arr(w, NULL);
	for (size_t i = 0; i < l->count; i++)
		put_partner(w, &l->rows[i]);
	json_end(w);
	return OK;
}

struct issue_body {
	uint64_t set;
	struct str dialect, public_id;
	bool restricted;
};

static const struct field issue_fields[] = {
	{ "dialect", FIELD_STR, FIELD_REQUIRED, offsetof(struct issue_body, dialect) },
	{ "public_id", FIELD_STR, FIELD_NONBLANK, offsetof(struct issue_body, public_id), .min = 8, .max = 128 },
	{ "restricted", FIELD_BOOL, 0, offsetof(struct issue_body, restricted) },
};
enum { ISSUE_RESTRICTED = ARRAY_LEN(issue_fields) - 1 };
static const struct fields issue_table = FIELDS(issue_fields, struct issue_body, FIELDS_CLOSED);

/* Calls that an API names restricted: those of MOBIP are to be granted, those of MobiMatter to be withheld. */
static unsigned scopes_of(const struct issue_body *body, enum dialect dialect)
{
	if (!field_is_set(body, ISSUE_RESTRICTED))
		return 0;
	if (dialect == DIALECT_MOBIMATTER)
		return body->restricted ? 0 : SCOPE_SELL | SCOPE_LIMITED;
	return body->restricted ? SCOPE_SELL | SCOPE_ADMIN : 0;
}

static enum err issue_parse(struct admin_request *rq)
{
	struct credential_issue *c = ARENA_NEW(rq->arena, struct credential_issue);
	struct issue_body body;

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->partner_id);
	if (!e)
		e = admin_body(rq, &issue_table, &body);
	if (e)
		return e;
	if (dialect_parse(body.dialect, &c->dialect))
		return admin_fault(rq, "dialect", ERR_BAD_REQUEST, "must be dvs, mobimatter, payvessel, s2s or mobip");
	if (body.restricted && c->dialect != DIALECT_MOBIP && c->dialect != DIALECT_MOBIMATTER)
		return admin_fault(rq, "restricted", ERR_BAD_REQUEST, "is of mobip and mobimatter alone");
	c->scopes = scopes_of(&body, c->dialect);
	c->public_id = body.public_id;
	credential_invent(rq->arena, c);
	return OK;
}

/* The one time that the secret is shown. */
static void put_credential(struct json_writer *w, int64_t partner_id, enum dialect dialect, struct str public_id,
			   struct str secret)
{
	json_int(w, "partner_id", partner_id);
	json_strz(w, "dialect", dialect_name(dialect));
	json_str(w, "public_id", public_id);
	json_str(w, "secret", secret);
}

static enum err issue_render(struct admin_request *rq, struct json_writer *w)
{
	const struct credential_issue *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "id", c->id);
	put_credential(w, c->partner_id, c->dialect, c->public_id, c->secret);
	json_end(w);
	return OK;
}

struct rotate_body {
	uint64_t set;
	struct str overlap;
};

static const struct field rotate_fields[] = {
	{ "overlap", FIELD_STR, 0, offsetof(struct rotate_body, overlap), .min = 2, .max = 20 },
};
static const struct fields rotate_table = FIELDS(rotate_fields, struct rotate_body, FIELDS_CLOSED);

static enum err rotate_parse(struct admin_request *rq)
{
	struct credential_rotate *c = ARENA_NEW(rq->arena, struct credential_rotate);
	struct rotate_body body;

	c->by = rq->by;
	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->id);
	if (!e)
		e = admin_body(rq, &rotate_table, &body);
	if (e)
		return e;
	if (body.overlap.p && clock_parse_duration(body.overlap, &c->overlap_us))
		return admin_fault(rq, "overlap", ERR_BAD_REQUEST, "must be a duration such as 24h");
	credential_rotate_invent(rq->arena, c);
	return OK;
}

static enum err rotate_render(struct admin_request *rq, struct json_writer *w)
{
	const struct credential_rotate *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "id", c->new_id);
	json_int(w, "replaces", c->id);
	json_moment(w, "replaced_ends_at", c->ends_at_us);
	put_credential(w, c->partner_id, c->dialect, c->public_id, c->secret);
	json_end(w);
	return OK;
}

static enum err end_parse(struct admin_request *rq)
{
	struct credential_end *c = ARENA_NEW(rq->arena, struct credential_end);

	c->by = rq->by;
	rq->task.command = c;
	return admin_id(rq, 0, &c->id);
}

static enum err end_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "id", ((const struct credential_end *)rq->task.command)->id);
	json_end(w);
	return OK;
}

static enum err credentials_parse(struct admin_request *rq)
{
	struct credential_list *l = ARENA_NEW(rq->arena, struct credential_list);

	rq->task.command = l;
	return rq->captures[0].p ? admin_id(rq, 0, &l->partner_id) : OK;
}

static enum err credentials_render(struct admin_request *rq, struct json_writer *w)
{
	const struct credential_list *l = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < l->count; i++) {
		const struct credential_row *c = &l->rows[i];

		json_obj(w, NULL);
		json_int(w, "id", c->id);
		json_int(w, "partner_id", c->partner_id);
		json_strz(w, "dialect", dialect_name((enum dialect)c->dialect));
		json_str(w, "public_id", c->public_id);
		json_moment(w, "valid_from", c->valid_from);
		json_moment(w, "valid_to", c->valid_to);
		json_bool(w, "live", c->valid_from <= rq->now_us && (!c->valid_to || rq->now_us < c->valid_to));
		json_end(w);
	}
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "POST", "/admin/v1/partners", 0, 201, create_parse, &verb_partner_create, create_render },
	{ "GET", "/admin/v1/partners", 0, 200, list_parse, &verb_partner_list, list_render },
	{ "GET", "/admin/v1/partners/{id}", 0, 200, list_parse, &verb_partner_list, list_render },
	{ "PATCH", "/admin/v1/partners/{id}", 0, 200, change_parse, &verb_partner_change, change_render },
	{ "POST", "/admin/v1/partners/{id}/credentials", 0, 201, issue_parse, &verb_credential_issue, issue_render },
	{ "GET", "/admin/v1/partners/{id}/credentials", 0, 200, credentials_parse, &verb_credential_list,
	  credentials_render },
	{ "GET", "/admin/v1/credentials", 0, 200, credentials_parse, &verb_credential_list, credentials_render },
	{ "POST", "/admin/v1/credentials/{id}/rotate", 0, 201, rotate_parse, &verb_credential_rotate, rotate_render },
	{ "DELETE", "/admin/v1/credentials/{id}", 0, 200, end_parse, &verb_credential_end, end_render },
	/* clang-format on */
};
const struct admin_endpoints admin_partner_endpoints = { rows, ARRAY_LEN(rows) };

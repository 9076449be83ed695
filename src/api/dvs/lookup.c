#include "api/dvs/lookup.h"

#include "api/dvs/body.h"
#include "api/dvs/pages.h"
#include "api/dvs/parts.h"
#include "api/dvs/query.h"
#include "api/dvs/words.h"
#include "base/clock.h"
#include "service/lookup.h"

enum { ACCOUNT_MOST = 90 };

/* The command with the page that was asked for: a supplier gives all it has at once. */
struct lookup_command {
	struct lookup_ask ask; /* first: the verb's own */
	int64_t page, per_page;
};

static struct lookup_command *command_new(struct request *rq)
{
	struct lookup_command *c = ARENA_NEW(&rq->x->arena, struct lookup_command);

	c->ask.lookup = rq->lookup;
	c->ask.list = rq->list;
	c->ask.now_us = rq->now_us;
	c->page = DVS_PAGE;
	c->per_page = DVS_PER_PAGE;
	rq->task.command = c;
	return c;
}

/* ---- statement inquiry ---- */

struct statement_body {
	uint64_t set;
	int64_t product_id;
	struct str account_number, account_qualifier;
	int64_t page, per_page;
};
#define STATEMENT(member) offsetof(struct statement_body, member)
enum { STATEMENT_PRODUCT, STATEMENT_ACCOUNT, STATEMENT_QUALIFIER, STATEMENT_PAGE, STATEMENT_PER_PAGE };
static const struct field statement_fields[] = {
	[STATEMENT_PRODUCT] = { "product_id", FIELD_INT64, FIELD_REQUIRED, STATEMENT(product_id), .min = 1,
				.max = INT32_MAX },
	[STATEMENT_ACCOUNT] = { "account_number", FIELD_STR, FIELD_REQUIRED | FIELD_NONBLANK, STATEMENT(account_number),
				.min = 1, .max = ACCOUNT_MOST },
	[STATEMENT_QUALIFIER] = { "account_qualifier", FIELD_STR, FIELD_NONBLANK, STATEMENT(account_qualifier) },
	[STATEMENT_PAGE] = { "page", FIELD_INT64, 0, STATEMENT(page), .min = 1, .max = INT32_MAX },
	[STATEMENT_PER_PAGE] = { "per_page", FIELD_INT64, 0, STATEMENT(per_page), .min = 1, .max = LIMIT_PAGE_ROWS },
};
static const struct fields statement_table = FIELDS(statement_fields, struct statement_body, 0);

enum err dvs_statements_parse(struct request *rq)
{
	struct lookup_command *c = command_new(rq);
	struct statement_body body;
	enum err e = dvs_body(rq, &statement_table, &body, NULL);

	if (e)
		return e;
	c->ask.product_id = body.product_id;
	c->ask.account_number = body.account_number;
	c->ask.account_qualifier = body.account_qualifier;
	if (field_is_set(&body, STATEMENT_PAGE))
		c->page = body.page;
	if (field_is_set(&body, STATEMENT_PER_PAGE))
		c->per_page = body.per_page;
	return OK;
}

/* ---- credit party ---- */

static enum err check_number(struct str text, const char **ret_message)
{
	*ret_message = "must be a mobile number in E.164 format, such as +6595123100";
	return dvs_is_mobile(text) ? OK : ERR_CREDIT_PARTY_INVALID;
}

struct identifier {
	uint64_t set;
	struct str mobile_number, account_number, account_qualifier;
};
#define IDENTIFIER(member) offsetof(struct identifier, member)
static const struct field identifier_fields[] = {
	{ "mobile_number", FIELD_STR, 0, IDENTIFIER(mobile_number), .check = check_number },
	{ "account_number", FIELD_STR, FIELD_NONBLANK, IDENTIFIER(account_number), .min = 1, .max = ACCOUNT_MOST },
	{ "account_qualifier", FIELD_STR, FIELD_NONBLANK, IDENTIFIER(account_qualifier) },
};
static const struct fields identifier_table = FIELDS(identifier_fields, struct identifier, FIELDS_NOT_EMPTY);

struct party_body {
	uint64_t set;
	int64_t service_id;
	struct identifier party;
	int64_t page, per_page;
};
#define PARTY(member) offsetof(struct party_body, member)
enum { PARTY_SERVICE, PARTY_IDENTIFIER, PARTY_PAGE, PARTY_PER_PAGE };
static const struct field party_fields[] = {
	[PARTY_SERVICE] = { "service_id", FIELD_INT64, FIELD_REQUIRED, PARTY(service_id), .min = 1, .max = INT32_MAX },
	[PARTY_IDENTIFIER] = { "credit_party_identifier", FIELD_OBJECT, FIELD_REQUIRED, PARTY(party),
			       .object = &identifier_table },
	[PARTY_PAGE] = { "page", FIELD_INT64, 0, PARTY(page), .min = 1, .max = INT32_MAX },
	[PARTY_PER_PAGE] = { "per_page", FIELD_INT64, 0, PARTY(per_page), .min = 1, .max = LIMIT_PAGE_ROWS },
};
static const struct fields party_table = FIELDS(party_fields, struct party_body, 0);

enum err dvs_party_benefits_parse(struct request *rq)
{
	struct lookup_command *c = command_new(rq);
	struct party_body body;
	enum err e = dvs_body(rq, &party_table, &body, NULL);

	if (e)
		return e;
	c->ask.service_id = body.service_id;
	c->ask.mobile_number = body.party.mobile_number;
	c->ask.account_number = body.party.account_number;
	c->ask.account_qualifier = body.party.account_qualifier;
	if (field_is_set(&body, PARTY_PAGE))
		c->page = body.page;
	if (field_is_set(&body, PARTY_PER_PAGE))
		c->per_page = body.per_page;
	return OK;
}

/* The same body without pages, which are then keys like any other we do not know. */
enum err dvs_party_status_parse(struct request *rq)
{
	return dvs_party_benefits_parse(rq);
}

/* ---- answers ---- */

/* The half-open part of the result that the page shows. */
static void page_of(struct request *rq, size_t *ret_first, size_t *ret_end)
{
	const struct lookup_command *c = rq->task.command;
	struct window window = dvs_window(c->page, c->per_page);
	size_t total = c->ask.count;

	dvs_page_headers(rq, (int64_t)total, c->page, c->per_page);
	*ret_first = window.skip < total ? window.skip : total;
	*ret_end = total - *ret_first > window.take ? *ret_first + window.take : total;
}

static void put_day(struct json_writer *w, const char *name, int64_t us)
{
	struct buf day;

	buf_init(&day, 64);
	clock_put_rfc3339(&day, us, 0, "Z");
	json_str(w, name, (struct str){ day.p, sizeof("YYYY-MM-DD") - 1 });
	buf_done(&day);
}

void dvs_statements_render(struct request *rq, struct json_writer *w)
{
	const struct lookup_command *c = rq->task.command;
	size_t i, end;

	page_of(rq, &i, &end);
	json_arr(w, NULL);
	for (; i < end; i++) {
		const struct statement *s = &c->ask.statements[i];

		json_obj(w, NULL);
		json_str(w, "reference", s->reference);
		json_obj(w, "dates");
		put_day(w, "due", s->due_us);
		put_day(w, "statement", s->statement_us);
		json_end(w);
		json_obj(w, "balance");
		json_strz(w, "unit_type", "CURRENCY");
		json_str(w, "unit", currency_code(s->balance.cur));
		json_decimal(w, "amount", s->balance.micros);
		json_end(w);
		json_end(w);
	}
	json_end(w);
}

static void put_date_or_null(struct json_writer *w, const char *name, int64_t us)
{
	if (us)
		json_date(w, name, us);
	else
		json_null(w, name);
}

void dvs_party_benefits_render(struct request *rq, struct json_writer *w)
{
	const struct lookup_command *c = rq->task.command;
	size_t i, end;

	page_of(rq, &i, &end);
	json_arr(w, NULL);
	for (; i < end; i++) {
		const struct party_benefit *b = &c->ask.benefits[i];

		json_obj(w, NULL);
		json_strz(w, "type", dvs_word(dvs_benefit_types, (int)b->type));
		json_strz(w, "unit_type", dvs_word(dvs_unit_types, (int)b->unit_type));
		json_str(w, "unit", b->unit);
		json_decimal(w, "amount", b->micros);
		put_date_or_null(w, "expiration_date", b->expires_us);
		dvs_put_country(w, "country", b->country, DVS_COUNTRY_PLAIN, LOCALE_DEFAULT);
		json_end(w);
	}
	json_end(w);
}

void dvs_party_status_render(struct request *rq, struct json_writer *w)
{
	const struct lookup_command *c = rq->task.command;

	json_obj(w, NULL);
	put_date_or_null(w, "installation_date", c->ask.status.installed_us);
	put_date_or_null(w, "activation_date", c->ask.status.activated_us);
	json_end(w);
}

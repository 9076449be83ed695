/* api/mobip/external_list.c: the InvoicesLists of an import: what is documented is no JSON, so it is read leniently. */
#include "api/mobip/external.h"

#include "api/mobip/input.h"
#include "base/clock.h"
#include "service/external_invoice.h"
#include "json/lenient.h"

#include <stdlib.h>

enum { AMOUNT_DIGITS = 12, MEMBERS_MOST = 8 };
static const int64_t amount_most = INT64_C(999999999999);
static const char invoices_key[] = "Invoices"; /* of the array that the documentation leaves without one */

struct reading {
	struct request *rq;
	struct invoice {
		struct external_invoice row; /* first: what is handed on */
		size_t customer, place;
	} * invoices;
	size_t count, room;
	/* Where it is now. */
	size_t customer, place;
	bool in_invoice;
};

static enum err wrong(struct reading *r, const char *member, const char *rule)
{
	struct arena *a = &r->rq->x->arena;
	struct str place = arena_printf(a, "InvoicesLists[%zu]", r->customer);

	if (r->in_invoice)
		place = arena_printf(a, "%.*s.%s[%zu]", STR_ARG(place), invoices_key, r->place);
	return request_fault(r->rq, ERR_INVOICES_WRONG,
			     arena_printf(a, "%.*s%s%s %s", STR_ARG(place), *member ? "." : "", member, rule));
}

/* Each says whether the text is right, in words that follow the member's name. */
static const char *check_text(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < ' ' || text.p[i] == 0x7f)
			return "must be without control characters";
	return NULL;
}

static const char *check_date(struct str text)
{
	int64_t us;

	return clock_parse_date(text, &us) ? "must be a day, YYYY-MM-DD" : NULL;
}

static const char *check_amount(struct str text)
{
	struct str digits = text.n && text.p[0] == '-' ? str_skip(text, 1) : text;
	int64_t n;

	return digits.n > AMOUNT_DIGITS || str_to_i64(text, -amount_most, amount_most, &n)
		       ? "must be a whole number of cents, of at most 12 digits"
		       : NULL;
}

/* Loosely: it is the merchant's to know whom to call. */
static const char *check_phone(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!strchr("0123456789+-. ()/", text.p[i]))
			return "must be a phone number";
	return NULL;
}

static const char *check_email(struct str text)
{
	return memchr(text.p, '@', text.n) && !memchr(text.p, ' ', text.n) ? check_text(text)
									   : "must be an e-mail address";
}

struct member {
	const char *name;
	size_t at, most; /* where its text goes; 0 for the amount, which is a number */
	bool required;
	const char *(*check)(struct str text); /* NULL: any text is right */
};

#define AT(field) offsetof(struct external_invoice, field)

static const struct member customer_members[] = {
	{ "CustomerId", AT(customer), 255, true, check_text },
	{ "CustomerPhone", AT(phone), 64, false, check_phone },
	{ "CustomerEmail", AT(email), 255, false, check_email },
	{ "CustomerBalance_in_cents", AT(balance), 13, false, check_amount },
	{ "CustomerBalance_Date", AT(balance_date), 10, false, check_date },
};

enum { AMOUNT = 4 };
static const struct member invoice_members[] = {
	{ "InvId", AT(invoice), 64, true, check_text },
	{ "InvDate", AT(date), 10, true, check_date },
	{ "InvDueDate", AT(due_date), 10, true, check_date },
	{ "InvLbl", AT(label), 255, false, NULL },
	[AMOUNT] = { "Amount_in_cents", AT(amount), 13, true, check_amount },
	{ "InvStatus", AT(status), 64, false, check_text },
};

/* A string or a number; null is absent. */
static bool text_of(struct arena *a, const struct json_token *value, struct str *ret)
{
	bool is_number = json_type(value) == JSON_NUMBER;

	*ret = is_number ? json_raw(value) : json_text(a, value);
	return is_number || json_type(value) == JSON_STRING || json_is_null(value);
}

/* The values of the members of the table, their names trimmed; of others nothing is said. */
static enum err take_values(struct reading *r, const struct json_token *object, const struct member *members, size_t n,
			    struct str ret[MEMBERS_MOST])
{
	struct arena *a = &r->rq->x->arena;
	bool seen[MEMBERS_MOST] = { false };

	for (const struct json_token *k = json_first(object); k; k = json_next(object, k)) {
		struct str name = str_trim(json_text(a, k));
		size_t i = 0;

		while (i < n && !str_is(name, members[i].name))
			i++;
		if (i == n)
			continue;
		if (seen[i])
			return wrong(r, members[i].name, "is there twice");
		if (!text_of(a, json_value(k), &ret[i]))
			return wrong(r, members[i].name, "must be a string or a number");
		seen[i] = true;
	}
	return OK;
}

static enum err read_members(struct reading *r, const struct json_token *object, const struct member *members, size_t n,
			     struct external_invoice *ret)
{
	struct str values[MEMBERS_MOST] = { { NULL, 0 } };
	const char *rule = NULL;
	enum err e = take_values(r, object, members, n, values);

	for (size_t i = 0; i < n && !e; i++) {
		const struct member *m = &members[i];

		if (!values[i].n) {
			e = m->required ? wrong(r, m->name, "missing") : OK;
			continue;
		}
		if (values[i].n > m->most && str_codepoints(values[i]) > m->most)
			rule = arena_printf(&r->rq->x->arena, "must be at most %zu characters", m->most).p;
		else
			rule = m->check ? m->check(values[i]) : NULL;
		if (rule)
			e = wrong(r, m->name, rule);
		else if (m->at != AT(amount))
			*(struct str *)(void *)((char *)ret + m->at) = values[i];
		else
			e = str_to_i64(values[i], -amount_most, amount_most, &ret->amount);
	}
	return e;
}

static enum err read_invoice(struct reading *r, const struct json_token *object,
			     const struct external_invoice *customer)
{
	struct invoice *one = &r->invoices[r->count];

	if (json_type(object) != JSON_OBJECT)
		return wrong(r, "", "must be an object");
	*one = (struct invoice){ *customer, r->customer, r->place };
	enum err e = read_members(r, object, invoice_members, ARRAY_LEN(invoice_members), &one->row);
	if (!e && str_cmp(one->row.due_date, one->row.date) < 0)
		e = wrong(r, "InvDueDate", "must not be before InvDate");
	r->count += !e;
	return e;
}

/* Its invoices are under any name that has an array. */
static enum err read_customer(struct reading *r, const struct json_token *object)
{
	struct external_invoice customer = { 0 };

	r->in_invoice = false;
	if (json_type(object) != JSON_OBJECT)
		return wrong(r, "", "must be an object");
	enum err e = read_members(r, object, customer_members, ARRAY_LEN(customer_members), &customer);
	r->in_invoice = true;
	r->place = 0;
	for (const struct json_token *k = json_first(object); k && !e; k = json_next(object, k)) {
		const struct json_token *list = json_value(k);

		if (json_type(list) != JSON_ARRAY)
			continue;
		for (const struct json_token *v = json_first(list); v && !e; v = json_next(list, v), r->place++)
			e = read_invoice(r, v, &customer);
	}
	return e;
}

static size_t count_invoices(const struct json_token *lists)
{
	size_t n = 0;

	for (const struct json_token *c = json_first(lists); c; c = json_next(lists, c))
		for (const struct json_token *k = json_type(c) == JSON_OBJECT ? json_first(c) : NULL; k;
		     k = json_next(c, k))
			n += json_type(json_value(k)) == JSON_ARRAY ? json_count(json_value(k)) : 0;
	return n;
}

/* The array itself, or an object whose member it is. */
static enum err find_lists(struct reading *r, struct str text, const struct json_token **ret)
{
	struct arena *a = &r->rq->x->arena;
	const struct json_limits limits = mobip_json_limits(text);
	struct json doc;
	enum err e = json_read_lenient(a, text, invoices_key, &limits, &doc);

	if (e)
		return request_fault(
			r->rq, ERR_INVOICES_WRONG,
			arena_printf(a, "InvoicesLists is not readable: %s at byte %zu", doc.error, doc.error_at));
	const struct json_token *root = json_root(&doc), *lists = root;
	if (json_type(root) == JSON_OBJECT) {
		lists = NULL;
		for (const struct json_token *k = json_first(root); k && !lists; k = json_next(root, k))
			if (str_is(str_trim(json_text(a, k)), "InvoicesLists"))
				lists = json_value(k);
	}
	if (!lists || json_type(lists) != JSON_ARRAY)
		return request_fault(r->rq, ERR_INVOICES_WRONG, STR("InvoicesLists must be an array of customers"));
	*ret = lists;
	return OK;
}

static int by_number(const void *a, const void *b)
{
	const struct invoice *x = a, *y = b;
	int order = str_cmp(x->row.invoice, y->row.invoice);

	if (order)
		return order;
	return x->customer != y->customer ? (x->customer > y->customer ? 1 : -1)
					  : (x->place > y->place) - (x->place < y->place);
}

/* In the order of their numbers, which is that of the store; so two of the same are neighbours. */
static enum err order_invoices(struct reading *r, struct external_invoice ***ret)
{
	struct external_invoice **rows = ARENA_ARRAY(&r->rq->x->arena, struct external_invoice *, r->count + 1);

	if (r->count)
		qsort(r->invoices, r->count, sizeof(*r->invoices), by_number);
	for (size_t i = 0; i < r->count; i++) {
		rows[i] = &r->invoices[i].row;
		if (!i || !str_eq(rows[i]->invoice, rows[i - 1]->invoice))
			continue;
		r->customer = r->invoices[i].customer;
		r->place = r->invoices[i].place;
		return wrong(r, "InvId", "is there twice");
	}
	*ret = rows;
	return OK;
}

enum err mobip_invoices_read(struct request *rq, struct str text, struct external_invoice *const **ret, size_t *ret_n)
{
	struct reading r = { .rq = rq };
	struct external_invoice **rows = NULL;
	const struct json_token *lists = NULL;
	enum err e = find_lists(&r, text, &lists);

	if (e)
		return e;
	r.room = count_invoices(lists);
	if (r.room > EXTERNAL_IMPORT_ROWS)
		return request_fault(rq, ERR_INVOICES_WRONG, STR("InvoicesLists must be of at most 10000 invoices"));
	r.invoices = ARENA_ARRAY(&rq->x->arena, struct invoice, r.room + 1);
	for (const struct json_token *c = json_first(lists); c && !e; c = json_next(lists, c), r.customer++)
		e = read_customer(&r, c);
	if (!e)
		e = order_invoices(&r, &rows);
	if (e)
		return e;
	*ret = rows;
	*ret_n = r.count;
	return OK;
}

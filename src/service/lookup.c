#include "service/lookup.h"

#include "core/catalog_query.h"
#include "service/reader.h"

static struct lookup_query query_of(const struct lookup_ask *ask)
{
	return (struct lookup_query){ .mobile_number = ask->mobile_number,
				      .account_number = ask->account_number,
				      .account_qualifier = ask->account_qualifier,
				      .now_us = ask->now_us };
}

static unsigned given(const struct lookup_ask *ask)
{
	return (ask->mobile_number.n ? (unsigned)FIELD_MOBILE_NUMBER : 0) |
	       (ask->account_number.n ? (unsigned)FIELD_ACCOUNT_NUMBER : 0) |
	       (ask->account_qualifier.n ? (unsigned)FIELD_ACCOUNT_QUALIFIER : 0);
}

static enum err read_statements(struct reader *r, struct task *t)
{
	struct lookup_ask *ask = t->command;
	const struct product *product = catalog_product(t->catalog, ask->list, ask->product_id);
	struct lookup_query query = query_of(ask);

	(void)r; /* no row is read */
	if (!product)
		return ERR_PRODUCT_NOT_FOUND;
	if (!product->payment || !product->payment->supports_statement_inquiry || !ask->lookup ||
	    !ask->lookup->statements)
		return ERR_METHOD_NOT_SUPPORTED;
	if (!requirement_met(&product->payment->inquiry, given(ask))) {
		t->detail = STR("account_qualifier: is required by this product");
		return ERR_BAD_REQUEST;
	}
	query.product = product;
	query.service = product->service;
	return ask->lookup->statements(ask->lookup->arg, t->arena, &query, &ask->statements, &ask->count);
}

/* The service that the partner may ask about, filled into the query. */
static enum err find_service(const struct task *t, struct lookup_query *query)
{
	const struct lookup_ask *ask = t->command;

	query->service = catalog_service(t->catalog, ask->list, ask->service_id);
	return query->service ? OK : ERR_SERVICE_NOT_FOUND;
}

static enum err read_benefits(struct reader *r, struct task *t)
{
	struct lookup_ask *ask = t->command;
	struct lookup_query query = query_of(ask);
	enum err e = find_service(t, &query);

	(void)r;
	if (e)
		return e;
	if (!ask->lookup || !ask->lookup->benefits)
		return ERR_METHOD_NOT_SUPPORTED;
	return ask->lookup->benefits(ask->lookup->arg, t->arena, &query, &ask->benefits, &ask->count);
}

static enum err read_status(struct reader *r, struct task *t)
{
	struct lookup_ask *ask = t->command;
	struct lookup_query query = query_of(ask);
	enum err e = find_service(t, &query);

	(void)r;
	if (e)
		return e;
	if (!ask->lookup || !ask->lookup->status)
		return ERR_METHOD_NOT_SUPPORTED;
	return ask->lookup->status(ask->lookup->arg, t->arena, &query, &ask->status);
}

const struct verb verb_lookup_statements = { .name = "lookup.statements", .read = read_statements };
const struct verb verb_lookup_benefits = { .name = "lookup.benefits", .read = read_benefits };
const struct verb verb_lookup_status = { .name = "lookup.status", .read = read_status };

#include "api/dvs/transaction.h"

#include "api/dvs/body.h"
#include "api/dvs/pages.h"
#include "api/dvs/query.h"
#include "api/dvs/status.h"
#include "base/clock.h"

enum { WINDOW_HOURS = 24, ACCOUNT_MOST = 90 };
#define WINDOW_US SECONDS_US(WINDOW_HOURS * 3600)

static enum err transaction_id(struct request *rq, int64_t *ret)
{
	return dvs_path_id(rq, "transaction_id", INT64_MAX, ret);
}

static enum err parse_change(struct request *rq, bool hold)
{
	struct order_change *c = ARENA_NEW(&rq->x->arena, struct order_change);
	enum err e = transaction_id(rq, &c->order_id);

	c->hold = hold;
	rq->task.command = c;
	return e ? e : dvs_no_body(rq);
}

enum err dvs_change_parse(struct request *rq)
{
	return parse_change(rq, false);
}

enum err dvs_confirm_sync_parse(struct request *rq)
{
	return parse_change(rq, true);
}

enum err dvs_transaction_parse(struct request *rq)
{
	struct order_get *c = ARENA_NEW(&rq->x->arena, struct order_get);

	rq->task.command = c;
	return transaction_id(rq, &c->order_id);
}

/* ---- the list ---- */

struct list_query {
	int64_t page, per_page;
	struct str external_id, country, mobile, account;
	enum product_type type;
	int64_t service_id, subservice_id, operator_id, status_id;
	struct param_time from, to;
};
#define AT(member) offsetof(struct list_query, member)
#define NO_STATUS INT64_MIN /* as good as any that is no id */
static const struct param list_params[] = {
	{ "external_id", PARAM_TEXT, AT(external_id) },
	{ "product_type", PARAM_TYPE, AT(type) },
	{ "service_id", PARAM_ID, AT(service_id) },
	{ "subservice_id", PARAM_ID, AT(subservice_id) },
	{ "country_iso_code", PARAM_COUNTRY, AT(country) },
	{ "operator_id", PARAM_ID, AT(operator_id) },
	{ "status_id", PARAM_NUMBER, AT(status_id) },
	{ "credit_party_mobile_number", PARAM_MOBILE, AT(mobile) },
	{ "credit_party_account_number", PARAM_TEXT, AT(account), .max = ACCOUNT_MOST },
	{ "from_date", PARAM_TIME, AT(from) },
	{ "to_date", PARAM_TIME, AT(to) },
	{ "page", PARAM_ID, AT(page) },
	{ "per_page", PARAM_PER_PAGE, AT(per_page) },
};

/* The window: of one date the other end is 24 hours away; of none it is the last 24 hours, unless a reference is
 * named. */
static enum err take_window(struct request *rq, const struct list_query *q, struct order_list *c)
{
	if (!q->from.is_set && !q->to.is_set) {
		if (!q->external_id.p) {
			c->from_us = rq->now_us - WINDOW_US;
			/* Another node's clock may be a little ahead of ours. */
			c->to_us = rq->now_us + SECONDS_US(60);
		}
		return OK;
	}
	c->from_us = q->from.is_set ? q->from.us : q->to.us - WINDOW_US;
	c->to_us = q->to.is_set ? q->to.us : q->from.us + WINDOW_US;
	if (c->from_us > c->to_us)
		return dvs_fault(rq, ERR_BAD_REQUEST, "from_date", "must not be after to_date");
	if (c->to_us - c->from_us > WINDOW_US)
		return dvs_fault(rq, ERR_BAD_REQUEST, "to_date", "must be at most 24 hours after from_date");
	return OK;
}

enum err dvs_transactions_parse(struct request *rq)
{
	struct order_list *c = ARENA_NEW(&rq->x->arena, struct order_list);
	struct list_query q = { .page = DVS_PAGE, .per_page = DVS_PER_PAGE, .status_id = NO_STATUS };
	enum err e = dvs_query(rq, list_params, ARRAY_LEN(list_params), &q);

	rq->task.command = c;
	if (e)
		return e;
	c->dialect = DIALECT_DVS;
	c->reference = q.external_id;
	c->type = (int)q.type;
	c->service = (int)q.service_id;
	c->subservice = (int)q.subservice_id;
	c->country = q.country;
	c->operator_id = q.operator_id;
	/* An id that no transaction can have matches none: not an error, but the empty list. */
	if (q.status_id != NO_STATUS && dvs_status_filter(q.status_id, &c->states, &c->reasons))
		c->states = 1u << ORDER_NEW;
	c->credit_party = q.mobile;
	c->credit_account = q.account;
	c->page = q.page;
	c->per_page = q.per_page;
	return take_window(rq, &q, c);
}

enum err dvs_transactions_answer(struct request *rq)
{
	const struct order_list *c = rq->task.command;

	return dvs_empty(rq, c->total, ERR_ORDER_NOT_FOUND);
}

/* ---- balances ---- */

struct balance_query {
	int64_t page, per_page;
	bool is_currency;
	struct str unit;
};
static const struct param balance_params[] = {
	{ "unit_type", PARAM_CURRENCY, offsetof(struct balance_query, is_currency) },
	{ "unit", PARAM_TEXT, offsetof(struct balance_query, unit) },
	{ "page", PARAM_ID, offsetof(struct balance_query, page) },
	{ "per_page", PARAM_PER_PAGE, offsetof(struct balance_query, per_page) },
};

enum err dvs_balances_parse(struct request *rq)
{
	struct balance_list *c = ARENA_NEW(&rq->x->arena, struct balance_list);
	struct balance_query q = { .page = DVS_PAGE, .per_page = DVS_PER_PAGE };
	struct currency cur = { 0 };
	enum err e = dvs_query(rq, balance_params, ARRAY_LEN(balance_params), &q);

	rq->task.command = c;
	if (e)
		return e;
	/* There is no account in a unit that is no currency. */
	if (q.unit.p && currency_parse(q.unit, &cur))
		return ERR_BALANCE_NOT_FOUND;
	c->currency = cur.number;
	c->page = q.page;
	c->per_page = q.per_page;
	return OK;
}

enum err dvs_balances_answer(struct request *rq)
{
	const struct balance_list *c = rq->task.command;

	return dvs_empty(rq, c->total, ERR_BALANCE_NOT_FOUND);
}

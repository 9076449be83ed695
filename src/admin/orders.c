/* admin/orders.c: orders as an operator sees them. */
#include "admin/endpoint.h"

#include "service/order_admin.h"
#include "service/partner.h"
#include "service/webhook_admin.h"

static enum err inspect_parse(struct admin_request *rq)
{
	struct order_inspect *c = ARENA_NEW(rq->arena, struct order_inspect);

	rq->task.command = c;
	return admin_id(rq, 0, &c->order_id);
}

/* GET /orders?partner=1&reference=X&dialect=dvs */
static enum err find_parse(struct admin_request *rq)
{
	struct order_inspect *c = ARENA_NEW(rq->arena, struct order_inspect);
	struct str dialect = query_find(&rq->query, "dialect");

	rq->task.command = c;
	c->reference = query_find(&rq->query, "reference");
	enum err e = admin_number(rq, "partner", 1, INT64_MAX, 0, &c->partner_id);
	if (e)
		return e;
	if (!c->reference.p || !c->partner_id)
		return admin_fault(rq, "reference", ERR_BAD_REQUEST, "and partner say which order");
	if (dialect_parse(dialect.p ? dialect : STR("dvs"), &c->dialect))
		return admin_fault(rq, "dialect", ERR_BAD_REQUEST, "must be dvs, mobimatter, payvessel, s2s or mobip");
	return OK;
}

static void put_order(struct json_writer *w, const struct order *o)
{
	struct str code = o->currency ? currency_code((struct currency){ o->currency }) : STR_NONE;

	json_int(w, "id", o->id);
	json_int(w, "partner_id", o->partner_id);
	json_strz(w, "dialect", dialect_name((enum dialect)o->dialect));
	json_str(w, "reference", order_reference(o));
	json_strz(w, "state", order_state_name((enum order_state)o->state));
	json_strz(w, "reason", order_reason_name((enum order_reason)o->reason));
	json_int(w, "product_id", o->product_id);
	json_int(w, "quantity", o->quantity);
	json_str(w, "currency", code);
	json_decimal(w, "amount", o->amount);
	json_decimal(w, "fee", o->fee);
	json_moment(w, "created_at", o->created_at);
	json_moment(w, "confirmed_at", o->confirmed_at);
	json_moment(w, "expires_at", o->expires_at);
	json_moment(w, "completed_at", o->completed_at);
}

static void put_attempts(struct json_writer *w, const struct order_inspect *c)
{
	json_arr(w, "attempts");
	for (size_t i = 0; i < c->attempt_count; i++) {
		const struct attempt *a = &c->attempts[i];

		json_obj(w, NULL);
		json_int(w, "unit", a->unit);
		json_int(w, "no", a->no);
		json_strz(w, "state", attempt_state_name((enum attempt_state)a->state));
		json_str(w, "supplier", a->supplier);
		json_str(w, "sku", a->sku);
		json_str(w, "supplier_reference", a->supplier_reference);
		json_strz(w, "reason", order_reason_name((enum order_reason)a->reason));
		json_moment(w, "created_at", a->created_at);
		json_moment(w, "updated_at", a->updated_at);
		json_end(w);
	}
	json_end(w);
}

static void put_callbacks(struct json_writer *w, const struct order_inspect *c)
{
	json_arr(w, "callbacks");
	for (size_t i = 0; i < c->callback_count; i++) {
		const struct callback *row = &c->callbacks[i];

		json_obj(w, NULL);
		json_int(w, "no", row->no);
		json_strz(w, "state", callback_state_name(row->state));
		json_int(w, "tries", row->tries);
		json_int(w, "http_status", row->http_status);
		json_str(w, "error", row->error);
		json_moment(w, "first_try_at", row->first_try_at);
		json_moment(w, "last_try_at", row->last_try_at);
		json_end(w);
	}
	json_end(w);
}

static void put_messages(struct json_writer *w, const struct order_inspect *c)
{
	json_arr(w, "messages");
	for (size_t i = 0; i < c->message_count; i++) {
		const struct message *m = &c->messages[i];

		json_obj(w, NULL);
		json_int(w, "no", m->no);
		json_strz(w, "medium", medium_name((enum medium)m->medium));
		json_strz(w, "kind", message_kind_name((enum message_kind)m->kind));
		json_strz(w, "state", message_state_name((enum message_state)m->state));
		json_int(w, "tries", m->tries);
		json_int(w, "status", m->status);
		json_str(w, "error", m->error);
		json_moment(w, "planned_at", m->planned_at);
		json_moment(w, "claimed_at", m->claimed_at);
		json_moment(w, "done_at", m->done_at);
		json_end(w);
	}
	json_end(w);
}

static void put_times(struct json_writer *w, const struct order_inspect *c)
{
	json_arr(w, "events");
	for (size_t i = 0; i < c->event_count; i++) {
		json_obj(w, NULL);
		json_int(w, "seq", c->events[i].seq);
		json_strz(w, "state", order_state_name((enum order_state)c->events[i].state));
		json_moment(w, "created_at", c->events[i].created_at);
		json_end(w);
	}
	json_end(w);
	json_arr(w, "jobs");
	for (size_t i = 0; i < c->job_count; i++) {
		static const char *const kinds[] = {
			"",	   "fulfil",	     "expire",		 "callback",	   "reverse",
			"payment", "payment_expire", "payment_callback", "payment_refund", "message",
			"forget"
		};
		const struct job *job = &c->jobs[i];

		json_obj(w, NULL);
		json_strz(w, "kind", (size_t)job->kind < ARRAY_LEN(kinds) && kinds[job->kind] ? kinds[job->kind] : "");
		json_int(w, "unit", job->unit);
		json_int(w, "tries", job->tries);
		json_moment(w, "due_at", job->due_at);
		json_end(w);
	}
	json_end(w);
}

/* What was delivered stays sealed: it is the partner's alone. */
static enum err inspect_render(struct admin_request *rq, struct json_writer *w)
{
	const struct order_inspect *c = rq->task.command;

	json_obj(w, NULL);
	put_order(w, &c->view.order);
	json_arr(w, "units");
	for (size_t i = 0; i < c->view.unit_count; i++) {
		const struct unit_ *unit = &c->view.units[i];

		json_obj(w, NULL);
		json_int(w, "no", unit->no);
		json_strz(w, "state", unit_state_name((enum unit_state)unit->state));
		json_int(w, "attempts", unit->attempts);
		json_str(w, "operator_reference", unit->operator_reference);
		json_bool(w, "delivery", unit->delivery.p != NULL);
		json_moment(w, "updated_at", unit->updated_at);
		json_moment(w, "first_read_at", unit->first_read_at);
		json_end(w);
	}
	json_end(w);
	put_attempts(w, c);
	put_callbacks(w, c);
	put_messages(w, c);
	put_times(w, c);
	json_end(w);
	return OK;
}

static enum err retry_parse(struct admin_request *rq)
{
	struct order_retry *c = ARENA_NEW(rq->arena, struct order_retry);

	c->by = rq->by;
	rq->task.command = c;
	return admin_id(rq, 0, &c->order_id);
}

static enum err retry_render(struct admin_request *rq, struct json_writer *w)
{
	const struct order_retry *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "id", c->order_id);
	json_int(w, "jobs", c->jobs);
	json_end(w);
	return OK;
}

struct resolve_body {
	uint64_t set;
	int64_t unit;
	int outcome;
	struct str operator_reference, delivery;
};
static const struct field_name outcomes[] = { { "delivered", OUTCOME_DELIVERED },
					      { "refused", OUTCOME_REFUSED },
					      { NULL, 0 } };
static const struct field resolve_fields[] = {
	{ "outcome", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct resolve_body, outcome), .names = outcomes },
	{ "unit", FIELD_INT64, 0, offsetof(struct resolve_body, unit), .min = 1, .max = 100000 },
	{ "operator_reference", FIELD_STR, 0, offsetof(struct resolve_body, operator_reference), .min = 0, .max = 200 },
	{ "delivery", FIELD_RAW, 0, offsetof(struct resolve_body, delivery), .min = 2, .max = 16384 },
};
static const struct fields resolve_table = FIELDS(resolve_fields, struct resolve_body, FIELDS_CLOSED);

static enum err resolve_parse(struct admin_request *rq)
{
	struct order_resolve *c = ARENA_NEW(rq->arena, struct order_resolve);
	struct resolve_body body;

	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->order_id);
	if (!e)
		e = admin_body(rq, &resolve_table, &body);
	if (e)
		return e;
	if (body.delivery.p && body.delivery.p[0] != '{')
		return admin_fault(rq, "delivery", ERR_BAD_REQUEST, "must be an object");
	c->by = rq->by;
	c->unit = body.unit ? (int)body.unit : 1;
	c->delivered = body.outcome == OUTCOME_DELIVERED;
	c->reason = REASON_EXCEPTION;
	c->operator_reference = body.operator_reference;
	c->delivery = body.delivery;
	return OK;
}

static enum err end_parse(struct admin_request *rq)
{
	struct order_end *c = ARENA_NEW(rq->arena, struct order_end);

	c->by = rq->by;
	rq->task.command = c;
	return admin_id(rq, 0, &c->order_id);
}

enum err admin_put_state(struct json_writer *w, const struct order *o)
{
	json_obj(w, NULL);
	json_int(w, "id", o->id);
	json_strz(w, "state", order_state_name((enum order_state)o->state));
	json_end(w);
	return OK;
}

static enum err resolve_render(struct admin_request *rq, struct json_writer *w)
{
	return admin_put_state(w, &((const struct order_resolve *)rq->task.command)->order);
}

static enum err end_render(struct admin_request *rq, struct json_writer *w)
{
	return admin_put_state(w, &((const struct order_end *)rq->task.command)->order);
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "GET", "/admin/v1/orders", 0, 200, find_parse, &verb_order_inspect, inspect_render },
	{ "GET", "/admin/v1/orders/{id}", 0, 200, inspect_parse, &verb_order_inspect, inspect_render },
	{ "POST", "/admin/v1/orders/{id}/retry", 0, 200, retry_parse, &verb_order_retry, retry_render },
	{ "POST", "/admin/v1/orders/{id}/resolve", 0, 200, resolve_parse, &verb_order_resolve, resolve_render },
	{ "POST", "/admin/v1/orders/{id}/reverse", 0, 200, end_parse, &verb_order_reverse, end_render },
	{ "POST", "/admin/v1/orders/{id}/keep", 0, 200, end_parse, &verb_order_keep, end_render },
	{ "POST", "/admin/v1/orders/{id}/expire", 0, 200, end_parse, &verb_order_end_unconfirmed, end_render },
	/* clang-format on */
};
const struct admin_endpoints admin_order_endpoints = { rows, ARRAY_LEN(rows) };

/* admin/webhooks.c: the records of webhooks, and sending them again. */
#include "admin/endpoint.h"

#include "base/clock.h"
#include "service/partner.h"
#include "service/webhook_admin.h"

enum { SHOWN = 100 };

static const struct field_name states[] = { { "pending", CALLBACK_PENDING },
					    { "delivered", CALLBACK_DELIVERED },
					    { "given_up", CALLBACK_GIVEN_UP },
					    { NULL, 0 } };

/* A date is its midnight UTC. */
static enum err take_time(struct admin_request *rq, const char *name, struct str text, int64_t otherwise, int64_t *ret)
{
	*ret = otherwise;
	if (!text.p || clock_parse_date(text, ret) == OK || clock_parse_rfc3339(text, true, ret) == OK)
		return OK;
	return admin_fault(rq, name, ERR_BAD_REQUEST, "must be a date or a time of RFC 3339");
}

static enum err take_state(struct admin_request *rq, struct str text, int *ret)
{
	for (size_t i = 0; text.p && states[i].name; i++)
		if (str_is(text, states[i].name))
			*ret = states[i].value;
	return !text.p || *ret ? OK
			       : admin_fault(rq, "state", ERR_BAD_REQUEST, "must be pending, delivered or given_up");
}

static enum err list_parse(struct admin_request *rq)
{
	struct webhook_list *c = ARENA_NEW(rq->arena, struct webhook_list);
	struct callback_filter *f = &c->filter;

	rq->task.command = c;
	enum err e = admin_number(rq, "partner", 1, INT64_MAX, 0, &f->partner_id);
	if (!e)
		e = admin_number(rq, "order", 1, INT64_MAX, 0, &f->order_id);
	if (!e)
		e = admin_number(rq, "before", 1, INT64_MAX, INT64_MAX, &f->before_id);
	if (!e)
		e = admin_number(rq, "limit", 1, WEBHOOKS_SHOWN_MAX, SHOWN, &f->most);
	if (!e)
		e = take_state(rq, query_find(&rq->query, "state"), &f->state);
	if (!e)
		e = take_time(rq, "since", query_find(&rq->query, "since"), 0, &f->from_us);
	return e ? e : take_time(rq, "until", query_find(&rq->query, "until"), INT64_MAX, &f->to_us);
}

static enum err list_render(struct admin_request *rq, struct json_writer *w)
{
	const struct webhook_list *c = rq->task.command;

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		const struct callback *row = &c->rows[i].callback;

		json_obj(w, NULL);
		json_str(w, "id", arena_printf(rq->arena, "evt_%lld", (long long)row->id));
		json_int(w, "order_id", row->order_id);
		json_int(w, "no", row->no);
		json_int(w, "partner_id", c->rows[i].partner_id);
		json_strz(w, "dialect", dialect_name((enum dialect)c->rows[i].dialect));
		json_strz(w, "state", callback_state_name(row->state));
		json_int(w, "tries", row->tries);
		json_int(w, "http_status", row->http_status);
		json_str(w, "error", row->error);
		json_moment(w, "created_at", row->created_at);
		json_moment(w, "first_try_at", row->first_try_at);
		json_moment(w, "last_try_at", row->last_try_at);
		json_int(w, "duration_ms", row->duration_us / 1000);
		json_end(w);
	}
	json_end(w);
	return OK;
}

struct replay_body {
	uint64_t set;
	int64_t order, partner, before;
	struct str state, since, until;
};
#define AT(member) offsetof(struct replay_body, member)
static const struct field replay_fields[] = {
	{ "order", FIELD_INT64, 0, AT(order), .min = 1, .max = INT64_MAX },
	{ "partner", FIELD_INT64, 0, AT(partner), .min = 1, .max = INT64_MAX },
	{ "before", FIELD_INT64, 0, AT(before), .min = 1, .max = INT64_MAX },
	{ "state", FIELD_STR, 0, AT(state), .min = 1, .max = 20 },
	{ "since", FIELD_STR, 0, AT(since), .min = 1, .max = 40 },
	{ "until", FIELD_STR, 0, AT(until), .min = 1, .max = 40 },
};
#undef AT
static const struct fields replay_table = FIELDS(replay_fields, struct replay_body, FIELDS_CLOSED);

static enum err replay_parse(struct admin_request *rq)
{
	struct webhook_replay *c = ARENA_NEW(rq->arena, struct webhook_replay);
	struct replay_body body;

	rq->task.command = c;
	enum err e = admin_body(rq, &replay_table, &body);
	if (e)
		return e;
	c->by = rq->by;
	c->filter = (struct callback_filter){ .order_id = body.order,
					      .partner_id = body.partner,
					      .before_id = body.before ? body.before : INT64_MAX,
					      .most = WEBHOOKS_REPLAYED_MAX };
	e = take_state(rq, body.state, &c->filter.state);
	if (!e)
		e = take_time(rq, "since", body.since, 0, &c->filter.from_us);
	return e ? e : take_time(rq, "until", body.until, INT64_MAX, &c->filter.to_us);
}

static enum err replay_render(struct admin_request *rq, struct json_writer *w)
{
	const struct webhook_replay *c = rq->task.command;

	json_obj(w, NULL);
	json_int(w, "replayed", c->replayed);
	json_bool(w, "more", c->has_more);
	if (c->has_more)
		json_int(w, "before", c->before_id);
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	{ "GET", "/admin/v1/webhooks", 0, 200, list_parse, &verb_webhook_list, list_render },
	{ "POST", "/admin/v1/webhooks/replay", 0, 200, replay_parse, &verb_webhook_replay, replay_render },
};
const struct admin_endpoints admin_webhook_endpoints = { rows, ARRAY_LEN(rows) };

/* admin/kyc.c: checks of identities: which wait, what was given, what is decided. */
#include "admin/endpoint.h"

#include "service/kyc.h"
#include "service/public.h"

static enum err list_parse(struct admin_request *rq)
{
	struct kyc_list *c = ARENA_NEW(rq->arena, struct kyc_list);
	struct str all = query_find(&rq->query, "all");

	rq->task.command = c;
	c->open_too = str_is(all, "true");
	if (all.p && !c->open_too && !str_is(all, "false"))
		return admin_fault(rq, "all", ERR_BAD_REQUEST, "must be true or false");
	return admin_number(rq, "limit", 1, KYC_LIST_MAX, 100, &c->most);
}

/* The page's address names the check to whoever decides from outside. */
static enum err list_render(struct admin_request *rq, struct json_writer *w)
{
	static const char *const states[] = { [KYC_OPEN] = "open", [KYC_SUBMITTED] = "submitted" };
	const struct kyc_list *c = rq->task.command;
	struct str base = admin_public_url(rq->admin);

	json_arr(w, NULL);
	for (size_t i = 0; i < c->count; i++) {
		const struct kyc_waiting *row = &c->rows[i];
		const struct order o = { .ext_key = row->ext_key };

		must(row->state == KYC_OPEN || row->state == KYC_SUBMITTED);
		json_obj(w, NULL);
		json_int(w, "order_id", row->order_id);
		json_int(w, "partner_id", row->partner_id);
		json_str(w, "reference", order_reference(&o));
		json_strz(w, "state", states[row->state]);
		json_moment(w, "created_at", row->created_at);
		json_moment(w, "submitted_at", row->submitted_at);
		json_moment(w, "expires_at", row->expires_at);
		json_str(w, "url",
			 base.p ? public_link(engine_keys(rq->engine), rq->arena, base.p, PUBLIC_KYC, row->order_id, 0,
					      "")
				: STR_NONE);
		json_end(w);
	}
	json_end(w);
	return OK;
}

static enum err reveal_parse(struct admin_request *rq)
{
	struct kyc_reveal *c = ARENA_NEW(rq->arena, struct kyc_reveal);

	c->by = rq->by;
	rq->task.command = c;
	return admin_id(rq, 0, &c->order_id);
}

static enum err reveal_render(struct admin_request *rq, struct json_writer *w)
{
	json_raw_value(w, NULL, ((const struct kyc_reveal *)rq->task.command)->plain);
	return OK;
}

struct decide_body {
	uint64_t set;
	struct str reason;
};
static const struct field decide_fields[] = {
	{ "reason", FIELD_STR, FIELD_NULLABLE, offsetof(struct decide_body, reason), .max = KYC_REASON_MOST },
};
static const struct fields decide_table = FIELDS(decide_fields, struct decide_body, FIELDS_CLOSED);

static enum err decide_parse(struct admin_request *rq, bool approve)
{
	struct kyc_decide *c = ARENA_NEW(rq->arena, struct kyc_decide);
	struct decide_body body = { 0 };

	rq->task.command = c;
	enum err e = admin_id(rq, 0, &c->order_id);
	if (!e)
		e = admin_body(rq, &decide_table, &body);
	c->by = rq->by;
	c->approve = approve;
	c->reason = body.reason;
	return e;
}

static enum err approve_parse(struct admin_request *rq)
{
	return decide_parse(rq, true);
}

static enum err reject_parse(struct admin_request *rq)
{
	return decide_parse(rq, false);
}

static enum err decide_render(struct admin_request *rq, struct json_writer *w)
{
	return admin_put_state(w, &((const struct kyc_decide *)rq->task.command)->order);
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "GET", "/admin/v1/kyc", 0, 200, list_parse, &verb_kyc_list, list_render },
	{ "POST", "/admin/v1/orders/{id}/kyc/reveal", 0, 200, reveal_parse, &verb_kyc_reveal, reveal_render },
	{ "POST", "/admin/v1/orders/{id}/kyc/approve", 0, 200, approve_parse, &verb_kyc_decide, decide_render },
	{ "POST", "/admin/v1/orders/{id}/kyc/reject", 0, 200, reject_parse, &verb_kyc_decide, decide_render },
	/* clang-format on */
};
const struct admin_endpoints admin_kyc_endpoints = { rows, ARRAY_LEN(rows) };

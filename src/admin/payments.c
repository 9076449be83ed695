/* admin/payments.c: payment requests and merchants as an operator sees them. A payment is named by its trid. */
#include "admin/endpoint.h"

#include "base/zone.h"
#include "service/engine.h"
#include "service/merchant.h"
#include "service/payment.h"
#include "service/payment_link.h"

static enum err read_trid(struct admin_request *rq, int64_t *ret_id)
{
	return payment_of_trid(engine_keys(rq->engine), rq->captures[0], ret_id);
}

static enum err show_parse(struct admin_request *rq)
{
	struct payment_get *c = ARENA_NEW(rq->arena, struct payment_get);

	c->is_public = true; /* an operator sees every merchant's */
	rq->task.command = c;
	return read_trid(rq, &c->id);
}

static void put_attempts(struct json_writer *w, const struct payment_view *view)
{
	json_arr(w, "attempts");
	for (size_t i = 0; i < view->attempt_count; i++) {
		const struct payment_attempt *a = &view->attempts[i];

		json_obj(w, NULL);
		json_int(w, "no", a->no);
		json_strz(w, "state", payment_attempt_state_name((enum payment_attempt_state)a->state));
		json_str(w, "provider", a->provider);
		json_str(w, "provider_reference", a->provider_reference);
		json_str(w, "reason", a->reason);
		json_moment(w, "created_at", a->created_at);
		json_moment(w, "updated_at", a->updated_at);
		json_end(w);
	}
	json_end(w);
}

static void put_callbacks(struct json_writer *w, const struct payment_view *view)
{
	static const char *const states[] = { "", "pending", "delivered", "given_up" };

	json_arr(w, "callbacks");
	for (size_t i = 0; i < view->callback_count; i++) {
		const struct callback *c = &view->callbacks[i];

		json_obj(w, NULL);
		json_strz(w, "state", (size_t)c->state < ARRAY_LEN(states) ? states[c->state] : "");
		json_int(w, "tries", c->tries);
		json_int(w, "http_status", c->http_status);
		json_str(w, "error", c->error);
		json_moment(w, "last_try_at", c->last_try_at);
		json_end(w);
	}
	json_end(w);
}

static enum err put_payment(struct admin_request *rq, struct json_writer *w, const struct payment_view *view)
{
	const struct payment *p = &view->payment;

	json_obj(w, NULL);
	json_str(w, "trid", payment_trid(engine_keys(rq->engine), rq->arena, p->id));
	json_int(w, "id", p->id);
	json_int(w, "partner_id", p->partner_id);
	json_strz(w, "kind", payment_kind_name((enum payment_kind)p->kind));
	json_strz(w, "state", payment_state_name((enum payment_state)p->state));
	json_strz(w, "cause", payment_cause_text((enum payment_cause)p->cause));
	json_str(w, "reason", p->reason);
	json_str(w, "currency", currency_code((struct currency){ p->currency }));
	json_decimal(w, "item_amount", p->item_amount);
	json_decimal(w, "tax_amount", p->tax_amount);
	json_decimal(w, "fee", p->fee);
	json_str(w, "item_name", p->item_name);
	json_str(w, "track_id", p->track_id);
	json_str(w, "method", p->method);
	json_moment(w, "created_at", p->created_at);
	json_moment(w, "expires_at", p->expires_at);
	json_moment(w, "finished_at", p->finished_at);
	json_moment(w, "refunded_at", p->refunded_at);
	put_attempts(w, view);
	put_callbacks(w, view);
	json_end(w);
	return OK;
}

static enum err show_render(struct admin_request *rq, struct json_writer *w)
{
	return put_payment(rq, w, &((const struct payment_get *)rq->task.command)->view);
}

static enum err refund_parse(struct admin_request *rq)
{
	struct payment_refund *c = ARENA_NEW(rq->arena, struct payment_refund);

	c->by = rq->by;
	rq->task.command = c;
	return read_trid(rq, &c->id);
}

static enum err refund_render(struct admin_request *rq, struct json_writer *w)
{
	return put_payment(rq, w, &((const struct payment_refund *)rq->task.command)->view);
}

static enum err retry_parse(struct admin_request *rq)
{
	struct payment_retry *c = ARENA_NEW(rq->arena, struct payment_retry);

	c->by = rq->by;
	rq->task.command = c;
	return read_trid(rq, &c->id);
}

static enum err retry_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "jobs", ((const struct payment_retry *)rq->task.command)->jobs);
	json_end(w);
	return OK;
}

struct merchant_body {
	uint64_t set;
	int64_t fee_percent, fee_fixed; /* micros */
	struct str external_account_id, redirect_url, call_back_url, time_zone;
};
enum { FEE_PERCENT, FEE_FIXED, EXTERNAL_ACCOUNT_ID, REDIRECT_URL, CALL_BACK_URL, TIME_ZONE };
static const struct field merchant_fields[] = {
	[FEE_PERCENT] = { "fee_percent", FIELD_DECIMAL, 0, offsetof(struct merchant_body, fee_percent), .min = 0,
			  .max = 100000000 },
	[FEE_FIXED] = { "fee_fixed", FIELD_DECIMAL, 0, offsetof(struct merchant_body, fee_fixed), .min = 0,
			.max = MONEY_ITEM_MAX },
	[EXTERNAL_ACCOUNT_ID] = { "external_account_id", FIELD_STR, 0,
				  offsetof(struct merchant_body, external_account_id), .min = 0, .max = 255 },
	[REDIRECT_URL] = { "redirect_url", FIELD_STR, 0, offsetof(struct merchant_body, redirect_url), .min = 0,
			   .max = 2048 },
	[TIME_ZONE] = { "time_zone", FIELD_STR, 0, offsetof(struct merchant_body, time_zone), .min = 0, .max = 64 },
	[CALL_BACK_URL] = { "call_back_url", FIELD_STR, 0, offsetof(struct merchant_body, call_back_url), .min = 0,
			    .max = 2048 },
};
static const struct fields merchant_table = FIELDS(merchant_fields, struct merchant_body, FIELDS_CLOSED);

static enum err check_zone(struct admin_request *rq, struct str name)
{
	const struct zone *ignored;

	if (zone_load(rq->arena, name, &ignored))
		return admin_fault(rq, "time_zone", ERR_BAD_REQUEST,
				   "must be one that this system knows, such as Europe/Paris");
	return OK;
}

/* Both parts of the fee are given together: what is left out is nothing. */
static enum err merchant_parse(struct admin_request *rq)
{
	struct merchant_set *c = ARENA_NEW(rq->arena, struct merchant_set);
	struct merchant_body body;
	enum err e = admin_id(rq, 0, &c->partner_id);

	rq->task.command = c;
	c->by = rq->by;
	if (!e)
		e = admin_body(rq, &merchant_table, &body);
	if (e)
		return e;
	if (field_is_set(&body, FEE_PERCENT) || field_is_set(&body, FEE_FIXED))
		c->set |= MERCHANT_FEE;
	if (field_is_set(&body, EXTERNAL_ACCOUNT_ID))
		c->set |= MERCHANT_EXTERNAL_ID;
	if (field_is_set(&body, REDIRECT_URL))
		c->set |= MERCHANT_REDIRECT_URL;
	if (field_is_set(&body, CALL_BACK_URL))
		c->set |= MERCHANT_CALLBACK_URL;
	if (field_is_set(&body, TIME_ZONE))
		c->set |= MERCHANT_TIME_ZONE;
	c->fee = (struct payment_fee){ body.fee_percent / 100, body.fee_fixed };
	c->external_account_id = body.external_account_id;
	c->redirect_url = body.redirect_url;
	c->callback_url = body.call_back_url;
	c->time_zone = body.time_zone;
	return body.time_zone.n ? check_zone(rq, body.time_zone) : OK;
}

static enum err merchant_render(struct admin_request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "partner_id", ((const struct merchant_set *)rq->task.command)->partner_id);
	json_end(w);
	return OK;
}

static const struct admin_endpoint rows[] = {
	/* clang-format off */
	{ "GET", "/admin/v1/payments/{trid}", 0, 200, show_parse, &verb_payment_get, show_render },
	{ "POST", "/admin/v1/payments/{trid}/refund", 0, 200, refund_parse, &verb_payment_refund, refund_render },
	{ "POST", "/admin/v1/payments/{trid}/retry", 0, 200, retry_parse, &verb_payment_retry, retry_render },
	{ "POST", "/admin/v1/partners/{id}/merchant", 0, 200, merchant_parse, &verb_merchant_set, merchant_render },
	/* clang-format on */
};

const struct admin_endpoints admin_payment_endpoints = { rows, ARRAY_LEN(rows) };

#include "api/mobip/payment.h"

#include "api/mobip/input.h"
#include "api/mobip/reusable.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/qr.h"
#include "service/payment_link.h"
#include "service/public.h"

enum {
	TEXT_MOST = 255,
	URL_MOST = 2048,
	TTL_DAYS = 365,
	TTL_DAYS_MOST = 3650,
	RETRY_DAYS_MOST = 365,
	RETRIES = 3,
	RETRIES_MOST = 50
};

struct asked {
	int64_t item_amount, tax_amount, language, media, ttl_days, retry_period, retry_attempts;
	struct str item_name, track_id, customer_name, customer_email, customer_phone, redirect_url, callback_url;
};

/* create_one_use_qr (mobip.md 1, 4). */
static const struct mobip_field one_use_fields[] = {
	{ "item_name", NULL, MOBIP_TEXT, true, offsetof(struct asked, item_name), .max = TEXT_MOST },
	{ "item_amount_in_cents", "item_amount", MOBIP_NUMBER, true, offsetof(struct asked, item_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "tax_amount_in_cents", "tax_amount", MOBIP_NUMBER, true, offsetof(struct asked, tax_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "call_back_url", NULL, MOBIP_URL, true, offsetof(struct asked, callback_url), .max = URL_MOST },
	{ "redirect_url", NULL, MOBIP_URL, true, offsetof(struct asked, redirect_url), .max = URL_MOST },
	{ "language", NULL, MOBIP_LANGUAGE, false, offsetof(struct asked, language), .otherwise = PAY_EN },
	{ "track_id", NULL, MOBIP_OPAQUE, false, offsetof(struct asked, track_id), .max = TEXT_MOST },
	{ "customer_name", NULL, MOBIP_TEXT, false, offsetof(struct asked, customer_name), .max = TEXT_MOST },
	{ "customer_email", NULL, MOBIP_EMAIL, false, offsetof(struct asked, customer_email) },
	{ "customer_phone", NULL, MOBIP_PHONE, false, offsetof(struct asked, customer_phone) },
	{ "transaction_ttl", NULL, MOBIP_NUMBER, false, offsetof(struct asked, ttl_days), 1, TTL_DAYS_MOST, TTL_DAYS },
};

/* send_payment_request (mobip.md 1, 5). The mail address is for the receipt, also when an SMS is sent. */
static const struct mobip_field request_fields[] = {
	{ "item_name", NULL, MOBIP_TEXT, true, offsetof(struct asked, item_name), .max = TEXT_MOST },
	{ "item_amount_in_cents", "item_amount", MOBIP_NUMBER, true, offsetof(struct asked, item_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "tax_amount", "tax_amount_in_cents", MOBIP_NUMBER, true, offsetof(struct asked, tax_amount), 0,
	  MOBIP_MINOR_MOST },
	{ "redirect_url", NULL, MOBIP_URL, true, offsetof(struct asked, redirect_url), .max = URL_MOST },
	{ "customer_email", NULL, MOBIP_EMAIL, true, offsetof(struct asked, customer_email) },
	{ "media", NULL, MOBIP_MEDIA, true, offsetof(struct asked, media) },
	{ "call_back_url", NULL, MOBIP_URL, false, offsetof(struct asked, callback_url), .max = URL_MOST },
	{ "track_id", NULL, MOBIP_OPAQUE, false, offsetof(struct asked, track_id), .max = TEXT_MOST },
	{ "retry_period", NULL, MOBIP_NUMBER, false, offsetof(struct asked, retry_period), 0, RETRY_DAYS_MOST },
	{ "retry_attempts", NULL, MOBIP_NUMBER, false, offsetof(struct asked, retry_attempts), 0, RETRIES_MOST,
	  RETRIES },
	{ "transaction_ttl", NULL, MOBIP_NUMBER, false, offsetof(struct asked, ttl_days), 1, TTL_DAYS_MOST, TTL_DAYS },
	{ "language", NULL, MOBIP_LANGUAGE, false, offsetof(struct asked, language), .otherwise = PAY_EN },
	{ "customer_name", NULL, MOBIP_TEXT, false, offsetof(struct asked, customer_name), .max = TEXT_MOST },
	{ "customer_phone", NULL, MOBIP_PHONE, false, offsetof(struct asked, customer_phone) },
};

static enum err read_asked(struct request *rq, enum payment_kind kind, const struct mobip_field *fields, size_t n)
{
	struct payment_create *c = ARENA_NEW(&rq->x->arena, struct payment_create);
	struct asked asked = { 0 };
	enum err e = mobip_bind(rq, fields, n, &asked);

	rq->task.command = c;
	*c = (struct payment_create){ .kind = kind,
				      .language = (enum payment_language)asked.language,
				      .media = (enum payment_media)asked.media,
				      .item_name = asked.item_name,
				      .track_id = asked.track_id,
				      .customer_name = asked.customer_name,
				      .customer_email = asked.customer_email,
				      .customer_phone = asked.customer_phone,
				      .redirect_url = asked.redirect_url,
				      .callback_url = asked.callback_url,
				      .ttl_us = SECONDS_US(asked.ttl_days * 24 * 3600),
				      .retry_period = (int)asked.retry_period,
				      .retry_attempts = (int)asked.retry_attempts,
				      .base_url = rq->settings->public_url,
				      .idempotency_key = rq->idempotency_key,
				      .idempotency_hash = rq->request_hash };
	if (!e)
		e = mobip_amount(rq, "item_amount_in_cents", asked.item_amount, &c->item_amount);
	if (!e)
		e = mobip_amount(rq, "tax_amount_in_cents", asked.tax_amount, &c->tax_amount);
	return e;
}

enum err mobip_create_parse(struct request *rq)
{
	return read_asked(rq, PAYMENT_ONE_USE, one_use_fields, ARRAY_LEN(one_use_fields));
}

enum err mobip_send_parse(struct request *rq)
{
	return read_asked(rq, PAYMENT_REQUEST, request_fields, ARRAY_LEN(request_fields));
}

static struct str checkout_url(struct request *rq, int64_t id)
{
	return public_link(rq->keys, &rq->x->arena, rq->settings->public_url, PUBLIC_PAYMENT, id, 0, "");
}

static struct str qr_url(struct request *rq, int64_t id)
{
	return public_link(rq->keys, &rq->x->arena, rq->settings->public_url, PUBLIC_PAYMENT_QR, id, 0, ".png");
}

/* The picture itself, as JSON can have it: base64, without a prefix (mobip.md 5). */
static void put_raw_qr(struct request *rq, struct json_writer *w, int64_t id)
{
	struct buf png, text;

	buf_init(&png, LIMIT_MESSAGE_BYTES);
	buf_init(&text, LIMIT_MESSAGE_BYTES);
	if (qr_png(&png, checkout_url(rq, id)) == OK)
		buf_base64(&text, png.p, png.n);
	json_str(w, "raw_qr", text.n ? buf_view(&text) : STR(""));
	buf_done(&text);
	buf_done(&png);
}

void mobip_create_render(struct request *rq, struct json_writer *w)
{
	const struct payment_create *c = rq->task.command;
	int64_t id = c->view.payment.id;

	if (c->replayed)
		http_reply_header(rq->x, "Idempotent-Replayed", STR("true"));
	mobip_begin(w);
	json_str(w, "trid", payment_trid(rq->keys, &rq->x->arena, id));
	json_str(w, "url_checkout", checkout_url(rq, id));
	json_str(w, "url_qr", qr_url(rq, id));
	if (c->kind == PAYMENT_REQUEST) {
		mobip_text(w, "track_id", c->view.payment.track_id);
		put_raw_qr(rq, w, id);
	}
	json_end(w);
}

static enum err read_trid(struct request *rq, int64_t *ret_id)
{
	struct {
		struct str trid;
	} asked = { STR_NONE };
	static const struct mobip_field fields[] = { { "trid", NULL, MOBIP_OPAQUE, true, 0, .max = TEXT_MOST } };
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	return e ? e : payment_of_trid(rq->keys, asked.trid, ret_id);
}

enum err mobip_get_parse(struct request *rq)
{
	struct payment_get *g = ARENA_NEW(&rq->x->arena, struct payment_get);

	rq->task.command = g;
	return read_trid(rq, &g->id);
}

enum err mobip_cancel_parse(struct request *rq)
{
	struct payment_cancel *c = ARENA_NEW(&rq->x->arena, struct payment_cancel);

	rq->task.command = c;
	return read_trid(rq, &c->id);
}

enum err mobip_resend_parse(struct request *rq)
{
	struct payment_resend *r = ARENA_NEW(&rq->x->arena, struct payment_resend);
	struct {
		struct str trid;
		int64_t media;
	} asked = { STR_NONE, MEDIA_NONE };
	static const struct mobip_field fields[] = {
		{ "trid", NULL, MOBIP_OPAQUE, true, 0, .max = TEXT_MOST },
		{ "media", NULL, MOBIP_MEDIA, true, sizeof(struct str) },
	};
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = r;
	r->media = (enum payment_media)asked.media;
	r->base_url = rq->settings->public_url;
	return e ? e : payment_of_trid(rq->keys, asked.trid, &r->id);
}

/* What is with the provider is still pending to the merchant; what was given back was paid (mobip.md 6). */
const char *mobip_state(const struct payment *p)
{
	static const char *const names[] = {
		[PAYMENT_NEW] = "PENDING", [PAYMENT_PENDING] = "PENDING", [PAYMENT_PAYING] = "PENDING",
		[PAYMENT_PAID] = "PAID",   [PAYMENT_DENIED] = "DENIED",	  [PAYMENT_CANCELLED] = "CANCELLED",
		[PAYMENT_ERROR] = "ERROR", [PAYMENT_REFUNDING] = "PAID",  [PAYMENT_REFUNDED] = "PAID",
	};

	must((size_t)p->state < ARRAY_LEN(names));
	return names[p->state];
}

struct str mobip_reason(const struct payment *p)
{
	return p->cause == CAUSE_PROVIDER ? p->reason : str_of(payment_cause_text((enum payment_cause)p->cause));
}

void mobip_valid_render(struct request *rq, struct json_writer *w)
{
	const struct payment_view *view = &((const struct payment_get *)rq->task.command)->view;
	const struct payment *p = &view->payment;

	mobip_begin(w);
	json_strz(w, "transaction_status", mobip_state(p));
	mobip_text(w, "track_id", p->track_id);
	mobip_text(w, "reason", mobip_reason(p));
	mobip_text(w, "payment_method", p->method);
	json_str(w, "desc", p->item_name);
	mobip_bool(w, "isRefunded", p->state == PAYMENT_REFUNDED);
	mobip_time(w, "transaction_datetime", p->finished_at ? p->finished_at : p->created_at);
	mobip_text(w, "external_accountid", view->external_account_id);
	json_end(w);
}

static void put_customer(struct json_writer *w, const struct payment *p)
{
	static const char *const media[] = { [MEDIA_NONE] = "", [MEDIA_SMS] = "SMS", [MEDIA_EMAIL] = "EMAIL" };

	json_strz(w, "language", p->language == PAY_FR ? "FR" : "EN");
	mobip_text(w, "customer_name", p->customer_name);
	mobip_text(w, "customer_email", p->customer_email);
	mobip_text(w, "customer_phone", p->customer_phone);
	mobip_text(w, "redirect_url", p->redirect_url);
	mobip_text(w, "call_back_url", p->callback_url);
	json_strz(w, "media", media[p->media]);
	mobip_int(w, "retry_period", p->retry_period);
	mobip_int(w, "retry_attempts", p->retry_attempts);
}

/* Of the plan: how many have left, and when the next one is due. Only its messages carry the period. */
static void put_retries(struct json_writer *w, const struct payment_view *view)
{
	int64_t done = 0, next_us = 0;

	for (size_t i = 0; i < view->message_count; i++) {
		const struct message *m = &view->messages[i];

		if (m->kind != MESSAGE_PAYMENT_AGAIN || !m->every_us)
			continue;
		if (m->tries)
			done++;
		else if (m->state == MESSAGE_QUEUED && !payment_is_final((enum payment_state)view->payment.state))
			next_us = m->planned_at;
	}
	mobip_int(w, "retries_done", done);
	mobip_time(w, "next_retry_at", next_us);
}

static void put_messages(struct json_writer *w, const struct payment_view *view)
{
	json_arr(w, "messages");
	for (size_t i = 0; i < view->message_count; i++) {
		const struct message *m = &view->messages[i];

		json_obj(w, NULL);
		json_strz(w, "media", m->medium == MEDIUM_SMS ? "SMS" : "EMAIL");
		mobip_time(w, "at", m->claimed_at ? m->claimed_at : m->planned_at);
		json_strz(w, "kind", message_kind_name((enum message_kind)m->kind));
		json_strz(w, "status", message_state_name((enum message_state)m->state));
		json_end(w);
	}
	json_end(w);
}

static void put_amounts(struct json_writer *w, const struct payment *p)
{
	struct currency cur = { p->currency };

	mobip_int(w, "item_amount_in_cents", payment_minor(p->item_amount, cur));
	mobip_int(w, "tax_amount_in_cents", payment_minor(p->tax_amount, cur));
	mobip_int(w, "total_amount_in_cents", payment_minor(payment_total(p), cur));
	json_str(w, "currency", currency_code(cur));
}

static void put_callbacks(struct json_writer *w, const struct payment_view *view)
{
	json_arr(w, "callbacks");
	for (size_t i = 0; i < view->callback_count; i++) {
		const struct callback *c = &view->callbacks[i];

		if (!c->tries)
			continue;
		json_obj(w, NULL);
		mobip_time(w, "at", c->last_try_at);
		mobip_int(w, "http_status", c->http_status);
		mobip_int(w, "attempt", c->tries);
		json_end(w);
	}
	json_end(w);
}

void mobip_transaction_render(struct request *rq, struct json_writer *w)
{
	const struct payment_view *view = &((const struct payment_get *)rq->task.command)->view;
	const struct payment *p = &view->payment;

	mobip_begin(w);
	json_obj(w, "transaction_data");
	json_str(w, "trid", payment_trid(rq->keys, &rq->x->arena, p->id));
	mobip_text(w, "track_id", p->track_id);
	json_strz(w, "status", mobip_state(p));
	mobip_text(w, "reason", mobip_reason(p));
	json_strz(w, "type", payment_kind_name((enum payment_kind)p->kind));
	if (p->link_id)
		json_str(w, "qr_id", mobip_qr_id(rq, p->link_id));
	json_str(w, "item_name", p->item_name);
	put_amounts(w, p);
	put_customer(w, p);
	json_str(w, "url_checkout", checkout_url(rq, p->id));
	json_str(w, "url_qr", qr_url(rq, p->id));
	mobip_time(w, "created_at", p->created_at);
	mobip_time(w, "expires_at", p->expires_at);
	mobip_time(w, "finished_at", p->finished_at);
	mobip_text(w, "payment_method", p->method);
	mobip_bool(w, "isRefunded", p->state == PAYMENT_REFUNDED);
	put_retries(w, view);
	put_messages(w, view);
	put_callbacks(w, view);
	json_end(w);
	json_end(w);
}

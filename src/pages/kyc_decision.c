/* pages/kyc_decision.c: a provider outside says what it found about a customer (mobimatter.md 4).
 *
 * The path is that of the check's page and "/decision". The signature covers time, path and body: nobody can use one
 * for another check, or later than the window; a call that comes twice decides nothing twice (service/kyc.h). */
#include "pages/pages_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "json/fields.h"
#include "json/writer.h"

enum { MAC_BYTES = 32, TIMESTAMP_DIGITS = 12, WINDOW_SECONDS = 300 };

/* By the wall clock: it is compared with the caller's, which no sandbox moves. */
static enum err check_timestamp(struct str text)
{
	int64_t then, now = clock_wall_us() / SECONDS_US(1);

	if (!text.p)
		return ERR_TIMESTAMP_MISSING;
	if (text.n > TIMESTAMP_DIGITS || str_to_i64(text, 0, INT64_MAX, &then))
		return ERR_TIMESTAMP_INVALID;
	return now - then > WINDOW_SECONDS || then - now > WINDOW_SECONDS ? ERR_TIMESTAMP_OUT_OF_RANGE : OK;
}

static struct str signature_by(struct page *p, const struct kyc_provider *provider, struct str timestamp)
{
	struct arena *a = &p->x->arena;
	struct str message =
		arena_printf(a, "%.*s.%.*s.%.*s", STR_ARG(timestamp), STR_ARG(p->x->path), STR_ARG(p->x->body));
	unsigned char mac[MAC_BYTES];
	char text[2 * MAC_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	crypto_hmac_sha256(provider->secret, message, mac);
	buf_hex(&b, mac, sizeof(mac));
	return arena_str(a, buf_view(&b));
}

/* Every provider's signature is made and compared, so that time tells nothing. */
static enum err check_signature(struct page *p)
{
	struct str timestamp = http_header_find(p->x, "X-Kyc-Timestamp");
	struct str given = http_header_find(p->x, "X-Kyc-Signature");
	const struct pages_options *options = &p->pages->options;
	enum err e = check_timestamp(timestamp);

	if (e)
		return e;
	if (!given.p)
		return ERR_SIGNATURE_MISSING;
	for (size_t i = 0; i < options->kyc_provider_count; i++) {
		const struct kyc_provider *provider = &options->kyc_providers[i];

		if (crypto_equal(given, signature_by(p, provider, timestamp)))
			p->decide.by.actor = arena_printf(&p->x->arena, "kyc:%.*s", STR_ARG(provider->name));
	}
	return p->decide.by.actor.p ? OK : ERR_SIGNATURE_INVALID;
}

enum { APPROVED = 1, REJECTED = 2 };
struct decision_body {
	uint64_t set;
	int decision;
	struct str reason;
};
static const struct field_name decisions[] = { { "approved", APPROVED }, { "rejected", REJECTED }, { NULL, 0 } };
static const struct field decision_fields[] = {
	{ "decision", FIELD_ENUM, FIELD_REQUIRED, offsetof(struct decision_body, decision), .names = decisions },
	{ "reason", FIELD_STR, FIELD_NULLABLE, offsetof(struct decision_body, reason), .max = KYC_REASON_MOST },
};
static const struct fields decision_table = FIELDS(decision_fields, struct decision_body, 0);

enum err kyc_decision_read(struct page *p)
{
	struct decision_body body = { 0 };
	struct json_faults faults = { 0 };
	enum err e = check_signature(p);

	if (e) {
		log_warn("kyc.refused", "peer=%.*s error=%s", STR_ARG(p->x->peer), err_name(e));
		return e;
	}
	e = fields_read(&p->x->arena, p->x->body, &decision_table, &body, &faults);
	p->decide.order_id = p->public.order_id;
	p->decide.approve = body.decision == APPROVED;
	p->decide.reason = body.reason;
	if (faults.n)
		p->task.detail = str_of(faults.items[0].message);
	return e;
}

static int status_of(enum err e)
{
	static const struct {
		enum err e;
		int status;
	} rows[] = { { ERR_NOT_FOUND, 404 },
		     { ERR_ORDER_NOT_FOUND, 404 },
		     { ERR_TIMESTAMP_MISSING, 401 },
		     { ERR_TIMESTAMP_INVALID, 401 },
		     { ERR_SIGNATURE_MISSING, 401 },
		     { ERR_TIMESTAMP_OUT_OF_RANGE, 401 },
		     { ERR_SIGNATURE_INVALID, 401 },
		     { ERR_ILLEGAL_STATE, 409 },
		     { ERR_OUT_OF_STOCK, 409 },
		     { ERR_METHOD_NOT_ALLOWED, 405 },
		     { ERR_BUSY, 503 },
		     { ERR_STORE_UNAVAILABLE, 503 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].e == e)
			return rows[i].status;
	return err_fault(e) == ERR_FAULT_CALLER ? 400 : 500;
}

void kyc_decision_answer(struct page *p, enum err e)
{
	struct json_writer w;

	json_writer_init(&w, &p->x->reply);
	json_obj(&w, NULL);
	if (e) {
		p->x->status = status_of(e);
		json_obj(&w, "error");
		json_strz(&w, "code", err_name(e));
		json_str(&w, "message", p->task.detail);
		json_end(&w);
	} else {
		json_strz(&w, "decision", p->decide.approve ? "approved" : "rejected");
		json_strz(&w, "order", order_state_name((enum order_state)p->decide.order.state));
	}
	json_end(&w);
}

#include "api/mobip/answer.h"

#include "api/mobip/input.h"
#include "api/mobip/stats_file.h"
#include "base/clock.h"
#include "core/payment.h"
#include "service/payment.h"
#include "json/xml.h"

enum { TIME_CHARS = 19, CODE_CREDENTIALS = 100 };

/* mobip.md 3. Codes without a row of their own there take the nearest; 900 is everything that is ours. */
static const struct mobip_error errors[] = {
	{ ERR_BAD_REQUEST, 200, 201, "Invalid parameter" },
	{ ERR_MISSING, 200, 200, "Missing parameter" },
	{ ERR_UNAUTHORIZED, 200, 101, "Invalid or expired access token" },
	{ ERR_FORBIDDEN, 200, 102, "Account disabled" },
	{ ERR_RESTRICTED, 200, 103, "Restricted access" },
	{ ERR_RATE_LIMITED, 429, 104, "Too many requests" },
	{ ERR_NOT_FOUND, 404, 202, "Unknown call" },
	{ ERR_METHOD_NOT_ALLOWED, 405, 203, "Wrong method" },
	{ ERR_MALFORMED, 200, 204, "Malformed request" },
	{ ERR_MEDIA_TYPE, 200, 204, "Malformed request" },
	{ ERR_TOO_LARGE, 413, 204, "Malformed request: it is too large" },
	{ ERR_CONFLICT, 200, 201, "Idempotency-Key was used with another request" },
	{ ERR_OVERFLOW, 200, 201, "Invalid parameter: the total must be from 1 cent to 10^9 units of the currency" },
	{ ERR_PAYMENT_NOT_FOUND, 200, 300, "Transaction not found" },
	{ ERR_PAYMENT_FINAL, 200, 301, "Transaction already final" },
	{ ERR_PAYMENT_BUSY, 200, 301, "Transaction is being paid" },
	{ ERR_PAYMENT_EXPIRED, 200, 302, "Transaction expired" },
	{ ERR_ACCOUNT_NOT_FOUND, 200, 400, "Account not found" },
	{ ERR_ATTRIBUTE_FIXED, 200, 401, "Attribute not updatable" },
	{ ERR_DOCUMENT_NOT_FOUND, 200, 403, "Document not found" },
	{ ERR_INVOICE_NOT_FOUND, 200, 500, "Invoice not found" },
	{ ERR_PERIOD_NOT_FOUND, 200, 700, "No such statistics period" },
	{ ERR_INVOICES_WRONG, 200, 501, "InvoicesLists is not right" },
	{ ERR_SOURCE_NOT_FOUND, 200, 502, "Unknown ExternalSourceId" },
	{ ERR_REFERENCE_USED, 200, 402, "External_AccountID already used" },
	{ ERR_METHOD_NOT_SUPPORTED, 200, 600, "Message could not be sent" },
	{ ERR_ADDRESS_MISSING, 200, 601, "No phone number or e-mail address to send to" },
	{ ERR_BUSY, 503, 900, "Please try again later" },
	{ ERR_STORE_UNAVAILABLE, 503, 900, "Please try again later" },
	{ ERR_IO, 503, 900, "Please try again later" },
	{ ERR_TIMEOUT, 503, 900, "Please try again later" },
	/* What no call of this API comes to. */
	{ ERR_TIMESTAMP_MISSING, 200, 201, "Invalid parameter" },
	{ ERR_TIMESTAMP_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_TIMESTAMP_OUT_OF_RANGE, 200, 201, "Invalid parameter" },
	{ ERR_SIGNATURE_MISSING, 200, 201, "Invalid parameter" },
	{ ERR_SIGNATURE_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_GONE, 200, 201, "Invalid parameter" },
	{ ERR_PRODUCT_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_AMOUNT_OUT_OF_RANGE, 200, 201, "Invalid parameter" },
	{ ERR_UNIT_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_BENEFITS_NOT_DEFINED, 200, 201, "Invalid parameter" },
	{ ERR_PROMOTION_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_CAMPAIGN_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_SERVICE_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_COUNTRY_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_OPERATOR_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_CREDIT_PARTY_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_DEBIT_PARTY_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_SENDER_NUMBER_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_BENEFICIARY_NUMBER_INVALID, 200, 201, "Invalid parameter" },
	{ ERR_INSUFFICIENT_FUNDS, 200, 201, "Invalid parameter" },
	{ ERR_BALANCE_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_ALREADY_CONFIRMED, 200, 201, "Invalid parameter" },
	{ ERR_CONFIRM_TOO_LATE, 200, 201, "Invalid parameter" },
	{ ERR_ALREADY_CANCELLED, 200, 201, "Invalid parameter" },
	{ ERR_CANCEL_TOO_LATE, 200, 201, "Invalid parameter" },
	{ ERR_ORDER_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_ESIM_NOT_FOUND, 200, 201, "Invalid parameter" },
	{ ERR_ESIM_NOT_RENEWABLE, 200, 201, "Invalid parameter" },
	{ ERR_ILLEGAL_STATE, 200, 201, "Invalid parameter" },
	{ ERR_OUT_OF_STOCK, 200, 201, "Invalid parameter" },
	{ ERR_CURRENCY, 200, 201, "Invalid parameter" },
	{ ERR_STORE_FAILED, 500, 900, "Internal error" },
	{ ERR_STORE_NEWER, 500, 900, "Internal error" },
	{ ERR_CONFIG, 500, 900, "Internal error" },
	{ ERR_SEALED, 500, 900, "Internal error" },
	{ ERR_INTERNAL, 500, 900, "Internal error" },
};

const struct mobip_error *mobip_error(enum err code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return mobip_error(ERR_INTERNAL);
}

void mobip_begin(struct json_writer *w)
{
	json_obj(w, NULL);
	json_strz(w, "return_code", "0");
}

void mobip_int(struct json_writer *w, const char *name, int64_t value)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%lld", (long long)value);

	json_str(w, name, (struct str){ text, (size_t)n });
}

void mobip_bool(struct json_writer *w, const char *name, bool value)
{
	json_strz(w, name, value ? "true" : "false");
}

void mobip_text(struct json_writer *w, const char *name, struct str value)
{
	json_str(w, name, value.p ? value : STR(""));
}

/* YYYY-MM-DD HH:MM:SS, UTC (mobip.md 6). */
void mobip_time(struct json_writer *w, const char *name, int64_t us)
{
	struct buf b;

	buf_init(&b, 64);
	if (us)
		clock_put_rfc3339(&b, us, 0, "");
	if (b.n == TIME_CHARS)
		b.p[10] = ' ';
	json_str(w, name, us ? buf_view(&b) : STR(""));
	buf_done(&b);
}

void mobip_render_done(struct request *rq, struct json_writer *w)
{
	(void)rq;
	mobip_begin(w);
	json_end(w);
}

/* What the command of a call that needs a live payment has found; NULL for other calls. */
static const struct payment *found_by(const struct request *rq)
{
	static const struct {
		const struct verb *verb;
		size_t view_at;
	} calls[] = { { &verb_payment_cancel, offsetof(struct payment_cancel, view) },
		      { &verb_payment_resend, offsetof(struct payment_resend, view) } };

	for (size_t i = 0; rq->endpoint && i < ARRAY_LEN(calls); i++) {
		const char *command = rq->task.command;

		if (rq->endpoint->verb == calls[i].verb)
			return &((const struct payment_view *)(const void *)(command + calls[i].view_at))->payment;
	}
	return NULL;
}

/* "Transaction already PAID": which end it came to is in the view of the command. */
static struct str words_of(struct request *rq, const struct mobip_error *error)
{
	const struct payment *found = found_by(rq);

	if (rq->faults[0].message.p)
		return rq->faults[0].message;
	if (error->code == ERR_PAYMENT_FINAL && found)
		return arena_printf(&rq->x->arena, "Transaction already %s", mobip_state(found));
	if (error->code == ERR_METHOD_NOT_ALLOWED)
		return arena_printf(&rq->x->arena, "Wrong method, use %s",
				    str_is(rq->x->method, "POST") ? "GET" : "POST");
	return str_of(error->message);
}

void mobip_refuse(struct request *rq)
{
	struct http_exchange *x = rq->x;
	enum err code = rq->faults[0].code;
	const struct mobip_error *error = mobip_error(code);
	/* Who asks for a token has none: account or secret are wrong, and nobody learns which. */
	bool is_login = code == ERR_UNAUTHORIZED && rq->endpoint && rq->endpoint->flags & ENDPOINT_OPEN;
	struct json_writer w;

	if (x->status < 400)
		x->status = error->status;
	if (code == ERR_RATE_LIMITED && rq->endpoint && rq->endpoint->verb == &verb_payment_resend)
		http_reply_header(x, "Retry-After", STR("60"));
	json_writer_init(&w, &x->reply);
	json_obj(&w, NULL);
	mobip_int(&w, "return_code", is_login ? CODE_CREDENTIALS : error->return_code);
	json_str(&w, "return_message", is_login ? STR("Invalid credentials") : words_of(rq, error));
	json_end(&w);
}

static bool wants_xml(const struct request *rq)
{
	struct str format = mobip_value(rq, "format"), accept = http_header_find(rq->x, "Accept");

	if (str_eq_nocase(format, STR("xml")) || str_eq_nocase(format, STR("json")))
		return str_eq_nocase(format, STR("xml"));
	while (accept.p) {
		struct str type = str_cut(&accept, ',');

		type = str_trim(str_cut(&type, ';'));
		if (str_eq_nocase(type, STR("application/xml")) || str_eq_nocase(type, STR("text/xml")))
			return true;
		if (str_eq_nocase(type, STR("application/json")))
			return false;
	}
	return false;
}

static bool is_file(const struct request *rq)
{
	return rq->endpoint && rq->endpoint->render == mobip_stats_file_render && !rq->fault_count;
}

void mobip_finish(struct request *rq)
{
	static const struct json_limits ours = { LIMIT_JSON_DEPTH, (size_t)8 * 1024 * 1024 };
	struct http_exchange *x = rq->x;
	bool is_xml = wants_xml(rq) && !x->reply.failed;
	struct json doc;

	http_reply_header(x, "Cache-Control", STR("no-store"));
	if (is_file(rq)) {
		http_reply_header(x, "Content-Type", STR("application/gzip"));
		return;
	}
	http_reply_header(x, "Content-Type", is_xml ? STR("application/xml; charset=utf-8") : STR("application/json"));
	if (!is_xml)
		return;
	struct str made = arena_str(&x->arena, buf_view(&x->reply));
	enum err e = json_read(&x->arena, made, &ours, &doc);
	must(!e);
	buf_clear(&x->reply);
	xml_put(&x->reply, &x->arena, "response", json_root(&doc));
}

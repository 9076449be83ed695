#include "payment/stripe/wire.h"

#include "base/clock.h"
#include "base/limits.h"
#include "json/reader.h"

enum { SESSION_SECONDS = 3600, FORM_BYTES_MOST = 64 * 1024, CODE_BYTES_MOST = 64 };

/* Where Stripe's minor units are not those of ISO 4217. */
static const struct {
	const char *code;
	int digits;
} odd_currencies[] = { { "MGA", 0 }, { "ISK", 2 }, { "UGX", 2 } };

static int stripe_digits(struct currency cur)
{
	for (size_t i = 0; i < ARRAY_LEN(odd_currencies); i++)
		if (str_is(currency_code(cur), odd_currencies[i].code))
			return odd_currencies[i].digits;
	return currency_exponent(cur);
}

enum err stripe_amount(struct money amount, int64_t *ret)
{
	int digits = stripe_digits(amount.cur);
	int64_t unit = 1000000;

	for (int i = 0; i < digits; i++)
		unit /= 10;
	/* Amounts with three digits must end with a zero: the networks carry two. */
	int64_t least = digits > 2 ? unit * 10 : unit;
	if (amount.micros < 0 || amount.micros % least)
		return ERR_OVERFLOW;
	*ret = amount.micros / unit;
	return OK;
}

static void put_pair(struct buf *b, const char *name, struct str value)
{
	if (!value.n)
		return;
	if (b->n)
		buf_char(b, '&');
	buf_str(b, str_of(name));
	buf_char(b, '=');
	buf_percent(b, value);
}

static struct str lower_code(struct arena *a, struct currency cur)
{
	struct str code = currency_code(cur);

	return arena_printf(a, "%c%c%c", code.p[0] | 32, code.p[1] | 32, code.p[2] | 32);
}

enum err stripe_write_session(const struct provider_call *call, struct str *ret)
{
	const struct payment *p = call->payment;
	const struct money total = { payment_total(p), { p->currency } };
	struct str reference = provider_call_reference(call);
	int64_t amount, ends = call->attempt->created_at / SECONDS_US(1) + SESSION_SECONDS;
	struct arena *a = call->arena;
	struct buf b;
	enum err e = stripe_amount(total, &amount);

	if (e)
		return e;
	buf_init(&b, FORM_BYTES_MOST);
	put_pair(&b, "mode", STR("payment"));
	put_pair(&b, "client_reference_id", reference);
	put_pair(&b, "payment_intent_data[metadata][reference]", reference);
	put_pair(&b, "payment_method_types[0]", STR("card"));
	put_pair(&b, "line_items[0][quantity]", STR("1"));
	put_pair(&b, "line_items[0][price_data][currency]", lower_code(a, total.cur));
	put_pair(&b, "line_items[0][price_data][unit_amount]", arena_printf(a, "%lld", (long long)amount));
	put_pair(&b, "line_items[0][price_data][product_data][name]", p->item_name);
	put_pair(&b, "customer_email", p->customer_email);
	put_pair(&b, "locale", p->language == PAY_FR ? STR("fr") : STR("en"));
	put_pair(&b, "success_url", str_of(call->page_url));
	put_pair(&b, "cancel_url", str_of(call->page_url));
	put_pair(&b, "expires_at", arena_printf(a, "%lld", (long long)ends));
	e = b.failed ? ERR_OVERFLOW : OK;
	if (!e)
		*ret = arena_str(a, buf_view(&b));
	buf_done(&b);
	return e;
}

static struct provider_answer unknown(const char *detail)
{
	return (struct provider_answer){ .outcome = PAY_OUTCOME_UNKNOWN, .refund = REFUND_UNKNOWN, .detail = detail };
}

/* Whether the session is the one that we asked for: a payment of another sum is none. */
static bool is_ours(const struct provider_call *call, const struct json_token *session)
{
	const struct money total = { payment_total(call->payment), { call->payment->currency } };
	struct arena *a = call->arena;
	int64_t ours, theirs;

	return !stripe_amount(total, &ours) && !json_i64(json_get(session, "amount_total"), 0, INT64_MAX, &theirs) &&
	       ours == theirs && str_eq(json_text(a, json_get(session, "currency")), lower_code(a, total.cur)) &&
	       str_eq(json_text(a, json_get(session, "client_reference_id")), provider_call_reference(call));
}

static struct provider_answer read_open(struct arena *a, const struct json_token *session)
{
	struct str url = json_text(a, json_get(session, "url")), id = json_text(a, json_get(session, "id"));

	if (!str_starts(url, STR("https://")) || !id.n)
		return unknown("a session without a name or an address");
	return (struct provider_answer){ .outcome = PAY_OUTCOME_WAITING, .reference = id, .next_url = url };
}

struct provider_answer stripe_read_session(const struct provider_call *call, struct stripe_reply reply)
{
	struct arena *a = call->arena;
	struct json doc;

	if (reply.status != 200 || json_read(a, reply.body, NULL, &doc))
		return unknown(reply.status >= 500 ? "server error" : "unexpected answer");
	const struct json_token *session = json_root(&doc);
	if (!is_ours(call, session))
		return unknown("a session that is not what we asked for");
	struct str status = json_text(a, json_get(session, "status"));
	struct str intent = json_text(a, json_get(session, "payment_intent"));
	bool is_paid = str_is(json_text(a, json_get(session, "payment_status")), "paid");
	if (is_paid && !intent.n)
		return unknown("paid, and nothing that could be given back");
	if (is_paid)
		return (struct provider_answer){ .outcome = PAY_OUTCOME_PAID,
						 .method = STR("CARD"),
						 .reference = intent };
	if (str_is(status, "expired"))
		return (struct provider_answer){ .outcome = PAY_OUTCOME_ABANDONED };
	return str_is(status, "open") ? read_open(a, session) : unknown("complete and not paid yet");
}

/* The code of an error; absent if the body is not an error of the API. */
static struct str error_code(struct arena *a, struct str body)
{
	struct json doc;

	if (json_read(a, body, NULL, &doc))
		return STR_NONE;
	const struct json_token *error = json_get(json_root(&doc), "error");
	struct str code = json_text(a, json_get(error, "code"));
	return code.n && code.n <= CODE_BYTES_MOST ? code : json_text(a, json_get(error, "type"));
}

struct provider_answer stripe_read_error(const struct provider_call *call, struct stripe_reply reply)
{
	struct str code = error_code(call->arena, reply.body);

	/* 409: the same request is still under way. An error that is not the API's comes from something in between. */
	if (reply.status < 400 || reply.status >= 500 || reply.status == 409 || !code.n)
		return unknown(reply.status >= 500 ? "server error" : "unexpected answer");
	/* Keys and rates are looked at before anything is done. */
	if (reply.status == 401 || reply.status == 403 || reply.status == 429)
		return (struct provider_answer){ .outcome = PAY_OUTCOME_ABANDONED,
						 .refund = REFUND_UNKNOWN,
						 .reason = STR("the provider is not available"),
						 .detail = reply.status == 429 ? "rate limit" : "key" };
	return (struct provider_answer){ .outcome = PAY_OUTCOME_FAILED, .refund = REFUND_REFUSED, .reason = code };
}

struct provider_answer stripe_read_refund(const struct provider_call *call, struct stripe_reply reply)
{
	static const struct provider_answer done = { .refund = REFUND_DONE };
	struct arena *a = call->arena;
	struct json doc;

	if (reply.status != 200) {
		struct provider_answer answer = stripe_read_error(call, reply);

		return str_is(answer.reason, "charge_already_refunded") ? done : answer;
	}
	if (json_read(a, reply.body, NULL, &doc))
		return unknown("not JSON");
	struct str status = json_text(a, json_get(json_root(&doc), "status"));
	if (str_is(status, "succeeded") || str_is(status, "pending"))
		return done;
	if (str_is(status, "failed") || str_is(status, "canceled"))
		return (struct provider_answer){ .refund = REFUND_REFUSED, .reason = status };
	return unknown("a refund in a state that is not known");
}

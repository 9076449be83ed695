/* payment/stripe/driver.c: Stripe Checkout behind the seam: a session an attempt, on Stripe's own page.
 *
 * The attempt's reference is the idempotency key, so a session that was asked for and not heard of is asked for again,
 * with the same bytes, and is the same session. Keys of idempotency live a day; a session that was never heard of in
 * that time cannot be paid, for nobody knows its address, and has ended itself after an hour. */
#include "payment/provider.h"

#include "base/clock.h"
#include "base/log.h"
#include "http/client.h"
#include "payment/stripe/wire.h"

enum { TIMEOUT_MS = 20000, IN_FLIGHT_MOST = 64, ANSWER_BYTES_MOST = 256 * 1024, HEADERS = 4 };

static const char api_url[] = "https://api.stripe.com", api_version[] = "2024-06-20";
static const int64_t key_life_us = SECONDS_US(23 * 3600);

struct stripe {
	struct provider provider;
	struct http_client *client;
	const struct provider_config *config;
};

/* One request of a call, in the call's arena. */
struct stripe_request {
	struct http_request http;
	struct http_field headers[HEADERS];
	struct provider_call *call;
	struct provider_answer (*read)(const struct provider_call *call, struct stripe_reply reply);
};

static enum err stripe_open(const struct provider_config *config, struct http_client *client, struct provider **ret)
{
	struct stripe *s;

	if (config->url && !http_origin(str_of(config->url)).p) {
		log_error("payment.config", "provider=stripe error=\"url must be http or https\"");
		return ERR_CONFIG;
	}
	s = calloc(1, sizeof(*s));
	must(s);
	*s = (struct stripe){ { &provider_stripe, config->key.n > 0 }, client, config };
	*ret = &s->provider;
	return OK;
}

static void stripe_close(struct provider *p)
{
	free(p);
}

static void finish(struct provider_call *call, struct provider_answer answer)
{
	call->answer = answer;
	call->done(call);
}

static void on_reply(struct http_request *http, const struct http_response *response)
{
	struct stripe_request *r = http->sender;
	/* The answer's words are slices of the body, which ends with this call. */
	struct stripe_reply reply = { response->status, arena_str(r->call->arena, response->body) };

	if (response->error == HTTP_ANSWERED)
		finish(r->call, r->read(r->call, reply));
	else if (response->sent)
		finish(r->call, (struct provider_answer){ .outcome = PAY_OUTCOME_UNKNOWN,
							  .refund = REFUND_UNKNOWN,
							  .detail = http_error_name(response->error) });
	else /* of a creation nothing has left, and another one may follow */
		finish(r->call, (struct provider_answer){ .outcome = r->call->attempt->provider_reference.n
									     ? PAY_OUTCOME_UNKNOWN
									     : PAY_OUTCOME_ABANDONED,
							  .refund = REFUND_UNKNOWN,
							  .reason = STR("the provider is not available"),
							  .detail = http_error_name(response->error) });
}

/* Sends a request; `body` absent = GET. Everything that is sent carries an idempotency key made of our reference. */
static void request(struct stripe *s, struct provider_call *call, const char *path, struct str body, const char *what,
		    struct provider_answer (*read)(const struct provider_call *call, struct stripe_reply reply))
{
	struct stripe_request *r = ARENA_NEW(call->arena, struct stripe_request);
	struct str key = call->key.n ? call->key : s->config->key, reference = provider_call_reference(call);
	size_t n = 0;

	r->call = call;
	r->read = read;
	r->headers[n++] =
		(struct http_field){ "Authorization", arena_printf(call->arena, "Bearer %.*s", STR_ARG(key)) };
	r->headers[n++] = (struct http_field){ "Stripe-Version", str_of(api_version) };
	if (body.p) {
		r->headers[n++] = (struct http_field){ "Idempotency-Key", arena_printf(call->arena, "bodega-%s-%.*s",
										       what, STR_ARG(reference)) };
		r->headers[n++] = (struct http_field){ "Content-Type", STR("application/x-www-form-urlencoded") };
	}
	r->http = (struct http_request){
		.method = body.p ? "POST" : "GET",
		.url = arena_printf(call->arena, "%s%s", s->config->url ? s->config->url : api_url, path).p,
		.headers = r->headers,
		.header_count = n,
		.body = body,
		.timeout_ms = TIMEOUT_MS,
		.max_response_bytes = ANSWER_BYTES_MOST,
		.max_per_host = IN_FLIGHT_MOST,
		.done = on_reply,
		.sender = r,
	};
	http_client_submit(s->client, &r->http);
}

static struct provider_answer read_created(const struct provider_call *call, struct stripe_reply reply)
{
	return reply.status == 200 ? stripe_read_session(call, reply) : stripe_read_error(call, reply);
}

static void stripe_start(struct provider *p, struct provider_call *call)
{
	struct str body;

	if (stripe_write_session(call, &body))
		finish(call, (struct provider_answer){ .outcome = PAY_OUTCOME_FAILED,
						       .reason = STR("the amount cannot be paid there") });
	else
		request((struct stripe *)p, call, "/v1/checkout/sessions", body, "start", read_created);
}

static const char *session_path(const struct provider_call *call, const char *end)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_lit(&b, "/v1/checkout/sessions/");
	buf_percent(&b, call->attempt->provider_reference);
	buf_str(&b, str_of(end));
	const char *path = arena_strz(call->arena, b.failed ? STR("/") : buf_view(&b));
	buf_done(&b);
	return path;
}

static void stripe_query(struct provider *p, struct provider_call *call)
{
	if (call->attempt->provider_reference.n)
		request((struct stripe *)p, call, session_path(call, ""), STR_NONE, "", stripe_read_session);
	else if (call->now_us - call->attempt->created_at < key_life_us)
		stripe_start(p, call);
	else
		finish(call, (struct provider_answer){ .outcome = PAY_OUTCOME_ABANDONED });
}

/* A session that is over already cannot be expired; what became of it is asked then by the attempt's job. */
static struct provider_answer read_expired(const struct provider_call *call, struct stripe_reply reply)
{
	if (reply.status == 200)
		return stripe_read_session(call, reply);
	return (struct provider_answer){ .outcome = PAY_OUTCOME_UNKNOWN, .detail = "the session does not end" };
}

static void stripe_abandon(struct provider *p, struct provider_call *call)
{
	if (call->attempt->provider_reference.n)
		request((struct stripe *)p, call, session_path(call, "/expire"), STR(""), "expire", read_expired);
	else
		stripe_query(p, call);
}

static void stripe_refund(struct provider *p, struct provider_call *call)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_lit(&b, "payment_intent=");
	buf_percent(&b, call->attempt->provider_reference);
	struct str body = b.failed ? STR("") : arena_str(call->arena, buf_view(&b));
	buf_done(&b);
	request((struct stripe *)p, call, "/v1/refunds", body, "refund", stripe_read_refund);
}

static enum err stripe_hook(struct provider *p, struct arena *a, const struct provider_hook *hook, struct str *ret)
{
	const struct stripe *s = (const struct stripe *)p;
	enum err e = stripe_check_signature(s->config->webhook_secret, hook);

	if (!e)
		*ret = stripe_event_reference(a, hook->body);
	return e;
}

const struct provider_driver provider_stripe = {
	.name = "stripe",
	.open = stripe_open,
	.close = stripe_close,
	.start = stripe_start,
	.query = stripe_query,
	.abandon = stripe_abandon,
	.refund = stripe_refund,
	.hook = stripe_hook,
};

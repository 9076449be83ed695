/* supplier/dvs/driver.c: a DVS API behind the seam: create under our reference, query by it. */
#include "supplier/supplier.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/client.h"
#include "supplier/dvs/wire.h"

enum { TIMEOUT_MS = 30000, IN_FLIGHT_MOST = 64, ANSWER_BYTES_MOST = 1024 * 1024, HEADERS = 3 };

struct dvs {
	struct supplier supplier;
	struct http_client *client;
	struct arena arena; /* of the strings below; never changes once open */
	const char *base_url;
	struct str authorization;
};

/* One request of a call, in the call's arena. */
struct dvs_request {
	struct http_request http;
	struct http_field headers[HEADERS];
	struct dvs *dvs;
	struct supplier_call *call;
};

static enum err dvs_config_error(const struct supplier_config *config, const char *what)
{
	log_error("supplier.config", "supplier=%.*s error=\"%s\"", STR_ARG(config->name), what);
	return ERR_CONFIG;
}

/* "https://host", "https://host/" and "https://host/v1" all mean the same. */
static const char *base_url(struct arena *a, struct str url)
{
	static const struct str version = { "/v1", 3 };

	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	if (url.n > version.n && str_eq((struct str){ url.p + url.n - version.n, version.n }, version))
		url.n -= version.n;
	return arena_strz(a, url);
}

static struct str basic(struct arena *a, struct str key, struct str secret)
{
	struct str pair = arena_printf(a, "%.*s:%.*s", STR_ARG(key), STR_ARG(secret));
	struct buf b;

	buf_init(&b, pair.n * 2 + 16);
	buf_lit(&b, "Basic ");
	buf_base64(&b, pair.p, pair.n);
	must(!b.failed);
	struct str value = arena_str(a, buf_view(&b));
	buf_done(&b);
	return value;
}

static enum err dvs_open(const struct supplier_config *config, const struct supplier_env *env, struct supplier **ret)
{
	if (!http_origin(config->url).p)
		return dvs_config_error(config, "url must be http or https");
	if (!config->key.n || !config->secret.n)
		return dvs_config_error(config, "key and secret are needed");
	must(env->client);
	struct dvs *s = calloc(1, sizeof(*s));
	must(s);
	arena_init(&s->arena);
	s->supplier = (struct supplier){ &supplier_dvs, arena_str(&s->arena, config->name) };
	s->client = env->client;
	s->base_url = base_url(&s->arena, config->url);
	s->authorization = basic(&s->arena, config->key, config->secret);
	*ret = &s->supplier;
	return OK;
}

static void dvs_close(struct supplier *supplier)
{
	struct dvs *s = (struct dvs *)supplier;

	arena_done(&s->arena);
	free(s);
}

static void finish(struct supplier_call *call, struct supplier_answer answer)
{
	call->answer = answer;
	call->done(call);
}

/* No answer: the supplier may have acted on anything of which a byte may have left. */
static struct supplier_answer no_answer(const struct http_response *r)
{
	return (struct supplier_answer){ .outcome = r->sent ? SUPPLIER_UNKNOWN : SUPPLIER_UNREACHABLE,
					 .detail = http_error_name(r->error) };
}

static struct dvs_request *request_new(struct dvs *s, struct supplier_call *call, const char *method, const char *url)
{
	struct dvs_request *r = ARENA_NEW(call->arena, struct dvs_request);

	r->dvs = s;
	r->call = call;
	r->headers[0] = (struct http_field){ "Authorization", s->authorization };
	r->headers[1] = (struct http_field){ "Accept", STR("application/json") };
	r->headers[2] = (struct http_field){ "Content-Type", STR("application/json") };
	r->http = (struct http_request){
		.method = method,
		.url = url,
		.headers = r->headers,
		.header_count = HEADERS,
		.timeout_ms = TIMEOUT_MS,
		.max_response_bytes = ANSWER_BYTES_MOST,
		.max_per_host = IN_FLIGHT_MOST,
		.sender = r,
	};
	return r;
}

static void query_done(struct http_request *http, const struct http_response *response)
{
	const struct dvs_request *r = http->sender;
	struct supplier_answer answer = no_answer(response);

	if (response->error == HTTP_ANSWERED)
		answer = dvs_read_query(r->call, (struct dvs_reply){ response->status, response->body });
	else /* an unanswered question leaves things as they were */
		answer.outcome = SUPPLIER_UNKNOWN;
	finish(r->call, answer);
}

static void dvs_query(struct supplier *supplier, struct supplier_call *call)
{
	struct dvs *s = (struct dvs *)supplier;
	struct str reference = supplier_call_reference(call);
	struct str url =
		arena_printf(call->arena, "%s/v1/transactions?external_id=%.*s", s->base_url, STR_ARG(reference));
	struct dvs_request *r = request_new(s, call, "GET", url.p);

	r->http.done = query_done;
	http_client_submit(s->client, &r->http);
}

static void submit_done(struct http_request *http, const struct http_response *response)
{
	const struct dvs_request *r = http->sender;
	int64_t code;

	if (response->error != HTTP_ANSWERED) {
		finish(r->call, no_answer(response));
		return;
	}
	struct supplier_answer answer =
		dvs_read_create(r->call, (struct dvs_reply){ response->status, response->body }, &code);
	if (code == DVS_REFERENCE_USED) /* an earlier try of ours arrived */
		dvs_query(&r->dvs->supplier, r->call);
	else
		finish(r->call, answer);
}

static void dvs_submit(struct supplier *supplier, struct supplier_call *call)
{
	struct dvs *s = (struct dvs *)supplier;
	struct buf body;

	buf_init(&body, LIMIT_BODY_BYTES);
	enum err e = dvs_write_create(&body, call);
	struct str bytes = e ? STR_NONE : arena_str(call->arena, buf_view(&body));
	buf_done(&body);
	if (e) {
		finish(call, (struct supplier_answer){
				     .outcome = SUPPLIER_REFUSED, .reason = REASON_EXCEPTION, .detail = err_name(e) });
		return;
	}
	struct dvs_request *r =
		request_new(s, call, "POST", arena_printf(call->arena, "%s/v1/async/transactions", s->base_url).p);
	r->http.body = bytes;
	r->http.done = submit_done;
	http_client_submit(s->client, &r->http);
}

const struct supplier_driver supplier_dvs = {
	.name = "dvs",
	.can = SUPPLIER_KNOWS_REFERENCE | SUPPLIER_HAS_ACCOUNT,
	.open = dvs_open,
	.close = dvs_close,
	.submit = dvs_submit,
	.query = dvs_query,
};

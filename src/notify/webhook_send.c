/* notify/webhook_send.c: one try of a webhook over the HTTP client. */
#include "notify/webhook.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/client.h"

/* What a receiver says is of no interest beyond its status. */
enum { ANSWER_BYTES_MOST = 16 * 1024 };

struct sending {
	struct http_request request;
	struct http_field headers[WEBHOOK_HEADERS + WEBHOOK_OWN_HEADERS];
	struct webhook *webhook;
};

static const char *error_word(const struct http_response *r)
{
	if (r->error == HTTP_ANSWERED)
		return "status";
	return http_error_name(r->error);
}

static void sending_done(struct http_request *request, const struct http_response *r)
{
	struct sending *s = request->sender;
	/* A receiver that answers 200 with a novel has still taken it. */
	bool answered = r->error == HTTP_ANSWERED || r->error == HTTP_TOO_LARGE;
	bool delivered = answered && r->status >= 200 && r->status <= 299;
	struct webhook_result result = {
		.delivered = delivered,
		.overloaded = !answered || r->status >= 500 || r->status == 429,
		.http_status = answered ? r->status : 0,
		.error = delivered ? NULL : error_word(r),
		.duration_us = r->duration_us,
	};

	s->webhook->done(s->webhook, &result);
}

void webhook_send(struct http_client *client, struct webhook *w)
{
	struct sending *s = ARENA_NEW(w->arena, struct sending);
	struct webhook_header headers[WEBHOOK_HEADERS];
	size_t n = webhook_headers(w->arena, w->id, clock_wall_us(), w->body, w->keys, headers);

	for (size_t i = 0; i < n; i++)
		s->headers[i] = (struct http_field){ headers[i].name, headers[i].value };
	if (w->content_type)
		s->headers[0].value = str_of(w->content_type);
	for (size_t i = 0; i < w->own_count; i++)
		s->headers[n++] = (struct http_field){ w->own[i].name, w->own[i].value };
	s->webhook = w;
	s->request = (struct http_request){
		.method = w->method ? w->method : "POST",
		.url = w->url,
		.headers = s->headers,
		.header_count = n,
		.body = w->body,
		.timeout_ms = (int64_t)LIMIT_CALLBACK_SECONDS * 1000,
		.max_response_bytes = ANSWER_BYTES_MOST,
		.max_per_host = LIMIT_WEBHOOKS_PER_HOST,
		.done = sending_done,
		.sender = s,
	};
	http_client_submit(client, &s->request);
}

struct str webhook_origin(struct str url)
{
	return http_origin(url);
}

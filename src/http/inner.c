#include "http/inner.h"

#include "http/server_private.h"

struct http_exchange *http_inner_new(struct http_server *s, http_inner_reply on_reply, void *arg)
{
	struct exchange *x = exchange_new(s);

	x->server = s;
	x->on_reply = on_reply;
	x->on_reply_arg = arg;
	x->state = EXCHANGE_HANDLING;
	x->pub.body = STR("");
	x->pub.arrived_us = s->now_us;
	x->pub.status = 200;
	counter_add(&s->counters.requests, 1);
	return &x->pub;
}

void http_inner_give_up(struct http_exchange *pub)
{
	struct exchange *x = (struct exchange *)pub;

	if (x->state == EXCHANGE_PARKED) {
		x->hung_up = true;
		exchange_ready(x);
	}
}

void http_inner_free(struct http_exchange *pub)
{
	struct exchange *x = (struct exchange *)pub;

	must(x->on_reply && x->state != EXCHANGE_PARKED);
	exchange_give_back(x->server, x);
}

const struct http_header *http_inner_headers(struct http_exchange *pub, size_t *ret_count)
{
	struct exchange *x = (struct exchange *)pub;
	struct http_header *headers = ARENA_ARRAY(&pub->arena, struct http_header, x->reply_header_count + 1);

	for (size_t i = 0; i < x->reply_header_count; i++)
		headers[i] =
			(struct http_header){ str_of(x->reply_headers[i].name), str_of(x->reply_headers[i].value) };
	*ret_count = x->reply_header_count;
	return headers;
}

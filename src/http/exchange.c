#include "http/server_private.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/limits.h"
#include "http/header.h"

#include <errno.h>
#include <sys/socket.h>

enum {
	FREE_EXCHANGES = 256,		     /* kept for reuse */
	KEPT_BUFFER_BYTES = 32 * 1024,	     /* a larger buffer is kept with them only within the next limit */
	KEPT_LARGE_BYTES = 16 * 1024 * 1024, /* of all larger buffers: a page that grows anew is copied ten times */
};

static uint64_t next_id(void)
{
	static _Atomic uint64_t last;
	uint64_t none = 0;

	/* Starts at the wall clock, so that ids in the logs of two runs differ. */
	if (atomic_load_explicit(&last, memory_order_relaxed) == 0)
		atomic_compare_exchange_strong(&last, &none, (uint64_t)clock_wall_us());
	return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

/* What a buffer counts among the large ones. */
static size_t large_bytes(const struct buf *b)
{
	return b->cap > KEPT_BUFFER_BYTES ? b->cap : 0;
}

struct exchange *exchange_new(struct http_server *s)
{
	struct exchange *x = s->free_exchanges;

	if (x) {
		s->free_exchanges = x->next;
		s->free_exchange_count--;
		s->kept_large_bytes -= large_bytes(&x->pub.reply) + large_bytes(&x->body);
		return x;
	}
	x = calloc(1, sizeof(*x));
	must(x);
	arena_init(&x->pub.arena);
	buf_init(&x->pub.reply, LIMIT_RESPONSE_BYTES);
	buf_init(&x->body, LIMIT_BODY_BYTES);
	return x;
}

void exchange_free(struct exchange *x)
{
	arena_done(&x->pub.arena);
	buf_done(&x->pub.reply);
	buf_done(&x->body);
	free(x);
}

static void reuse_buffer(struct http_server *s, struct buf *b)
{
	size_t large = large_bytes(b);

	if (s->kept_large_bytes + large > KEPT_LARGE_BYTES) {
		buf_done(b);
		return;
	}
	s->kept_large_bytes += large;
	buf_clear(b);
}

void exchange_give_back(struct http_server *s, struct exchange *x)
{
	if (x->pub.secret)
		crypto_wipe(x->pub.reply.p, x->pub.reply.n);
	if (s->free_exchange_count >= FREE_EXCHANGES) {
		exchange_free(x);
		return;
	}
	arena_reset(&x->pub.arena);
	reuse_buffer(s, &x->pub.reply);
	reuse_buffer(s, &x->body);
	struct exchange kept = { .pub = { .arena = x->pub.arena, .reply = x->pub.reply }, .body = x->body };
	*x = kept;
	x->pub.reply.max = LIMIT_RESPONSE_BYTES;
	x->next = s->free_exchanges;
	s->free_exchanges = x;
	s->free_exchange_count++;
}

/* The request line has been read and is whole in the parser's buffer; parsing the query will destroy it there. */
void *on_target(void *arg, const char *target, struct MHD_Connection *mhd)
{
	struct http_server *s = arg;
	struct connection *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
	struct exchange *x = exchange_new(s);

	must(!c->exchange);
	c->exchange = x;
	x->server = s;
	x->connection = c;
	x->body_limit = c->listener->options.body_bytes;
	x->body.max = x->body_limit;
	x->target_at = target;
	x->pub.target = arena_str(&x->pub.arena, str_of(target ? target : ""));
	x->pub.body = STR("");
	x->pub.peer = str_of(c->peer);
	x->pub.id = next_id();
	x->pub.arrived_us = s->now_us;
	x->pub.status = 200;
	if (c->phase == PHASE_IDLE)
		connection_enter(c, PHASE_REQUEST);
	return x;
}

/* We want the bytes as they came. */
size_t on_unescape(void *arg, struct MHD_Connection *mhd, char *text)
{
	(void)arg;
	(void)mhd;
	return strlen(text);
}

struct collected {
	struct http_header *headers;
	size_t count;
};

static enum MHD_Result collect_header(void *arg, enum MHD_ValueKind kind, const char *name, size_t name_bytes,
				      const char *value, size_t value_bytes)
{
	struct collected *all = arg;

	(void)kind;
	all->headers[all->count++] = (struct http_header){ { name, name_bytes }, { value ? value : "", value_bytes } };
	return MHD_YES;
}

/* The dialect renders its own words; the connection ends afterwards, because the rest of what the client sends is not
 * to be trusted or not to be read. */
static void refuse(struct exchange *x, enum err e, enum http_refusal refusal)
{
	static const int statuses[HTTP_REFUSALS] = {
		[HTTP_REFUSED_HEADER] = 400,
		[HTTP_REFUSED_TARGET] = 414,
		[HTTP_REFUSED_HEADERS] = 431,
		[HTTP_REFUSED_BODY] = 413,
	};
	struct connection *c = x->connection;
	const struct http_listener *options = &c->listener->options;

	counter_add(&c->server->counters.refused[refusal], 1);
	c->refused = true;
	x->pub.close = true;
	x->pub.status = statuses[refusal];
	x->state = EXCHANGE_HANDLING;
	if (options->refuse)
		options->refuse(options->arg, &x->pub, e);
	else
		http_reply(&x->pub);
	must(x->state == EXCHANGE_REPLIED);
}

/* What may be sent in a body larger than the listener's limit is said by the head; memory for it is bounded. */
static void allow_large_body(struct exchange *x, const struct head_facts *facts)
{
	const struct http_listener *options = &x->connection->listener->options;
	struct http_server *s = x->connection->server;

	if (!options->body_limit || !(facts->is_chunked || facts->content_length > x->body_limit) ||
	    s->large_bodies == LIMIT_LARGE_BODIES)
		return;
	size_t limit = options->body_limit(options->arg, &x->pub);
	if (limit <= x->body_limit)
		return;
	x->body_limit = limit;
	x->body.max = limit;
	x->is_large = true;
	s->large_bodies++;
}

/* Behind chunks come trailers, and one that begins with a space is a header's continuation for the parser: it moves the
 * head's last line and leaves zeros (libmicrohttpd 0.9.75). What was checked is what a handler sees, so we keep it. */
static void keep_headers(struct arena *a, struct head *head)
{
	for (size_t i = 0; i < head->header_count; i++) {
		struct http_header *header = &head->headers[i];

		*header = (struct http_header){ arena_str(a, header->name), arena_str(a, header->value) };
	}
}

/* The parser's first call of a request: the head is there, the body is not. */
static enum MHD_Result handle_head(struct exchange *x, const char *method, const char *version)
{
	struct connection *c = x->connection;
	const struct http_server *s = c->server;
	struct MHD_Connection *mhd = c->mhd;
	int count = MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, NULL, NULL);
	struct collected all = { ARENA_ARRAY(&x->pub.arena, struct http_header, (size_t)count + 1), 0 };
	struct head_limits limits = { s->config.target_bytes, s->config.header_bytes, s->config.headers };
	struct head_facts facts;
	enum http_refusal refusal;

	MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, collect_header, &all);
	size_t bytes = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
	struct head head = { .method = str_of(method),
			     .target = x->pub.target,
			     .target_at = x->target_at,
			     .version = version,
			     .end = method + bytes,
			     .headers = all.headers,
			     .header_count = all.count };
	x->pub.method = head.method;
	head_split_target(x->pub.target, &x->pub.path, &x->pub.query);
	enum err e = head_check(&head, &limits, &facts, &refusal);
	if (!e) {
		if (facts.is_chunked)
			keep_headers(&x->pub.arena, &head);
		x->pub.headers = head.headers;
		x->pub.header_count = head.header_count;
		x->pub.peer = proxies_client(s->proxies, str_of(c->peer), c->listener->is_unix && s->config.trust_unix,
					     head.headers, head.header_count);
		allow_large_body(x, &facts);
	}
	if (!e && facts.content_length > x->body_limit) {
		refusal = HTTP_REFUSED_BODY;
		e = ERR_TOO_LARGE;
	}
	if (e)
		refuse(x, e, refusal);
	return MHD_YES;
}

static enum MHD_Result handle_body(struct exchange *x, const char *bytes, size_t n)
{
	buf_put(&x->body, bytes, n);
	if (!x->body.failed)
		return MHD_YES;
	/* Only chunks come here: a length is refused with the head. In the middle of a body the parser takes no answer
	 * and would read it all; so we answer past it and have it close. */
	x->in_body = true;
	refuse(x, ERR_TOO_LARGE, HTTP_REFUSED_BODY);
	return MHD_NO;
}

static enum MHD_Result handle_whole(struct exchange *x)
{
	struct connection *c = x->connection;
	struct http_server *s = c->server;
	const struct http_listener *options = &c->listener->options;

	x->pub.body = buf_view(&x->body);
	counter_add(&s->counters.requests, 1);
	counter_add(&s->counters.bytes_in, x->body.n);
	connection_enter(c, PHASE_WORK);
	x->state = EXCHANGE_HANDLING;
	options->handler(options->arg, &x->pub);
	must(x->state == EXCHANGE_REPLIED || x->state == EXCHANGE_PARKED);
	return MHD_YES;
}

enum MHD_Result on_request(void *arg, struct MHD_Connection *mhd, const char *url, const char *method,
			   const char *version, const char *upload, size_t *upload_bytes, void **context)
{
	struct exchange *x = *context;

	(void)arg;
	(void)mhd;
	(void)url;
	/* After the answer: a parked exchange whose client has gone got none, and its connection ends here. */
	if (!x || x->state != EXCHANGE_READING)
		return MHD_NO;
	if (!x->head_seen) {
		x->head_seen = true;
		return handle_head(x, method, version);
	}
	if (*upload_bytes) {
		size_t n = *upload_bytes;

		*upload_bytes = 0;
		return handle_body(x, upload, n);
	}
	return handle_whole(x);
}

void on_completed(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
	struct http_server *s = arg;
	struct exchange *x = *context;

	(void)mhd;
	(void)code;
	*context = NULL;
	if (!x)
		return;
	struct connection *c = x->connection;
	c->exchange = NULL;
	s->large_bodies -= x->is_large;
	/* The parser has answered by itself, or the client has left. */
	if (x->state == EXCHANGE_READING)
		c->refused = true;
	exchange_give_back(s, x);
	if (c->phase == PHASE_OVER)
		return;
	connection_enter(c, c->hung_up ? PHASE_LEAVING : c->early ? PHASE_REQUEST : PHASE_IDLE);
	c->early = false;
}

struct str http_header_find(const struct http_exchange *x, const char *name)
{
	struct str wanted = str_of(name);

	for (size_t i = 0; i < x->header_count; i++)
		if (str_eq_nocase(x->headers[i].name, wanted))
			return x->headers[i].value;
	return STR_NONE;
}

void http_reply_header(struct http_exchange *pub, const char *name, struct str value)
{
	struct exchange *x = (struct exchange *)pub;

	if (value.n == 0)
		return;
	must(x->reply_header_count < HTTP_REPLY_HEADERS);
	struct str copy = arena_str(&pub->arena, value);
	char *bytes = (char *)(uintptr_t)copy.p;
	for (size_t i = 0; i < copy.n; i++)
		if ((unsigned char)bytes[i] < ' ' || bytes[i] == 0x7F)
			bytes[i] = '?';
	x->reply_headers[x->reply_header_count].name = arena_strz(&pub->arena, str_of(name));
	x->reply_headers[x->reply_header_count++].value = copy.p;
}

static void put_request_id(struct exchange *x)
{
	static const char digits[] = "0123456789abcdef";
	char text[16];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = digits[(x->pub.id >> (60 - 4 * i)) & 15];
	x->reply_headers[x->reply_header_count].name = "X-Request-Id";
	x->reply_headers[x->reply_header_count++].value = arena_strz(&x->pub.arena, (struct str){ text, sizeof(text) });
}

/* Sends an answer where the parser takes none. What the socket does not take at once is lost: nothing is before it, and
 * an error body fits any send buffer. */
static void send_past_parser(struct exchange *x)
{
	struct buf out;

	buf_init(&out, LIMIT_RESPONSE_BYTES);
	buf_printf(&out, "HTTP/1.1 %d %s\r\nDate: ", x->pub.status, MHD_get_reason_phrase_for((unsigned)x->pub.status));
	clock_put_http_date(&out, clock_wall_us());
	buf_lit(&out, "\r\nConnection: close\r\n");
	for (size_t i = 0; i < x->reply_header_count; i++)
		buf_printf(&out, "%s: %s\r\n", x->reply_headers[i].name, x->reply_headers[i].value);
	buf_printf(&out, "Content-Length: %zu\r\n\r\n", x->pub.reply.n);
	buf_str(&out, buf_view(&x->pub.reply));
	if (send(x->connection->fd, out.p, out.n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		x->connection->hung_up = true;
	buf_done(&out);
}

static bool queue_answer(struct exchange *x)
{
	/* The buffer lives as long as the exchange, which outlives the parser's use of it. */
	struct MHD_Response *response = MHD_create_response_from_buffer(
		x->pub.reply.n, x->pub.reply.n ? x->pub.reply.p : (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);

	must(response);
	for (size_t i = 0; i < x->reply_header_count; i++)
		MHD_add_response_header(response, x->reply_headers[i].name, x->reply_headers[i].value);
	if (x->pub.close || x->connection->server->draining)
		MHD_add_response_header(response, "Connection", "close");
	enum MHD_Result result = MHD_queue_response(x->connection->mhd, (unsigned)x->pub.status, response);
	MHD_destroy_response(response);
	return result == MHD_YES;
}

static void send_answer(struct exchange *x)
{
	struct connection *c = x->connection;

	put_request_id(x);
	connection_enter(c, PHASE_REPLY);
	if (x->in_body)
		send_past_parser(x);
	else if (!queue_answer(x))
		connection_cut(c);
}

void http_reply(struct http_exchange *pub)
{
	struct exchange *x = (struct exchange *)pub;
	struct http_server *s = x->server;

	must(x->state == EXCHANGE_HANDLING);
	x->state = EXCHANGE_REPLIED;
	if (x->connection && (pub->gone || s->closing))
		return;
	if (pub->reply.failed) {
		buf_clear(&pub->reply);
		x->reply_header_count = 0;
		pub->status = 500;
	}
	must(pub->status >= 200 && pub->status <= 599);
	counter_add(&s->counters.replies, 1);
	counter_add(&s->counters.bytes_out, pub->reply.n);
	if (x->connection)
		send_answer(x);
	else
		x->on_reply(x->on_reply_arg, pub);
}

void http_park(struct http_exchange *pub, http_handler on_ready, void *arg)
{
	struct exchange *x = (struct exchange *)pub;
	struct connection *c = x->connection;

	must(x->state == EXCHANGE_HANDLING && !(c && c->refused));
	x->state = EXCHANGE_PARKED;
	x->on_ready = on_ready;
	x->on_ready_arg = arg;
	if (x->suspended)
		return;
	x->suspended = true;
	counter_add(&x->server->counters.parked, 1);
	if (c)
		MHD_suspend_connection(c->mhd);
}

void exchange_ready(struct exchange *x)
{
	struct connection *c = x->connection;
	struct http_server *s = x->server;

	must(x->state == EXCHANGE_PARKED);
	x->state = EXCHANGE_HANDLING;
	x->pub.gone = c ? c->hung_up : x->hung_up;
	/* An inner exchange that is answered may be no more afterwards. */
	if (!c)
		counter_add(&s->counters.parked, (uint64_t)-1);
	x->suspended = c != NULL;
	x->on_ready(x->on_ready_arg, &x->pub);
	if (!c || (x->state == EXCHANGE_PARKED && !s->closing))
		return;
	must(x->state == EXCHANGE_REPLIED || s->closing);
	if (x->pub.gone)
		counter_add(&s->counters.hung_up, 1);
	x->suspended = false;
	counter_add(&s->counters.parked, (uint64_t)-1);
	MHD_resume_connection(c->mhd);
}

void http_ready(struct http_server *s, struct http_exchange *const *exchanges, size_t n)
{
	if (n == 0)
		return;
	for (size_t i = 0; i + 1 < n; i++)
		((struct exchange *)exchanges[i])->next = (struct exchange *)exchanges[i + 1];
	struct exchange *last = (struct exchange *)exchanges[n - 1];
	last->next = NULL;
	pthread_mutex_lock(&s->ready_lock);
	bool was_empty = !s->ready_first;
	if (was_empty)
		s->ready_first = (struct exchange *)exchanges[0];
	else
		s->ready_last->next = (struct exchange *)exchanges[0];
	s->ready_last = last;
	pthread_mutex_unlock(&s->ready_lock);
	/* A list that was not empty has woken the loop already. */
	if (was_empty)
		server_wake(s);
}

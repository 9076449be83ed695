/* http/client_transfer.c: one request as libcurl sees it: options, limits, and what its errors mean to us. */
#include "http/client_private.h"

#include "base/clock.h"
#include "base/limits.h"
#include "http/address.h"

#include <unistd.h>

enum { CONNECT_MS = 5000 };

/* libcurl's one door to a new connection: a refused address is never connected. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *t = arg;
	enum address_class class = address_class(&address->addr, address->addrlen);

	if (purpose != CURLSOCKTYPE_IPCXN || class == ADDRESS_NEVER ||
	    (class == ADDRESS_PRIVATE && !t->allow_private)) {
		t->refused = true;
		return CURL_SOCKET_BAD;
	}
	t->connected = true;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The connection stands and the request is about to go out: from here on a byte may have left. */
static int before_request(void *arg, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
	struct transfer *t = arg;

	(void)remote_ip, (void)local_ip, (void)remote_port, (void)local_port;
	/* libcurl tries again what it wrote to a connection that was dead. */
	if (t->sent && t->request->no_resend)
		return CURL_PREREQFUNC_ABORT;
	t->sent = true;
	return CURL_PREREQFUNC_OK;
}

static size_t take(struct transfer *t, struct buf *to, const char *p, size_t n)
{
	buf_put(to, p, n);
	if (!to->failed)
		return n;
	t->too_large = true;
	return 0; /* ends the transfer */
}

static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	return take(t, &t->headers, p, size * n);
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	return take(t, &t->body, p, size * n);
}

/* What is the same for every request. */
static bool set_up(struct transfer *t)
{
	CURL *e = t->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, ""); /* not even one from the environment */
	bad |= curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/* A time-out while the name is still being looked up must not wait for the resolver's thread. */
	bad |= curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, before_request);
	bad |= curl_easy_setopt(e, CURLOPT_PREREQDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, take_header);
	bad |= curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, take_body);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, t->curl_error);
	return bad == CURLE_OK;
}

struct transfer *transfer_new(const struct http_client_options *options)
{
	struct transfer *t = calloc(1, sizeof(*t));

	must(t);
	t->allow_private = options->allow_private;
	t->easy = curl_easy_init();
	buf_init(&t->headers, LIMIT_HEADER_BYTES);
	/* The system's own stand in a folder, which stays as it is. */
	bool trusts = t->easy &&
		      (!options->ca_file || curl_easy_setopt(t->easy, CURLOPT_CAINFO, options->ca_file) == CURLE_OK);
	if (trusts && set_up(t))
		return t;
	transfer_free(t);
	return NULL;
}

void transfer_free(struct transfer *t)
{
	if (!t)
		return;
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->header_lines);
	buf_done(&t->body);
	buf_done(&t->headers);
	free(t);
}

static enum err add_header(struct transfer *t, const char *name, struct str value)
{
	char line[4096];
	int n = snprintf(line, sizeof(line), "%s: %.*s", name, STR_ARG(value));

	/* A line break in a value would forge a header. */
	if (n < 0 || (size_t)n >= sizeof(line) || strpbrk(line, "\r\n"))
		return ERR_BAD_REQUEST;
	struct curl_slist *longer = curl_slist_append(t->header_lines, line);
	must(longer);
	t->header_lines = longer;
	return OK;
}

static enum err set_headers(struct transfer *t)
{
	const struct http_request *r = t->request;
	enum err e = OK;

	for (size_t i = 0; !e && i < r->header_count; i++)
		e = add_header(t, r->headers[i].name, r->headers[i].value);
	/* libcurl would wait a second for the answer to its own "Expect: 100-continue". */
	struct curl_slist *longer = curl_slist_append(t->header_lines, "Expect:");
	must(longer);
	t->header_lines = longer;
	return e;
}

static bool set_method(CURL *e, const struct http_request *r)
{
	bool is_get = strcmp(r->method, "GET") == 0, is_post = strcmp(r->method, "POST") == 0;
	CURLcode bad = curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, is_get || is_post ? NULL : r->method);

	if (!is_get) {
		bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
		bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDS, r->body.p ? r->body.p : "");
		bad |= curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body.n);
	} else {
		bad |= curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
	}
	return bad == CURLE_OK;
}

enum err transfer_prepare(struct transfer *t)
{
	const struct http_request *r = t->request;
	CURLcode bad = CURLE_OK;
	enum err e = set_headers(t);

	if (e)
		return e;
	t->body.max = r->max_response_bytes;
	t->started_us = clock_mono_us();
	bad |= curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	bad |= curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->header_lines);
	bad |= curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	int64_t connect_ms = r->connect_ms ? r->connect_ms : CONNECT_MS;
	bad |= curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
				(long)(r->timeout_ms < connect_ms ? r->timeout_ms : connect_ms));
	bad |= curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT, (long)r->once);
	return bad == CURLE_OK && set_method(t->easy, r) ? OK : ERR_BAD_REQUEST;
}

static enum http_error classify(const struct transfer *t, CURLcode code)
{
	static const struct {
		CURLcode code;
		enum http_error error;
	} classes[] = {
		{ CURLE_OK, HTTP_ANSWERED },
		{ CURLE_UNSUPPORTED_PROTOCOL, HTTP_BAD_URL },
		{ CURLE_URL_MALFORMAT, HTTP_BAD_URL },
		{ CURLE_LOGIN_DENIED, HTTP_BAD_URL }, /* a name in the URL */
		{ CURLE_COULDNT_RESOLVE_HOST, HTTP_RESOLVE },
		{ CURLE_COULDNT_CONNECT, HTTP_CONNECT },
		{ CURLE_SSL_CONNECT_ERROR, HTTP_CONNECT },
		{ CURLE_PEER_FAILED_VERIFICATION, HTTP_CONNECT },
		{ CURLE_OPERATION_TIMEDOUT, HTTP_TIMEOUT },
	};

	if (t->too_large)
		return HTTP_TOO_LARGE;
	if (t->refused && !t->connected)
		return HTTP_FORBIDDEN_TARGET;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (classes[i].code == code)
			/* libcurl has one word for an unknown scheme and for an answer that is not HTTP. */
			return classes[i].error == HTTP_BAD_URL && t->sent ? HTTP_BROKEN : classes[i].error;
	return HTTP_BROKEN;
}

void transfer_result(struct transfer *t, CURLcode code, struct http_response *ret)
{
	long status = 0;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	*ret = (struct http_response){
		.error = classify(t, code),
		.sent = t->sent,
		.status = (int)status,
		.headers = buf_view(&t->headers),
		.duration_us = clock_mono_us() - t->started_us,
	};
	if (ret->error == HTTP_ANSWERED)
		ret->body = buf_view(&t->body);
}

void transfer_clear(struct transfer *t)
{
	enum { KEEP_BYTES = 64 * 1024 };

	curl_slist_free_all(t->header_lines);
	t->header_lines = NULL;
	t->request = NULL;
	t->host = NULL;
	t->sent = t->refused = t->connected = t->too_large = t->slow = false;
	if (t->body.cap > KEEP_BYTES)
		buf_done(&t->body);
	buf_clear(&t->body);
	buf_clear(&t->headers);
}

/* The client against servers that are slow, silent, too talkative or not there. */
#include "http/client.h"

#include "base/crypto.h"
#include "support/fake_server.h"

static char big_body[200000];
static char big_headers[40000];

static struct fake_reply answer(struct fake_server *s, const char *request)
{
	static const struct {
		const char *path, *bytes;
		bool hold, close;
	} rows[] = {
		{ "/ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Word:  yes \r\n\r\nhello", false, false },
		{ "/hold", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true, false },
		{ "/error", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", false, false },
		{ "/redirect", "HTTP/1.1 302 Go\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n", false, false },
		{ "/silent", NULL, false, false },
		{ "/garbage", "SSH-2.0-hello\r\n\r\n", false, true },
		{ "/half", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello", false, true },
		{ "/last", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, true },
		{ "/gone", "", false, true },
		{ "/big", big_body, false, true },
		{ "/headers", big_headers, false, true },
	};

	(void)s;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strstr(request, rows[i].path)) {
			struct fake_reply r = rows[i].bytes ? fake_text(rows[i].bytes) : (struct fake_reply){ 0 };

			r.hold = rows[i].hold;
			r.close = rows[i].close;
			return r;
		}
	return fake_text("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n");
}

/* A request and what came of it. */
struct probe {
	struct http_request request;
	struct http_response response;
	char url[128], body[128];
	struct str word;
	bool done;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static void probe_done(struct http_request *r, const struct http_response *response)
{
	struct probe *p = r->sender;

	pthread_mutex_lock(&lock);
	p->response = *response;
	if (response->body.p && response->body.n < sizeof(p->body))
		memcpy(p->body, response->body.p, response->body.n);
	p->word = str_is(http_response_header(response, "x-word"), "yes") ? STR("yes") : STR_NONE;
	p->done = true;
	pthread_cond_broadcast(&done);
	pthread_mutex_unlock(&lock);
}

static void probe_init(struct probe *p, int port, const char *path)
{
	*p = (struct probe){ .request = { .method = "GET",
					  .timeout_ms = 20000,
					  .max_response_bytes = 1000,
					  .max_per_host = 2,
					  .done = probe_done } };
	snprintf(p->url, sizeof(p->url), "http://127.0.0.1:%d%s", port, path);
	p->request.url = p->url;
	p->request.sender = p;
}

static void await(struct probe *p)
{
	pthread_mutex_lock(&lock);
	while (!p->done)
		pthread_cond_wait(&done, &lock);
	pthread_mutex_unlock(&lock);
}

static void ask(struct http_client *c, struct probe *p)
{
	http_client_submit(c, &p->request);
	await(p);
}

static struct http_client *client_new(bool allow_private, int max_in_flight)
{
	struct http_client *c;

	check_ok(http_client_new(&(struct http_client_options){ allow_private, max_in_flight }, &c));
	return c;
}

static void sends_and_reads(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct http_field headers[] = { { "X-Mine", STR("1 2") }, { "Content-Type", STR("text/x") } };
	struct probe p;

	(void)state;
	probe_init(&p, s->port, "/ok?a=b");
	p.request.method = "POST";
	p.request.body = STR("the body");
	p.request.headers = headers;
	p.request.header_count = 2;
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_ANSWERED);
	assert_int_equal(p.response.status, 200);
	assert_string_equal(p.body, "hello");
	check_str(p.word, "yes");
	assert_true(p.response.sent);
	assert_non_null(strstr(s->last, "POST /ok?a=b HTTP/1.1\r\n"));
	assert_non_null(strstr(s->last, "X-Mine: 1 2\r\n"));
	assert_non_null(strstr(s->last, "Content-Type: text/x\r\n"));
	assert_non_null(strstr(s->last, "\r\n\r\nthe body"));
	assert_null(strstr(s->last, "Expect"));
	/* A header may not bring another one along. */
	headers[0].value = STR("1\r\nX-Other: 2");
	probe_init(&p, s->port, "/ok");
	p.request.headers = headers;
	p.request.header_count = 1;
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_BAD_URL);
	assert_int_equal(fake_server_requests(s), 1);
	http_client_free(c);
	fake_server_free(s);
}

static void tells_failures_apart(void **state)
{
	static const struct {
		const char *path;
		enum http_error error;
		int status;
		bool sent;
	} rows[] = {
		{ "/error", HTTP_ANSWERED, 500, true }, { "/redirect", HTTP_ANSWERED, 302, true },
		{ "/garbage", HTTP_BROKEN, 0, true },	{ "/half", HTTP_BROKEN, 200, true },
		{ "/big", HTTP_TOO_LARGE, 200, true },	{ "/headers", HTTP_TOO_LARGE, 200, true },
		{ "/last", HTTP_ANSWERED, 200, true },	{ "/ok", HTTP_ANSWERED, 200, true },
	};
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct probe p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		probe_init(&p, s->port, rows[i].path);
		ask(c, &p);
		if (p.response.error != rows[i].error || p.response.status != rows[i].status ||
		    p.response.sent != rows[i].sent)
			fail_msg("%s: %s %d %d", rows[i].path, http_error_name(p.response.error), p.response.status,
				 p.response.sent);
	}
	/* The redirect was not followed: as many requests as we made. */
	assert_int_equal(fake_server_requests(s), ARRAY_LEN(rows));
	struct http_client_stats stats;
	http_client_stats(c, &stats);
	assert_int_equal(stats.answered, 4);
	assert_int_equal(stats.failed, 4);
	assert_int_equal(stats.in_flight + stats.queued, 0);
	http_client_free(c);
	fake_server_free(s);
}

static void refuses_what_is_no_http_url(void **state)
{
	static const char *const urls[] = { "ftp://127.0.0.1/",
					    "file:///etc/passwd",
					    "http://",
					    "",
					    "127.0.0.1",
					    "http://me@127.0.0.1/",
					    "http://me:secret@127.0.0.1/",
					    "http://127.0.0.1:99999/" };
	struct http_client *c = client_new(true, 8);
	struct probe p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		probe_init(&p, 0, "");
		p.request.url = urls[i];
		ask(c, &p);
		if (p.response.error != HTTP_BAD_URL || p.response.sent)
			fail_msg("%s: %s", urls[i], http_error_name(p.response.error));
	}
	probe_init(&p, 0, "");
	p.request.url = "http://no-such-name.invalid/";
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_RESOLVE);
	assert_false(p.response.sent);
	http_client_free(c);
}

static void calls_no_private_address(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(false, 8);
	struct probe p;
	static const char *const hosts[] = { "127.0.0.1",  "localhost", "[::1]",   "[::ffff:127.0.0.1]",
					     "2130706433", "0x7f.1",	"0.0.0.0", "169.254.169.254",
					     "10.0.0.1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		probe_init(&p, s->port, "/ok");
		snprintf(p.url, sizeof(p.url), "http://%s:%d/ok", hosts[i], s->port);
		ask(c, &p);
		if (p.response.error != HTTP_FORBIDDEN_TARGET || p.response.sent)
			fail_msg("%s: %s", hosts[i], http_error_name(p.response.error));
	}
	assert_int_equal(fake_server_connections(s), 0);
	http_client_free(c);
	/* A demo may call loopback, but no cloud's metadata. */
	c = client_new(true, 8);
	probe_init(&p, s->port, "/ok");
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_ANSWERED);
	probe_init(&p, s->port, "/ok");
	p.request.url = "http://169.254.169.254/latest";
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_FORBIDDEN_TARGET);
	http_client_free(c);
	fake_server_free(s);
}

static void uses_no_proxy_of_the_environment(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct probe p;

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	struct http_client *c = client_new(true, 8);
	probe_init(&p, s->port, "/ok");
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_ANSWERED);
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	http_client_free(c);
	fake_server_free(s);
}

static void knows_whether_anything_was_sent(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	struct http_client *c = client_new(true, 8);
	int full = socket(AF_INET, SOCK_STREAM, 0), fill[4];
	struct probe p;

	(void)state;
	probe_init(&p, s->port, "/silent");
	p.request.timeout_ms = 500;
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_TIMEOUT);
	assert_true(p.response.sent);
	/* Bound, not listening: refused. */
	assert_int_equal(bind(full, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(full, (struct sockaddr *)&address, &length), 0);
	probe_init(&p, ntohs(address.sin_port), "/");
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_CONNECT);
	assert_false(p.response.sent);
	/* Listening with no room and nobody who accepts: the connection never stands. */
	assert_int_equal(listen(full, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(fill); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(fill[i], (struct sockaddr *)&address, sizeof(address));
	}
	probe_init(&p, ntohs(address.sin_port), "/");
	p.request.timeout_ms = 300;
	ask(c, &p);
	assert_int_equal(p.response.error, HTTP_TIMEOUT);
	assert_false(p.response.sent);
	for (size_t i = 0; i < ARRAY_LEN(fill); i++)
		close(fill[i]);
	close(full);
	http_client_free(c);
	fake_server_free(s);
}

static void keeps_connections(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct probe p;

	(void)state;
	for (int i = 0; i < 5; i++) {
		probe_init(&p, s->port, "/ok");
		ask(c, &p);
		assert_int_equal(p.response.status, 200);
	}
	assert_int_equal(fake_server_connections(s), 1);
	probe_init(&p, s->port, "/ok");
	p.request.once = true;
	ask(c, &p);
	assert_int_equal(p.response.status, 200);
	assert_int_equal(fake_server_connections(s), 2);
	http_client_free(c);
	fake_server_free(s);
}

/* A kept connection that ends without an answer: the request may have been read, so it may not be sent again. */
static void sends_nothing_twice(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct probe p;

	(void)state;
	for (int again = 0; again < 2; again++) {
		int before = fake_server_requests(s);

		probe_init(&p, s->port, "/ok");
		ask(c, &p);
		probe_init(&p, s->port, "/gone");
		p.request.method = "PUT";
		p.request.body = STR("once");
		p.request.no_resend = !again;
		ask(c, &p);
		assert_int_equal(p.response.error, HTTP_BROKEN);
		assert_true(p.response.sent);
		/* Without the flag libcurl does send it a second time, which is what the flag is for. */
		assert_int_equal(fake_server_requests(s) - before, 2 + again);
		assert_non_null(strstr(s->last, "PUT /gone HTTP/1.1\r\n"));
	}
	/* The next method is its own. */
	probe_init(&p, s->port, "/ok");
	ask(c, &p);
	assert_non_null(strstr(s->last, "GET /ok HTTP/1.1\r\n"));
	http_client_free(c);
	fake_server_free(s);
}

static void a_slow_host_delays_nobody(void **state)
{
	enum { N = 10 };
	struct fake_server *slow = fake_server_new(answer, NULL), *quick = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct http_client_stats stats;
	struct probe held[N], p;

	(void)state;
	for (int i = 0; i < N; i++) {
		probe_init(&held[i], slow->port, "/hold");
		http_client_submit(c, &held[i].request);
	}
	fake_server_await_held(slow, 2);
	for (int i = 0; i < 5; i++) {
		probe_init(&p, quick->port, "/ok");
		ask(c, &p);
		assert_int_equal(p.response.status, 200);
	}
	/* Two a host, and the others wait their turn. */
	http_client_stats(c, &stats);
	assert_int_equal(stats.in_flight, 2);
	assert_int_equal(stats.queued, N - 2);
	fake_server_release(slow, N);
	for (int i = 0; i < N; i++) {
		await(&held[i]);
		assert_int_equal(held[i].response.status, 200);
	}
	assert_int_equal(slow->held_most, 2);
	http_client_free(c);
	fake_server_free(slow);
	fake_server_free(quick);
}

static void no_more_in_flight_than_allowed(void **state)
{
	enum { HOSTS = 6 };
	struct fake_server *s[HOSTS];
	struct http_client *c = client_new(true, 3);
	struct http_client_stats stats;
	struct probe held[HOSTS];

	(void)state;
	for (int i = 0; i < HOSTS; i++) {
		s[i] = fake_server_new(answer, NULL);
		probe_init(&held[i], s[i]->port, "/hold");
		http_client_submit(c, &held[i].request);
	}
	for (int i = 0; i < 3; i++)
		fake_server_await_held(s[i], 1);
	http_client_stats(c, &stats);
	assert_int_equal(stats.in_flight, 3);
	for (int i = 0; i < HOSTS; i++)
		fake_server_release(s[i], 1);
	for (int i = 0; i < HOSTS; i++)
		await(&held[i]);
	http_client_free(c);
	for (int i = 0; i < HOSTS; i++)
		fake_server_free(s[i]);
}

static void a_failing_host_gets_a_slow_lane(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL), *other = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct http_client_stats stats;
	struct probe held[4], p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		probe_init(&p, s->port, "/error");
		ask(c, &p);
	}
	for (int i = 0; i < 4; i++) {
		probe_init(&held[i], s->port, "/hold");
		http_client_submit(c, &held[i].request);
	}
	fake_server_await_held(s, 1);
	probe_init(&p, other->port, "/ok");
	ask(c, &p);
	http_client_stats(c, &stats);
	assert_int_equal(stats.in_flight, 1);
	/* Once it answers well again, it has its full width. */
	fake_server_release(s, 1);
	fake_server_await_held(s, 2);
	fake_server_release(s, 3);
	for (int i = 0; i < 4; i++)
		await(&held[i]);
	assert_int_equal(s->held_most, 2);
	http_client_free(c);
	fake_server_free(s);
	fake_server_free(other);
}

static void stopping_answers_everything(void **state)
{
	enum { N = 5 };
	struct fake_server *s = fake_server_new(answer, NULL);
	struct http_client *c = client_new(true, 8);
	struct probe held[N];
	int sent = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		probe_init(&held[i], s->port, "/hold");
		http_client_submit(c, &held[i].request);
	}
	fake_server_await_held(s, 2);
	http_client_free(c);
	for (int i = 0; i < N; i++) {
		assert_true(held[i].done);
		assert_int_equal(held[i].response.error, HTTP_STOPPED);
		sent += held[i].response.sent;
	}
	assert_int_equal(sent, 2);
	fake_server_free(s);
	http_client_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_and_reads),
		cmocka_unit_test(tells_failures_apart),
		cmocka_unit_test(refuses_what_is_no_http_url),
		cmocka_unit_test(calls_no_private_address),
		cmocka_unit_test(uses_no_proxy_of_the_environment),
		cmocka_unit_test(knows_whether_anything_was_sent),
		cmocka_unit_test(keeps_connections),
		cmocka_unit_test(sends_nothing_twice),
		cmocka_unit_test(a_slow_host_delays_nobody),
		cmocka_unit_test(no_more_in_flight_than_allowed),
		cmocka_unit_test(a_failing_host_gets_a_slow_lane),
		cmocka_unit_test(stopping_answers_everything),
	};
	int n = snprintf(big_body, sizeof(big_body), "HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n");

	memset(big_body + n, 'x', 150000);
	n = snprintf(big_headers, sizeof(big_headers), "HTTP/1.1 200 OK\r\n");
	for (int i = 0; i < 300; i++)
		n += snprintf(big_headers + n, sizeof(big_headers) - (size_t)n, "X-%d: %0100d\r\n", i, i);
	snprintf(big_headers + n, sizeof(big_headers) - (size_t)n, "\r\n");
	must(crypto_start() == OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

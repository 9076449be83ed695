#include "http/server.h"

#include "base/limits.h"

#include "support/http_client.h"

#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>

/* Every send of the process comes through here, the parser's too: an answer must leave in one. Counted before the call,
 * because the client may have the answer before the call returns. */
static _Atomic int sends;
static _Atomic size_t offered_bytes;

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	sends++;
	for (size_t i = 0; i < message->msg_iovlen; i++)
		offered_bytes += message->msg_iov[i].iov_len;
	return syscall(SYS_sendmsg, fd, message, flags);
}

static struct test_server server;

/* Answers with what it understood. */
static void echo(void *arg, struct http_exchange *x)
{
	buf_printf(&x->reply, "%s%.*s path=%.*s", (const char *)arg, STR_ARG(x->method), STR_ARG(x->path));
	if (x->query.p)
		buf_printf(&x->reply, " query=%.*s", STR_ARG(x->query));
	if (x->body.n)
		buf_printf(&x->reply, " body=%.*s", STR_ARG(x->body));
	http_reply_header(x, "Content-Type", STR("application/json"));
	http_reply_header(x, "X-Total", STR("a\r\nb"));
	http_reply(x);
}

static void large(void *arg, struct http_exchange *x)
{
	size_t n = atomic_load((_Atomic size_t *)arg);

	for (size_t i = 0; i < n; i++)
		buf_char(&x->reply, (char)('a' + i % 26));
	http_reply(x);
}

static int set_up(void **state)
{
	struct http_config config;
	struct http_listener listener = { .handler = echo, .arg = (void *)(uintptr_t) "" };

	(void)state;
	http_config_default(&config);
	test_server_start(&server, &config, &listener);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_end(&server);
	return 0;
}

static void keeps_the_connection(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	for (int i = 0; i < 3; i++) {
		client_say(fd, "GET /a/%2B+?x=+%20&y HTTP/1.1\r\nHost: h\r\n\r\n");
		check_answer(fd, 200, "GET path=/a/%2B+ query=x=+%20&y");
	}
	client_say(fd, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
	check_answer(fd, 200, "GET path=/");
	assert_true(client_is_over(fd));
	close(fd);
}

static void understands_requests(void **state)
{
	static const struct {
		const char *request, *answer;
	} rows[] = {
		{ "GET /? HTTP/1.1\r\nHost: h\r\n\r\n", "GET path=/ query=" },
		{ "GET http://h:1/p?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET path=/p query=q" },
		{ "GET https://h?q HTTP/1.1\r\nHost: h\r\n\r\n", "GET path=/ query=q" },
		{ "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS path=*" },
		{ "FANCY /x HTTP/1.1\r\nHost: h\r\n\r\n", "FANCY path=/x" },
		{ "\r\nGET /empty-line HTTP/1.1\r\nHost: h\r\n\r\n", "GET path=/empty-line" },
		/* As one client sends every GET. */
		{ "GET /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}", "GET path=/b body={}" },
		{ "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", "POST path=/b" },
		{ "POST /b HTTP/1.1\r\nHost: h\r\n\r\n", "POST path=/b" },
		{ "POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
		  "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: x\r\n\r\n",
		  "POST path=/c body=abcde" },
		{ "GET /u HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
		  "HTTP2-Settings: AAMAAABk\r\n\r\n",
		  "GET path=/u" },
		{ "GET /v HTTP/1.1\r\nHost: h\r\nEmpty:\r\nSpaced: \t x \t\r\n\r\n", "GET path=/v" },
	};
	int fd = client_open(server.port);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		client_say(fd, rows[i].request);
		check_answer(fd, 200, rows[i].answer);
	}
	close(fd);
	fd = client_open(server.port);
	client_say(fd, "GET /old HTTP/1.0\r\n\r\n");
	check_answer(fd, 200, "GET path=/old");
	assert_true(client_is_over(fd));
	close(fd);
}

static void answers_pipelined_requests_in_order(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	client_say(fd, "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"
		       "GET /3 HTTP/1.1\r\nHost: h\r\n\r\nGET /4 HT");
	check_answer(fd, 200, "GET path=/1");
	check_answer(fd, 200, "POST path=/2 body=x");
	check_answer(fd, 200, "GET path=/3");
	client_say(fd, "TP/1.1\r\nHost: h\r\n\r\n");
	check_answer(fd, 200, "GET path=/4");
	close(fd);
}

static void writes_an_answer_at_once(void **state)
{
	int fd = client_open(server.port);
	struct answer answer;

	(void)state;
	for (int i = 0; i < 3; i++) {
		sends = 0;
		offered_bytes = 0;
		client_say(fd, "GET /404 HTTP/1.1\r\nHost: h\r\n\r\n");
		client_read(fd, true, &answer);
		assert_int_equal(sends, 1);
		assert_int_equal(offered_bytes, strlen(answer.head) + answer.body_bytes);
		answer_done(&answer);
	}
	close(fd);
}

static void spells_headers(void **state)
{
	int fd = client_open(server.port);
	struct answer answer;

	(void)state;
	client_say(fd, "HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
	client_read(fd, false, &answer);
	assert_int_equal(answer.status, 200);
	assert_int_equal(answer_header(&answer, "Date").n, 29);
	check_str(answer_header(&answer, "Content-Type"), "application/json");
	check_str(answer_header(&answer, "Content-Length"), "12");
	check_str(answer_header(&answer, "X-Total"), "a??b");
	assert_int_equal(answer_header(&answer, "X-Request-Id").n, 16);
	assert_null(answer_header(&answer, "Server").p);
	assert_null(answer_header(&answer, "Connection").p);
	/* No body came: the next answer follows directly. */
	client_say(fd, "GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
	check_answer(fd, 200, "GET path=/y");
	close(fd);
}

static void continues_when_asked(void **state)
{
	int fd = client_open(server.port);
	struct answer answer;

	(void)state;
	client_say(fd, "POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
	client_read(fd, false, &answer);
	assert_int_equal(answer.status, 100);
	client_say(fd, "ab");
	check_answer(fd, 200, "POST path=/e body=ab");
	close(fd);
}

/* The header walk leans on how the parser lays out its buffer, which must not depend on lengths or on how a request is
 * cut into packets. */
static void reads_heads_of_every_shape(void **state)
{
	char request[12 * 1024], target[4 * 1024];
	uint32_t seed = 1;
	int fd = client_open(server.port);

	(void)state;
	memset(target, 'x', sizeof(target));
	for (int round = 0; round < 400; round++) {
		seed = seed * 1664525 + 1013904223;
		size_t target_bytes = seed >> 16 & (round % 8 ? 0xFF : 0xFFF);
		size_t headers = seed >> 8 & 31;
		size_t n = (size_t)snprintf(request, sizeof(request), "GET /%.*s%s HTTP/1.1\r\nHost: h\r\n",
					    (int)(target_bytes % 4000), target, round % 3 ? "?a=b&c[]=%20" : "");

		for (size_t i = 0; i < headers; i++)
			n += (size_t)snprintf(request + n, sizeof(request) - n, "X-%zu:%s%.*s\r\n", i,
					      i % 2 ? "" : "  ", (int)((seed >> 3) * (i + 1) % 200), target);
		n += (size_t)snprintf(request + n, sizeof(request) - n, "\r\n");
		size_t cut = seed % n;
		assert_true(client_send(fd, request, cut));
		if (round % 4 == 0)
			sched_yield();
		assert_true(client_send(fd, request + cut, n - cut));
		check_answer(fd, 200, NULL);
	}
	close(fd);
	/* Byte by byte. */
	fd = client_open(server.port);
	const char *slow = "POST /slow?x HTTP/1.1\r\nHost: h\r\nX: y\r\nContent-Length: 2\r\n\r\nok";
	for (const char *at = slow; *at; at++)
		assert_true(client_send(fd, at, 1));
	check_answer(fd, 200, "POST path=/slow query=x body=ok");
	close(fd);
}

static void sends_large_answers(void **state)
{
	struct http_config config;
	_Atomic size_t n = (size_t)5 << 20; /* the server's thread reads it, too */
	struct http_listener listener = { .handler = large, .arg = &n };
	struct test_server other = { 0 };
	struct answer answer;

	(void)state;
	http_config_default(&config);
	test_server_start(&other, &config, &listener);
	int fd = client_open(other.port);
	for (int i = 0; i < 2; i++) {
		client_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
		client_read(fd, true, &answer);
		assert_int_equal(answer.body_bytes, n);
		for (size_t j = 0; j < n; j++)
			assert_int_equal(answer.body[j], 'a' + j % 26);
		answer_done(&answer);
	}
	n = (size_t)LIMIT_RESPONSE_BYTES + 1;
	client_say(fd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	check_answer(fd, 500, "");
	close(fd);
	test_server_end(&other);
}

/* At exact multiples of 128 ready connections the parser's own epoll thread would wait for one more event. */
static void serves_any_number_of_ready_connections(void **state)
{
	static const int counts[] = { 127, 128, 129, 256 };
	int fds[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		for (int j = 0; j < counts[i]; j++)
			fds[j] = client_open(server.port);
		for (int round = 0; round < 20; round++) {
			for (int j = 0; j < counts[i]; j++)
				client_say(fds[j], "GET /n HTTP/1.1\r\nHost: h\r\n\r\n");
			for (int j = 0; j < counts[i]; j++)
				check_answer(fds[j], 200, "GET path=/n");
		}
		for (int j = 0; j < counts[i]; j++)
			close(fds[j]);
	}
}

static int open_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && strlen(path) < sizeof(address.sun_path));
	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void tell_peer(void *arg, struct http_exchange *x)
{
	(void)arg;
	buf_str(&x->reply, x->peer);
	http_reply(x);
}

static void listens_in_several_places(void **state)
{
	const char *proxies[] = { "127.0.0.0/8" };
	struct http_config config;
	struct http_listener first = { .handler = echo, .arg = (void *)(uintptr_t) "first " };
	struct http_listener second = { .handler = tell_peer };
	struct test_server other = { 0 };
	char folder[] = "/tmp/bodega-http-XXXXXX", path[64];
	struct stat status;
	int port = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	http_config_default(&config);
	config.trusted_proxies = proxies;
	config.trusted_proxy_count = 1;
	check_ok(http_server_new(&config, &other.server));
	check_ok(http_server_listen_tcp(other.server, "127.0.0.1:0", &first, &other.port));
	check_ok(http_server_listen_tcp(other.server, "127.0.0.1:0", &second, &port));
	check_ok(http_server_listen_unix(other.server, path, &second));
	check_err(http_server_listen_unix(other.server, path, &second), ERR_IO); /* it is alive */
	check_err(http_server_listen_tcp(other.server, "127.0.0.1", &first, NULL), ERR_CONFIG);
	check_err(http_server_listen_tcp(other.server, "localhost:1", &first, NULL), ERR_CONFIG);
	check_err(http_server_listen_tcp(other.server, "127.0.0.1:65536", &first, NULL), ERR_CONFIG);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(pthread_create(&other.thread, NULL, test_server_loop, &other), 0);
	other.running = true;
	int a = client_open(other.port), b = client_open(port), c = open_unix(path);
	client_say(a, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	check_answer(a, 200, "first GET path=/");
	client_say(b, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	check_answer(b, 200, "127.0.0.1");
	client_say(b, "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n"
		      "X-Forwarded-For: 127.0.0.2\r\n\r\n");
	check_answer(b, 200, "203.0.113.7");
	/* Not trusted: what it says about addresses is not believed. */
	client_say(c, "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
	check_answer(c, 200, "unix");
	close(a);
	close(b);
	close(c);
	test_server_end(&other);
	assert_int_equal(rmdir(folder), 0); /* the socket's name is gone */
}

static void counts_what_it_does(void **state)
{
	struct http_counters before, after;
	int fd = client_open(server.port);

	(void)state;
	client_say(fd, "GET /0 HTTP/1.1\r\nHost: h\r\n\r\n");
	check_answer(fd, 200, NULL);
	http_server_counters(server.server, &before);
	client_say(fd, "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
	check_answer(fd, 200, "POST path=/1 body=abc");
	http_server_counters(server.server, &after);
	assert_int_equal(after.requests - before.requests, 1);
	assert_int_equal(after.replies - before.replies, 1);
	assert_int_equal(after.bytes_in - before.bytes_in, 3);
	assert_int_equal(after.bytes_out - before.bytes_out, strlen("POST path=/1 body=abc"));
	assert_true(after.connections >= 1);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_connection),
		cmocka_unit_test(understands_requests),
		cmocka_unit_test(answers_pipelined_requests_in_order),
		cmocka_unit_test(writes_an_answer_at_once),
		cmocka_unit_test(spells_headers),
		cmocka_unit_test(continues_when_asked),
		cmocka_unit_test(reads_heads_of_every_shape),
		cmocka_unit_test(sends_large_answers),
		cmocka_unit_test(serves_any_number_of_ready_connections),
		cmocka_unit_test(listens_in_several_places),
		cmocka_unit_test(counts_what_it_does),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

/* tests/support/http_client.h: a server on its own thread, and raw sockets that say to it whatever a test wants. */
#pragma once

#include "base/clock.h"
#include "http/server.h"

#include "support/test.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CLIENT_PATIENCE_MS = 20000 }; /* for what must come; only a broken server lets it pass */

struct test_server {
	struct http_server *server;
	pthread_t thread;
	int port;
	bool running;
};

static inline void *test_server_loop(void *arg)
{
	http_server_run(((struct test_server *)arg)->server);
	return NULL;
}

static inline void test_server_start(struct test_server *t, const struct http_config *config,
				     const struct http_listener *listener)
{
	check_ok(http_server_new(config, &t->server));
	check_ok(http_server_listen_tcp(t->server, "127.0.0.1:0", listener, &t->port));
	assert_int_equal(pthread_create(&t->thread, NULL, test_server_loop, t), 0);
	t->running = true;
}

/* Waits for the loop to end by itself. */
static inline void test_server_join(struct test_server *t)
{
	if (t->running)
		assert_int_equal(pthread_join(t->thread, NULL), 0);
	t->running = false;
}

static inline void test_server_end(struct test_server *t)
{
	if (!t->server)
		return;
	http_server_stop(t->server);
	test_server_join(t);
	http_server_free(t->server);
	t->server = NULL;
}

static inline int client_open(int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	/* What a test sends in pieces is to arrive in pieces, and at once. */
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
	return fd;
}

/* False once the server has closed. */
static inline bool client_send(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

		if (sent < 0)
			return false;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

static inline void client_say(int fd, const char *text)
{
	assert_true(client_send(fd, text, strlen(text)));
}

/* Bytes read, 0 at the end (a reset counts as one), after waiting for them. */
static inline size_t client_take(int fd, char *bytes, size_t room)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&wait, 1, CLIENT_PATIENCE_MS), 1);
	ssize_t n = recv(fd, bytes, room, 0);
	assert_true(n >= 0 || errno == ECONNRESET);
	return n < 0 ? 0 : (size_t)n;
}

struct answer {
	int status; /* 0: the connection ended without one */
	char head[8192];
	char *body; /* freed by answer_done */
	size_t body_bytes;
};

static inline void answer_done(struct answer *answer)
{
	free(answer->body);
	*answer = (struct answer){ 0 };
}

/* The value of a header, looked up with case; absent if there is none. */
static inline struct str answer_header(const struct answer *answer, const char *name)
{
	struct str rest = str_of(answer->head);

	while (rest.p) {
		struct str line = str_cut(&rest, '\n');
		struct str value = line;

		if (str_eq(str_cut(&value, ':'), str_of(name)))
			return str_trim(value);
	}
	return STR_NONE;
}

/* Reads one answer, byte by byte in the head so that nothing of the next is lost. */
static inline void client_read(int fd, bool has_body, struct answer *ret)
{
	size_t n = 0;

	*ret = (struct answer){ 0 };
	while (n < 4 || memcmp(ret->head + n - 4, "\r\n\r\n", 4) != 0) {
		assert_true(n < sizeof(ret->head) - 1);
		if (client_take(fd, ret->head + n, 1) == 0) {
			assert_int_equal(n, 0);
			return;
		}
		n++;
	}
	assert_memory_equal(ret->head, "HTTP/1.1 ", 9);
	int64_t number;
	check_ok(str_to_i64((struct str){ ret->head + 9, 3 }, 100, 599, &number));
	ret->status = (int)number;
	struct str length = answer_header(ret, "Content-Length");
	if (!has_body || !length.p)
		return;
	check_ok(str_to_i64(length, 0, INT32_MAX, &number));
	ret->body_bytes = (size_t)number;
	ret->body = calloc(1, ret->body_bytes + 1);
	assert_non_null(ret->body);
	for (size_t at = 0; at < ret->body_bytes;) {
		size_t got = client_take(fd, ret->body + at, ret->body_bytes - at);

		assert_true(got > 0);
		at += got;
	}
}

/* The server has closed, after at most `most` bytes more. */
static inline bool client_is_over(int fd)
{
	char byte;

	return client_take(fd, &byte, 1) == 0;
}

static inline void check_answer_at(int fd, int status, const char *body, const char *file, int line)
{
	struct answer answer;

	client_read(fd, true, &answer);
	if (answer.status != status) {
		print_error("status %d, not %d: %s\n", answer.status, status, answer.body ? answer.body : "");
		_fail(file, line);
	}
	if (body)
		check_str_at(str_of(answer.body ? answer.body : ""), body, file, line);
	answer_done(&answer);
}

/* Reads one answer from fd; `body` NULL is any. */
#define check_answer(fd, status, body) check_answer_at((fd), (status), (body), __FILE__, __LINE__)

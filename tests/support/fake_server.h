/* tests/support/fake_server.h: an HTTP server that misbehaves on purpose, for tests of our own client.
 *
 * One thread serves all connections of one listening socket on 127.0.0.1. What it answers is the test's: a function of
 * the request, which may also hold the answer back until fake_server_release(). Requests are logged as they came. */
#pragma once

#include "support/test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAKE_CONNECTIONS = 64, FAKE_REQUEST_BYTES = 64 * 1024 };

struct fake_reply {
	const char *bytes; /* NULL = says nothing, keeps the connection */
	size_t n;
	bool hold;  /* until released */
	bool close; /* afterwards */
};

struct fake_connection {
	int fd;
	char in[FAKE_REQUEST_BYTES];
	size_t n;
	bool held;
	struct fake_reply reply;
};

struct fake_server {
	int listener, wake, port;
	pthread_t thread;
	struct fake_reply (*answer)(struct fake_server *s, const char *request);
	void *arg;
	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t changed;
	int connections, requests, held, held_most, release;
	bool stop;
	char last[FAKE_REQUEST_BYTES]; /* the request that came last */
	struct fake_connection *slots[FAKE_CONNECTIONS];
};

static inline struct fake_reply fake_text(const char *bytes)
{
	return (struct fake_reply){ .bytes = bytes, .n = strlen(bytes) };
}

/* Length of the whole request at the start of the buffer; 0 = not all there yet. */
static inline size_t fake_request_length(const char *in, size_t n)
{
	const char *end = memmem(in, n, "\r\n\r\n", 4);
	const char *length = end ? memmem(in, (size_t)(end - in), "Content-Length: ", 16) : NULL;
	size_t whole = end ? (size_t)(end - in) + 4 + (length ? (size_t)strtoul(length + 16, NULL, 10) : 0) : 0;

	return whole <= n ? whole : 0;
}

static inline void fake_drop(struct fake_server *s, size_t i)
{
	close(s->slots[i]->fd);
	free(s->slots[i]);
	s->slots[i] = NULL;
}

static inline void fake_say(struct fake_server *s, size_t i)
{
	struct fake_reply r = s->slots[i]->reply;

	for (size_t at = 0; r.bytes && at < r.n;) {
		ssize_t n = send(s->slots[i]->fd, r.bytes + at, r.n - at, MSG_NOSIGNAL);

		if (n <= 0)
			break; /* the client gave up: some tests want that */
		at += (size_t)n;
	}
	if (r.close)
		fake_drop(s, i);
}

static inline void fake_read(struct fake_server *s, size_t i)
{
	struct fake_connection *c = s->slots[i];
	ssize_t n = recv(c->fd, c->in + c->n, sizeof(c->in) - 1 - c->n, 0);

	if (n <= 0) {
		s->held -= c->held;
		fake_drop(s, i);
		return;
	}
	c->n += (size_t)n;
	c->in[c->n] = 0;
	size_t whole = fake_request_length(c->in, c->n);
	if (!whole)
		return;
	memcpy(s->last, c->in, c->n + 1);
	s->requests++;
	c->reply = s->answer(s, c->in);
	memmove(c->in, c->in + whole, c->n - whole);
	c->n -= whole;
	c->held = c->reply.hold;
	s->held += c->held;
	s->held_most = s->held > s->held_most ? s->held : s->held_most;
	if (!c->held)
		fake_say(s, i);
}

static inline void fake_accept(struct fake_server *s)
{
	int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < FAKE_CONNECTIONS; i++)
		if (!s->slots[i]) {
			s->slots[i] = calloc(1, sizeof(struct fake_connection));
			must(s->slots[i]);
			s->slots[i]->fd = fd;
			s->connections++;
			return;
		}
}

static inline void fake_release_some(struct fake_server *s)
{
	for (size_t i = 0; i < FAKE_CONNECTIONS && s->release; i++)
		if (s->slots[i] && s->slots[i]->held) {
			s->slots[i]->held = false;
			s->held--;
			s->release--;
			fake_say(s, i);
		}
}

static inline void *fake_run(void *arg)
{
	struct fake_server *s = arg;
	bool stop = false;

	while (!stop) {
		struct pollfd fds[FAKE_CONNECTIONS + 2] = { { .fd = s->listener, .events = POLLIN },
							    { .fd = s->wake, .events = POLLIN } };
		for (size_t i = 0; i < FAKE_CONNECTIONS; i++)
			fds[i + 2] = (struct pollfd){ .fd = s->slots[i] ? s->slots[i]->fd : -1, .events = POLLIN };
		poll(fds, FAKE_CONNECTIONS + 2, -1);
		pthread_mutex_lock(&s->lock);
		uint64_t count;
		ssize_t woken = fds[1].revents ? read(s->wake, &count, sizeof(count)) : 0;
		(void)woken;
		for (size_t i = 0; i < FAKE_CONNECTIONS; i++)
			if (fds[i + 2].revents && s->slots[i])
				fake_read(s, i);
		if (fds[0].revents)
			fake_accept(s);
		fake_release_some(s);
		stop = s->stop;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	for (size_t i = 0; i < FAKE_CONNECTIONS; i++)
		if (s->slots[i])
			fake_drop(s, i);
	return NULL;
}

static inline struct fake_server *fake_server_new(struct fake_reply (*answer)(struct fake_server *s, const char *),
						  void *arg)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	struct fake_server *s = calloc(1, sizeof(*s));

	must(s);
	s->answer = answer;
	s->arg = arg;
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	s->wake = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(s->listener, FAKE_CONNECTIONS), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&address, &length), 0);
	s->port = ntohs(address.sin_port);
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	assert_int_equal(pthread_create(&s->thread, NULL, fake_run, s), 0);
	return s;
}

static inline void fake_server_wake(struct fake_server *s)
{
	uint64_t one = 1;

	must(write(s->wake, &one, sizeof(one)) == sizeof(one));
}

/* Lets so many held answers go, also ones that are not held yet. */
static inline void fake_server_release(struct fake_server *s, int n)
{
	pthread_mutex_lock(&s->lock);
	s->release += n;
	pthread_mutex_unlock(&s->lock);
	fake_server_wake(s);
}

/* Waits until so many answers are held. */
static inline void fake_server_await_held(struct fake_server *s, int n)
{
	pthread_mutex_lock(&s->lock);
	while (s->held < n)
		pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
}

static inline int fake_server_connections(struct fake_server *s)
{
	pthread_mutex_lock(&s->lock);
	int n = s->connections;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static inline int fake_server_requests(struct fake_server *s)
{
	pthread_mutex_lock(&s->lock);
	int n = s->requests;
	pthread_mutex_unlock(&s->lock);
	return n;
}

static inline void fake_server_free(struct fake_server *s)
{
	pthread_mutex_lock(&s->lock);
	s->stop = true;
	pthread_mutex_unlock(&s->lock);
	fake_server_wake(s);
	pthread_join(s->thread, NULL);
	close(s->listener);
	close(s->wake);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

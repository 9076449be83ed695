/* tests/support/fake_server_loop.h: the thread of fake_server.h: connections, requests, answers that are held. */
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

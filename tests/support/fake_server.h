/* tests/support/fake_server.h: an HTTP server that misbehaves on purpose, for tests of our own client.
 *
 * One thread serves all connections of one listening socket on 127.0.0.1. What it answers is the test's: a function of
 * the request, which may also hold the answer back until fake_server_release(). Requests are logged as they came. */
#pragma once

#include "support/fake_server_loop.h"

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

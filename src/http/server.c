#include "http/server.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "http/server_private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	EVENTS_A_TURN = 512,
	/* Holds the largest head we accept beside the parser's own structures and the answer's headers. The parser
	 * clears all of it for each request: at 32 KiB that was an eighth of the time of a small answer. */
	PARSER_BYTES = 16 * 1024,
	OTHER_DESCRIPTORS = 1024, /* of the database, of callers to suppliers, of sockets that linger */
};

void http_config_default(struct http_config *config)
{
	*config = (struct http_config){
		.request_us = SECONDS_US(LIMIT_REQUEST_SECONDS),
		.idle_us = SECONDS_US(LIMIT_IDLE_SECONDS),
		.reply_us = SECONDS_US(LIMIT_REPLY_SECONDS),
		.connections = LIMIT_CONNECTIONS,
		.header_bytes = LIMIT_HEADER_BYTES,
		.headers = LIMIT_HEADERS,
		.target_bytes = LIMIT_TARGET_BYTES,
	};
}

/* Raises the soft limit as far as needed and allowed; *connections becomes what fits. */
static enum err raise_descriptors(size_t *connections)
{
	struct rlimit limit;
	rlim_t need = (rlim_t)*connections + OTHER_DESCRIPTORS;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return ERR_IO;
	if (limit.rlim_cur >= need)
		return OK;
	limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur <= OTHER_DESCRIPTORS)
		return ERR_IO;
	if (limit.rlim_cur < need) {
		*connections = (size_t)(limit.rlim_cur - OTHER_DESCRIPTORS);
		log_warn("http.descriptors", "hard_limit=%ju connections=%zu", (uintmax_t)limit.rlim_max, *connections);
	}
	return OK;
}

/* Room for all connections and a little more: we count ourselves and turn away before the parser would. */
static struct MHD_Daemon *start_parser(struct http_server *s)
{
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
				on_request, s, MHD_OPTION_CONNECTION_LIMIT, (unsigned)s->config.connections + 64,
				MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)PARSER_BYTES, MHD_OPTION_URI_LOG_CALLBACK,
				on_target, s, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, s, MHD_OPTION_NOTIFY_COMPLETED,
				on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_END);
}

static bool watch(struct http_server *s, int fd, enum source *source)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

	return fd >= 0 && epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
}

static enum err server_open(struct http_server *s)
{
	enum err e = raise_descriptors(&s->config.connections);

	if (e)
		return e;
	s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->mhd = start_parser(s);
	if (s->epoll_fd < 0 || !s->mhd)
		return ERR_IO;
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	if (!info || !watch(s, s->wake_fd, &s->wake_source) || !watch(s, info->epoll_fd, &s->parser_source))
		return ERR_IO;
	return OK;
}

enum err http_server_new(const struct http_config *config, struct http_server **ret)
{
	struct http_server *s = calloc(1, sizeof(*s));

	must(s);
	s->config = *config;
	s->epoll_fd = s->wake_fd = s->spare_fd = -1;
	s->wake_source = SOURCE_WAKE;
	s->parser_source = SOURCE_PARSER;
	s->now_us = clock_mono_us();
	s->turn_due_us = INT64_MAX;
	must(pthread_mutex_init(&s->ready_lock, NULL) == 0);
	enum err e = proxies_new(config->trusted_proxies, config->trusted_proxy_count, &s->proxies);
	if (!e)
		e = server_open(s);
	if (e) {
		http_server_free(s);
		return e;
	}
	*ret = s;
	return OK;
}

/* Parked exchanges learn that nobody waits any more, and let go of what they hold. */
static void give_up_parked(struct http_server *s)
{
	struct connection *next;

	for (struct connection *c = s->phases[PHASE_WORK].oldest; c; c = next) {
		next = c->newer;
		c->hung_up = true;
		if (c->exchange && c->exchange->state == EXCHANGE_PARKED)
			exchange_ready(c->exchange);
	}
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	s->closing = true;
	if (s->mhd) {
		give_up_parked(s);
		MHD_stop_daemon(s->mhd);
	}
	linger_free_all(s);
	listeners_free(s);
	while (s->free_exchanges) {
		struct exchange *x = s->free_exchanges;

		s->free_exchanges = x->next;
		exchange_free(x);
	}
	proxies_free(s->proxies);
	proxies_free(atomic_load(&s->fresh_proxies));
	pthread_mutex_destroy(&s->ready_lock);
	if (s->spare_fd >= 0)
		close(s->spare_fd);
	if (s->wake_fd >= 0)
		close(s->wake_fd);
	if (s->epoll_fd >= 0)
		close(s->epoll_fd);
	free(s);
}

void server_wake(struct http_server *s)
{
	uint64_t one = 1;

	/* It can only fail when the counter is full, and then the loop is awake. */
	if (write(s->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void take_ready(struct http_server *s)
{
	pthread_mutex_lock(&s->ready_lock);
	struct exchange *x = s->ready_first;
	s->ready_first = s->ready_last = NULL;
	pthread_mutex_unlock(&s->ready_lock);
	while (x) {
		struct exchange *next = x->next;

		x->next = NULL;
		exchange_ready(x);
		s->parser_has_work = true;
		x = next;
	}
}

static void begin_drain(struct http_server *s, int64_t within_us)
{
	s->draining = true;
	s->drain_until_us = s->now_us + within_us;
	listeners_close(s);
}

static void take_proxies(struct http_server *s)
{
	struct proxies *fresh = atomic_exchange(&s->fresh_proxies, NULL);

	if (!fresh)
		return;
	proxies_free(s->proxies);
	s->proxies = fresh;
}

static void woken(struct http_server *s)
{
	uint64_t count;

	s->was_woken = false;
	/* Read before the flags and the list are looked at, so that what comes later wakes us again. */
	if (read(s->wake_fd, &count, sizeof(count)) < 0)
		return;
	int64_t within_us = atomic_exchange(&s->drain_asked_us, 0);
	if (within_us && !s->draining)
		begin_drain(s, within_us);
	take_proxies(s);
	take_ready(s);
}

static void handle_event(struct http_server *s, const struct epoll_event *event)
{
	enum source *source = event->data.ptr;

	switch (*source) {
	case SOURCE_WAKE:
		s->was_woken = true;
		return;
	case SOURCE_LISTENER:
		((struct listener *)(void *)source)->has_callers = true;
		return;
	case SOURCE_PARSER:
		s->parser_has_work = true;
		return;
	case SOURCE_CONNECTION:
		connection_event((struct connection *)(void *)source, event->events);
		return;
	case SOURCE_LINGER:
		linger_event(s, (struct lingering *)(void *)source);
		return;
	}
}

static void run_parser(struct http_server *s)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	MHD_run(s->mhd);
	s->parser_has_work = MHD_get_timeout(s->mhd, &timeout_ms) == MHD_YES && timeout_ms == 0;
}

static int wait_ms(const struct http_server *s)
{
	int64_t deadline = connections_deadline(s);

	if (s->draining && s->drain_until_us < deadline)
		deadline = s->drain_until_us;
	if (s->turn_due_us < deadline)
		deadline = s->turn_due_us;
	if (deadline == INT64_MAX)
		return -1;
	int64_t left_us = deadline - clock_mono_us();
	if (left_us <= 0)
		return 0;
	return left_us > SECONDS_US(3600) ? 3600 * 1000 : (int)((left_us + 999) / 1000);
}

void server_turn(struct http_server *s, bool wait)
{
	struct epoll_event events[EVENTS_A_TURN];
	int n = epoll_wait(s->epoll_fd, events, EVENTS_A_TURN, s->parser_has_work || !wait ? 0 : wait_ms(s));

	must(n >= 0 || errno == EINTR);
	s->now_us = clock_mono_us();
	/* All events first: what follows may free connections that later events of this batch point at. */
	for (int i = 0; i < n; i++)
		handle_event(s, &events[i]);
	if (s->was_woken)
		woken(s);
	for (struct listener *listener = s->listeners; listener; listener = listener->next) {
		if (listener->has_callers && listener->fd >= 0)
			listener_accept(s, listener);
		listener->has_callers = false;
	}
	connections_reap(s);
	if (s->parser_has_work)
		run_parser(s);
	s->turn_due_us = s->on_turn ? s->on_turn(s->on_turn_arg) : INT64_MAX;
}

void http_server_each_turn(struct http_server *s, http_turn fn, void *arg)
{
	s->on_turn = fn;
	s->on_turn_arg = arg;
	s->turn_due_us = fn ? 0 : INT64_MAX;
}

void http_server_run(struct http_server *s)
{
	while (!atomic_load(&s->stop)) {
		server_turn(s, true);
		if (s->draining && (s->connection_count == 0 || s->drain_until_us <= s->now_us))
			return;
	}
}

void http_server_stop(struct http_server *s)
{
	atomic_store(&s->stop, true);
	server_wake(s);
}

void http_server_drain(struct http_server *s, int64_t within_us)
{
	atomic_store(&s->drain_asked_us, within_us > 0 ? within_us : 1);
	server_wake(s);
}

enum err http_server_trust(struct http_server *s, const char *const *proxies, size_t count)
{
	struct proxies *fresh;
	enum err e = proxies_new(proxies, count, &fresh);

	if (e)
		return e;
	proxies_free(atomic_exchange(&s->fresh_proxies, fresh));
	server_wake(s);
	return OK;
}

static uint64_t counter_read(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void http_server_counters(const struct http_server *s, struct http_counters *ret)
{
	const struct counters *from = &s->counters;

	*ret = (struct http_counters){
		.accepted = counter_read(&from->accepted),
		.connections = counter_read(&from->connections),
		.parked = counter_read(&from->parked),
		.requests = counter_read(&from->requests),
		.replies = counter_read(&from->replies),
		.bytes_in = counter_read(&from->bytes_in),
		.bytes_out = counter_read(&from->bytes_out),
		.hung_up = counter_read(&from->hung_up),
	};
	for (size_t i = 0; i < HTTP_REFUSALS; i++)
		ret->refused[i] = counter_read(&from->refused[i]);
}

#include "http/server_private.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	LEAVING_SECONDS = 1,
	LINGER_SECONDS = 2,
	LINGER_SOCKETS = 512,
	LINGER_READS = 64, /* of LINGER_READ_BYTES, a turn */
	LINGER_READ_BYTES = 16 * 1024,
};

static void list_remove(struct http_server *s, struct connection *c)
{
	struct connections *list = &s->phases[c->phase];

	*(c->older ? &c->older->newer : &list->oldest) = c->newer;
	*(c->newer ? &c->newer->older : &list->newest) = c->older;
}

static void list_append(struct http_server *s, struct connection *c)
{
	struct connections *list = &s->phases[c->phase];

	c->newer = NULL;
	c->older = list->newest;
	*(list->newest ? &list->newest->newer : &list->oldest) = c;
	list->newest = c;
}

void connection_enter(struct connection *c, enum phase phase)
{
	list_remove(c->server, c);
	c->phase = phase;
	c->since_us = c->server->now_us;
	list_append(c->server, c);
}

static void set_peer(struct connection *c, const struct sockaddr *address)
{
	const void *bytes = NULL;

	if (address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	if (!bytes || !inet_ntop(address->sa_family, bytes, c->peer, sizeof(c->peer)))
		memcpy(c->peer, "unix", sizeof("unix"));
}

void connection_add(struct http_server *s, int fd, const struct listener *listener, const struct sockaddr *address,
		    socklen_t address_bytes)
{
	struct connection *c = calloc(1, sizeof(*c));

	must(c);
	c->source = SOURCE_CONNECTION;
	c->fd = fd;
	c->server = s;
	c->listener = listener;
	set_peer(c, address);
	s->adding = c;
	/* Closes the socket itself when it fails, before or after on_connection has seen it. */
	if (MHD_add_connection(s->mhd, fd, address, address_bytes) != MHD_YES)
		counter_add(&s->counters.refused[HTTP_REFUSED_CONNECTION], 1);
	free(s->adding);
	s->adding = NULL;
}

/* The parser has a socket of ours; we watch it too, edge-triggered, for what the parser does not tell: when the first
 * byte of a request comes, and when the client of a parked exchange leaves. */
static void opened(struct http_server *s, struct MHD_Connection *mhd, void **context)
{
	struct connection *c = s->adding;
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = c };

	s->adding = NULL;
	c->mhd = mhd;
	c->phase = PHASE_IDLE;
	c->since_us = s->now_us;
	list_append(s, c);
	*context = c;
	s->connection_count++;
	counter_add(&s->counters.accepted, 1);
	counter_add(&s->counters.connections, 1);
	/* Without it the connection still works and its limits hold, a little later. */
	(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void linger_remove(struct http_server *s, struct lingering *l)
{
	*(l->older ? &l->older->newer : &s->oldest_linger) = l->newer;
	*(l->newer ? &l->newer->older : &s->newest_linger) = l->older;
	s->linger_count--;
	close(l->fd);
	free(l);
}

/* Keeps a copy of a socket that the parser is about to close. */
static void linger_add(struct http_server *s, int parser_fd)
{
	int fd = dup(parser_fd);

	if (fd < 0)
		return;
	struct lingering *l = calloc(1, sizeof(*l));
	must(l);
	*l = (struct lingering){ .source = SOURCE_LINGER, .fd = fd, .since_us = s->now_us, .older = s->newest_linger };
	*(l->older ? &l->older->newer : &s->oldest_linger) = l;
	s->newest_linger = l;
	s->linger_count++;
	struct epoll_event event = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = l };
	if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		linger_remove(s, l);
}

static bool should_linger(const struct connection *c)
{
	const struct http_server *s = c->server;
	int unread = 0;

	if (c->cut || s->closing || s->linger_count >= LINGER_SOCKETS)
		return false;
	if (!c->refused && c->phase != PHASE_REQUEST && c->phase != PHASE_LEAVING)
		return false;
	return !c->hung_up || (ioctl(c->fd, FIONREAD, &unread) == 0 && unread > 0);
}

static void closed(struct http_server *s, void **context)
{
	struct connection *c = *context;

	*context = NULL;
	/* A copy of the descriptor would keep the registration alive after the close. */
	(void)epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	if (should_linger(c))
		linger_add(s, c->fd);
	/* A request line that was too long has never become an exchange. */
	if (c->phase == PHASE_REQUEST && !c->hung_up)
		counter_add(&s->counters.refused[HTTP_REFUSED_PARSER], 1);
	list_remove(s, c);
	if (c->exchange)
		exchange_free(c->exchange);
	free(c);
	s->connection_count--;
	counter_add(&s->counters.connections, (uint64_t)-1);
}

void on_connection(void *arg, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = arg;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		opened(s, mhd, context);
	else
		closed(s, context);
}

void connection_event(struct connection *c, uint32_t events)
{
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->hung_up = true;
	if (c->phase == PHASE_IDLE || c->phase == PHASE_REQUEST) {
		/* The parser misses the end of a stream that comes together with its last bytes. */
		if (c->hung_up)
			connection_enter(c, PHASE_LEAVING);
		else if (c->phase == PHASE_IDLE && events & EPOLLIN)
			connection_enter(c, PHASE_REQUEST);
	} else if (events & EPOLLIN) {
		c->early = true;
	}
}

void connection_cut(struct connection *c)
{
	c->cut = true;
	/* The parser sees the hang-up in its next run and closes. */
	(void)shutdown(c->fd, SHUT_RDWR);
	connection_enter(c, PHASE_OVER);
}

static int64_t phase_limit_us(const struct http_server *s, enum phase phase)
{
	switch (phase) {
	case PHASE_IDLE:
		return s->draining ? 0 : s->config.idle_us;
	case PHASE_REQUEST:
		return s->config.request_us;
	case PHASE_REPLY:
		return s->config.reply_us;
	case PHASE_LEAVING:
		return SECONDS_US(LEAVING_SECONDS);
	case PHASE_WORK:
	case PHASE_OVER:
	case PHASES:
		break;
	}
	return INT64_MAX;
}

/* When the oldest connection of the phase is due. */
static int64_t phase_deadline_us(const struct http_server *s, enum phase phase)
{
	const struct connection *oldest = s->phases[phase].oldest;
	int64_t limit = phase_limit_us(s, phase);

	return !oldest || limit == INT64_MAX ? INT64_MAX : oldest->since_us + limit;
}

void connections_reap(struct http_server *s)
{
	for (enum phase phase = PHASE_IDLE; phase < PHASES; phase++) {
		while (phase_deadline_us(s, phase) <= s->now_us) {
			if (phase == PHASE_REQUEST || phase == PHASE_REPLY)
				counter_add(&s->counters.refused[HTTP_REFUSED_SLOW], 1);
			connection_cut(s->phases[phase].oldest);
		}
	}
	while (s->oldest_linger && s->oldest_linger->since_us + SECONDS_US(LINGER_SECONDS) <= s->now_us)
		linger_remove(s, s->oldest_linger);
}

int64_t connections_deadline(const struct http_server *s)
{
	int64_t deadline = INT64_MAX;

	for (enum phase phase = PHASE_IDLE; phase < PHASES; phase++) {
		int64_t due = phase_deadline_us(s, phase);

		if (due < deadline)
			deadline = due;
	}
	if (s->oldest_linger && s->oldest_linger->since_us + SECONDS_US(LINGER_SECONDS) < deadline)
		deadline = s->oldest_linger->since_us + SECONDS_US(LINGER_SECONDS);
	return deadline;
}

void linger_event(struct http_server *s, struct lingering *l)
{
	char discarded[LINGER_READ_BYTES];

	for (int i = 0; i < LINGER_READS; i++) {
		ssize_t n = recv(l->fd, discarded, sizeof(discarded), MSG_DONTWAIT);

		if (n > 0)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		linger_remove(s, l);
		return;
	}
}

void linger_free_all(struct http_server *s)
{
	struct lingering *next;

	for (struct lingering *l = s->oldest_linger; l; l = next) {
		next = l->newer;
		close(l->fd);
		free(l);
	}
	s->oldest_linger = s->newest_linger = NULL;
	s->linger_count = 0;
}

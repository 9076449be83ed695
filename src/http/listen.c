#include "http/server_private.h"

#include "base/limits.h"
#include "base/log.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 4096, ACCEPTS_A_TURN = 64 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

/* "1.2.3.4:80" or "[::1]:80". */
static enum err parse_address(struct str text, union address *ret, socklen_t *ret_bytes)
{
	union address address = { .room = { 0 } };
	char host[INET6_ADDRSTRLEN];
	int64_t port;
	size_t colon = text.n;

	while (colon && text.p[colon - 1] != ':')
		colon--;
	if (colon < 2 || str_to_i64(str_skip(text, colon), 0, 65535, &port))
		return ERR_CONFIG;
	struct str name = { text.p, colon - 1 };
	bool is_v6 = name.n >= 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
	if (is_v6)
		name = (struct str){ name.p + 1, name.n - 2 };
	if (name.n >= sizeof(host))
		return ERR_CONFIG;
	memcpy(host, name.p, name.n);
	host[name.n] = '\0';
	if (is_v6) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons((uint16_t)port);
		if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) != 1)
			return ERR_CONFIG;
	} else {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons((uint16_t)port);
		if (inet_pton(AF_INET, host, &address.v4.sin_addr) != 1)
			return ERR_CONFIG;
	}
	*ret = address;
	*ret_bytes = is_v6 ? sizeof(address.v6) : sizeof(address.v4);
	return OK;
}

static struct listener *listener_new(const struct http_listener *options, int fd)
{
	struct listener *listener = calloc(1, sizeof(*listener));

	must(listener && options->handler);
	listener->source = SOURCE_LISTENER;
	listener->fd = fd;
	listener->options = *options;
	if (!listener->options.body_bytes)
		listener->options.body_bytes = LIMIT_BODY_BYTES;
	return listener;
}

static enum err listener_start(struct http_server *s, struct listener *listener, const char *name)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = listener };

	listener->next = s->listeners;
	s->listeners = listener;
	if (listen(listener->fd, BACKLOG) || epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, listener->fd, &event)) {
		int why = errno;

		log_error("http.listen", "address=%s error=%s", name, strerrorname_np(why));
		errno = why;
		return ERR_IO;
	}
	return OK;
}

static enum err cannot_bind(int fd, const char *name)
{
	int why = errno;

	log_error("http.bind", "address=%s error=%s", name, strerrorname_np(why));
	if (fd >= 0)
		close(fd);
	errno = why;
	return ERR_IO;
}

bool http_is_listen_address(struct str text)
{
	union address address;
	socklen_t bytes;

	return parse_address(text, &address, &bytes) == OK;
}

enum err http_server_listen_tcp(struct http_server *s, const char *text, const struct http_listener *options,
				int *ret_port)
{
	union address address;
	socklen_t bytes;
	int on = 1;
	enum err e = parse_address(str_of(text), &address, &bytes);

	if (e)
		return e;
	int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) || bind(fd, &address.any, bytes) ||
	    getsockname(fd, &address.any, &bytes))
		return cannot_bind(fd, text);
	e = listener_start(s, listener_new(options, fd), text);
	if (!e && ret_port)
		*ret_port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
	return e;
}

/* Removes what a dead server has left at the path; a socket that answers, or anything else, stays. */
static void remove_stale(const union address *address, socklen_t bytes)
{
	struct stat status;

	if (lstat(address->local.sun_path, &status) || !S_ISSOCK(status.st_mode))
		return;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &address->any, bytes) && errno == ECONNREFUSED)
		unlink(address->local.sun_path);
	close(fd);
}

enum err http_server_listen_unix(struct http_server *s, const char *path, const struct http_listener *options)
{
	union address address = { .local = { .sun_family = AF_UNIX } };
	size_t length = strlen(path);

	if (length == 0 || length >= sizeof(address.local.sun_path))
		return ERR_CONFIG;
	memcpy(address.local.sun_path, path, length + 1);
	remove_stale(&address, sizeof(address.local));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* The mode of the descriptor becomes the mode of the name, so that there is no moment of a wider one. */
	if (fd < 0 || fchmod(fd, 0600) || bind(fd, &address.any, sizeof(address.local)))
		return cannot_bind(fd, path);
	struct listener *listener = listener_new(options, fd);
	listener->is_unix = true;
	listener->path = malloc(length + 1);
	must(listener->path);
	memcpy(listener->path, path, length + 1);
	return listener_start(s, listener, path);
}

/* Out of descriptors: a waiting caller would wake us for ever, so one descriptor is kept to turn it away with. */
static void turn_away(struct http_server *s, struct listener *listener)
{
	if (s->spare_fd < 0)
		return;
	close(s->spare_fd);
	int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
	counter_add(&s->counters.refused[HTTP_REFUSED_CONNECTION], 1);
	if (fd >= 0)
		close(fd);
	s->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void listener_accept(struct http_server *s, struct listener *listener)
{
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		union address address = { .room = { 0 } };
		socklen_t bytes = sizeof(address);
		int fd = accept4(listener->fd, &address.any, &bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE)
				turn_away(s, listener);
			if (errno == ECONNABORTED || errno == EINTR)
				continue;
			return;
		}
		if (s->connection_count >= s->config.connections) {
			/* Counted first: who sees the end finds it in the numbers. */
			counter_add(&s->counters.refused[HTTP_REFUSED_CONNECTION], 1);
			close(fd);
			continue;
		}
		connection_add(s, fd, listener, &address.any, bytes);
	}
}

void listeners_close(struct http_server *s)
{
	for (struct listener *listener = s->listeners; listener; listener = listener->next) {
		if (listener->fd < 0)
			continue;
		close(listener->fd);
		listener->fd = -1;
		if (listener->path)
			unlink(listener->path);
	}
}

void listeners_free(struct http_server *s)
{
	listeners_close(s);
	while (s->listeners) {
		struct listener *listener = s->listeners;

		s->listeners = listener->next;
		free(listener->path);
		free(listener);
	}
}

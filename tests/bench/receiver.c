/* receiver: the address that callbacks are sent to. Answers 204 at once and counts.
 *
 * Deliveries are counted by order id, so that a repeat is told from a new one and a missing one is seen. Counts are
 * read with GET /count while it runs and printed when it is ended with SIGTERM or SIGINT; the port it listens on is
 * the first line it prints. One thread, any number of kept-alive connections. */
#include "base/arena.h"
#include "base/buf.h"
#include "options.h"
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 64 * 1024, EVENTS = 256, CLASSES = 10 };

struct connection {
	struct connection *next, *previous; /* of all that are open */
	int fd;
	size_t have;
	char bytes[MESSAGE_BYTES];
};

/* Order ids, in an open table that doubles at half full; 0 marks an empty place. */
struct id_set {
	uint64_t *places;
	size_t size, n;
};

struct receiver {
	int epoll, listening;
	struct id_set ids;
	struct connection *open;
	int64_t deliveries, malformed, refused, connections, connections_max;
	int64_t by_class[CLASSES]; /* by the order's status class */
	int64_t first_ns, last_ns;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
	stopped = signal;
}

static bool id_set_place(struct id_set *s, uint64_t id)
{
	size_t at = (size_t)((id * 0x9e3779b97f4a7c15u) >> 20) & (s->size - 1);

	while (s->places[at] && s->places[at] != id)
		at = (at + 1) & (s->size - 1);
	if (s->places[at])
		return false;
	s->places[at] = id;
	return true;
}

/* False if it was there already. */
static bool id_set_add(struct id_set *s, uint64_t id)
{
	if (s->n * 2 >= s->size) {
		struct id_set larger = { .size = s->size ? s->size * 2 : 65536, .n = s->n };

		larger.places = calloc(larger.size, sizeof(uint64_t));
		must(larger.places);
		for (size_t i = 0; i < s->size; i++)
			if (s->places[i])
				id_set_place(&larger, s->places[i]);
		free(s->places);
		*s = larger;
	}
	bool added = id_set_place(s, id);
	s->n += added;
	return added;
}

static void put_counts(const struct receiver *r, struct buf *b)
{
	double seconds = r->deliveries ? (double)(r->last_ns - r->first_ns) / 1e9 : 0;

	buf_printf(b, "{\"deliveries\":%lld,\"distinct\":%zu,\"repeats\":%lld,\"malformed\":%lld,\"refused\":%lld",
		   (long long)r->deliveries, r->ids.n, (long long)(r->deliveries - (int64_t)r->ids.n),
		   (long long)r->malformed, (long long)r->refused);
	buf_printf(b, ",\"seconds\":%.3f,\"connections\":%lld,\"connections_max\":%lld,\"own_cpu_seconds\":%.3f",
		   seconds, (long long)r->connections, (long long)r->connections_max, (double)wire_cpu_ns() / 1e9);
	buf_lit(b, ",\"by_class\":{");
	for (size_t i = 0, n = 0; i < CLASSES; i++)
		if (r->by_class[i])
			buf_printf(b, "%s\"%zu\":%lld", n++ ? "," : "", i, (long long)r->by_class[i]);
	buf_lit(b, "}}\n");
}

/* A transaction as the order's owner would get it; only its id and its class are read. What is an event of the S2S API
 * is known by its key, and has no class. */
static bool read_delivery(struct str body, int64_t *ret_id, int64_t *ret_class)
{
	struct str key = wire_json_value(body, "\"idempotency_key\":");
	struct str status = wire_json_value(body, "\"class\":{\"id\":");

	*ret_class = 0;
	if (key.n) {
		*ret_id = (int64_t)(str_hash(key) >> 1 | 1);
		return true;
	}
	return !str_to_i64(wire_json_value(body, "\"id\":"), 1, INT64_MAX, ret_id) &&
	       !str_to_i64(status, 0, CLASSES - 1, ret_class);
}

static bool take_delivery(struct receiver *r, struct str body)
{
	int64_t id, class;

	if (!read_delivery(body, &id, &class))
		return false;
	r->last_ns = wire_now_ns();
	if (r->deliveries++ == 0)
		r->first_ns = r->last_ns;
	r->by_class[class]++;
	id_set_add(&r->ids, (uint64_t)id);
	return true;
}

static bool send_answer(int fd, struct str answer)
{
	return send(fd, answer.p, answer.n, MSG_NOSIGNAL) == (ssize_t)answer.n;
}

static bool answer_request(struct receiver *r, int fd, const struct wire_head *head, struct str body)
{
	if (str_starts(head->first_line, STR("POST "))) {
		if (take_delivery(r, body))
			return send_answer(fd, STR("HTTP/1.1 204 No Content\r\n\r\n"));
		r->malformed++;
		return send_answer(fd, STR("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
	}
	if (!str_starts(head->first_line, STR("GET /count "))) {
		r->refused++;
		return send_answer(fd, STR("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"));
	}
	struct buf counts, answer;
	buf_init(&counts, 4096);
	buf_init(&answer, 8192);
	put_counts(r, &counts);
	buf_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
		   counts.n);
	buf_str(&answer, buf_view(&counts));
	bool sent = !answer.failed && send_answer(fd, buf_view(&answer));
	buf_done(&counts);
	buf_done(&answer);
	return sent;
}

static void close_connection(struct receiver *r, struct connection *c)
{
	close(c->fd);
	if (c->next)
		c->next->previous = c->previous;
	if (c->previous)
		c->previous->next = c->next;
	else
		r->open = c->next;
	free(c);
	r->connections--;
}

/* Answers every whole request that has arrived; false when the connection is to be closed. */
static bool answer_all(struct receiver *r, struct connection *c)
{
	size_t at = 0;
	bool keep = true;

	while (keep && at < c->have) {
		struct str rest = { c->bytes + at, c->have - at };
		struct wire_head head;
		enum wire_state state = wire_parse_head(rest, false, &head);

		if (state == WIRE_BROKEN || (state == WIRE_DONE && head.body_bytes > MESSAGE_BYTES - head.bytes)) {
			r->malformed++;
			return false;
		}
		if (state == WIRE_PARTIAL || rest.n < head.bytes + head.body_bytes)
			break;
		keep = answer_request(r, c->fd, &head, (struct str){ rest.p + head.bytes, head.body_bytes }) &&
		       !head.close;
		at += head.bytes + head.body_bytes;
	}
	c->have -= at;
	memmove(c->bytes, c->bytes + at, c->have);
	return keep;
}

static void read_requests(struct receiver *r, struct connection *c)
{
	ssize_t n = recv(c->fd, c->bytes + c->have, sizeof(c->bytes) - c->have, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		c->have += (size_t)n;
		if (answer_all(r, c) && c->have < sizeof(c->bytes))
			return;
	}
	close_connection(r, c);
}

static void accept_all(struct receiver *r)
{
	for (;;) {
		int fd = accept4(r->listening, NULL, NULL, SOCK_CLOEXEC);

		if (fd < 0) {
			must(errno == EAGAIN || errno == ECONNABORTED || errno == EINTR || errno == EMFILE);
			return;
		}
		struct connection *c = malloc(sizeof(*c));
		must(c);
		c->fd = fd;
		c->have = 0;
		c->previous = NULL;
		c->next = r->open;
		if (c->next)
			c->next->previous = c;
		r->open = c;
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
		must(epoll_ctl(r->epoll, EPOLL_CTL_ADD, fd, &event) == 0);
		if (++r->connections > r->connections_max)
			r->connections_max = r->connections;
	}
}

static void run(struct receiver *r, const sigset_t *while_waiting)
{
	struct epoll_event events[EVENTS];

	while (!stopped) {
		int n = epoll_pwait(r->epoll, events, EVENTS, -1, while_waiting);

		must(n >= 0 || errno == EINTR);
		for (int i = 0; i < n; i++)
			if (events[i].data.ptr)
				read_requests(r, events[i].data.ptr);
			else
				accept_all(r);
	}
}

int main(int argc, char **argv)
{
	struct receiver r = { 0 };
	struct sigaction stop = { .sa_handler = on_stop };
	struct rlimit files;
	sigset_t blocked, while_waiting;
	int64_t port = 0;
	const struct option_spec specs[] = { { "--port", OPTION_INTEGER, &port, 0, 65535 } };

	if (argc < 1 || !options_take(specs, ARRAY_LEN(specs), argv + 1))
		return 2;
	/* Signals arrive while it waits and at no other time, so that none is lost between the check and the wait. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	r.listening = wire_listen((int)port);
	r.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r.listening < 0 || r.epoll < 0) {
		fprintf(stderr, "cannot listen on 127.0.0.1:%lld: %s\n", (long long)port, strerror(errno));
		return 1;
	}
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
	must(epoll_ctl(r.epoll, EPOLL_CTL_ADD, r.listening, &event) == 0);
	printf("{\"port\":%d}\n", wire_port(r.listening));
	fflush(stdout);
	run(&r, &while_waiting);

	struct buf counts;
	buf_init(&counts, 4096);
	put_counts(&r, &counts);
	fwrite(counts.p, 1, counts.n, stdout);
	buf_done(&counts);
	while (r.open)
		close_connection(&r, r.open);
	free(r.ids.places);
	return 0;
}

/* loadgen: sends requests over a fixed number of kept-alive connections and says what became of every one.
 *
 * One thread and one epoll set; a request costs one send and one recv. Closed loop: each connection sends as soon as
 * it has its answer. Open loop (--rate): requests are due at fixed moments, and their latency counts from the moment
 * they were due, so that a stalled server cannot slow down the clock that measures it. With --tick it looks only every
 * so many milliseconds, which makes it several times cheaper and its latencies that much coarser: for rows that ask
 * how much goes through and not how fast one answer comes. */
#include "base/crypto.h"
#include "options.h"
#include "requests.h"
#include "tally.h"
#include "wire.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 4096, HEAD_BYTES = 8192, EVENTS = CONNECTIONS_MAX };

static const int64_t second_ns = 1000000000;

struct connection {
	int fd;
	bool busy;		/* waits for an answer */
	bool is_second;		/* the answer that it waits for is to the PUT after a create */
	bool waits_for_writing; /* the rest of its request stands in `unsent` */
	int status;		/* of the answer whose body is being read; 0 = its head is not there yet */
	bool close;
	int64_t due_ns, sent_ns;
	size_t template; /* that its request was made from */
	size_t have, body_bytes, body_left;
	char *unsent;
	size_t unsent_n, unsent_at;
	char head[HEAD_BYTES];
};

struct loadgen {
	struct request_options request;
	int64_t connection_count, expect, then_expect;
	double warmup_seconds, seconds, rate, timeout_seconds, tick_ms;
	int64_t most_requests; /* 0 = no limit */
	struct requests *requests;
	struct tally tally;
	struct connection *connections;
	struct connection **idle; /* a stack */
	size_t idle_count, busy_count;
	int64_t due_count; /* open loop: requests handed to a connection so far */
	int epoll;
	bool ending, by_path;
};

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
	stopped = signal;
}

static void watch(const struct loadgen *g, struct connection *c, int operation, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = c };

	must(epoll_ctl(g->epoll, operation, c->fd, &event) == 0);
}

static bool open_connection(struct loadgen *g, struct connection *c)
{
	c->fd = wire_connect((int)g->request.port);
	if (c->fd < 0)
		return false;
	watch(g, c, EPOLL_CTL_ADD, EPOLLIN);
	return true;
}

static void to_idle(struct loadgen *g, struct connection *c)
{
	if (c->busy) {
		c->busy = false;
		g->busy_count--;
	}
	c->have = c->body_bytes = c->body_left = 0;
	c->status = 0;
	g->idle[g->idle_count++] = c;
}

/* Ends the connection's request, if it has one, with an error and puts a fresh connection in its place. */
static void replace_connection(struct loadgen *g, struct connection *c, const char *error)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	if (c->busy && error)
		tally_error(&g->tally, wire_now_ns(), error);
	c->waits_for_writing = false;
	c->close = false;
	if (!g->ending) {
		g->tally.reconnects++;
		/* If that fails too, the next request on it tries again, and it is that request's error. */
		(void)open_connection(g, c);
	}
	if (c->busy)
		to_idle(g, c);
}

static void keep_rest(struct loadgen *g, struct connection *c, struct str rest)
{
	c->unsent = realloc(c->unsent, rest.n);
	must(c->unsent);
	memcpy(c->unsent, rest.p, rest.n);
	c->unsent_n = rest.n;
	c->unsent_at = 0;
	c->waits_for_writing = true;
	watch(g, c, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

/* The bytes of the request that the connection is busy with. */
static void send_bytes(struct loadgen *g, struct connection *c, struct str bytes)
{
	ssize_t n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN) {
		/* The server closed an idle connection; a client library would send again on a new one. */
		close(c->fd);
		g->tally.reconnects++;
		if (!open_connection(g, c) || (n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL | MSG_DONTWAIT)) < 0) {
			replace_connection(g, c, "closed");
			return;
		}
	}
	if (n < (ssize_t)bytes.n)
		keep_rest(g, c, str_skip(bytes, n > 0 ? (size_t)n : 0));
}

static void send_request(struct loadgen *g, struct connection *c, int64_t due_ns)
{
	struct str bytes = requests_next(g->requests, &c->template);

	g->tally.sent++;
	c->is_second = false;
	c->busy = true;
	g->busy_count++;
	c->due_ns = due_ns;
	c->sent_ns = wire_now_ns();
	if (c->fd < 0 && !open_connection(g, c)) {
		replace_connection(g, c, "connect");
		return;
	}
	send_bytes(g, c, bytes);
}

static void send_rest(struct loadgen *g, struct connection *c)
{
	ssize_t n = send(c->fd, c->unsent + c->unsent_at, c->unsent_n - c->unsent_at, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && errno != EAGAIN) {
		replace_connection(g, c, "closed");
		return;
	}
	c->unsent_at += n > 0 ? (size_t)n : 0;
	if (c->unsent_at == c->unsent_n) {
		c->waits_for_writing = false;
		watch(g, c, EPOLL_CTL_MOD, EPOLLIN);
	}
}

static bool may_send(const struct loadgen *g)
{
	return !g->ending && (!g->most_requests || g->tally.sent < g->most_requests);
}

static void answer_complete(struct loadgen *g, struct connection *c, struct str body)
{
	int64_t now = wire_now_ns();
	struct str then = g->request.then_path && !c->is_second && c->status == g->expect
				  ? requests_then(g->requests, c->template, body)
				  : STR_NONE;

	if (then.p) {
		c->have = c->body_bytes = c->body_left = 0;
		c->status = 0;
		c->is_second = true;
		send_bytes(g, c, then);
		return;
	}
	if (c->status == (c->is_second ? g->then_expect : g->expect))
		tally_ok(&g->tally, &(struct tally_answer){ c->template, c->due_ns, now, c->body_bytes });
	else
		tally_refused(&g->tally, now, c->status, body);
	if (c->close)
		replace_connection(g, c, NULL);
	else
		to_idle(g, c);
}

/* Takes the head once it is there; false while it is not, or when the connection had to be given up. */
static bool take_head(struct loadgen *g, struct connection *c)
{
	struct wire_head head;
	enum wire_state state = wire_parse_head((struct str){ c->head, c->have }, true, &head);

	if (state == WIRE_BROKEN || (state == WIRE_PARTIAL && c->have == sizeof(c->head))) {
		replace_connection(g, c, "broken");
		return false;
	}
	if (state == WIRE_PARTIAL)
		return false;
	size_t body_here = c->have - head.bytes;
	c->status = wire_status(head.first_line);
	if (c->status == 0 || body_here > head.body_bytes) {
		replace_connection(g, c, "broken");
		return false;
	}
	c->close = head.close;
	c->body_bytes = head.body_bytes;
	c->body_left = head.body_bytes - body_here;
	/* Only the body is of interest from here on, and only for the code of a refusal. */
	memmove(c->head, c->head + head.bytes, body_here);
	c->have = body_here;
	return true;
}

static void read_answer(struct loadgen *g, struct connection *c)
{
	bool in_body = c->status != 0;
	/* The rest of a long body is thrown away in the kernel, so that large answers cost the server and not us. */
	ssize_t n = in_body ? recv(c->fd, NULL, c->body_left, MSG_TRUNC | MSG_DONTWAIT)
			    : recv(c->fd, c->head + c->have, sizeof(c->head) - c->have, MSG_DONTWAIT);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		if (c->busy) {
			replace_connection(g, c, "closed");
		} else { /* an idle one: the next request opens another */
			close(c->fd);
			c->fd = -1;
		}
		return;
	}
	if (!c->busy) {
		/* Bytes that nobody asked for: the answer's end was misjudged, by the server or by us. */
		tally_error(&g->tally, wire_now_ns(), "broken");
		close(c->fd);
		c->fd = -1;
		return;
	}
	if (in_body) {
		c->body_left -= (size_t)n;
	} else {
		c->have += (size_t)n;
		if (!take_head(g, c))
			return;
	}
	if (c->body_left == 0)
		answer_complete(g, c, (struct str){ c->head, c->have });
}

static int64_t due_at(const struct loadgen *g, int64_t k)
{
	return g->tally.start_ns + (int64_t)((double)k * 1e9 / g->rate);
}

/* Sends what is due; returns how long to wait for events, in nanoseconds. */
static int64_t send_due(struct loadgen *g, int64_t now)
{
	if (g->rate <= 0) {
		/* Each idle connection once: one that cannot connect is idle again at once. */
		for (size_t tries = g->idle_count; tries && g->idle_count && may_send(g); tries--)
			send_request(g, g->idle[--g->idle_count], wire_now_ns());
		return second_ns / 10;
	}
	for (;;) {
		int64_t due = due_at(g, g->due_count);

		if (due > now)
			return due - now < second_ns / 10 ? due - now : second_ns / 10;
		if (g->idle_count == 0 || !may_send(g)) {
			int64_t behind = (int64_t)((double)(now - g->tally.start_ns) * g->rate / 1e9) - g->due_count;

			if (behind > g->tally.behind_max && !g->ending)
				g->tally.behind_max = behind;
			return second_ns / 10;
		}
		g->due_count++;
		send_request(g, g->idle[--g->idle_count], due);
	}
}

static void end_late_requests(struct loadgen *g, int64_t now)
{
	for (int64_t i = 0; i < g->connection_count; i++) {
		struct connection *c = &g->connections[i];

		if (c->busy && (double)(now - c->sent_ns) > g->timeout_seconds * 1e9)
			replace_connection(g, c, "timeout");
	}
}

static void handle_events(struct loadgen *g, int64_t wait_ns)
{
	struct epoll_event events[EVENTS];
	struct timespec wait = { .tv_sec = wait_ns / second_ns, .tv_nsec = wait_ns % second_ns };
	int n = epoll_pwait2(g->epoll, events, EVENTS, &wait, NULL);

	must(n >= 0 || errno == EINTR);
	for (int i = 0; i < n; i++) {
		struct connection *c = events[i].data.ptr;

		if (c->fd >= 0 && c->waits_for_writing && (events[i].events & EPOLLOUT))
			send_rest(g, c);
		else if (c->fd >= 0)
			read_answer(g, c);
	}
}

/* Reads the processor's clock as the window opens and as it closes. */
static void note_cpu(struct tally *t, int64_t now)
{
	if (t->cpu_start_ns == 0 && now >= t->window_start_ns)
		t->cpu_start_ns = wire_cpu_ns();
	if (t->cpu_end_ns == 0 && now >= t->window_end_ns)
		t->cpu_end_ns = wire_cpu_ns();
}

static void sleep_to_tick(const struct loadgen *g, int64_t now)
{
	int64_t tick_ns = (int64_t)(g->tick_ms * 1e6);
	int64_t rest_ns = tick_ns - (now - g->tally.start_ns) % tick_ns;
	struct timespec rest = { .tv_sec = rest_ns / second_ns, .tv_nsec = rest_ns % second_ns };

	nanosleep(&rest, NULL);
}

static void run(struct loadgen *g)
{
	int64_t next_check = 0;

	tally_start(&g->tally, (int64_t)(g->warmup_seconds * 1e9), (int64_t)(g->seconds * 1e9));
	for (;;) {
		int64_t now = wire_now_ns();

		note_cpu(&g->tally, now);
		bool sent_all = g->most_requests && g->tally.sent >= g->most_requests;
		g->ending = stopped || now >= g->tally.window_end_ns || sent_all;
		if (g->ending && (g->busy_count == 0 || stopped))
			break;
		if (now >= next_check) {
			end_late_requests(g, now);
			next_check = now + second_ns / 4;
		}
		int64_t wait_ns = send_due(g, now);
		if (g->tick_ms > 0) {
			sleep_to_tick(g, now);
			wait_ns = 0;
		}
		handle_events(g, wait_ns);
	}
	/* A run that ends early is measured up to where it came. */
	int64_t now = wire_now_ns();
	if (now < g->tally.window_end_ns) {
		g->tally.window_end_ns = now;
		g->tally.cpu_end_ns = wire_cpu_ns();
	}
	if (g->rate > 0 && !g->most_requests)
		for (int64_t k = g->due_count; due_at(g, k) < g->tally.window_end_ns; k++)
			tally_unsent(&g->tally, due_at(g, k));
	for (size_t i = 0; i < g->busy_count; i++)
		tally_error(&g->tally, g->tally.window_end_ns - 1, "unanswered");
}

/* Paths go into JSON as they are: those that would need escaping do not belong in a request line either. */
static void put_paths(const struct loadgen *g, struct buf *b)
{
	buf_lit(b, ",\"by_path\":[");
	for (size_t i = 0; i < requests_templates(g->requests); i++) {
		buf_printf(b, "%s{\"path\":\"%.*s\",\"latency_ms\":", i ? "," : "",
			   STR_ARG(requests_path(g->requests, i)));
		histogram_put_json(&g->tally.by_template[i], b);
		buf_char(b, '}');
	}
	buf_char(b, ']');
}

static void print_result(const struct loadgen *g)
{
	struct buf b;

	buf_init(&b, 16 * 1024 * 1024);
	buf_printf(&b, "{\"mode\":\"%s\",\"connections\":%lld,\"warmup_seconds\":%.1f,\"seconds\":%.3f,",
		   g->request.paths_path ? "get" : "create", (long long)g->connection_count, g->warmup_seconds,
		   (double)(g->tally.window_end_ns - g->tally.window_start_ns) / 1e9);
	if (g->rate > 0)
		buf_printf(&b, "\"offered_per_second\":%.1f,", g->rate);
	tally_put_json(&g->tally, &b);
	if (g->by_path)
		put_paths(g, &b);
	buf_lit(&b, "}\n");
	must(!b.failed);
	fwrite(b.p, 1, b.n, stdout);
	buf_done(&b);
}

static const char usage[] =
	"usage: loadgen --port N [--credentials FILE] [--connections N] [--warmup S] [--seconds S] "
	"[--rate N] [--tick MS]\n"
	"               [--requests N] [--expect STATUS] [--timeout S]\n"
	"               --paths FILE [--by-path] | --product ID [--number +659XXXXX300] [--callback URL]\n"
	"                              [--create-path PATH] [--counting-ids] [--seed N]\n"
	"                              | --create-path PATH --body JSON\n"
	"               [--then PATH [--then-expect STATUS]] [--headers FILE]\n";

static bool take_arguments(struct loadgen *g, char **arguments)
{
	struct request_options *r = &g->request;
	const struct option_spec specs[] = {
		{ "--port", OPTION_INTEGER, &r->port, 1, 65535 },
		{ "--credentials", OPTION_TEXT, &r->credentials_path },
		{ "--paths", OPTION_TEXT, &r->paths_path },
		{ "--product", OPTION_INTEGER, &r->product_id, 1, INT64_MAX },
		{ "--number", OPTION_TEXT, &r->number },
		{ "--callback", OPTION_TEXT, &r->callback_url },
		{ "--create-path", OPTION_TEXT, &r->create_path },
		{ "--headers", OPTION_TEXT, &r->headers_path },
		{ "--body", OPTION_TEXT, &r->body },
		{ "--then", OPTION_TEXT, &r->then_path },
		{ "--by-path", OPTION_FLAG, &g->by_path },
		{ "--counting-ids", OPTION_FLAG, &r->counting_ids },
		{ "--seed", OPTION_INTEGER, &r->seed, 0, INT64_MAX },
		{ "--connections", OPTION_INTEGER, &g->connection_count, 1, CONNECTIONS_MAX },
		{ "--expect", OPTION_INTEGER, &g->expect, 100, 599 },
		{ "--then-expect", OPTION_INTEGER, &g->then_expect, 100, 599 },
		{ "--requests", OPTION_INTEGER, &g->most_requests, 1, INT64_MAX },
		{ "--warmup", OPTION_NUMBER, &g->warmup_seconds, 0, 3600 },
		{ "--seconds", OPTION_NUMBER, &g->seconds, 0, 3600 },
		{ "--rate", OPTION_NUMBER, &g->rate, 0, 1000000 },
		{ "--timeout", OPTION_NUMBER, &g->timeout_seconds, 0, 3600 },
		{ "--tick", OPTION_NUMBER, &g->tick_ms, 0, 1000 },
	};

	if (!options_take(specs, ARRAY_LEN(specs), arguments))
		return false;
	bool creates = r->product_id > 0 || r->body, reads = r->paths_path;
	if (r->port == 0 || creates == reads || g->seconds <= 0) {
		fputs("needs --port, some --seconds, and either --paths, --product or --body\n", stderr);
		return false;
	}
	if (g->expect == 0)
		g->expect = creates ? 201 : 200;
	if (g->then_expect == 0)
		g->then_expect = g->expect;
	return true;
}

int main(int argc, char **argv)
{
	static struct loadgen g = { .connection_count = 1,
				    .seconds = 10,
				    .timeout_seconds = 30,
				    .request.create_path = "/v1/async/transactions" };
	struct sigaction stop = { .sa_handler = on_stop };

	if (crypto_start())
		return 1;
	g.request.seed = (int64_t)(crypto_random_u64() >> 1);
	if (argc < 2 || !take_arguments(&g, argv + 1)) {
		fputs(usage, stderr);
		return 2;
	}
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	g.requests = requests_new(&g.request);
	if (!g.requests)
		return 1;
	if (g.by_path) {
		g.tally.by_template = calloc(requests_templates(g.requests), sizeof(struct histogram));
		must(g.tally.by_template);
	}
	g.epoll = epoll_create1(EPOLL_CLOEXEC);
	g.connections = calloc((size_t)g.connection_count, sizeof(*g.connections));
	g.idle = calloc((size_t)g.connection_count, sizeof(struct connection *));
	must(g.epoll >= 0 && g.connections && g.idle);
	for (int64_t i = g.connection_count; i-- > 0;) {
		if (!open_connection(&g, &g.connections[i])) {
			fprintf(stderr, "cannot connect to 127.0.0.1:%d: %s\n", (int)g.request.port, strerror(errno));
			return 1;
		}
		g.idle[g.idle_count++] = &g.connections[i];
	}
	run(&g);
	print_result(&g);
	for (int64_t i = 0; i < g.connection_count; i++)
		free(g.connections[i].unsent);
	free(g.connections);
	free(g.idle);
	free(g.tally.by_template);
	requests_free(g.requests);
	return 0;
}

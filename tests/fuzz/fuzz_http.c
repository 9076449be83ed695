/* Whatever comes over a connection, through the parser and our own checks to a handler and back: what a handler sees
 * must hold what http/server.h promises, and what leaves must look like HTTP. The first byte says where the rest is cut
 * into two writes; a path with 'p' parks. */
#include "http/server_private.h"

#include "base/must.h"

#include <fcntl.h>
#include <unistd.h>

enum { TURNS = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct http_server *server;

static void check_bytes(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		must((unsigned char)s.p[i] >= ' ' || s.p[i] == '\t');
}

static size_t count_headers(const struct http_exchange *x, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < x->header_count; i++)
		count += str_eq_nocase(x->headers[i].name, str_of(name));
	return count;
}

static void answer(void *arg, struct http_exchange *x)
{
	(void)arg;
	http_reply_header(x, "X-Echo", http_header_find(x, "Host"));
	buf_str(&x->reply, x->target);
	buf_str(&x->reply, x->body);
	http_reply(x);
}

static void handle(void *arg, struct http_exchange *x)
{
	check_bytes(x->method);
	check_bytes(x->target);
	must(x->method.n && x->path.n && x->body.n <= 4096);
	for (size_t i = 0; i < x->header_count; i++) {
		must(x->headers[i].name.n > 0);
		check_bytes(x->headers[i].name);
		check_bytes(x->headers[i].value);
		must(str_eq(str_trim(x->headers[i].value), x->headers[i].value));
	}
	size_t lengths = count_headers(x, "Content-Length"), encodings = count_headers(x, "Transfer-Encoding");
	must(count_headers(x, "Host") <= 1 && count_headers(x, "Authorization") <= 1 && lengths + encodings <= 1);
	if (encodings)
		must(str_eq_nocase(http_header_find(x, "Transfer-Encoding"), STR("chunked")));
	if (!memchr(x->path.p, 'p', x->path.n)) {
		answer(arg, x);
		return;
	}
	http_park(x, answer, NULL);
	http_ready(server, &x, 1);
}

static void refuse(void *arg, struct http_exchange *x, enum err e)
{
	(void)arg;
	buf_printf(&x->reply, "%s", err_name(e));
	http_reply(x);
}

static void start(void)
{
	struct http_config config;

	http_config_default(&config);
	config.header_bytes = 2048;
	config.headers = 16;
	must(!http_server_new(&config, &server));
}

static void check_answers(int fd)
{
	char bytes[4096];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n >= 9)
		must(memcmp(bytes, "HTTP/1.1 ", 9) == 0);
	while (n > 0)
		n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct listener listener = {
		.source = SOURCE_LISTENER,
		.fd = -1,
		.is_unix = true,
		.options = { .handler = handle, .refuse = refuse, .body_bytes = 4096 },
	};
	const struct sockaddr peer = { .sa_family = AF_UNIX };
	int ends[2];

	if (!server)
		start();
	if (size < 2 || size > 32 * 1024)
		return 0;
	size_t rest = size - 1, cut = data[0] * rest / 256;
	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
	connection_add(server, ends[0], &listener, &peer, sizeof(peer));
	/* The server may have refused and closed by the second write. */
	(void)!send(ends[1], data + 1, cut, MSG_NOSIGNAL);
	for (int i = 0; i < TURNS; i++)
		server_turn(server, false);
	(void)!send(ends[1], data + 1 + cut, rest - cut, MSG_NOSIGNAL);
	for (int i = 0; i < TURNS; i++)
		server_turn(server, false);
	check_answers(ends[1]);
	close(ends[1]);
	while (server->connection_count)
		server_turn(server, false);
	return 0;
}

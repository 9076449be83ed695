/* What the server refuses before any handler sees it: header faults, floods and stalls. */
#include "http/server.h"

#include "base/limits.h"

#include "support/http_client.h"

static struct test_server server;
static _Atomic int handled;

static void handle(void *arg, struct http_exchange *x)
{
	(void)arg;
	handled++;
	buf_printf(&x->reply, "%zu", x->body.n);
	http_reply(x);
}

static void refuse(void *arg, struct http_exchange *x, enum err e)
{
	(void)arg;
	buf_printf(&x->reply, "%s %d", err_name(e), x->status);
	http_reply_header(x, "Content-Type", STR("text/plain"));
	http_reply(x);
}

/* One path takes more. */
static size_t body_limit(void *arg, const struct http_exchange *x)
{
	(void)arg;
	return str_is(x->path, "/large") ? 128 * 1024 : 0;
}

static void start(struct http_config *config)
{
	struct http_listener listener = {
		.handler = handle, .refuse = refuse, .body_bytes = 64 * 1024, .body_limit = body_limit
	};

	handled = 0;
	test_server_start(&server, config, &listener);
}

static int set_up(void **state)
{
	(void)state;
	server = (struct test_server){ 0 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_end(&server);
	return 0;
}

static uint64_t refused(enum http_refusal refusal)
{
	struct http_counters counters;

	http_server_counters(server.server, &counters);
	return counters.refused[refusal];
}

#define LINE "POST /a?b=c HTTP/1.1\r\n"
#define HOST "Host: h\r\n"
#define BYTES(literal)                       \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

static const struct str header_faults[] = {
	BYTES(LINE "\r\n"),
	BYTES(LINE "Accept: x\r\n\r\n"),
	BYTES(LINE HOST HOST "\r\n"),
	BYTES(LINE HOST "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
	BYTES(LINE HOST "Content-Length: 2\r\ncontent-length: 3\r\n\r\nok"),
	BYTES(LINE HOST "Authorization: Basic YQ==\r\nauthorization: Basic Yg==\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding:\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	BYTES(LINE HOST "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
	BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
	/* NUL and control bytes, wherever they hide. */
	BYTES(LINE HOST "X: a\0b\r\n\r\n"),
	BYTES(LINE HOST "X: a\0\r\n\r\n"),
	BYTES(LINE HOST "X: a\0b\r\nY: c\r\n\r\n"),
	BYTES(LINE HOST "X: \0a\r\n\r\n"),
	BYTES(LINE HOST "X: a\0\0b\r\nY: c\r\n\r\n"), /* to the parser two NULs are a line end */
	BYTES(LINE "Host: h\0\r\nX: a\r\n\r\n"),
	BYTES(LINE HOST "X: a\x01\r\n\r\n"),
	BYTES(LINE HOST "X: a\x7F\r\n\r\n"),
	BYTES(LINE HOST "X: a\rb\r\n\r\n"),
	BYTES("GET /a\0b HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET /a?\0b HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET /a\x01 HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GE\0T /a HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("G@T /a HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET /a%00 HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET /a?b=%00c HTTP/1.1\r\n" HOST "\r\n"),
	/* Spaces, folds and line ends that two parsers read differently. */
	BYTES(LINE "Host : h\r\n\r\n"),
	BYTES(LINE HOST "X Y: a\r\n\r\n"),
	BYTES(LINE HOST "X: a\r\n b\r\n\r\n"),
	BYTES(LINE HOST "X: a\r\n\tb\r\nY: c\r\n\r\n"),
	BYTES(LINE HOST ": a\r\n\r\n"),
	BYTES(LINE HOST "X: a\n\r\n"),
	BYTES("GET / HTTP/1.1\nHost: h\n\n"),
	BYTES("GET /a b HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET  /a HTTP/1.1\r\n" HOST "\r\n"),
	BYTES("GET /a  HTTP/1.1\r\n" HOST "\r\n"),
};

static void refuses_header_faults(void **state)
{
	struct http_config config;

	(void)state;
	http_config_default(&config);
	start(&config);
	for (size_t i = 0; i < ARRAY_LEN(header_faults); i++) {
		int fd = client_open(server.port);
		struct answer answer;

		assert_true(client_send(fd, header_faults[i].p, header_faults[i].n));
		client_read(fd, true, &answer);
		if (answer.status != 400 || strcmp(answer.body, "bad_request 400") != 0) {
			print_error("%zu: %d %s\n%.*s\n", i, answer.status, answer.head, STR_ARG(header_faults[i]));
			fail();
		}
		check_str(answer_header(&answer, "Connection"), "close");
		check_str(answer_header(&answer, "Content-Type"), "text/plain");
		assert_int_equal(answer_header(&answer, "Date").n, 29);
		answer_done(&answer);
		assert_true(client_is_over(fd));
		close(fd);
	}
	assert_int_equal(handled, 0);
	assert_int_equal(refused(HTTP_REFUSED_HEADER), ARRAY_LEN(header_faults));
}

/* The parser's own answers: their words are not ours, but they are errors, and the connection
 * ends. (Version 0.9.75 sends the head of its answer to a malformed Content-Length twice, so what follows is not looked
 * at.) */
static void lets_the_parser_refuse(void **state)
{
	static const struct {
		const char *request;
		int status;
	} rows[] = {
		{ LINE HOST "Content-Length: +5\r\n\r\nhello", 400 },
		{ LINE HOST "Content-Length: -1\r\n\r\n", 400 },
		{ LINE HOST "Content-Length: 5x\r\n\r\nhello", 400 },
		{ LINE HOST "Content-Length: 99999999999999999999999\r\n\r\n", 413 },
		{ LINE HOST "no colon\r\n\r\n", 400 },
		{ LINE HOST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400 },
		{ "GET /a HTTP/1.1 \r\n" HOST "\r\n", 400 },
		{ "GET /\r\n\r\n", 400 },
		{ "nonsense\r\n\r\n", 0 },
		{ "GET / HTTP/2.0\r\n\r\n", 505 },
	};
	struct http_config config;
	char rest[1024];

	(void)state;
	http_config_default(&config);
	start(&config);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int fd = client_open(server.port);
		struct answer answer;

		client_say(fd, rows[i].request);
		client_read(fd, true, &answer);
		if (answer.status != rows[i].status)
			print_error("%s: %d\n", rows[i].request, answer.status);
		assert_int_equal(answer.status, rows[i].status);
		while (answer.status && client_take(fd, rest, sizeof(rest)))
			continue;
		answer_done(&answer);
		close(fd);
	}
	assert_int_equal(handled, 0);
}

static void bounds_head_and_target(void **state)
{
	static char text[100 * 1024];
	struct http_config config;

	(void)state;
	memset(text, 'a', sizeof(text));
	http_config_default(&config);
	start(&config);

	/* One byte over, in our own words. */
	int fd = client_open(server.port);
	client_say(fd, "GET /");
	assert_true(client_send(fd, text, LIMIT_TARGET_BYTES));
	client_say(fd, " HTTP/1.1\r\n" HOST "\r\n");
	check_answer(fd, 414, "too_large 414");
	assert_true(client_is_over(fd));
	close(fd);
	fd = client_open(server.port);
	client_say(fd, "GET /");
	assert_true(client_send(fd, text, LIMIT_TARGET_BYTES - 1));
	client_say(fd, " HTTP/1.1\r\n" HOST "\r\n");
	check_answer(fd, 200, "0");
	close(fd);

	fd = client_open(server.port);
	client_say(fd, LINE HOST);
	for (int i = 0; i < LIMIT_HEADERS; i++)
		client_say(fd, "X: y\r\n");
	client_say(fd, "\r\n");
	check_answer(fd, 431, "too_large 431");
	assert_true(client_is_over(fd));
	close(fd);

	fd = client_open(server.port);
	client_say(fd, LINE HOST "X: ");
	assert_true(client_send(fd, text, LIMIT_HEADER_BYTES));
	client_say(fd, "\r\n\r\n");
	check_answer(fd, 431, "too_large 431");
	close(fd);

	/* Far over, in the parser's; the answer arrives although it has not read the rest. */
	for (int i = 0; i < 20; i++) {
		fd = client_open(server.port);
		client_say(fd, LINE HOST "X: ");
		(void)client_send(fd, text, sizeof(text));
		check_answer(fd, 431, NULL);
		close(fd);
		fd = client_open(server.port);
		client_say(fd, "GET /");
		(void)client_send(fd, text, sizeof(text));
		check_answer(fd, 414, NULL);
		close(fd);
	}
	assert_int_equal(handled, 1);
	assert_int_equal(refused(HTTP_REFUSED_TARGET), 1);
	assert_int_equal(refused(HTTP_REFUSED_HEADERS), 2);
}

static void bounds_bodies(void **state)
{
	static char text[1024 * 1024];
	struct http_config config;
	struct answer answer;

	(void)state;
	memset(text, 'a', sizeof(text));
	http_config_default(&config);
	start(&config);
	/* Answered from the announced length alone; before any 100 Continue. */
	int fd = client_open(server.port);
	client_say(fd, LINE HOST "Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n");
	check_answer(fd, 413, "too_large 413");
	assert_true(client_is_over(fd));
	close(fd);
	/* A client that sends all the same still gets to read its answer. */
	for (int i = 0; i < 10; i++) {
		fd = client_open(server.port);
		client_say(fd, LINE HOST "Content-Length: 1048576\r\n\r\n");
		assert_true(client_send(fd, text, sizeof(text)));
		client_read(fd, true, &answer);
		assert_int_equal(answer.status, 413);
		check_str(answer_header(&answer, "Connection"), "close");
		answer_done(&answer);
		close(fd);
	}
	/* Chunks, of which nobody knows how many will come. */
	fd = client_open(server.port);
	client_say(fd, LINE HOST "Transfer-Encoding: chunked\r\n\r\n100000\r\n");
	assert_true(client_send(fd, text, 128 * 1024));
	client_read(fd, true, &answer);
	assert_int_equal(answer.status, 413);
	check_str(str_of(answer.body), "too_large 413");
	check_str(answer_header(&answer, "Content-Type"), "text/plain");
	assert_int_equal(answer_header(&answer, "X-Request-Id").n, 16);
	assert_int_equal(answer_header(&answer, "Date").n, 29);
	answer_done(&answer);
	assert_true(client_is_over(fd));
	close(fd);
	/* Exactly the limit. */
	fd = client_open(server.port);
	client_say(fd, LINE HOST "Content-Length: 65536\r\n\r\n");
	assert_true(client_send(fd, text, 65536));
	check_answer(fd, 200, "65536");
	client_say(fd, LINE HOST "Transfer-Encoding: chunked\r\n\r\n10000\r\n");
	assert_true(client_send(fd, text, 65536));
	client_say(fd, "\r\n0\r\n\r\n");
	check_answer(fd, 200, "65536");
	close(fd);
	assert_int_equal(handled, 2);
	assert_int_equal(refused(HTTP_REFUSED_BODY), 12);
}

/* Sends `prefix`, then a byte every few milliseconds for as long as the server takes them. True if it was cut before
 * `most` bytes. */
static bool is_cut_while_dripping(const char *prefix, const char *drip, int most)
{
	int fd = client_open(server.port);
	bool cut = false;

	client_say(fd, prefix);
	for (int i = 0; i < most && !cut; i++) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		if (!client_send(fd, drip, 1))
			cut = true;
		else if (poll(&wait, 1, 5) == 1)
			cut = client_is_over(fd);
	}
	close(fd);
	return cut;
}

#define EXPECT "Expect: 100-continue\r\n"
#define LARGE "POST /large HTTP/1.1\r\n"

/* With a length and in chunks; only so many at once, and as many again when they are over. */
static void bounds_large_bodies(void **state)
{
	static char text[128 * 1024];
	struct http_config config;
	int fds[LIMIT_LARGE_BODIES];
	char go_on[sizeof("HTTP/1.1 100 Continue\r\n\r\n") - 1];

	(void)state;
	memset(text, 'a', sizeof(text));
	http_config_default(&config);
	start(&config);
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < LIMIT_LARGE_BODIES; i++) {
			fds[i] = client_open(server.port);
			client_say(fds[i], i % 2 ? LARGE HOST EXPECT "Content-Length: 131072\r\n\r\n"
						 : LARGE HOST EXPECT "Transfer-Encoding: chunked\r\n\r\n");
			assert_int_equal(client_take(fds[i], go_on, sizeof(go_on)), sizeof(go_on));
		}
		int one_more = client_open(server.port);
		uint64_t before = refused(HTTP_REFUSED_BODY);
		client_say(one_more, LARGE HOST "Content-Length: 131072\r\n\r\n");
		check_answer(one_more, 413, "too_large 413");
		assert_int_equal(refused(HTTP_REFUSED_BODY), before + 1);
		close(one_more);
		for (int i = 0; i < LIMIT_LARGE_BODIES; i++) {
			if (i % 2 == 0)
				client_say(fds[i], "20000\r\n");
			assert_true(client_send(fds[i], text, sizeof(text)));
			if (i % 2 == 0)
				client_say(fds[i], "\r\n0\r\n\r\n");
			check_answer(fds[i], 200, "131072");
			close(fds[i]);
		}
	}
	int over = client_open(server.port);
	client_say(over, LARGE HOST "Content-Length: 131073\r\n\r\n");
	check_answer(over, 413, "too_large 413");
	close(over);
}

static void cuts_a_byte_a_second(void **state)
{
	enum { MOST = 4000 }; /* some 20 s: a hundred times the limit */
	struct http_config config;

	(void)state;
	http_config_default(&config);
	config.request_us = 200000;
	start(&config);
	assert_true(is_cut_while_dripping("G", "A", MOST));
	assert_true(is_cut_while_dripping(LINE, "A", MOST));
	assert_true(is_cut_while_dripping(LINE HOST "X: ", "A", MOST));
	assert_true(is_cut_while_dripping(LINE HOST "Content-Length: 60000\r\n\r\n", "A", MOST));
	assert_true(is_cut_while_dripping(LINE HOST "Transfer-Encoding: chunked\r\n\r\nf000\r\n", "A", MOST));
	assert_int_equal(refused(HTTP_REFUSED_SLOW), 5);
	/* On a connection that has served a request, and that was idle for longer than a request may take. */
	int fd = client_open(server.port);
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	client_say(fd, LINE HOST "\r\n");
	check_answer(fd, 200, "0");
	assert_int_equal(poll(&wait, 1, 300), 0);
	client_say(fd, LINE HOST "\r\nGE"); /* the beginning of the next comes with it */
	check_answer(fd, 200, "0");
	client_say(fd, "T");
	assert_true(client_is_over(fd));
	close(fd);
	assert_int_equal(refused(HTTP_REFUSED_SLOW), 6);
	assert_int_equal(handled, 2);
}

/* A connection that has been answered. One that the server ended before it heard us (no room yet, or idle because we
 * were not run) is given up for another. */
static int say_until_answered(void)
{
	for (;;) {
		struct answer answer;
		int fd = client_open(server.port);

		(void)client_send(fd, LINE HOST "\r\n", strlen(LINE HOST "\r\n"));
		client_read(fd, true, &answer);
		int status = answer.status;
		answer_done(&answer);
		if (status == 200)
			return fd;
		close(fd);
	}
}

static void cuts_the_idle(void **state)
{
	struct http_config config;

	(void)state;
	http_config_default(&config);
	config.idle_us = 50000;
	start(&config);
	int silent = client_open(server.port), served = say_until_answered();
	assert_true(client_is_over(silent));
	assert_true(client_is_over(served));
	close(silent);
	close(served);
	assert_int_equal(refused(HTTP_REFUSED_SLOW), 0);
}

static void flood(void *arg, struct http_exchange *x)
{
	(void)arg;
	for (int i = 0; i < 16 << 20; i++)
		buf_char(&x->reply, 'a');
	http_reply(x);
}

static void cuts_who_does_not_read(void **state)
{
	struct http_listener listener = { .handler = flood };
	struct http_config config;
	char bytes[64 * 1024];
	size_t total = 0, n;

	(void)state;
	http_config_default(&config);
	config.reply_us = 100000;
	test_server_start(&server, &config, &listener);
	int fd = client_open(server.port);
	client_say(fd, LINE HOST "\r\n");
	for (int i = 0; i < 4000 && refused(HTTP_REFUSED_SLOW) == 0; i++)
		assert_int_equal(poll(NULL, 0, 5), 0);
	while ((n = client_take(fd, bytes, sizeof(bytes))))
		total += n;
	assert_true(total < 16 << 20);
	close(fd);
}

static void turns_away_above_the_limit(void **state)
{
	enum { MANY = 10 };
	struct http_config config;
	int fds[MANY];

	(void)state;
	http_config_default(&config);
	config.connections = MANY;
	start(&config);
	for (int i = 0; i < MANY; i++) {
		fds[i] = client_open(server.port);
		client_say(fds[i], LINE HOST "\r\n");
		check_answer(fds[i], 200, "0");
	}
	int one_more = client_open(server.port);
	assert_true(client_is_over(one_more));
	close(one_more);
	assert_int_equal(refused(HTTP_REFUSED_CONNECTION), 1);
	/* Room again once one has left. */
	close(fds[0]);
	close(say_until_answered());
	for (int i = 1; i < MANY; i++)
		close(fds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(refuses_header_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lets_the_parser_refuse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounds_head_and_target, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounds_bodies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bounds_large_bodies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cuts_a_byte_a_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cuts_the_idle, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cuts_who_does_not_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(turns_away_above_the_limit, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

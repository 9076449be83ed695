/* Exchanges that wait: answered from other threads, abandoned by their clients, and still there at the end. */
#include "http/server.h"

#include "base/limits.h"
#include "base/queue.h"

#include "support/http_client.h"

enum { MANY = 2000 };

static struct test_server server;
static struct queue *parked; /* of struct http_exchange */
static _Atomic int answered, gone, readied;

static void say_ready(void *arg, struct http_exchange *x)
{
	answered++;
	if (x->gone)
		gone++;
	buf_printf(&x->reply, "%s %.*s %s", (const char *)arg, STR_ARG(x->path), (const char *)x->user);
	http_reply(x);
}

/* As a committer does: the answer is made on its thread, in the exchange's arena. */
static void park(void *arg, struct http_exchange *x)
{
	(void)arg;
	if (str_is(x->path, "/now")) {
		http_reply(x);
		return;
	}
	http_park(x, say_ready, (void *)(uintptr_t) "ready");
	assert_true(queue_push(parked, x));
}

static struct http_exchange *next_parked(void)
{
	void *x;

	while (queue_pop(parked, &x, 1) == 0)
		assert_true(queue_wait(parked, SECONDS_US(20)));
	((struct http_exchange *)x)->user =
		(void *)(uintptr_t)arena_printf(&((struct http_exchange *)x)->arena, "done").p;
	return x;
}

static void ready_one(struct http_exchange *x)
{
	http_ready(server.server, &x, 1);
}

static int set_up(void **state)
{
	struct http_config config;
	struct http_listener listener = { .handler = park };

	(void)state;
	server = (struct test_server){ 0 };
	answered = gone = 0;
	parked = queue_new(MANY + 16);
	http_config_default(&config);
	config.request_us = config.idle_us = config.reply_us = SECONDS_US(3600);
	test_server_start(&server, &config, &listener);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_end(&server);
	queue_free(parked);
	return 0;
}

static void say_get(int fd, const char *path)
{
	char text[128];

	snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", path);
	client_say(fd, text);
}

static void answers_from_another_thread(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	for (int i = 0; i < 50; i++) {
		say_get(fd, "/a");
		ready_one(next_parked());
		check_answer(fd, 200, "ready /a done");
	}
	/* Two in one write: the second waits for the first, and comes although its bytes were read with the first. */
	client_say(fd, "GET /b HTTP/1.1\r\nHost: h\r\n\r\nGET /c HTTP/1.1\r\nHost: h\r\n\r\n");
	ready_one(next_parked());
	check_answer(fd, 200, "ready /b done");
	ready_one(next_parked());
	check_answer(fd, 200, "ready /c done");
	/* And one that comes while the first is parked. */
	say_get(fd, "/d");
	struct http_exchange *x = next_parked();
	say_get(fd, "/now");
	ready_one(x);
	check_answer(fd, 200, "ready /d done");
	check_answer(fd, 200, "");
	close(fd);
}

static void survives_a_client_that_leaves(void **state)
{
	struct http_counters counters;

	(void)state;
	for (int i = 0; i < 20; i++) {
		int fd = client_open(server.port);
		struct linger reset = { .l_onoff = 1, .l_linger = 0 };

		say_get(fd, "/left");
		struct http_exchange *x = next_parked();
		if (i % 2)
			assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
		close(fd);
		/* A second client's round trip: after it the loop has seen the first one leave. */
		fd = client_open(server.port);
		say_get(fd, "/now");
		check_answer(fd, 200, "");
		close(fd);
		check_str(x->path, "/left");
		ready_one(x);
	}
	do
		http_server_counters(server.server, &counters);
	while (counters.parked || counters.connections);
	assert_int_equal(counters.hung_up, 20);
	assert_int_equal(gone, 20);
}

/* The end of a stream in one segment with its last bytes. */
static void notices_an_end_that_comes_with_bytes(void **state)
{
	int on = 1, fd = client_open(server.port);

	(void)state;
	assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)), 0);
	client_say(fd, "GET /now HTTP/1.1\r\nHost: h\r\n\r\nGET /now HTTP/1.1\r\nHost: h\r\n\r\nGET /no");
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	check_answer(fd, 200, "");
	check_answer(fd, 200, "");
	assert_true(client_is_over(fd));
	close(fd);
}

static void say_again(void *arg, struct http_exchange *x)
{
	http_park(x, say_ready, arg);
	assert_true(queue_push(parked, x));
}

static void park_twice(void *arg, struct http_exchange *x)
{
	(void)arg;
	http_park(x, say_again, (void *)(uintptr_t) "second");
	assert_true(queue_push(parked, x));
}

static void parks_again(void **state)
{
	struct http_config config;
	struct http_listener listener = { .handler = park_twice };
	struct test_server other = { 0 };

	(void)state;
	http_config_default(&config);
	test_server_start(&other, &config, &listener);
	int fd = client_open(other.port);
	say_get(fd, "/a");
	for (int i = 0; i < 2; i++) {
		struct http_exchange *x = next_parked();

		http_ready(other.server, &x, 1);
	}
	check_answer(fd, 200, "second /a done");
	close(fd);
	test_server_end(&other);
}

/* The next request has begun while the last one was parked: its time runs, not that of an idle connection. */
static void times_bytes_that_came_early(void **state)
{
	struct http_config config;
	struct http_listener listener = { .handler = park };
	struct test_server other = { 0 };
	struct http_counters counters;

	(void)state;
	http_config_default(&config);
	config.idle_us = SECONDS_US(3600);
	config.request_us = 100000;
	test_server_start(&other, &config, &listener);
	int fd = client_open(other.port), second = client_open(other.port);
	say_get(fd, "/a");
	struct http_exchange *x = next_parked();
	client_say(fd, "GE");
	/* After this round trip the loop has seen them. */
	say_get(second, "/now");
	check_answer(second, 200, "");
	http_ready(other.server, &x, 1);
	check_answer(fd, 200, "ready /a done");
	assert_true(client_is_over(fd));
	http_server_counters(other.server, &counters);
	assert_int_equal(counters.refused[HTTP_REFUSED_SLOW], 1);
	close(fd);
	close(second);
	test_server_end(&other);
}

static void holds_thousands(void **state)
{
	static struct http_exchange *all[MANY];
	static int fds[MANY];
	struct http_counters counters;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		fds[i] = client_open(server.port);
		say_get(fds[i], "/many");
	}
	for (int i = 0; i < MANY; i++)
		all[i] = next_parked();
	http_server_counters(server.server, &counters);
	assert_int_equal(counters.parked, MANY);
	/* All but one in one call, with one wake-up. */
	http_ready(server.server, all, MANY - 1);
	for (int i = 0; i < MANY; i++)
		if (fds[i] >= 0 && i < MANY - 1)
			check_answer(fds[i], 200, "ready /many done");
	ready_one(all[MANY - 1]);
	check_answer(fds[MANY - 1], 200, "ready /many done");
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
}

static void gives_parked_ones_back_at_the_end(void **state)
{
	int fds[10];

	(void)state;
	for (int i = 0; i < 10; i++) {
		fds[i] = client_open(server.port);
		say_get(fds[i], "/end");
	}
	struct http_exchange *first = next_parked();
	for (int i = 1; i < 10; i++)
		(void)next_parked();
	http_server_stop(server.server);
	test_server_join(&server);
	/* Readied, but the loop does not run any more. */
	ready_one(first);
	assert_int_equal(answered, 0);
	test_server_end(&server);
	assert_int_equal(answered, 10);
	assert_int_equal(gone, 10);
	for (int i = 0; i < 10; i++)
		close(fds[i]);
}

static void drains(void **state)
{
	struct answer answer;
	int idle = client_open(server.port), waiting = client_open(server.port), halfway = client_open(server.port);

	(void)state;
	say_get(idle, "/now");
	check_answer(idle, 200, "");
	client_say(halfway, "GET /now HTTP/1.1\r\nHo");
	say_get(waiting, "/wait");
	struct http_exchange *x = next_parked();
	http_server_drain(server.server, SECONDS_US(3600));
	assert_true(client_is_over(idle));
	client_say(halfway, "st: h\r\n\r\n");
	client_read(halfway, true, &answer);
	assert_int_equal(answer.status, 200);
	check_str(answer_header(&answer, "Connection"), "close");
	answer_done(&answer);
	assert_true(client_is_over(halfway));
	ready_one(x);
	check_answer(waiting, 200, "ready /wait done");
	assert_true(client_is_over(waiting));
	test_server_join(&server); /* the loop has ended by itself */
	close(idle);
	close(waiting);
	close(halfway);
}

static void ends_a_drain_that_takes_too_long(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	say_get(fd, "/stuck");
	(void)next_parked();
	http_server_drain(server.server, 20000);
	test_server_join(&server);
	test_server_end(&server);
	assert_int_equal(gone, 1);
	close(fd);
}

/* Clients come, wait and leave in every order while another thread readies what is parked. */
static void *ready_all(void *arg)
{
	void *items[64];
	size_t n;

	(void)arg;
	while (queue_wait(parked, -1)) {
		while ((n = queue_pop(parked, items, ARRAY_LEN(items)))) {
			for (size_t i = 0; i < n; i++)
				((struct http_exchange *)items[i])->user = (void *)(uintptr_t) "x";
			http_ready(server.server, (struct http_exchange *const *)(void *)items, n);
			readied += (int)n;
		}
	}
	return NULL;
}

static void endures_a_crowd(void **state)
{
	pthread_t thread;
	struct http_counters counters;
	int fds[64];
	uint32_t seed = 7;

	(void)state;
	readied = 0;
	assert_int_equal(pthread_create(&thread, NULL, ready_all, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = -1;
	for (int round = 0; round < 3000; round++) {
		seed = seed * 1664525 + 1013904223;
		int *fd = &fds[seed >> 16 & 63];

		if (*fd < 0)
			*fd = client_open(server.port);
		switch (seed >> 24 & 3) {
		case 0:
			(void)client_send(*fd, "GET /crowd HTT", 14);
			__attribute__((fallthrough));
		case 1:
			close(*fd);
			*fd = -1;
			break;
		default:
			say_get(*fd, "/crowd");
			if (seed >> 27 & 1) {
				check_answer(*fd, 200, "ready /crowd x");
			} else {
				close(*fd);
				*fd = -1;
			}
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	http_server_drain(server.server, SECONDS_US(60));
	test_server_join(&server);
	queue_close(parked);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(answered, readied);
	http_server_counters(server.server, &counters);
	assert_int_equal(counters.connections, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(answers_from_another_thread, set_up, tear_down),
		cmocka_unit_test_setup_teardown(survives_a_client_that_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(notices_an_end_that_comes_with_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(parks_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(times_bytes_that_came_early, set_up, tear_down),
		cmocka_unit_test_setup_teardown(holds_thousands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gives_parked_ones_back_at_the_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(drains, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends_a_drain_that_takes_too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(endures_a_crowd, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Requests that came many in one: each is handled as if it had come alone, and what the server is asked to do at the
 * end of a turn is done. */
#include "http/inner.h"

#include "base/limits.h"
#include "base/queue.h"

#include "support/http_client.h"

#include <sched.h>

enum { MOST = 16 };

/* A request whose body is a line an inner one: "now" is answered at once, "later" by another thread. */
struct many {
	struct http_exchange *outer, *inner[MOST];
	size_t count, open;
	bool parked;
};

static struct test_server server;
static struct queue *parked; /* of struct http_exchange */
static _Atomic int turns, gone, replied;
static _Atomic int64_t turn_at_us;

static int64_t each_turn(void *arg)
{
	(void)arg;
	turns++;
	return turn_at_us;
}

static void put_together(void *arg, struct http_exchange *x)
{
	struct many *many = arg;

	many->parked = false;
	for (size_t i = 0; i < many->count && many->open; i++)
		http_inner_give_up(many->inner[i]);
	for (size_t i = 0; i < many->count; i++) {
		size_t headers;

		buf_printf(&x->reply, "%d:%.*s", many->inner[i]->status, STR_ARG(buf_view(&many->inner[i]->reply)));
		const struct http_header *h = http_inner_headers(many->inner[i], &headers);
		for (size_t j = 0; j < headers; j++)
			buf_printf(&x->reply, " %.*s=%.*s", STR_ARG(h[j].name), STR_ARG(h[j].value));
		buf_char(&x->reply, '\n');
		http_inner_free(many->inner[i]);
	}
	http_reply(x);
}

static void inner_replied(void *arg, struct http_exchange *inner)
{
	struct many *many = arg;

	(void)inner;
	replied++;
	if (!--many->open && many->parked)
		http_ready(server.server, &many->outer, 1);
}

/* The second time it is answered: an exchange may be parked again. */
static void say_later(void *arg, struct http_exchange *x)
{
	if (x->gone) {
		gone++;
		http_reply(x);
	} else if (!x->user) {
		x->user = x;
		http_park(x, say_later, arg);
		assert_true(queue_push(parked, x));
	} else {
		x->status = 202;
		http_reply_header(x, "Was", STR("parked"));
		buf_printf(&x->reply, "%.*s", STR_ARG(x->body));
		http_reply(x);
	}
}

static void handle_one(struct http_exchange *x)
{
	if (str_starts(x->body, STR("later"))) {
		http_park(x, say_later, NULL);
		assert_true(queue_push(parked, x));
		return;
	}
	buf_printf(&x->reply, "%.*s", STR_ARG(x->body));
	http_reply(x);
}

static void handle(void *arg, struct http_exchange *x)
{
	struct many *many = ARENA_NEW(&x->arena, struct many);
	struct str rest = x->body;

	(void)arg;
	many->outer = x;
	while (rest.n && many->count < MOST) {
		struct http_exchange *inner = http_inner_new(server.server, inner_replied, many);

		inner->body = str_cut(&rest, '\n');
		many->inner[many->count++] = inner;
	}
	many->open = many->count;
	for (size_t i = 0; i < many->count; i++)
		handle_one(many->inner[i]);
	if (!many->open) {
		put_together(many, x);
		return;
	}
	many->parked = true;
	http_park(x, put_together, many);
}

static int set_up(void **state)
{
	struct http_config config;
	struct http_listener listener = { .handler = handle };

	(void)state;
	server = (struct test_server){ 0 };
	turns = gone = replied = 0;
	turn_at_us = INT64_MAX;
	parked = queue_new(64);
	http_config_default(&config);
	check_ok(http_server_new(&config, &server.server));
	http_server_each_turn(server.server, each_turn, NULL);
	check_ok(http_server_listen_tcp(server.server, "127.0.0.1:0", &listener, &server.port));
	assert_int_equal(pthread_create(&server.thread, NULL, test_server_loop, &server), 0);
	server.running = true;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_server_end(&server);
	queue_free(parked);
	return 0;
}

static struct http_exchange *next_parked(void)
{
	void *x;

	while (queue_pop(parked, &x, 1) == 0)
		assert_true(queue_wait(parked, SECONDS_US(20)));
	return x;
}

static void ask(int fd, const char *body)
{
	char text[512];

	snprintf(text, sizeof(text), "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
	client_say(fd, text);
}

/* The exchange that came from outside is parked a moment after those in it. */
static void await_parked(uint64_t count)
{
	struct http_counters counters;

	do {
		sched_yield();
		http_server_counters(server.server, &counters);
	} while (counters.parked != count);
}

static void test_answered_together(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	for (int round = 0; round < 3; round++) {
		ask(fd, "now 1\nlater 2\nnow 3\nlater 4");
		struct http_exchange *first = next_parked(), *second = next_parked();
		await_parked(3);
		/* Each is parked twice; the last one to come back is not the last of the list. */
		http_ready(server.server, &second, 1);
		second = next_parked();
		http_ready(server.server, &first, 1);
		first = next_parked();
		http_ready(server.server, &second, 1);
		http_ready(server.server, &first, 1);
		check_answer(fd, 200, "200:now 1\n202:later 2 Was=parked\n200:now 3\n202:later 4 Was=parked\n");
		await_parked(0);
	}
	close(fd);
}

static void test_answered_at_once(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	ask(fd, "a\nb");
	check_answer(fd, 200, "200:a\n200:b\n");
	close(fd);
}

/* The server ends while they wait: each learns it, once. */
static void test_given_up(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	ask(fd, "later 1\nnow 2\nlater 3");
	next_parked();
	next_parked();
	test_server_end(&server);
	assert_int_equal(gone, 2);
	assert_int_equal(replied, 3);
	close(fd);
}

/* Nothing happens, and yet there is a turn when one was asked for; without that there is none. */
static void test_turns(void **state)
{
	int fd = client_open(server.port);

	(void)state;
	turn_at_us = 0;
	ask(fd, "a");
	check_answer(fd, 200, "200:a\n");
	int before = turns;
	int64_t until = clock_mono_us() + SECONDS_US(20);
	while (turns < before + 100)
		assert_true(clock_mono_us() < until);
	turn_at_us = INT64_MAX;
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answered_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_answered_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_given_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_turns, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What nodes send one another: it comes out as it went in, and what is not exactly a sealed message is none. */
#include "api/relay_message.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "http/inner.h"

#include "support/test.h"

#include <string.h>

struct fixture {
	struct http_server *server;
	struct buf message;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct http_config config;

	must(f);
	http_config_default(&config);
	check_ok(http_server_new(&config, &f->server));
	buf_init(&f->message, 1 << 20);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	buf_done(&f->message);
	http_server_free(f->server);
	free(f);
	return 0;
}

static void ignore(void *arg, struct http_exchange *x)
{
	(void)arg;
	(void)x;
}

static struct http_exchange *fresh(struct fixture *f)
{
	return http_inner_new(f->server, ignore, f);
}

static const struct http_header sent_headers[] = {
	{ { "Host", 4 }, { "here", 4 } },
	{ { "Authorization", 13 }, { "Basic x", 7 } },
	{ { "content-length", 14 }, { "5", 1 } },
	{ { "X-Empty", 7 }, { "", 0 } },
};

/* Two requests; the second has a query, which may be empty. */
static void put_requests(struct fixture *f)
{
	struct http_exchange *x = fresh(f);

	x->id = UINT64_C(0x1122334455667788);
	x->method = STR("POST");
	x->path = STR("/v1/a%20b");
	x->peer = STR("10.1.2.3");
	x->headers = sent_headers;
	x->header_count = ARRAY_LEN(sent_headers);
	x->body = STR("a\0b\xff");
	relay_put_request(&f->message, x);
	x->query = STR("");
	x->body = STR("");
	relay_put_request(&f->message, x);
	http_inner_free(x);
}

static void test_requests(void **state)
{
	struct fixture *f = *state;
	bool bad = false;

	put_requests(f);
	struct str rest = buf_view(&f->message);
	for (int i = 0; i < 2; i++) {
		struct http_exchange *x = fresh(f);

		assert_true(relay_read_request(relay_next_item(&rest, &bad), x));
		assert_true(x->id == UINT64_C(0x1122334455667788));
		check_str(x->method, "POST");
		check_str(x->path, "/v1/a%20b");
		check_str(x->peer, "10.1.2.3");
		assert_int_equal(x->query.p != NULL, i);
		assert_true(str_eq(x->body, i ? STR("") : STR("a\0b\xff")));
		assert_int_equal(x->header_count, 2);
		check_str(x->headers[0].name, "Authorization");
		check_str(x->headers[1].name, "X-Empty");
		check_str(http_header_find(x, "authorization"), "Basic x");
		http_inner_free(x);
	}
	assert_true(!bad && !rest.n);
	assert_null(relay_next_item(&rest, &bad).p);
	assert_false(bad);
}

static void test_answers(void **state)
{
	struct fixture *f = *state;
	struct http_exchange *x = fresh(f), *y = fresh(f);
	bool bad = false;

	x->status = 404;
	x->secret = true;
	http_reply_header(x, "Content-Type", STR("application/json"));
	buf_lit(&x->reply, "{}");
	relay_put_answer(&f->message, x);
	struct str rest = buf_view(&f->message), item = relay_next_item(&rest, &bad);
	assert_int_equal(relay_answer_status(item), 404);
	assert_true(relay_read_answer(item, y));
	assert_int_equal(y->status, 404);
	assert_true(y->secret);
	check_str(buf_view(&y->reply), "{}");
	size_t count;
	const struct http_header *headers = http_inner_headers(y, &count);
	assert_int_equal(count, 1);
	check_str(headers[0].name, "Content-Type");
	check_str(headers[0].value, "application/json");
	assert_int_equal(relay_answer_status(STR_NONE), 0);
	for (size_t n = 0; n < item.n; n++)
		assert_false(relay_read_answer((struct str){ item.p, n }, x));
	assert_int_equal(x->status, 404);
	http_inner_free(x);
	http_inner_free(y);
}

/* How many whole requests the bytes are; -1: they are no message. */
static int count_requests(struct fixture *f, struct str bytes)
{
	bool bad = false;
	int count = 0;
	struct str item;

	while (!bad && (item = relay_next_item(&bytes, &bad)).p) {
		struct http_exchange *x = fresh(f);

		bad = !relay_read_request(item, x);
		http_inner_free(x);
		count++;
	}
	return bad ? -1 : count;
}

/* Of a copy of its own, so that a sanitizer sees a step beyond the end. */
static int count_in_copy(struct fixture *f, struct str bytes, size_t n, size_t flipped, char by)
{
	char *copy = malloc(n + 1);

	must(copy);
	memcpy(copy, bytes.p, n);
	if (flipped < n)
		copy[flipped] ^= by;
	int count = count_requests(f, (struct str){ copy, n });
	free(copy);
	return count;
}

static void test_what_is_broken(void **state)
{
	struct fixture *f = *state;

	put_requests(f);
	struct str whole = buf_view(&f->message);
	bool bad = false;
	struct str rest = whole;
	size_t first = (relay_next_item(&rest, &bad), whole.n - rest.n);
	assert_int_equal(count_requests(f, whole), 2);
	for (size_t n = 1; n < whole.n; n++)
		assert_int_equal(count_in_copy(f, whole, n, SIZE_MAX, 0), n == first ? 1 : -1);
	/* Whatever the bytes, the reader stays within them. */
	for (size_t at = 0; at < whole.n; at++)
		for (int bit = 0; bit < 8; bit++)
			(void)count_in_copy(f, whole, whole.n, at, (char)(1 << bit));
	for (size_t at = 0; at < 4; at++)
		assert_int_equal(count_in_copy(f, whole, whole.n, at, 1), -1);
}

static void test_seals(void **state)
{
	struct fixture *f = *state;
	struct keys keys = { .pepper = { 1 } }, other = { .pepper = { 2 } };
	int64_t now = SECONDS_US(1000000);
	char value[128];
	struct buf seal = { .p = value, .cap = sizeof(value), .max = sizeof(value) };
	struct http_exchange *x = fresh(f);

	relay_seal(&keys, now, STR("message"), &seal);
	struct http_header header = { STR(RELAY_SEAL_HEADER), buf_view(&seal) };
	x->headers = &header;
	x->header_count = 1;
	x->path = STR(RELAY_PATH);
	x->body = STR("message");
	assert_true(relay_is_sealed(&keys, now + SECONDS_US(29), x));
	assert_true(relay_is_sealed(&keys, now - SECONDS_US(29), x));
	assert_false(relay_is_sealed(&keys, now + SECONDS_US(31), x));
	assert_false(relay_is_sealed(&keys, now - SECONDS_US(31), x));
	assert_false(relay_is_sealed(&other, now, x));
	x->body = STR("massage");
	assert_false(relay_is_sealed(&keys, now, x));
	x->body = STR("message");
	x->path = STR("/v1/async/transactions");
	assert_false(relay_is_sealed(&keys, now, x));
	x->path = STR(RELAY_PATH);
	x->header_count = 0;
	assert_false(relay_is_sealed(&keys, now, x));
	http_inner_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_requests, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_broken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_seals, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

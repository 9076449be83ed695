/* Callbacks over the real client against servers of the test. */
#include "base/limits.h"
#include "http/client.h"
#include "support/fake_server.h"

#include "fixture.h"

static struct fake_reply answer(struct fake_server *s, const char *request)
{
	int failures = s->arg ? *(const int *)s->arg : 0;

	if (strstr(request, "/hold")) {
		struct fake_reply r = fake_text("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

		r.hold = true;
		return r;
	}
	if (s->requests <= failures)
		return fake_text("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
	return fake_text("HTTP/1.1 204 Thanks\r\n\r\n");
}

/* A different body each time it is made. */
static struct str body(void *arg, enum dialect dialect, const struct order_view *view, struct arena *a)
{
	int *made = arg;

	assert_int_equal(dialect, DIALECT_DVS);
	return arena_printf(a, "{\"id\":%lld,\"made\":%d}", (long long)view->order.id, ++*made);
}

struct post {
	struct fixture *f;
	struct http_client *client;
	int made;
};

static void post_open(struct post *p)
{
	p->f = fixture_new();
	p->made = 0;
	check_ok(http_client_new(&(struct http_client_options){ true, LIMIT_WEBHOOKS_IN_FLIGHT }, &p->client));
	struct work_options options = fixture_options(p->f);
	options.client = p->client;
	options.callback_body = body;
	options.arg = &p->made;
	fixture_start(p->f, &options);
}

static void post_close(struct post *p)
{
	work_stop(p->f->work);
	http_client_free(p->client);
	fixture_free(p->f);
}

static struct row *callback(struct post *p, int id, int port, const char *path)
{
	struct row *r = row_add(p->f, id, JOB_CALLBACK, 0);

	snprintf(r->url, sizeof(r->url), "http://127.0.0.1:%d%s", port, path);
	return r;
}

static void is_signed_and_delivered(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct post p;

	(void)state;
	post_open(&p);
	struct row *r = callback(&p, 7, s->port, "/hook?a=1");
	row_tell(p.f, r);
	row_await_results(p.f, r, 1);
	assert_true(row_look(p.f, r).delivered);
	assert_int_equal(row_look(p.f, r).http_status, 204);
	assert_string_equal(row_look(p.f, r).body, "{\"id\":7,\"made\":1}");
	work_stop(p.f->work);
	assert_non_null(strstr(s->last, "POST /hook?a=1 HTTP/1.1\r\n"));
	assert_non_null(strstr(s->last, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(s->last, "webhook-id: evt_70\r\n"));
	assert_non_null(strstr(s->last, "webhook-timestamp: "));
	assert_non_null(strstr(s->last, "webhook-signature: v1,"));
	assert_non_null(strstr(s->last, "\r\n\r\n{\"id\":7,\"made\":1}"));
	post_close(&p);
	fake_server_free(s);
}

static void the_same_bytes_come_again(void **state)
{
	int failures = 2;
	struct fake_server *s = fake_server_new(answer, &failures);
	struct post p;

	(void)state;
	post_open(&p);
	struct row *r = callback(&p, 7, s->port, "/");
	row_tell(p.f, r);
	int64_t wait = 9000000;
	for (int i = 1; i <= 2; i++) {
		row_await_results(p.f, r, i);
		struct row now = row_look(p.f, r);

		assert_false(now.delivered);
		assert_int_equal(now.http_status, 503);
		assert_string_equal(now.error, "status");
		assert_true(now.next_due_us >= p.f->now_us + wait * 9 / 10);
		assert_true(now.next_due_us <= p.f->now_us + wait * 11 / 10);
		wait *= 3;
		clock_to(p.f, now.next_due_us);
	}
	row_await_results(p.f, r, 3);
	assert_true(row_look(p.f, r).delivered);
	work_stop(p.f->work);
	assert_int_equal(p.made, 1);
	assert_non_null(strstr(s->last, "\r\n\r\n{\"id\":7,\"made\":1}"));
	post_close(&p);
	fake_server_free(s);
}

static void the_last_try_gives_up(void **state)
{
	int failures = 100;
	struct fake_server *s = fake_server_new(answer, &failures);
	struct post p;

	(void)state;
	post_open(&p);
	struct row *r = callback(&p, 7, s->port, "/");
	r->tries = LIMIT_CALLBACK_TRIES - 1;
	row_tell(p.f, r);
	row_await_results(p.f, r, 1);
	assert_int_equal(row_look(p.f, r).next_due_us, 0);
	/* A URL that is none will not get better. */
	struct row *bad = callback(&p, 8, 0, "");
	snprintf(bad->url, sizeof(bad->url), "gopher://x/");
	row_tell(p.f, bad);
	row_await_results(p.f, bad, 1);
	assert_string_equal(row_look(p.f, bad).error, "bad_url");
	assert_int_equal(row_look(p.f, bad).next_due_us, 0);
	post_close(&p);
	fake_server_free(s);
}

static void waits_for_the_event_before_it(void **state)
{
	struct fake_server *s = fake_server_new(answer, NULL);
	struct post p;

	(void)state;
	post_open(&p);
	struct row *r = callback(&p, 7, s->port, "/"), *other = callback(&p, 8, s->port, "/");
	r->blocked = true;
	row_tell(p.f, r);
	row_await_reads(p.f, r, 1);
	row_tell(p.f, other);
	row_await_results(p.f, other, 1);
	assert_int_equal(fake_server_requests(s), 1);
	pthread_mutex_lock(&p.f->lock);
	r->blocked = false;
	pthread_mutex_unlock(&p.f->lock);
	clock_to(p.f, p.f->now_us + 3000000);
	row_await_results(p.f, r, 1);
	assert_true(row_look(p.f, r).delivered);
	post_close(&p);
	fake_server_free(s);
}

/* A host that takes its time has a backlog far wider than its lane; the other host's callbacks do not wait for it. */
static void a_slow_host_delays_nobody(void **state)
{
	enum { N = 100 };
	struct fake_server *slow = fake_server_new(answer, NULL), *quick = fake_server_new(answer, NULL);
	struct post p;

	(void)state;
	post_open(&p);
	for (int i = 1; i <= N; i++)
		row_tell(p.f, callback(&p, i, slow->port, "/hold"));
	fake_server_await_held(slow, LIMIT_WEBHOOKS_PER_HOST);
	for (int i = N + 1; i <= 2 * N; i++)
		row_tell(p.f, callback(&p, i, quick->port, "/"));
	for (int i = N + 1; i <= 2 * N; i++)
		row_await_results(p.f, &p.f->rows[i], 1);
	for (int i = 1; i <= N; i++)
		assert_int_equal(row_look(p.f, &p.f->rows[i]).results, 0);
	fake_server_release(slow, N);
	for (int i = 1; i <= N; i++)
		row_await_results(p.f, &p.f->rows[i], 1);
	assert_int_equal(slow->held_most, LIMIT_WEBHOOKS_PER_HOST);
	work_stop(p.f->work);
	struct work_stats stats;
	work_stats(p.f->work, &stats);
	assert_int_equal(stats.callbacks_delivered, 2 * N);
	assert_int_equal(stats.parked, 0);
	post_close(&p);
	fake_server_free(slow);
	fake_server_free(quick);
}

/* Waits until the rows have so many results between them. */
static void await_all(struct post *p, int from, int to, int results)
{
	struct fixture *f = p->f;
	int found = 0;

	pthread_mutex_lock(&f->lock);
	while (found < results) {
		found = 0;
		for (int i = from; i < to; i++)
			found += f->rows[i].results;
		if (found < results)
			pthread_cond_wait(&f->changed, &f->lock);
	}
	pthread_mutex_unlock(&f->lock);
}

/* Behind a host that keeps failing only so many wait in memory. The others are put off, longer each time, and have
 * used no try: in the end as many tries are counted as requests have come. */
static void who_is_put_off_has_not_tried(void **state)
{
	enum { FAILING = 3, INSIDE = 2, BEHIND = 256, PUT_OFF = 100, FIRST = FAILING + 1 };
	enum { END = FIRST + INSIDE + BEHIND + PUT_OFF };
	int failures = FAILING, tries = 0;
	struct fake_server *s = fake_server_new(answer, &failures);
	struct post p;

	(void)state;
	post_open(&p);
	for (int i = 1; i <= FAILING; i++) {
		struct row *r = callback(&p, i, s->port, "/");

		row_tell(p.f, r);
		row_await_results(p.f, r, 1);
	}
	for (int i = FIRST; i < END; i++)
		row_tell(p.f, callback(&p, i, s->port, "/hold"));
	for (int times = 1; times <= 2; times++) {
		await_all(&p, FIRST, END, times * PUT_OFF);
		for (int i = FIRST; i < END; i++) {
			struct row now = row_look(p.f, &p.f->rows[i]);

			assert_int_equal(now.tries, 0);
			assert_false(now.has_body);
			if (now.results)
				assert_in_range(now.next_due_us - p.f->now_us, times * 2000000, times * 2200000);
		}
		clock_to(p.f, p.f->now_us + times * 2200000);
	}
	await_all(&p, FIRST, END, 3 * PUT_OFF);
	fake_server_release(s, END);
	await_all(&p, FIRST, END, 3 * PUT_OFF + INSIDE + BEHIND);
	clock_to(p.f, p.f->now_us + 60000000);
	await_all(&p, 1, END, FAILING * 2 + 3 * PUT_OFF + END - FIRST);
	for (int i = 1; i < END; i++) {
		assert_true(row_look(p.f, &p.f->rows[i]).delivered);
		tries += row_look(p.f, &p.f->rows[i]).tries;
	}
	assert_int_equal(tries, END - FIRST + 2 * FAILING);
	assert_int_equal(tries, fake_server_requests(s));
	post_close(&p);
	fake_server_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_signed_and_delivered),   cmocka_unit_test(the_same_bytes_come_again),
		cmocka_unit_test(the_last_try_gives_up),     cmocka_unit_test(waits_for_the_event_before_it),
		cmocka_unit_test(a_slow_host_delays_nobody), cmocka_unit_test(who_is_put_off_has_not_tried),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

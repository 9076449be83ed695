/* Images of the orders that were just written: they say what the store says, and what they lack is read from it. */
#include "service/recent.h"

#include "unit/service/fixture.h"

#include "base/ids.h"
#include "service/first_read.h"

static struct engine_stats stats_of(struct fixture *f)
{
	struct engine_stats stats;

	engine_stats(f->engine, &stats);
	return stats;
}

static struct call *get_new(struct fixture *f, int64_t id)
{
	struct call *c = call_new(f, &verb_order_get, LIVE);

	c->get.order_id = id;
	return c;
}

/* Reads the order; `from_memory` says where it must have come from. */
static struct call *got(struct fixture *f, int64_t id, bool from_memory)
{
	struct call *c = get_new(f, id);
	struct engine_stats before = stats_of(f);

	check_ok(call_run(c));
	struct engine_stats after = stats_of(f);
	if (!postgres_server()) { /* there, other nodes may have written it meanwhile */
		assert_int_equal(after.recent_answered - before.recent_answered, from_memory);
		assert_int_equal(after.recent_missed - before.recent_missed, !from_memory);
	}
	return c;
}

static void mark_shown(struct fixture *f, int64_t id)
{
	struct first_reads_mark command = { .reads = { { LIVE, id, engine_now_us(f->engine) } }, .count = 1 };
	struct call *c = call_new(f, &verb_first_reads_mark, 0);

	c->task.command = &command;
	check_ok(call_once(c));
}

static void an_order_is_read_from_memory_as_it_is_in_the_store(void **state)
{
	struct fixture *f = *state;
	int64_t id = placed(f, LIVE, PIN, "a", true);

	call_free(got(f, id, true));
	struct call *result = result_new(f, id, OUTCOME_DELIVERED);
	result->result.delivery = STR("{\"code\":\"1234\"}");
	check_ok(call_once(result));
	call_free(got(f, id, true));
	mark_shown(f, id); /* its units are written, and it is not */
	struct call *memory = got(f, id, true);
	engine_again(f);
	struct call *store = got(f, id, false);

	const struct order_view *a = &memory->get.view, *b = &store->get.view;
	assert_int_equal(a->order.state, ORDER_COMPLETED);
	assert_int_equal(b->order.state, ORDER_COMPLETED);
	assert_int_equal(a->order.version, b->order.version);
	assert_int_equal(a->order.completed_at, b->order.completed_at);
	assert_true(str_eq(a->order.ext_key, b->order.ext_key) && str_eq(a->parties, b->parties));
	assert_int_equal(a->unit_count, 1);
	assert_int_equal(b->unit_count, 1);
	assert_int_equal(a->units[0].state, b->units[0].state);
	assert_true(a->units[0].first_read_at && a->units[0].first_read_at == b->units[0].first_read_at);
	assert_true(str_eq(a->units[0].delivery, b->units[0].delivery));
	assert_true(str_eq(a->units[0].operator_reference, b->units[0].operator_reference));
	call_free(memory);
	call_free(store);
}

static void somebody_elses_order_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct call *c = get_new(f, placed(f, OTHER, PLAIN, "a", true));

	assert_int_equal(call_once(c), ERR_ORDER_NOT_FOUND);
}

/* Whatever changed without the order is read again: a callback that was sent is not sent twice. */
static void a_callback_that_was_reported_is_read_again(void **state)
{
	struct fixture *f = *state;
	struct call *c = place_new(f, LIVE, PLAIN, "a");
	struct callback row;

	c->place.callback_url = STR("http://127.0.0.1/hook");
	c->place.auto_confirm = true;
	check_ok(call_run(c));
	int64_t id = c->place.view.order.id;
	call_free(c);
	check_ok(report(f, id, OUTCOME_DELIVERED));
	assert_true(find_callback(f, id, 1, &row));
	struct job job = { .id = row.id, .order_id = id, .partner_id = LIVE, .unit = 1 };
	for (int told = 0; told < 2; told++) {
		c = call_new(f, &verb_callback_get, LIVE);
		c->callback.job = job;
		int64_t missed = stats_of(f).recent_missed;
		check_ok(call_run(c));
		assert_int_equal(c->callback.live, !told);
		assert_int_equal(stats_of(f).recent_missed - missed, told);
		call_free(c);
		if (told)
			break;
		c = call_new(f, &verb_callback_result, LIVE);
		c->told = (struct callback_result){ .job = job, .delivered = true, .http_status = 200 };
		check_ok(call_once(c));
	}
}

static void an_order_too_large_for_an_image_is_read_from_the_store(void **state)
{
	struct fixture *f = *state;
	static char text[20000];
	struct call *c = place_new(f, LIVE, PLAIN, "a");

	memset(text, ' ', sizeof(text));
	text[0] = '{';
	text[sizeof(text) - 1] = '}';
	c->place.parties = (struct str){ text, sizeof(text) };
	check_ok(call_run(c));
	struct call *read = got(f, c->place.view.order.id, false);
	assert_int_equal(read->get.view.parties.n, sizeof(text));
	call_free(read);
	call_free(c);
}

static void answered(struct task *t)
{
	t->sender = NULL;
}

static bool is_answered(struct recent *r, struct fixture *f, int64_t id)
{
	struct call *c = get_new(f, id);

	c->task.done = answered;
	bool found = recent_answer(r, f->engine, &c->task);
	assert_true(!found || (c->task.result == OK && c->get.view.order.id == id));
	call_free(c);
	return found;
}

/* The ring comes round: the newest are there, the oldest are not, and none is another's. */
static void the_oldest_images_are_overwritten(void **state)
{
	enum { ORDERS = 1000 };
	struct fixture *f = *state;
	struct recent *r = recent_new(256 * 1024, false);
	struct ids ids = { .slot = 1 };
	int64_t order_ids[ORDERS];
	int found = 0;

	for (int i = 0; i < ORDERS; i++) {
		struct unit u = { 0 };

		arena_init(&u.arena);
		unit_begin(&u, f->engine, NULL, &ids, engine_now_us(f->engine));
		order_ids[i] = unit_id(&u);
		unit_none(&u, NOUN_UNIT, order_ids[i]);
		unit_none(&u, NOUN_PARTY, order_ids[i]);
		unit_add(&u, NOUN_ORDER,
			 &(struct order){ .id = order_ids[i],
					  .partner_id = LIVE,
					  .dialect = DIALECT_DVS,
					  .ext_key = arena_printf(&u.arena, "%0*d", 1 + i * 37 % 200, i),
					  .product_id = PLAIN });
		recent_note(r, &u);
		unit_end(&u);
		arena_done(&u.arena);
		assert_true(is_answered(r, f, order_ids[i]));
	}
	for (int i = 0; i < ORDERS; i++) {
		bool is = is_answered(r, f, order_ids[i]);

		assert_true(is || !found); /* once one is there, all that follow are */
		found += is;
	}
	assert_in_range(found, 100, ORDERS - 100);
	recent_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(an_order_is_read_from_memory_as_it_is_in_the_store),
		engine_test(somebody_elses_order_is_not_there),
		engine_test(a_callback_that_was_reported_is_read_again),
		engine_test(an_order_too_large_for_an_image_is_read_from_the_store),
		engine_test(the_oldest_images_are_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

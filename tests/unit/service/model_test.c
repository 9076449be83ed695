/* Thousands of random commands, one by one and in batches, against a model that is simple enough to be believed.
 *
 * The model knows what every command must answer and what every order and wallet must be afterwards. The seed is
 * printed; BODEGA_TEST_SEED repeats a run. */
#include "unit/service/fixture.h"

#include "base/clock.h"

#include <stdlib.h>

enum { BATCHES = 500, REFERENCES = 500, BATCH_MOST = 32 };

struct model_order {
	int64_t id, partner, price;
	int reference, state, attempts, routes;
	bool used;
};

/* What a step asks and what the model says to it. */
struct step {
	struct call *call;
	struct model_order *order; /* the order it made or meant; NULL: none */
	enum err expected;
	int state; /* of the order after the step, when it is shown */
};

struct model {
	struct fixture *f;
	struct model_order orders[REFERENCES * 2]; /* by partner and reference */
	int64_t available[2];			   /* EUR of LIVE and OTHER */
	bool touched[REFERENCES * 2];		   /* in this batch, by an earlier result: a job has one worker */
	uint64_t random;
};

static int64_t pick(struct model *m, int64_t n)
{
	m->random = m->random * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)(m->random >> 33) % n;
}

static struct model_order *any_order(struct model *m)
{
	return &m->orders[pick(m, REFERENCES * 2)];
}

static bool first_touch(struct model *m, const struct model_order *o)
{
	bool *touched = &m->touched[o - m->orders];
	bool first = !*touched;

	*touched = true;
	return first;
}

static int64_t *wallet_of(struct model *m, const struct model_order *o)
{
	return &m->available[o->partner == OTHER];
}

static void step_place(struct model *m, struct step *s)
{
	static const struct {
		int64_t product, price;
		int routes;
	} sold[] = { { TWO_ROUTES, TWO_ROUTES_COST, 2 }, { PLAIN, 1000000, 1 }, { 999, 0, 0 }, { NO_ROUTE, 0, 0 } };
	size_t what = pick(m, 10) ? pick(m, 5) == 0 : (size_t)pick(m, 4);
	struct model_order *o = any_order(m);
	bool confirm = pick(m, 2);
	char reference[32];

	snprintf(reference, sizeof(reference), "m%d", o->reference);
	s->call = place_new(m->f, o->partner, sold[what].product, reference);
	s->call->place.auto_confirm = confirm;
	if (!sold[what].routes)
		s->expected = ERR_PRODUCT_NOT_FOUND;
	else if (o->used)
		s->expected = ERR_REFERENCE_USED;
	else if (*wallet_of(m, o) < sold[what].price)
		s->expected = ERR_INSUFFICIENT_FUNDS;
	if (s->expected)
		return;
	o->used = true;
	o->price = sold[what].price;
	o->routes = sold[what].routes;
	o->state = confirm ? ORDER_CONFIRMED : ORDER_CREATED;
	o->attempts = confirm;
	*wallet_of(m, o) -= o->price;
	s->order = o;
	s->state = o->state;
}

static void step_change(struct model *m, struct step *s, bool confirm)
{
	struct model_order *o = any_order(m);
	bool gone = o->state == ORDER_CANCELLED;

	if (!o->id) {
		s->call = change_new(m->f, confirm ? &verb_order_confirm : &verb_order_cancel, o->partner, 5);
		s->expected = ERR_ORDER_NOT_FOUND;
		return;
	}
	s->call = change_new(m->f, confirm ? &verb_order_confirm : &verb_order_cancel, o->partner, o->id);
	if (gone)
		s->expected = confirm ? ERR_CONFIRM_TOO_LATE : ERR_ALREADY_CANCELLED;
	else if (o->state != ORDER_CREATED)
		s->expected = confirm ? ERR_ALREADY_CONFIRMED : ERR_CANCEL_TOO_LATE;
	if (s->expected)
		return;
	o->state = confirm ? ORDER_CONFIRMED : ORDER_CANCELLED;
	o->attempts = confirm;
	if (!confirm)
		*wallet_of(m, o) += o->price;
	s->order = o;
	s->state = o->state;
}

/* False when the order that was picked has nothing to report. */
static bool step_result(struct model *m, struct step *s)
{
	struct model_order *o = any_order(m);
	enum outcome outcome = (enum outcome)(1 + pick(m, 4));

	if ((o->state != ORDER_CONFIRMED && o->state != ORDER_SUBMITTED) || !first_touch(m, o))
		return false;
	s->call = result_new(m->f, o->id, outcome);
	s->call->result.reason = REASON_EXCEPTION;
	if (!pick(m, 8)) {
		s->call->result.job.fence += 3;
		s->expected = ERR_CONFLICT;
		return true;
	}
	s->order = o;
	if (outcome == OUTCOME_DELIVERED) {
		o->state = ORDER_COMPLETED;
	} else if (outcome == OUTCOME_REFUSED && o->attempts < o->routes) {
		o->attempts++; /* the order stays what it is */
	} else if (outcome == OUTCOME_REFUSED) {
		o->state = ORDER_DECLINED;
		*wallet_of(m, o) += o->price;
	} else {
		o->state = ORDER_SUBMITTED;
	}
	return true;
}

static void step_request(struct model *m, struct step *s)
{
	int64_t what = pick(m, 4);

	if (what < 2)
		step_place(m, s);
	else
		step_change(m, s, what == 2);
}

static void check_step(struct step *s, size_t number)
{
	struct call *c = s->call;

	if (c->task.result != s->expected)
		fail_msg("batch %zu, %s: %s, not %s", number, c->task.verb->name, err_name(c->task.result),
			 err_name(s->expected));
	if (!s->expected && c->task.verb == &verb_order_place) {
		s->order->id = c->place.view.order.id;
		assert_int_equal(c->place.view.order.state, s->state);
	} else if (!s->expected && s->state) {
		assert_int_equal(c->change.view.order.state, s->state);
	}
	call_free(c);
}

/* Results first, as the committer takes them, then requests; of each an order meets any number. */
static void run_batch(struct model *m, size_t number)
{
	struct step steps[BATCH_MOST] = { 0 };
	size_t n = 0, results = (size_t)pick(m, BATCH_MOST), most = 1 + (size_t)pick(m, BATCH_MOST);

	memset(m->touched, 0, sizeof(m->touched));
	for (size_t i = 0; i < results && n < most; i++)
		n += step_result(m, &steps[n]);
	while (n < most)
		step_request(m, &steps[n++]);
	batch_begin(m->f);
	for (size_t i = 0; i < n; i++)
		call_submit(steps[i].call);
	batch_end(m->f);
	calls_wait(m->f, n);
	for (size_t i = 0; i < n; i++)
		check_step(&steps[i], number);
}

static void check_state(struct model *m)
{
	for (int i = 0; i < 2; i++) {
		struct account wallet = wallet_now(m->f, i ? OTHER : LIVE, "EUR");

		assert_int_equal(wallet.balance - wallet.held, m->available[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(m->orders); i++) {
		const struct model_order *o = &m->orders[i];

		if (!o->used)
			continue;
		assert_int_equal(order_now(m->f, o->id).state, o->state);
		if (o->attempts)
			assert_int_equal(unit_now(m->f, o->id).attempts, o->attempts);
	}
	check_books(m->f);
}

static void random_commands(void **state)
{
	static struct model m;
	const char *seed = getenv("BODEGA_TEST_SEED");

	m = (struct model){ .f = *state, .available = { FUNDS, FUNDS }, .random = 20250101 };
	if (seed)
		m.random = strtoull(seed, NULL, 10);
	print_message("seed %llu\n", (unsigned long long)m.random);
	for (int i = 0; i < REFERENCES * 2; i++) {
		m.orders[i].partner = i % 2 ? OTHER : LIVE;
		m.orders[i].reference = i / 2;
	}
	for (size_t step = 0; step < BATCHES; step++) {
		run_batch(&m, step);
		if (step % 100 == 99)
			check_state(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { engine_test(random_commands) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

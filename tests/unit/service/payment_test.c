/* Payment requests: who wins, what the wallet sees, what comes late. The merchants' home currency is EUR. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "service/verify.h"
#include "store/payments.h"

enum { TOTAL = 13000000, DAY_SECONDS = 24 * 3600 };
static const struct str hook = { "https://shop.example/back?a=1", 29 };

static struct call *create_new(struct fixture *f, int64_t partner)
{
	struct call *c = call_new(f, &verb_payment_create, partner);

	c->payment = (struct payment_create){ .kind = PAYMENT_ONE_USE,
					      .item_amount = 10000000,
					      .tax_amount = 3000000,
					      .language = PAY_EN,
					      .item_name = STR("A thing"),
					      .track_id = STR("t|1"),
					      .redirect_url = STR("https://shop.example/"),
					      .callback_url = hook,
					      .ttl_us = SECONDS_US(DAY_SECONDS) };
	return c;
}

static int64_t created(struct fixture *f, int64_t partner)
{
	struct call *c = create_new(f, partner);

	check_ok(call_run(c));
	int64_t id = c->payment.view.payment.id;
	call_free(c);
	return id;
}

static struct call *begin_new(struct fixture *f, int64_t id)
{
	struct call *c = call_new(f, &verb_payment_begin, payment_now(f, id).partner_id);

	c->begin = (struct payment_begin){ .id = id, .provider = STR("sandbox"), .instrument = STR("ok") };
	return c;
}

static struct call *outcome_new(struct fixture *f, int64_t id, int attempt, enum pay_outcome outcome)
{
	struct call *c = call_new(f, &verb_payment_outcome, payment_now(f, id).partner_id);

	c->outcome = (struct payment_outcome){ .id = id,
					       .attempt = attempt,
					       .outcome = outcome,
					       .method = outcome == PAY_OUTCOME_PAID ? STR("CARD") : STR_NONE,
					       .provider_reference = STR("ref"),
					       .reason = outcome == PAY_OUTCOME_REFUSED ? STR("no money") : STR_NONE,
					       .next_due_us = engine_now_us(f->engine) };
	return c;
}

static struct call *cancel_new(struct fixture *f, int64_t id, bool by_customer)
{
	struct call *c = call_new(f, &verb_payment_cancel, payment_now(f, id).partner_id);

	c->cancel = (struct payment_cancel){ .id = id, .by_customer = by_customer };
	return c;
}

static enum err expire(struct fixture *f, int64_t id)
{
	struct call *c = call_new(f, &verb_payment_expire, payment_now(f, id).partner_id);

	assert_true(find_job(f, id, JOB_PAYMENT_EXPIRE, &c->payment_expire.job));
	return call_once(c);
}

static void pay(struct fixture *f, int64_t id, int attempt, enum pay_outcome outcome)
{
	check_ok(call_once(begin_new(f, id)));
	check_ok(call_once(outcome_new(f, id, attempt, outcome)));
}

static void set_fee(struct fixture *f, int64_t partner, int64_t ppm)
{
	struct merchant m = { .partner_id = partner, .fee_ppm = ppm, .version = 1 };
	void *row = &m;
	struct db *db;

	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_begin(db));
	check_ok(db_insert(db, &table_merchants, &row, 1));
	check_ok(db_commit(db));
	db_close(db);
}

static void paid_money_is_the_merchants_less_our_fee(void **state)
{
	struct fixture *f = *state;
	struct callback told;
	struct job job;

	set_fee(f, LIVE, 15000);
	int64_t id = created(f, LIVE);
	assert_int_equal(payment_now(f, id).state, PAYMENT_PENDING);
	assert_true(find_job(f, id, JOB_PAYMENT_EXPIRE, &job));
	pay(f, id, 1, PAY_OUTCOME_PAID);
	struct payment p = payment_now(f, id);
	assert_int_equal(p.state, PAYMENT_PAID);
	assert_int_equal(p.fee, 200000);
	check_str(p.method, "CARD");
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS + TOTAL - 200000);
	assert_true(find_callback(f, id, 1, &told));
	assert_true(find_job(f, id, JOB_PAYMENT_CALLBACK, &job));
	assert_int_equal(job.id, told.id);
	assert_false(find_job(f, id, JOB_PAYMENT_EXPIRE, &job));
	assert_false(find_job(f, id, JOB_PAYMENT, &job));
	/* And it buys with it. */
	placed(f, LIVE, TWO_ROUTES, "from-income", true);
}

static void the_first_income_opens_a_wallet(void **state)
{
	struct fixture *f = *state;

	pay(f, created(f, NONE), 1, PAY_OUTCOME_PAID);
	assert_int_equal(wallet_now(f, NONE, "EUR").balance, TOTAL);
}

static void three_refusals_are_the_end(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE);

	for (int no = 1; no <= PAYMENT_ATTEMPTS_MOST; no++) {
		assert_int_equal(payment_now(f, id).state, PAYMENT_PENDING);
		pay(f, id, no, PAY_OUTCOME_REFUSED);
	}
	assert_int_equal(payment_now(f, id).state, PAYMENT_DENIED);
	check_str(payment_now(f, id).reason, "no money");
	check_err(call_once(begin_new(f, id)), ERR_PAYMENT_FINAL);
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS);
}

static void one_of_two_payers_wins(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE);
	struct call *a = begin_new(f, id), *b = begin_new(f, id);

	batch_begin(f);
	call_submit(a);
	call_submit(b);
	batch_end(f);
	call_wait(a);
	call_wait(b);
	check_ok(a->task.result);
	check_err(b->task.result, ERR_PAYMENT_BUSY);
	assert_int_equal(b->begin.view.attempt_count, 1);
	call_free(a);
	call_free(b);
	assert_int_equal(count_of(f, "SELECT count(*) FROM payment_attempts"), 1);
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)));
	/* The provider's webhook says it once more. */
	check_err(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)), ERR_CONFLICT);
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS + TOTAL);
}

static void nobody_cancels_what_is_with_the_provider(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE), other = created(f, LIVE);

	check_ok(call_once(begin_new(f, id)));
	check_err(call_once(cancel_new(f, id, false)), ERR_PAYMENT_BUSY);
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)));
	check_err(call_once(cancel_new(f, id, false)), ERR_PAYMENT_FINAL);

	/* The other way round: who cancels first wins. */
	check_ok(call_once(cancel_new(f, other, true)));
	assert_int_equal(payment_now(f, other).cause, CAUSE_CUSTOMER);
	check_err(call_once(begin_new(f, other)), ERR_PAYMENT_FINAL);
	check_err(call_once(cancel_new(f, other, false)), ERR_PAYMENT_FINAL);
	struct call *c = cancel_new(f, created(f, LIVE), false);
	c->task.partner_id = OTHER;
	check_err(call_once(c), ERR_PAYMENT_NOT_FOUND);
}

static void it_ends_on_time(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE);

	clock_advance(f, SECONDS_US(DAY_SECONDS - 10));
	check_ok(expire(f, id));
	assert_int_equal(payment_now(f, id).state, PAYMENT_PENDING);
	clock_advance(f, SECONDS_US(10));
	/* Before its job has run: shown as over, and nobody pays. */
	struct call *get = call_new(f, &verb_payment_get, LIVE);
	get->payment_get.id = id;
	check_ok(call_run(get));
	assert_int_equal(get->payment_get.view.payment.state, PAYMENT_CANCELLED);
	assert_int_equal(get->payment_get.view.payment.cause, CAUSE_EXPIRED);
	call_free(get);
	check_err(call_once(begin_new(f, id)), ERR_PAYMENT_EXPIRED);
	check_err(call_once(cancel_new(f, id, false)), ERR_PAYMENT_FINAL);
	check_ok(expire(f, id));
	assert_int_equal(payment_now(f, id).state, PAYMENT_CANCELLED);
	assert_int_equal(payment_now(f, id).cause, CAUSE_EXPIRED);
}

/* In one batch, in both orders, at the last moment and at the first one that is too late: the time decides, and the end
 * is told once. */
static void cancel_against_expiry(void **state)
{
	struct fixture *f = *state;
	struct callback told;

	for (int which = 0; which < 4; which++) {
		bool is_late = which / 2, cancels_first = which % 2;
		int64_t id = created(f, LIVE);
		struct call *cancel = cancel_new(f, id, false), *end = call_new(f, &verb_payment_expire, LIVE);

		assert_true(find_job(f, id, JOB_PAYMENT_EXPIRE, &end->payment_expire.job));
		clock_advance(f, SECONDS_US(DAY_SECONDS - (is_late ? 0 : 60)));
		batch_begin(f);
		call_submit(cancels_first ? cancel : end);
		call_submit(cancels_first ? end : cancel);
		batch_end(f);
		call_wait(cancel);
		call_wait(end);
		assert_int_equal(cancel->task.result, is_late ? ERR_PAYMENT_FINAL : OK);
		assert_int_equal(payment_now(f, id).state, PAYMENT_CANCELLED);
		assert_int_equal(payment_now(f, id).cause, is_late ? CAUSE_EXPIRED : CAUSE_MERCHANT);
		assert_true(find_callback(f, id, 1, &told));
		assert_false(find_callback(f, id, 2, &told));
		call_free(cancel);
		call_free(end);
	}
}

/* An attempt that began in time may end in money; if not, the time is over. */
static void time_waits_for_the_provider(void **state)
{
	struct fixture *f = *state;
	int64_t paid = created(f, LIVE), refused = created(f, LIVE);

	check_ok(call_once(begin_new(f, paid)));
	check_ok(call_once(begin_new(f, refused)));
	clock_advance(f, SECONDS_US(2 * DAY_SECONDS));
	check_ok(expire(f, paid));
	check_ok(expire(f, refused));
	check_ok(call_once(outcome_new(f, paid, 1, PAY_OUTCOME_PAID)));
	check_ok(call_once(outcome_new(f, refused, 1, PAY_OUTCOME_REFUSED)));
	assert_int_equal(payment_now(f, paid).state, PAYMENT_PAID);
	assert_int_equal(payment_now(f, refused).state, PAYMENT_CANCELLED);
	assert_int_equal(payment_now(f, refused).cause, CAUSE_EXPIRED);
}

static void silence_is_asked_again(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE);
	struct work_task task;
	struct job job;

	check_ok(call_once(begin_new(f, id)));
	for (int i = 0; i < 8; i++)
		check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_UNKNOWN)));
	assert_int_equal(payment_now(f, id).state, PAYMENT_PAYING);
	assert_int_equal(payment_attempt_now(f, id, 1).state, PAYTRY_UNKNOWN);
	assert_true(find_job(f, id, JOB_PAYMENT, &job));
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_UNKNOWN_PAYMENT);
	/* A loop that lost its lease says nothing; what is paid counts all the same. */
	struct call *stale = outcome_new(f, id, 1, PAY_OUTCOME_REFUSED);
	stale->outcome.job = job;
	stale->outcome.job.fence--;
	check_err(call_once(stale), ERR_CONFLICT);
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)));
	assert_int_equal(payment_now(f, id).state, PAYMENT_PAID);
}

static enum err refund(struct fixture *f, int64_t id)
{
	struct call *c = call_new(f, &verb_payment_refund, 0);

	c->refund = (struct payment_refund){ .by = { STR("test") }, .id = id };
	return call_once(c);
}

static enum err refunded(struct fixture *f, int64_t id, enum refund_outcome said)
{
	struct call *c = call_new(f, &verb_payment_refund_result, payment_now(f, id).partner_id);

	assert_true(find_job(f, id, JOB_PAYMENT_REFUND, &c->refunded.job));
	c->refunded.said = said;
	c->refunded.next_due_us = engine_now_us(f->engine);
	return call_once(c);
}

static void money_that_comes_too_late_goes_back(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, LIVE);
	struct work_task task;
	struct job job;

	check_ok(call_once(begin_new(f, id)));
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_ABANDONED)));
	check_ok(call_once(cancel_new(f, id, false)));
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)));
	assert_int_equal(payment_now(f, id).state, PAYMENT_CANCELLED);
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS);
	assert_true(find_task(f, id, &task));
	assert_int_equal(task.kind, TASK_LATE_PAYMENT);
	check_ok(refunded(f, id, REFUND_DONE));
	assert_false(find_job(f, id, JOB_PAYMENT_REFUND, &job));
	assert_int_equal(wallet_now(f, LIVE, "EUR").balance, FUNDS);

	/* While it still waits, the same money pays it. */
	id = created(f, LIVE);
	check_ok(call_once(begin_new(f, id)));
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_REFUSED)));
	check_ok(call_once(outcome_new(f, id, 1, PAY_OUTCOME_PAID)));
	assert_int_equal(payment_now(f, id).state, PAYMENT_PAID);
	assert_int_equal(payment_now(f, id).paid_by, 1);
}

static void refunds_wait_for_the_provider_and_may_overdraw(void **state)
{
	struct fixture *f = *state;
	int64_t id = created(f, NONE);

	check_err(refund(f, id), ERR_ILLEGAL_STATE);
	check_err(refund(f, 1), ERR_PAYMENT_NOT_FOUND);
	pay(f, id, 1, PAY_OUTCOME_PAID);
	check_ok(refund(f, id));
	check_err(refund(f, id), ERR_ILLEGAL_STATE);
	assert_int_equal(wallet_now(f, NONE, "EUR").balance, TOTAL);
	check_ok(refunded(f, id, REFUND_UNKNOWN));
	check_ok(refunded(f, id, REFUND_REFUSED));
	assert_int_equal(payment_now(f, id).state, PAYMENT_PAID);
	check_ok(refund(f, id));
	/* It has been spent meanwhile. */
	placed(f, NONE, TWO_ROUTES, "spent", true);
	check_ok(refunded(f, id, REFUND_DONE));
	assert_int_equal(payment_now(f, id).state, PAYMENT_REFUNDED);
	struct account wallet = wallet_now(f, NONE, "EUR");
	assert_int_equal(wallet.balance - wallet.held, -TWO_ROUTES_COST);
	/* Which is shown, and nothing more can be bought. */
	struct call *c = place_new(f, NONE, PLAIN, "more");
	check_err(call_once(c), ERR_INSUFFICIENT_FUNDS);
}

static void a_create_is_repeated_once(void **state)
{
	struct fixture *f = *state;
	int64_t ids[2];

	for (int i = 0; i < 2; i++) {
		struct call *c = create_new(f, LIVE);

		c->payment.idempotency_key = STR("key-12345");
		c->payment.idempotency_hash = 5;
		check_ok(call_run(c));
		ids[i] = c->payment.view.payment.id;
		assert_int_equal(c->payment.replayed, i);
		call_free(c);
	}
	assert_int_equal(ids[0], ids[1]);
	struct call *c = create_new(f, LIVE);
	c->payment.idempotency_key = STR("key-12345");
	c->payment.idempotency_hash = 6;
	check_err(call_once(c), ERR_CONFLICT);
	c = create_new(f, LIVE);
	c->payment.item_amount = c->payment.tax_amount = 0;
	check_err(call_once(c), ERR_OVERFLOW);
	c = create_new(f, LIVE);
	c->payment.item_amount = MONEY_ITEM_MAX;
	check_err(call_once(c), ERR_OVERFLOW);
}

static void said(void *arg, struct str text)
{
	(void)arg;
	fail_msg("%.*s", STR_ARG(text));
}

/* The recount agrees after each of these. */
static int payment_teardown(void **state)
{
	struct fixture *f = *state;
	const struct verify_options options = { .uri = f->path, .difference = said };
	struct verify_result result;

	calls_settle(f);
	check_ok(verify_store(&options, &result));
	assert_true(result.payments > 0);
	return engine_teardown(state);
}

#define payment_test(name) cmocka_unit_test_setup_teardown(name, engine_setup, payment_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		payment_test(paid_money_is_the_merchants_less_our_fee),
		payment_test(the_first_income_opens_a_wallet),
		payment_test(three_refusals_are_the_end),
		payment_test(one_of_two_payers_wins),
		payment_test(nobody_cancels_what_is_with_the_provider),
		payment_test(it_ends_on_time),
		payment_test(cancel_against_expiry),
		payment_test(time_waits_for_the_provider),
		payment_test(silence_is_asked_again),
		payment_test(money_that_comes_too_late_goes_back),
		payment_test(refunds_wait_for_the_provider_and_may_overdraw),
		payment_test(a_create_is_repeated_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "core/ledger.h"

#include "support/test.h"

static struct account account(int64_t partner, enum account_kind kind)
{
	return (struct account){ .id = account_id((struct account_parts){ partner, { 840 }, kind, 0, false }) };
}

static void ids_are_made_of_their_parts(void **state)
{
	struct account_parts parts = { 8589934591, { 999 }, ACCOUNT_FLOAT, 31, true };
	struct account_parts back = account_parts(account_id(parts));
	int64_t first, end;

	(void)state;
	assert_int_equal(back.partner, parts.partner);
	assert_int_equal(back.cur.number, 999);
	assert_int_equal(back.kind, ACCOUNT_FLOAT);
	assert_int_equal(back.node, 31);
	assert_true(back.hold);
	assert_true(account_id(parts) < INT64_C(1) << 53);
	account_range(7, &first, &end);
	assert_true(first <= account_wallet(7, (struct currency){ 978 }) &&
		    account_wallet(7, (struct currency){ 978 }) < end);
	assert_true(account_wallet(8, (struct currency){ 0 }) >= end);
}

/* The life of one order's money, with what each side shows after each step. */
static void follows_the_money(void **state)
{
	struct account wallet = account(1, ACCOUNT_WALLET), revenue = account(1, ACCOUNT_REVENUE);
	struct account cash = account(0, ACCOUNT_CASH);
	const struct {
		enum ledger_kind kind;
		struct account *debit, *credit;
		bool debit_hold, credit_hold;
		int64_t amount, balance, held, debit_after, credit_after;
		bool moved;
	} steps[] = {
		{ LEDGER_TOP_UP, &cash, &wallet, 0, 0, 100, 100, 0, -100, 100, true },
		{ LEDGER_AUTHORIZE, &wallet, &wallet, 0, 1, 40, 100, 40, 60, 40, false },
		{ LEDGER_AUTHORIZE, &wallet, &wallet, 0, 1, 10, 100, 50, 50, 50, false },
		{ LEDGER_CAPTURE, &wallet, &revenue, 1, 0, 40, 60, 10, 10, 40, true },
		{ LEDGER_VOID, &wallet, &wallet, 1, 0, 10, 60, 0, 0, 60, false },
		{ LEDGER_REVERSE, &revenue, &wallet, 0, 0, 40, 100, 0, 0, 100, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct transfer t = { steps[i].kind,	   steps[i].debit,	 steps[i].credit,
				      steps[i].debit_hold, steps[i].credit_hold, steps[i].amount };
		struct ledger_row row = { 0 };
		bool moved;

		check_ok(ledger_can_post(&t));
		ledger_post(&t, &row, &moved);
		assert_int_equal(wallet.balance, steps[i].balance);
		assert_int_equal(wallet.held, steps[i].held);
		assert_int_equal(row.debit_after, steps[i].debit_after);
		assert_int_equal(row.credit_after, steps[i].credit_after);
		assert_int_equal(moved, steps[i].moved);
		assert_int_equal(wallet.balance + revenue.balance + cash.balance, 0);
	}
}

static void authorizes_down_to_the_overdraft(void **state)
{
	struct account wallet = account(1, ACCOUNT_WALLET);

	(void)state;
	wallet.balance = 100;
	wallet.held = 30;
	check_ok(ledger_can_authorize(&wallet, 70));
	check_err(ledger_can_authorize(&wallet, 71), ERR_INSUFFICIENT_FUNDS);
	wallet.overdraft = 5;
	check_ok(ledger_can_authorize(&wallet, 75));
	check_err(ledger_can_authorize(&wallet, 76), ERR_INSUFFICIENT_FUNDS);
	wallet.balance = -200; /* a chargeback took it below: everything is refused until it is filled */
	check_err(ledger_can_authorize(&wallet, 1), ERR_INSUFFICIENT_FUNDS);
	check_err(ledger_can_authorize(&wallet, MONEY_ACCOUNT_MAX + 1), ERR_OVERFLOW);
}

static void refuses_to_overflow(void **state)
{
	struct account cash = account(0, ACCOUNT_CASH), wallet = account(1, ACCOUNT_WALLET);
	struct transfer t = { .kind = LEDGER_TOP_UP, .debit = &cash, .credit = &wallet, .amount = 1 };

	(void)state;
	wallet.balance = MONEY_ACCOUNT_MAX;
	check_err(ledger_can_post(&t), ERR_OVERFLOW);
	wallet.balance--;
	check_ok(ledger_can_post(&t));
	cash.balance = -MONEY_ACCOUNT_MAX;
	check_err(ledger_can_post(&t), ERR_OVERFLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_made_of_their_parts),
		cmocka_unit_test(follows_the_money),
		cmocka_unit_test(authorizes_down_to_the_overdraft),
		cmocka_unit_test(refuses_to_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

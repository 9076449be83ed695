#include "core/ledger.h"

enum err ledger_can_authorize(const struct account *wallet, int64_t amount)
{
	int64_t available;

	must(amount > 0);
	if (amount > MONEY_ACCOUNT_MAX)
		return ERR_OVERFLOW;
	available = wallet->balance - wallet->held;
	return available - amount < -wallet->overdraft ? ERR_INSUFFICIENT_FUNDS : OK;
}

static int64_t side(const struct account *a, bool hold)
{
	return hold ? a->held : a->balance - a->held;
}

/* Moves `delta` into (or, negative, out of) one side of the row: the hold side changes held and posted together. */
static void move(struct account *a, bool hold, int64_t delta)
{
	a->balance += delta;
	if (hold)
		a->held += delta;
}

enum err ledger_can_post(const struct transfer *t)
{
	int64_t ignored;
	enum err e = micros_add(t->debit->balance, -t->amount, &ignored);

	return e ? e : micros_add(t->credit->balance, t->amount, &ignored);
}

void ledger_post(const struct transfer *t, struct ledger_row *ret, bool *ret_moved)
{
	must(t->amount > 0);
	must(t->debit != t->credit || t->debit_hold != t->credit_hold);
	must(currency_eq(account_parts(t->debit->id).cur, account_parts(t->credit->id).cur));
	move(t->debit, t->debit_hold, -t->amount);
	move(t->credit, t->credit_hold, t->amount);
	must(t->debit->held >= 0 && t->credit->held >= 0);

	ret->kind = t->kind;
	ret->debit = t->debit_hold ? account_hold(t->debit->id) : t->debit->id;
	ret->credit = t->credit_hold ? account_hold(t->credit->id) : t->credit->id;
	ret->amount = t->amount;
	ret->debit_after = side(t->debit, t->debit_hold);
	ret->credit_after = side(t->credit, t->credit_hold);
	*ret_moved = t->debit != t->credit;
}

bool ledger_is_of_payment(enum ledger_kind kind)
{
	return kind == LEDGER_PAYMENT || kind == LEDGER_PAYMENT_FEE || kind == LEDGER_REFUND;
}

const char *ledger_kind_name(enum ledger_kind kind)
{
	switch (kind) {
	case LEDGER_AUTHORIZE:
		return "authorize";
	case LEDGER_CAPTURE:
		return "capture";
	case LEDGER_VOID:
		return "void";
	case LEDGER_REVERSE:
		return "reverse";
	case LEDGER_TOP_UP:
		return "top-up";
	case LEDGER_FEE:
		return "fee";
	case LEDGER_COST:
		return "cost";
	case LEDGER_CHARGEBACK:
		return "chargeback";
	case LEDGER_ADJUSTMENT:
		return "adjustment";
	case LEDGER_PAYMENT:
		return "payment";
	case LEDGER_PAYMENT_FEE:
		return "payment-fee";
	case LEDGER_REFUND:
		return "refund";
	}
	must(!"a ledger kind");
	return "";
}

/* service/verify_books.c: the ledger added up, and held against the accounts. */
#include "service/verify_private.h"

#include "store/verify.h"

enum { CURRENCIES = 1024 };

/* The store may hold any number: damage is what is looked for. */
static struct str code_of(int64_t number)
{
	struct currency cur;

	return currency_of_number(number, &cur) ? STR("no known currency") : currency_code(cur);
}

const char *verify_account_name(struct verify *v, int64_t id)
{
	static const char *const kinds[] = { "account",	       "wallet",     "revenue",		"fees", "cost", "cash",
					     "supplier float", "adjustment", "payment provider" };
	struct account_parts parts = account_parts(id);
	struct str code = code_of(parts.cur.number);

	return arena_printf(&v->page, "%s%s of partner %lld in %.*s (%lld)",
			    (size_t)parts.kind < ARRAY_LEN(kinds) ? kinds[parts.kind] : "account",
			    parts.hold ? " (held)" : "", (long long)parts.partner, STR_ARG(code), (long long)id)
		.p;
}

static int64_t account_of(int64_t side)
{
	return side & ~INT64_C(1);
}

/* Adds one end of a transfer and holds the balance after against the sum so far. */
static void add_side(struct verify *v, const struct ledger_row *row, int64_t side, int64_t delta, int64_t after)
{
	struct sums *sums = sum_map_at(&v->sides, side);

	sums->a += delta;
	if (sums->a != after)
		verify_difference(v, "%s: after ledger row %lld it says %lld micros, its rows say %lld",
				  verify_account_name(v, side), (long long)row->id, (long long)after,
				  (long long)sums->a);
	/* Said once: what follows is measured from what the row says. */
	sums->b += after - sums->a;
	sums->a = after;
}

static void check_movement(struct verify *v, const struct ledger_row *row)
{
	bool moves = row->wallet_id && account_of(row->debit) != account_of(row->credit);

	if (!moves && row->seq)
		verify_difference(v, "ledger row %lld: it has a movement number and moves nothing", (long long)row->id);
	if (!moves)
		return;
	int64_t partner_id = account_parts(row->wallet_id).partner;
	struct sums *partner = sum_map_at(&v->partners, partner_id);
	if (row->seq != partner->a + 1)
		verify_difference(v, "movements of partner %lld: %lld comes after %lld", (long long)partner_id,
				  (long long)row->seq, (long long)partner->a);
	partner->a = row->seq;
}

/* What the wallet has paid for orders, less what came back. */
static void add_earned(struct verify *v, const struct ledger_row *row)
{
	struct sums *wallet = sum_map_at(&v->wallets, row->wallet_id);

	if (row->kind == LEDGER_CAPTURE || row->kind == LEDGER_FEE)
		wallet->c += row->amount;
	else if (row->kind == LEDGER_REVERSE)
		wallet->c -= row->amount;
}

static enum err row_seen(void *arg, void *row_of_page)
{
	struct verify *v = arg;
	const struct ledger_row *row = row_of_page;
	struct account_parts debit = account_parts(row->debit), credit = account_parts(row->credit);

	v->after = row->id;
	v->rows_in_page++;
	v->result.ledger_rows++;
	if (!currency_eq(debit.cur, credit.cur))
		verify_difference(v, "ledger row %lld: its accounts have different currencies", (long long)row->id);
	if (row->amount <= 0)
		verify_difference(v, "ledger row %lld: its amount is %lld micros", (long long)row->id,
				  (long long)row->amount);
	add_side(v, row, row->debit, -row->amount, row->debit_after);
	add_side(v, row, row->credit, row->amount, row->credit_after);
	check_movement(v, row);
	if (ledger_is_of_payment((enum ledger_kind)row->kind))
		verify_payment_row(v, row);
	else if (row->wallet_id && row->order_id)
		add_earned(v, row);
	return OK;
}

/* The sum of a side's rows alone, whatever the rows say came after them. */
static int64_t summed(const struct verify *v, int64_t side)
{
	const struct sums *sums = sum_map_find(&v->sides, side);

	return sums ? sums->a - sums->b : 0;
}

struct account_walk {
	__int128 totals[CURRENCIES];
};

static enum err account_seen(void *arg, void *row)
{
	struct verify *v = arg;
	const struct account *a = row;
	int64_t available = summed(v, a->id), held = summed(v, account_hold(a->id));

	v->after = a->id;
	v->rows_in_page++;
	v->result.accounts++;
	if (a->balance != available + held)
		verify_difference(v, "%s: balance %lld micros, the ledger says %lld", verify_account_name(v, a->id),
				  (long long)a->balance, (long long)available + (long long)held);
	if (a->held != held)
		verify_difference(v, "%s: held %lld micros, the ledger says %lld", verify_account_name(v, a->id),
				  (long long)a->held, (long long)held);
	struct sums *sums = sum_map_at(&v->sides, a->id);
	sums->seen = true;
	/* Kept for the holds and the totals. */
	sums->c = a->balance;
	if (a->held)
		sum_map_at(&v->wallets, a->id)->seen = true;
	return OK;
}

static void check_totals(struct verify *v)
{
	struct account_walk walk = { { 0 } };

	arena_reset(&v->page);
	for (size_t i = 0; i < v->sides.room; i++) {
		const struct sums *side = sum_map_slot(&v->sides, i);

		if (!side)
			continue;
		if (!account_is_hold(side->key) && side->seen)
			walk.totals[account_parts(side->key).cur.number % CURRENCIES] += side->c;
		const struct sums *account = sum_map_find(&v->sides, account_of(side->key));
		if (!account || !account->seen)
			verify_difference(v, "%s: it has ledger rows and does not exist",
					  verify_account_name(v, side->key));
	}
	for (int number = 0; number < CURRENCIES; number++) {
		struct str code = code_of(number);

		if (walk.totals[number])
			verify_difference(v, "all accounts in %.*s add up to %lld micros, not to 0", STR_ARG(code),
					  (long long)walk.totals[number]);
	}
}

enum err verify_books(struct verify *v)
{
	enum err e = verify_pages(v, "ledger", verify_ledger, row_seen);

	if (!e)
		e = verify_pages(v, "accounts", verify_accounts, account_seen);
	if (!e)
		check_totals(v);
	return e;
}

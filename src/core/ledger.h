/* core/ledger.h: double entry. Pure: no clock, no store, nothing allocated.
 *
 * One ledger row is one immutable transfer: an amount leaves the debit account and enters the credit account, with both
 * balances after it. An unbalanced transfer cannot be written down. "Entries" is a view of two lines a row. Rows of one
 * posting share its id. A mistake is corrected by adding rows, never by editing.
 *
 *     authorize   wallet      -> its hold        available less, held more
 *     capture     hold        -> revenue         held less, posted less
 *     void        hold        -> wallet          held less
 *     reverse     revenue     -> wallet          posted more
 *     top-up      cash        -> wallet          posted more
 *     fee         hold|wallet -> fees            posted less
 *     cost        cost        -> supplier float  ours alone
 *     adjustment  adjustment <-> wallet          posted more or less
 *     payment     provider    -> wallet          posted more
 *     payment fee wallet      -> fees            posted less
 *     refund      wallet      -> provider        posted less
 *
 * Never: an authorize that takes available below -overdraft. Fees, chargebacks, refunds and reversed income may go
 * below it; then every authorize is refused until the wallet is filled. */
#pragma once

#include "core/account.h"

/* Stored: append, never renumber. */
enum ledger_kind {
	LEDGER_AUTHORIZE = 1,
	LEDGER_CAPTURE = 2,
	LEDGER_VOID = 3,
	LEDGER_REVERSE = 4,
	LEDGER_TOP_UP = 5,
	LEDGER_FEE = 6,
	LEDGER_COST = 7,
	LEDGER_CHARGEBACK = 8,
	LEDGER_ADJUSTMENT = 9,
	LEDGER_PAYMENT = 10,	 /* a payer has paid the merchant */
	LEDGER_PAYMENT_FEE = 11, /* our part of that */
	LEDGER_REFUND = 12,	 /* to the payer; our part stays */
};

struct ledger_row {
	int64_t id;
	int64_t posting;	       /* id of the first row of the posting */
	int64_t order_id;	       /* what it is about: an order, or a payment by its kind; 0: none */
	int64_t wallet_id;	       /* the wallet whose statement this belongs to; 0 for rows that are ours alone */
	int kind;		       /* enum ledger_kind */
	int64_t debit, credit, amount; /* account ids; micros > 0 */
	int64_t debit_after, credit_after; /* of the two accounts' own sides (available or held) */
	int64_t posted_after;		   /* of a movement: the wallet's posted balance */
	int64_t seq;			   /* the partner's movement number when the posted balance changed, else 0 */
	int64_t created_at;
};

struct transfer {
	enum ledger_kind kind;
	struct account *debit, *credit; /* the same row when value moves between a wallet and its hold */
	bool debit_hold, credit_hold;	/* which side of a wallet's row */
	int64_t amount;			/* micros > 0 */
};

/* What an authorize of `amount` would leave above the overdraft floor: ERR_INSUFFICIENT_FUNDS, ERR_OVERFLOW. */
MUST_USE enum err ledger_can_authorize(const struct account *wallet, int64_t amount);

/* ERR_OVERFLOW if an account would pass MONEY_ACCOUNT_MAX either way; nothing is changed. */
MUST_USE enum err ledger_can_post(const struct transfer *t);

/* Applies a transfer that was checked and fills amount, accounts and balances of `ret`; the caller adds ids and time.
 * Sets *ret_moved when the wallet's posted balance changed (the row is a movement). */
void ledger_post(const struct transfer *t, struct ledger_row *ret, bool *ret_moved);

/* Whether what the row is about is a payment, not an order. */
bool ledger_is_of_payment(enum ledger_kind kind);
const char *ledger_kind_name(enum ledger_kind kind);

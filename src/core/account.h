/* core/account.h: ledger accounts: whose, which currency, what kind.
 *
 * The id is made of its parts, so no look-up is needed to find an account and all accounts of a partner are one key
 * range: partner (33 bits) | currency number (10) | kind (4) | node (5) | hold (1). A wallet is one row with two sides:
 * the account itself (what is available) and its hold account (id | 1: what is authorized but not captured). The row
 * keeps the posted balance P and the held amount H; available = P - H.
 *
 * Contra accounts of a partner (revenue, fees, cost) and the common ones (partner 0: cash, supplier float) are one row
 * a node, summed when shown, so that no row is updated by every node's every batch. */
#pragma once

#include "core/money.h"

/* Stored inside ids: append, never renumber. */
enum account_kind {
	ACCOUNT_WALLET = 1,  /* what the partner owns with us: a credit balance */
	ACCOUNT_REVENUE = 2, /* what captured orders brought */
	ACCOUNT_FEES = 3,
	ACCOUNT_COST = 4,	/* what suppliers charged us for this partner's orders */
	ACCOUNT_CASH = 5,	/* partner 0: money paid in and out */
	ACCOUNT_FLOAT = 6,	/* partner 0: our balance with suppliers */
	ACCOUNT_ADJUSTMENT = 7, /* partner 0: corrections by an operator */
	ACCOUNT_PROVIDER = 8,	/* partner 0: what payment providers have taken in for merchants and owe us */
};

struct account {
	int64_t id;
	int64_t balance;   /* P, micros; what the ledger's rows of the account and its hold side add up to */
	int64_t held;	   /* H, micros; wallets only, never negative */
	int64_t overdraft; /* micros >= 0: an authorize may take available down to -overdraft; wallets only */
	int64_t version;
};

struct account_parts {
	int64_t partner;
	struct currency cur;
	enum account_kind kind;
	int node;
	bool hold;
};

int64_t account_id(struct account_parts parts);
struct account_parts account_parts(int64_t id);
int64_t account_wallet(int64_t partner, struct currency cur);
int64_t account_hold(int64_t wallet); /* the hold side of a wallet */
bool account_is_hold(int64_t id);
/* The first id of a partner's accounts and the first of the next partner's: a half-open key range. */
void account_range(int64_t partner, int64_t *ret_first, int64_t *ret_end);

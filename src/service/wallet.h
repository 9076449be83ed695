/* service/wallet.h: what an operator does with a partner's money: open a wallet, fill it, correct it, read it. */
#pragma once

#include "service/audit.h"
#include "service/task.h"

/* Makes the wallet or, when it is there, sets its overdraft. ERR_NOT_FOUND without such a partner, ERR_BAD_REQUEST for
 * an overdraft below 0 or above MONEY_ACCOUNT_MAX. */
struct wallet_open {
	struct by by;
	int64_t partner_id;
	struct currency cur;
	int64_t overdraft;	/* micros */
	struct account account; /* found */
};

/* A top-up (cash -> wallet, amount > 0) or an adjustment (either way, amount != 0). With a reference the same call
 * again changes nothing for 24 h and answers as the first did; ERR_CONFLICT when the amount is another one.
 * ERR_BALANCE_NOT_FOUND, ERR_BAD_REQUEST, ERR_OVERFLOW. */
struct wallet_post {
	struct by by;
	int64_t partner_id;
	struct currency cur;
	enum ledger_kind kind; /* LEDGER_TOP_UP, LEDGER_ADJUSTMENT */
	int64_t amount;	       /* micros */
	struct str reference;  /* absent = none */
	struct str note;       /* for the audit */
	/* found */
	struct account account;
	bool replayed;
};

/* The statement: rows that changed the posted balance, newest first. */
struct wallet_statement {
	int64_t partner_id;
	struct currency cur;
	int64_t before_seq; /* movements with a smaller seq; 0 = from the newest */
	int64_t after_seq;  /* else those right after this one; 0 = not asked */
	int64_t most;	    /* 1 to WALLET_MOVEMENTS_MAX */
	/* found */
	struct account account;
	struct ledger_row *rows;
	size_t count;
	bool more_newer, more_older; /* whether others come before and after these */
};

enum { WALLET_MOVEMENTS_MAX = 1000 };

extern const struct verb verb_wallet_open, verb_wallet_post, verb_wallet_statement;

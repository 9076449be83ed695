/* service/verify.h: the books recomputed from the ledger and held against what the store says.
 *
 * Reads one moment of the store on a connection of its own, running or stopped, and changes nothing:
 *   ledger    each transfer in one currency; each account's balances after follow from one another
 *   accounts  balance and held are the sums of their rows; all accounts of a currency add up to 0
 *   holds     a wallet holds what its open orders cost, and has paid for what was delivered and not given back
 *   numbers   movements and events of a partner count 1, 2, 3, ... up to its counters
 *   orders    units, attempts and jobs are what the state says
 *   esims     each of a first order, delivered once, with an ICCID of its own; what was bought for it; identity checks
 *   payments  attempts, jobs, and the money that came in, went to us and went back, are what the state says
 *   callbacks what waits has a job, and the other way round
 *   audit     the chain of hashes
 *   file      the engine's own check, foreign keys too
 */
#pragma once

#include "base/arena.h"

struct verify_options {
	const char *uri;
	/* One difference, in words: "wallet 1 USD: balance 5, the ledger says 4". */
	void (*difference)(void *arg, struct str text);
	void (*progress)(void *arg, const char *what, int64_t done); /* may be NULL */
	void *arg;
};

struct verify_result {
	int64_t ledger_rows, accounts, orders, esims, payments, events, audit_rows, differences;
};

/* OK also when there are differences: they are counted. ERR_STORE_* when the store cannot be read. */
MUST_USE enum err verify_store(const struct verify_options *options, struct verify_result *ret);

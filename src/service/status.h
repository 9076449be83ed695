/* service/status.h: the state of the store in numbers, read in one moment. */
#pragma once

#include "service/task.h"
#include "service/work.h"
#include "store/status.h"

enum { STATUS_STATES = 16, STATUS_CURRENCIES = 64 };

/* Of a currency: what the wallets hold, and what the open orders explain of it (unequal only when something is wrong);
 * our balance with suppliers. */
struct currency_sums {
	int currency;
	int64_t held, explained, supplier_float; /* micros */
};

struct store_status {
	/* found */
	struct tally states[STATUS_STATES]; /* of open orders */
	size_t state_count;
	struct tally jobs[JOB_KINDS]; /* by kind; oldest_us is the earliest time one is due */
	struct tally unknown;	      /* units whose supplier is silent */
	struct currency_sums sums[STATUS_CURRENCIES];
	size_t sum_count;
	int64_t partners, open_tasks;
};

extern const struct verb verb_store_status;

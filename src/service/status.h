/* service/status.h: the state of the store in numbers, read in one moment. */
#pragma once

#include "service/task.h"
#include "service/work.h"
#include "store/status.h"

enum { STATUS_STATES = 16, STATUS_CURRENCIES = 64 };

/* What the wallets hold in a currency, and what the open orders explain of it: unequal only when something is wrong. */
struct held_in {
	int currency;
	int64_t held, explained; /* micros */
};

struct store_status {
	/* found */
	struct tally states[STATUS_STATES]; /* of open orders */
	size_t state_count;
	struct tally fulfil, expire, callbacks; /* jobs; oldest_us is the earliest time one is due */
	struct tally unknown;			/* units whose supplier is silent */
	struct held_in held[STATUS_CURRENCIES];
	size_t held_count;
	int64_t partners, open_tasks;
};

extern const struct verb verb_store_status;

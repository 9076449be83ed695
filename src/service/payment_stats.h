/* service/payment_stats.h: a merchant's payments of a day or a month, and what they add up to (mobip.md 8).
 *
 * A payment belongs to the day that it was made on, by the clocks of its merchant. */
#pragma once

#include "core/payment.h"
#include "service/task.h"

enum { PAYMENT_STATS_MOST = 200000 };
#define PAYMENT_STATS_TODAY INT64_MIN /* as a date */

/* ERR_TOO_LARGE for more than PAYMENT_STATS_MOST payments; ERR_PERIOD_NOT_FOUND for one that has not begun. */
struct payment_stats {
	int64_t partner_id;
	int64_t date_us; /* midnight of the day, or of a day of the month, as if clocks there showed UTC */
	bool is_month;
	/* found */
	int64_t from_us; /* the first day that is meant, like date_us */
	int64_t count[PAYMENT_STATES];
	int64_t paid, tax_paid, refunded, fees; /* micros of the merchant's currency */
	struct payment *payments;		/* oldest first, in the task's arena */
	size_t payment_count;
};
extern const struct verb verb_payment_stats;

/* payment/card.h: the test cards, and the token that is made of one before anything is stored.
 *
 * The sandbox's page is the only one of ours where a card is typed. Its number is looked at here and nowhere else: what
 * goes on is a token that says how the attempt shall end and the last four digits. A number that is no test card is
 * refused, so that nobody's real card gets further than this file. Pure; the same for equal input. */
#pragma once

#include "base/arena.h"
#include "core/payment.h"

enum card_fault {
	CARD_GOOD = 0,
	CARD_NUMBER,   /* not 12 to 19 digits, or the check digit is wrong (Luhn) */
	CARD_NOT_TEST, /* it could be a real one */
	CARD_EXPIRY,   /* not MM/YY, or over */
	CARD_CODE,     /* not three digits, four of American Express */
};

/* As typed: spaces and hyphens in the number do not count, the expiry is "MM/YY" or "MM/YYYY". */
struct card {
	struct str number, expiry, code;
};

/* All faults, as bits 1 << enum card_fault; 0 = good. `now_us`: a card ends with its month. */
unsigned card_faults(const struct card *card, int64_t now_us);

/* "card_ok_4242". The card must be without faults. */
struct str card_token(struct arena *a, const struct card *card);

/* How an attempt with a token ends. */
struct card_script {
	const char *number, *name;
	enum pay_outcome outcome;
	struct str reason;
	bool is_silent; /* the first call is not answered: it ends when it is asked about */
};
/* NULL for what is no token of ours. */
const struct card_script *card_script_of(struct str token);

/* core/external_invoice.h: invoices that a merchant keeps elsewhere, as it told us of them (mobip.md 11).
 *
 * A source is the system that they come from. Its invoices have a status in its own words; which of ours a word stands
 * for is the source's, and looked at when an invoice is read: so the words may be told after the invoices. */
#pragma once

#include "base/str.h"

/* What an invoice may be, in the order in which the words of a source stand. */
enum external_status {
	EXTERNAL_PENDING,
	EXTERNAL_DUE,
	EXTERNAL_FULLY_PAID,
	EXTERNAL_PARTIALLY_PAID,
	EXTERNAL_STATUSES,
};

struct external_source {
	int64_t id, partner_id;
	struct str name;		     /* of a partner, unique */
	struct str words[EXTERNAL_STATUSES]; /* by enum external_status; absent = none was told */
};

/* Stored in external_imports.state: append, never renumber. */
enum external_import_state { EXTERNAL_LOADING = 1, EXTERNAL_LOADED = 2 };

struct external_import {
	int64_t source_id, id;
	int state;	   /* enum external_import_state */
	struct str batch;  /* the merchant's name for it; absent = none */
	struct str digest; /* of what was sent */
	int64_t started_at;
};

/* Amounts are what the source says, in cents of its own currency. */
struct external_invoice {
	int64_t source_id;
	struct str invoice; /* its number there; the newest import of a number counts */
	int64_t import_id;
	struct str date, due_date; /* YYYY-MM-DD */
	struct str label;
	int64_t amount; /* negative: a credit note */
	struct str status;
	struct str customer, phone, email;
	struct str balance, balance_date; /* digits; absent = not told */
	struct str batch;
};

/* "pending", "due", "fully_paid", "partially_paid". */
const char *external_status_name(enum external_status status);
/* What an invoice's own word stands for; "" when the source has no such word. */
const char *external_status_of(const struct external_source *source, struct str word);

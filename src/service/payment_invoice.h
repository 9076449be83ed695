/* service/payment_invoice.h: what we have kept of a merchant's payments, month by month: our invoices to it.
 *
 * A month is one of the merchant's clocks, of the time at which payments were made; once it is over nothing about it
 * changes, for our part of what is given back stays, unless the merchant gets another time zone. So an invoice is made
 * when it is asked for, and is always the same. There is one a month and currency. Our part was taken when it was
 * earned: every invoice is paid. */
#pragma once

#include "base/buf.h"
#include "core/language.h"
#include "core/payment.h"
#include "service/task.h"

enum { PAYMENT_INVOICES_MOST = 1200 };

struct payment_invoice {
	int64_t from_us, to_us; /* the month, to_us excluded; midnights as if clocks there showed UTC */
	struct currency cur;
	int64_t payments, fees; /* how many, micros */
};

struct payment_invoices {
	int64_t partner_id;
	/* found; newest first, in the task's arena */
	struct payment_invoice *invoices;
	size_t count;
	struct str zone; /* whose months they are: "Europe/Paris" */
};
extern const struct verb verb_payment_invoices;

/* "2026-10-USD-7": month, currency, merchant. */
struct str payment_invoice_id(struct arena *a, int64_t partner_id, const struct payment_invoice *invoice);

/* One of them, and how it looks on paper. ERR_INVOICE_NOT_FOUND, also for another merchant's. */
struct payment_invoice_get {
	int64_t partner_id;
	struct str id;
	int language;	      /* enum payment_language; 0 = the account's */
	const char *base_url; /* of this server: who writes it */
	/* found; in the task's arena */
	struct payment_invoice invoice;
	struct str pdf;
};
extern const struct verb verb_payment_invoice;
/* The same for another verb of the readers. */
struct reader;
MUST_USE enum err payment_invoice_find(struct reader *r, struct arena *a, struct payment_invoice_get *g);

/* service/payment_invoice_pdf.c: appends the file. */
struct payment_invoice_paper {
	const struct payment_invoice *invoice;
	struct str id, from, to, zone;
	enum language language;
};
MUST_USE enum err payment_invoice_pdf(struct buf *b, struct arena *a, const struct payment_invoice_paper *paper);

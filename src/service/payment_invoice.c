#include "service/payment_invoice.h"

#include "base/clock.h"
#include "service/reader.h"

#include <stdlib.h>

struct adding {
	struct payment_invoices *list;
	int64_t until_us; /* the month that is not over begins then */
};

static struct payment_invoice *invoice_of(struct payment_invoices *list, int64_t us, int currency)
{
	for (size_t i = 0; i < list->count; i++) {
		struct payment_invoice *one = &list->invoices[i];

		if (us >= one->from_us && us < one->to_us && one->cur.number == currency)
			return one;
	}
	if (list->count == PAYMENT_INVOICES_MOST)
		return NULL;
	struct payment_invoice *fresh = &list->invoices[list->count++];
	*fresh = (struct payment_invoice){ .cur = { currency } };
	clock_month(us, &fresh->from_us, &fresh->to_us);
	return fresh;
}

static enum err fee_seen(void *arg, void *row)
{
	const struct adding *a = arg;
	const struct payment_fee_row *fee = row;

	if (fee->finished_at >= a->until_us)
		return OK;
	struct payment_invoice *invoice = invoice_of(a->list, fee->finished_at, fee->currency);
	if (!invoice)
		return ERR_TOO_LARGE;
	invoice->payments++;
	return micros_add(invoice->fees, fee->fee, &invoice->fees);
}

static int newest_first(const void *a, const void *b)
{
	const struct payment_invoice *x = a, *y = b;

	if (x->from_us != y->from_us)
		return x->from_us < y->from_us ? 1 : -1;
	return (x->cur.number > y->cur.number) - (x->cur.number < y->cur.number);
}

static enum err invoices_read(struct reader *r, struct task *t)
{
	struct payment_invoices *list = t->command;
	struct adding a = { .list = list };
	int64_t ignored;

	clock_month(r->unit.now_us, &a.until_us, &ignored);
	list->invoices = ARENA_ARRAY(t->arena, struct payment_invoice, PAYMENT_INVOICES_MOST);
	list->count = 0;
	enum err e = payments_fees(r->db, &r->unit.arena, list->partner_id, fee_seen, &a);
	if (!e && list->count)
		qsort(list->invoices, list->count, sizeof(*list->invoices), newest_first);
	return e;
}

const struct verb verb_payment_invoices = { .name = "payment.invoices", .read = invoices_read };

#include "service/payment_invoice.h"

#include "base/clock.h"
#include "base/zone.h"
#include "service/merchant.h"
#include "service/reader.h"

#include <stdlib.h>
#include <string.h>

enum { PDF_MOST_BYTES = 4 * 1024 * 1024 };

struct adding {
	struct payment_invoices *list;
	const struct zone *zone;
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

	int64_t local_us = zone_local(a->zone, fee->finished_at);
	if (local_us >= a->until_us)
		return OK;
	struct payment_invoice *invoice = invoice_of(a->list, local_us, fee->currency);
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

static enum err invoices_collect(struct reader *r, struct arena *a, struct payment_invoices *list)
{
	struct adding adding = { .list = list };
	int64_t ignored;
	enum err e = merchant_zone(&r->unit, a, list->partner_id, &adding.zone);

	if (e)
		return e;
	const struct merchant *m = unit_find(&r->unit, NOUN_MERCHANT, list->partner_id);
	list->zone = m && m->time_zone.p ? arena_str(a, m->time_zone) : STR("UTC");
	clock_month(zone_local(adding.zone, r->unit.now_us), &adding.until_us, &ignored);
	list->invoices = ARENA_ARRAY(a, struct payment_invoice, PAYMENT_INVOICES_MOST);
	list->count = 0;
	e = payments_fees(r->db, &r->unit.arena, list->partner_id, fee_seen, &adding);
	if (!e && list->count)
		qsort(list->invoices, list->count, sizeof(*list->invoices), newest_first);
	return e;
}

static enum err invoices_read(struct reader *r, struct task *t)
{
	return invoices_collect(r, t->arena, t->command);
}

struct str payment_invoice_id(struct arena *a, int64_t partner_id, const struct payment_invoice *invoice)
{
	return arena_printf(a, "%.7s-%.*s-%lld", clock_date(a, invoice->from_us).p,
			    STR_ARG(currency_code(invoice->cur)), (long long)partner_id);
}

/* "https://api.example.com" is api.example.com to people. */
static struct str host_of(const char *base_url)
{
	const char *host = strstr(base_url, "://");

	return str_of(host ? host + strlen("://") : base_url);
}

static enum language language_on_paper(const struct payment_invoice_get *g, const struct partner *partner)
{
	if (g->language)
		return g->language == PAY_FR ? LANGUAGE_FR : LANGUAGE_EN;
	return str_starts(partner->locale, STR("fr")) ? LANGUAGE_FR : LANGUAGE_EN;
}

static enum err put_on_paper(struct reader *r, struct arena *a, struct payment_invoice_get *g, struct str zone)
{
	const struct partner *partner = directory_partner(r->unit.directory, g->partner_id);
	struct buf b;

	if (!partner)
		return ERR_INVOICE_NOT_FOUND;
	const struct payment_invoice_paper paper = { &g->invoice,   g->id, host_of(g->base_url),
						     partner->name, zone,  language_on_paper(g, partner) };
	buf_init(&b, PDF_MOST_BYTES);
	enum err e = payment_invoice_pdf(&b, a, &paper);
	g->pdf = arena_str(a, buf_view(&b));
	buf_done(&b);
	return e;
}

enum err payment_invoice_find(struct reader *r, struct arena *a, struct payment_invoice_get *g)
{
	struct payment_invoices list = { .partner_id = g->partner_id };
	enum err e = invoices_collect(r, a, &list);

	for (size_t i = 0; !e && i < list.count; i++) {
		if (!str_eq(payment_invoice_id(a, g->partner_id, &list.invoices[i]), g->id))
			continue;
		g->invoice = list.invoices[i];
		return put_on_paper(r, a, g, list.zone);
	}
	return e ? e : ERR_INVOICE_NOT_FOUND;
}

static enum err invoice_read(struct reader *r, struct task *t)
{
	return payment_invoice_find(r, t->arena, t->command);
}

const struct verb verb_payment_invoices = { .name = "payment.invoices", .read = invoices_read };
const struct verb verb_payment_invoice = { .name = "payment.invoice", .read = invoice_read };

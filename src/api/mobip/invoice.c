#include "api/mobip/invoice.h"

#include "api/mobip/input.h"
#include "base/clock.h"
#include "service/payment_invoice.h"

enum { DATE_CHARS = 10, ID_MOST = 64 };

struct asked_invoice {
	struct payment_invoices list; /* first: the verb's command */
	struct str id;
	const struct payment_invoice *found;
};

static struct str date_of(struct arena *a, int64_t us)
{
	struct buf b;

	buf_init(&b, 64);
	clock_put_rfc3339(&b, us, 0, "");
	struct str date = arena_str(a, (struct str){ b.p, DATE_CHARS });
	buf_done(&b);
	return date;
}

/* "2026-10-USD-7": month, currency, merchant. */
static struct str id_of(const struct request *rq, const struct payment_invoice *invoice)
{
	struct arena *a = &rq->x->arena;

	return arena_printf(a, "%.7s-%.*s-%lld", date_of(a, invoice->from_us).p, STR_ARG(currency_code(invoice->cur)),
			    (long long)rq->credential->partner_id);
}

enum err mobip_invoices_parse(struct request *rq)
{
	struct payment_invoices *c = ARENA_NEW(&rq->x->arena, struct payment_invoices);

	c->partner_id = rq->credential->partner_id;
	rq->task.command = c;
	return OK;
}

/* Dated the day after the month. */
static void put_head(struct request *rq, struct json_writer *w, const struct payment_invoice *invoice)
{
	json_str(w, "invoice_id", id_of(rq, invoice));
	json_str(w, "invoice_date", date_of(&rq->x->arena, invoice->to_us));
	mobip_int(w, "amount", payment_minor(invoice->fees, invoice->cur));
	json_str(w, "currency", currency_code(invoice->cur));
	json_strz(w, "status", "PAID");
}

void mobip_invoices_render(struct request *rq, struct json_writer *w)
{
	const struct payment_invoices *c = rq->task.command;

	mobip_begin(w);
	json_arr(w, "invoice_data");
	for (size_t i = 0; i < c->count; i++) {
		json_obj(w, NULL);
		put_head(rq, w, &c->invoices[i]);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

enum err mobip_invoice_parse(struct request *rq)
{
	static const struct mobip_field fields[] = {
		{ "invoice_id", NULL, MOBIP_TEXT, true, offsetof(struct asked_invoice, id), .max = ID_MOST },
	};
	struct asked_invoice *c = ARENA_NEW(&rq->x->arena, struct asked_invoice);

	c->list.partner_id = rq->credential->partner_id;
	rq->task.command = c;
	return mobip_bind(rq, fields, ARRAY_LEN(fields), c);
}

enum err mobip_invoice_answer(struct request *rq)
{
	struct asked_invoice *c = rq->task.command;

	for (size_t i = 0; i < c->list.count && !c->found; i++)
		if (str_eq(id_of(rq, &c->list.invoices[i]), c->id))
			c->found = &c->list.invoices[i];
	return c->found ? OK : ERR_INVOICE_NOT_FOUND;
}

/* One line: our part of the month's payments. No tax is computed. */
void mobip_invoice_render(struct request *rq, struct json_writer *w)
{
	const struct payment_invoice *invoice = ((const struct asked_invoice *)rq->task.command)->found;
	int64_t amount = payment_minor(invoice->fees, invoice->cur);

	mobip_begin(w);
	json_obj(w, "invoice_data");
	put_head(rq, w, invoice);
	json_arr(w, "lines");
	json_obj(w, NULL);
	json_str(w, "label",
		 arena_printf(&rq->x->arena, "Fees of %lld payments, %.7s", (long long)invoice->payments,
			      date_of(&rq->x->arena, invoice->from_us).p));
	json_strz(w, "quantity", "1");
	mobip_int(w, "unit_amount_in_cents", amount);
	mobip_int(w, "amount_in_cents", amount);
	json_end(w);
	json_end(w);
	mobip_int(w, "tax_in_cents", 0);
	mobip_int(w, "total_in_cents", amount);
	json_end(w);
	json_end(w);
}

#include "api/mobip/invoice.h"

#include "api/mobip/input.h"
#include "base/clock.h"
#include "service/payment_invoice.h"

enum { ID_MOST = 64, PDF_TEXT_MOST_BYTES = 6 * 1024 * 1024 };

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
	struct arena *a = &rq->x->arena;

	json_str(w, "invoice_id", payment_invoice_id(a, rq->credential->partner_id, invoice));
	json_str(w, "invoice_date", clock_date(a, invoice->to_us));
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
	struct asked {
		struct str id;
		int64_t language;
	} asked = { STR_NONE, 0 };
	static const struct mobip_field fields[] = {
		{ "invoice_id", NULL, MOBIP_TEXT, true, offsetof(struct asked, id), .max = ID_MOST },
		{ "language", NULL, MOBIP_LANGUAGE, false, offsetof(struct asked, language) },
	};
	struct payment_invoice_get *c = ARENA_NEW(&rq->x->arena, struct payment_invoice_get);
	enum err e = mobip_bind(rq, fields, ARRAY_LEN(fields), &asked);

	rq->task.command = c;
	*c = (struct payment_invoice_get){ .partner_id = rq->credential->partner_id,
					   .id = asked.id,
					   .language = (int)asked.language,
					   .base_url = rq->settings->public_url };
	return e;
}

/* The file, as JSON can have it. */
static void put_pdf(struct json_writer *w, struct str pdf)
{
	struct buf text;

	buf_init(&text, PDF_TEXT_MOST_BYTES);
	buf_base64(&text, pdf.p, pdf.n);
	json_str(w, "pdf", buf_view(&text));
	buf_done(&text);
}

/* One line: our part of the month's payments. No tax is computed. */
void mobip_invoice_render(struct request *rq, struct json_writer *w)
{
	const struct payment_invoice_get *c = rq->task.command;
	const struct payment_invoice *invoice = &c->invoice;
	int64_t amount = payment_minor(invoice->fees, invoice->cur);

	mobip_begin(w);
	json_obj(w, "invoice_data");
	put_head(rq, w, invoice);
	json_arr(w, "lines");
	json_obj(w, NULL);
	json_str(w, "label",
		 arena_printf(&rq->x->arena, "Fees of %lld payments, %.7s", (long long)invoice->payments,
			      clock_date(&rq->x->arena, invoice->from_us).p));
	json_strz(w, "quantity", "1");
	mobip_int(w, "unit_amount_in_cents", amount);
	mobip_int(w, "amount_in_cents", amount);
	json_end(w);
	json_end(w);
	mobip_int(w, "tax_in_cents", 0);
	mobip_int(w, "total_in_cents", amount);
	put_pdf(w, c->pdf);
	json_end(w);
	json_end(w);
}

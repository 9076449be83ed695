/* service/payment_invoice_pdf.c: how an invoice looks on paper. */
#include "service/payment_invoice.h"

#include "base/clock.h"
#include "base/pdf.h"
#include "core/money_text.h"

enum { TEXT_MOST_BYTES = 256, LEFT = 56, WIDE = PDF_WIDTH - 2 * LEFT, AMOUNT_WIDE = 150 };

enum saying {
	SAY_INVOICE,
	SAY_NUMBER,
	SAY_DATE,
	SAY_PERIOD,
	SAY_TO,
	SAY_WHAT,
	SAY_AMOUNT,
	SAY_FEE,
	SAY_FEES_OF,
	SAY_PAYMENTS,
	SAY_TAX,
	SAY_TOTAL,
	SAY_PAID,
	SAYINGS
};

static const char *const sayings[LANGUAGES][SAYINGS] = {
	[LANGUAGE_EN] = {
		[SAY_INVOICE] = "Invoice",
		[SAY_NUMBER] = "Number",
		[SAY_DATE] = "Date",
		[SAY_PERIOD] = "Period",
		[SAY_TO] = "To",
		[SAY_WHAT] = "Description",
		[SAY_AMOUNT] = "Amount",
		[SAY_FEE] = "Fee of one payment",
		[SAY_FEES_OF] = "Fees of",
		[SAY_PAYMENTS] = "payments",
		[SAY_TAX] = "Taxes",
		[SAY_TOTAL] = "Total",
		[SAY_PAID] = "Paid: each fee was taken when the payment was made. Nothing is to be transferred.",
	},
	[LANGUAGE_FR] = {
		[SAY_INVOICE] = "Facture",
		[SAY_NUMBER] = "Numéro",
		[SAY_DATE] = "Date",
		[SAY_PERIOD] = "Période",
		[SAY_TO] = "Destinataire",
		[SAY_WHAT] = "Désignation",
		[SAY_AMOUNT] = "Montant",
		[SAY_FEE] = "Frais d'un paiement",
		[SAY_FEES_OF] = "Frais de",
		[SAY_PAYMENTS] = "paiements",
		[SAY_TAX] = "Taxes",
		[SAY_TOTAL] = "Total",
		[SAY_PAID] = "Acquittée : les frais ont été prélevés à chaque paiement. Aucun virement n'est à faire.",
	},
};

struct paper {
	struct pdf *pdf;
	struct arena *a;
	enum language language;
	int y;
};

static struct str say(const struct paper *p, enum saying what)
{
	return str_of(sayings[p->language][what]);
}

static struct str amount_text(const struct paper *p, int64_t micros, struct currency cur)
{
	struct buf b;

	buf_init(&b, TEXT_MOST_BYTES);
	money_put_text(&b, (struct money){ micros, cur }, p->language == LANGUAGE_FR ? MONEY_FRENCH : MONEY_ENGLISH);
	struct str text = arena_str(p->a, buf_view(&b));
	buf_done(&b);
	return text;
}

/* What it is, small and grey, and beneath it what is said of it. */
static void put_fact(struct paper *p, enum saying name, struct str value)
{
	p->y += pdf_text(p->pdf, &(struct pdf_box){ LEFT, p->y, WIDE, 9, .is_grey = true }, say(p, name));
	p->y += pdf_text(p->pdf, &(struct pdf_box){ LEFT, p->y, WIDE, 12, .lines = 3 }, value) + 10;
}

static void put_row(struct paper *p, struct str what, struct str amount, bool is_bold)
{
	int height = pdf_text(p->pdf, &(struct pdf_box){ LEFT, p->y, WIDE - AMOUNT_WIDE - 10, 11, is_bold, .lines = 2 },
			      what);

	pdf_text(p->pdf,
		 &(struct pdf_box){ LEFT + WIDE - AMOUNT_WIDE, p->y, AMOUNT_WIDE, 11, is_bold, .is_right = true },
		 amount);
	p->y += height + 8;
}

static void put_rule(struct paper *p)
{
	pdf_rule(p->pdf, LEFT, p->y, WIDE);
	p->y += 8;
}

static void put_sums(struct paper *p, const struct payment_invoice *invoice)
{
	struct str what = say(p, SAY_FEE);

	if (invoice->payments != 1)
		what = arena_printf(p->a, "%s %lld %s", say(p, SAY_FEES_OF).p, (long long)invoice->payments,
				    say(p, SAY_PAYMENTS).p);
	put_row(p, say(p, SAY_WHAT), say(p, SAY_AMOUNT), true);
	put_rule(p);
	put_row(p, what, amount_text(p, invoice->fees, invoice->cur), false);
	put_row(p, say(p, SAY_TAX), amount_text(p, 0, invoice->cur), false);
	put_rule(p);
	put_row(p, say(p, SAY_TOTAL), amount_text(p, invoice->fees, invoice->cur), true);
}

enum err payment_invoice_pdf(struct buf *b, struct arena *a, const struct payment_invoice_paper *paper)
{
	struct str from = clock_date(a, paper->invoice->from_us), day = clock_date(a, paper->invoice->to_us);
	struct str last = clock_date(a, paper->invoice->to_us - 1);
	struct paper p = { NULL, a, paper->language, LEFT };
	const struct pdf_about about = { arena_printf(a, "%.*s %.*s", STR_ARG(say(&p, SAY_INVOICE)),
						      STR_ARG(paper->id)),
					 paper->from, arena_printf(a, "%.*sT00:00:00Z", STR_ARG(day)) };

	p.pdf = pdf_new(b, &about);
	pdf_text(p.pdf, &(struct pdf_box){ LEFT, p.y + 8, WIDE, 11, .is_grey = true, .is_right = true }, paper->from);
	p.y += pdf_text(p.pdf, &(struct pdf_box){ LEFT, p.y, WIDE / 2, 24, .is_bold = true }, say(&p, SAY_INVOICE)) +
	       24;
	put_fact(&p, SAY_NUMBER, paper->id);
	put_fact(&p, SAY_DATE, day);
	put_fact(&p, SAY_PERIOD,
		 arena_printf(a, "%.*s \xE2\x80\x93 %.*s (%.*s)", STR_ARG(from), STR_ARG(last), STR_ARG(paper->zone)));
	put_fact(&p, SAY_TO, paper->to);
	p.y += 16;
	put_sums(&p, paper->invoice);
	p.y += 16;
	pdf_text(p.pdf, &(struct pdf_box){ LEFT, p.y, WIDE, 10, .is_grey = true, .lines = 3 }, say(&p, SAY_PAID));
	return pdf_end(p.pdf);
}

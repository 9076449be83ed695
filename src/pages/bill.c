/* pages/bill.c: amounts, and what is to be paid. */
#include "pages/pages_private.h"

#include "core/money_text.h"

void page_amount(struct page *p, int64_t micros, int currency)
{
	const struct money amount = { micros, { currency } };

	money_put_text(&p->x->reply, amount, p->language == LANGUAGE_FR ? MONEY_FRENCH : MONEY_ENGLISH);
}

static void put_sum(struct page *p, const struct page_bill *bill, enum word name, int64_t micros, const char *class)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<div class=\"");
	html_text(b, str_of(class));
	html_lit(b, "\"><dt>");
	html_text(b, word_in(p->language, name));
	html_lit(b, "</dt><dd>");
	page_amount(p, micros, bill->currency);
	html_lit(b, "</dd></div>\n");
}

void page_bill(struct page *p, const struct page_bill *bill)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<section class=\"bill\">");
	if (bill->item_name.n) {
		html_lit(b, "<h2>");
		html_text(b, bill->item_name);
		html_lit(b, "</h2>\n");
	}
	html_lit(b, "<dl>\n");
	put_sum(p, bill, WORD_PAY_NET, bill->item_amount, "row");
	put_sum(p, bill, WORD_PAY_TAX, bill->tax_amount, "row");
	put_sum(p, bill, WORD_PAY_TOTAL, bill->item_amount + bill->tax_amount, "row total");
	html_lit(b, "</dl></section>\n");
}

struct str page_seal(struct page *p, struct str text)
{
	enum { SEAL_BYTES = 16 };
	unsigned char hash[HASH_BYTES];
	struct buf b;

	crypto_keyed_hash(p->keys, text, hash);
	buf_init(&b, 2 * SEAL_BYTES);
	buf_hex(&b, hash, SEAL_BYTES);
	struct str seal = arena_str(&p->x->arena, buf_view(&b));
	buf_done(&b);
	return seal;
}

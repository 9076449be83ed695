/* pages/kyc_page.c: the check of an identity: a form with what the product asks for, then what becomes of it. */
#include "pages/pages_private.h"

#include "base/clock.h"
#include "base/limits.h"
#include "json/writer.h"

enum { VALUE_MOST = 200, DATE_CHARS = 10, MINUTE_CHARS = 5 };

static const struct form_field {
	enum kyc_field bit;
	const char *name, *type, *autocomplete;
	enum word word;
} form_fields[] = {
	{ KYC_FULL_NAME, "full_name", "text", "name", WORD_FULL_NAME },
	{ KYC_DATE_OF_BIRTH, "date_of_birth", "date", "bday", WORD_DATE_OF_BIRTH },
	{ KYC_NATIONALITY, "nationality", "text", "country-name", WORD_NATIONALITY },
	{ KYC_DOCUMENT_TYPE, "document_type", "text", "off", WORD_DOCUMENT_TYPE },
	{ KYC_DOCUMENT_NUMBER, "document_number", "text", "off", WORD_DOCUMENT_NUMBER },
	{ KYC_ADDRESS, "address", "text", "street-address", WORD_ADDRESS },
	{ KYC_EMAIL, "email", "email", "email", WORD_EMAIL },
};

static unsigned asked_of(const struct page *p)
{
	const struct product *product = p->public.get.view.product;

	return product && product->esim ? product->esim->kyc : 0;
}

struct str kyc_form(struct page *p)
{
	struct json_writer w;
	struct buf b;
	bool is_whole = query_parse(&p->x->arena, p->x->body, QUERY_PLUS_IS_SPACE, &p->form) == OK;

	buf_init(&b, LIMIT_BODY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	for (size_t i = 0; i < ARRAY_LEN(form_fields) && is_whole; i++) {
		struct str value = query_find(&p->form, form_fields[i].name);

		if (!(asked_of(p) & form_fields[i].bit))
			continue;
		is_whole = !str_is_blank(value) && value.n <= VALUE_MOST;
		json_str(&w, form_fields[i].name, value);
	}
	json_end(&w);
	struct str doc = is_whole ? arena_str(&p->x->arena, buf_view(&b)) : STR_NONE;
	buf_done(&b);
	return doc;
}

static void put_field(struct page *p, const struct form_field *field)
{
	struct str given = query_find(&p->form, field->name);
	struct buf *b = &p->x->reply;

	html_lit(b, "<label>");
	html_text(b, word_in(p->language, field->word));
	html_lit(b, "<input required maxlength=\"200\" type=\"");
	html_text(b, str_of(field->type));
	html_lit(b, "\" name=\"");
	html_text(b, str_of(field->name));
	html_lit(b, "\" autocomplete=\"");
	html_text(b, str_of(field->autocomplete));
	if (p->is_incomplete && given.p) {
		html_lit(b, "\" value=\"");
		html_text(b, given);
	}
	html_lit(b, "\"></label>\n");
}

static void put_deadline(struct page *p)
{
	struct buf *b = &p->x->reply;
	char text[40];
	struct buf date = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	clock_put_rfc3339(&date, p->public.get.view.order.expires_at, 0, "Z");
	html_lit(b, "<p>");
	html_text(b, word_in(p->language, WORD_KYC_UNTIL));
	buf_printf(b, " %.*s %.*s UTC.</p>\n", DATE_CHARS, text, MINUTE_CHARS, text + DATE_CHARS + 1);
}

static void put_form(struct page *p)
{
	struct buf *b = &p->x->reply;

	page_say(p, "lead", WORD_KYC_WHY);
	put_deadline(p);
	if (p->is_incomplete)
		page_say(p, "notice", WORD_KYC_MISSING);
	html_lit(b, "<form method=\"post\" action=\"");
	html_text(b, p->x->path);
	html_lit(b, "\">\n");
	for (size_t i = 0; i < ARRAY_LEN(form_fields); i++)
		if (asked_of(p) & form_fields[i].bit)
			put_field(p, &form_fields[i]);
	html_lit(b, "<button>");
	html_text(b, word_in(p->language, WORD_SEND));
	html_lit(b, "</button>\n");
	page_say(p, "care", WORD_KYC_CARE);
	html_lit(b, "</form>\n");
}

void kyc_page(struct page *p)
{
	const struct order_view *view = &p->public.get.view;
	int state = view->extras ? view->extras->kyc : 0;

	page_begin(p, WORD_KYC);
	if (view->order.state == ORDER_AWAITING_KYC && state == KYC_OPEN)
		put_form(p);
	else if (view->order.state == ORDER_AWAITING_KYC)
		page_say(p, "lead", WORD_KYC_SENT);
	else if (state == KYC_APPROVED)
		page_say(p, "lead", WORD_KYC_DONE);
	else
		page_say(p, "notice", WORD_KYC_OVER);
	page_end(p);
}

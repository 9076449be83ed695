/* pages/kyc_page.c: the check of an identity: a form with what the product asks for, then what becomes of it. */
#include "pages/pages_private.h"

#include "base/clock.h"
#include "base/limits.h"
#include "core/message.h"
#include "json/writer.h"

enum { VALUE_MOST = 200, TIME_AT = 11, TIME_CHARS = 5 };

static const struct form_field {
	enum kyc_field bit;
	const char *name, *type, *autocomplete; /* type NULL: one of document_types */
	enum word word;
} form_fields[] = {
	{ KYC_FULL_NAME, "full_name", "text", "name", WORD_FULL_NAME },
	{ KYC_DATE_OF_BIRTH, "date_of_birth", "date", "bday", WORD_DATE_OF_BIRTH },
	{ KYC_NATIONALITY, "nationality", "text", "country-name", WORD_NATIONALITY },
	{ KYC_DOCUMENT_TYPE, "document_type", NULL, "off", WORD_DOCUMENT_TYPE },
	{ KYC_DOCUMENT_NUMBER, "document_number", "text", "off", WORD_DOCUMENT_NUMBER },
	{ KYC_ADDRESS, "address", "text", "street-address", WORD_ADDRESS },
	{ KYC_EMAIL, "email", "email", "email", WORD_EMAIL },
};

static const struct document_type {
	const char *value;
	enum word word;
} document_types[] = {
	{ "passport", WORD_PASSPORT },
	{ "identity_card", WORD_IDENTITY_CARD },
	{ "residence_permit", WORD_RESIDENCE_PERMIT },
	{ "driving_licence", WORD_DRIVING_LICENCE },
};

static unsigned asked_of(const struct page *p)
{
	const struct product *product = p->public.get.view.product;

	return product && product->esim ? product->esim->kyc : 0;
}

static bool is_document_type(struct str value)
{
	for (size_t i = 0; i < ARRAY_LEN(document_types); i++)
		if (str_is(value, document_types[i].value))
			return true;
	return false;
}

/* The browser checks the same; a person who has none of that, or another program, is told here. */
static bool is_good(const struct page *p, const struct form_field *field)
{
	struct str value = query_find(&p->form, field->name);
	int64_t born_us;

	if (str_is_blank(value) || value.n > VALUE_MOST)
		return false;
	if (field->bit == KYC_DATE_OF_BIRTH)
		return clock_parse_date(value, &born_us) == OK && born_us < p->now_us;
	if (field->bit == KYC_EMAIL)
		return mail_address_is_ok(value);
	return field->type || is_document_type(value);
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
		if (!(asked_of(p) & form_fields[i].bit))
			continue;
		is_whole = is_good(p, &form_fields[i]);
		json_str(&w, form_fields[i].name, query_find(&p->form, form_fields[i].name));
	}
	json_end(&w);
	struct str doc = is_whole ? arena_str(&p->x->arena, buf_view(&b)) : STR_NONE;
	buf_done(&b);
	return doc;
}

static void put_attribute(struct buf *b, const char *name, struct str value)
{
	buf_printf(b, " %s=\"", name);
	html_text(b, value);
	buf_char(b, '"');
}

static void put_choices(struct page *p, struct str given)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<option value=\"\">");
	html_text(b, word_in(p->language, WORD_CHOOSE));
	html_lit(b, "</option>");
	for (size_t i = 0; i < ARRAY_LEN(document_types); i++) {
		html_lit(b, "<option");
		put_attribute(b, "value", str_of(document_types[i].value));
		if (str_is(given, document_types[i].value))
			html_lit(b, " selected");
		html_lit(b, ">");
		html_text(b, word_in(p->language, document_types[i].word));
		html_lit(b, "</option>");
	}
	html_lit(b, "</select>");
}

static void put_field(struct page *p, const struct form_field *field)
{
	struct str given = query_find(&p->form, field->name);
	struct buf *b = &p->x->reply;

	html_lit(b, "<label>");
	html_text(b, word_in(p->language, field->word));
	if (field->type)
		html_lit(b, "<input maxlength=\"200\"");
	else
		html_lit(b, "<select");
	html_lit(b, " required");
	put_attribute(b, "name", str_of(field->name));
	put_attribute(b, "autocomplete", str_of(field->autocomplete));
	if (p->is_incomplete && !is_good(p, field))
		html_lit(b, " aria-invalid=\"true\"");
	if (field->type) {
		put_attribute(b, "type", str_of(field->type));
		if (p->is_incomplete && given.p)
			put_attribute(b, "value", given);
	}
	html_lit(b, ">");
	if (!field->type)
		put_choices(p, p->is_incomplete ? given : STR_NONE);
	html_lit(b, "</label>\n");
}

static void put_deadline(struct page *p)
{
	struct buf *b = &p->x->reply;
	int64_t until_us = p->public.get.view.order.expires_at;
	char text[40];
	struct buf date = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	clock_put_rfc3339(&date, until_us, 0, "Z");
	html_lit(b, "<p>");
	html_text(b, word_in(p->language, WORD_KYC_UNTIL));
	buf_char(b, ' ');
	word_date(b, p->language, until_us);
	buf_printf(b, ", %.*s UTC.</p>\n", TIME_CHARS, text + TIME_AT);
}

/* Where the customer goes to be checked by somebody else; absent = nowhere. */
static struct str provider_page(const struct page *p)
{
	static const struct str mark = { "{check}", 7 };
	const struct pages_options *options = &p->pages->options;
	struct str token = str_skip(p->x->path, STR("/kyc/").n);

	for (size_t i = 0; i < options->kyc_provider_count; i++) {
		struct str url = options->kyc_providers[i].page;
		size_t at = 0;

		while (at < url.n && !str_starts(str_skip(url, at), mark))
			at++;
		if (at < url.n)
			return arena_printf(&p->x->arena, "%.*s%.*s%.*s", (int)at, url.p, STR_ARG(token),
					    STR_ARG(str_skip(url, at + mark.n)));
	}
	return STR_NONE;
}

static void put_way_to_provider(struct page *p, struct str url)
{
	struct buf *b = &p->x->reply;

	page_say(p, "lead", WORD_KYC_WHY);
	put_deadline(p);
	html_lit(b, "<section>\n");
	page_say(p, "lead", WORD_KYC_PROVIDER);
	html_lit(b, "<a class=\"button\" rel=\"noreferrer\"");
	put_attribute(b, "href", url);
	html_lit(b, ">");
	html_text(b, word_in(p->language, WORD_KYC_CONTINUE));
	html_lit(b, "</a></section>\n");
}

static void put_form(struct page *p)
{
	struct buf *b = &p->x->reply;

	page_say(p, "lead", WORD_KYC_WHY);
	put_deadline(p);
	if (p->is_incomplete)
		page_alert(p, WORD_KYC_MISSING);
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
	struct str elsewhere = provider_page(p);
	if (view->order.state == ORDER_AWAITING_KYC && state == KYC_OPEN && elsewhere.p)
		put_way_to_provider(p, elsewhere);
	else if (view->order.state == ORDER_AWAITING_KYC && state == KYC_OPEN)
		put_form(p);
	else if (view->order.state == ORDER_AWAITING_KYC)
		page_say(p, "lead", WORD_KYC_SENT);
	else if (state == KYC_APPROVED)
		page_say(p, "lead", WORD_KYC_DONE);
	else
		page_say(p, "notice", WORD_KYC_OVER);
	page_end(p);
}

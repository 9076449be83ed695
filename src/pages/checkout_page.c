/* pages/checkout_page.c: how a payment looks to whoever shall pay it. */
#include "pages/checkout.h"

#include "service/payment_link.h"

enum { LOOK_AGAIN_SECONDS = 4 };

/* A field that can be wrong: its input, and what is said of it. The first number is the bit's. */
static const struct card_input {
	const char *name, *autocomplete;
	enum word label, hint;
	bool has_hint;
	const char *most;
} card_inputs[] = {
	{ "number", "cc-number", WORD_PAY_NUMBER, WORD_PAY_NUMBER, false, "23" },
	{ "expiry", "cc-exp", WORD_PAY_EXPIRY, WORD_PAY_EXPIRY_HOW, true, "9" },
	{ "code", "cc-csc", WORD_PAY_CODE, WORD_PAY_CODE_HOW, true, "4" },
};

static const struct card_saying {
	enum card_fault fault;
	const char *name;
	enum word word;
} card_sayings[] = {
	{ CARD_NUMBER, "number", WORD_PAY_WRONG_NUMBER },
	{ CARD_NOT_TEST, "number", WORD_PAY_WRONG_TEST },
	{ CARD_EXPIRY, "expiry", WORD_PAY_WRONG_EXPIRY },
	{ CARD_CODE, "code", WORD_PAY_WRONG_CODE },
};

/* How an end looks. The text of a state that has an entry more than once is that of its cause. */
static const struct ending {
	enum payment_state state;
	enum payment_cause cause; /* CAUSE_NONE: any */
	enum word title, why;
	const char *class;
	int status;
} endings[] = {
	{ PAYMENT_PAID, CAUSE_NONE, WORD_PAY_PAID, WORD_PAY_PAID_WHY, "good", 200 },
	{ PAYMENT_REFUNDING, CAUSE_NONE, WORD_PAY_PAID, WORD_PAY_PAID_WHY, "good", 200 },
	{ PAYMENT_REFUNDED, CAUSE_NONE, WORD_PAY_REFUNDED, WORD_PAY_REFUNDED_WHY, "good", 200 },
	{ PAYMENT_DENIED, CAUSE_NONE, WORD_PAY_DENIED, WORD_PAY_DENIED_WHY, "notice", 200 },
	{ PAYMENT_CANCELLED, CAUSE_EXPIRED, WORD_PAY_EXPIRED, WORD_PAY_EXPIRED_WHY, "notice", 410 },
	{ PAYMENT_CANCELLED, CAUSE_NONE, WORD_PAY_CANCELLED, WORD_PAY_CANCELLED_WHY, "notice", 200 },
	{ PAYMENT_ERROR, CAUSE_NONE, WORD_PAY_ERROR, WORD_PAY_ERROR_WHY, "notice", 200 },
};

static const struct payment *payment_of(const struct page *p)
{
	return &p->checkout->view->payment;
}

static void say(struct page *p, enum word word)
{
	html_text(&p->x->reply, word_in(p->language, word));
}

const struct payment_attempt *checkout_last_attempt(const struct page *p)
{
	const struct payment_view *view = p->checkout->view;

	return view->attempt_count ? &view->attempts[view->attempt_count - 1] : NULL;
}

static void put_bill(struct page *p)
{
	const struct payment *payment = payment_of(p);

	page_bill(p, &(struct page_bill){ payment->item_name, payment->currency, payment->item_amount,
					  payment->tax_amount });
}

/* Opens a form that only this page could have made. */
static void put_form_head(struct page *p, const char *class)
{
	int64_t tries = payment_of(p)->attempts;
	struct buf *b = &p->x->reply;

	html_lit(b, "<form method=\"post\" class=\"");
	html_text(b, str_of(class));
	html_lit(b, "\" action=\"");
	html_text(b, p->x->path);
	buf_printf(b, "\">\n<input type=\"hidden\" name=\"tries\" value=\"%lld\">", (long long)tries);
	html_lit(b, "<input type=\"hidden\" name=\"seal\" value=\"");
	html_text(b, checkout_seal(p, tries));
	html_lit(b, "\">\n");
}

static void put_cancel(struct page *p)
{
	struct buf *b = &p->x->reply;

	put_form_head(p, "plain");
	html_lit(b, "<button class=\"quiet\" name=\"action\" value=\"cancel\">");
	say(p, WORD_PAY_CANCEL);
	html_lit(b, "</button></form>\n");
}

/* What is wrong with a field, if anything; the input refers to it by its id. */
static const enum word *fault_of(const struct page *p, const char *name)
{
	static const enum word wrong_email = WORD_PAY_WRONG_EMAIL;
	const struct checkout_form *form = &p->checkout->form;

	if (str_is(str_of(name), "email"))
		return form->email_fault ? &wrong_email : NULL;
	for (size_t i = 0; i < ARRAY_LEN(card_sayings); i++)
		if (form->card_faults >> card_sayings[i].fault & 1 && str_is(str_of(name), card_sayings[i].name))
			return &card_sayings[i].word;
	return NULL;
}

static void put_note(struct page *p, const char *name, const char *kind, enum word word)
{
	struct buf *b = &p->x->reply;

	buf_printf(b, "<span class=\"%s\" id=\"%s-%s\">", kind, name, kind);
	say(p, word);
	html_lit(b, "</span>");
}

/* Label, hint and fault of a field; then the beginning of its input, which the caller closes. */
static void put_field_head(struct page *p, const char *name, enum word label, const enum word *hint)
{
	const enum word *fault = fault_of(p, name);
	struct buf *b = &p->x->reply;

	buf_printf(b, "<div class=\"field\"><label for=\"%s\">", name);
	say(p, label);
	html_lit(b, "</label>");
	if (hint)
		put_note(p, name, "hint", *hint);
	if (fault)
		put_note(p, name, "fault", *fault);
	buf_printf(b, "<input id=\"%s\" name=\"%s\"", name, name);
	if (hint || fault)
		buf_printf(b, " aria-describedby=\"%s%s%s%s%s\"", fault ? name : "", fault ? "-fault" : "",
			   hint && fault ? " " : "", hint ? name : "", hint ? "-hint" : "");
	if (fault)
		html_lit(b, " aria-invalid=\"true\"");
}

/* A card's fields are empty each time: what was typed into them is not sent back. */
static void put_card(struct page *p)
{
	struct buf *b = &p->x->reply;

	html_lit(b, "<fieldset><legend>");
	say(p, WORD_PAY_CARD);
	html_lit(b, "</legend>\n<p class=\"test\">");
	say(p, WORD_PAY_TEST);
	html_lit(b, "</p>\n");
	for (size_t i = 0; i < ARRAY_LEN(card_inputs); i++) {
		const struct card_input *in = &card_inputs[i];

		put_field_head(p, in->name, in->label, in->has_hint ? &in->hint : NULL);
		buf_printf(b, " required inputmode=\"numeric\" autocomplete=\"%s\" maxlength=\"%s\"></div>\n",
			   in->autocomplete, in->most);
	}
	html_lit(b, "</fieldset>\n");
}

static void put_payer(struct page *p)
{
	const struct payment *payment = payment_of(p);
	const struct checkout_form *form = &p->checkout->form;
	const enum word hint = WORD_PAY_EMAIL_WHY;
	struct buf *b = &p->x->reply;

	html_lit(b, "<fieldset><legend>");
	say(p, WORD_PAY_YOU);
	html_lit(b, "</legend>\n<dl>\n");
	html_pair(b, word_in(p->language, WORD_PAY_NAME), payment->customer_name);
	html_pair(b, word_in(p->language, WORD_PAY_PHONE), payment->customer_phone);
	html_lit(b, "</dl>\n");
	put_field_head(p, "email", WORD_PAY_EMAIL, &hint);
	html_lit(b, " type=\"email\" autocomplete=\"email\" maxlength=\"254\" value=\"");
	html_text(b, form->is_ours ? form->email : payment->customer_email);
	html_lit(b, "\"></div>\n</fieldset>\n");
}

/* What was wrong, first on the page and with links to the places. */
static void put_faults(struct page *p)
{
	static const char *const names[] = { "email", "number", "expiry", "code" };
	struct buf *b = &p->x->reply;

	html_lit(b, "<div class=\"notice\" role=\"alert\" id=\"faults\"><p>");
	say(p, WORD_PAY_WRONG);
	html_lit(b, "</p><ul>\n");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const enum word *fault = fault_of(p, names[i]);

		if (!fault)
			continue;
		buf_printf(b, "<li><a href=\"#%s\">", names[i]);
		say(p, *fault);
		html_lit(b, "</a></li>\n");
	}
	html_lit(b, "</ul></div>\n");
}

/* How the last try ended, when another one may follow. */
static void put_last_try(struct page *p)
{
	const struct payment_attempt *a = checkout_last_attempt(p);
	struct buf *b = &p->x->reply;

	if (!a)
		return;
	html_lit(b, "<div class=\"notice\" role=\"alert\"><p>");
	say(p, a->state == PAYTRY_REFUSED ? WORD_PAY_REFUSED : WORD_PAY_ABANDONED);
	if (a->reason.n) {
		html_lit(b, " (");
		html_text(b, a->reason);
		html_lit(b, ")");
	}
	html_lit(b, "</p><p>");
	say(p, WORD_PAY_TRY_AGAIN);
	html_lit(b, "</p></div>\n");
}

static void put_pending(struct page *p)
{
	const struct checkout *c = p->checkout;
	struct buf *b = &p->x->reply;

	if (p->x->status == 403)
		page_say(p, "notice", WORD_PAY_OLD_FORM);
	else if (c->form.card_faults || c->form.email_fault)
		put_faults(p);
	else
		put_last_try(p);
	put_bill(p);
	if (!c->provider) {
		page_say(p, "notice", WORD_PAY_NOWHERE);
	} else {
		put_form_head(p, "pay");
		put_payer(p);
		if (c->provider->driver == &provider_sandbox)
			put_card(p);
		html_lit(b, "<button name=\"action\" value=\"pay\">");
		say(p, WORD_PAY_BUTTON);
		html_lit(b, " ");
		page_amount(p, payment_total(payment_of(p)), payment_of(p)->currency);
		html_lit(b, "</button></form>\n");
	}
	put_cancel(p);
}

static void put_paying(struct page *p)
{
	const struct payment_attempt *a = checkout_last_attempt(p);
	bool is_away = a && a->state == PAYTRY_WAITING && a->next_url.n;
	struct buf *b = &p->x->reply;

	put_bill(p);
	if (!is_away) {
		html_lit(b, "<p class=\"notice\" role=\"status\">");
		say(p, WORD_PAY_BUSY_WHY);
		html_lit(b, "</p>\n");
		return;
	}
	page_say(p, "lead", WORD_PAY_AWAY);
	html_lit(b, "<a class=\"button\" rel=\"noreferrer\" href=\"");
	html_text(b, a->next_url);
	html_lit(b, "\">");
	say(p, WORD_PAY_CONTINUE);
	html_lit(b, "</a>\n");
	put_cancel(p);
}

static const struct ending *ending_of(const struct payment *payment)
{
	for (size_t i = 0; i < ARRAY_LEN(endings); i++)
		if ((int)endings[i].state == payment->state &&
		    (endings[i].cause == CAUSE_NONE || (int)endings[i].cause == payment->cause))
			return &endings[i];
	return NULL;
}

static void put_contact_link(struct buf *b, const char *scheme, struct str address)
{
	html_lit(b, " <a href=\"");
	html_text(b, str_of(scheme));
	html_text(b, address);
	html_lit(b, "\">");
	html_text(b, address);
	html_lit(b, "</a>");
}

/* Whom to ask when a link does not do what it should (mobip.md 7). */
static void put_contact(struct page *p)
{
	const struct payment_view *view = p->checkout->view;
	bool has_mail = mail_address_is_ok(view->merchant_email);
	struct buf *b = &p->x->reply;

	if (!has_mail && !view->merchant_phone.n)
		return;
	html_lit(b, "<p class=\"care\">");
	say(p, WORD_PAY_CONTACT);
	if (has_mail)
		put_contact_link(b, "mailto:", view->merchant_email);
	if (view->merchant_phone.n)
		put_contact_link(b, "tel:", view->merchant_phone);
	html_lit(b, "</p>\n");
}

static void put_ending(struct page *p, const struct ending *ending)
{
	const struct payment *payment = payment_of(p);
	struct buf *b = &p->x->reply;

	html_lit(b, "<div class=\"");
	html_text(b, str_of(ending->class));
	html_lit(b, "\" role=\"status\"><p>");
	say(p, ending->why);
	if (payment->cause == CAUSE_PROVIDER && payment->reason.n) {
		html_lit(b, " (");
		html_text(b, payment->reason);
		html_lit(b, ")");
	}
	html_lit(b, "</p></div>\n");
	put_bill(p);
	put_contact(p);
	if (!payment->redirect_url.n)
		return;
	html_lit(b, "<a class=\"button\" rel=\"noreferrer\" href=\"");
	html_text(b, payment_end_url(p->keys, &p->x->arena, payment->redirect_url, payment));
	html_lit(b, "\">");
	say(p, WORD_PAY_BACK);
	html_lit(b, "</a>\n");
}

/* Whether the page should look again by itself: nothing is left for the payer to do. */
static bool looks_again(const struct page *p)
{
	const struct payment_attempt *a = checkout_last_attempt(p);

	return payment_of(p)->state == PAYMENT_PAYING && a && a->state != PAYTRY_WAITING;
}

void checkout_page(struct page *p)
{
	const struct payment *payment = payment_of(p);
	const struct ending *ending = ending_of(payment);
	bool busy = looks_again(p);
	struct buf *b = &p->x->reply;

	if (ending && p->x->status == 200)
		p->x->status = ending->status;
	page_open(p, ending ? ending->title : WORD_PAYMENT, busy ? LOOK_AGAIN_SECONDS : 0);
	html_lit(b, "<p class=\"merchant\">");
	html_text(b, p->checkout->view->merchant_name);
	html_lit(b, "</p>\n<h1>");
	say(p, ending ? ending->title : busy ? WORD_PAY_BUSY : WORD_PAYMENT);
	html_lit(b, "</h1>\n");
	if (ending)
		put_ending(p, ending);
	else if (payment->state == PAYMENT_PAYING)
		put_paying(p);
	else
		put_pending(p);
	page_end(p);
}

/* Browsers hold the whole chain of redirects after a form against this list. It ends on the merchant's site, and where
 * that sends its visitors on is not ours to know; so its scheme is named and not its host. */
struct str checkout_form_targets(struct page *p)
{
	struct str url = payment_of(p)->redirect_url;

	if (!url.n)
		return STR("'self'");
	return str_starts(url, STR("http://")) ? STR("'self' https: http:") : STR("'self' https:");
}

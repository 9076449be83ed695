/* service/payment_message.c: what is said about payment requests: the request, once more by plan or when the merchant
 * asks for it, and the receipt (mobip.md 5, 6). */
#include "service/payment_unit.h"

#include "base/clock.h"
#include "core/money_text.h"
#include "service/message_unit.h"
#include "service/public.h"

/* An SMS of 160 characters has room for a link, an amount, our words, and about so much of theirs. */
enum { SMS_MERCHANT_CHARS = 18, SMS_ITEM_CHARS = 24, TEXT_MOST_BYTES = 128 };
#define NO_BREAK_SPACE "\xC2\xA0"
#define ELLIPSIS "..."

/* ---- what a payment adds to its messages ---- */

static void subject_need(struct unit *u, int64_t payment_id)
{
	unit_need(u, NOUN_PAYMENT, payment_id);
}

/* An attempt at the provider may still come to nothing, so it does not end the plan; until_us does. */
static bool subject_wants(struct unit *u, const struct message *m)
{
	const struct payment *p = unit_find(u, NOUN_PAYMENT, m->subject_id);

	if (!p)
		return false;
	return m->kind == MESSAGE_RECEIPT ? payment_is_credited((enum payment_state)p->state)
					  : !payment_is_final((enum payment_state)p->state);
}

/* At most so many characters. */
static struct str clipped(struct arena *a, struct str text, size_t most)
{
	size_t n = 0, begun = 0;

	if (str_codepoints(text) <= most)
		return arena_str(a, text);
	for (; n < text.n; n++) {
		bool begins = ((unsigned char)text.p[n] & 0xc0) != 0x80;

		if (begins && begun++ == most - strlen(ELLIPSIS))
			break;
	}
	return arena_printf(a, "%.*s" ELLIPSIS, (int)n, text.p);
}

/* The space that does not break is none of the GSM's 7 bits: with it an SMS has room for 70 characters, not 160. */
static struct str without_no_break(struct arena *a, struct str text)
{
	struct str rest = text;
	char *p = arena_alloc(a, text.n + 1);
	size_t n = 0;

	while (rest.n) {
		bool is_space = str_starts(rest, STR(NO_BREAK_SPACE));

		p[n++] = is_space ? ' ' : rest.p[0];
		rest = str_skip(rest, is_space ? strlen(NO_BREAK_SPACE) : 1);
	}
	return (struct str){ p, n };
}

static struct str amount_text(struct arena *a, const struct payment *p, enum language language)
{
	struct money total = { payment_total(p), { p->currency } };
	struct buf b;

	buf_init(&b, TEXT_MOST_BYTES);
	money_put_text(&b, total, language == LANGUAGE_FR ? MONEY_FRENCH : MONEY_ENGLISH);
	struct str text = arena_str(a, buf_view(&b));
	buf_done(&b);
	return text;
}

static enum err subject_values(struct unit *u, struct arena *a, const struct message *m, struct message_values *list)
{
	const struct payment *p = unit_find(u, NOUN_PAYMENT, m->subject_id);
	const struct partner *partner = directory_partner(u->directory, p->partner_id);
	struct str merchant = partner ? partner->name : STR("");
	struct str amount = amount_text(a, p, (enum language)m->language);
	bool is_sms = m->medium == MEDIUM_SMS;

	message_value_add(list, "merchant", is_sms ? clipped(a, merchant, SMS_MERCHANT_CHARS) : arena_str(a, merchant));
	message_value_add(list, "item", is_sms ? clipped(a, p->item_name, SMS_ITEM_CHARS) : arena_str(a, p->item_name));
	message_value_add(list, "amount", is_sms ? without_no_break(a, amount) : amount);
	return OK;
}

const struct message_subject message_subject_payment = { .need = subject_need,
							 .wants = subject_wants,
							 .values = subject_values };

/* ---- queueing ---- */

static enum err refuse(struct task *t, enum err e, const char *sentence)
{
	t->detail = str_of(sentence);
	return e;
}

enum err payment_can_ask(struct unit *u, struct task *t, enum payment_media media, struct str email, struct str phone)
{
	if (media == MEDIA_SMS && !phone_number_is_ok(phone))
		return refuse(t, ERR_ADDRESS_MISSING, "No phone number for SMS");
	if (media == MEDIA_EMAIL && !mail_address_is_ok(email))
		return refuse(t, ERR_ADDRESS_MISSING, "No e-mail address for EMAIL");
	return message_can_leave(u, t->partner_id, media == MEDIA_SMS ? MEDIUM_SMS : MEDIUM_MAIL)
		       ? OK
		       : ERR_METHOD_NOT_SUPPORTED;
}

static struct message_new message_of(const struct payment *p, enum message_kind kind, enum medium medium)
{
	return (struct message_new){ .about = ABOUT_PAYMENT,
				     .subject_id = p->id,
				     .partner_id = p->partner_id,
				     .kind = kind,
				     .medium = medium,
				     .language = p->language == PAY_FR ? LANGUAGE_FR : LANGUAGE_EN,
				     .to = medium == MEDIUM_SMS ? p->customer_phone : p->customer_email,
				     .name = p->customer_name };
}

void payment_ask(struct unit *u, const struct payment *p, enum message_kind kind, enum payment_media media,
		 const char *base_url)
{
	const struct message_value link = { STR("link"),
					    public_link(u->keys, &u->arena, base_url, PUBLIC_PAYMENT, p->id, 0, "") };
	struct message_new m = message_of(p, kind, media == MEDIA_SMS ? MEDIUM_SMS : MEDIUM_MAIL);

	m.values = &link;
	m.value_count = 1;
	m.until_us = p->expires_at;
	/* The plan hangs on the first message: what is asked for by hand neither counts nor shifts it. */
	if (kind == MESSAGE_PAYMENT && p->retry_period) {
		m.every_us = SECONDS_US((int64_t)p->retry_period * 24 * 3600);
		m.repeats = p->retry_attempts;
	}
	message_add(u, &m);
}

void payment_receipt(struct unit *u, const struct payment *p)
{
	const struct message_new m = message_of(p, MESSAGE_RECEIPT, MEDIUM_MAIL);

	if (mail_address_is_ok(p->customer_email) && message_can_leave(u, p->partner_id, MEDIUM_MAIL))
		message_add(u, &m);
}

/* ---- once more, by hand ---- */

static void resend_need(struct unit *u, const struct task *t)
{
	unit_need_partner(u, t->partner_id);
	payment_need(u, ((const struct payment_resend *)t->command)->id);
}

static void resend_need_more(struct unit *u, const struct task *t)
{
	payment_need_more(u, ((const struct payment_resend *)t->command)->id);
}

/* Whether anything was sent, or queued to be, within the minute, whichever way. */
static bool was_just_asked(struct unit *u, const struct payment *p)
{
	static const enum medium media[] = { MEDIUM_MAIL, MEDIUM_SMS };

	for (size_t i = 0; i < ARRAY_LEN(media); i++) {
		const struct message *last = message_last(u, ABOUT_PAYMENT, p->id, media[i], STR_NONE);

		if (last && u->now_us < message_again_us(last->created_at))
			return true;
	}
	return false;
}

static enum err resend_act(struct unit *u, struct task *t)
{
	struct payment_resend *r = t->command;
	const struct payment *p = payment_owned(u, t->partner_id, r->id);

	if (!p)
		return ERR_PAYMENT_NOT_FOUND;
	payment_view(u, t->arena, p, &r->view);
	if (r->view.payment.cause == CAUSE_EXPIRED)
		return ERR_PAYMENT_EXPIRED;
	if (payment_is_final((enum payment_state)p->state))
		return ERR_PAYMENT_FINAL;
	if (u->now_us >= p->expires_at)
		return ERR_PAYMENT_EXPIRED; /* it is with the provider */
	enum err e = payment_can_ask(u, t, r->media, p->customer_email, p->customer_phone);
	if (e)
		return e;
	if (was_just_asked(u, p))
		return ERR_RATE_LIMITED;

	/* From here nothing can fail. */
	payment_ask(u, p, MESSAGE_PAYMENT_AGAIN, r->media, r->base_url);
	return OK;
}

const struct verb verb_payment_resend = {
	.name = "payment.resend", .need = resend_need, .need_more = resend_need_more, .act = resend_act
};

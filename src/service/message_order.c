/* service/message_order.c: what is said about orders of eSIMs: to the customer, once there is something to say. */
#include "service/esim_unit.h"

#include "base/clock.h"
#include "service/message_unit.h"
#include "service/public.h"
#include "json/reader.h"

/* Before the end of an identity check. */
static const int64_t reminders_us[] = { SECONDS_US(12 * 3600), SECONDS_US(2 * 3600) };

/* ---- what an order adds to its messages ---- */

static void order_need(struct unit *u, int64_t order_id)
{
	order_need_view(u, order_id);
}

static void order_need_more(struct unit *u, int64_t order_id)
{
	const struct order *o = unit_find(u, NOUN_ORDER, order_id);

	if (o)
		order_need_extras(u, o);
}

static bool awaits_customer(struct unit *u, const struct order *o)
{
	const struct kyc_check *check = unit_find(u, NOUN_KYC, o->id);

	return o->state == ORDER_AWAITING_KYC && u->now_us < o->expires_at && check && check->state == KYC_OPEN;
}

static bool order_wants(struct unit *u, const struct message *m)
{
	const struct order *o = unit_find(u, NOUN_ORDER, m->subject_id);

	if (!o || m->kind == MESSAGE_TEXT)
		return o != NULL;
	if (m->kind == MESSAGE_KYC || m->kind == MESSAGE_KYC_REMINDER)
		return awaits_customer(u, o);
	return order_has_paid((enum order_state)o->state);
}

/* "LPA:1$host$code": what is typed by hand where nothing can be scanned. */
static void add_code(struct message_values *list, struct str lpa)
{
	struct str rest = lpa;

	message_value_add(list, "lpa", lpa);
	str_cut(&rest, '$');
	message_value_add(list, "host", str_cut(&rest, '$'));
	message_value_add(list, "code", rest);
}

static enum err add_profile(struct unit *u, struct arena *a, const struct esim *esim, struct message_values *list)
{
	static const char *const names[] = { "apn", "pin" };
	struct str plain;
	struct json doc;
	enum err e = esim_profile_open(u->keys, a, esim, &plain);

	if (!e && json_read(a, plain, NULL, &doc))
		e = ERR_SEALED;
	if (e)
		return e;
	add_code(list, json_text(a, json_get(json_root(&doc), "code")));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		message_value_add(list, names[i], json_text(a, json_get(json_root(&doc), names[i])));
	return OK;
}

static struct str moment(struct arena *a, int64_t us)
{
	enum { MINUTE_CHARS = 16 };
	char text[40];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	clock_put_rfc3339(&b, us, 0, "Z");
	text[MINUTE_CHARS - 6] = ' ';
	return arena_printf(a, "%.*s UTC", MINUTE_CHARS, text);
}

static enum err order_values(struct unit *u, struct arena *a, const struct message *m, struct message_values *list)
{
	const struct order *o = unit_find(u, NOUN_ORDER, m->subject_id);
	const struct partner *partner = directory_partner(u->directory, o->partner_id);
	int locale = locale_find(language_code((enum language)m->language));

	if (m->kind == MESSAGE_TEXT)
		return OK;
	enum err e = order_need_product(u, u->catalog, o);
	if (e)
		return e;
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);
	message_value_add(list, "merchant", partner ? arena_str(a, partner->name) : STR_NONE);
	message_value_add(list, "order", arena_str(a, order_reference(o)));
	if (p)
		message_value_add(list, "product",
				  arena_str(a, product_name(p, locale < 0 ? LOCALE_DEFAULT : locale, NULL)));
	message_value_add(list, "until", moment(a, o->expires_at));
	const struct esim *esim = unit_find(u, NOUN_ESIM, o->root_id ? o->root_id : o->id);
	if (esim)
		message_value_add(list, "iccid", arena_str(a, esim->iccid));
	return esim && m->kind == MESSAGE_ESIM ? add_profile(u, a, esim, list) : OK;
}

const struct message_subject message_subject_order = { order_need, order_need_more, order_wants, order_values };

void message_follow_order(struct unit *u, const struct order *o)
{
	enum order_state state = (enum order_state)o->state;

	if (order_has_paid(state))
		message_release_all(u, ABOUT_ORDER, o->id);
	else if (order_is_final(state))
		message_drop_all(u, ABOUT_ORDER, o->id);
}

/* ---- a mail to the customer ---- */

static void need(struct unit *u, const struct task *t, const struct order_name *name)
{
	unit_need_partner(u, t->partner_id);
	name_need(u, t, name);
}

static void need_more(struct unit *u, const struct task *t, const struct order_name *name)
{
	const struct order *o = name_find(u, t, name);

	name_need_view(u, t, name);
	if (o)
		message_need(u, o->id);
}

static void mail_need(struct unit *u, const struct task *t)
{
	need(u, t, &((const struct order_mail *)t->command)->name);
}

static void mail_need_more(struct unit *u, const struct task *t)
{
	need_more(u, t, &((const struct order_mail *)t->command)->name);
}

static enum err refuse(struct task *t, enum err e, const char *sentence)
{
	t->detail = str_of(sentence);
	return e;
}

static bool is_wrong_address(struct str to)
{
	return to.p && !mail_address_is_ok(to);
}

/* What an order's category is told with. */
static enum message_kind kind_of(struct unit *u, const struct order *o)
{
	const struct product *p = engine_product(u->engine, u->catalog, o->product_id, o->product_batch);

	return p && p->esim && p->esim->category == ESIM_ADDON ? MESSAGE_TOP_UP : MESSAGE_ESIM;
}

/* One more for the same address. */
struct letter {
	const struct order_mail *command;
	const struct order *order;
	struct str to, name;
};

static void add_mail(struct unit *u, const struct letter *letter, enum message_kind kind, int64_t due_us, bool waits)
{
	const struct order *o = letter->order;
	const struct partner *partner = directory_partner(u->directory, o->partner_id);
	bool is_kyc = kind == MESSAGE_KYC || kind == MESSAGE_KYC_REMINDER;
	struct str link = is_kyc ? public_link(u->keys, &u->arena, letter->command->base_url, PUBLIC_KYC, o->id, 0, "")
				 : public_link(u->keys, &u->arena, letter->command->base_url, PUBLIC_ESIM,
					       o->root_id ? o->root_id : o->id, 1, "");
	const struct message_value value = { STR("link"), link };

	message_add(u, &(struct message_new){ .about = ABOUT_ORDER,
					      .subject_id = o->id,
					      .partner_id = o->partner_id,
					      .kind = kind,
					      .medium = MEDIUM_MAIL,
					      .language = language_of(partner ? partner->locale : STR_NONE, STR_NONE),
					      .to = letter->to,
					      .name = letter->name,
					      .values = &value,
					      .value_count = 1,
					      .due_us = due_us,
					      .is_quiet = kind == MESSAGE_KYC_REMINDER,
					      .waits = waits,
					      .until_us = is_kyc ? o->expires_at : 0 });
}

/* An address is told once, however often it is asked for within a minute: clients repeat calls that time out. */
static bool was_just_told(struct unit *u, const struct order *o, struct str to)
{
	const struct message *last = message_last(u, ABOUT_ORDER, o->id, MEDIUM_MAIL, to);

	return last && (last->state == MESSAGE_WAITING || u->now_us < message_again_us(last->created_at));
}

static void tell(struct unit *u, const struct order_mail *c, const struct order *o, struct str to, struct str name)
{
	const struct letter letter = { c, o, to, name };
	bool is_told = order_has_paid((enum order_state)o->state);

	if (!to.p || was_just_told(u, o, to))
		return;
	if (awaits_customer(u, o)) {
		add_mail(u, &letter, MESSAGE_KYC, 0, false);
		for (size_t i = 0; i < ARRAY_LEN(reminders_us); i++)
			if (o->expires_at - reminders_us[i] > u->now_us)
				add_mail(u, &letter, MESSAGE_KYC_REMINDER, o->expires_at - reminders_us[i], false);
	}
	add_mail(u, &letter, kind_of(u, o), 0, !is_told);
}

static enum err mail_act(struct unit *u, struct task *t)
{
	struct order_mail *c = t->command;
	const struct order *o = name_find(u, t, &c->name);

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (!mail_address_is_ok(c->to) || is_wrong_address(c->copy_to))
		return refuse(t, ERR_BAD_REQUEST, "the customer's email is not an address that mail can be sent to");
	if (o->state == ORDER_CREATED)
		return refuse(t, ERR_ILLEGAL_STATE, "the order is not completed yet");
	c->is_queued = !order_has_paid((enum order_state)o->state);
	if (c->is_queued && order_is_final((enum order_state)o->state))
		return refuse(t, ERR_ILLEGAL_STATE, "the order is cancelled, expired or refunded");
	if (!message_can_leave(u, o->partner_id, MEDIUM_MAIL))
		return refuse(t, ERR_METHOD_NOT_SUPPORTED, "this server sends no mail");
	enum err e = order_need_product(u, u->catalog, o);
	if (e)
		return e;

	/* From here nothing can fail. */
	tell(u, c, o, c->to, c->customer);
	if (c->copy_to.p && !str_eq_nocase(c->copy_to, c->to))
		tell(u, c, o, c->copy_to, STR_NONE);
	return OK;
}

/* ---- an SMS to the eSIM ---- */

static void sms_need(struct unit *u, const struct task *t)
{
	need(u, t, &((const struct order_sms *)t->command)->name);
}

static void sms_need_more(struct unit *u, const struct task *t)
{
	need_more(u, t, &((const struct order_sms *)t->command)->name);
}

static struct str number_of(struct unit *u, const struct order *o)
{
	const struct esim *esim = unit_find(u, NOUN_ESIM, o->root_id ? o->root_id : o->id);
	struct str plain;
	struct json doc;

	if (!esim || esim->state != ESIM_ACTIVE || esim_profile_open(u->keys, &u->arena, esim, &plain) ||
	    json_read(&u->arena, plain, NULL, &doc))
		return STR_NONE;
	struct str digits = json_text(&u->arena, json_get(json_root(&doc), "msisdn"));
	return digits.n ? arena_printf(&u->arena, "+%.*s", STR_ARG(digits)) : STR_NONE;
}

static enum err sms_act(struct unit *u, struct task *t)
{
	const struct order_sms *c = t->command;
	const struct order *o = name_find(u, t, &c->name);
	struct str number = o && order_has_paid((enum order_state)o->state) ? number_of(u, o) : STR_NONE;

	if (!o)
		return ERR_ORDER_NOT_FOUND;
	if (!phone_number_is_ok(number))
		return refuse(t, ERR_ILLEGAL_STATE, "the order has no eSIM with a phone number");
	if (!message_can_leave(u, o->partner_id, MEDIUM_SMS))
		return refuse(t, ERR_METHOD_NOT_SUPPORTED, "this server sends no SMS");
	const struct message *last = message_last(u, ABOUT_ORDER, o->id, MEDIUM_SMS, STR_NONE);
	if (last && u->now_us < message_again_us(last->created_at))
		return ERR_RATE_LIMITED;

	/* From here nothing can fail. */
	const struct message_value value = { STR("text"), c->text };
	message_add(u, &(struct message_new){ .about = ABOUT_ORDER,
					      .subject_id = o->id,
					      .partner_id = o->partner_id,
					      .kind = MESSAGE_TEXT,
					      .medium = MEDIUM_SMS,
					      .to = number,
					      .values = &value,
					      .value_count = 1 });
	return OK;
}

const struct verb verb_order_mail = {
	.name = "order.mail", .need = mail_need, .need_more = mail_need_more, .act = mail_act
};
const struct verb verb_order_sms = {
	.name = "order.sms", .need = sms_need, .need_more = sms_need_more, .act = sms_act
};

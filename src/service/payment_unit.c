#include "service/payment_unit.h"

#include "service/event_unit.h"
#include "service/message_unit.h"
#include "service/order_unit.h"

static int64_t contra(const struct unit *u, int64_t partner, int currency, enum account_kind kind)
{
	return account_id((struct account_parts){
		.partner = partner, .cur = { currency }, .kind = kind, .node = u->ids ? u->ids->slot : 0 });
}

static int64_t wallet_of(const struct payment *p)
{
	return account_wallet(p->partner_id, (struct currency){ p->currency });
}

void payment_need(struct unit *u, int64_t payment_id)
{
	unit_need(u, NOUN_PAYMENT, payment_id);
	unit_need(u, NOUN_PAYMENT_ATTEMPT, payment_id);
	unit_need(u, NOUN_CALLBACK, payment_id);
	message_need(u, payment_id);
}

void payment_need_more(struct unit *u, int64_t payment_id)
{
	const struct payment *p = unit_find(u, NOUN_PAYMENT, payment_id);

	if (!p)
		return;
	unit_need(u, NOUN_MERCHANT, p->partner_id);
	if (!u->ids)
		return;
	unit_need(u, NOUN_ACCOUNT, wallet_of(p));
	unit_need(u, NOUN_ACCOUNT, contra(u, 0, p->currency, ACCOUNT_PROVIDER));
	if (p->fee)
		unit_need(u, NOUN_ACCOUNT, contra(u, p->partner_id, p->currency, ACCOUNT_FEES));
	unit_need(u, NOUN_PAYMENT_ENTRY, p->id);
	unit_need(u, NOUN_JOB, p->id); /* the expiry's */
	for (struct payment_attempt *a = unit_find(u, NOUN_PAYMENT_ATTEMPT, p->id); a; a = unit_next(u, a))
		unit_need(u, NOUN_JOB, a->id);
}

void payment_none(struct unit *u, int64_t payment_id)
{
	static const enum noun parts[] = { NOUN_PAYMENT_ATTEMPT, NOUN_PAYMENT_ENTRY, NOUN_CALLBACK, NOUN_MESSAGE,
					   NOUN_JOB };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		unit_none(u, parts[i], payment_id);
}

struct payment *payment_owned(struct unit *u, int64_t partner_id, int64_t payment_id)
{
	struct payment *p = unit_find(u, NOUN_PAYMENT, payment_id);

	return p && p->partner_id == partner_id ? p : NULL;
}

struct payment_attempt *payment_attempt_of(struct unit *u, int64_t payment_id, int no)
{
	struct payment_attempt *a = unit_find(u, NOUN_PAYMENT_ATTEMPT, payment_id);

	while (a && a->no != no)
		a = unit_next(u, a);
	return a;
}

bool payment_is_over_time(const struct unit *u, const struct payment *p)
{
	return p->state == PAYMENT_PENDING && u->now_us >= p->expires_at;
}

/* A merchant's wallet is opened by what first comes in. */
static struct account *wallet(struct unit *u, const struct payment *p)
{
	struct account *a = unit_account(u, wallet_of(p));

	return a ? a : unit_add(u, NOUN_ACCOUNT, &(struct account){ .id = wallet_of(p) });
}

enum err payment_can_credit(struct unit *u, const struct payment *p)
{
	const struct account *w = unit_account(u, wallet_of(p));
	const struct account *provider = unit_account(u, contra(u, 0, p->currency, ACCOUNT_PROVIDER));
	int64_t ignored;
	enum err e = micros_add(w ? w->balance : 0, payment_total(p), &ignored);

	return e ? e : micros_add(provider->balance, -payment_total(p), &ignored);
}

static void add_entry(struct unit *u, const struct payment *p, int no, int64_t amount, int64_t fee)
{
	unit_add(u, NOUN_PAYMENT_ENTRY,
		 &(struct payment_entry){
			 .payment_id = p->id, .no = no, .id = unit_id(u), .amount = amount, .fee = fee });
}

/* What the payer paid comes in whole, then our part goes: a statement shows both. */
static void do_credit(struct unit *u, const struct payment *p)
{
	struct transfer t = { .kind = LEDGER_PAYMENT,
			      .debit = unit_account(u, contra(u, 0, p->currency, ACCOUNT_PROVIDER)),
			      .credit = wallet(u, p),
			      .amount = payment_total(p) };
	int64_t posting = 0;

	unit_post(u, p->partner_id, p->id, &t, &posting);
	if (p->fee) {
		t = (struct transfer){ .kind = LEDGER_PAYMENT_FEE,
				       .debit = wallet(u, p),
				       .credit = unit_account(u, contra(u, p->partner_id, p->currency, ACCOUNT_FEES)),
				       .amount = p->fee };
		unit_post(u, p->partner_id, p->id, &t, &posting);
	}
	add_entry(u, p, 1, payment_total(p), p->fee);
}

/* The payer has the money back; what the merchant has spent of it, it owes. */
static void do_return(struct unit *u, const struct payment *p)
{
	const struct transfer t = { .kind = LEDGER_REFUND,
				    .debit = wallet(u, p),
				    .credit = unit_account(u, contra(u, 0, p->currency, ACCOUNT_PROVIDER)),
				    .amount = payment_total(p) };
	int64_t posting = 0;

	unit_post(u, p->partner_id, p->id, &t, &posting);
	add_entry(u, p, 2, -payment_total(p), 0);
}

void payment_job_add(struct unit *u, const struct payment *p, enum job_kind kind, int64_t id, int no, int64_t due_us)
{
	unit_add(u, NOUN_JOB,
		 &(struct job){ .id = id ? id : unit_row_id(u, NOUN_JOB),
				.kind = kind,
				.order_id = p->id,
				.partner_id = p->partner_id,
				.unit = no,
				.currency = p->currency,
				.due_at = due_us,
				.owner = u->node });
}

void payment_task_add(struct unit *u, const struct payment *p, enum task_kind kind, const char *detail)
{
	unit_add(u, NOUN_TASK,
		 &(struct work_task){ .id = unit_id(u),
				      .kind = kind,
				      .order_id = p->id,
				      .detail = str_of(detail),
				      .state = 1,
				      .created_at = u->now_us });
}

/* A payment leaves PENDING once, so it has one callback. */
static void do_notify(struct unit *u, const struct payment *p)
{
	struct callback callback = { .order_id = p->id,
				     .no = 1,
				     .id = unit_row_id(u, NOUN_JOB),
				     .state = CALLBACK_PENDING,
				     .created_at = u->now_us };

	if (!p->callback_url.p)
		return;
	unit_add(u, NOUN_CALLBACK, &callback);
	payment_job_add(u, p, JOB_PAYMENT_CALLBACK, callback.id, callback.no, u->now_us);
}

void payment_move(struct unit *u, struct payment *p, enum payment_event event)
{
	struct job *expiry = event == PAY_CREATE ? NULL : unit_find(u, NOUN_JOB, p->id);
	bool was_final = event != PAY_CREATE && payment_is_final((enum payment_state)p->state);
	unsigned effects = 0;

	must(payment_apply(p, event, u->now_us, &effects) == OK);
	unit_touch(u, p);
	/* What a merchant sees of it: that there is one, its end, and that the money went back. */
	bool is_news = event == PAY_CREATE || p->state == PAYMENT_REFUNDED ||
		       (!was_final && payment_is_final((enum payment_state)p->state));
	if (expiry && payment_is_final((enum payment_state)p->state))
		unit_remove(u, expiry);
	if (effects & PAYDO_EXPIRE)
		payment_job_add(u, p, JOB_PAYMENT_EXPIRE, p->id, 0, p->expires_at);
	if (effects & PAYDO_CREDIT) {
		do_credit(u, p);
		payment_receipt(u, p);
	}
	if (effects & PAYDO_RETURN)
		do_return(u, p);
	if (effects & PAYDO_ASK)
		payment_job_add(u, p, JOB_PAYMENT_REFUND, 0, p->paid_by, u->now_us);
	if (effects & PAYDO_NOTIFY)
		do_notify(u, p);
	if (is_news)
		event_note(
			u,
			&(struct event){
				.partner_id = p->partner_id, .order_id = p->id, .state = p->state, .reason = p->cause },
			event == PAY_CREATE);
}

void payment_attempt_move(struct unit *u, struct payment_attempt *a, enum payment_attempt_state to)
{
	if (a->state != (int)to) {
		must(payment_attempt_can((enum payment_attempt_state)a->state, to));
		a->state = (int)to;
	}
	a->updated_at = u->now_us;
	unit_touch(u, a);
}

static void copy_texts(struct arena *a, struct payment *p)
{
	struct str *texts[] = { &p->reason,	   &p->item_name,      &p->track_id,
				&p->customer_name, &p->customer_email, &p->customer_phone,
				&p->redirect_url,  &p->callback_url,   &p->method };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		*texts[i] = arena_str(a, *texts[i]);
}

static void view_attempts(struct unit *u, struct arena *a, struct payment_view *view)
{
	struct payment_attempt *copies = ARENA_ARRAY(a, struct payment_attempt, (size_t)view->payment.attempts + 1);

	view->attempts = copies;
	view->attempt_count = 0;
	for (int no = 1; no <= view->payment.attempts; no++) {
		const struct payment_attempt *row = payment_attempt_of(u, view->payment.id, no);
		struct payment_attempt *copy = &copies[view->attempt_count++];

		must(row);
		*copy = *row;
		copy->provider = arena_str(a, row->provider);
		copy->instrument = arena_str(a, row->instrument);
		copy->provider_reference = arena_str(a, row->provider_reference);
		copy->next_url = arena_str(a, row->next_url);
		copy->reason = arena_str(a, row->reason);
	}
}

void payment_view(struct unit *u, struct arena *a, const struct payment *p, struct payment_view *ret)
{
	const struct partner *partner = directory_partner(u->directory, p->partner_id);
	const struct merchant *merchant = unit_find(u, NOUN_MERCHANT, p->partner_id);
	const struct callback *callback = unit_find(u, NOUN_CALLBACK, p->id);

	*ret = (struct payment_view){ .payment = *p,
				      .merchant_name = partner ? arena_str(a, partner->name) : STR(""),
				      .merchant_email = partner ? arena_str(a, partner->email) : STR_NONE,
				      .merchant_phone = partner ? arena_str(a, partner->phone) : STR_NONE,
				      .external_account_id =
					      merchant ? arena_str(a, merchant->external_account_id) : STR_NONE,
				      .provider_key =
					      merchant ? arena_str(a, merchant->provider_private_key) : STR_NONE };
	copy_texts(a, &ret->payment);
	view_attempts(u, a, ret);
	ret->message_count = message_list(u, a, ABOUT_PAYMENT, p->id, &ret->messages);
	if (callback) {
		struct callback *copy = ARENA_NEW(a, struct callback);

		*copy = *callback;
		copy->error = arena_str(a, callback->error);
		copy->body = STR_NONE;
		ret->callbacks = copy;
		ret->callback_count = 1;
	}
	if (payment_is_over_time(u, p)) {
		ret->payment.state = PAYMENT_CANCELLED;
		ret->payment.cause = CAUSE_EXPIRED;
		ret->payment.finished_at = p->expires_at;
	}
}

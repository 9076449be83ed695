/* pages/checkout.c: a request for a checkout page, step by step.
 *
 * To pay is: the attempt is committed, the provider is asked, what it said is committed, the payer goes on. A crash in
 * between leaves the attempt's job, which asks the provider what became of it (work/collect.c). */
#include "pages/checkout.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/payment_link.h"

static const int64_t patience_us = SECONDS_US(60), ask_again_us = SECONDS_US(5);

static void show(struct page *p)
{
	checkout_page(p);
	page_send(p, "text/html; charset=utf-8", checkout_form_targets(p));
}

static void go(struct page *p, struct str url)
{
	p->x->status = 303;
	http_reply_header(p->x, "Location", url);
	page_send(p, "text/html; charset=utf-8", checkout_form_targets(p));
}

/* To where the payment stands now: the merchant's site once it is over, the provider's page, or this page again, which
 * says the rest. */
static void go_on(struct page *p)
{
	const struct payment *payment = &p->checkout->view->payment;
	const struct payment_attempt *a = checkout_last_attempt(p);

	if (payment_is_final((enum payment_state)payment->state) && payment->redirect_url.n)
		go(p, payment_end_url(p->keys, &p->x->arena, payment->redirect_url, payment));
	else if (payment->state == PAYMENT_PAYING && a && a->next_url.n)
		go(p, a->next_url);
	else
		go(p, p->x->path);
}

/* What a verb said of the payment is newer than what was read. */
static void have_committed(struct page *p, const struct payment_view *view)
{
	if (p->task.result == OK)
		p->checkout->view = view;
	else
		log_info("checkout.refused", "payment=%lld verb=%s error=%s", (long long)p->checkout->id,
			 p->task.verb->name, err_name(p->task.result));
}

static void cancelled(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	have_committed(p, &p->checkout->cancel.view);
	if (p->task.result)
		go(p, x->path);
	else
		go_on(p);
}

static void cancel(struct page *p)
{
	struct checkout *c = p->checkout;

	c->cancel = (struct payment_cancel){ .id = c->id, .by_customer = true };
	p->task.partner_id = c->view->payment.partner_id;
	page_submit(p, &verb_payment_cancel, &c->cancel, cancelled);
}

static void outcome_committed(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	have_committed(p, &p->checkout->outcome.view);
	if (p->task.result)
		go(p, x->path);
	else if (p->checkout->form.is_cancel && p->checkout->view->payment.state == PAYMENT_PENDING)
		cancel(p);
	else
		go_on(p);
}

static void answered(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	struct checkout *c = p->checkout;
	const struct provider_answer *a = &c->call.answer;

	(void)arg;
	log_info("checkout.answer", "payment=%lld attempt=%d outcome=%d", (long long)c->id, c->call.attempt->no,
		 (int)a->outcome);
	c->outcome = (struct payment_outcome){ .id = c->id,
					       .attempt = c->call.attempt->no,
					       .outcome = a->outcome,
					       .method = a->method,
					       .provider_reference = a->reference,
					       .next_url = a->next_url,
					       .reason = a->reason,
					       .next_due_us = a->next_us ? a->next_us : p->now_us + ask_again_us };
	page_submit(p, &verb_payment_outcome, &c->outcome, outcome_committed);
}

static void call_back(struct provider_call *call)
{
	page_ready(call->sender);
}

/* The provider is asked with no transaction open; the connection sleeps meanwhile. */
static void ask(struct page *p, const struct payment_attempt *attempt,
		void (*how)(struct provider *provider, struct provider_call *call))
{
	struct checkout *c = p->checkout;

	c->call = (struct provider_call){ .payment = &c->view->payment,
					  .attempt = attempt,
					  .now_us = p->now_us,
					  .arena = &p->x->arena,
					  .done = call_back,
					  .sender = p };
	http_park(p->x, answered, p->pages);
	how(c->provider, &c->call);
}

static void begun(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	struct checkout *c = p->checkout;

	(void)arg;
	have_committed(p, &c->begin.view);
	if (p->task.result)
		go(p, x->path);
	else
		ask(p, checkout_last_attempt(p), c->provider->driver->start);
}

static void pay(struct page *p)
{
	struct checkout *c = p->checkout;
	bool is_sandbox = c->provider->driver == &provider_sandbox;

	c->begin =
		(struct payment_begin){ .id = c->id,
					.provider = str_of(c->provider->driver->name),
					.instrument = is_sandbox ? card_token(&p->x->arena, &c->form.card) : STR_NONE,
					.email = c->form.email.n ? c->form.email : STR_NONE,
					.patience_us = patience_us };
	p->task.partner_id = c->view->payment.partner_id;
	page_submit(p, &verb_payment_begin, &c->begin, begun);
}

/* Cancelling while the payer could still pay at the provider's page: that is closed first. */
static void take_cancel(struct page *p)
{
	const struct payment_attempt *a = checkout_last_attempt(p);

	if (p->checkout->view->payment.state == PAYMENT_PENDING)
		cancel(p);
	else if (a && a->state == PAYTRY_WAITING && p->checkout->provider)
		ask(p, a, p->checkout->provider->driver->abandon);
	else
		go(p, p->x->path);
}

static void take_form(struct page *p)
{
	struct checkout *c = p->checkout;
	const struct payment *payment = &c->view->payment;

	checkout_form_read(p);
	if (!c->form.is_ours) {
		p->x->status = 403;
		show(p);
	} else if (payment_is_final((enum payment_state)payment->state) || c->form.tries != payment->attempts) {
		go(p, p->x->path); /* an old form: this is what has become of it */
	} else if (c->form.is_cancel) {
		take_cancel(p);
	} else if (payment->state != PAYMENT_PENDING || !c->provider) {
		go_on(p);
	} else if (c->form.card_faults || c->form.email_fault) {
		p->x->status = 422;
		show(p);
	} else {
		pay(p);
	}
}

static void have_payment(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	struct checkout *c = p->checkout;

	(void)arg;
	if (p->task.result) {
		page_send_nothing(p);
		return;
	}
	c->view = &c->get.view;
	if (!p->has_asked_language)
		p->language = c->view->payment.language == PAY_FR ? LANGUAGE_FR : LANGUAGE_EN;
	if (c->view->payment.sandbox)
		c->provider = provider_find(str_of(provider_sandbox.name));
	if (str_is(x->method, "POST"))
		take_form(p);
	else
		show(p);
}

void checkout_start(struct page *p, int64_t id)
{
	p->checkout = ARENA_NEW(&p->x->arena, struct checkout);
	p->checkout->id = id;
	p->checkout->get = (struct payment_get){ .id = id, .is_public = true };
	page_submit(p, &verb_payment_get, &p->checkout->get, have_payment);
}

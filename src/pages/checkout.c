/* pages/checkout.c: a request for a checkout page, step by step.
 *
 * To pay is: the attempt is committed, the provider is asked, what it said is committed, the payer goes on. A crash in
 * between leaves the attempt's job, which asks the provider what became of it (work/collect.c). */
#include "pages/checkout.h"

#include "base/clock.h"
#include "base/log.h"
#include "service/merchant.h"
#include "service/payment_link.h"

static const int64_t patience_us = SECONDS_US(60), ask_again_us = SECONDS_US(5);

static void show(struct page *p)
{
	checkout_page(p);
	page_send(p, "text/html; charset=utf-8", checkout_form_targets(p));
}

/* To a provider, who wants no page: 200 = heard, anything else = send it again. */
static void answer_hook(struct page *p, int status)
{
	p->x->status = status;
	page_send(p, "text/plain", STR("'none'"));
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
	else if (payment->state == PAYMENT_PAYING && a && a->state == PAYTRY_WAITING && a->next_url.n)
		go(p, a->next_url);
	else
		go(p, p->x->path);
}

/* Whoever has the address writes in the merchant's name. */
static void have_view(struct page *p)
{
	p->checkout->view = &p->checkout->get.view;
	p->task.partner_id = p->checkout->view->payment.partner_id;
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
	page_submit(p, &verb_payment_cancel, &c->cancel, cancelled);
}

static void outcome_committed(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;

	(void)arg;
	have_committed(p, &p->checkout->outcome.view);
	if (p->checkout->is_hook) /* a conflict: it is known already */
		answer_hook(p, p->task.result && p->task.result != ERR_CONFLICT ? 503 : 200);
	else if (p->task.result)
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
	log_info("checkout.answer", "payment=%lld attempt=%d outcome=%d why=\"%s\"", (long long)c->id,
		 c->call.attempt->no, (int)a->outcome, a->detail ? a->detail : "");
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

/* The merchant's own key; absent when it has none. False: it has one and it cannot be opened. */
static bool open_key(struct page *p, struct str *ret)
{
	const struct payment_view *view = p->checkout->view;
	struct arena *a = &p->x->arena;

	*ret = STR_NONE;
	return !view->provider_key.n ||
	       !crypto_open(p->keys, a, merchant_key_label(a, view->payment.partner_id), view->provider_key, ret);
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
	struct str key;

	if (!open_key(p, &key)) { /* the attempt's job tells the operator, again and again */
		log_error("checkout.key", "payment=%lld error=\"the merchant's key cannot be opened\"",
			  (long long)c->id);
		if (c->is_hook)
			answer_hook(p, 503);
		else
			go(p, p->x->path);
		return;
	}
	c->call = (struct provider_call){
		.payment = &c->view->payment,
		.attempt = attempt,
		.key = key,
		.page_url = public_link(p->keys, &p->x->arena, page_public_url(p), PUBLIC_PAYMENT, c->id, 0, "").p,
		.now_us = p->now_us,
		.arena = &p->x->arena,
		.done = call_back,
		.sender = p
	};
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

/* The one that has the attempt in hand, else the one that the merchant takes payments by; NULL: there is none. */
static void choose_provider(struct page *p)
{
	struct checkout *c = p->checkout;
	const struct payment_attempt *a = checkout_last_attempt(p);
	bool is_paying = c->view->payment.state == PAYMENT_PAYING && a;
	struct provider *own = provider_find(
		page_providers(p), str_of(c->view->payment.sandbox ? provider_sandbox.name : provider_stripe.name));

	if (is_paying)
		c->provider = provider_find(page_providers(p), a->provider);
	else if (own && (own->has_key || c->view->provider_key.n))
		c->provider = own;
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
	have_view(p);
	if (!p->has_asked_language)
		p->language = c->view->payment.language == PAY_FR ? LANGUAGE_FR : LANGUAGE_EN;
	choose_provider(p);
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

static void have_hooked(void *arg, struct http_exchange *x)
{
	struct page *p = x->user;
	struct checkout *c = p->checkout;
	const struct payment_attempt *found = NULL;

	(void)arg;
	have_view(p);
	for (size_t i = 0; !p->task.result && i < c->view->attempt_count; i++)
		if (c->view->attempts[i].no == c->attempt)
			found = &c->view->attempts[i];
	if (p->task.result && p->task.result != ERR_PAYMENT_NOT_FOUND) {
		answer_hook(p, 503);
	} else if (!found || !str_is(found->provider, c->provider->driver->name) || found->state == PAYTRY_PAID) {
		answer_hook(p, 200);
	} else {
		ask(p, found, c->provider->driver->query);
	}
}

/* "PAYMENT-NO", as payment_attempt_reference() writes it. */
static bool read_reference(struct str reference, int64_t *ret_id, int *ret_no)
{
	struct str rest = reference;
	struct str id = str_cut(&rest, '-');
	int64_t no;

	if (str_to_i64(id, 1, INT64_MAX, ret_id) || str_to_i64(rest, 1, INT32_MAX, &no))
		return false;
	*ret_no = (int)no;
	return true;
}

void checkout_hook(struct page *p, struct str provider)
{
	const struct provider_hook hook = { http_header_find(p->x, "Stripe-Signature"), p->x->body, page_wall_us(p) };
	struct provider *found = provider_find(page_providers(p), provider);
	struct checkout *c = p->checkout = ARENA_NEW(&p->x->arena, struct checkout);
	struct str reference;

	if (!found || !found->driver->hook || !str_is(p->x->method, "POST")) {
		page_send_nothing(p);
		return;
	}
	enum err e = found->driver->hook(found, &p->x->arena, &hook, &reference);
	c->provider = found;
	c->is_hook = true;
	if (e)
		log_warn("checkout.hook", "provider=%s error=%s", found->driver->name, err_name(e));
	if (e || !read_reference(reference, &c->id, &c->attempt)) {
		answer_hook(p, e ? 400 : 200);
		return;
	}
	c->get = (struct payment_get){ .id = c->id, .is_public = true };
	page_submit(p, &verb_payment_get, &c->get, have_hooked);
}

/* pages/checkout_form.c: what a payer has sent. */
#include "pages/checkout.h"

#include "core/message.h"
#include "http/query.h"

struct str checkout_seal(struct page *p, int64_t tries)
{
	return page_seal(
		p, arena_printf(&p->x->arena, "checkout %lld %lld", (long long)p->checkout->id, (long long)tries));
}

void checkout_form_read(struct page *p)
{
	struct checkout *c = p->checkout;
	struct query q;
	int64_t tries;

	c->form = (struct checkout_form){ 0 };
	if (query_parse(&p->x->arena, p->x->body, QUERY_PLUS_IS_SPACE, &q) ||
	    str_to_i64(query_find(&q, "tries"), 0, INT32_MAX, &tries) ||
	    !crypto_equal(query_find(&q, "seal"), checkout_seal(p, tries)))
		return;
	c->form.is_ours = true;
	c->form.tries = tries;
	c->form.is_cancel = str_is(query_find(&q, "action"), "cancel");
	c->form.email = str_trim(query_find(&q, "email"));
	c->form.email_fault = c->form.email.n && !mail_address_is_public(c->form.email);
	c->form.card = (struct card){ query_find(&q, "number"), query_find(&q, "expiry"), query_find(&q, "code") };
	if (c->provider && c->provider->driver == &provider_sandbox && !c->form.is_cancel)
		c->form.card_faults = card_faults(&c->form.card, p->now_us);
}

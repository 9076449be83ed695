/* pages/checkout.h: the page where a payer pays: what it reads, what it asks the provider, what it answers.
 *
 * GET never changes anything: scanners of mail and chat open every link. A form carries how often was tried when it was
 * made, sealed with a keyed hash: sent twice, from two tabs or after the back button, it finds that number outdated and
 * shows what has become of the payment. */
#pragma once

#include "pages/pages_private.h"
#include "payment/card.h"
#include "payment/provider.h"
#include "service/payment.h"

/* What was sent. Slices of the request; the card is looked at and forgotten with it. */
struct checkout_form {
	bool is_ours;  /* made by us for this payment */
	int64_t tries; /* what it was made for */
	bool is_cancel;
	struct str email;
	struct card card;
	unsigned card_faults; /* 1 << enum card_fault */
	bool email_fault;
};

struct checkout {
	int64_t id;
	const struct payment_view *view; /* as it is now, as far as we know */
	struct checkout_form form;
	struct payment_get get;
	struct payment_begin begin;
	struct provider *provider;
	struct provider_call call;
	bool is_hook; /* the provider is asking, not a payer */
	int attempt;  /* of a hook */
	struct payment_outcome outcome;
	struct payment_cancel cancel;
};

/* Reads the payment and answers; the exchange is parked. */
void checkout_start(struct page *p, int64_t id);
/* What a provider has sent by itself: the attempt that it is about is asked about at once. The path's last part is the
 * provider's name. Answers, or parks the exchange. */
void checkout_hook(struct page *p, struct str provider);

/* checkout_form.c */
void checkout_form_read(struct page *p);
/* What makes a form ours. */
struct str checkout_seal(struct page *p, int64_t tries);

/* checkout_page.c: the body of the page, and its status. */
void checkout_page(struct page *p);
/* Where a form of this page may lead; for the Content-Security-Policy. */
struct str checkout_form_targets(struct page *p);
/* The attempt that is with the provider, or was last; NULL before the first. */
const struct payment_attempt *checkout_last_attempt(const struct page *p);

/* pages/pages_private.h: a request for a page, for the files of this folder. */
#pragma once

#include "base/rate.h"
#include "http/query.h"
#include "pages/html.h"
#include "pages/pages.h"
#include "pages/words.h"
#include "service/esim.h"
#include "service/kyc.h"
#include "service/public.h"

struct checkout;      /* pages/checkout.h */
struct reusable_page; /* pages/reusable.h */

enum page_kind {
	PAGE_ESIM,
	PAGE_QR,
	PAGE_KYC,
	PAGE_DECISION,
	PAGE_PAYMENT,
	PAGE_PAYMENT_QR,
	PAGE_HOOK,
	PAGE_REUSABLE,
	PAGE_REUSABLE_QR,
	PAGE_PHOTO,
};

struct pages {
	struct pages_options options;
	struct rates *begun; /* at pages of reusable codes, a minute and address */
};

struct page {
	struct pages *pages;
	struct http_exchange *x;
	const struct keys *keys;
	const struct catalog *catalog; /* held until the answer */
	enum page_kind kind;
	int unit;
	int64_t now_us;
	enum language language;
	bool has_asked_language;
	struct checkout *checkout;	/* of a payment's page; else NULL */
	struct reusable_page *reusable; /* of a reusable QR code's; else NULL */
	struct esim_public public;
	struct kyc_submit submit;
	struct query form; /* what was sent; shown again when it is incomplete */
	struct kyc_decide decide;
	bool is_incomplete; /* of a form: something is missing */
	struct task task;
};

/* The body of a page; status and headers are set by whoever calls. */
void esim_page(struct page *p);
MUST_USE enum err esim_qr(struct page *p); /* a PNG into the reply */
void kyc_page(struct page *p);
/* What was sent, as a JSON object; absent when a field that the product asks for is missing. */
struct str kyc_form(struct page *p);
/* What a provider outside says: signature and body into p->decide; a refusal's sentence is in p->task.detail. */
MUST_USE enum err kyc_decision_read(struct page *p);
void kyc_decision_answer(struct page *p, enum err e);

/* In the page's language. */
struct str page_product_name(const struct page *p, const struct product *product);
/* Everything up to and with <main>; the page loads itself again after so many seconds, 0 = it does not. */
void page_open(struct page *p, enum word title, int again_seconds);
void page_begin(struct page *p, enum word title); /* the same, with the title as heading and the eSIM's plan */
void page_end(struct page *p);
void page_say(struct page *p, const char *class, enum word word);
void page_languages(struct page *p); /* a link to the same page in the other language */
/* An amount of that currency, as the page's language writes it. */
void page_amount(struct page *p, int64_t micros, int currency);

/* What is to be paid, as a section: the item's name, price, taxes and total. */
struct page_bill {
	struct str item_name; /* absent: the page has said it */
	int currency;
	int64_t item_amount, tax_amount;
};
void page_bill(struct page *p, const struct page_bill *bill);

/* 32 hex digits that only this server can have made of the text: what makes a form ours. */
struct str page_seal(struct page *p, struct str text);
void page_alert(struct page *p, enum word word); /* read aloud at once */

/* pages.c: sends the task to the engine; the exchange sleeps until on_ready. */
void page_submit(struct page *p, const struct verb *verb, void *command, http_handler on_ready);
const struct providers *page_providers(const struct page *p);
int64_t page_wall_us(const struct page *p);
const char *page_public_url(const struct page *p);
/* Wakes an exchange that was parked; on any thread. */
void page_ready(struct page *p);
/* The answer leaves. `form_targets`: where forms may lead, as the Content-Security-Policy spells it. */
void page_send(struct page *p, const char *type, struct str form_targets);
/* Something that browsers may keep for a while; `kept`: as Cache-Control spells it. */
void page_send_kept(struct page *p, const char *type, const char *kept);
void page_send_nothing(struct page *p); /* there is nothing at this address */

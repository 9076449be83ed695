/* pages/pages.h: pages for people without a credential: an eSIM's page with its QR code, the check of an identity,
 * the checkout page of a payment.
 *
 * Rendered here, without JavaScript; addresses are unguessable (service/public.h), every value is escaped, and a strict
 * Content-Security-Policy allows nothing but our own style and images. */
#pragma once

#include "core/lookup.h"
#include "http/server.h"

struct engine;
struct kyc_provider;
struct pages;
struct providers;

struct pages_options {
	struct engine *engine;
	struct http_server *server;		  /* whose loop calls pages_handle */
	const struct lookup *lookup;		  /* NULL: nobody knows of usage */
	const struct kyc_provider *kyc_providers; /* whose decisions count; not copied */
	size_t kyc_provider_count;
	const struct providers *providers; /* who takes payers' money; outlives the pages */
	const char *public_url;		   /* what links begin with; not copied, whole once the server runs */
	int64_t qr_payments;		   /* begun at reusable codes' pages, a minute and address; 0 = no limit */
};

struct pages *pages_new(const struct pages_options *options);
void pages_free(struct pages *p); /* after the engine has stopped and the server was freed; NULL is fine */

/* Answers the request, or parks it; false if the path is none of theirs. */
bool pages_handle(struct pages *p, struct http_exchange *x);

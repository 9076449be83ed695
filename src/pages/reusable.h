/* pages/reusable.h: the page of a reusable QR code: what is for sale, and a button that begins a payment.
 *
 * GET never changes anything: what begins a payment is the form, a POST. It carries a ticket of its own that only we
 * can have made: sent twice, it leads to the payment that it began the first time. The payment's own page, where the
 * payer is sent, does the rest (pages/checkout.h). */
#pragma once

#include "pages/pages_private.h"
#include "service/payment.h"
#include "service/reusable.h"

struct reusable_page {
	struct reusable_get get;
	struct photo_get photo;
	struct payment_create create;
	enum word trouble; /* said at the top when status is not 200 */
};

/* Both read the code and answer; the exchange is parked. */
void reusable_start(struct page *p, int64_t id);
void reusable_photo_start(struct page *p, int64_t id);

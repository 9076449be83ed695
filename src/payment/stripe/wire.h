/* payment/stripe/wire.h: bytes of Stripe's API and what they mean to us. Pure; README.md tells the mapping. */
#pragma once

#include "payment/provider.h"

/* An answer as it came; status 0 = none. */
struct stripe_reply {
	int status;
	struct str body;
};

/* An amount as Stripe counts it: in its own minor units, which are not ISO 4217's everywhere. ERR_OVERFLOW when it
 * cannot be said in them. */
MUST_USE enum err stripe_amount(struct money amount, int64_t *ret);

/* The form that creates a Checkout Session; the same for the same attempt, whenever it is made. In the call's arena.
 * ERR_OVERFLOW as above. */
MUST_USE enum err stripe_write_session(const struct provider_call *call, struct str *ret);

/* What a reply with a session means, to its creation or later. */
struct provider_answer stripe_read_session(const struct provider_call *call, struct stripe_reply reply);
/* Of the reply to a creation or to a request to expire: what an error means. */
struct provider_answer stripe_read_error(const struct provider_call *call, struct stripe_reply reply);
/* What the reply to a refund means. */
struct provider_answer stripe_read_refund(const struct provider_call *call, struct stripe_reply reply);

/* The signature of a webhook (the Stripe-Signature header): made with `secret` and not more than five minutes from now.
 * ERR_UNAUTHORIZED otherwise. */
MUST_USE enum err stripe_check_signature(struct str secret, const struct provider_hook *hook);
/* Our reference in an event about a session; absent for other events and for what is no event. */
struct str stripe_event_reference(struct arena *a, struct str body);

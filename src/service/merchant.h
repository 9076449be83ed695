/* service/merchant.h: what a partner is as a merchant: our fee, its name elsewhere, where its callbacks go by default.
 */
#pragma once

#include "core/payment.h"
#include "service/audit.h"
#include "service/task.h"

/* Bits of merchant_set.set. */
enum merchant_field {
	MERCHANT_FEE = 1,
	MERCHANT_EXTERNAL_ID = 2,
	MERCHANT_REDIRECT_URL = 4,
	MERCHANT_CALLBACK_URL = 8,
	MERCHANT_PROVIDER_LOGIN = 16,
	MERCHANT_PROVIDER_PUBLIC_KEY = 32,
	MERCHANT_PROVIDER_PRIVATE_KEY = 64
};

/* Changes what `set` names; an empty text takes it away. ERR_NOT_FOUND (partner), ERR_REFERENCE_USED when another
 * merchant has that external id, ERR_BAD_REQUEST for a fee that is none. */
struct merchant_set {
	struct by by;
	int64_t partner_id;
	unsigned set;
	struct payment_fee fee;
	struct str external_account_id, redirect_url, callback_url;
	struct str provider_login, provider_public_key;
	struct str provider_private_key; /* plain; it is sealed, and only the payment provider ever sees it again */
};
extern const struct verb verb_merchant_set;

/* What the merchant's key at the payment provider is sealed under. */
struct str merchant_key_label(struct arena *a, int64_t partner_id);

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
	MERCHANT_PUBLIC_KEY = 32,
	MERCHANT_PRIVATE_KEY = 64,
	MERCHANT_TIME_ZONE = 128,
};

/* The label that a merchant's private provider key is sealed under. */
struct str merchant_key_label(struct arena *a, int64_t partner_id);

/* Changes what `set` names; an empty text takes it away. ERR_NOT_FOUND (partner), ERR_REFERENCE_USED when another
 * merchant has that external id, ERR_BAD_REQUEST for a fee that is none. */
struct merchant_set {
	struct by by;
	int64_t partner_id;
	unsigned set;
	struct payment_fee fee;
	struct str external_account_id, redirect_url, callback_url, provider_login, public_key;
	struct str time_zone;	/* one that zone_load() knows; the caller has looked */
	struct str private_key; /* plain; sealed by the verb, and never readable again */
};
extern const struct verb verb_merchant_set;

/* Where the merchant's days begin, for a verb of the readers: fetches what it needs. A zone that the system does not
 * have (any more) is said in the log, and is UTC. */
struct zone;
MUST_USE enum err merchant_zone(struct unit *u, struct arena *a, int64_t partner_id, const struct zone **ret);

/* By partner or, where that is 0, by external id. A partner that is none of the kind yet gives an empty row.
 * ERR_ACCOUNT_NOT_FOUND. */
struct merchant_get {
	int64_t partner_id;
	struct str external_account_id;
	struct merchant merchant; /* found; of the private key only whether there is one: "" or absent */
};
extern const struct verb verb_merchant_get; /* read-only */

/* service/kyc.h: the check of a customer's identity: what the customer gives, and what is decided of it.
 *
 * An order waits for it at most ESIM_KYC_HOURS; then it is cancelled and the money is back (the order's expiry job).
 * What the customer gave is sealed; it is never logged, and whoever looks at it leaves an audit row. */
#pragma once

#include "service/audit.h"
#include "service/order.h"
#include "store/kyc.h"

/* Somebody outside who checks identities for the operator, of the settings: calls are signed with the secret. */
struct kyc_provider {
	struct str name, secret;
	struct str page; /* where customers are sent to; "{check}" stands for the check's token. Absent = to our form */
};
enum { KYC_PROVIDERS_MAX = 8, KYC_SECRET_LEAST = 16, KYC_REASON_MOST = 200, KYC_LIST_MAX = 1000 };

/* ERR_ORDER_NOT_FOUND; ERR_ILLEGAL_STATE when the order waits for no check, or (submit) it was given already. */
struct kyc_submit {
	int64_t order_id;
	struct str doc; /* JSON object, plain */
};
/* Decided the same way again it changes nothing. */
struct kyc_decide {
	struct by by;
	int64_t order_id;
	bool approve;
	struct str reason;  /* for the audit; absent = none */
	struct order order; /* found */
};
extern const struct verb verb_kyc_submit, verb_kyc_decide;

/* What the customer gave. ERR_ORDER_NOT_FOUND, ERR_NOT_FOUND (nothing so far), ERR_SEALED. */
struct kyc_reveal {
	struct by by;
	int64_t order_id;
	struct str plain; /* found: JSON object */
};
extern const struct verb verb_kyc_reveal;

/* The checks that nobody has decided, oldest order first. */
struct kyc_list {
	bool open_too; /* those for which the customer has given nothing so far, too */
	int64_t most;
	/* found */
	struct kyc_waiting *rows;
	size_t count;
};
extern const struct verb verb_kyc_list;

/* The time of the order's check is over; with the order. */
void kyc_lapse(struct unit *u, const struct order *o);

/* service/kyc.h: the check of a customer's identity: what the customer gives, and what is decided of it.
 *
 * An order waits for it at most ESIM_KYC_HOURS; then it is cancelled and the money is back (the order's expiry job).
 * What the customer gave is sealed; it is never logged. */
#pragma once

#include "service/audit.h"
#include "service/order.h"

/* ERR_ORDER_NOT_FOUND; ERR_ILLEGAL_STATE when the order waits for no check, or (submit) it was given already. */
struct kyc_submit {
	int64_t order_id;
	struct str doc; /* JSON object, plain */
};
struct kyc_decide {
	struct by by;
	int64_t order_id;
	bool approve;
	struct order order; /* found */
};
extern const struct verb verb_kyc_submit, verb_kyc_decide;

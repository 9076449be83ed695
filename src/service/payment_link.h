/* service/payment_link.h: what a payment is called outside, and the addresses that a merchant hears of its end at. */
#pragma once

#include "base/crypto.h"
#include "core/payment.h"

/* The transaction's id as merchants see it (mobip.md 5): a UUID that nobody can guess, and that tells nothing of the
 * checkout page's address. */
struct str payment_trid(const struct keys *keys, struct arena *a, int64_t id);
/* ERR_PAYMENT_NOT_FOUND for anything that this server did not make. */
MUST_USE enum err payment_of_trid(const struct keys *keys, struct str trid, int64_t *ret_id);

/* The word of a callback (mobip.md 6): PROCESSED for what was paid or denied, CANCELLED, ERROR. The state is final. */
struct str payment_resp_code(enum payment_state state);

/* The merchant's URL with resp_code, trid and track_id at the end of its query. The other
 * parameters stay as they are, byte for byte; those of ours are replaced where they stand already; a fragment goes. */
struct str payment_end_url(const struct keys *keys, struct arena *a, struct str url, const struct payment *p);

/* service/public.h: unguessable addresses for people who have no credential: an eSIM's page, a KYC page, a
 * payment's page and the picture of its QR code; the same of a reusable QR code, and the picture of what it sells.
 *
 * A token is the row's key and 128 bits of a keyed hash over it: nothing is stored, and without the server's key nobody
 * makes one. Compared in constant time. */
#pragma once

#include "base/crypto.h"

enum public_kind {
	PUBLIC_ESIM = 1,
	PUBLIC_KYC = 2,
	PUBLIC_PAYMENT = 3,
	PUBLIC_PAYMENT_QR = 4,
	PUBLIC_REUSABLE = 5,
	PUBLIC_REUSABLE_QR = 6,
	PUBLIC_PHOTO = 7,
};

/* ERR_NOT_FOUND for anything that this server did not make for that kind. */
MUST_USE enum err public_token_read(const struct keys *keys, enum public_kind kind, struct str token, int64_t *ret_id,
				    int *ret_unit);
/* The whole address: base, the kind's path ("/e/", "/kyc/", "/pay/", "/qr/", "/buy/"), token and ending. */
struct str public_link(const struct keys *keys, struct arena *a, const char *base_url, enum public_kind kind,
		       int64_t id, int unit, const char *ending);

/* core/reusable.h: reusable QR codes: what many pay for, each with a payment of its own (mobip.md 5).
 *
 * A code says what is sold, for how much, and whose wallet it comes into; none of that ever changes, so who scans a
 * code that hangs on a wall pays what it was made for. The picture of the item is copied from its URL in the
 * background; a picture that cannot be had is missed by nobody but the eye. Pure: no clock, no store. */
#pragma once

#include "base/str.h"

enum {
	PHOTO_MOST_BYTES = 5 * 1024 * 1024, /* mobip.md 5 */
	PHOTO_PART_BYTES = 32 * 1024,
};

/* Stored in reusables.photo_state: append, never renumber. */
enum photo_state {
	PHOTO_WANTED = 1, /* a job fetches it */
	PHOTO_KEPT = 2,
	PHOTO_MISSED = 3, /* it could not be had */
};

struct reusable {
	int64_t id, partner_id;
	int currency;			 /* the merchant's when it was made */
	int64_t item_amount, tax_amount; /* micros; each payer pays the sum */
	struct str item_name;
	struct str photo_url;
	struct str video_url, message, reference, category, brand; /* absent = not given */
	int photo_state;					   /* enum photo_state */
	struct str photo_type;					   /* of a kept one: "image/png", ... */
	int64_t created_at;					   /* business clock, us */
	int64_t version;
};

/* The kept picture is its parts one after the other, from no 1. */
struct photo_part {
	int64_t reusable_id;
	int no;
	struct str content;
};

/* The media type that the first bytes tell: PNG, JPEG, GIF or WebP, pictures that run nothing. NULL for anything else,
 * whatever it calls itself. */
const char *photo_type_of(struct str bytes);

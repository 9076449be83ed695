/* service/reusable.h: the verbs of a reusable QR code: make, look, and the copy of its picture.
 *
 * To pay at one is verb_payment_create with its id as `reusable_id` (service/payment.h): what is paid, and to whom, is
 * then the code's alone. A merchant's calls name the merchant in the task's partner_id; a page reads with `is_public`,
 * because an unguessable address has shown that it may (service/public.h). */
#pragma once

#include "core/reusable.h"
#include "service/work.h"

/* A code as it is shown. Everything lives in the task's arena. */
struct reusable_view {
	struct reusable reusable;
	struct str merchant_name;
};

/* Amounts are micros of the merchant's home currency. ERR_OVERFLOW unless together they are more than nothing and at
 * most what an item may cost; ERR_CONFLICT (idempotency key with another body). */
struct reusable_create {
	int64_t item_amount, tax_amount;
	struct str item_name, photo_url;
	struct str video_url, message, reference, category, brand; /* absent = not given */
	struct str idempotency_key;				   /* absent = none */
	int64_t idempotency_hash;
	/* found */
	int64_t id;
	bool replayed;
};

/* ERR_PAYMENT_NOT_FOUND, also for another merchant's. */
struct reusable_get {
	int64_t id;
	bool is_public;
	struct reusable_view view; /* found */
};

/* ERR_PAYMENT_NOT_FOUND when there is no such code, or no picture (yet). */
struct photo_get {
	int64_t reusable_id;
	/* found */
	struct str type, content;
};

/* What a job is to fetch; read-only. */
struct photo_wanted {
	struct job job;
	/* found */
	struct str url;
	bool live; /* false: nothing is left to do, the job is stale */
};

/* What came of a try. ERR_CONFLICT when the job is no longer ours. */
struct photo_result {
	struct job job;
	const char *type;    /* of what was fetched; NULL = nothing was */
	struct str content;  /* at most PHOTO_MOST_BYTES */
	int64_t next_due_us; /* nothing was fetched: when to try again; 0 = never */
};

extern const struct verb verb_reusable_create; /* struct reusable_create */
extern const struct verb verb_reusable_get;    /* read-only, struct reusable_get */
extern const struct verb verb_photo_get;       /* read-only, struct photo_get */
extern const struct verb verb_photo_wanted;    /* read-only, struct photo_wanted */
extern const struct verb verb_photo_result;    /* struct photo_result */

/* store/verify.h: reading everything, a page at a time, for whoever recomputes the books.
 *
 * Within one transaction of a DB_READ connection: all pages show one moment. Rows are given in the order of their keys;
 * a page's memory is the arena's, to be reset between pages. */
#pragma once

#include "store/payments.h"
#include "store/tables.h"

enum { VERIFY_PAGE = 5000 };

/* Rows with ids above `after`, at most VERIFY_PAGE. */
MUST_USE enum err verify_ledger(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);
MUST_USE enum err verify_accounts(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);
MUST_USE enum err verify_counters(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);
MUST_USE enum err verify_events(struct db *db, struct arena *a, const struct event *after, db_row_fn on_row, void *arg);
MUST_USE enum err verify_jobs(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);

/* An order and what its parts add up to. */
struct order_facts {
	int64_t id, partner_id;
	int state, currency;
	int64_t quantity, amount, fee, kept;
	int64_t units, delivered, failed; /* units in all, and in those states */
	int64_t attempts_said;		  /* sum of what the units say */
	int64_t attempts, live;		  /* rows, and those that are not over */
};
MUST_USE enum err verify_orders(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);

/* A payment and what its attempts add up to. */
struct payment_facts {
	int64_t id, partner_id;
	int state, currency;
	int64_t total, fee;
	int64_t attempts_said, attempts, live,
		paid; /* what it says, its rows, those that are not over, and that paid */
};
MUST_USE enum err verify_payments(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg);
/* What is wrong with eSIMs, their links and identity checks, fault by fault; rows are struct esim_fault. */
struct esim_fault {
	int64_t order_id, no; /* no: the unit, or the link */
};
enum { VERIFY_ESIM_FAULTS = 9 };
/* What the n-th fault is, in words that follow "order 17-1: ". */
const char *verify_esim_words(size_t n);
MUST_USE enum err verify_esims(struct db *db, struct arena *a, size_t n, db_row_fn on_row, void *arg);
MUST_USE enum err verify_esim_count(struct db *db, int64_t *ret);

/* A callback that waits without a job, or a job whose callback does not wait: rows are struct stray. */
struct stray {
	int64_t order_id, no;
};
struct callback_kinds {
	int order, payment; /* enum job_kind of the jobs that deliver */
};
MUST_USE enum err verify_callbacks(struct db *db, struct arena *a, struct callback_kinds kinds,
				   db_row_fn on_without_job, db_row_fn on_without_callback, void *arg);
/* The same of messages; `order_id` is their subject's. */
MUST_USE enum err verify_messages(struct db *db, struct arena *a, int message_kind, db_row_fn on_without_job,
				  db_row_fn on_without_message, void *arg);
/* The same of reusable QR codes and their pictures; `order_id` is the code's, `no` says nothing. */
MUST_USE enum err verify_photos(struct db *db, struct arena *a, int photo_kind, db_row_fn on_without_job,
				db_row_fn on_without_code, void *arg);

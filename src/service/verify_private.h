/* service/verify_private.h: what the passes of a recount share. */
#pragma once

#include "db/db.h"
#include "service/sums.h"
#include "service/verify.h"
#include "store/tables.h"

struct verify {
	const struct verify_options *options;
	struct verify_result result;
	struct db *db;
	struct arena page; /* of the page being read */
	int64_t after;	   /* the last key seen */
	int64_t rows_in_page;
	struct event last_event; /* the last one seen */
	struct sum_map sides;	 /* account side -> a: sum of its rows */
	struct sum_map wallets;	 /* wallet -> a: held by open orders, b: owed by orders, c: earned by the ledger */
	struct sum_map partners; /* partner -> a: last movement, b: last event, c: first one */
	struct sum_map jobs;	 /* order -> a: fulfil jobs, b: expire jobs */
	struct sum_map payments; /* payment -> a: received, b: our fee, c: given back */
	struct sum_map pay_jobs; /* payment -> jobs that a: collect, b: expire, c: refund */
	struct sum_map stock;	 /* batch -> units a: free, b: reserved, c: sold */
};

void verify_difference(struct verify *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* "wallet 1 USD", "account 17 (fees of partner 1 in USD)"; in the page's arena. */
const char *verify_account_name(struct verify *v, int64_t id);

typedef enum err (*verify_page)(struct db *db, struct arena *a, int64_t after, enum err (*on_row)(void *arg, void *row),
				void *arg);
/* Every page; on_row gets the struct verify and must set v->after to the row's key. */
MUST_USE enum err verify_pages(struct verify *v, const char *what, verify_page read,
			       enum err (*on_row)(void *arg, void *row));

MUST_USE enum err verify_books(struct verify *v); /* ledger and accounts */
MUST_USE enum err verify_all_stock(struct verify *v);
MUST_USE enum err verify_all_payments(struct verify *v);
void verify_payment_row(struct verify *v, const struct ledger_row *row); /* of a payment's money */
void verify_payment_job(struct verify *v, const struct job *job);
MUST_USE enum err verify_all_esims(struct verify *v);  /* with their links and identity checks */
MUST_USE enum err verify_all_orders(struct verify *v); /* orders, jobs, callbacks, holds */

/* tests/unit/service/fixture.h: a running engine on a store of its own, with a small catalogue and funded partners.
 *
 * Tests are the callers and the workers: calls go through engine_run or, many at once, into one batch behind a gate;
 * jobs are read from the store. When a fixture is taken down the books are recomputed from the rows and compared. */
#pragma once

#include "service/business_clock.h"
#include "service/engine.h"
#include "service/order.h"
#include "service/payment.h"

#include "support/postgres.h"
#include "support/test.h"

#include <pthread.h>

/* Partners. LIVE and OTHER are funded in EUR and USD; POOR has empty wallets, NONE has no wallet at all; SANDBOX is
 * funded and takes sandbox routes only. */
enum { LIVE = 11, OTHER = 12, POOR = 13, NONE = 14, SANDBOX = 15, PARTNER_END };
#define FUNDS (INT64_C(1000) * 1000000)

/* Products of price list "standard". */
enum {
	TWO_ROUTES = 10, /* 5.00 EUR + 0.10 fee; routes alpha (4 EUR), beta (4.5 USD) */
	NO_ROUTE = 11,	 /* 5.00 EUR, for sandboxes only */
	RANGED = 12,	 /* dvs.md 5.4: 1..10 USD, 80..800 BDT by 10, 0.96..9.6 EUR; route alpha (9 EUR) */
	PLAIN = 13,	 /* 1.00 EUR; route alpha without a cost */
	PIN = 14,	 /* 10.00 USD, of another service, operator and country; route beta (8 USD) */
	STRICT = 15,	 /* 5.00 EUR; wants the sender's name and a mobile number */
};
enum { TWO_ROUTES_COST = 5100000 };

enum { UPDATES_MOST = 1024 };

struct fixture {
	char folder[32], path[512]; /* of the store: a file, or the uri of a database */
	struct test_database database;
	struct keys keys;
	struct engine_options options;
	struct engine *engine;
	struct db *db; /* a reader */
	struct arena arena;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t done;	   /* calls that were answered */
	bool gate_open;	   /* see batch_begin() */
	bool gate_reached; /* the committer waits in the gate */
	struct call *gate;
	size_t jobs_told, wakes; /* of on_jobs: rows, and (NULL, 0) */
	bool skip_books;
};

/* One command on its way. */
struct call {
	struct task task;
	struct arena arena;
	struct fixture *fixture;
	bool is_done;
	union {
		struct order_place place;
		struct order_change change;
		struct order_get get;
		struct order_list list;
		struct balance_list balances;
		struct purchase_get purchase;
		struct attempt_sending sending;
		struct attempt_result result;
		struct order_expire expire;
		struct callback_get callback;
		struct callback_result told;
		struct jobs_due due;
		struct jobs_claim claim;
		struct clock_advance advance;
		struct payment_create payment;
		struct payment_begin begin;
		struct payment_outcome outcome;
		struct payment_cancel cancel;
		struct payment_expire payment_expire;
		struct payment_refund refund;
		struct payment_refund_result refunded;
		struct payment_get payment_get;
		struct payment_job_get payment_job;
	};
};

int engine_setup(void **state);
int engine_teardown(void **state); /* checks the books */
#define engine_test(name) cmocka_unit_test_setup_teardown(name, engine_setup, engine_teardown)

/* Stops the engine and opens it anew on the same store. */
void engine_again(struct fixture *f);

struct call *call_new(struct fixture *f, const struct verb *verb, int64_t partner);
void call_free(struct call *c);
MUST_USE enum err call_run(struct call *c);   /* in a batch of its own */
MUST_USE enum err call_once(struct call *c);  /* the same, then frees it */
void call_submit(struct call *c);	      /* must find room */
void call_wait(struct call *c);		      /* until it is answered */
void calls_wait(struct fixture *f, size_t n); /* until n calls were answered since the last batch_begin() */
bool call_is_done(struct call *c);	      /* now */
void calls_settle(struct fixture *f);	      /* everything submitted before has been through the committer */
void clock_advance(struct fixture *f, int64_t us);
/* Imports one line as a batch of its own and has the engine read the catalogue again. */
void catalog_change(struct fixture *f, int64_t batch, const char *line);

/* What is submitted between the two (at most LIMIT_BATCH) is one batch. */
void batch_begin(struct fixture *f);
void batch_end(struct fixture *f);

/* A place command that would be accepted: product, reference, a mobile number. */
struct call *place_new(struct fixture *f, int64_t partner, int64_t product, const char *reference);
struct call *change_new(struct fixture *f, const struct verb *verb, int64_t partner, int64_t order_id);
/* Runs it; returns the order's id, which must have been made. */
int64_t placed(struct fixture *f, int64_t partner, int64_t product, const char *reference, bool confirmed);

/* Rows as they are in the store now; a row that is not there fails the test, but for find_*, which say so. */
struct order order_now(struct fixture *f, int64_t id);
struct unit_ unit_now(struct fixture *f, int64_t order_id);
struct attempt attempt_now(struct fixture *f, int64_t order_id, int no);
struct payment payment_now(struct fixture *f, int64_t id);
struct payment_attempt payment_attempt_now(struct fixture *f, int64_t id, int no);
struct account wallet_now(struct fixture *f, int64_t partner, const char *currency);
bool find_job(struct fixture *f, int64_t order_id, int kind, struct job *ret); /* the oldest of that kind */
bool find_task(struct fixture *f, int64_t order_id, struct work_task *ret);
bool find_callback(struct fixture *f, int64_t order_id, int no, struct callback *ret);
int64_t count_of(struct fixture *f, const char *sql); /* SELECT of one number */

/* What the worker reports of the order's present attempt. */
struct call *result_new(struct fixture *f, int64_t order_id, enum outcome outcome);
MUST_USE enum err report(struct fixture *f, int64_t order_id, enum outcome outcome);

/* Recomputes the books from the rows of the store; fails the test when they do not agree. */
void check_books(struct fixture *f);

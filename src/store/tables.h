/* store/tables.h: the rows of the hot tables and the column table of each noun.
 *
 * The row structs of the domain live in core; those that only the machinery needs are here. A column table is all that
 * the engine seam needs to read and write a noun. Index of a column = its place in the table, named where it is used.
 */
#pragma once

#include "core/esim.h"
#include "core/ledger.h"
#include "core/message.h"
#include "core/order.h"
#include "db/db.h"

/* What the committer locks first; numbers a partner's movements and events without gaps, and knows its highest id, so
 * that a partner's rows are in the order of their ids whichever nodes have written them. */
struct counter {
	int64_t partner_id, movement_seq, event_seq, id_high, order_no;
	int64_t events_gone; /* the last event that was dropped; 0 = none */
	int64_t version;
};

struct event {
	int64_t partner_id, id, seq, order_id;
	int state, reason;
	int64_t created_at;
};

/* Something to do later; service/work.h says what each kind means. */
struct job {
	int64_t id;
	int kind; /* enum job_kind */
	int64_t order_id, partner_id;
	int unit;	/* FULFIL: which unit; CALLBACK: which callback of the order; MESSAGE: enum message_about */
	int currency;	/* of the order's wallet; MESSAGE: enum medium */
	int64_t due_at; /* business us; grows with each try */
	int tries;
	int64_t fence; /* grows each time somebody takes the job over */
	int64_t owner; /* node_token() of the node that has it in hand; 0 = nobody */
};

/* Stored in callbacks.state: append, never renumber. */
enum callback_state { CALLBACK_PENDING = 1, CALLBACK_DELIVERED = 2, CALLBACK_GIVEN_UP = 3 };

struct callback {
	int64_t order_id;
	int no;	    /* the order's first, second, ...: delivered in this order */
	int64_t id; /* what receivers see: the same at each try */
	int state, tries, http_status;
	struct str error, body; /* body sealed, once a first attempt has failed */
	int64_t created_at, first_try_at, last_try_at, duration_us;
};

struct idempotency {
	struct str idem_key;
	int64_t request_hash, order_id, created_at;
};

/* Stored in tasks.kind: append, never renumber. */
enum task_kind {
	TASK_LATE_DELIVERY = 1,
	TASK_POISONED = 2,
	TASK_CALLBACK_GIVEN_UP = 3,
	TASK_UNKNOWN_OUTCOME = 4,
	TASK_PROFILE_TAKEN = 5,
	TASK_REVERSAL = 6,
	TASK_STOCK_LOW = 7,
	TASK_LATE_PAYMENT = 8,
	TASK_UNKNOWN_PAYMENT = 9,
	TASK_REFUND = 10,
	TASK_MESSAGE = 12
};

struct work_task {
	int64_t id;
	int kind;
	int64_t order_id;
	struct str detail;
	int state; /* 1 open, 2 closed */
	int64_t created_at, closed_at, version;
};

struct partner_row {
	int64_t id;
	struct str name, email;
	int home_currency;
	struct str locale;
	int sandbox, active;
	struct str price_list;
	int64_t rate_limit;
	struct str webhook_url, webhook_secret; /* the secret sealed */
	int64_t created_at, version;
	struct str webhook_secret_old; /* sealed; signs too until then */
	int64_t webhook_secret_until;
	struct str phone, country; /* ISO 3166-1 alpha-2; absent = not known */
	int64_t parent_id;	   /* whose sub-account it is; 0 = nobody's */
};

struct credential_row {
	int64_t id, partner_id;
	int dialect;
	struct str public_id, secret_hash;
	int scopes;
	int64_t valid_from, valid_to, created_at;
	struct str sealed; /* the secret, of dialects that sign with it; else absent */
	int64_t version;
};

struct node {
	int slot;
	int64_t fence, id_high, batch_no, lease_until;
	int key_known, key_used; /* ids of master keys, as the batch began: see nodes_have_key */
	struct str address;	 /* where requests are handed on to it; absent: nowhere */
};

extern const struct table table_orders, table_parties, table_units, table_attempts;
extern const struct table table_details, table_esims, table_esim_links, table_kyc, table_messages;
extern const struct table table_accounts, table_counters, table_ledger;
extern const struct table table_jobs, table_events, table_callbacks, table_idempotency, table_tasks;
extern const struct table table_nodes, table_held_nodes;
extern const struct table table_partners, table_credentials;

/* Columns that are fetched by, beside the first of the key (0). */
enum { ORDERS_EXT_KEY = 3, ESIMS_ICCID = 3 };

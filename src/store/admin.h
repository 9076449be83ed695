/* store/admin.h: the rows of administration: audit, operators, and single partners and credentials.
 *
 * All of it is called within the transaction of the connection given; rows live in the arena. */
#pragma once

#include "store/tables.h"

struct audit_row {
	int64_t id;
	struct str actor, action, subject, detail;
	int64_t created_at;
	struct str previous, hash; /* HASH_BYTES each; of the first row previous is all zeros */
};

struct operator_row {
	int64_t id;
	struct str email, password_hash, token_hash;
	int active;
	int64_t created_at, version;
};

struct session_row {
	int64_t id, operator_id;
	struct str token_hash;
	int64_t created_at, expires_at;
	struct str email; /* of the operator; read by sessions_each() alone */
};

extern const struct table table_audit, table_operators, table_sessions;

/* The newest row; *ret_found says whether there is one. */
MUST_USE enum err audit_last(struct db *db, struct arena *a, struct audit_row *ret, bool *ret_found);
/* All of them, oldest first. */
MUST_USE enum err audit_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg);

/* ERR_NOT_FOUND when there is none. */
MUST_USE enum err partner_get(struct db *db, struct arena *a, int64_t id, struct partner_row *ret);
MUST_USE enum err credential_get(struct db *db, struct arena *a, int64_t id, struct credential_row *ret);
/* The highest id of a partner, 0 without any. */
MUST_USE enum err partner_last_id(struct db *db, int64_t *ret);
/* How many sub-accounts it has. */
MUST_USE enum err partner_children(struct db *db, int64_t id, int64_t *ret);

MUST_USE enum err operators_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg);

/* Sessions of active operators that end after `now_us`, oldest first. */
MUST_USE enum err sessions_each(struct db *db, struct arena *a, int64_t now_us, db_row_fn on_row, void *arg);
/* Deletes those that have ended. */
MUST_USE enum err sessions_sweep(struct db *db, int64_t now_us);

/* Tasks in that state (0 = any), oldest first, at most `most`. */
MUST_USE enum err work_tasks(struct db *db, struct arena *a, int state, int64_t most, db_row_fn on_row, void *arg);

/* The movements of a wallet with a seq below `before_seq` (0 = all), newest first; rows are struct ledger_row. */
MUST_USE enum err wallet_movements(struct db *db, struct arena *a, int64_t wallet, int64_t before_seq, int64_t most,
				   db_row_fn on_row, void *arg);
/* Those with a seq above `after_seq`, oldest first. */
MUST_USE enum err wallet_movements_after(struct db *db, struct arena *a, int64_t wallet, int64_t after_seq,
					 int64_t most, db_row_fn on_row, void *arg);

/* Imports, newest first, at most `most`; rows are struct batch_row. */
MUST_USE enum err batches_each(struct db *db, struct arena *a, int64_t most, db_row_fn on_row, void *arg);

/* Whose an order is; 0 when there is none. It never changes, so it may be read before the partner is locked. */
MUST_USE enum err order_owner(struct db *db, int64_t order_id, int64_t *ret_partner);
/* Its jobs: jobs have no index by order, but only open work has one. */
MUST_USE enum err jobs_of_order(struct db *db, struct arena *a, int64_t order_id, db_row_fn on_job, void *arg);
/* Its events, oldest first, among the EVENTS_AFTER_ORDER that followed its creation. */
enum { EVENTS_AFTER_ORDER = 200000 };
MUST_USE enum err events_of_order(struct db *db, struct arena *a, int64_t partner_id, int64_t order_id,
				  db_row_fn on_event, void *arg);
MUST_USE enum err callbacks_of_order(struct db *db, struct arena *a, int64_t order_id, db_row_fn on_callback,
				     void *arg);
/* Mails and SMS about it, in no order; of a payment request with the same id too. */
MUST_USE enum err messages_of(struct db *db, struct arena *a, int64_t subject_id, db_row_fn on_message, void *arg);

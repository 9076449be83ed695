#include "store/tables.h"

#include "store/columns.h"

static const struct column order_columns[] = {
	FIXED(struct order, I64, id),
	FIXED(struct order, I64, partner_id),
	FIXED(struct order, INT, dialect),
	FIXED(struct order, TEXT, ext_key),
	FIXED(struct order, I64, fingerprint),
	COLUMN(struct order, INT, state),
	COLUMN(struct order, INT, reason),
	FIXED(struct order, I64, product_id),
	FIXED(struct order, I64, product_batch),
	FIXED(struct order, TEXT, price_list),
	FIXED(struct order, INT, calculation_mode),
	FIXED(struct order, I64, quantity),
	FIXED(struct order, INT, currency),
	FIXED(struct order, I64, amount),
	FIXED(struct order, I64, fee),
	FIXED(struct order, INT, retail_currency),
	FIXED(struct order, I64, retail_amount),
	FIXED(struct order, I64, retail_fee),
	FIXED(struct order, I64, requested_source),
	FIXED(struct order, I64, requested_destination),
	FIXED(struct order, I64, adjusted_source),
	FIXED(struct order, I64, adjusted_destination),
	FIXED(struct order, TEXT, credit_party),
	FIXED(struct order, TEXT, credit_account),
	FIXED(struct order, TEXT, callback_url),
	FIXED(struct order, INT, sandbox),
	FIXED(struct order, I64, root_id),
	COLUMN(struct order, I64, kept),
	FIXED(struct order, I64, created_at),
	COLUMN(struct order, I64, confirmed_at),
	COLUMN(struct order, I64, expires_at),
	COLUMN(struct order, I64, completed_at),
	COLUMN(struct order, I64, updated_at),
	COLUMN(struct order, I64, version),
};
const struct table table_orders = TABLE("orders", struct order, order_columns, 1, ARRAY_LEN(order_columns) - 1);

static const struct column party_columns[] = {
	COLUMN(struct party, I64, order_id),
	COLUMN(struct party, TEXT, doc),
};
const struct table table_parties = TABLE("parties", struct party, party_columns, 1, 0);

static const struct column details_columns[] = {
	COLUMN(struct order_details, I64, order_id),
	COLUMN(struct order_details, TEXT, doc),
};
const struct table table_details = TABLE("details", struct order_details, details_columns, 1, 0);

static const struct column esim_columns[] = {
	COLUMN(struct esim, I64, order_id),  COLUMN(struct esim, INT, unit),	   FIXED(struct esim, I64, partner_id),
	COLUMN(struct esim, TEXT, iccid),    COLUMN(struct esim, INT, state),	   COLUMN(struct esim, BLOB, profile),
	FIXED(struct esim, I64, created_at), COLUMN(struct esim, I64, updated_at), COLUMN(struct esim, I64, version),
};
const struct table table_esims = TABLE("esims", struct esim, esim_columns, 2, ARRAY_LEN(esim_columns) - 1);

static const struct column esim_link_columns[] = {
	COLUMN(struct esim_link, I64, root_id),	     COLUMN(struct esim_link, INT, no),
	FIXED(struct esim_link, I64, order_id),	     FIXED(struct esim_link, TEXT, reference),
	FIXED(struct esim_link, INT, category),	     FIXED(struct esim_link, I64, product_id),
	FIXED(struct esim_link, I64, product_batch), COLUMN(struct esim_link, INT, state),
	COLUMN(struct esim_link, I64, completed_at), FIXED(struct esim_link, INT, unit),
};
const struct table table_esim_links = TABLE("esim_links", struct esim_link, esim_link_columns, 2, 0);

static const struct column kyc_columns[] = {
	COLUMN(struct kyc_check, I64, order_id),     COLUMN(struct kyc_check, INT, state),
	COLUMN(struct kyc_check, BLOB, doc),	     FIXED(struct kyc_check, I64, created_at),
	COLUMN(struct kyc_check, I64, submitted_at), COLUMN(struct kyc_check, I64, decided_at),
	COLUMN(struct kyc_check, I64, version),
};
const struct table table_kyc = TABLE("kyc", struct kyc_check, kyc_columns, 1, ARRAY_LEN(kyc_columns) - 1);

static const struct column unit_columns[] = {
	COLUMN(struct unit_, I64, order_id),
	COLUMN(struct unit_, INT, no),
	COLUMN(struct unit_, INT, state),
	COLUMN(struct unit_, INT, attempts),
	COLUMN(struct unit_, TEXT, operator_reference),
	COLUMN(struct unit_, BLOB, delivery),
	COLUMN(struct unit_, I64, updated_at),
	COLUMN(struct unit_, I64, first_read_at),
};
const struct table table_units = TABLE("units", struct unit_, unit_columns, 2, 0);

static const struct column attempt_columns[] = {
	COLUMN(struct attempt, I64, order_id),
	COLUMN(struct attempt, INT, unit),
	COLUMN(struct attempt, INT, no),
	COLUMN(struct attempt, INT, state),
	FIXED(struct attempt, TEXT, supplier),
	FIXED(struct attempt, TEXT, sku),
	COLUMN(struct attempt, TEXT, supplier_reference),
	COLUMN(struct attempt, INT, reason),
	COLUMN(struct attempt, INT, cost_currency),
	COLUMN(struct attempt, I64, cost),
	FIXED(struct attempt, I64, created_at),
	COLUMN(struct attempt, I64, updated_at),
};
const struct table table_attempts = TABLE("attempts", struct attempt, attempt_columns, 3, 0);

static const struct column account_columns[] = {
	COLUMN(struct account, I64, id),	COLUMN(struct account, I64, balance), COLUMN(struct account, I64, held),
	COLUMN(struct account, I64, overdraft), COLUMN(struct account, I64, version),
};
const struct table table_accounts =
	TABLE("accounts", struct account, account_columns, 1, ARRAY_LEN(account_columns) - 1);

static const struct column counter_columns[] = {
	COLUMN(struct counter, I64, partner_id), COLUMN(struct counter, I64, movement_seq),
	COLUMN(struct counter, I64, event_seq),	 COLUMN(struct counter, I64, id_high),
	COLUMN(struct counter, I64, order_no),	 COLUMN(struct counter, I64, events_gone),
	COLUMN(struct counter, I64, version),
};
const struct table table_counters = {
	.name = "counters",
	.columns = counter_columns,
	.count = ARRAY_LEN(counter_columns),
	.keys = 1,
	.version = ARRAY_LEN(counter_columns) - 1,
	.row_bytes = sizeof(struct counter),
	.locked = true,
};

static const struct column ledger_columns[] = {
	COLUMN(struct ledger_row, I64, id),	      COLUMN(struct ledger_row, I64, posting),
	COLUMN(struct ledger_row, REF, order_id),     COLUMN(struct ledger_row, REF, wallet_id),
	COLUMN(struct ledger_row, INT, kind),	      COLUMN(struct ledger_row, I64, debit),
	COLUMN(struct ledger_row, I64, credit),	      COLUMN(struct ledger_row, I64, amount),
	COLUMN(struct ledger_row, I64, debit_after),  COLUMN(struct ledger_row, I64, credit_after),
	COLUMN(struct ledger_row, I64, seq),	      COLUMN(struct ledger_row, I64, created_at),
	COLUMN(struct ledger_row, I64, posted_after),
};
const struct table table_ledger = TABLE("ledger", struct ledger_row, ledger_columns, 1, 0);

static const struct column job_columns[] = {
	COLUMN(struct job, I64, id),	    FIXED(struct job, INT, kind),   FIXED(struct job, I64, order_id),
	FIXED(struct job, I64, partner_id), FIXED(struct job, INT, unit),   FIXED(struct job, INT, currency),
	COLUMN(struct job, I64, due_at),    COLUMN(struct job, INT, tries), COLUMN(struct job, I64, fence),
	COLUMN(struct job, I64, owner),
};
const struct table table_jobs = TABLE("jobs", struct job, job_columns, 1, 0);

static const struct column event_columns[] = {
	COLUMN(struct event, I64, partner_id), COLUMN(struct event, I64, id),	 COLUMN(struct event, I64, seq),
	COLUMN(struct event, I64, order_id),   COLUMN(struct event, INT, state), COLUMN(struct event, INT, reason),
	COLUMN(struct event, I64, created_at),
};
const struct table table_events = TABLE("events", struct event, event_columns, 2, 0);

static const struct column callback_columns[] = {
	COLUMN(struct callback, I64, order_id),	   COLUMN(struct callback, INT, no),
	FIXED(struct callback, I64, id),	   COLUMN(struct callback, INT, state),
	COLUMN(struct callback, INT, tries),	   COLUMN(struct callback, INT, http_status),
	COLUMN(struct callback, TEXT, error),	   COLUMN(struct callback, BLOB, body),
	FIXED(struct callback, I64, created_at),   COLUMN(struct callback, I64, first_try_at),
	COLUMN(struct callback, I64, last_try_at), COLUMN(struct callback, I64, duration_us),
};
const struct table table_callbacks = TABLE("callbacks", struct callback, callback_columns, 2, 0);

static const struct column message_columns[] = {
	COLUMN(struct message, I64, subject_id), COLUMN(struct message, INT, about),
	COLUMN(struct message, INT, no),	 FIXED(struct message, I64, id),
	FIXED(struct message, I64, partner_id),	 FIXED(struct message, INT, kind),
	FIXED(struct message, INT, medium),	 FIXED(struct message, INT, language),
	COLUMN(struct message, INT, state),	 COLUMN(struct message, INT, tries),
	COLUMN(struct message, INT, status),	 COLUMN(struct message, TEXT, error),
	FIXED(struct message, BLOB, doc),	 COLUMN(struct message, I64, planned_at),
	FIXED(struct message, I64, every_us),	 COLUMN(struct message, INT, repeats),
	FIXED(struct message, I64, until_at),	 FIXED(struct message, I64, created_at),
	COLUMN(struct message, I64, claimed_at), COLUMN(struct message, I64, done_at),
};
const struct table table_messages = TABLE("messages", struct message, message_columns, 3, 0);

static const struct column idempotency_columns[] = {
	COLUMN(struct idempotency, TEXT, idem_key),
	COLUMN(struct idempotency, I64, request_hash),
	COLUMN(struct idempotency, I64, order_id),
	COLUMN(struct idempotency, I64, created_at),
};
const struct table table_idempotency = TABLE("idempotency", struct idempotency, idempotency_columns, 1, 0);

static const struct column task_columns[] = {
	COLUMN(struct work_task, I64, id),	  FIXED(struct work_task, INT, kind),
	FIXED(struct work_task, REF, order_id),	  COLUMN(struct work_task, TEXT, detail),
	COLUMN(struct work_task, INT, state),	  FIXED(struct work_task, I64, created_at),
	COLUMN(struct work_task, I64, closed_at), COLUMN(struct work_task, I64, version),
};
const struct table table_tasks = TABLE("tasks", struct work_task, task_columns, 1, ARRAY_LEN(task_columns) - 1);

static const struct column node_columns[] = {
	COLUMN(struct node, INT, slot),	    COLUMN(struct node, I64, fence),	   COLUMN(struct node, I64, id_high),
	COLUMN(struct node, I64, batch_no), COLUMN(struct node, I64, lease_until), COLUMN(struct node, INT, key_known),
	COLUMN(struct node, INT, key_used), COLUMN(struct node, TEXT, address),
};
const struct table table_nodes = {
	.name = "nodes",
	.columns = node_columns,
	.count = ARRAY_LEN(node_columns),
	.keys = 1,
	.row_bytes = sizeof(struct node),
	.locked = true,
};
/* The same rows for their holder: without the fence that it was given there is no row. The address is written once. */
const struct table table_held_nodes = {
	.name = "nodes",
	.columns = node_columns,
	.count = ARRAY_LEN(node_columns) - 1,
	.keys = 2,
	.row_bytes = sizeof(struct node),
};

static const struct column partner_columns[] = {
	COLUMN(struct partner_row, I64, id),
	COLUMN(struct partner_row, TEXT, name),
	COLUMN(struct partner_row, TEXT, email),
	COLUMN(struct partner_row, INT, home_currency),
	COLUMN(struct partner_row, TEXT, locale),
	COLUMN(struct partner_row, INT, sandbox),
	COLUMN(struct partner_row, INT, active),
	COLUMN(struct partner_row, TEXT, price_list),
	COLUMN(struct partner_row, I64, rate_limit),
	COLUMN(struct partner_row, TEXT, webhook_url),
	COLUMN(struct partner_row, BLOB, webhook_secret),
	COLUMN(struct partner_row, BLOB, webhook_secret_old),
	COLUMN(struct partner_row, I64, webhook_secret_until),
	COLUMN(struct partner_row, TEXT, phone),
	COLUMN(struct partner_row, TEXT, country),
	COLUMN(struct partner_row, I64, parent_id),
	FIXED(struct partner_row, I64, created_at),
	COLUMN(struct partner_row, I64, version),
};
const struct table table_partners =
	TABLE("partners", struct partner_row, partner_columns, 1, ARRAY_LEN(partner_columns) - 1);

static const struct column credential_columns[] = {
	COLUMN(struct credential_row, I64, id),		  FIXED(struct credential_row, I64, partner_id),
	FIXED(struct credential_row, INT, dialect),	  FIXED(struct credential_row, TEXT, public_id),
	COLUMN(struct credential_row, BLOB, secret_hash), COLUMN(struct credential_row, INT, scopes),
	COLUMN(struct credential_row, I64, valid_from),	  COLUMN(struct credential_row, I64, valid_to),
	FIXED(struct credential_row, I64, created_at),	  COLUMN(struct credential_row, BLOB, sealed),
	COLUMN(struct credential_row, I64, version),
};
const struct table table_credentials =
	TABLE("credentials", struct credential_row, credential_columns, 1, ARRAY_LEN(credential_columns) - 1);

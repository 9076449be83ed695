#include "store/admin.h"

#include "store/catalog.h"

static const struct column audit_columns[] = {
	{ "id", COL_I64, offsetof(struct audit_row, id), COL_FIXED },
	{ "actor", COL_TEXT, offsetof(struct audit_row, actor), COL_FIXED },
	{ "action", COL_TEXT, offsetof(struct audit_row, action), COL_FIXED },
	{ "subject", COL_TEXT, offsetof(struct audit_row, subject), COL_FIXED },
	{ "detail", COL_TEXT, offsetof(struct audit_row, detail), COL_FIXED },
	{ "created_at", COL_I64, offsetof(struct audit_row, created_at), COL_FIXED },
	{ "previous", COL_BLOB, offsetof(struct audit_row, previous), COL_FIXED },
	{ "hash", COL_BLOB, offsetof(struct audit_row, hash), COL_FIXED },
};
const struct table table_audit = TABLE("audit", struct audit_row, audit_columns, 1, 0);

static const struct column operator_columns[] = {
	{ "id", COL_I64, offsetof(struct operator_row, id), 0 },
	{ "email", COL_TEXT, offsetof(struct operator_row, email), 0 },
	{ "password_hash", COL_TEXT, offsetof(struct operator_row, password_hash), 0 },
	{ "token_hash", COL_BLOB, offsetof(struct operator_row, token_hash), 0 },
	{ "active", COL_INT, offsetof(struct operator_row, active), 0 },
	{ "created_at", COL_I64, offsetof(struct operator_row, created_at), COL_FIXED },
	{ "version", COL_I64, offsetof(struct operator_row, version), 0 },
};
const struct table table_operators =
	TABLE("operators", struct operator_row, operator_columns, 1, ARRAY_LEN(operator_columns) - 1);

struct one_row {
	void *row;
	size_t bytes;
	bool found;
};

static enum err take_row(void *arg, void *row)
{
	struct one_row *one = arg;

	memcpy(one->row, row, one->bytes);
	one->found = true;
	return OK;
}

enum err audit_last(struct db *db, struct arena *a, struct audit_row *ret, bool *ret_found)
{
	static const char sql[] = "SELECT id, actor, action, subject, detail, created_at, previous, hash FROM audit "
				  "ORDER BY id DESC LIMIT 1";
	struct one_row one = { ret, sizeof(*ret), false };
	enum err e = db_query(db, sql, NULL, 0, &table_audit, a, take_row, &one);

	if (!e)
		*ret_found = one.found;
	return e;
}

enum err audit_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT id, actor, action, subject, detail, created_at, previous, hash FROM audit "
				  "ORDER BY id";

	return db_query(db, sql, NULL, 0, &table_audit, a, on_row, arg);
}

static enum err row_of_id(struct db *db, const struct table *table, struct arena *a, int64_t id, void *ret)
{
	const struct db_value key = DB_I64(id);
	struct one_row one = { ret, table->row_bytes, false };
	enum err e = db_fetch(db, table, 0, &key, 1, a, take_row, &one);

	return !e && !one.found ? ERR_NOT_FOUND : e;
}

enum err partner_get(struct db *db, struct arena *a, int64_t id, struct partner_row *ret)
{
	return row_of_id(db, &table_partners, a, id, ret);
}

enum err credential_get(struct db *db, struct arena *a, int64_t id, struct credential_row *ret)
{
	return row_of_id(db, &table_credentials, a, id, ret);
}

enum err partner_last_id(struct db *db, int64_t *ret)
{
	return db_number(db, "SELECT coalesce(max(id), 0) FROM partners", NULL, 0, ret);
}

enum err partner_children(struct db *db, int64_t id, int64_t *ret)
{
	const struct db_value key = DB_I64(id);

	return db_number(db, "SELECT count(*) FROM partners WHERE parent_id = $1", &key, 1, ret);
}

enum err operators_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT id, email, password_hash, token_hash, active, created_at, version "
				  "FROM operators ORDER BY id";

	return db_query(db, sql, NULL, 0, &table_operators, a, on_row, arg);
}

static const struct column session_columns[] = {
	{ "id", COL_I64, offsetof(struct session_row, id), COL_FIXED },
	{ "operator_id", COL_I64, offsetof(struct session_row, operator_id), COL_FIXED },
	{ "token_hash", COL_BLOB, offsetof(struct session_row, token_hash), COL_FIXED },
	{ "created_at", COL_I64, offsetof(struct session_row, created_at), COL_FIXED },
	{ "expires_at", COL_I64, offsetof(struct session_row, expires_at), COL_FIXED },
};
const struct table table_sessions = TABLE("sessions", struct session_row, session_columns, 1, 0);

/* With the operator's address. */
static const struct column known_session_columns[] = {
	{ "id", COL_I64, offsetof(struct session_row, id), 0 },
	{ "token_hash", COL_BLOB, offsetof(struct session_row, token_hash), 0 },
	{ "expires_at", COL_I64, offsetof(struct session_row, expires_at), 0 },
	{ "email", COL_TEXT, offsetof(struct session_row, email), 0 },
};
static const struct table known_sessions = TABLE("sessions", struct session_row, known_session_columns, 1, 0);

enum err sessions_each(struct db *db, struct arena *a, int64_t now_us, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT s.id, s.token_hash, s.expires_at, o.email FROM sessions s "
				  "JOIN operators o ON o.id = s.operator_id "
				  "WHERE s.expires_at > $1 AND o.active = 1 ORDER BY s.id";

	return db_query(db, sql, &DB_I64(now_us), 1, &known_sessions, a, on_row, arg);
}

enum err sessions_sweep(struct db *db, int64_t now_us)
{
	return db_exec(db, "DELETE FROM sessions WHERE expires_at <= $1", &DB_I64(now_us), 1, NULL);
}

enum err work_tasks(struct db *db, struct arena *a, int state, int64_t most, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT id, kind, order_id, detail, state, created_at, closed_at, version FROM tasks "
				  "WHERE $1 = 0 OR state = $1 ORDER BY id LIMIT $2";
	const struct db_value params[] = { DB_I64(state), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_tasks, a, on_row, arg);
}

enum err wallet_movements(struct db *db, struct arena *a, int64_t wallet, int64_t before_seq, int64_t most,
			  db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, posting, order_id, wallet_id, kind, debit, credit, amount, debit_after, credit_after, "
		"seq, created_at, posted_after FROM ledger WHERE wallet_id = $1 AND seq > 0 AND ($2 = 0 OR seq < $2) "
		"ORDER BY seq DESC LIMIT $3";
	const struct db_value params[] = { DB_I64(wallet), DB_I64(before_seq), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_ledger, a, on_row, arg);
}

enum err wallet_movements_after(struct db *db, struct arena *a, int64_t wallet, int64_t after_seq, int64_t most,
				db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, posting, order_id, wallet_id, kind, debit, credit, amount, debit_after, credit_after, "
		"seq, created_at, posted_after FROM ledger WHERE wallet_id = $1 AND seq > 0 AND seq > $2 "
		"ORDER BY seq LIMIT $3";
	const struct db_value params[] = { DB_I64(wallet), DB_I64(after_seq), DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_ledger, a, on_row, arg);
}

enum err batches_each(struct db *db, struct arena *a, int64_t most, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, kind, state, row_count, note, created_at FROM batches ORDER BY id DESC LIMIT $1";
	const struct db_value params[] = { DB_I64(most) };

	return db_query(db, sql, params, ARRAY_LEN(params), &batch_table, a, on_row, arg);
}

enum err order_owner(struct db *db, int64_t order_id, int64_t *ret_partner)
{
	const struct db_value params[] = { DB_I64(order_id) };

	return db_number(db, "SELECT partner_id FROM orders WHERE id = $1", params, ARRAY_LEN(params), ret_partner);
}

enum err jobs_of_order(struct db *db, struct arena *a, int64_t order_id, db_row_fn on_job, void *arg)
{
	static const char sql[] = "SELECT id, kind, order_id, partner_id, unit, currency, due_at, tries, fence, owner "
				  "FROM jobs WHERE order_id = $1 ORDER BY id";
	const struct db_value params[] = { DB_I64(order_id) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_jobs, a, on_job, arg);
}

enum err events_of_order(struct db *db, struct arena *a, int64_t partner_id, int64_t order_id, db_row_fn on_event,
			 void *arg)
{
	static const char sql[] =
		"SELECT partner_id, id, seq, order_id, state, reason, created_at FROM "
		"(SELECT partner_id, id, seq, order_id, state, reason, created_at FROM events WHERE partner_id = $3 "
		"AND id > $1 ORDER BY id LIMIT $2) near WHERE order_id = $1 ORDER BY id";
	const struct db_value params[] = { DB_I64(order_id), DB_I64(EVENTS_AFTER_ORDER), DB_I64(partner_id) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_events, a, on_event, arg);
}

enum err callbacks_of_order(struct db *db, struct arena *a, int64_t order_id, db_row_fn on_callback, void *arg)
{
	const struct db_value key = DB_I64(order_id);

	return db_fetch(db, &table_callbacks, 0, &key, 1, a, on_callback, arg);
}

enum err messages_of(struct db *db, struct arena *a, int64_t subject_id, db_row_fn on_message, void *arg)
{
	const struct db_value key = DB_I64(subject_id);

	return db_fetch(db, &table_messages, 0, &key, 1, a, on_message, arg);
}

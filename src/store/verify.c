#include "store/verify.h"

#include "store/reusables.h"

static enum err page(struct db *db, const char *sql, int64_t after, const struct table *shape, struct arena *a,
		     db_row_fn on_row, void *arg)
{
	const struct db_value params[] = { DB_I64(after), DB_I64(VERIFY_PAGE) };

	return db_query(db, sql, params, ARRAY_LEN(params), shape, a, on_row, arg);
}

enum err verify_ledger(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, posting, order_id, wallet_id, kind, debit, credit, amount, debit_after, "
		"credit_after, seq, created_at, posted_after FROM ledger WHERE id > $1 ORDER BY id LIMIT $2";

	return page(db, sql, after, &table_ledger, a, on_row, arg);
}

enum err verify_accounts(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT id, balance, held, overdraft, version FROM accounts WHERE id > $1 ORDER BY id LIMIT $2";

	return page(db, sql, after, &table_accounts, a, on_row, arg);
}

enum err verify_counters(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT partner_id, movement_seq, event_seq, id_high, order_no, events_gone, version "
				  "FROM counters WHERE partner_id > $1 ORDER BY partner_id LIMIT $2";

	return page(db, sql, after, &table_counters, a, on_row, arg);
}

enum err verify_events(struct db *db, struct arena *a, const struct event *after, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT partner_id, id, seq, order_id, state, reason, created_at FROM events "
				  "WHERE (partner_id, id) > ($1, $2) ORDER BY partner_id, id LIMIT $3";
	const struct db_value params[] = { DB_I64(after->partner_id), DB_I64(after->id), DB_I64(VERIFY_PAGE) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_events, a, on_row, arg);
}

enum err verify_jobs(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] = "SELECT id, kind, order_id, partner_id, unit, currency, due_at, tries, fence, owner "
				  "FROM jobs WHERE id > $1 ORDER BY id LIMIT $2";

	return page(db, sql, after, &table_jobs, a, on_row, arg);
}

static const struct column facts_columns[] = {
	{ "id", COL_I64, offsetof(struct order_facts, id), 0 },
	{ "partner_id", COL_I64, offsetof(struct order_facts, partner_id), 0 },
	{ "state", COL_INT, offsetof(struct order_facts, state), 0 },
	{ "currency", COL_INT, offsetof(struct order_facts, currency), 0 },
	{ "quantity", COL_I64, offsetof(struct order_facts, quantity), 0 },
	{ "amount", COL_I64, offsetof(struct order_facts, amount), 0 },
	{ "fee", COL_I64, offsetof(struct order_facts, fee), 0 },
	{ "kept", COL_I64, offsetof(struct order_facts, kept), 0 },
	{ "units", COL_I64, offsetof(struct order_facts, units), 0 },
	{ "delivered", COL_I64, offsetof(struct order_facts, delivered), 0 },
	{ "failed", COL_I64, offsetof(struct order_facts, failed), 0 },
	{ "attempts_said", COL_I64, offsetof(struct order_facts, attempts_said), 0 },
	{ "attempts", COL_I64, offsetof(struct order_facts, attempts), 0 },
	{ "live", COL_I64, offsetof(struct order_facts, live), 0 },
};
static const struct table facts_shape = TABLE("facts", struct order_facts, facts_columns, 1, 0);

enum err verify_orders(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT o.id, o.partner_id, o.state, o.currency, o.quantity, o.amount, o.fee, o.kept, "
		"(SELECT count(*) FROM units u WHERE u.order_id = o.id), "
		"(SELECT count(*) FROM units u WHERE u.order_id = o.id AND u.state = $1), "
		"(SELECT count(*) FROM units u WHERE u.order_id = o.id AND u.state = $2), "
		"(SELECT CAST(coalesce(sum(u.attempts), 0) AS BIGINT) FROM units u WHERE u.order_id = o.id), "
		"(SELECT count(*) FROM attempts t WHERE t.order_id = o.id), "
		"(SELECT count(*) FROM attempts t WHERE t.order_id = o.id AND t.state <> $3 AND t.state <> $4) "
		"FROM orders o WHERE o.id > $5 ORDER BY o.id LIMIT $6";
	const struct db_value params[] = { DB_I64(UNIT_DELIVERED),    DB_I64(UNIT_FAILED), DB_I64(ATTEMPT_REFUSED),
					   DB_I64(ATTEMPT_DELIVERED), DB_I64(after),	   DB_I64(VERIFY_PAGE) };

	return db_query(db, sql, params, ARRAY_LEN(params), &facts_shape, a, on_row, arg);
}

static const struct column payment_columns[] = {
	{ "id", COL_I64, offsetof(struct payment_facts, id), 0 },
	{ "partner_id", COL_I64, offsetof(struct payment_facts, partner_id), 0 },
	{ "state", COL_INT, offsetof(struct payment_facts, state), 0 },
	{ "currency", COL_INT, offsetof(struct payment_facts, currency), 0 },
	{ "total", COL_I64, offsetof(struct payment_facts, total), 0 },
	{ "fee", COL_I64, offsetof(struct payment_facts, fee), 0 },
	{ "attempts_said", COL_I64, offsetof(struct payment_facts, attempts_said), 0 },
	{ "attempts", COL_I64, offsetof(struct payment_facts, attempts), 0 },
	{ "live", COL_I64, offsetof(struct payment_facts, live), 0 },
	{ "paid", COL_I64, offsetof(struct payment_facts, paid), 0 },
};
static const struct table payment_shape = TABLE("facts", struct payment_facts, payment_columns, 1, 0);

enum err verify_payments(struct db *db, struct arena *a, int64_t after, db_row_fn on_row, void *arg)
{
	static const char sql[] =
		"SELECT p.id, p.partner_id, p.state, p.currency, p.item_amount + p.tax_amount, p.fee, "
		"CAST(p.attempts AS BIGINT), "
		"(SELECT count(*) FROM payment_attempts t WHERE t.payment_id = p.id), "
		"(SELECT count(*) FROM payment_attempts t WHERE t.payment_id = p.id AND t.state <= $1), "
		"(SELECT count(*) FROM payment_attempts t WHERE t.payment_id = p.id AND t.state = $2) "
		"FROM payments p WHERE p.id > $3 ORDER BY p.id LIMIT $4";
	const struct db_value params[] = { DB_I64(PAYTRY_WAITING), DB_I64(PAYTRY_PAID), DB_I64(after),
					   DB_I64(VERIFY_PAGE) };

	return db_query(db, sql, params, ARRAY_LEN(params), &payment_shape, a, on_row, arg);
}

static const struct column stray_columns[] = {
	{ "order_id", COL_I64, offsetof(struct stray, order_id), 0 },
	{ "no", COL_I64, offsetof(struct stray, no), 0 },
};
static const struct table stray_shape = TABLE("stray", struct stray, stray_columns, 2, 0);

enum err verify_callbacks(struct db *db, struct arena *a, struct callback_kinds kinds, db_row_fn on_without_job,
			  db_row_fn on_without_callback, void *arg)
{
	static const char without_job[] = "SELECT c.order_id, c.no FROM callbacks c LEFT JOIN jobs j ON j.id = c.id "
					  "WHERE c.state = $1 AND j.id IS NULL ORDER BY c.order_id, c.no";
	static const char without_callback[] =
		"SELECT j.order_id, j.unit FROM jobs j LEFT JOIN callbacks c ON c.order_id = j.order_id "
		"AND c.no = j.unit AND c.state = $1 WHERE j.kind IN ($2, $3) AND c.order_id IS NULL ORDER BY j.id";
	const struct db_value params[] = { DB_I64(CALLBACK_PENDING), DB_I64(kinds.order), DB_I64(kinds.payment) };
	enum err e = db_query(db, without_job, params, 1, &stray_shape, a, on_without_job, arg);

	return e ? e : db_query(db, without_callback, params, 3, &stray_shape, a, on_without_callback, arg);
}

enum err verify_messages(struct db *db, struct arena *a, int message_kind, db_row_fn on_without_job,
			 db_row_fn on_without_message, void *arg)
{
	static const char without_job[] =
		"SELECT m.subject_id, m.no FROM messages m LEFT JOIN jobs j ON j.id = m.id "
		"WHERE (m.state = $1 OR m.state = $2) AND j.id IS NULL ORDER BY m.subject_id, m.no";
	static const char without_message[] =
		"SELECT j.order_id, j.unit FROM jobs j LEFT JOIN messages m ON m.subject_id = j.order_id "
		"AND m.id = j.id AND (m.state = $1 OR m.state = $2) WHERE j.kind = $3 AND m.id IS NULL ORDER BY j.id";
	const struct db_value params[] = { DB_I64(MESSAGE_QUEUED), DB_I64(MESSAGE_SENDING), DB_I64(message_kind) };
	enum err e = db_query(db, without_job, params, 2, &stray_shape, a, on_without_job, arg);

	return e ? e : db_query(db, without_message, params, 3, &stray_shape, a, on_without_message, arg);
}

enum err verify_photos(struct db *db, struct arena *a, int photo_kind, db_row_fn on_without_job,
		       db_row_fn on_without_code, void *arg)
{
	/* No index of jobs knows what they are about: one look at all of them, not one for each code. */
	static const char without_job[] =
		"SELECT r.id, r.version FROM reusables r WHERE r.photo_state = $1 "
		"AND r.id NOT IN (SELECT j.order_id FROM jobs j WHERE j.kind = $2) ORDER BY r.id";
	static const char without_code[] =
		"SELECT j.order_id, j.id FROM jobs j LEFT JOIN reusables r ON r.id = j.order_id "
		"AND r.photo_state = $1 WHERE j.kind = $2 AND r.id IS NULL ORDER BY j.id";
	const struct db_value params[] = { DB_I64(PHOTO_WANTED), DB_I64(photo_kind) };
	enum err e = db_query(db, without_job, params, ARRAY_LEN(params), &stray_shape, a, on_without_job, arg);

	return e ? e : db_query(db, without_code, params, ARRAY_LEN(params), &stray_shape, a, on_without_code, arg);
}

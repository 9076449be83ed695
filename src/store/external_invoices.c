#include "store/external_invoices.h"

#include "store/columns.h"

#define WORD(column, status)                                                          \
	{                                                                             \
#column, COL_TEXT, offsetof(struct external_source, words[status]), 0 \
	}

static const struct column source_columns[] = {
	COLUMN(struct external_source, I64, id),
	FIXED(struct external_source, I64, partner_id),
	FIXED(struct external_source, TEXT, name),
	WORD(pending, EXTERNAL_PENDING),
	WORD(due, EXTERNAL_DUE),
	WORD(fully_paid, EXTERNAL_FULLY_PAID),
	WORD(partially_paid, EXTERNAL_PARTIALLY_PAID),
};
const struct table table_external_sources = TABLE("external_sources", struct external_source, source_columns, 1, 0);

static const struct column import_columns[] = {
	COLUMN(struct external_import, I64, source_id), COLUMN(struct external_import, I64, id),
	COLUMN(struct external_import, INT, state),	FIXED(struct external_import, TEXT, batch),
	FIXED(struct external_import, BLOB, digest),	FIXED(struct external_import, I64, started_at),
};
const struct table table_external_imports = TABLE("external_imports", struct external_import, import_columns, 2, 0);

static const struct column invoice_columns[] = {
	COLUMN(struct external_invoice, I64, source_id),    COLUMN(struct external_invoice, TEXT, invoice),
	COLUMN(struct external_invoice, I64, import_id),    FIXED(struct external_invoice, TEXT, date),
	FIXED(struct external_invoice, TEXT, due_date),	    FIXED(struct external_invoice, TEXT, label),
	FIXED(struct external_invoice, I64, amount),	    FIXED(struct external_invoice, TEXT, status),
	FIXED(struct external_invoice, TEXT, customer),	    FIXED(struct external_invoice, TEXT, phone),
	FIXED(struct external_invoice, TEXT, email),	    FIXED(struct external_invoice, TEXT, balance),
	FIXED(struct external_invoice, TEXT, balance_date), FIXED(struct external_invoice, TEXT, batch),
};
const struct table table_external_invoices = TABLE("external_invoices", struct external_invoice, invoice_columns, 3, 0);

static enum err source_seen(void *arg, void *row)
{
	*(struct external_source *)arg = *(const struct external_source *)row;
	return OK;
}

enum err external_source_get(struct db *db, struct arena *a, int64_t partner_id, struct str name,
			     struct external_source *ret)
{
	static const char sql[] = "SELECT id, partner_id, name, pending, due, fully_paid, partially_paid "
				  "FROM external_sources WHERE partner_id = $1 AND name = $2";
	const struct db_value params[] = { DB_I64(partner_id), DB_TEXT(name) };
	struct external_source found = { 0 };
	enum err e = db_query(db, sql, params, ARRAY_LEN(params), &table_external_sources, a, source_seen, &found);

	if (e)
		return e;
	if (!found.id)
		return ERR_NOT_FOUND;
	*ret = found;
	return OK;
}

enum err external_sources_count(struct db *db, int64_t partner_id, int64_t *ret)
{
	const struct db_value params[] = { DB_I64(partner_id) };

	return db_number(db, "SELECT COUNT(*) FROM external_sources WHERE partner_id = $1", params, 1, ret);
}

enum err external_import_is_known(struct db *db, const struct external_import *import, bool *ret)
{
	static const char sql[] = "SELECT COUNT(*) FROM external_imports "
				  "WHERE source_id = $1 AND state = $2 AND batch = $3 AND digest = $4";
	const struct db_value params[] = { DB_I64(import->source_id), DB_I64(EXTERNAL_LOADED), DB_TEXT(import->batch),
					   DB_BLOB(import->digest) };
	int64_t n;
	enum err e = db_number(db, sql, params, ARRAY_LEN(params), &n);

	if (!e)
		*ret = n > 0;
	return e;
}

enum err external_import_is_loading(struct db *db, const struct external_import *import)
{
	static const char sql[] =
		"SELECT COUNT(*) FROM external_imports WHERE source_id = $1 AND id = $2 AND state = $3";
	const struct db_value params[] = { DB_I64(import->source_id), DB_I64(import->id), DB_I64(EXTERNAL_LOADING) };
	int64_t n;
	enum err e = db_number(db, sql, params, ARRAY_LEN(params), &n);

	return e ? e : n ? OK : ERR_NOT_FOUND;
}

enum err external_import_end(struct db *db, const struct external_import *import)
{
	struct external_import ended = *import;
	void *rows[] = { &ended };

	ended.state = EXTERNAL_LOADED;
	return import->batch.n ? db_update(db, &table_external_imports, rows, 1)
			       : db_delete(db, &table_external_imports, rows, 1);
}

enum err external_imports_sweep(struct db *db, int64_t source_id, int64_t before_us)
{
	static const char invoices[] =
		"DELETE FROM external_invoices WHERE source_id = $1 AND import_id IN (SELECT id FROM external_imports "
		"WHERE source_id = $1 AND state = $2 AND started_at < $3)";
	static const char imports[] =
		"DELETE FROM external_imports WHERE source_id = $1 AND state = $2 AND started_at < $3";
	static const char some[] =
		"SELECT COUNT(*) FROM external_imports WHERE source_id = $1 AND state = $2 AND started_at < $3";
	const struct db_value params[] = { DB_I64(source_id), DB_I64(EXTERNAL_LOADING), DB_I64(before_us) };
	int64_t n = 0;
	enum err e = db_number(db, some, params, ARRAY_LEN(params), &n);

	if (e || !n)
		return e;
	e = db_exec(db, invoices, params, ARRAY_LEN(params), NULL);
	return e ? e : db_exec(db, imports, params, ARRAY_LEN(params), NULL);
}

enum err external_invoices_count(struct db *db, int64_t source_id, int64_t *ret)
{
	const struct db_value params[] = { DB_I64(source_id) };

	return db_number(db, "SELECT COUNT(*) FROM external_invoices WHERE source_id = $1", params, 1, ret);
}

#define INVOICE_COLUMNS                                                                                  \
	"source_id, invoice, import_id, date, due_date, label, amount, status, customer, phone, email, " \
	"balance, balance_date, batch"

enum err external_invoices_before(struct db *db, struct arena *a, const struct external_range *range, db_row_fn on_row,
				  void *arg)
{
	static const char sql[] =
		"SELECT " INVOICE_COLUMNS " FROM external_invoices WHERE source_id = $1 AND invoice >= $2 "
		"AND invoice <= $3 AND import_id < $4";
	const struct db_value params[] = { DB_I64(range->source_id), DB_TEXT(range->first), DB_TEXT(range->last),
					   DB_I64(range->import_id) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_external_invoices, a, on_row, arg);
}

#define OF_SOURCE                                                                 \
	"SELECT " INVOICE_COLUMNS " FROM external_invoices WHERE source_id = $1 " \
	"AND import_id NOT IN (SELECT id FROM external_imports WHERE source_id = $1 AND state = 1) "

enum err external_invoices_of(struct db *db, struct arena *a, int64_t source_id, db_row_fn on_row, void *arg)
{
	static const char sql[] = OF_SOURCE "ORDER BY invoice, import_id";
	const struct db_value params[] = { DB_I64(source_id) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_external_invoices, a, on_row, arg);
}

enum err external_invoice_get(struct db *db, struct arena *a, int64_t source_id, struct str invoice, db_row_fn on_row,
			      void *arg)
{
	static const char sql[] = OF_SOURCE "AND invoice = $2 ORDER BY import_id";
	const struct db_value params[] = { DB_I64(source_id), DB_TEXT(invoice) };

	return db_query(db, sql, params, ARRAY_LEN(params), &table_external_invoices, a, on_row, arg);
}

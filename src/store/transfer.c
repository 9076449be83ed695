#include "store/transfer.h"

#include "base/buf.h"
#include "store/admin.h"
#include "store/catalog.h"
#include "store/external_invoices.h"
#include "store/nodes.h"
#include "store/payments.h"
#include "store/reusables.h"
#include "store/stock.h"

#include <stdio.h>

enum { SQL_MOST_BYTES = 8 * 1024 };

const struct table *const transfer_tables[] = {
	&table_settings,
	&table_nodes,
	&table_partners,
	&table_credentials,
	&table_operators,
	&table_sessions,
	&batch_table,
	&catalog_table,
	&table_counters,
	&table_accounts,
	&table_ledger,
	&table_orders,
	&table_parties,
	&table_units,
	&table_attempts,
	&table_jobs,
	&table_events,
	&table_callbacks,
	&table_tasks,
	&table_idempotency,
	&table_audit,
	&table_details,
	&table_esims,
	&table_esim_links,
	&table_kyc,
	&table_messages,
	&table_stock_batches,
	&table_stock_units,
	&table_stock_returned,
	&table_stock_holds,
	&table_stock_events,
	&table_merchants,
	&table_payments,
	&table_payment_attempts,
	&table_payment_entries,
	&table_reusables,
	&table_photo_parts,
	&table_external_sources,
	&table_external_imports,
	&table_external_invoices,
};
const size_t transfer_table_count = ARRAY_LEN(transfer_tables);
_Static_assert(ARRAY_LEN(transfer_tables) <= TRANSFER_TABLES_MOST, "results have room for all tables");

/* The names are those of the column tables, ours. */
enum err transfer_count(struct db *db, const struct table *table, int64_t *ret)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table->name);
	return db_number(db, sql, NULL, 0, ret);
}

static void put_names(struct buf *b, const struct table *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s%s", i ? ", " : "", table->columns[i].name);
}

/* By position after the last key, so that a page costs what its rows cost, wherever it is. */
static void put_page(struct buf *b, const struct table *table, bool is_first)
{
	buf_lit(b, "SELECT ");
	put_names(b, table, table->count);
	buf_printf(b, " FROM %s", table->name);
	if (!is_first) {
		buf_lit(b, " WHERE (");
		put_names(b, table, table->keys);
		buf_lit(b, ") > (");
		for (size_t i = 0; i < table->keys; i++)
			buf_printf(b, "%s$%zu", i ? ", " : "", i + 1);
		buf_lit(b, ")");
	}
	buf_lit(b, " ORDER BY ");
	put_names(b, table, table->keys);
	buf_printf(b, " LIMIT %d", TRANSFER_PAGE);
	buf_char(b, '\0');
}

enum err transfer_page(struct db *db, const struct table *table, const void *after, struct arena *a, db_row_fn on_row,
		       void *arg)
{
	struct db_value keys[8];
	struct buf sql;

	must(table->keys <= ARRAY_LEN(keys));
	buf_init(&sql, SQL_MOST_BYTES);
	put_page(&sql, table, !after);
	must(!sql.failed);
	for (size_t i = 0; after && i < table->keys; i++)
		keys[i] = db_value_of(&table->columns[i], after);
	enum err e = db_query(db, sql.p, keys, after ? table->keys : 0, table, a, on_row, arg);
	buf_done(&sql);
	return e;
}

enum err transfer_insert(struct db *db, const struct table *table, void *const *rows, size_t n)
{
	int64_t ignored;
	enum err e = db_insert(db, table, rows, n);

	return e ? e : db_number(db, "SELECT CAST(1 AS BIGINT)", NULL, 0, &ignored);
}

enum err transfer_is_empty(struct db *db, bool *ret)
{
	bool empty = true;

	for (size_t i = 0; i < transfer_table_count && empty; i++) {
		int64_t rows;
		enum err e = transfer_count(db, transfer_tables[i], &rows);

		if (e)
			return e;
		empty = rows == 0;
	}
	*ret = empty;
	return OK;
}

enum err transfer_is_served(struct db *db, int64_t wall_us, bool *ret)
{
	const struct db_value now = DB_I64(wall_us);
	int64_t nodes = 0;
	enum err e = OK;

	if (db_is_shared(db))
		e = db_number(db, "SELECT count(*) FROM nodes WHERE lease_until > $1", &now, 1, &nodes);
	if (!e)
		*ret = nodes > 0;
	return e;
}

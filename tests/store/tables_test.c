/* What every engine must do with every table of the store: each row comes back as it was written.
 *
 * Written for any engine: the store is a database of the server that BODEGA_TEST_POSTGRES names, else a SQLite file of
 * its own. The values come from the column tables, so a column that is missing there, or stands in another
 * order, is found by the schema. */
#include "store/stock.h"
#include "store/tables.h"

#include "base/log.h"
#include "store/catalog.h"
#include "store/nodes.h"

#include "support/postgres.h"
#include "support/test.h"

#include <unistd.h>

enum { ROW_BYTES = 1024 };

/* Parents before children; `absent` names the columns that may be NULL. */
static const struct {
	const struct table *table;
	const char *absent;
} all_tables[] = {
	{ &table_partners, " email webhook_url webhook_secret webhook_secret_old phone country " },
	{ &table_credentials, " sealed " },
	{ &batch_table, " note " },
	{ &catalog_table, "" },
	{ &table_counters, "" },
	{ &table_accounts, "" },
	{ &table_orders, " credit_party credit_account callback_url " },
	{ &table_parties, "" },
	{ &table_details, "" },
	{ &table_stock_batches, " note " },
	{ &table_stock_units, " order_id " },
	{ &table_stock_returned, "" },
	{ &table_stock_holds, "" },
	{ &table_stock_events, "" },
	{ &table_units, " operator_reference delivery " },
	{ &table_attempts, " sku supplier_reference " },
	{ &table_ledger, " order_id wallet_id " },
	{ &table_jobs, "" },
	{ &table_events, "" },
	{ &table_callbacks, " error body " },
	{ &table_messages, " error " },
	{ &table_idempotency, "" },
	{ &table_tasks, " order_id " },
	{ &table_nodes, " address " },
};

struct store {
	char folder[32], path[64];
	struct test_database database;
	struct db *db;
	struct arena arena;
	char row[ROW_BYTES];
	size_t found;
};

static int open_store(void **state)
{
	struct store *s = calloc(1, sizeof(*s));
	const char *uri = postgres_server() ? s->database.uri : s->path;

	must(s);
	log_set_level((enum log_level)0); /* failures are made on purpose */
	snprintf(s->folder, sizeof(s->folder), "/tmp/bodega-store-XXXXXX");
	must(mkdtemp(s->folder));
	snprintf(s->path, sizeof(s->path), "%s/store.db", s->folder);
	if (postgres_server())
		postgres_create(&s->database);
	check_ok(db_open(&(struct db_options){ .uri = uri, .mode = DB_WRITE }, &s->db));
	check_ok(db_migrate(s->db));
	arena_init(&s->arena);
	*state = s;
	return 0;
}

static int close_store(void **state)
{
	struct store *s = *state;
	char path[80];

	db_close(s->db);
	if (postgres_server())
		postgres_drop(&s->database);
	for (size_t i = 0; i < 3; i++) {
		static const char *const ends[] = { "", "-wal", "-shm" };

		snprintf(path, sizeof(path), "%s%s", s->path, ends[i]);
		unlink(path);
	}
	rmdir(s->folder);
	arena_done(&s->arena);
	free(s);
	return 0;
}

static void *field(const struct column *c, void *row)
{
	return (char *)row + c->offset;
}

/* A value that tells table, column and row apart; ids of parents are those of row 1 and 2 of every table. */
static void fill_column(struct store *s, const struct column *c, bool is_key, int n, void *row)
{
	bool parent =
		strcmp(c->name, "partner_id") == 0 || strcmp(c->name, "order_id") == 0 || strcmp(c->name, "batch") == 0;
	int64_t number = is_key || parent ? n : (int64_t)str_hash(str_of(c->name)) / 4 + n;

	switch (c->type) {
	case COL_I64:
	case COL_REF:
		*(int64_t *)field(c, row) = number;
		break;
	case COL_INT:
		*(int *)field(c, row) = is_key ? n : (int)(number % 1000000);
		break;
	case COL_TEXT:
		*(struct str *)field(c, row) = arena_printf(&s->arena, "%s d\xC3\xBA %d", c->name, n);
		break;
	case COL_BLOB:
		*(struct str *)field(c, row) = arena_printf(&s->arena, "%s\xFF%c%d", c->name, '\0', n);
		break;
	}
}

static void fill(struct store *s, const struct table *table, int n, void *row)
{
	must(table->row_bytes <= ROW_BYTES);
	memset(row, 0, ROW_BYTES);
	for (size_t i = 0; i < table->count; i++)
		fill_column(s, &table->columns[i], i < table->keys, n, row);
	if (table->version)
		*(int64_t *)field(&table->columns[table->version], row) = 1;
}

static bool same(const struct column *c, void *a, void *b)
{
	const struct str *x = field(c, a), *y = field(c, b);

	switch (c->type) {
	case COL_I64:
	case COL_REF:
		return *(int64_t *)field(c, a) == *(int64_t *)field(c, b);
	case COL_INT:
		return *(int *)field(c, a) == *(int *)field(c, b);
	case COL_TEXT:
	case COL_BLOB:
		return !x->p == !y->p && str_eq(*x, *y);
	}
	return false;
}

static void check_row(const struct table *table, void *got, void *expected)
{
	for (size_t i = 0; i < table->count; i++)
		if (!same(&table->columns[i], got, expected))
			fail_msg("%s.%s did not come back as it was", table->name, table->columns[i].name);
}

struct wanted {
	struct store *s;
	const struct table *table;
	void *key_of;
};

/* Of the rows with that first key, the one whose whole key is wanted. */
static enum err row_found(void *arg, void *row)
{
	struct wanted *w = arg;

	for (size_t i = 0; i < w->table->keys; i++)
		if (!same(&w->table->columns[i], row, w->key_of))
			return OK;
	memcpy(w->s->row, row, w->table->row_bytes);
	w->s->found++;
	return OK;
}

/* How many rows there are with the key of `row`; the last is in s->row. */
static size_t find(struct store *s, const struct table *table, void *row)
{
	const struct column *c = &table->columns[0];
	struct wanted wanted = { s, table, row };
	struct db_value key = { .type = c->type };

	if (c->type == COL_TEXT)
		key.s = *(struct str *)field(c, row);
	else
		key.i = c->type == COL_INT ? *(int *)field(c, row) : *(int64_t *)field(c, row);
	s->found = 0;
	check_ok(db_fetch(s->db, table, 0, &key, 1, &s->arena, row_found, &wanted));
	return s->found;
}

typedef enum err (*write_fn)(struct db *db, const struct table *table, void *const *rows, size_t n);

static enum err write_row(struct store *s, write_fn write, const struct table *table, void *row)
{
	check_ok(db_begin(s->db));
	enum err e = write(s->db, table, &row, 1);

	if (e)
		db_rollback(s->db);
	else
		e = db_commit(s->db);
	return e;
}

static void add_rows(struct store *s, void (*then)(struct store *s, size_t i, void *row))
{
	_Alignas(16) char row[ROW_BYTES];

	for (size_t i = 0; i < ARRAY_LEN(all_tables); i++) {
		for (int n = 1; n <= 2; n++) {
			fill(s, all_tables[i].table, n, row);
			check_ok(write_row(s, db_insert, all_tables[i].table, row));
		}
		if (then)
			then(s, i, row);
	}
}

static void check_both(struct store *s, size_t i, void *row)
{
	for (int n = 1; n <= 2; n++) {
		fill(s, all_tables[i].table, n, row);
		assert_int_equal(find(s, all_tables[i].table, row), 1);
		check_row(all_tables[i].table, s->row, row);
	}
}

static void rows_come_back(void **state)
{
	add_rows(*state, check_both);
}

static void equal_keys_are_refused(void **state)
{
	struct store *s = *state;
	_Alignas(16) char row[ROW_BYTES];

	add_rows(s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(all_tables); i++) {
		fill(s, all_tables[i].table, 1, row);
		check_err(write_row(s, db_insert, all_tables[i].table, row), ERR_STORE_FAILED);
	}
}

static bool can_change(const struct table *table)
{
	for (size_t i = table->keys; i < table->count; i++)
		if (!(table->columns[i].flags & COL_FIXED))
			return true;
	return false;
}

/* Every column of row 1 but the key and the fixed ones takes what row 3 would have. */
static void change_row(struct store *s, size_t at, void *row)
{
	const struct table *table = all_tables[at].table;
	_Alignas(16) char other[ROW_BYTES];

	if (!can_change(table))
		return;
	fill(s, table, 1, row);
	fill(s, table, 3, other);
	for (size_t i = table->keys; i < table->count; i++) {
		const struct column *c = &table->columns[i];

		if (c->flags & COL_FIXED || str_eq(str_of(c->name), STR("partner_id")) ||
		    str_eq(str_of(c->name), STR("order_id")))
			continue;
		if (c->type == COL_TEXT || c->type == COL_BLOB)
			*(struct str *)field(c, row) = *(struct str *)field(c, other);
		else if (c->type == COL_INT)
			*(int *)field(c, row) = *(int *)field(c, other);
		else
			*(int64_t *)field(c, row) = *(int64_t *)field(c, other);
	}
	if (table->version)
		*(int64_t *)field(&table->columns[table->version], row) = 2;
	check_ok(write_row(s, db_update, table, row));
	assert_int_equal(find(s, table, row), 1);
	check_row(table, s->row, row);
	/* The version that was read is not there any more. */
	if (table->version)
		check_err(write_row(s, db_update, table, row), ERR_CONFLICT);
	fill(s, table, 2, row);
	assert_int_equal(find(s, table, row), 1);
	check_row(table, s->row, row);
}

static void changes_come_back(void **state)
{
	add_rows(*state, change_row);
}

static void absent_is_null_where_it_may_be(void **state)
{
	struct store *s = *state;
	_Alignas(16) char row[ROW_BYTES];

	for (size_t t = 0; t < ARRAY_LEN(all_tables); t++) {
		const struct table *table = all_tables[t].table;

		for (size_t i = 0; i < table->count; i++) {
			const struct column *c = &table->columns[i];
			char word[40];

			if (c->type == COL_I64 || c->type == COL_INT)
				continue;
			snprintf(word, sizeof(word), " %s ", c->name);
			fill(s, table, 1, row);
			if (c->type == COL_REF)
				*(int64_t *)field(c, row) = 0;
			else
				*(struct str *)field(c, row) = STR_NONE;
			bool may = strstr(all_tables[t].absent, word);

			if (write_row(s, db_insert, table, row) != (may ? OK : ERR_STORE_FAILED))
				fail_msg("%s.%s", table->name, c->name);
			if (may) {
				assert_int_equal(find(s, table, row), 1);
				check_row(table, s->row, row);
				check_ok(write_row(s, db_delete, table, row));
			}
		}
		for (int n = 1; n <= 2; n++) {
			fill(s, table, n, row);
			check_ok(write_row(s, db_insert, table, row));
		}
	}
}

static void deleted_rows_are_gone(void **state)
{
	struct store *s = *state;
	_Alignas(16) char row[ROW_BYTES];

	add_rows(s, NULL);
	for (size_t i = ARRAY_LEN(all_tables); i-- > 0;) {
		const struct table *table = all_tables[i].table;

		fill(s, table, 1, row);
		check_ok(write_row(s, db_delete, table, row));
		assert_int_equal(find(s, table, row), 0);
		check_err(write_row(s, db_delete, table, row), ERR_CONFLICT);
		fill(s, table, 2, row);
		assert_int_equal(find(s, table, row), 1);
		check_ok(write_row(s, db_delete, table, row));
	}
}

/* What the machinery asks of the nodes' rows and of the settings. */
static void slots_are_fenced(void **state)
{
	struct store *s = *state;
	struct node first, second;
	bool ours, written;

	check_ok(db_begin(s->db));
	check_ok(node_take(s->db, 1000, &first));
	assert_int_equal(first.slot, 0);
	first.id_high = 77;
	check_ok(node_beat(s->db, &first, 2000));
	assert_int_equal(first.batch_no, 1);
	check_ok(db_commit(s->db));

	check_ok(db_begin(s->db));
	check_ok(node_take(s->db, 2000 + 16000000, &second));
	assert_int_equal(second.slot, first.slot);
	assert_int_equal(second.fence, first.fence + 1);
	assert_int_equal(second.id_high, 77);
	check_ok(db_commit(s->db));

	/* Who was taken for dead writes nothing any more. */
	check_ok(db_begin(s->db));
	enum err e = node_beat(s->db, &first, 3000);
	check_err(e ? e : db_commit(s->db), ERR_CONFLICT);
	db_rollback(s->db);
	check_ok(node_check(s->db, &first, &ours, &written));
	assert_false(ours);
	assert_false(written);

	check_ok(db_begin(s->db));
	check_ok(node_beat(s->db, &second, 3000));
	check_ok(db_commit(s->db));
	check_ok(node_check(s->db, &second, &ours, &written));
	assert_true(ours);
	assert_true(written);
	/* A batch whose COMMIT never came. */
	check_ok(db_begin(s->db));
	check_ok(node_beat(s->db, &second, 3000));
	db_rollback(s->db);
	check_ok(node_check(s->db, &second, &ours, &written));
	assert_true(ours);
	assert_false(written);
	second.batch_no--;
	check_ok(node_leave(s->db, &second));
	check_ok(db_begin(s->db));
	check_ok(node_take(s->db, 1, &first));
	assert_int_equal(first.slot, second.slot);
	check_ok(db_commit(s->db));
}

/* Two nodes that start together have a slot each; the file of SQLite has one owner. */
static void slots_are_leased(void **state)
{
	struct store *s = *state;
	struct node first, second;

	check_ok(db_begin(s->db));
	check_ok(node_take(s->db, 1000, &first));
	check_ok(node_take(s->db, 1000, &second));
	check_ok(db_commit(s->db));
	assert_int_equal(first.slot, 0);
	assert_int_equal(second.slot, db_is_shared(s->db) ? 1 : 0);
}

static void settings_are_kept(void **state)
{
	struct store *s = *state;
	struct str value = STR("as before");

	check_ok(db_begin(s->db));
	check_ok(setting_get(s->db, &s->arena, "colour", &value));
	assert_null(value.p);
	check_ok(setting_put(s->db, "colour", STR("red")));
	check_ok(setting_put(s->db, "colour", STR("green")));
	check_ok(setting_put(s->db, "shape", STR("round")));
	check_ok(setting_get(s->db, &s->arena, "colour", &value));
	check_str(value, "green");
	check_ok(db_commit(s->db));
}

#define store_test(name) cmocka_unit_test_setup_teardown(name, open_store, close_store)

int main(void)
{
	const struct CMUnitTest tests[] = {
		store_test(rows_come_back),	   store_test(equal_keys_are_refused),
		store_test(changes_come_back),	   store_test(absent_is_null_where_it_may_be),
		store_test(deleted_rows_are_gone), store_test(slots_are_fenced),
		store_test(slots_are_leased),	   store_test(settings_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

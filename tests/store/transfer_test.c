/* A store as text and back: the list of tables against the schema, a row of every kind there and back, and what must be
 * refused without a trace. Written for any engine (support/store.h). */
#include "service/transfer.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/log.h"
#include "store/nodes.h"

#include "support/store.h"

static int set_up(void **state)
{
	struct test_store *store = calloc(1, sizeof(*store));

	must(store);
	log_set_level((enum log_level)0); /* failures are made on purpose */
	must(!crypto_start());
	store_open(store);
	*state = store;
	return 0;
}

static int tear_down(void **state)
{
	store_close(*state);
	free(*state);
	return 0;
}

struct schema_column {
	struct str table_name, column_name;
};

static const struct column schema_columns[] = {
	{ "table_name", COL_TEXT, offsetof(struct schema_column, table_name), 0 },
	{ "column_name", COL_TEXT, offsetof(struct schema_column, column_name), 0 },
};
static const struct table schema_shape = TABLE("schema", struct schema_column, schema_columns, 1, 0);

struct walk {
	size_t columns;
	bool seen[TRANSFER_TABLES_MOST];
};

static enum err column_seen(void *arg, void *row)
{
	struct walk *walk = arg;
	const struct schema_column *found = row;

	for (size_t i = 0; i < transfer_table_count; i++)
		for (size_t k = 0; str_is(found->table_name, transfer_tables[i]->name) && k < transfer_tables[i]->count;
		     k++)
			if (str_is(found->column_name, transfer_tables[i]->columns[k].name)) {
				walk->columns++;
				walk->seen[i] = true;
				return OK;
			}
	fail_msg("%.*s.%.*s is not transferred", STR_ARG(found->table_name), STR_ARG(found->column_name));
	return OK;
}

/* Every column of every table, but those of the schema's own version. */
static void the_list_is_the_schema(void **state)
{
	static const char sqlite[] = "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c "
				     "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> $1";
	static const char postgres[] = "SELECT c.relname::text, a.attname::text FROM pg_class c "
				       "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
				       "AND NOT a.attisdropped WHERE c.relkind IN ('r', 'p') "
				       "AND c.relnamespace = 'public'::regnamespace AND c.relname <> $1";
	const struct db_value own = DB_TEXT(STR("schema_migrations"));
	struct test_store *store = *state;
	struct walk walk = { 0 };
	struct arena a;
	size_t columns = 0;

	arena_init(&a);
	check_ok(db_query(store->db, db_is_shared(store->db) ? postgres : sqlite, &own, 1, &schema_shape, &a,
			  column_seen, &walk));
	for (size_t i = 0; i < transfer_table_count; i++) {
		assert_true(walk.seen[i]);
		columns += transfer_tables[i]->count;
	}
	assert_int_equal(walk.columns, columns);
	arena_done(&a);
}

static const char awkward[] = "tab\t line\n return\r back\\slash \\N \\t quote\" ' \xc3\xa4 \xf0\x9f\x8e\x81";

/* A partner with everything that is awkward, one with everything absent, and what hangs on them. */
static void fill(struct test_store *store)
{
	static const char bytes[] = "\0\1\t\n\\\xff";
	struct partner_row full = { 1,
				    STR(awkward),
				    STR(""),
				    840,
				    STR("en"),
				    1,
				    0,
				    STR("standard"),
				    INT64_MAX,
				    STR("http://x"),
				    { bytes, sizeof(bytes) - 1 },
				    INT64_MIN,
				    1,
				    { bytes, sizeof(bytes) - 1 },
				    INT64_MAX };
	struct partner_row bare = { 2, STR("\\N"), STR_NONE, -1, STR(""), 0,	    0, STR(""),
				    0, STR_NONE,   STR_NONE, 0,	 1,	  STR_NONE, 0 };
	struct ledger_row top_up = { .id = 10, .kind = 1 }, sale = { .id = 11, .order_id = 5, .wallet_id = 6 };
	void *partners[] = { &full, &bare }, *rows[] = { &top_up, &sale };

	check_ok(db_begin(store->db));
	check_ok(db_insert(store->db, &table_partners, partners, 2));
	check_ok(db_insert(store->db, &table_ledger, rows, 2));
	for (int i = 0; i < 2 * TRANSFER_PAGE + 1; i++) {
		struct event event = { .id = i + 1, .partner_id = 1, .seq = i };
		void *row = &event;

		check_ok(db_insert(store->db, &table_events, &row, 1));
	}
	check_ok(setting_put(store->db, "store_kind", STR("live")));
	check_ok(db_commit(store->db));
}

static FILE *exported(struct test_store *store, struct transfer_result *ret)
{
	FILE *file = tmpfile();

	must(file);
	check_ok(transfer_export(&(struct transfer_options){ .uri = store->uri, .file = file }, ret));
	rewind(file);
	return file;
}

static struct str text_of(struct arena *a, FILE *file)
{
	char *text = arena_alloc(a, 1 << 20);
	size_t n = fread(text, 1, 1 << 20, file);

	rewind(file);
	return (struct str){ text, n };
}

static void a_store_comes_back(void **state)
{
	struct test_store *store = *state, other = { 0 };
	struct transfer_result out, in, again;
	struct arena a;

	arena_init(&a);
	fill(store);
	store_open(&other);
	FILE *text = exported(store, &out);
	assert_int_equal(out.all.rows, 2 + 2 + 2 * TRANSFER_PAGE + 1 + 1);
	check_ok(transfer_import(&(struct transfer_options){ .uri = other.uri, .file = text }, &in));
	assert_memory_equal(&out, &in, sizeof(out));
	FILE *copy = exported(&other, &again);
	rewind(text);
	assert_true(str_eq(text_of(&a, text), text_of(&a, copy)));
	/* What has rows takes no more. */
	rewind(text);
	check_err(transfer_import(&(struct transfer_options){ .uri = other.uri, .file = text }, &in), ERR_CONFLICT);
	fclose(text);
	fclose(copy);
	store_close(&other);
	arena_done(&a);
}

/* Replaces the first `from` of the text, and imports it. */
static void check_refused(struct test_store *store, struct str text, const char *from, const char *to,
			  const char *words)
{
	struct transfer_result result;
	bool empty = false;
	char *at = memmem(text.p, text.n, from, strlen(from));
	size_t before = (size_t)(at - text.p), skip = before + strlen(from);
	FILE *file = tmpfile();

	must(file && at);
	fwrite(text.p, 1, before, file);
	fputs(to, file);
	if (*to)
		fwrite(text.p + skip, 1, text.n - skip, file);
	rewind(file);
	check_err(transfer_import(&(struct transfer_options){ .uri = store->uri, .file = file }, &result),
		  ERR_BAD_REQUEST);
	if (!strstr(result.fault, words))
		fail_msg("\"%s\" does not say \"%s\"", result.fault, words);
	fclose(file);
	check_ok(db_begin(store->db));
	check_ok(transfer_is_empty(store->db, &empty));
	db_rollback(store->db);
	assert_true(empty);
}

/* Whatever is wrong with the text: not a row is there afterwards. An empty replacement cuts the text off. */
static void what_is_not_whole_leaves_nothing(void **state)
{
	static const struct {
		const char *from, *to, *words;
	} faults[] = {
		{ "bodega-export", "x", "no export" },
		{ "export\t1", "export\t2", "another version" },
		{ "\tmovement_seq", "\tmovements", "the same version" },
		{ "row\t2\t\\\\N", "row\t2\tN", "missing, too many or changed" },
		{ "row\t2\t\\\\N", "row\t2\t\\x", "line 9: not a row of partners" },
		{ "row\t2\t\\\\N", "row\t2\t\xff", "not a row of partners" },
		{ "row\t2\t\\\\N", "row\t1\t\\\\N", "refuses a row of partners" },
		{ "row\t1\t4000\t", "row\t1\tfour\t", "not a row of events" },
		{ "end\tevents\t4001", "end\tevents\t4000", "missing, too many" },
		{ "done\t", "", "before it is whole" },
		{ "done\t4006", "done\t4007", "missing" },
	};
	struct test_store *store = *state, other = { 0 };
	struct transfer_result out;
	struct arena a;

	arena_init(&a);
	fill(store);
	store_open(&other);
	FILE *file = exported(store, &out);
	struct str text = text_of(&a, file);
	for (size_t i = 0; i < ARRAY_LEN(faults); i++)
		check_refused(&other, text, faults[i].from, faults[i].to, faults[i].words);
	fclose(file);
	store_close(&other);
	arena_done(&a);
}

/* A node that runs on the database keeps us out, whatever folder it has. */
static void a_served_store_is_left_alone(void **state)
{
	struct test_store *store = *state;
	struct node node = { .slot = 3, .fence = 1, .lease_until = clock_wall_us() + SECONDS_US(100) };
	struct transfer_result result;
	void *row = &node;
	FILE *file = tmpfile();

	must(file);
	check_ok(db_begin(store->db));
	check_ok(db_insert(store->db, &table_nodes, &row, 1));
	check_ok(db_commit(store->db));
	check_err(transfer_export(&(struct transfer_options){ .uri = store->uri, .file = file }, &result),
		  db_is_shared(store->db) ? ERR_BUSY : OK);
	fclose(file);
}

#define transfer_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		transfer_test(the_list_is_the_schema),
		transfer_test(a_store_comes_back),
		transfer_test(what_is_not_whole_leaves_nothing),
		transfer_test(a_served_store_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

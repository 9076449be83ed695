/* The plan of every hot statement, on an empty database and on a filled one: each row is found by the index that the
 * schema has for it. What the statistics say of a table must not matter: a plan that reads all of an empty table is
 * kept while the table grows. */
#include "db/db_postgres_private.h"
#include "store/tables.h"
#include "support/postgres.h"

#include "base/log.h"

/* A statement that a batch runs, and the index that it must use. */
static const struct hot {
	const struct table *table;
	int operation;
	size_t column;
	const char *index;
} hot[] = {
	{ &table_counters, PG_SELECT_LOCKED, 0, "counters_pkey" },
	{ &table_counters, PG_UPDATE, 0, "counters_pkey" },
	{ &table_accounts, PG_SELECT, 0, "accounts_pkey" },
	{ &table_accounts, PG_UPDATE, 0, "accounts_pkey" },
	{ &table_orders, PG_SELECT, 0, "orders_pkey" },
	{ &table_orders, PG_SELECT, ORDERS_EXT_KEY, "orders_ext" },
	{ &table_orders, PG_UPDATE, 0, "orders_pkey" },
	{ &table_parties, PG_SELECT, 0, "parties_pkey" },
	{ &table_units, PG_SELECT, 0, "units_pkey" },
	{ &table_units, PG_UPDATE, 0, "units_pkey" },
	{ &table_attempts, PG_SELECT, 0, "attempts_pkey" },
	{ &table_attempts, PG_UPDATE, 0, "attempts_pkey" },
	{ &table_jobs, PG_SELECT, 0, "jobs_pkey" },
	{ &table_jobs, PG_UPDATE, 0, "jobs_pkey" },
	{ &table_jobs, PG_DELETE, 0, "jobs_pkey" },
	{ &table_callbacks, PG_SELECT, 0, "callbacks_pkey" },
	{ &table_callbacks, PG_UPDATE, 0, "callbacks_pkey" },
	{ &table_idempotency, PG_SELECT, 0, "idempotency_pkey" },
	{ &table_tasks, PG_SELECT, 0, "tasks_pkey" },
	{ &table_held_nodes, PG_UPDATE, 0, "nodes_pkey" },
};

/* Lists and readers of store/: their texts stand there; here they are by what they ask. */
static const struct {
	const char *sql, *index;
} lists[] = {
	{ "SELECT id FROM orders WHERE partner_id = 7 AND id >= 1 AND id < 9000 ORDER BY id DESC LIMIT 100",
	  "orders_partner" },
	{ "SELECT id FROM orders WHERE id > 5 ORDER BY id LIMIT 100", "orders_pkey" },
	{ "SELECT id FROM jobs WHERE due_at < 5 AND due_at >= 2 AND (due_at > 2 OR id > 3) AND (33 = 0 OR owner = 33) "
	  "ORDER BY due_at, id LIMIT 9",
	  "jobs_due" },
	{ "SELECT id FROM accounts WHERE id >= 5 AND id < 9 ORDER BY id", "accounts_pkey" },
	{ "SELECT id FROM events WHERE partner_id = 7 AND id > 5 ORDER BY id LIMIT 100", "events_pkey" },
};

/* Taking over. The few rows of nodes are read from end to end; the jobs are not. */
static const char claim_sql[] =
	"WITH live AS MATERIALIZED (SELECT COALESCE(array_agg(fence * 32 + slot), '{}') AS tokens FROM nodes "
	"WHERE lease_until > 1) SELECT j.id FROM jobs j JOIN counters c ON c.partner_id = j.partner_id "
	"WHERE j.due_at >= 2 AND j.owner <> ALL ((SELECT tokens FROM live)::bigint[]) "
	"ORDER BY j.due_at LIMIT 200 FOR NO KEY UPDATE OF c SKIP LOCKED";

/* What other nodes have written: the events of each partner that has some, by both columns of the key. Found by the
 * second column alone, the whole index was read for every slice. */
static const char changed_sql[] =
	"SELECT o.id FROM counters c CROSS JOIN LATERAL (SELECT v.id, v.order_id FROM events v "
	"WHERE v.partner_id = c.partner_id AND v.id > 5 AND (c.partner_id > 2 OR v.id > 7) AND (v.id >> 7) % 32 <> 3 "
	"ORDER BY v.id LIMIT 1024) e JOIN orders o ON o.id = e.order_id "
	"WHERE c.partner_id >= 2 AND c.id_high > 5 ORDER BY c.partner_id, e.id LIMIT 1024";

static const char *const fill[] = {
	"INSERT INTO counters SELECT i, 0, 0, 1, 0 FROM generate_series(1, 1000) i",
	"INSERT INTO accounts SELECT i, 0, 0, 0, 1 FROM generate_series(1, 5000) i",
	"INSERT INTO orders SELECT i, i % 50, 1, 'reference ' || i, 0, 5, 0, 1, 1, 'standard', 0, 1, 978, 1, 0, 978, "
	"1, 0, "
	"0, 0, 0, 0, NULL, NULL, NULL, i, i, i, i, i, 1 FROM generate_series(1, 20000) i",
	"INSERT INTO parties SELECT i, '{}' FROM generate_series(1, 20000) i",
	"INSERT INTO units SELECT i, 1, 4, 1, NULL, NULL, i FROM generate_series(1, 20000) i",
	"INSERT INTO attempts SELECT i, 1, 1, 5, 's', NULL, NULL, 0, 978, 1, i, i FROM generate_series(1, 20000) i",
	"INSERT INTO jobs SELECT i, 1, i, i % 50, 1, 978, i, 0, 0, 33 FROM generate_series(1, 5000) i",
	"INSERT INTO events SELECT i, i % 50, i, i, 5, 0, i FROM generate_series(1, 20000) i",
	"INSERT INTO callbacks SELECT i, 1, i, 2, 1, 200, NULL, NULL, i, i, i, 1 FROM generate_series(1, 20000) i",
	"INSERT INTO idempotency SELECT 'key ' || i, 1, i, i FROM generate_series(1, 20000) i",
	"INSERT INTO tasks SELECT i, 1, i, 'x', 2, i, i, 1 FROM generate_series(1, 5000) i",
	"INSERT INTO nodes SELECT i, 1, 0, 0, 0 FROM generate_series(0, 31) i",
	"ANALYZE",
};

struct plans {
	struct test_database database;
	struct db *db;
	struct arena arena;
	struct buf text;
};

static int setup(void **state)
{
	struct plans *p = calloc(1, sizeof(*p));

	must(p);
	log_set_level((enum log_level)0);
	arena_init(&p->arena);
	buf_init(&p->text, 1024 * 1024);
	postgres_create(&p->database);
	check_ok(db_open(&(struct db_options){ .uri = p->database.uri, .mode = DB_WRITE }, &p->db));
	check_ok(db_migrate(p->db));
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct plans *p = *state;

	db_close(p->db);
	postgres_drop(&p->database);
	buf_done(&p->text);
	arena_done(&p->arena);
	free(p);
	return 0;
}

static enum err take_line(void *arg, void *row)
{
	struct plans *p = arg;

	buf_str(&p->text, *(const struct str *)row);
	buf_char(&p->text, '\n');
	return OK;
}

/* The plan's lines; a statement without parameters. */
static const char *plan_of(struct plans *p, const char *sql)
{
	static const struct column columns[] = { { "line", COL_TEXT, 0, 0 } };
	static const struct table shape = TABLE("plan", struct str, columns, 1, 0);

	buf_clear(&p->text);
	sql = arena_printf(&p->arena, "EXPLAIN (COSTS OFF) %s", sql).p;
	check_ok(db_query(p->db, sql, NULL, 0, &shape, &p->arena, take_line, p));
	buf_char(&p->text, '\0');
	must(!p->text.failed);
	return p->text.p;
}

/* EXPLAIN EXECUTE wants values, and with generic plans any will do: NULL. The statement is prepared under a name of its
 * own, because its text is what counts. */
static const char *plan_of_table(struct plans *p, const struct hot *h, const char *name)
{
	struct pg_statement *statement;
	bool is_new;
	struct pg_statement_key key = { .table = h->table, .operation = h->operation, .column = h->column };
	struct buf execute;

	check_ok(postgres_statement(postgres_of(p->db), &key, &statement, &is_new));
	check_ok(db_exec(p->db, arena_printf(&p->arena, "DEALLOCATE ALL").p, NULL, 0, NULL));
	const char *prepare = arena_printf(&p->arena, "PREPARE %s AS %s", name, statement->text).p;
	size_t parameters = statement->parameters;
	postgres_statements_done(postgres_of(p->db));
	check_ok(p->db->engine->run(p->db, prepare));
	buf_init(&execute, 4096);
	buf_printf(&execute, "EXECUTE %s(", name);
	for (size_t i = 0; i < parameters; i++)
		buf_str(&execute, str_of(i ? ",NULL" : "NULL"));
	buf_lit(&execute, ")");
	buf_char(&execute, '\0');
	const char *plan = plan_of(p, execute.p);
	buf_done(&execute);
	return plan;
}

/* The index is named, with the key as its condition, and nothing is read from end to end. */
static void check_plan(const char *plan, const char *index, const char *what)
{
	if (!strstr(plan, index) || !strstr(plan, "Index Cond:") || strstr(plan, "Seq Scan") ||
	    strstr(plan, "Hash Join") || strstr(plan, "Merge Join"))
		fail_msg("%s without %s:\n%s", what, index, plan);
}

static void check_all(struct plans *p)
{
	char name[24];

	for (size_t i = 0; i < ARRAY_LEN(hot); i++) {
		snprintf(name, sizeof(name), "hot%zu", i);
		check_plan(plan_of_table(p, &hot[i], name), hot[i].index, hot[i].table->name);
	}
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		check_plan(plan_of(p, lists[i].sql), lists[i].index, lists[i].sql);
	const char *plan = plan_of(p, claim_sql);
	if (!strstr(plan, "jobs_due") || !strstr(plan, "counters_pkey") || strstr(plan, "Seq Scan on jobs"))
		fail_msg("claim:\n%s", plan);
	plan = plan_of(p, changed_sql);
	if (!strstr(plan, "events_pkey") || !strstr(plan, "Index Cond: ((partner_id = c.partner_id) AND (id > ") ||
	    !strstr(plan, "orders_pkey") || !strstr(plan, "counters_pkey"))
		fail_msg("changed:\n%s", plan);
}

static void follow_the_indexes_when_empty(void **state)
{
	check_all(*state);
}

static void follow_the_indexes_when_filled(void **state)
{
	struct plans *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(fill); i++)
		check_ok(db_exec(p->db, fill[i], NULL, 0, NULL));
	check_all(p);
}

/* Empty by the statistics, large in truth: as after an import, before anybody has counted. */
static void follow_the_indexes_when_the_statistics_are_wrong(void **state)
{
	struct plans *p = *state;

	check_ok(db_exec(p->db, "ANALYZE", NULL, 0, NULL));
	for (size_t i = 0; i + 1 < ARRAY_LEN(fill); i++)
		check_ok(db_exec(p->db, fill[i], NULL, 0, NULL));
	check_all(p);
}

#define plans_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		plans_test(follow_the_indexes_when_empty),
		plans_test(follow_the_indexes_when_filled),
		plans_test(follow_the_indexes_when_the_statistics_are_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

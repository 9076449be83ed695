/* Invoices that merchants keep elsewhere: imports in turns, whole or not at all, and what a crash leaves. */
#include "unit/service/fixture.h"

#include "base/clock.h"
#include "base/limits.h"
#include "service/external_invoice.h"
#include "store/external_invoices.h"

enum { MANY = 2 * LIMIT_IMPORT_CHUNK_ROWS + 1 };

struct import {
	struct call *call;
	struct external_import_run run;
	struct external_invoice *rows, **pointers;
};

/* `count` invoices of the source, numbered from `first`. */
static void import_make(struct fixture *f, struct import *i, int first, size_t count, const char *label)
{
	i->call = call_new(f, &verb_external_import, LIVE);
	i->rows = ARENA_ARRAY(&i->call->arena, struct external_invoice, count);
	i->pointers = ARENA_ARRAY(&i->call->arena, struct external_invoice *, count);
	for (size_t n = 0; n < count; n++) {
		i->rows[n] = (struct external_invoice){
			.invoice = arena_printf(&i->call->arena, "i%06zu", (size_t)first + n),
			.date = STR("2026-01-01"),
			.due_date = STR("2026-01-02"),
			.label = str_of(label),
			.customer = STR("c"),
		};
		i->pointers[n] = &i->rows[n];
	}
	i->run = (struct external_import_run){ .partner_id = LIVE,
					       .source = STR("books"),
					       .digest = STR("digest"),
					       .invoices = i->pointers,
					       .count = count };
	i->call->task.command = &i->run;
}

static enum err import_run(struct fixture *f, int first, size_t count, const char *label)
{
	struct import i;

	import_make(f, &i, first, count, label);
	return call_once(i.call);
}

/* How many are read, and how many of them have that label. */
static size_t listed(struct fixture *f, const char *label, size_t *ret_labelled)
{
	struct external_list list = { .partner_id = LIVE, .name = STR("books") };
	struct call *c = call_new(f, &verb_external_list, LIVE);

	c->task.command = &list;
	check_ok(call_run(c));
	*ret_labelled = 0;
	for (size_t i = 0; i < list.count; i++)
		*ret_labelled += str_is(list.rows[i].label, label);
	call_free(c);
	return list.count;
}

static int64_t commits(struct fixture *f)
{
	struct engine_stats stats;

	engine_stats(f->engine, &stats);
	return stats.commits;
}

static void a_large_import_takes_turns(void **state)
{
	struct fixture *f = *state;
	int64_t before = commits(f);
	size_t labelled;

	check_ok(import_run(f, 0, MANY, "a"));
	assert_int_equal(commits(f) - before, 3);
	assert_int_equal(listed(f, "a", &labelled), MANY);
	/* What is replaced goes in turns of its own, and nothing else goes. */
	before = commits(f);
	check_ok(import_run(f, 1, MANY, "b"));
	assert_int_equal(commits(f) - before, 6);
	assert_int_equal(listed(f, "b", &labelled), MANY + 1);
	assert_int_equal(labelled, MANY);
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_invoices"), MANY + 1);
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_imports"), 0);
	check_ok(import_run(f, 0, 0, "none"));
	assert_int_equal(listed(f, "b", &labelled), MANY + 1);
}

/* The rows of an import that was begun and not finished, as a crash leaves them. */
static void leave_behind(struct fixture *f, int64_t source_id)
{
	struct external_import import = { .source_id = source_id,
					  .id = 1,
					  .state = EXTERNAL_LOADING,
					  .digest = STR("d"),
					  .started_at = engine_now_us(f->engine) };
	struct external_invoice invoice = { .source_id = source_id,
					    .invoice = STR("never"),
					    .import_id = 1,
					    .date = STR("2026-01-01"),
					    .due_date = STR("2026-01-01"),
					    .customer = STR("c") };
	void *imports[] = { &import }, *invoices[] = { &invoice };
	struct db *db;

	check_ok(db_open(&(struct db_options){ .uri = f->path, .mode = DB_WRITE }, &db));
	check_ok(db_begin(db));
	check_ok(db_insert(db, &table_external_imports, imports, 1));
	check_ok(db_insert(db, &table_external_invoices, invoices, 1));
	check_ok(db_commit(db));
	db_close(db);
}

static void what_is_not_finished_is_not_read_and_goes(void **state)
{
	struct fixture *f = *state;
	size_t labelled;

	check_ok(import_run(f, 0, 1, "a"));
	leave_behind(f, count_of(f, "SELECT id FROM external_sources"));
	assert_int_equal(listed(f, "a", &labelled), 1);
	/* It may still be under way. */
	check_ok(import_run(f, 1, 1, "a"));
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_invoices"), 3);
	clock_advance(f, SECONDS_US(601));
	check_ok(import_run(f, 2, 1, "a"));
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_invoices"), 3);
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_imports"), 0);
	assert_int_equal(listed(f, "a", &labelled), 3);
}

/* Whoever was taken for gone and is not must not go on. */
static void an_import_that_was_swept_ends(void **state)
{
	struct fixture *f = *state;
	struct import i;
	size_t labelled;

	check_ok(import_run(f, 0, 1, "a"));
	import_make(f, &i, 1, MANY, "b");
	i.run.import = (struct external_import){ .source_id = count_of(f, "SELECT id FROM external_sources"), .id = 1 };
	i.call->task.turn = 1;
	check_err(call_once(i.call), ERR_BUSY);
	assert_int_equal(listed(f, "b", &labelled), 1);
}

static void a_source_has_its_limit(void **state)
{
	struct fixture *f = *state;

	for (int at = 0; at < LIMIT_EXTERNAL_INVOICES; at += EXTERNAL_IMPORT_ROWS)
		check_ok(import_run(f, at, EXTERNAL_IMPORT_ROWS, "a"));
	check_err(import_run(f, LIMIT_EXTERNAL_INVOICES, 1, "b"), ERR_INVOICES_WRONG);
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_invoices"), LIMIT_EXTERNAL_INVOICES);
	assert_int_equal(count_of(f, "SELECT COUNT(*) FROM external_invoices WHERE label <> 'a'"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		engine_test(a_large_import_takes_turns),
		engine_test(what_is_not_finished_is_not_read_and_goes),
		engine_test(an_import_that_was_swept_ends),
		engine_test(a_source_has_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

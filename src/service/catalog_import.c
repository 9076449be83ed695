/* service/catalog_import.c: a file of lines, checked whole, written in chunks. */
#include "service/catalog.h"

#include "base/log.h"
#include "service/catalog_line.h"
#include "service/catalog_names.h"
#include "store/catalog.h"
#include "store/nodes.h"

#include <stdlib.h>
#include <string.h>

struct import_row {
	struct catalog_row row; /* batch is filled in when it is written */
	size_t line;
	bool deleted;
	int64_t operator_id;
	const int64_t *products;
	size_t product_count;
	enum catalog_kind shelf_kind;
	int64_t shelf_id;
};

struct catalog_import {
	const struct catalog *current;
	struct arena arena;   /* of rows and errors */
	struct arena scratch; /* of one line */
	struct buf partial;   /* the beginning of a line whose end has not come yet */
	struct buf canonical;
	struct import_row *rows; /* sorted by kind and id once checked */
	size_t count, room, line;
	struct import_error errors[IMPORT_ERRORS_MAX]; /* the first ones, by line */
	size_t error_count, error_total;
	bool finished; /* catalog_import_check was called */
};

struct catalog_import *catalog_import_new(const struct catalog *current)
{
	struct catalog_import *import = calloc(1, sizeof(*import));

	must(import);
	if (current)
		catalog_hold(current);
	import->current = current;
	arena_init(&import->arena);
	arena_init(&import->scratch);
	buf_init(&import->partial, LIMIT_IMPORT_LINE_BYTES + 1);
	/* Canonical lines say less than what they came from, but an escape may be longer than its character. */
	buf_init(&import->canonical, (size_t)LIMIT_IMPORT_LINE_BYTES * 6);
	return import;
}

void catalog_import_free(struct catalog_import *import)
{
	if (!import)
		return;
	catalog_release(import->current);
	arena_done(&import->arena);
	arena_done(&import->scratch);
	buf_done(&import->partial);
	buf_done(&import->canonical);
	free(import->rows);
	free(import);
}

static void add_error(struct catalog_import *import, size_t line, struct str text)
{
	size_t at = import->error_count;

	import->error_total++;
	/* Errors between lines are found late and belong between the others. */
	while (at && import->errors[at - 1].line > line)
		at--;
	if (at == IMPORT_ERRORS_MAX)
		return;
	if (import->error_count < IMPORT_ERRORS_MAX)
		import->error_count++;
	memmove(&import->errors[at + 1], &import->errors[at],
		(import->error_count - 1 - at) * sizeof(import->errors[0]));
	import->errors[at] = (struct import_error){ line, arena_strz(&import->arena, text) };
}

/* With its text in import->canonical. */
static void add_row(struct catalog_import *import, const struct catalog_line *line)
{
	struct import_row *row;
	int64_t *products;

	if (import->count == import->room) {
		import->room = import->room ? import->room * 2 : 1024;
		import->rows = reallocarray(import->rows, import->room, sizeof(*import->rows));
		must(import->rows);
	}
	products = ARENA_ARRAY(&import->arena, int64_t, line->product_count + 1);
	if (line->product_count)
		memcpy(products, line->products, line->product_count * sizeof(*products));
	row = &import->rows[import->count++];
	*row = (struct import_row){ .line = import->line,
				    .deleted = line->deleted,
				    .operator_id = line->operator_id,
				    .products = products,
				    .product_count = line->product_count,
				    .shelf_kind = line->shelf_kind,
				    .shelf_id = line->shelf_id };
	row->row = (struct catalog_row){ (int)line->kind, line->id, 0,
					 arena_str(&import->arena, buf_view(&import->canonical)) };
}

static void take_line(struct catalog_import *import, struct str text)
{
	struct catalog_line line;
	struct json_faults faults;

	import->line++;
	if (str_is_blank(text))
		return;
	arena_reset(&import->scratch);
	if (import->count == IMPORT_ROWS_MAX) {
		add_error(import, import->line, STR("body: the file has more lines than an import takes"));
	} else if (catalog_line_read(&import->scratch, text, &line, &faults) != OK) {
		for (size_t i = 0; i < faults.n; i++)
			add_error(import, import->line, str_of(faults.items[i].message));
	} else {
		buf_clear(&import->canonical);
		catalog_line_write(&import->canonical, &line);
		/* Spelled out, numbers and times may have grown past what can be read again. */
		if (import->canonical.n > LIMIT_IMPORT_LINE_BYTES)
			add_error(import, import->line, STR("body: the line is too long"));
		else
			add_row(import, &line);
	}
}

static void take_partial(struct catalog_import *import)
{
	struct str line = buf_view(&import->partial);

	if (import->partial.failed) {
		import->line++;
		add_error(import, import->line, STR("body: the line is too long"));
	} else {
		take_line(import, line);
	}
	buf_done(&import->partial);
	buf_init(&import->partial, LIMIT_IMPORT_LINE_BYTES + 1);
}

void catalog_import_feed(struct catalog_import *import, struct str bytes)
{
	must(!import->finished);
	while (bytes.n) {
		const char *end = memchr(bytes.p, '\n', bytes.n);
		struct str line = { bytes.p, end ? (size_t)(end - bytes.p) : bytes.n };

		if (end && !import->partial.n && !import->partial.failed) {
			take_line(import, line);
		} else {
			buf_str(&import->partial, line);
			if (end)
				take_partial(import);
		}
		bytes = str_skip(bytes, line.n + (end != NULL));
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct import_row *x = a, *y = b;

	if (x->row.kind != y->row.kind)
		return x->row.kind < y->row.kind ? -1 : 1;
	if (x->row.id != y->row.id)
		return x->row.id < y->row.id ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static const struct import_row *find_row(const struct catalog_import *import, enum catalog_kind kind, int64_t id)
{
	size_t low = 0, high = import->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct import_row *row = &import->rows[middle];

		if (row->row.kind == (int)kind && row->row.id == id)
			return row;
		if (row->row.kind < (int)kind || (row->row.kind == (int)kind && row->row.id < id))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Whether it will be there once this import counts. */
static bool will_exist(const struct catalog_import *import, enum catalog_kind kind, int64_t id)
{
	const struct import_row *row = find_row(import, kind, id);

	if (row)
		return !row->deleted;
	if (!import->current)
		return false;
	if (kind == CATALOG_CATEGORY)
		return catalog_category(import->current, id) != NULL;
	if (kind == CATALOG_FAMILY)
		return catalog_family(import->current, id) != NULL;
	return kind == CATALOG_OPERATOR ? catalog_operator(import->current, CATALOG_ALL_LISTS, id) != NULL
					: catalog_product(import->current, CATALOG_ALL_LISTS, id) != NULL;
}

/* An operator may go once none of its products is left; its promotions and prefixes go with it. */
static void check_orphans(struct catalog_import *import, const struct import_row *row)
{
	struct product_filter filter = { .list = CATALOG_ALL_LISTS, .operator_id = row->row.id };
	struct product_page page;

	if (!import->current)
		return;
	page = catalog_products(import->current, &import->scratch, &filter, (struct window){ 0, SIZE_MAX });
	for (size_t i = 0; i < page.count; i++) {
		if (find_row(import, CATALOG_PRODUCT, page.items[i]->id))
			continue; /* deleted too, or given to another operator: that is checked there */
		add_error(import, row->line,
			  arena_printf(&import->scratch, "id: the operator still has product %lld",
				       (long long)page.items[i]->id));
		return;
	}
}

static void check_references(struct catalog_import *import, const struct import_row *row)
{
	if (row->operator_id && !will_exist(import, CATALOG_OPERATOR, row->operator_id))
		add_error(import, row->line,
			  arena_printf(&import->scratch, "operator: there is no operator %lld",
				       (long long)row->operator_id));
	if (row->shelf_id && !will_exist(import, row->shelf_kind, row->shelf_id))
		add_error(import, row->line,
			  arena_printf(&import->scratch, "there is no %.*s %lld",
				       STR_ARG(name_of_value(catalog_kind_names, (int)row->shelf_kind)),
				       (long long)row->shelf_id));
	for (size_t i = 0; i < row->product_count; i++)
		if (!will_exist(import, CATALOG_PRODUCT, row->products[i]))
			add_error(import, row->line,
				  arena_printf(&import->scratch, "products[%zu]: there is no product %lld", i,
					       (long long)row->products[i]));
}

enum err catalog_import_check(struct catalog_import *import)
{
	must(!import->finished);
	if (import->partial.n || import->partial.failed)
		take_partial(import);
	import->finished = true;
	if (import->count)
		qsort(import->rows, import->count, sizeof(*import->rows), compare_rows);
	for (size_t i = 0; i < import->count; i++) {
		const struct import_row *row = &import->rows[i], *before = i ? row - 1 : NULL;

		arena_reset(&import->scratch);
		if (before && before->row.kind == row->row.kind && before->row.id == row->row.id)
			add_error(import, row->line,
				  arena_printf(&import->scratch, "id: line %zu is the same one", before->line));
		check_references(import, row);
		if (row->deleted && row->row.kind == CATALOG_OPERATOR)
			check_orphans(import, row);
	}
	if (!import->count && !import->error_total)
		add_error(import, import->line ? import->line : 1, STR("body: there is nothing in the file"));
	return import->error_total ? ERR_BAD_REQUEST : OK;
}

size_t catalog_import_rows(const struct catalog_import *import)
{
	return import->count;
}

const struct import_error *catalog_import_error(const struct catalog_import *import, size_t i, size_t *ret_total)
{
	if (ret_total)
		*ret_total = import->error_total;
	return i < import->error_count ? &import->errors[i] : NULL;
}

enum err catalog_import_begin(const struct catalog_import *import, struct db *db, int64_t batch, int64_t now_us,
			      struct str note)
{
	struct batch_row row = { .id = batch,
				 .kind = BATCH_CATALOG,
				 .state = BATCH_LOADING,
				 .row_count = (int64_t)import->count,
				 .note = note,
				 .created_at = now_us };
	void *rows[] = { &row };

	must(import->finished && !import->error_total);
	return db_insert(db, &batch_table, rows, 1);
}

enum err catalog_import_write(const struct catalog_import *import, struct db *db, int64_t batch, size_t first)
{
	struct catalog_row copies[LIMIT_IMPORT_CHUNK_ROWS];
	void *rows[LIMIT_IMPORT_CHUNK_ROWS];
	size_t n = 0;

	must(import->finished && !import->error_total);
	for (size_t i = first; i < import->count && n < LIMIT_IMPORT_CHUNK_ROWS; i++, n++) {
		copies[n] = import->rows[i].row;
		copies[n].batch = batch;
		rows[n] = &copies[n];
	}
	return n ? db_insert(db, &catalog_table, rows, n) : OK;
}

enum err catalog_import_finish(struct db *db, int64_t batch)
{
	enum err e = store_batch_end(db, batch, BATCH_ACTIVE);

	return e ? e : version_grow(db, CATALOG_VERSION);
}

enum err catalog_import_abandon(struct db *db, int64_t batch)
{
	return store_batch_end(db, batch, BATCH_ABANDONED);
}

enum err catalog_import_sweep(struct db *db, int64_t batch, bool *ret_more)
{
	int64_t deleted = 0;
	enum err e = store_catalog_delete(db, batch, LIMIT_IMPORT_CHUNK_ROWS, &deleted);

	if (!e)
		*ret_more = deleted == LIMIT_IMPORT_CHUNK_ROWS;
	return e;
}

/* One step of catalog_import_run in a transaction of its own. */
static enum err commit_step(struct db *db, enum err e)
{
	if (!e)
		return db_commit(db);
	db_rollback(db);
	return e;
}

static enum err write_all(const struct catalog_import *import, struct db *db, int64_t batch)
{
	enum err e = OK;

	for (size_t at = 0; at < import->count && !e; at += LIMIT_IMPORT_CHUNK_ROWS) {
		e = db_begin(db);
		if (!e)
			e = commit_step(db, catalog_import_write(import, db, batch, at));
	}
	if (!e)
		e = db_begin(db);
	if (!e)
		e = commit_step(db, catalog_import_finish(db, batch));
	return e;
}

enum err catalog_import_run(const struct catalog_import *import, struct db *db, int64_t batch, int64_t now_us,
			    struct str note)
{
	enum err e = db_begin(db);

	if (!e)
		e = commit_step(db, catalog_import_begin(import, db, batch, now_us, note));
	if (e)
		return e;
	e = write_all(import, db, batch);
	/* What cannot be abandoned either stays LOADING, which nothing reads. */
	if (e && db_begin(db) == OK && commit_step(db, catalog_import_abandon(db, batch)) != OK)
		log_warn("catalog.import_left", "batch=%lld", (long long)batch);
	return e;
}

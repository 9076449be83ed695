#include "service/catalog.h"

#include "base/log.h"
#include "service/catalog_line.h"
#include "store/catalog.h"

enum { PAGE_ROWS = 1000 };

/* Reading all current lines of the store, a page at a time, so that a page's memory serves the next one too. */
struct scan {
	struct arena page;
	int64_t last_id;
	size_t rows; /* of this page */
	enum err (*on_line)(struct scan *scan, const struct catalog_row *row);
	void *arg;
};

static enum err scan_row(void *arg, void *row)
{
	struct scan *scan = arg;

	scan->last_id = ((const struct catalog_row *)row)->id;
	scan->rows++;
	return scan->on_line(scan, row);
}

static enum err scan_kind(struct db *db, struct scan *scan, int kind)
{
	enum err e;

	scan->last_id = 0;
	do {
		scan->rows = 0;
		arena_reset(&scan->page);
		e = store_catalog_current(db, kind, scan->last_id, PAGE_ROWS, &scan->page, scan_row, scan);
	} while (!e && scan->rows == PAGE_ROWS);
	return e;
}

/* In the order of enum catalog_kind: operators come before what names them. */
static enum err scan_all(struct db *db, struct scan *scan)
{
	enum err e = OK;

	arena_init(&scan->page);
	for (int kind = 1; kind <= CATALOG_KIND_COUNT && !e; kind++)
		e = scan_kind(db, scan, kind);
	arena_done(&scan->page);
	return e;
}

/* The prices' lists by their numbers; rows whose list has no number any more (see PRICE_LISTS_MAX) go. */
static void number_lists(struct catalog_line *line)
{
	struct product *p = &line->product;
	struct price *prices = (struct price *)p->prices; /* our own copy */
	size_t kept = 0;

	for (size_t i = 0; i < p->price_count; i++) {
		prices[kept] = prices[i];
		if (price_list_number(line->lists[i], &prices[kept].list) == OK)
			kept++;
	}
	p->price_count = kept;
}

static void skip(const struct catalog_row *row, const char *why)
{
	log_warn("catalog.line_skipped", "kind=%d id=%lld batch=%lld why=\"%s\"", row->kind, (long long)row->id,
		 (long long)row->batch, why);
}

static void add_prefixes(struct catalog_builder *b, const struct catalog_line *line, const struct operator_ *op)
{
	for (size_t i = 0; i < line->prefix.digit_count; i++)
		must(catalog_builder_prefix(b, line->prefix.digits[i], op, line->prefix.certain) == OK);
}

static void add_line(struct catalog_builder *b, const struct catalog_row *row, const struct catalog_line *read)
{
	const struct operator_ *op = catalog_builder_find_operator(b, read->operator_id);
	struct catalog_line *line;

	if (read->operator_id && !op) {
		skip(row, "its operator is gone");
		return;
	}
	line = catalog_line_copy(catalog_builder_arena(b), read);
	switch (line->kind) {
	case CATALOG_OPERATOR:
		catalog_builder_operator(b, &line->op);
		break;
	case CATALOG_PRODUCT:
		number_lists(line);
		line->product.op = op;
		line->product.batch = row->batch;
		catalog_builder_product(b, &line->product);
		break;
	case CATALOG_PROMOTION:
		line->promotion.op = op;
		catalog_builder_promotion(b, &line->promotion, line->products, line->product_count);
		break;
	case CATALOG_CAMPAIGN:
		catalog_builder_campaign(b, &line->campaign, line->products, line->product_count);
		break;
	case CATALOG_RATE:
		line->rate.batch = row->batch;
		catalog_builder_rate(b, &line->rate);
		break;
	case CATALOG_PREFIX:
		add_prefixes(b, line, op);
		break;
	case CATALOG_CATEGORY:
		catalog_builder_category(b, &line->category);
		break;
	case CATALOG_FAMILY:
		catalog_builder_family(b, &line->family);
		break;
	}
}

struct load {
	struct catalog_builder *builder;
	struct arena scratch; /* of one line */
};

static enum err load_line(struct scan *scan, const struct catalog_row *row)
{
	struct load *load = scan->arg;
	struct catalog_line line;
	struct json_faults faults;

	arena_reset(&load->scratch);
	if (catalog_line_read(&load->scratch, row->doc, &line, &faults) != OK)
		skip(row, faults.items[0].message);
	else if (line.id != row->id || (int)line.kind != row->kind)
		skip(row, "it is filed under another id");
	else if (!line.deleted)
		add_line(load->builder, row, &line);
	return OK;
}

enum err catalog_load(struct db *db, struct catalog **ret)
{
	struct load load = { .builder = catalog_builder_new() };
	struct scan scan = { .on_line = load_line, .arg = &load };
	enum err e;

	arena_init(&load.scratch);
	e = scan_all(db, &scan);
	arena_done(&load.scratch);
	if (e)
		catalog_builder_free(load.builder);
	else
		*ret = catalog_builder_finish(load.builder);
	return e;
}

/* A version as it stands in the store, copied to `a`; ERR_NOT_FOUND for a tombstone too. */
static enum err read_version(struct db *db, struct arena *a, enum catalog_kind kind, int64_t id, int64_t batch,
			     struct catalog_row *row, struct catalog_line **ret)
{
	struct json_faults faults;
	struct catalog_line line;
	struct arena scratch;
	enum err e;

	arena_init(&scratch);
	e = store_catalog_version(db, (int)kind, id, batch, &scratch, row);
	if (!e && (catalog_line_read(&scratch, row->doc, &line, &faults) != OK || line.deleted || line.kind != kind))
		e = ERR_NOT_FOUND;
	if (!e)
		*ret = catalog_line_copy(a, &line);
	arena_done(&scratch);
	return e;
}

enum err catalog_product_at(struct db *db, struct arena *a, int64_t id, int64_t batch, const struct product **ret)
{
	struct catalog_line *line, *op;
	struct catalog_row row, op_row;
	enum err e = read_version(db, a, CATALOG_PRODUCT, id, batch, &row, &line);

	if (e)
		return e;
	if (row.batch != batch)
		return ERR_NOT_FOUND;
	if ((e = read_version(db, a, CATALOG_OPERATOR, line->operator_id, batch, &op_row, &op)) != OK)
		return e;
	number_lists(line);
	line->product.op = &op->op;
	line->product.batch = batch;
	*ret = &line->product;
	return OK;
}

/* What is not for sale any more is not exported: a store that has never seen it need not hear of its end. */
struct exporter {
	catalog_sink sink;
	void *arg;
	struct arena scratch; /* of one line */
};

static enum err export_line(struct scan *scan, const struct catalog_row *row)
{
	struct exporter *exporter = scan->arg;
	struct json doc;

	arena_reset(&exporter->scratch);
	if (json_read(&exporter->scratch, row->doc, NULL, &doc) == OK && json_get(json_root(&doc), "deleted"))
		return OK;
	return exporter->sink(exporter->arg, row->doc);
}

enum err catalog_export(struct db *db, catalog_sink sink, void *arg)
{
	struct exporter exporter = { .sink = sink, .arg = arg };
	struct scan scan = { .on_line = export_line, .arg = &exporter };
	enum err e;

	arena_init(&exporter.scratch);
	e = scan_all(db, &scan);
	arena_done(&exporter.scratch);
	return e;
}

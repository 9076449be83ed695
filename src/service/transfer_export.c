#include "service/transfer_private.h"

#include "base/clock.h"
#include "base/limits.h"

void transfer_put_table(struct buf *b, const struct table *table)
{
	buf_printf(b, "table\t%s", table->name);
	for (size_t i = 0; i < table->count; i++)
		buf_printf(b, "\t%s", table->columns[i].name);
}

void transfer_put_sum(struct buf *b, const char *word, const char *name, const struct transfer_sum *sum)
{
	buf_printf(b, "%s\t%s%s%lld\t", word, name ? name : "", name ? "\t" : "", (long long)sum->rows);
	transfer_sum_hex(sum, b);
}

enum err transfer_alone(struct db *db, struct transfer_result *result)
{
	bool served;
	enum err e = transfer_is_served(db, clock_wall_us(), &served);

	if (e || !served)
		return e;
	snprintf(result->fault, sizeof(result->fault),
		 "a node serves this database, or was killed within the last 15 s: stop it");
	return ERR_BUSY;
}

struct writing {
	const struct transfer_options *options;
	struct transfer_result *result;
	struct db *db;
	struct arena pages[2]; /* the last row of a page is where the next one begins */
	struct buf line;
	const struct table *table;
	struct transfer_sum *sum;
	void *last;
	int64_t in_page, all;
};

static enum err put_line(struct writing *w)
{
	if (w->line.failed)
		return ERR_TOO_LARGE;
	buf_char(&w->line, '\n');
	bool good = !w->line.failed && fwrite(w->line.p, 1, w->line.n, w->options->file) == w->line.n;
	buf_clear(&w->line);
	return good ? OK : ERR_IO;
}

static enum err row_seen(void *arg, void *row)
{
	struct writing *w = arg;

	/* Nobody runs: a slot that the last one did not give back is free all the same. */
	if (w->table == &table_nodes)
		((struct node *)row)->lease_until = 0;
	transfer_put_row(&w->line, w->table, row);
	if (!w->line.failed)
		transfer_sum_line(w->sum, buf_view(&w->line));
	w->last = row;
	w->in_page++;
	return put_line(w);
}

static enum err put_table(struct writing *w)
{
	enum err e;

	transfer_put_table(&w->line, w->table);
	e = put_line(w);
	w->last = NULL;
	w->in_page = TRANSFER_PAGE;
	for (int page = 0; !e && w->in_page == TRANSFER_PAGE; page = !page) {
		arena_reset(&w->pages[page]);
		w->in_page = 0;
		e = transfer_page(w->db, w->table, w->last, &w->pages[page], row_seen, w);
		if (w->options->progress)
			w->options->progress(w->options->arg, w->result->all.rows + w->sum->rows, w->all);
	}
	if (e)
		return e;
	transfer_put_sum(&w->line, "end", w->table->name, w->sum);
	transfer_sum_add(&w->result->all, w->sum);
	return put_line(w);
}

static enum err count_all(struct writing *w)
{
	for (size_t i = 0; i < transfer_table_count; i++) {
		int64_t rows;
		enum err e = transfer_count(w->db, transfer_tables[i], &rows);

		if (e)
			return e;
		w->all += rows;
	}
	return OK;
}

static enum err put_all(struct writing *w)
{
	enum err e = transfer_alone(w->db, w->result);

	if (!e)
		e = count_all(w);
	if (e)
		return e;
	buf_printf(&w->line, "%s\t%d\t%lld", TRANSFER_MAGIC, TRANSFER_VERSION, (long long)w->all);
	e = put_line(w);
	for (size_t i = 0; i < transfer_table_count && !e; i++) {
		w->table = transfer_tables[i];
		w->sum = &w->result->tables[i];
		e = put_table(w);
	}
	if (e)
		return e;
	transfer_put_sum(&w->line, "done", NULL, &w->result->all);
	e = put_line(w);
	return e ? e : fflush(w->options->file) ? ERR_IO : OK;
}

enum err transfer_export(const struct transfer_options *options, struct transfer_result *ret)
{
	struct writing w = { .options = options, .result = ret };
	enum err e = db_open(&(struct db_options){ .uri = options->uri, .mode = DB_READ }, &w.db);

	*ret = (struct transfer_result){ 0 };
	if (e)
		return e;
	arena_init(&w.pages[0]);
	arena_init(&w.pages[1]);
	buf_init(&w.line, LIMIT_EXPORT_LINE_BYTES);
	e = db_begin(w.db);
	if (!e) {
		e = put_all(&w);
		db_rollback(w.db);
	}
	buf_done(&w.line);
	arena_done(&w.pages[0]);
	arena_done(&w.pages[1]);
	db_close(w.db);
	return e;
}

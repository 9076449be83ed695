#include "service/transfer_private.h"

#include "base/limits.h"

#include <stdarg.h>

struct reading {
	const struct transfer_options *options;
	struct transfer_result *result;
	struct db *db;
	struct arena chunk;
	struct buf line;
	int64_t number;	   /* of the line */
	int64_t done, all; /* rows that were written, and that the head promises */
	void *rows[TRANSFER_PAGE];
	size_t count;
};

/* What is wrong with the present line. */
static enum err wrong(struct reading *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
static enum err wrong(struct reading *r, const char *fmt, ...)
{
	char *to = r->result->fault;
	size_t room = sizeof(r->result->fault);
	int n = snprintf(to, room, "line %lld: ", (long long)r->number);
	va_list args;

	va_start(args, fmt);
	vsnprintf(to + n, room - (size_t)n, fmt, args);
	va_end(args);
	return ERR_BAD_REQUEST;
}

/* The next line, without its end. */
static enum err next_line(struct reading *r, struct str *ret)
{
	FILE *file = r->options->file;
	int c;

	buf_clear(&r->line);
	r->number++;
	while ((c = getc_unlocked(file)) != EOF && c != '\n')
		buf_char(&r->line, (char)c);
	if (ferror(file))
		return ERR_IO;
	if (c == EOF)
		return wrong(r, "the text ends here, before it is whole");
	if (r->line.failed)
		return wrong(r, "longer than %d bytes", LIMIT_EXPORT_LINE_BYTES);
	*ret = r->line.n ? buf_view(&r->line) : STR("");
	return OK;
}

static enum err take_head(struct reading *r)
{
	int64_t version;
	struct str rest = STR_NONE;
	enum err e = next_line(r, &rest);

	if (e)
		return e;
	if (!str_is(str_cut(&rest, '\t'), TRANSFER_MAGIC))
		return wrong(r, "this is no export of a store");
	if (str_to_i64(str_cut(&rest, '\t'), 0, INT64_MAX, &version) || version != TRANSFER_VERSION)
		return wrong(r, "the format is of another version than %d", TRANSFER_VERSION);
	return str_to_i64(rest, 0, INT64_MAX, &r->all) ? wrong(r, "the number of rows is missing") : OK;
}

static enum err write_chunk(struct reading *r, const struct table *table)
{
	enum err e = r->count ? transfer_insert(r->db, table, r->rows, r->count) : OK;

	if (e == ERR_STORE_FAILED)
		return wrong(r, "the store refuses a row of %s, here or a little before", table->name);
	r->done += (int64_t)r->count;
	r->count = 0;
	arena_reset(&r->chunk);
	if (r->options->progress)
		r->options->progress(r->options->arg, r->done, r->all);
	return e;
}

static enum err take_row(struct reading *r, const struct table *table, struct str line, struct transfer_sum *sum)
{
	void *row;

	if (transfer_take_row(str_skip(line, sizeof("row\t") - 1), table, &r->chunk, &row))
		return wrong(r, "not a row of %s", table->name);
	transfer_sum_line(sum, line);
	r->rows[r->count++] = row;
	return r->count == TRANSFER_PAGE ? write_chunk(r, table) : OK;
}

/* "end" or "done": the sums must be those of the rows that were read. */
static enum err check_sum(struct reading *r, struct str line, const char *word, const char *name,
			  const struct transfer_sum *sum)
{
	struct buf wanted;

	buf_init(&wanted, LIMIT_IMPORT_LINE_BYTES);
	transfer_put_sum(&wanted, word, name, sum);
	bool good = str_eq(line, buf_view(&wanted));
	buf_done(&wanted);
	return good ? OK
		    : wrong(r, "rows of %s are missing, too many or changed; or this line is no \"%s\"",
			    name ? name : "some table", word);
}

static enum err take_table(struct reading *r, const struct table *table, struct transfer_sum *sum)
{
	struct buf head;
	struct str line = STR_NONE;
	enum err e = next_line(r, &line);

	if (e)
		return e;
	buf_init(&head, LIMIT_IMPORT_LINE_BYTES);
	transfer_put_table(&head, table);
	bool good = str_eq(line, buf_view(&head));
	buf_done(&head);
	if (!good)
		return wrong(
			r,
			"not the head of %s with the columns of this bodega: export and import with the same version",
			table->name);
	while (!(e = next_line(r, &line)) && str_starts(line, STR("row\t")))
		if ((e = take_row(r, table, line, sum)))
			return e;
	if (!e)
		e = write_chunk(r, table);
	if (!e)
		e = check_sum(r, buf_view(&r->line), "end", table->name, sum);
	transfer_sum_add(&r->result->all, sum);
	return e;
}

static enum err take_all(struct reading *r)
{
	struct str line = STR_NONE;
	enum err e = take_head(r);

	for (size_t i = 0; i < transfer_table_count && !e; i++)
		e = take_table(r, transfer_tables[i], &r->result->tables[i]);
	if (!e)
		e = next_line(r, &line);
	if (!e)
		e = check_sum(r, line, "done", NULL, &r->result->all);
	if (!e && getc_unlocked(r->options->file) != EOF)
		e = wrong(r, "something follows the last line");
	return e;
}

static enum err import_into(struct reading *r)
{
	bool empty;
	/* A node that starts meanwhile waits for its slot until we are done. */
	enum err e = db_lock(r->db, DB_LOCK_NODES);

	if (!e)
		e = transfer_alone(r->db, r->result);
	if (!e)
		e = transfer_is_empty(r->db, &empty);
	if (!e && !empty)
		e = ERR_CONFLICT;
	return e ? e : take_all(r);
}

enum err transfer_import(const struct transfer_options *options, struct transfer_result *ret)
{
	struct reading *r = calloc(1, sizeof(*r));

	must(r);
	*r = (struct reading){ .options = options, .result = ret };
	*ret = (struct transfer_result){ 0 };
	enum err e = db_open(&(struct db_options){ .uri = options->uri, .mode = DB_WRITE }, &r->db);
	if (!e) {
		arena_init(&r->chunk);
		buf_init(&r->line, LIMIT_EXPORT_LINE_BYTES);
		e = db_migrate(r->db);
		if (!e)
			e = db_begin(r->db);
		if (!e) {
			e = import_into(r);
			if (!e)
				e = db_commit(r->db);
			if (e)
				db_rollback(r->db);
		}
		buf_done(&r->line);
		arena_done(&r->chunk);
		db_close(r->db);
	}
	free(r);
	return e;
}

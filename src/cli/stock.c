/* cli/stock.c: bodega stock: batches of codes into a store, what is left, and what is not to be sold any more. */
#include "base/clock.h"
#include "base/csv.h"
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "json/reader.h"
#include "json/writer.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char examples[] = "  bodega stock import cards.csv --product 1392 --note 'May'\n"
			       "  bodega stock list\n"
			       "  bodega stock void 3\n";

/* An import on its way. */
struct importing {
	struct connection *connection;
	struct arena arena; /* of one step */
	struct buf reply;
	struct json answer; /* of the last step */
	long long batch, total;
	size_t line; /* of the file: the next one */
};

/* One call; says what was refused. EXIT_DONE or an exit code. */
static int call(struct importing *in, const char *method, struct str target, struct str body)
{
	int status = 0;

	buf_clear(&in->reply);
	enum err e = connect_call(in->connection, method, target, body, &in->reply, &status);
	if (e) {
		fprintf(stderr, "bodega stock: the server does not answer (%s)\n", err_name(e));
		return EXIT_UNUSABLE;
	}
	struct str answer = arena_str(&in->arena, buf_view(&in->reply));
	if (status >= 300 || json_read(&in->arena, answer, NULL, &in->answer)) {
		show_refusal("stock", status, answer);
		return status >= 500 ? EXIT_UNUSABLE : EXIT_REFUSED;
	}
	return EXIT_DONE;
}

static int64_t number_of(const struct importing *in, const char *member)
{
	int64_t value = 0;

	return json_i64(json_get(json_root(&in->answer), member), 0, INT64_MAX, &value) ? 0 : value;
}

static int open_batch(struct importing *in, int64_t product, bool sandbox, int64_t low, const char *note)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, LIMIT_BODY_BYTES);
	json_writer_init(&w, &body);
	json_obj(&w, NULL);
	json_int(&w, "product", product);
	json_bool(&w, "sandbox", sandbox);
	json_int(&w, "low", low);
	json_strz(&w, "note", note ? note : "");
	json_end(&w);
	int code = call(in, "POST", STR("/admin/v1/stock"), buf_view(&body));
	buf_done(&body);
	in->batch = number_of(in, "batch");
	return code;
}

static int print_duplicates(const struct importing *in)
{
	const struct json_token *lines = json_get(json_root(&in->answer), "duplicates");

	for (const struct json_token *at = json_first(lines); at; at = json_next(lines, at))
		fprintf(stderr, "line %.*s: this code is in stock already, or twice in the file\n",
			STR_ARG(json_raw(at)));
	return json_count(lines) ? EXIT_REFUSED : EXIT_DONE;
}

/* A step's lines. Steps are short, and as long as one took the import rests: half of the server's time, and of its
 * disk's, stays with those who buy. */
enum { STEP_ROWS = 200 };
static_assert((int)STEP_ROWS <= (int)LIMIT_STOCK_CHUNK_ROWS, "the server takes so many");

static void rest_for(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

/* The next lines of the file, as many as a step takes. */
static struct str cut_chunk(struct str *rest, size_t *ret_lines)
{
	struct str chunk = { rest->p, 0 }, line;

	*ret_lines = 0;
	while (*ret_lines < STEP_ROWS && csv_line(rest, &line))
		++*ret_lines;
	chunk.n = (size_t)(rest->p - chunk.p);
	return chunk;
}

static int send_chunks(struct importing *in, struct str text)
{
	struct progress progress = progress_start("importing", (int64_t)text.n);
	struct str rest = text;
	int code = EXIT_DONE;

	while (!code && rest.n) {
		size_t lines;
		struct str chunk = cut_chunk(&rest, &lines);

		int64_t start_us = clock_mono_us();

		arena_reset(&in->arena);
		if (!str_is_blank(chunk))
			code = call(in, "POST",
				    arena_printf(&in->arena, "/admin/v1/stock/%lld/lines?expected=%lld&line=%zu",
						 in->batch, in->total, in->line),
				    chunk);
		if (!code && !str_is_blank(chunk)) {
			code = print_duplicates(in);
			in->total = number_of(in, "total");
		}
		in->line += lines;
		progress_step(&progress, text.n - rest.n);
		if (rest.n)
			rest_for(clock_mono_us() - start_us);
	}
	progress_end(&progress);
	return code;
}

/* Deletes what is there of a batch that was not finished, a step at a time. EXIT_DONE or an exit code. */
static int abandon(struct importing *in)
{
	bool more = true;
	int code = EXIT_DONE;

	while (more && !code) {
		arena_reset(&in->arena);
		code = call(in, "DELETE", arena_printf(&in->arena, "/admin/v1/stock/%lld", in->batch), STR(""));
		if (!code && json_boolean(json_get(json_root(&in->answer), "more"), &more))
			more = false;
	}
	return code;
}

/* Nothing is for sale of what was not finished; whether it could be deleted is another question. */
static void give_back(struct importing *in)
{
	if (abandon(in))
		fprintf(stderr,
			"bodega stock import: nothing is for sale of it; before you import it again: bodega stock "
			"abandon %lld\n",
			in->batch);
	else
		fprintf(stderr, "bodega stock import: nothing was imported\n");
}

static int import_text(struct importing *in, struct str text)
{
	struct str rest = text, line;

	in->line = 1;
	/* A first line that names the columns. */
	if (csv_line(&rest, &line) && str_starts(line, STR("code"))) {
		text = rest;
		in->line = 2;
	}
	int code = send_chunks(in, text);
	if (!code && !in->total) {
		fprintf(stderr, "bodega stock import: there is nothing in the file\n");
		code = EXIT_REFUSED;
	}
	arena_reset(&in->arena);
	if (!code)
		code = call(in, "POST", arena_printf(&in->arena, "/admin/v1/stock/%lld/activate", in->batch),
			    STR("{}"));
	if (code)
		give_back(in);
	else
		printf("batch %lld: %lld units, for sale now\n", in->batch, in->total);
	return code;
}

/* The whole file in memory that is only mapped: a million lines need no copy. */
static int map_file(const char *file, struct str *ret)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		fprintf(stderr, "bodega stock import: %s: %s\n", file, fd < 0 ? strerror(errno) : "not a file");
		if (fd >= 0)
			close(fd);
		return EXIT_UNUSABLE;
	}
	void *p = st.st_size ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	close(fd);
	if (p == MAP_FAILED)
		return EXIT_UNUSABLE;
	*ret = (struct str){ p, (size_t)st.st_size };
	return EXIT_DONE;
}

static int run_import(int argc, char **argv)
{
	struct where where = { 0 };
	const char *note = NULL, *file = NULL;
	int64_t product = 0, low = 0;
	bool sandbox = false;
	const struct option_row rows[] = {
		WHERE_ROWS(&where),
		{ "product", "ID", "what the codes are", .number = &product, .min = 1, .max = INT32_MAX },
		{ "sandbox", NULL, "for sandbox partners alone", .flag = &sandbox },
		{ "low", "N", "tell us when fewer than N are left (0: never)", .number = &low, .max = 1000000000 },
		{ "note", "TEXT", "what this batch is", .text = &note },
	};
	const struct usage usage = {
		"bodega stock import",
		"--product ID [OPTION]... FILE",
		"Imports lines of code,serial,expires (the last two may be missing), all of them or none.\n\n"
		"  bodega stock import cards.csv --product 1392 --note 'May'\n",
		rows,
		ARRAY_LEN(rows),
		&file,
		1,
		1
	};
	struct importing in = { 0 };
	struct str text;
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	if (!product) {
		fprintf(stderr, "bodega stock import: --product says what the codes are\n");
		return EXIT_USAGE;
	}
	if (map_file(file, &text))
		return EXIT_UNUSABLE;
	if (connect_open(&where, "stock import", &in.connection))
		return EXIT_UNUSABLE;
	arena_init(&in.arena);
	buf_init(&in.reply, LIMIT_RESPONSE_BYTES);
	code = open_batch(&in, product, sandbox, low, note);
	if (!code)
		code = import_text(&in, text);
	buf_done(&in.reply);
	arena_done(&in.arena);
	connect_close(in.connection);
	if (text.p)
		munmap((void *)text.p, text.n);
	return code;
}

static int run_abandon(int argc, char **argv)
{
	struct where where = { 0 };
	const char *batch = NULL;
	const struct option_row rows[] = { WHERE_ROWS(&where) };
	const struct usage usage = { "bodega stock abandon",
				     "[OPTION]... BATCH",
				     "Deletes what is there of an import that was cut short.\n",
				     rows,
				     ARRAY_LEN(rows),
				     &batch,
				     1,
				     1 };
	struct importing in = { 0 };
	int64_t id;
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	if (str_to_i64(str_of(batch), 1, INT64_MAX, &id)) {
		fprintf(stderr, "bodega stock abandon: %s is no batch\n", batch);
		return EXIT_USAGE;
	}
	if (connect_open(&where, "stock abandon", &in.connection))
		return EXIT_UNUSABLE;
	in.batch = id;
	arena_init(&in.arena);
	buf_init(&in.reply, LIMIT_RESPONSE_BYTES);
	code = abandon(&in);
	if (!code)
		printf("batch %lld: deleted\n", in.batch);
	buf_done(&in.reply);
	arena_done(&in.arena);
	connect_close(in.connection);
	return code;
}

static const struct verb_row rows[] = {
	{ "list",
	  "",
	  "GET",
	  "/admin/v1/stock",
	  "Lists batches, newest first, and what is left of them",
	  { { "product", "ID", 'n', "of one product" } } },
	{ "events",
	  "",
	  "GET",
	  "/admin/v1/stock/events",
	  "Lists when less was left than a batch's mark, newest first",
	  { { "product", "ID", 'n', "of one product" },
	    { "before", "EVENT", 'n', "older than that one" },
	    { "limit", "N", 'n', "how many (100)" } } },
	{ "void",
	  "BATCH",
	  "POST",
	  "/admin/v1/stock/{BATCH}/void",
	  "Takes what is free of a batch out of sale, for good",
	  { { NULL } } },
	{ "reveal",
	  "ORDER UNIT",
	  "POST",
	  "/admin/v1/orders/{ORDER}/units/{UNIT}/reveal",
	  "Shows what an order was given; this is written down",
	  { { NULL } } },
};
static const struct noun_table table = { "stock", examples, rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	struct str word = argc > 1 ? str_of(argv[1]) : STR_NONE;

	(void)program;
	if (str_is(word, "import"))
		return run_import(argc - 1, argv + 1);
	if (str_is(word, "abandon"))
		return run_abandon(argc - 1, argv + 1);
	if (str_is(word, "--help") || !word.p)
		printf("Also: bodega stock import FILE, bodega stock abandon BATCH\n\n");
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_stock = { "stock", "imports codes to sell, and shows what is left", run };

/* cli/catalog.c: bodega catalog: a file of lines into a store, and out again. */
#include "service/catalog.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "cli/verbs.h"
#include "db/db.h"
#include "json/reader.h"
#include "json/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 1024 * 1024 };

static const char examples[] = "  bodega catalog import products.jsonl --note 'prices of May'\n"
			       "  bodega catalog export > products.jsonl\n"
			       "  bodega catalog batches\n";

/* An import on its way. */
struct importing {
	struct connection *connection;
	struct arena arena;
	struct buf reply;
	struct json answer; /* of the last step */
	int64_t id;
};

/* One step; says what was refused. EXIT_DONE or an exit code. */
static int step(struct importing *in, const char *what, struct str body)
{
	int status = 0;
	struct str target = in->id ? arena_printf(&in->arena, "/admin/v1/imports/%lld/%s", (long long)in->id, what)
				   : STR("/admin/v1/imports");

	buf_clear(&in->reply);
	enum err e = connect_call(in->connection, "POST", target, body, &in->reply, &status);
	if (e) {
		fprintf(stderr, "bodega catalog import: the server does not answer (%s)\n", err_name(e));
		return EXIT_UNUSABLE;
	}
	struct str answer = arena_str(&in->arena, buf_view(&in->reply));
	if (status >= 300 || json_read(&in->arena, answer, NULL, &in->answer)) {
		show_refusal("catalog import", status, answer);
		return status >= 500 ? EXIT_UNUSABLE : EXIT_REFUSED;
	}
	return EXIT_DONE;
}

static int64_t number_of(const struct importing *in, const char *member)
{
	int64_t value = 0;

	return json_i64(json_get(json_root(&in->answer), member), 0, INT64_MAX, &value) ? 0 : value;
}

static int send_lines(struct importing *in, int fd)
{
	struct stat st = { 0 };
	struct progress progress = progress_start("reading", fstat(fd, &st) ? 0 : st.st_size);
	char *chunk = arena_alloc(&in->arena, CHUNK_BYTES);
	size_t sent = 0;
	int code = EXIT_DONE;
	ssize_t n;

	while (!code && (n = read(fd, chunk, CHUNK_BYTES)) > 0) {
		code = step(in, "lines", (struct str){ chunk, (size_t)n });
		sent += (size_t)n;
		progress_step(&progress, sent);
	}
	progress_end(&progress);
	return code;
}

static int print_errors(struct importing *in)
{
	const struct json_token *errors = json_get(json_root(&in->answer), "errors");
	int64_t total = number_of(in, "errors_total");

	for (const struct json_token *e = json_first(errors); e; e = json_next(errors, e)) {
		struct str line = json_raw(json_get(e, "line"));
		struct str text = json_text(&in->arena, json_get(e, "text"));

		fprintf(stderr, "line %.*s: %.*s\n", STR_ARG(line), STR_ARG(text));
	}
	fprintf(stderr, "bodega catalog import: %lld mistakes; nothing was changed\n", (long long)total);
	return EXIT_REFUSED;
}

static int write_rows(struct importing *in)
{
	struct progress progress = progress_start("writing", number_of(in, "rows"));
	bool done = false;
	int code = EXIT_DONE;

	while (!code && !done) {
		code = step(in, "write", STR("{}"));
		if (!code && json_boolean(json_get(json_root(&in->answer), "done"), &done))
			code = EXIT_UNUSABLE;
		progress_step(&progress, (size_t)number_of(in, "written"));
	}
	progress_end(&progress);
	if (!code)
		printf("batch %lld: %lld lines, for sale now\n", (long long)number_of(in, "batch"),
		       (long long)number_of(in, "rows"));
	return code;
}

static int import_all(struct importing *in, const char *note, int fd)
{
	struct json_writer w;
	struct buf body;
	bool good = false;

	buf_init(&body, LIMIT_BODY_BYTES);
	json_writer_init(&w, &body);
	json_obj(&w, NULL);
	json_strz(&w, "note", note ? note : "");
	json_end(&w);
	int code = step(in, "", buf_view(&body));
	buf_done(&body);
	if (!code) {
		in->id = number_of(in, "id");
		code = send_lines(in, fd);
	}
	if (!code)
		code = step(in, "check", STR("{}"));
	if (!code && (json_boolean(json_get(json_root(&in->answer), "good"), &good) || !good))
		return print_errors(in);
	return code ? code : write_rows(in);
}

static int run_import(int argc, char **argv)
{
	struct where where = { 0 };
	const char *note = NULL, *file = NULL;
	const struct option_row rows[] = { WHERE_ROWS(&where),
					   { "note", "TEXT", "what this import is", .text = &note } };
	const struct usage usage = {
		"bodega catalog import",
		"[OPTION]... FILE",
		"Imports lines (docs/catalog-format.md), all of them or none. FILE may be - for standard input.\n\n"
		"  bodega catalog import products.jsonl --note 'prices of May'\n",
		rows,
		ARRAY_LEN(rows),
		&file,
		1,
		1
	};
	struct importing in = { 0 };
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	int fd = str_is(str_of(file), "-") ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		fprintf(stderr, "bodega catalog import: %s: %s\n", file, strerror(errno));
		return EXIT_UNUSABLE;
	}
	if (connect_open(&where, "catalog import", &in.connection)) {
		close(fd);
		return EXIT_UNUSABLE;
	}
	arena_init(&in.arena);
	buf_init(&in.reply, LIMIT_RESPONSE_BYTES);
	code = import_all(&in, note, fd);
	buf_done(&in.reply);
	arena_done(&in.arena);
	connect_close(in.connection);
	close(fd);
	return code;
}

static enum err print_line(void *arg, struct str line)
{
	(void)arg;
	return fwrite(line.p, 1, line.n, stdout) == line.n && putchar('\n') != EOF ? OK : ERR_IO;
}

/* Straight from the store, one moment of it, as large as it may be; a running server is only read. */
static enum err export_store(const char *store)
{
	struct db *db;
	enum err e = db_open(&(struct db_options){ .uri = store, .mode = DB_READ }, &db);

	if (e)
		return e;
	e = db_begin(db);
	if (!e) {
		e = catalog_export(db, print_line, NULL);
		db_rollback(db);
	}
	db_close(db);
	return e || fflush(stdout) ? (e ? e : ERR_IO) : OK;
}

static int run_export(int argc, char **argv)
{
	struct where where = { 0 };
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
	};
	const struct usage usage = { "bodega catalog export",
				     "[OPTION]...",
				     "Prints every current line, operators first, as an import takes them.\n\n"
				     "  bodega catalog export > products.jsonl\n",
				     rows,
				     ARRAY_LEN(rows),
				     NULL,
				     0,
				     0 };
	int code = options_parse(&usage, argc, argv, NULL);

	if (code >= 0)
		return code;
	log_set_level(LOG_WARN);
	arena_init(&a);
	enum err e = folder_open(&a, where_data(&where), false, &folder);
	if (!e)
		e = export_store(folder.store);
	arena_done(&a);
	if (e)
		fprintf(stderr, "bodega catalog export: %s: %s\n", where_data(&where), err_name(e));
	return e ? EXIT_UNUSABLE : EXIT_DONE;
}

static const struct verb_row rows[] = {
	{ "batches",
	  "",
	  "GET",
	  "/admin/v1/batches",
	  "Lists imports, newest first",
	  { { "limit", "N", 'n', "how many (20)" } } },
	{ "abandon",
	  "BATCH",
	  "DELETE",
	  "/admin/v1/batches/{BATCH}",
	  "Ends an import that was cut short",
	  { { NULL } } },
};
static const struct noun_table table = { "catalog", examples, rows, ARRAY_LEN(rows) };

static int run(const struct program *program, int argc, char **argv)
{
	struct str word = argc > 1 ? str_of(argv[1]) : STR_NONE;

	(void)program;
	if (str_is(word, "import"))
		return run_import(argc - 1, argv + 1);
	if (str_is(word, "export"))
		return run_export(argc - 1, argv + 1);
	if (str_is(word, "--help") || !word.p)
		printf("Also: bodega catalog import FILE, bodega catalog export\n\n");
	return verbs_run(&table, argc, argv);
}

const struct cli_command command_catalog = { "catalog", "imports and exports what is for sale", run };

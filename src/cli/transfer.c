/* cli/transfer.c: bodega export, bodega import: the way of a store from one engine to another. */
#include "service/transfer.h"

#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"
#include "service/verify.h"
#include "json/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUMMARY_BYTES = 64 * 1024 };

static void progress(void *arg, int64_t done, int64_t all)
{
	struct progress *p = arg;

	p->all = all;
	progress_step(p, (size_t)done);
}

static bool is_pipe(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
}

static void put_sum(struct json_writer *w, const struct transfer_sum *sum)
{
	struct buf hex;

	buf_init(&hex, 128);
	transfer_sum_hex(sum, &hex);
	json_int(w, "rows", sum->rows);
	json_str(w, "hash", buf_view(&hex));
	buf_done(&hex);
}

/* `differences`: what verify found; -1 = it was not asked. */
static void print_json(FILE *to, const struct transfer_result *r, int64_t differences)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, SUMMARY_BYTES);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_arr(&w, "tables");
	for (size_t i = 0; i < transfer_table_count; i++) {
		json_obj(&w, NULL);
		json_strz(&w, "name", transfer_tables[i]->name);
		put_sum(&w, &r->tables[i]);
		json_end(&w);
	}
	json_end(&w);
	put_sum(&w, &r->all);
	if (differences >= 0)
		json_int(&w, "differences", differences);
	json_end(&w);
	must(!json_finish(&w));
	fprintf(to, "%.*s\n", STR_ARG(buf_view(&b)));
	buf_done(&b);
}

static void print_sum(FILE *to, const char *verb, const struct transfer_result *r)
{
	struct buf hex;

	buf_init(&hex, 128);
	transfer_sum_hex(&r->all, &hex);
	fprintf(to, "%s: %lld rows, hash %.*s\n", verb, (long long)r->all.rows, STR_ARG(buf_view(&hex)));
	buf_done(&hex);
}

static int failed(const char *command, const char *what, const struct transfer_result *r, enum err e)
{
	fprintf(stderr, "bodega %s: %s: %s\n", command, what,
		r->fault[0]	    ? r->fault
		: e == ERR_CONFLICT ? "there is a store with rows here; nothing was touched"
				    : folder_trouble(e));
	return e == ERR_CONFLICT || e == ERR_BAD_REQUEST ? EXIT_REFUSED : EXIT_UNUSABLE;
}

static const char about_export[] =
	"Writes the whole store as text, to FILE (which must not be there yet) or to standard output. It works on a "
	"stopped\n"
	"server, under the lock of the data folder: what is sold afterwards would be lost on the way. The text holds "
	"sealed\n"
	"secrets and phone numbers; the master key is not in it.\n"
	"\n"
	"  bodega export --data /var/lib/bodega /backup/bodega.export\n"
	"  bodega export --data ./old | bodega import --data ./new --key ./old/master.key \\\n"
	"      --store postgres://bodega@db.example.com/bodega\n";

/* NULL: errno says why. */
static FILE *open_target(const char *path)
{
	if (!path)
		return stdout;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* A text that is not whole does not stay. */
static enum err close_target(FILE *file, const char *path, enum err e)
{
	if (!path)
		return e;
	if (!e && fsync(fileno(file)))
		e = ERR_IO;
	if (fclose(file) && !e)
		e = ERR_IO;
	if (e)
		unlink(path);
	return e;
}

static int export_store(struct arena *a, const char *data, const char *path, bool as_json)
{
	struct transfer_result r = { 0 };
	struct progress p = progress_start("export", 0);
	struct folder folder;
	enum err e = folder_open(a, data, false, &folder);

	if (!e)
		e = folder_has_store(&folder) ? folder_lock(&folder) : ERR_NOT_FOUND;
	if (e)
		return failed("export", data, &r, e);
	FILE *file = open_target(path);
	if (!file) {
		fprintf(stderr, "bodega export: %s: %s\n", path,
			errno == EEXIST ? "is there already; nothing was touched" : "cannot be written");
		return errno == EEXIST ? EXIT_REFUSED : EXIT_UNUSABLE;
	}
	e = transfer_export(&(struct transfer_options){ folder.store, file, progress, &p }, &r);
	progress_end(&p);
	e = close_target(file, path, e);
	if (e)
		return failed("export", e == ERR_IO && path ? path : data, &r, e);
	if (as_json)
		print_json(path ? stdout : stderr, &r, -1);
	else
		print_sum(path ? stdout : stderr, "exported", &r);
	return EXIT_DONE;
}

static int run_export(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	const char *path = NULL;
	bool as_json = false;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
		{ "json", NULL, "counts and hashes of the tables as JSON; on standard error without FILE",
		  .flag = &as_json },
	};
	const struct usage usage = {
		"bodega export", "[OPTION]... [FILE]", about_export, rows, ARRAY_LEN(rows), &path, 0, 1
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	if (!path && isatty(STDOUT_FILENO))
		return usage_error(&usage, "name a FILE: this is no text for a terminal");
	log_set_level(LOG_WARN);
	arena_init(&a);
	code = export_store(&a, where_data(&where), path, as_json);
	arena_done(&a);
	return code;
}

static const char about_import[] = "Fills a new store from the text of bodega export, in FILE or on standard input: "
				   "all of it or nothing. The store is a\n"
				   "file in DIR, or an empty PostgreSQL database. Nobody may serve it meanwhile: the "
				   "folder is locked. Then the books are\n"
				   "checked as bodega verify does; ends with 1 if they do not agree.\n"
				   "\n"
				   "  bodega import --data ./new --key ./old/master.key --store "
				   "postgres://bodega@db.example.com/bodega bodega.export\n"
				   "  bodega import --data ./file-again --key ./new/master.key bodega.export\n";

struct import {
	const char *data, *store, *key, *path;
	bool as_json, unchecked;
};

static void remove_store(struct arena *a, const char *store)
{
	static const char *const ends[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		unlink(arena_printf(a, "%s%s", store, ends[i]).p);
}

static enum err fill(struct arena *a, const struct import *in, const struct folder *folder, struct transfer_result *r)
{
	bool is_new_file = !in->store && !folder_has_store(folder);
	struct progress p = progress_start("import", 0);
	FILE *file = in->path ? fopen(in->path, "re") : stdin;
	const struct transfer_options options = { in->store ? in->store : folder->store, file, progress, &p };

	if (!file) {
		snprintf(r->fault, sizeof(r->fault), "%.150s cannot be read", in->path);
		return ERR_IO;
	}
	/* Whoever writes into the pipe shows how far it is. */
	p.visible &= in->path || !is_pipe(STDIN_FILENO);
	enum err e = transfer_import(&options, r);
	progress_end(&p);
	if (in->path)
		fclose(file);
	if (e && e != ERR_CONFLICT && is_new_file)
		remove_store(a, folder->store);
	return e;
}

static enum err import_store(struct arena *a, const struct import *in, struct folder *folder, struct transfer_result *r)
{
	struct folder as_told;
	struct str key;
	enum err e = folder_open(a, in->data, true, folder);

	if (!e)
		e = folder_lock(folder);
	if (!e && in->key)
		e = access(folder->key, F_OK) == 0 ? ERR_CONFLICT : file_read(a, in->key, &key);
	/* Whether this folder may have that store; what it has is written down once it is there. */
	as_told = *folder;
	if (!e && in->store && folder_has_store(folder))
		e = folder_take_store(a, &as_told, in->store);
	if (!e)
		e = fill(a, in, folder, r);
	if (!e)
		e = folder_take_store(a, folder, in->store);
	return e || !in->key ? e : file_write(a, folder->key, key);
}

static void difference(void *arg, struct str text)
{
	(void)arg;
	fprintf(stderr, "%.*s\n", STR_ARG(text));
}

static int import(struct arena *a, const struct import *in)
{
	struct transfer_result r = { 0 };
	struct verify_result books = { 0 };
	struct folder folder;
	enum err e = import_store(a, in, &folder, &r);

	if (e)
		return failed("import", in->data, &r, e);
	if (!in->unchecked)
		e = verify_store(&(struct verify_options){ .uri = folder.store, .difference = difference }, &books);
	if (e)
		return failed("import", in->data, &r, e);
	if (in->as_json)
		print_json(stdout, &r, in->unchecked ? -1 : books.differences);
	else
		print_sum(stdout, "imported", &r);
	if (access(folder.key, F_OK) != 0)
		fprintf(stderr, "bodega import: put the master key into %s before you serve it\n", folder.key);
	return books.differences ? EXIT_REFUSED : EXIT_DONE;
}

static int run_import(const struct program *program, int argc, char **argv)
{
	struct import in = { 0 };
	struct where where = { 0 };
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the new data folder", .text = &where.data },
		{ "store", "URI", "postgres://USER:PASSWORD@HOST/DATABASE: an empty database (a file in DIR)",
		  .text = &in.store },
		{ "key", "FILE", "the master key that the exported store was sealed with", .text = &in.key },
		{ "no-verify", NULL, "leaves the books to a bodega verify of your own", .flag = &in.unchecked },
		{ "json", NULL, "counts and hashes of the tables as JSON", .flag = &in.as_json },
	};
	const struct usage usage = {
		"bodega import", "--data DIR [OPTION]... [FILE]", about_import, rows, ARRAY_LEN(rows), &in.path, 0, 1
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	if (!where.data)
		return usage_error(&usage, "--data is missing");
	in.data = where.data;
	log_set_level(LOG_WARN);
	arena_init(&a);
	code = import(&a, &in);
	arena_done(&a);
	return code;
}

const struct cli_command command_export = { "export", "writes a stopped store as text", run_export };
const struct cli_command command_import = { "import", "fills a new store from that text", run_import };

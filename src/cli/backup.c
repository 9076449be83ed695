/* cli/backup.c: bodega backup, bodega restore */
#include "base/limits.h"
#include "base/log.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/folder.h"
#include "cli/progress.h"
#include "cli/show.h"
#include "db/db.h"
#include "json/writer.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static void progress(void *arg, int64_t done, int64_t all)
{
	struct progress *p = arg;

	p->all = all;
	progress_step(p, (size_t)done);
}

/* A consistent copy of a store that may be written meanwhile. */
static enum err copy(const char *from, const char *to)
{
	struct progress p = progress_start("copying", 0);
	struct db *db;
	enum err e = db_open(&(struct db_options){ .uri = from, .mode = DB_READ }, &db);

	if (e)
		return e;
	e = db_backup(db, to, progress, &p);
	progress_end(&p);
	db_close(db);
	return e;
}

static int refused(const char *command, const char *what, enum err e)
{
	fprintf(stderr, "bodega %s: %s: %s\n", command, what,
		e == ERR_CONFLICT	     ? "is there already; nothing was touched"
		: e == ERR_NOT_FOUND	     ? "is not there"
		: e == ERR_STORE_UNAVAILABLE ? "cannot be read or written as a store (store_unavailable)"
					     : err_name(e));
	return e == ERR_CONFLICT ? EXIT_REFUSED : EXIT_UNUSABLE;
}

/* A person is told nothing that was not asked; a program learns what there is now. */
static void show_copy(const char *path)
{
	struct json_writer w;
	struct stat status;
	struct buf out;

	buf_init(&out, LIMIT_RESPONSE_BYTES);
	json_writer_init(&w, &out);
	json_obj(&w, NULL);
	json_strz(&w, "backup", path);
	json_int(&w, "bytes", stat(path, &status) ? 0 : status.st_size);
	json_end(&w);
	buf_char(&out, '\n');
	show_answer(buf_view(&out), true);
	buf_done(&out);
}

static const char about_backup[] =
	"Copies the store into the new file TARGET; the server goes on. The master key is not in it: keep a copy of\n"
	"DIR/master.key elsewhere, because without it PINs and credentials of the copy are lost.\n"
	"\n"
	"  bodega backup --data /var/lib/bodega /backup/bodega-monday.db\n";

static int run_backup(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	const char *target = NULL;
	bool as_json = false;
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the data folder (BODEGA_DATA, else /var/lib/bodega)", .text = &where.data },
		{ "json", NULL, "prints what was written as one JSON object", .flag = &as_json },
	};
	const struct usage usage = {
		"bodega backup", "[OPTION]... TARGET", about_backup, rows, ARRAY_LEN(rows), &target, 1, 1
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	log_set_level(LOG_WARN);
	arena_init(&a);
	enum err e = folder_open(&a, where_data(&where), false, &folder);
	if (!e && !folder_has_store(&folder))
		e = ERR_NOT_FOUND;
	if (e) {
		code = refused("backup", where_data(&where), e);
	} else {
		e = copy(folder.store, target);
		code = e ? refused("backup", target, e) : EXIT_DONE;
	}
	if (!e && as_json)
		show_copy(target);
	arena_done(&a);
	return code;
}

static const char about_restore[] =
	"Makes the new data folder DIR from a backup, checks its books, and ends with 1 if they do not agree.\n"
	"\n"
	"  bodega restore --data /var/lib/bodega /backup/bodega-monday.db --key /safe/master.key\n";

static enum err restore(struct folder *folder, struct arena *a, const char *backup, const char *key)
{
	struct str text;
	enum err e = folder_lock(folder);

	if (!e && (folder_has_store(folder) || access(folder->key, F_OK) == 0))
		return ERR_CONFLICT;
	if (!e && access(backup, R_OK))
		return ERR_NOT_FOUND;
	if (!e && key)
		e = file_read(a, key, &text);
	if (!e && key)
		e = file_write(a, folder->key, text);
	return e ? e : copy(backup, folder->store);
}

static int run_restore(const struct program *program, int argc, char **argv)
{
	struct where where = { 0 };
	const char *backup = NULL, *key = NULL;
	bool as_json = false;
	struct folder folder;
	struct arena a;
	const struct option_row rows[] = {
		{ "data", "DIR", "the new data folder", .text = &where.data },
		{ "key", "FILE", "the master key that the backup's store was sealed with", .text = &key },
		{ "json", NULL, "prints the books' check as one JSON object, as verify does", .flag = &as_json },
	};
	const struct usage usage = {
		"bodega restore", "--data DIR [OPTION]... BACKUP", about_restore, rows, ARRAY_LEN(rows), &backup, 1, 1
	};
	int code = options_parse(&usage, argc, argv, NULL);

	(void)program;
	if (code >= 0)
		return code;
	if (!where.data)
		return usage_error(&usage, "--data is missing");
	log_set_level(LOG_WARN);
	arena_init(&a);
	enum err e = folder_open(&a, where.data, true, &folder);
	if (!e)
		e = restore(&folder, &a, backup, key);
	code = e ? refused("restore", e == ERR_CONFLICT ? where.data : backup, e)
		 : verify_folder("restore", &folder, as_json);
	if (!e && !key)
		fprintf(stderr, "bodega restore: put the master key into %s before you serve it\n", folder.key);
	arena_done(&a);
	return code;
}

const struct cli_command command_backup = { "backup", "copies the store while it is served", run_backup };
const struct cli_command command_restore = { "restore", "makes a data folder from a backup", run_restore };

#include "db/db_sqlite_private.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <unistd.h>

enum { BACKUP_STEP_PAGES = 256, FINDINGS_LOGGED = 10 };

typedef void (*progress_fn)(void *arg, int64_t done, int64_t all);

static enum err file_failed(const char *what, const char *path)
{
	int code = errno;

	log_error("db.backup", "call=%s errno=%d path=\"%s\"", what, code, path);
	return code == EEXIST ? ERR_CONFLICT : ERR_STORE_UNAVAILABLE;
}

/* The copy proper. The connection holds one snapshot from the first step to the last, else each commit of somebody else
 * would make SQLite begin again. */
static enum err copy_pages(struct sqlite *s, sqlite3 *into, progress_fn progress, void *arg)
{
	sqlite3_backup *backup = sqlite3_backup_init(into, "main", s->handle, "main");
	int code;

	if (!backup)
		code = sqlite3_errcode(into);
	else {
		while ((code = sqlite3_backup_step(backup, BACKUP_STEP_PAGES)) == SQLITE_OK)
			if (progress)
				progress(arg, sqlite3_backup_pagecount(backup) - sqlite3_backup_remaining(backup),
					 sqlite3_backup_pagecount(backup));
		if (code == SQLITE_DONE && progress)
			progress(arg, sqlite3_backup_pagecount(backup), sqlite3_backup_pagecount(backup));
		sqlite3_backup_finish(backup);
	}
	if (code == SQLITE_DONE)
		return OK;
	log_error("db.backup", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(into));
	return sqlite_class(code);
}

static enum err copy_into(struct sqlite *s, const char *part, progress_fn progress, void *arg)
{
	sqlite3 *into = NULL;
	enum err e;
	int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return file_failed("open", part);
	close(fd);
	int code = sqlite3_open_v2(part, &into, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code) {
		log_error("db.backup", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(into));
		e = sqlite_class(code);
	} else if (!(e = sqlite_simple(s, "BEGIN"))) {
		e = sqlite_simple(s, "SELECT 1 FROM sqlite_schema LIMIT 1");
		if (!e)
			e = copy_pages(s, into, progress, arg);
		enum err ended = sqlite_simple(s, "COMMIT");
		e = e ? e : ended;
	}
	/* The copy is committed with a sync of its own; closing is what remains. */
	sqlite3_close(into);
	return e;
}

/* Makes the new name itself survive a power cut. */
static enum err sync_folder(const char *path)
{
	char copy[PATH_MAX];
	enum err e = OK;

	snprintf(copy, sizeof(copy), "%s", path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return file_failed("open", path);
	if (fsync(fd))
		e = file_failed("fsync", path);
	close(fd);
	return e;
}

/* An unfinished copy and the journal beside it, which the next copy would take for its own. */
static void discard(const char *part)
{
	char journal[PATH_MAX];

	unlink(part);
	if ((size_t)snprintf(journal, sizeof(journal), "%s-journal", part) < sizeof(journal))
		unlink(journal);
}

enum err sqlite_backup(struct db *db, const char *path, progress_fn progress, void *arg)
{
	char part[PATH_MAX];
	enum err e;

	if ((size_t)snprintf(part, sizeof(part), "%s.part", path) >= sizeof(part)) {
		errno = ENAMETOOLONG;
		return file_failed("open", path);
	}
	if (access(path, F_OK) == 0) {
		errno = EEXIST;
		return file_failed("open", path);
	}
	discard(part); /* of a copy that was cut short */
	e = copy_into(sqlite_of(db), part, progress, arg);
	/* link, not rename: it refuses a file that came to be meanwhile. */
	if (!e && link(part, path))
		e = file_failed("link", path);
	discard(part);
	return e ? e : sync_folder(path);
}

/* Counts findings and logs the first ones: integrity_check tells "ok" or one finding a row, foreign_key_check one row
 * each, both without any value of ours. */
static enum err check_with(struct sqlite *s, const char *pragma, int *ret_findings)
{
	struct statement *statement;
	enum err e = sqlite_statement(s, &(struct statement_key){ .text = pragma }, &statement);
	int code, findings = 0;

	if (e)
		return e;
	while ((code = sqlite3_step(statement->handle)) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(statement->handle, 0);

		if (text && strcmp(text, "ok") == 0)
			continue;
		if (++findings <= FINDINGS_LOGGED)
			log_error("db.damaged", "check=\"%s\" finding=\"%s\"", pragma, text ? text : "");
	}
	/* A file so broken that the check itself cannot go on is damaged too, and not busy or full. */
	if (code != SQLITE_DONE) {
		e = sqlite_fail(s, code, pragma);
		if ((code & 0xFF) == SQLITE_CORRUPT || (code & 0xFF) == SQLITE_NOTADB)
			e = ERR_STORE_FAILED;
	}
	sqlite3_reset(statement->handle);
	if (!e)
		*ret_findings += findings;
	return e;
}

enum err sqlite_check(struct db *db)
{
	struct sqlite *s = sqlite_of(db);
	int findings = 0;
	enum err e = check_with(s, "PRAGMA integrity_check", &findings);

	if (!e)
		e = check_with(s, "PRAGMA foreign_key_check", &findings);
	if (!e && findings)
		e = ERR_STORE_FAILED;
	return e;
}

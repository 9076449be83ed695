/* The file layer: SQLite's own, but the write-ahead log is written in long stretches.
 *
 * SQLite writes each page of a commit to its log in two calls, 24 bytes and 4096, and a batch has a hundred pages. Here
 * they are put together and leave in one call, when the log is synced, read, cut or closed, or when the next piece does
 * not follow. Nothing can be missed: a commit is announced to other connections only after the sync of its pages, and
 * whoever reads the log reads announced pages, or is this very file. A write that fails late fails the sync, which
 * fails the commit.
 *
 * All other files, and all other calls, go straight to SQLite's own layer. */
#include "db/db_sqlite_private.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* SQLite's own layer writes less than 128 KiB in one call. */
enum { STRETCH_BYTES = 31 * (24 + 4096) };

static const char vfs_name[] = "bodega";
static sqlite3_vfs vfs;
static sqlite3_vfs *plain;

struct log_file {
	sqlite3_file base;	 /* first: SQLite's view of it */
	char *stretch;		 /* made at the first write */
	size_t bytes;		 /* waiting in it */
	sqlite3_int64 at;	 /* where in the file they belong */
	_Alignas(8) char file[]; /* SQLite's own, aligned as it does that */
};

static struct log_file *log_of(sqlite3_file *f)
{
	return (struct log_file *)f;
}

static sqlite3_file *file_of(sqlite3_file *f)
{
	return (sqlite3_file *)(void *)log_of(f)->file;
}

/* What cannot be written is dropped: SQLite is told, and writes those pages again if it still wants them. */
static int flush(struct log_file *log)
{
	sqlite3_file *file = file_of(&log->base);
	size_t bytes = log->bytes;

	log->bytes = 0;
	return bytes ? file->pMethods->xWrite(file, log->stretch, (int)bytes, log->at) : SQLITE_OK;
}

static int log_write(sqlite3_file *f, const void *data, int bytes, sqlite3_int64 at)
{
	struct log_file *log = log_of(f);
	size_t n = (size_t)bytes;

	if (log->bytes && (at != log->at + (sqlite3_int64)log->bytes || n > STRETCH_BYTES - log->bytes)) {
		int code = flush(log);

		if (code)
			return code;
	}
	if (n > STRETCH_BYTES)
		return file_of(f)->pMethods->xWrite(file_of(f), data, bytes, at);
	if (!log->stretch)
		log->stretch = malloc(STRETCH_BYTES);
	if (!log->stretch)
		return SQLITE_IOERR_NOMEM;
	if (!log->bytes)
		log->at = at;
	memcpy(log->stretch + log->bytes, data, n);
	log->bytes += n;
	return SQLITE_OK;
}

static int log_read(sqlite3_file *f, void *into, int bytes, sqlite3_int64 at)
{
	int code = flush(log_of(f));

	return code ? code : file_of(f)->pMethods->xRead(file_of(f), into, bytes, at);
}

static int log_sync(sqlite3_file *f, int flags)
{
	int code = flush(log_of(f));

	return code ? code : file_of(f)->pMethods->xSync(file_of(f), flags);
}

static int log_truncate(sqlite3_file *f, sqlite3_int64 bytes)
{
	int code = flush(log_of(f));

	return code ? code : file_of(f)->pMethods->xTruncate(file_of(f), bytes);
}

static int log_size(sqlite3_file *f, sqlite3_int64 *ret)
{
	int code = flush(log_of(f));

	return code ? code : file_of(f)->pMethods->xFileSize(file_of(f), ret);
}

static int log_close(sqlite3_file *f)
{
	int flushed = flush(log_of(f)), closed = file_of(f)->pMethods->xClose(file_of(f));

	free(log_of(f)->stretch);
	return flushed ? flushed : closed;
}

static int log_lock(sqlite3_file *f, int level)
{
	return file_of(f)->pMethods->xLock(file_of(f), level);
}

static int log_unlock(sqlite3_file *f, int level)
{
	return file_of(f)->pMethods->xUnlock(file_of(f), level);
}

static int log_reserved(sqlite3_file *f, int *ret)
{
	return file_of(f)->pMethods->xCheckReservedLock(file_of(f), ret);
}

static int log_control(sqlite3_file *f, int what, void *arg)
{
	return file_of(f)->pMethods->xFileControl(file_of(f), what, arg);
}

static int log_sector(sqlite3_file *f)
{
	return file_of(f)->pMethods->xSectorSize(file_of(f));
}

static int log_device(sqlite3_file *f)
{
	return file_of(f)->pMethods->xDeviceCharacteristics(file_of(f));
}

static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_reserved,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_device,
};

static int vfs_open(sqlite3_vfs *self, const char *name, sqlite3_file *f, int flags, int *ret_flags)
{
	(void)self;
	if (!(flags & SQLITE_OPEN_WAL))
		return plain->xOpen(plain, name, f, flags, ret_flags);
	int code = plain->xOpen(plain, name, file_of(f), flags, ret_flags);
	struct log_file *log = log_of(f);
	log->stretch = NULL;
	log->bytes = 0;
	/* Without methods SQLite does not close it. */
	f->pMethods = code == SQLITE_OK ? &methods : NULL;
	return code;
}

static void install(void)
{
	plain = sqlite3_vfs_find(NULL);
	must(plain);
	sqlite_pace_install(plain);
	vfs = *plain;
	vfs.pNext = NULL;
	vfs.zName = vfs_name;
	vfs.szOsFile += (int)sizeof(struct log_file);
	vfs.xOpen = vfs_open;
	must(sqlite3_vfs_register(&vfs, false) == SQLITE_OK);
}

const char *sqlite_log_vfs(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, install);
	return vfs_name;
}

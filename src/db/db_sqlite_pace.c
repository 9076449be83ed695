/* Checkpoints leave evenly.
 *
 * A checkpoint writes its pages into the kernel's memory and then syncs the file: sixty megabytes at once, and every
 * commit waits behind them for the disk. Here the kernel is told to write out each megabyte before the next one is
 * made: a commit waits for one at most, and the sync at the end finds little left. What is durable when is not changed
 * by it: SQLite syncs as before, and a fault shows there. */
#include "db/db_sqlite_private.h"

#include <fcntl.h>
#include <unistd.h>

enum { STEP_BYTES = 1024 * 1024 };

typedef ssize_t pwrite_fn(int fd, const void *bytes, size_t n, off_t at);

static pwrite_fn *write_as_before;

/* Of the thread that checkpoints; the pages come in the order of the file. */
static _Thread_local struct {
	bool on;
	int fd;
	size_t bytes;
	off_t first, end;
} step;

static void write_out(void)
{
	if (step.bytes)
		(void)sync_file_range(step.fd, step.first, step.end - step.first,
				      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	step.bytes = 0;
}

static ssize_t paced_write(int fd, const void *bytes, size_t n, off_t at)
{
	ssize_t written = write_as_before(fd, bytes, n, at);

	if (!step.on || written <= 0)
		return written;
	if (step.bytes && step.fd != fd)
		write_out();
	if (!step.bytes) {
		step.fd = fd;
		step.first = at;
		step.end = at;
	}
	step.first = at < step.first ? at : step.first;
	step.end = at + written > step.end ? at + written : step.end;
	step.bytes += (size_t)written;
	if (step.bytes >= STEP_BYTES)
		write_out();
	return written;
}

void sqlite_pace_install(sqlite3_vfs *vfs)
{
	static const char *const names[] = { "pwrite64", "pwrite" };

	for (size_t i = 0; i < ARRAY_LEN(names) && !write_as_before; i++) {
		write_as_before = (pwrite_fn *)vfs->xGetSystemCall(vfs, names[i]);
		if (write_as_before)
			must(vfs->xSetSystemCall(vfs, names[i], (sqlite3_syscall_ptr)paced_write) == SQLITE_OK);
	}
}

void sqlite_pace(bool on)
{
	step.on = on;
	step.bytes = 0;
}

/* The write-ahead log and its checkpoints.
 *
 * A thread of its own copies the log into the file (PASSIVE: it waits for nobody and nobody waits for it), so that no
 * commit carries that cost. But only a log that is copied to its last page is begun again from its start, and a writer
 * that never pauses has always added some pages meanwhile. So when the thread has left only a few pages to copy, the
 * committing connection copies these few and restarts the log: some milliseconds once in thousands of commits. Where
 * even that fails, because readers hold old snapshots or the disk is too slow for the thread, the log grows up to a
 * limit, past which the committing connection copies everything itself: a single long stall, the brake. */
#include "db/db_sqlite_private.h"

#include "base/limits.h"
#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
	PAGE_BYTES = 4096,
	CHECKPOINT_PAGES = 16000,
	BRAKE_WAIT_MS = 100, /* for readers that still need the old log; their snapshots are short */
	CATCH_UP_PASSES = 8,
	FINISH_PAGES = 2048, /* that a commit may be asked to copy */
	FINISH_TRIES = 16,
};

struct sqlite_wal {
	pthread_t thread;
	pthread_mutex_t lock; /* of the fields up to `stop` */
	pthread_cond_t wake;
	bool wanted, stop;
	int64_t pages;	  /* in the log after the last commit */
	int64_t next_at;  /* pages at which the thread is woken */
	int64_t brake_at; /* pages at which the committer brakes */
	int64_t starts;	  /* how often the log began again */
	int64_t copied;	  /* pages that the thread left in the file, for the committer to finish; 0 = not now */
	int finish_tries; /* left; a reader may be in the way */

	pthread_mutex_t checkpointing; /* one at a time; SQLite would answer BUSY */
	sqlite3 *handle;	       /* the thread's own */
	int last_code;		       /* of the thread's checkpoints: a fault is logged when it begins */

	int64_t checkpoint_pages, limit_pages;
	int64_t committed_pages; /* set by the hook, in the committing thread: -1 = nothing was written */

	_Atomic(int64_t) wal_bytes, pages_written, checkpoints, brakes;
};

/* SQLite tells after each commit how long the log is. */
static int on_commit(void *arg, sqlite3 *handle, const char *name, int pages)
{
	struct sqlite_wal *wal = arg;

	(void)handle;
	(void)name;
	wal->committed_pages = pages;
	return SQLITE_OK;
}

/* One pass. True when so many pages were added to the log meanwhile that another, shorter one should follow. */
static bool pass(struct sqlite_wal *wal)
{
	int pages = 0, copied = 0;

	pthread_mutex_lock(&wal->lock);
	int64_t starts = wal->starts;
	pthread_mutex_unlock(&wal->lock);

	pthread_mutex_lock(&wal->checkpointing);
	sqlite_pace(true);
	int code = sqlite3_wal_checkpoint_v2(wal->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
	sqlite_pace(false);
	pthread_mutex_unlock(&wal->checkpointing);
	/* BUSY: another process is at it. */
	if (code && (code & 0xFF) != SQLITE_BUSY && code != wal->last_code)
		log_error("db.checkpoint", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(wal->handle));
	wal->last_code = code;
	if (!code)
		atomic_fetch_add(&wal->checkpoints, 1);

	pthread_mutex_lock(&wal->lock);
	bool same = wal->starts == starts; /* else the log began again meanwhile, and the figures are of the old one */
	bool whole = same && !code && copied == pages;
	bool again = whole && wal->pages - copied > FINISH_PAGES && !wal->stop;
	if (same) {
		wal->next_at = wal->pages + wal->checkpoint_pages;
		wal->wanted = false;
	}
	if (whole && !again) {
		wal->copied = copied;
		wal->finish_tries = FINISH_TRIES;
	}
	pthread_mutex_unlock(&wal->lock);
	return again;
}

static void *checkpoint_thread(void *arg)
{
	struct sqlite_wal *wal = arg;

	for (;;) {
		pthread_mutex_lock(&wal->lock);
		while (!wal->wanted && !wal->stop)
			pthread_cond_wait(&wal->wake, &wal->lock);
		bool stop = wal->stop;
		wal->wanted = false;
		pthread_mutex_unlock(&wal->lock);
		if (stop)
			return NULL;
		for (int i = 0; i < CATCH_UP_PASSES && pass(wal); i++)
			;
	}
}

/* The log begins again at its start, or has done so. Under the lock. */
static void started_again(struct sqlite_wal *wal)
{
	wal->starts++;
	wal->pages = 0;
	wal->copied = 0;
	wal->next_at = wal->checkpoint_pages;
	wal->brake_at = wal->limit_pages;
}

/* Copies what is left of the log and lets it begin again, waiting for readers at most wait_ms. Under `checkpointing`.
 */
static int restart(struct sqlite *s, int wait_ms)
{
	struct sqlite_wal *wal = s->wal;

	sqlite3_busy_timeout(s->handle, wait_ms);
	int code = sqlite3_wal_checkpoint_v2(s->handle, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite3_busy_timeout(s->handle, s->busy_ms);
	if (code)
		return code;
	atomic_store(&wal->wal_bytes, 0);
	pthread_mutex_lock(&wal->lock);
	started_again(wal);
	pthread_mutex_unlock(&wal->lock);
	return SQLITE_OK;
}

/* The few pages that the thread has left. Waits for nobody: there is another commit soon. */
static void finish(struct sqlite *s)
{
	if (pthread_mutex_trylock(&s->wal->checkpointing))
		return;
	int code = restart(s, 0);
	pthread_mutex_unlock(&s->wal->checkpointing);
	if (code && (code & 0xFF) != SQLITE_BUSY)
		log_error("db.checkpoint", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(s->handle));
}

/* The log is past its limit. */
static void brake(struct sqlite *s, int64_t pages)
{
	struct sqlite_wal *wal = s->wal;

	pthread_mutex_lock(&wal->checkpointing);
	int code = restart(s, BRAKE_WAIT_MS);
	pthread_mutex_unlock(&wal->checkpointing);
	atomic_fetch_add(&wal->brakes, 1);
	if (code == SQLITE_OK)
		return;
	log_warn("db.brake", "engine=sqlite code=%d pages=%lld message=\"%s\"", code, (long long)pages,
		 sqlite3_errmsg(s->handle));
	/* A reader with a long snapshot is in the way: not at every commit from now on, but after some more growth. */
	pthread_mutex_lock(&wal->lock);
	wal->brake_at = pages + wal->limit_pages / 4 + 1;
	pthread_mutex_unlock(&wal->lock);
}

static int64_t pages_written(sqlite3 *handle)
{
	int now = 0, most = 0;

	sqlite3_db_status(handle, SQLITE_DBSTATUS_CACHE_WRITE, &now, &most, 1);
	return now;
}

void sqlite_wal_committed(struct sqlite *s)
{
	struct sqlite_wal *wal = s->wal;

	if (!wal || wal->committed_pages < 0)
		return;
	int64_t pages = wal->committed_pages;
	wal->committed_pages = -1;
	atomic_fetch_add(&wal->pages_written, pages_written(s->handle));
	atomic_store(&wal->wal_bytes, pages * PAGE_BYTES);

	pthread_mutex_lock(&wal->lock);
	if (pages < wal->pages)
		started_again(wal);
	wal->pages = pages;
	bool past_limit = pages >= wal->brake_at;
	bool nearly_copied = wal->copied && pages - wal->copied <= FINISH_PAGES && wal->finish_tries-- > 0;
	if (!past_limit && !nearly_copied && pages >= wal->next_at && !wal->wanted) {
		wal->copied = 0;
		wal->wanted = true;
		pthread_cond_signal(&wal->wake);
	}
	pthread_mutex_unlock(&wal->lock);
	if (past_limit)
		brake(s, pages);
	else if (nearly_copied)
		finish(s);
}

enum err sqlite_wal_start(struct sqlite *s, const struct db_options *options)
{
	int64_t limit_bytes = options->wal_limit_bytes ? options->wal_limit_bytes : LIMIT_WAL_BYTES;
	struct sqlite_wal *wal = calloc(1, sizeof(*wal));
	enum err e;

	must(wal);
	wal->checkpoint_pages = options->checkpoint_pages ? options->checkpoint_pages : CHECKPOINT_PAGES;
	wal->limit_pages = limit_bytes / PAGE_BYTES;
	wal->next_at = wal->checkpoint_pages;
	wal->brake_at = wal->limit_pages;
	wal->committed_pages = -1;
	if ((e = sqlite_connect(options, &wal->handle))) {
		free(wal);
		return e;
	}
	must(pthread_mutex_init(&wal->lock, NULL) == 0);
	must(pthread_mutex_init(&wal->checkpointing, NULL) == 0);
	must(pthread_cond_init(&wal->wake, NULL) == 0);
	must(pthread_create(&wal->thread, NULL, checkpoint_thread, wal) == 0);
	sqlite3_wal_hook(s->handle, on_commit, wal);
	s->wal = wal;
	return OK;
}

void sqlite_wal_stop(struct sqlite *s)
{
	struct sqlite_wal *wal = s->wal;

	if (!wal)
		return;
	pthread_mutex_lock(&wal->lock);
	wal->stop = true;
	pthread_cond_signal(&wal->wake);
	pthread_mutex_unlock(&wal->lock);
	pthread_join(wal->thread, NULL);
	must(sqlite3_close(wal->handle) == SQLITE_OK);
	/* All of it into the file, which is then a store without its log. A reader may be in the way: then the log
	 * stays and is read at the next start. */
	sqlite3_busy_timeout(s->handle, BRAKE_WAIT_MS);
	int code = sqlite3_wal_checkpoint_v2(s->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	if (code && (code & 0xFF) != SQLITE_BUSY)
		log_error("db.checkpoint", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(s->handle));
	pthread_cond_destroy(&wal->wake);
	pthread_mutex_destroy(&wal->checkpointing);
	pthread_mutex_destroy(&wal->lock);
	free(wal);
	s->wal = NULL;
}

void sqlite_wal_stats(const struct sqlite_wal *wal, struct db_stats *ret)
{
	ret->wal_bytes = atomic_load(&wal->wal_bytes);
	ret->pages_written = atomic_load(&wal->pages_written);
	ret->checkpoints = atomic_load(&wal->checkpoints);
	ret->brakes = atomic_load(&wal->brakes);
}

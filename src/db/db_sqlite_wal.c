/* The write-ahead log and its checkpoints.
 *
 * A thread of its own copies the log into the file (PASSIVE: it waits for nobody and nobody waits for it), so that no
 * commit carries that cost. Under a writer that never pauses the log is then never started again and would grow without
 * end; so past a limit the committing connection itself runs one RESTART: a single stall, the brake. */
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

/* One pass. True when pages were added to the log while it ran, so that another, shorter one could find the log at
 * rest: only a log that is copied to its last page is started again by the next writer. */
static bool pass(struct sqlite_wal *wal)
{
	int pages = 0, copied = 0;

	pthread_mutex_lock(&wal->lock);
	int64_t starts = wal->starts;
	pthread_mutex_unlock(&wal->lock);

	pthread_mutex_lock(&wal->checkpointing);
	int code = sqlite3_wal_checkpoint_v2(wal->handle, "main", SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
	pthread_mutex_unlock(&wal->checkpointing);
	/* BUSY: another process is at it. */
	if (code && (code & 0xFF) != SQLITE_BUSY && code != wal->last_code)
		log_error("db.checkpoint", "engine=sqlite code=%d message=\"%s\"", code, sqlite3_errmsg(wal->handle));
	wal->last_code = code;
	if (!code)
		atomic_fetch_add(&wal->checkpoints, 1);

	pthread_mutex_lock(&wal->lock);
	bool again = !code && copied == pages && wal->starts == starts && wal->pages > pages && !wal->stop;
	if (wal->starts == starts)
		wal->next_at = wal->pages + wal->checkpoint_pages;
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

/* The log is past its limit: copies and restarts it in the committing thread. */
static void brake(struct sqlite *s, int64_t pages)
{
	struct sqlite_wal *wal = s->wal;

	pthread_mutex_lock(&wal->checkpointing);
	sqlite3_busy_timeout(s->handle, BRAKE_WAIT_MS);
	int code = sqlite3_wal_checkpoint_v2(s->handle, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	sqlite3_busy_timeout(s->handle, s->busy_ms);
	pthread_mutex_unlock(&wal->checkpointing);
	atomic_fetch_add(&wal->brakes, 1);
	if (code == SQLITE_OK)
		atomic_store(&wal->wal_bytes, 0);
	else
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
	if (pages < wal->pages) {
		wal->starts++;
		wal->next_at = wal->checkpoint_pages;
		wal->brake_at = wal->limit_pages;
	}
	wal->pages = pages;
	bool past_limit = pages >= wal->brake_at;
	if (!past_limit && pages >= wal->next_at && !wal->wanted) {
		wal->wanted = true;
		pthread_cond_signal(&wal->wake);
	}
	pthread_mutex_unlock(&wal->lock);
	if (past_limit)
		brake(s, pages);
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

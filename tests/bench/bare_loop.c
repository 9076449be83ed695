/* bare_loop: what the store alone can do, as the reference for the server.
 *
 * Writes the rows of real orders again and again into a copy of the server's own store, so many orders a commit, with
 * the server's settings and a checkpoint thread like the server's, and does nothing else: no HTTP, no checks, no
 * reading. With --settle each order is written in two steps, as it is placed and, some thousand orders later, as it
 * is completed and its callback delivered, with the changes that the server makes to the rows of the first step. */
#include "base/clock.h"
#include "base/limits.h"
#include "histogram.h"
#include "options.h"
#include "replay.h"
#include "wire.h"

#include <pthread.h>

enum { CHECKPOINT_PAGES = 16000, PAGE_BYTES = 4096, IDS_EACH = 128 };

static int64_t second_ns = 1000000000;

/* Copies pages from the log into the file beside the writer. */
struct checkpointer {
	const char *path;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool wanted, ending;
};

/* How each row that has been placed is changed when its order is completed: the values do not matter, that the row and
 * its page are written does. The last two take the callback's job and note the delivery. */
static const char *const settle_sql[] = {
	"UPDATE orders SET state = 4, completed_at = ?3, updated_at = ?3, version = version + 2 WHERE id = ?1",
	"UPDATE units SET state = 4, attempts = 1, updated_at = ?3 WHERE order_id = ?1",
	"UPDATE attempts SET state = 5, updated_at = ?3 WHERE order_id = ?1",
	"DELETE FROM jobs WHERE id = ?2",
};
static const char insert_job_sql[] = "INSERT INTO jobs (id, kind, order_id, partner_id, unit, currency, due_at, tries, "
				     "fence) VALUES (?2, 1, ?1, 0, 1, 0, ?3, 0, 1)";
static const char callback_sql[] =
	"UPDATE callbacks SET state = 2, tries = 1, http_status = 204, first_try_at = ?2, last_try_at = ?2, "
	"duration_us = 500 WHERE order_id = ?1";

struct loop {
	struct replay *r;
	struct checkpointer checkpointer;
	int64_t batch, lag;
	bool settle;
	int64_t placed, settled;
	int64_t first_id, late_first_id;
	uint64_t seed;
	sqlite3_stmt *node, *insert_job, *settling[4], *callback;
	struct histogram commits;
	int wal_pages;
};

static void *checkpoint_loop(void *arg)
{
	struct checkpointer *c = arg;
	sqlite3 *db;

	must(sqlite3_open_v2(c->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK);
	pthread_mutex_lock(&c->lock);
	for (;;) {
		while (!c->wanted && !c->ending)
			pthread_cond_wait(&c->wake, &c->lock);
		if (c->ending)
			break;
		c->wanted = false;
		pthread_mutex_unlock(&c->lock);
		sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
		pthread_mutex_lock(&c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	sqlite3_close(db);
	return NULL;
}

static void checkpointer_wake(struct checkpointer *c, bool end)
{
	pthread_mutex_lock(&c->lock);
	c->wanted = true;
	c->ending = end;
	pthread_cond_signal(&c->wake);
	pthread_mutex_unlock(&c->lock);
}

static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct loop *l = arg;

	(void)db;
	(void)name;
	l->wal_pages = pages;
	if (pages >= CHECKPOINT_PAGES)
		checkpointer_wake(&l->checkpointer, false);
	return SQLITE_OK;
}

static void run_on(struct loop *l, sqlite3_stmt *statement, int64_t a, int64_t b, int64_t us)
{
	sqlite3_bind_int64(statement, 1, a);
	sqlite3_bind_int64(statement, 2, b);
	if (sqlite3_bind_parameter_count(statement) > 2)
		sqlite3_bind_int64(statement, 3, us);
	replay_step(l->r, statement);
}

static struct replay_order order_at(const struct loop *l, int64_t k, int64_t own_first, int64_t now_us)
{
	return (struct replay_order){ .sample = (size_t)k % replay_orders(l->r),
				      .order_id = l->first_id + k * IDS_EACH,
				      .own_base = own_first + k * IDS_EACH + 1,
				      .now_us = now_us,
				      .key = l->seed + (uint64_t)k };
}

/* The order's job is the last of its ids. */
static int64_t job_of(const struct loop *l, int64_t k)
{
	return l->first_id + k * IDS_EACH + IDS_EACH - 1;
}

static void place(struct loop *l, int64_t now_us)
{
	struct replay_order order = order_at(l, l->placed, l->first_id, now_us);

	replay_write(l->r, &order, l->settle ? REPLAY_EARLY : REPLAY_ALL);
	if (l->settle)
		run_on(l, l->insert_job, order.order_id, job_of(l, l->placed), now_us + SECONDS_US(3));
	l->placed++;
}

static void settle(struct loop *l, int64_t now_us)
{
	struct replay_order order = order_at(l, l->settled, l->late_first_id, now_us);

	replay_write(l->r, &order, REPLAY_LATE);
	for (size_t i = 0; i < ARRAY_LEN(l->settling); i++)
		run_on(l, l->settling[i], order.order_id, job_of(l, l->settled), now_us);
	run_on(l, l->callback, order.order_id, now_us, 0);
	l->settled++;
}

static void one_batch(struct loop *l)
{
	int64_t now_us = clock_wall_us(), before_ns = wire_now_ns();

	replay_begin(l->r);
	for (int64_t i = 0; i < l->batch; i++)
		place(l, now_us);
	if (l->settle && l->placed - l->settled > l->lag)
		for (int64_t i = 0; i < l->batch; i++)
			settle(l, now_us);
	replay_step(l->r, l->node);
	replay_commit(l->r);
	histogram_add(&l->commits, wire_now_ns() - before_ns);
	/* The writer's own brake, when the checkpoint thread cannot keep up. */
	if ((int64_t)l->wal_pages * PAGE_BYTES > LIMIT_WAL_BYTES)
		sqlite3_wal_checkpoint_v2(replay_db(l->r), NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
}

static void start(struct loop *l, const char *path)
{
	int64_t now = replay_id_at(clock_wall_us());

	l->node = replay_prepare(l->r, "UPDATE nodes SET batch_no = batch_no + 1");
	if (l->settle) {
		l->insert_job = replay_prepare(l->r, insert_job_sql);
		l->callback = replay_prepare(l->r, callback_sql);
		for (size_t i = 0; i < ARRAY_LEN(l->settling); i++)
			l->settling[i] = replay_prepare(l->r, settle_sql[i]);
	}
	l->first_id = now;
	/* Rows of the second step are newer than all of the first; an hour apart, the two never meet. */
	l->late_first_id = now + ((int64_t)3600 * 1000 << 12);
	l->seed = (uint64_t)clock_wall_us();
	l->checkpointer.path = path;
	pthread_mutex_init(&l->checkpointer.lock, NULL);
	pthread_cond_init(&l->checkpointer.wake, NULL);
	must(pthread_create(&l->checkpointer.thread, NULL, checkpoint_loop, &l->checkpointer) == 0);
	sqlite3_wal_hook(replay_db(l->r), on_wal, l);
}

static void stop(struct loop *l)
{
	sqlite3_wal_hook(replay_db(l->r), NULL, NULL);
	checkpointer_wake(&l->checkpointer, true);
	pthread_join(l->checkpointer.thread, NULL);
	sqlite3_finalize(l->node);
	sqlite3_finalize(l->insert_job);
	sqlite3_finalize(l->callback);
	for (size_t i = 0; i < ARRAY_LEN(l->settling); i++)
		sqlite3_finalize(l->settling[i]);
}

/* Runs for so long; returns the seconds that it really took. */
static double run_for(struct loop *l, double seconds)
{
	int64_t start_ns = wire_now_ns(), end_ns = start_ns + (int64_t)(seconds * (double)second_ns), now_ns;

	do
		one_batch(l);
	while ((now_ns = wire_now_ns()) < end_ns);
	return (double)(now_ns - start_ns) / (double)second_ns;
}

int main(int argc, char **argv)
{
	static struct loop l = { .batch = LIMIT_BATCH, .lag = 18000 };
	struct replay_options o = { .durable = true };
	double seconds = 10, warmup = 2;
	const struct option_spec specs[] = {
		{ "--file", OPTION_TEXT, &o.target },
		{ "--sample", OPTION_TEXT, &o.sample },
		{ "--batch", OPTION_INTEGER, &l.batch, 1, 100000 },
		{ "--settle", OPTION_FLAG, &l.settle },
		{ "--lag", OPTION_INTEGER, &l.lag, 0, 10000000 },
		{ "--seconds", OPTION_NUMBER, &seconds, 0, 3600 },
		{ "--warmup", OPTION_NUMBER, &warmup, 0, 3600 },
		{ "--partner", OPTION_INTEGER, &o.partner_id, 1, INT64_MAX },
	};

	if (argc < 2 || !options_take(specs, ARRAY_LEN(specs), argv + 1) || !o.target || !o.sample) {
		fputs("usage: bare_loop --file DB --sample DB [--batch N] [--seconds S] [--warmup S] [--settle] [--lag "
		      "N]\n"
		      "                 [--partner ID]\n",
		      stderr);
		return 2;
	}
	l.r = replay_open(&o);
	if (!l.r)
		return 1;
	start(&l, o.target);
	run_for(&l, warmup);
	memset(&l.commits, 0, sizeof(l.commits));
	int64_t placed = l.placed, settled = l.settled;
	double took = run_for(&l, seconds);
	stop(&l);

	struct buf b;
	buf_init(&b, 4096);
	buf_printf(&b, "{\"batch\":%lld,\"settle\":%s,\"orders\":%lld,\"orders_per_second\":%.1f,", (long long)l.batch,
		   l.settle ? "true" : "false", (long long)(l.placed - placed), (double)(l.placed - placed) / took);
	buf_printf(&b, "\"settled_per_second\":%.1f,\"rows_per_order\":%.1f,\"sample_orders\":%zu,\"commit_ms\":",
		   (double)(l.settled - settled) / took, replay_rows_each(l.r), replay_orders(l.r));
	histogram_put_json(&l.commits, &b);
	buf_lit(&b, "}\n");
	fwrite(b.p, 1, b.n, stdout);
	buf_done(&b);
	replay_close(l.r);
	return 0;
}

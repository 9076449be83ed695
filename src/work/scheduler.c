/* work/scheduler.c: the thread: takes what came in, resumes what came back, begins what is due, sleeps. */
#include "work/work_private.h"

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"

enum { HOOKED_MOST = 65536, JOBS_IN_MEMORY = 400000, BUSY_ARRIVALS = 8 };

static const int64_t nap_us = 1000, refused_again_us = 5000, sleep_most_us = 60000000;

static const struct {
	int most;
	void (*start)(struct run *r);
} kinds[JOB_KINDS] = {
	[JOB_FULFIL] = { RUNS_FULFIL, fulfil_start },
	[JOB_EXPIRE] = { RUNS_EXPIRE, expire_start },
	[JOB_CALLBACK] = { RUNS_CALLBACK, deliver_start },
	[JOB_REVERSE] = { RUNS_REVERSE, reverse_start },
	[JOB_PAYMENT_EXPIRE] = { RUNS_EXPIRE, payment_expire_start },
	[JOB_PAYMENT_CALLBACK] = { RUNS_CALLBACK, deliver_start },
	[JOB_PAYMENT] = { RUNS_PAYMENT, collect_start },
	[JOB_PAYMENT_REFUND] = { RUNS_PAYMENT, collect_start },
	[JOB_MESSAGE] = { RUNS_MESSAGE, message_start },
	[JOB_FORGET] = { RUNS_FORGET, forget_start },
	[JOB_PHOTO] = { RUNS_PHOTO, photo_start },
};

void (*kind_start(enum job_kind kind))(struct run *r)
{
	return kinds[kind].start;
}

struct work *work_new(void)
{
	struct work *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;

	must(w);
	must(pthread_mutex_init(&w->lock, NULL) == 0);
	must(pthread_condattr_init(&attr) == 0 && pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&w->wake, &attr) == 0);
	pthread_condattr_destroy(&attr);
	w->back_last = &w->back;
	w->reads.last = &w->reads.first;
	w->results.last = &w->results.first;
	jobs_init(&w->jobs);
	lanes_init(&w->hosts, LANE_HOST);
	lanes_init(&w->suppliers, LANE_SUPPLIER);
	lanes_init(&w->media, LANE_MEDIUM);
	load_init(w);
	return w;
}

/* A run that came back after the thread had ended: nobody resumes it; the row says what is left to do. */
static void free_late(struct run *list)
{
	while (list) {
		struct run *next = list->next;

		if (list != &list->work->load.back) {
			catalog_release(list->task.catalog);
			arena_done(&list->arena);
			free(list);
		}
		list = next;
	}
}

void work_free(struct work *w)
{
	if (!w)
		return;
	work_stop(w);
	free_late(w->back);
	free_late(w->reads.first);
	free_late(w->results.first);
	runs_free(w);
	arena_done(&w->load.arena);
	jobs_done(&w->jobs);
	lanes_done(&w->hosts);
	lanes_done(&w->suppliers);
	lanes_done(&w->media);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w->hooked);
	free(w->taken);
	free(w);
}

static void wake_locked(struct work *w)
{
	w->stirred = true;
	if (w->asleep)
		pthread_cond_signal(&w->wake);
}

void run_back(struct run *r)
{
	struct work *w = r->work;

	pthread_mutex_lock(&w->lock);
	r->next = NULL;
	*w->back_last = r;
	w->back_last = &r->next;
	wake_locked(w);
	pthread_mutex_unlock(&w->lock);
}

static void hooked_grow(struct work *w, size_t need)
{
	size_t cap = w->hooked_cap ? w->hooked_cap : 256;

	while (cap < need)
		cap *= 2;
	if (cap == w->hooked_cap)
		return;
	w->hooked = realloc(w->hooked, cap * sizeof(struct job));
	must(w->hooked);
	w->hooked_cap = cap;
}

void work_on_jobs(void *work, const struct job *jobs, size_t n)
{
	struct work *w = work;

	pthread_mutex_lock(&w->lock);
	if (n > HOOKED_MOST - w->hooked_count) {
		w->hooks_lost = true; /* they are rows: they will be read */
	} else if (!n) {
		w->clock_moved = true;
	} else {
		hooked_grow(w, w->hooked_count + n);
		memcpy(w->hooked + w->hooked_count, jobs, n * sizeof(*jobs));
		w->hooked_count += n;
	}
	wake_locked(w);
	pthread_mutex_unlock(&w->lock);
}

void work_on_orphans(void *work)
{
	struct work *w = work;

	pthread_mutex_lock(&w->lock);
	w->orphans = true;
	wake_locked(w);
	pthread_mutex_unlock(&w->lock);
}

/* What came in, taken in one go under the lock. */
struct arrivals {
	struct run *back;
	size_t jobs; /* in w->taken */
	bool hooks_lost, clock_moved, orphans, stopping;
};

static struct arrivals arrivals_take(struct work *w)
{
	pthread_mutex_lock(&w->lock);
	struct arrivals a = { w->back, w->hooked_count, w->hooks_lost, w->clock_moved, w->orphans, w->stopping };
	struct job *jobs = w->hooked;
	size_t cap = w->hooked_cap;

	w->back = NULL;
	w->back_last = &w->back;
	w->hooked = w->taken;
	w->hooked_cap = w->taken_cap;
	w->hooked_count = 0;
	w->hooks_lost = w->clock_moved = w->orphans = false;
	w->stirred = false;
	pthread_mutex_unlock(&w->lock);
	w->taken = jobs;
	w->taken_cap = cap;
	return a;
}

static void sleep_for(struct work *w, int64_t wait_us)
{
	int64_t until = clock_mono_us() + wait_us;
	struct timespec ts = { .tv_sec = until / 1000000, .tv_nsec = until % 1000000 * 1000 };
	int rc = 0;

	pthread_mutex_lock(&w->lock);
	w->asleep = true;
	while (!w->stirred && !rc)
		rc = pthread_cond_timedwait(&w->wake, &w->lock, &ts);
	w->asleep = false;
	pthread_mutex_unlock(&w->lock);
}

/* Under load, what comes back within a millisecond is taken together: nobody has to wake this thread for each, and what
 * it sends out in one go is one batch for the committer. */
static void nap(void)
{
	const struct timespec ts = { .tv_nsec = nap_us * 1000 };

	clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL);
}

static void begin_due(struct work *w, int64_t now_us)
{
	if (clock_mono_us() < w->pause_until_mono_us)
		return;
	for (int kind = 1; kind < JOB_KINDS; kind++)
		while (w->running[kind] < kinds[kind].most && !w->reads.first && !w->results.first) {
			struct job_node *node = jobs_take(&w->jobs, kind, now_us);

			if (!node)
				break;
			kinds[kind].start(run_begin(w, node));
		}
}

static int under_way(const struct work *w)
{
	int n = w->load.busy;

	for (int kind = 1; kind < JOB_KINDS; kind++)
		n += w->running[kind];
	return n;
}

static void publish(struct work *w, int64_t now_us)
{
	struct work_stats s = w->stats;
	int64_t oldest = now_us;

	for (int kind = 1; kind < JOB_KINDS; kind++)
		if (jobs_next_us(&w->jobs, kind) < oldest)
			oldest = jobs_next_us(&w->jobs, kind);
	s.jobs_in_memory = (int64_t)w->jobs.count;
	s.parked = (int64_t)(w->hosts.parked + w->suppliers.parked + w->media.parked);
	s.running_fulfil = w->running[JOB_FULFIL];
	s.running_expire = w->running[JOB_EXPIRE];
	s.running_callback = w->running[JOB_CALLBACK];
	s.oldest_us = now_us - oldest;
	pthread_mutex_lock(&w->lock);
	w->published = s;
	pthread_mutex_unlock(&w->lock);
}

/* How long there is nothing to do, if nothing comes in. */
static int64_t idle_us(const struct work *w, int64_t now_us, int64_t load_us)
{
	int64_t wait = load_us < sleep_most_us ? load_us : sleep_most_us;
	int64_t pause_us = w->pause_until_mono_us - clock_mono_us();

	if (pause_us > 0)
		return pause_us;
	if (w->reads.first || w->results.first)
		return refused_again_us;
	for (int kind = 1; kind < JOB_KINDS && !w->draining; kind++) {
		int64_t due_us = jobs_next_us(&w->jobs, kind);

		/* A kind that is full goes on when one of its runs comes back. */
		if (w->running[kind] < kinds[kind].most && due_us < now_us + wait)
			wait = due_us > now_us ? due_us - now_us : 0;
	}
	return wait;
}

static size_t resume_all(struct run *back)
{
	size_t n = 0;

	for (; back; n++) {
		struct run *next = back->next;

		back->resume(back);
		back = next;
	}
	return n;
}

/* One round; false at the end. */
static bool round_of(struct work *w, int64_t *drain_until_mono_us)
{
	struct arrivals a = arrivals_take(w);
	int64_t now_us = w->options.now_us(w->options.engine);
	int64_t load_us = sleep_most_us;

	if (a.stopping && !w->draining) {
		w->draining = true;
		*drain_until_mono_us = clock_mono_us() + SECONDS_US(LIMIT_DRAIN_SECONDS);
	}
	if (a.hooks_lost)
		w->load.until_us = 0;
	if (a.orphans)
		load_claim(w);
	if (a.clock_moved)
		w->load.next_sweep_mono_us = 0;
	for (size_t i = 0; i < a.jobs; i++)
		if (load_wants(w, &w->taken[i], now_us))
			jobs_put(&w->jobs, &w->taken[i]);
	size_t arrivals = a.jobs + resume_all(a.back);
	if (clock_mono_us() >= w->pause_until_mono_us)
		run_retry_refused(w);
	if (!w->draining) {
		load_us = load_step(w, now_us);
		begin_due(w, now_us);
	}
	lanes_sweep(&w->hosts);
	publish(w, now_us);
	int64_t wait = idle_us(w, now_us, load_us);
	if (w->draining) {
		int64_t left_us = *drain_until_mono_us - clock_mono_us();

		if (!under_way(w) || left_us <= 0)
			return false;
		wait = wait < left_us ? wait : left_us;
	}
	if (arrivals >= BUSY_ARRIVALS)
		nap();
	else
		sleep_for(w, wait);
	return true;
}

static void *work_main(void *arg)
{
	struct work *w = arg;
	int64_t drain_until_mono_us = 0;

	while (round_of(w, &drain_until_mono_us))
		;
	if (under_way(w))
		log_warn("work.stop", "unfinished=%d", under_way(w));
	return NULL;
}

void work_start(struct work *w, const struct work_options *options)
{
	must(!w->started);
	w->options = *options;
	if (!w->options.jobs_in_memory)
		w->options.jobs_in_memory = JOBS_IN_MEMORY;
	w->started_us = options->now_us(options->engine);
	w->load.claiming = options->shared;
	w->started = true;
	must(pthread_create(&w->thread, NULL, work_main, w) == 0);
	pthread_setname_np(w->thread, "work");
}

void work_stop(struct work *w)
{
	if (!w->started)
		return;
	pthread_mutex_lock(&w->lock);
	w->stopping = true;
	wake_locked(w);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	w->started = false;
}

void work_stats(struct work *w, struct work_stats *ret)
{
	pthread_mutex_lock(&w->lock);
	*ret = w->published;
	pthread_mutex_unlock(&w->lock);
}

/* bench/tally.h: what became of every request, printed as one JSON object.
 *
 * A run has a warm-up and a window after it. Latencies are those of the requests that were due in the window, however
 * late their answer came; rates count the answers that arrived in the window. Whatever is not the expected status is an
 * error, listed by status and code, and has no latency: a fast refusal must not flatter a percentile. */
#pragma once

#include "histogram.h"

enum { TALLY_KINDS = 64, TALLY_SECONDS = 3600 };

struct tally_kind {
	char name[48]; /* "400/1006001", or "closed", "timeout", "broken", "connect", "unanswered" */
	int64_t count;
};

struct tally {
	int64_t start_ns, start_wall_us, window_start_ns, window_end_ns;
	struct histogram latency;
	struct histogram *by_template; /* as many as there are templates; NULL = not asked for */
	struct tally_kind kinds[TALLY_KINDS];
	size_t kind_count;
	int64_t sent, ok, ok_in_window, errors, errors_in_window, reconnects;
	int64_t unsent;	    /* open loop: due within the window, but no connection was free until its end */
	int64_t behind_max; /* open loop: requests that were due and had no free connection, at worst */
	int64_t bytes, bytes_min, bytes_max; /* of expected answers' bodies */
	int64_t ok_each_second[TALLY_SECONDS];
	int64_t cpu_start_ns, cpu_end_ns; /* at the ends of the window */
};

/* Starts the clock. Durations in nanoseconds. */
void tally_start(struct tally *t, int64_t warmup_ns, int64_t window_ns);

/* When the answer came and what it answers. */
struct tally_answer {
	size_t template;
	int64_t due_ns, now_ns;
	size_t body_bytes;
};

void tally_ok(struct tally *t, const struct tally_answer *answer);
void tally_error(struct tally *t, int64_t now_ns, const char *name);
/* A request that was due and never left: what it had waited by the end is the least that its latency would have been.
 */
void tally_unsent(struct tally *t, int64_t due_ns);
/* An answer with another status than expected; takes the code from `"code":` in what has arrived of the body. */
void tally_refused(struct tally *t, int64_t now_ns, int status, struct str body);

/* Members only, without the enclosing braces, so that the caller can put its settings before them. */
void tally_put_json(const struct tally *t, struct buf *b);

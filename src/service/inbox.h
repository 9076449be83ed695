/* service/inbox.h: what waits for the committer: requests of callers, and results of our own work.
 *
 * Two bounded rings under one lock. Each side has half of a batch, and what it does not need the other takes: neither
 * starves the other. There is no timer: a batch is what has queued. */
#pragma once

#include "service/task.h"

struct inbox;

struct inbox *inbox_new(size_t requests, size_t results);
void inbox_free(struct inbox *in); /* NULL is fine */

bool inbox_put(struct inbox *in, struct task *t); /* false when its ring is full or the inbox is closed */
/* Waits until something is there, the inbox is closed, or timeout_us have passed; then takes at most `most`. */
size_t inbox_take(struct inbox *in, struct task **ret, size_t most, int64_t timeout_us);
void inbox_close(struct inbox *in); /* nothing more goes in; what is there still comes out */
/* Closed and empty: nothing will come out any more. */
bool inbox_is_over(struct inbox *in);
void inbox_lengths(struct inbox *in, size_t *ret_requests, size_t *ret_results);

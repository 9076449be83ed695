/* service/reader_pool.h: threads that answer read-only verbs, each with a connection of its own.
 *
 * Private to service/engine.c. A reader takes what waits, at most LIMIT_BATCH, and reads it as one unit on one
 * snapshot of the store; listing verbs run one by one and are ended after LIMIT_READ_SECONDS. */
#pragma once

#include "service/reader.h"

struct reader_pool;

MUST_USE enum err reader_pool_open(struct engine *e, const char *uri, int threads, struct reader_pool **ret);
void reader_pool_start(struct reader_pool *p);
void reader_pool_stop(struct reader_pool *p); /* answers what is queued, then ends the threads */
void reader_pool_free(struct reader_pool *p); /* NULL is fine */
MUST_USE bool reader_pool_submit(struct reader_pool *p, struct task *t);
size_t reader_pool_queue(struct reader_pool *p);

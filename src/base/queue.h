/* base/queue.h: a bounded queue of pointers between threads; any number of producers and consumers.
 *
 * The queue owns its slots, never what the pointers point at. */
#pragma once

#include "base/str.h"

struct queue;

struct queue *queue_new(size_t capacity);
void queue_free(struct queue *q); /* NULL is fine */

bool queue_push(struct queue *q, void *item);		      /* false when full or closed: the caller keeps the item */
size_t queue_pop(struct queue *q, void **items, size_t most); /* takes what is there, at most `most`; never waits */
/* Waits until there is something, the queue is closed, or timeout_us have passed (-1 = no limit). False on time-out or
 * when closed and empty. */
bool queue_wait(struct queue *q, int64_t timeout_us);
size_t queue_length(struct queue *q);
void queue_close(struct queue *q); /* wakes every waiter; what is queued can still be popped */

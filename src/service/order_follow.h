/* service/order_follow.h: keeps the index of orders whole where other nodes write too.
 *
 * Every change of an order leaves an event, whose id holds the slot that wrote it and is above all that this slot had
 * committed before (nodes.id_high, which also grows while a node has nothing to do). So what other slots have committed
 * since the last look are the events above what their rows said then: a stretch of the primary key as long as the time
 * in between. The watch looks every two seconds; a list looks itself first, in its own moment, and then has everything
 * that was committed before it was asked for. */
#pragma once

#include "service/order_index.h"

struct order_follow;

struct order_follow *order_follow_new(struct order_index *ix);
void order_follow_free(struct order_follow *f); /* NULL is fine */

/* Within the transaction in which the index was loaded: from here on it follows. ERR_STORE_*. */
MUST_USE enum err order_follow_begin(struct order_follow *f, struct db *db, int64_t now_us);
/* Brings what other slots than `own_slot` (-1: all) had committed when the open transaction began; `now_us` is business
 * time, not after that moment. Thread-safe. ERR_BUSY when somebody else has been at it for too long: the index may lack
 * orders. ERR_STORE_*. */
MUST_USE enum err order_follow_up(struct order_follow *f, struct db *db, int own_slot, int64_t now_us);

/* service/stock_unit.h: taking from stock within a unit of work: reserve, give out, give back.
 *
 * Private to service/. A unit of stock is FREE, then RESERVED with an order that may still end otherwise, then SOLD,
 * once and for ever; or it comes back. Batches' rows are locked after the partners and in the order of their ids, all
 * in one statement (unit_load_stock), so committers of several nodes cannot wait for each other in a circle. */
#pragma once

#include "service/stock_book.h"
#include "service/unit.h"

struct unit_stock_want; /* what the commands of the batch want, in their order */

/* In need or need_more: the command wants so many units of that product, which may be NULL if it wants none and only
 * changes what there is. */
void unit_want_stock(struct unit *u, struct stock_of of, const struct product *p, int64_t quantity);
/* Whether some command of the batch wants units of it. Act goes by this: what the book says may have changed since need
 * by the batch before, whose COMMIT is announced in between (committer.c, conclude()). */
bool unit_wants_stock(const struct unit *u, struct stock_of of);
/* After the last need_more: brings the batches of what is wanted and of what is held, then the units. */
MUST_USE enum err unit_load_stock(struct unit *u);

/* How many are free for what was wanted. Checks only. */
int64_t stock_free(struct unit *u, struct stock_of of);
/* Whether the next `quantity` free ones can be opened: asked before anything is taken. ERR_SEALED; ERR_OUT_OF_STOCK:
 * one is a profile whose ICCID somebody has already. */
MUST_USE enum err stock_check_seals(struct unit *u, struct stock_of of, int64_t quantity);
/* Takes the next ones for the order's units 1 .. quantity; so many are free. */
void stock_reserve(struct unit *u, struct stock_of of, int64_t order_id, int64_t quantity);

/* What is free of the batch, one of a product that was wanted, is not sold any more. */
void stock_void(struct unit *u, struct stock_batch *batch);

/* What the order has reserved: its first hold, the next by unit_next; NULL = nothing. */
struct stock_hold *stock_holds(struct unit *u, int64_t order_id);
/* Whether all that the order holds can be opened. ERR_SEALED, ERR_OUT_OF_STOCK likewise. */
MUST_USE enum err stock_check_holds(struct unit *u, int64_t order_id);
/* The hold's unit is sold now; returns what was in it, plain. The hold is gone. */
struct str stock_sell(struct unit *u, struct stock_hold *hold);
/* Everything that the order has reserved comes back. */
void stock_release(struct unit *u, int64_t order_id);

/* Whether what is sold is a profile of an eSIM, and the ICCID of one in plain; absent if it has none. */
bool product_is_profile(const struct product *p);
struct str profile_iccid(struct arena *a, struct str plain);

/* Labels and keys of seals. */
struct str stock_unit_label(struct arena *a, int64_t id);
struct str stock_batch_label(struct arena *a, int64_t batch);
/* The key of a batch in memory that is not dumped; lives as long as the arena. ERR_SEALED. */
MUST_USE enum err stock_batch_keys(const struct keys *master, struct arena *a, const struct stock_batch *batch,
				   const struct keys **ret);

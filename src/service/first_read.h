/* service/first_read.h: when a partner was first shown what an order delivered: units.first_read_at, set once.
 *
 * What a create or a confirmation delivers is marked in the commit that delivers it, because its own answer shows it. A
 * later answer only says what it is about to show, and leaves: one command at a time, with all that has gathered
 * meanwhile, marks it through the committer. So no read waits for a commit, and what was marked costs nothing more. A
 * crash in between forgets the mark, and the next read is the first. Operators (service/stock.h, reveal) and webhooks,
 * which have times of their own, do not count. */
#pragma once

#include "service/order.h"

struct engine;
struct unit;

struct first_reads; /* what waits to be marked */

struct first_reads *first_reads_new(struct engine *e);
void first_reads_free(struct first_reads *f); /* with the engine stopped; NULL is fine */

/* An answer to the order's partner shows this. Thread-safe; quick. */
void first_reads_note(struct first_reads *f, const struct order_view *view);

/* In act, of a verb whose answer shows the order and has its units: the same, in this commit. */
void first_read_mark(struct unit *u, const struct order *o);

/* What first_reads_note leads to. */
enum { FIRST_READS_BATCH = 64 };
struct first_reads_mark {
	struct first_read {
		int64_t partner_id, order_id, at_us;
	} reads[FIRST_READS_BATCH];
	size_t count;
};
extern const struct verb verb_first_reads_mark; /* struct first_reads_mark */

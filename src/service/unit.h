/* service/unit.h: the unit of work: the rows of one batch, each once in memory.
 *
 * Verbs name rows (need), the unit fetches them set-based, verbs decide on them, the unit writes what is new, changed
 * or gone, and everything becomes true with one COMMIT. A row that two commands of a batch touch is the same struct, so
 * it is written once. Absent rows are remembered as absent: equal keys within a batch meet. Rows live in the unit's
 * arena until the batch is over; what a caller shall keep is copied into its task's arena.
 *
 * Locks: every row of a partner is written only under its counter row, locked first and in id order (unit_load). */
#pragma once

#include "base/ids.h"
#include "service/engine.h"
#include "store/payments.h"
#include "store/reusables.h"
#include "store/stock.h"
#include "store/tables.h"

/* What the unit knows to keep. The order is the order of writing: parents before children. */
enum noun {
	NOUN_COUNTER,
	NOUN_STOCK_BATCH, /* locked after the partners */
	NOUN_STOCK_UNIT,
	NOUN_STOCK_RETURNED,
	NOUN_ACCOUNT,
	NOUN_ORDER,
	NOUN_PARTY,
	NOUN_DETAILS,
	NOUN_KYC,
	NOUN_ESIM,
	NOUN_ESIM_LINK,
	NOUN_STOCK_HOLD,
	NOUN_UNIT,
	NOUN_ATTEMPT,
	NOUN_LEDGER,
	NOUN_JOB,
	NOUN_EVENT,
	NOUN_CALLBACK,
	NOUN_MESSAGE,
	NOUN_IDEMPOTENCY,
	NOUN_TASK,
	NOUN_STOCK_EVENT,
	NOUN_MERCHANT,
	NOUN_PAYMENT,
	NOUN_PAYMENT_ATTEMPT,
	NOUN_PAYMENT_ENTRY,
	NOUN_REUSABLE,
	NOUN_PHOTO_PART,
	NOUNS
};

struct unit_map; /* the identity map; service/unit_map.c */

struct unit {
	struct arena arena;
	struct engine *engine;
	struct db *db;
	struct ids *ids; /* NULL on a reader: nothing may be added */
	int64_t now_us;	 /* business time of the batch */
	int64_t wall_us;
	const struct keys *keys;
	const struct catalog *catalog;	   /* held for the batch */
	const struct directory *directory; /* held for the batch */
	struct unit_map *map;
	int64_t row_id;			       /* see unit_row_id(): drawn last; 0: none in this batch */
	unsigned row_id_tables;		       /* bit per noun that has it */
	struct unit_stock_want *stock_wants;   /* service/stock_unit.h */
	struct unit_after *after, **after_end; /* what to do once the batch is committed, in order */
	unsigned changed;		       /* enum unit_change: what all nodes keep in memory */
	int64_t node; /* node_token() of this one: the owner of the jobs it makes; 0 on a reader */
};

/* On a connection without a transaction. `ids` NULL: read-only. `db` NULL: without a store (service/recent.h). */
void unit_begin(struct unit *u, struct engine *engine, struct db *db, struct ids *ids, int64_t now_us);
void unit_end(struct unit *u); /* frees rows and snapshots; the arena's first block is kept by the caller's reuse */

/* In need and need_more. Column 0 is the first of the key, so all units of an order are one need. */
void unit_need(struct unit *u, enum noun noun, int64_t key);
void unit_need_text(struct unit *u, enum noun noun, size_t column, struct str key);
/* Locks the partner and brings its counter; writers of a partner's rows must ask for it. */
void unit_need_partner(struct unit *u, int64_t partner_id);

/* Nothing has that key: said of the children of a row that was just made, instead of asking the store. */
void unit_none(struct unit *u, enum noun noun, int64_t key);

/* Fetches what was named and is not there yet; partners first, locked in id order. */
MUST_USE enum err unit_load(struct unit *u);

/* Fetches what the tasks' verbs name, and then what they name once that is there. */
MUST_USE enum err unit_load_for(struct unit *u, struct task *const *tasks, size_t n);

/* The row with that (first) key, NULL when there is none. The key must have been needed, or added here. */
void *unit_find(struct unit *u, enum noun noun, int64_t key);
void *unit_find_text(struct unit *u, enum noun noun, size_t column, struct str key);
/* Whether rows with that first key were asked for, here or earlier in the batch, and have arrived. */
bool unit_has(struct unit *u, enum noun noun, int64_t key);
/* The next row with the same first key (units of an order, ...); NULL after the last. */
void *unit_next(struct unit *u, void *row);

/* A new row, copied from `row`, also in place of one that was removed here. Returns the one to work on. */
void *unit_add(struct unit *u, enum noun noun, const void *row);
void unit_touch(struct unit *u, void *row);  /* it will be written; the version grows once a batch */
void unit_remove(struct unit *u, void *row); /* it will be deleted */

int64_t unit_id(struct unit *u); /* a fresh id */
/* An id for a new row of that table. In one table ids are unique and ascend; rows of several tables may have the same
 * one, so that an order and what follows from it draw a few and not one a row. An order's is free in NOUN_JOB too: the
 * job of its deadline has it. */
int64_t unit_row_id(struct unit *u, enum noun noun);
/* Another node may have drawn this one: what the unit draws now is higher, and its time not before that. */
void unit_follow(struct unit *u, int64_t id);

/* The account, made with zeros when the ledger has never seen it. NULL for an absent wallet: those are opened. */
struct account *unit_account(struct unit *u, int64_t id);
struct counter *unit_counter(struct unit *u, int64_t partner_id);

/* What every node keeps in memory and this unit has changed: the other nodes are told with the commit, this one reads
 * it again after it. */
enum unit_change { CHANGED_DIRECTORY = 1, CHANGED_CATALOG = 2, CHANGED_CLOCK = 4 };
void unit_changed(struct unit *u, enum unit_change what);

/* Of a row that is about to be written: the job is this node's from now on. If it was another one's, the fence is
 * raised, and what that one still reports of it is refused. */
void unit_take_job(struct unit *u, struct job *job);
/* Before something is done outside: whether the job is still as this node has it in memory. Asked where another node
 * may have taken it over; true where nobody else is, and of what this node wrote a moment ago (service/recent.h). */
void unit_need_own_job(struct unit *u, const struct job *job);
bool unit_owns_job(struct unit *u, const struct job *job);

/* Writes everything; the caller writes the node's row and commits. ERR_CONFLICT, ERR_STORE_*. */
MUST_USE enum err unit_flush(struct unit *u);

/* Calls fn on the committer thread once the batch is committed, in the order of asking; never if it is rolled back. */
void unit_after_commit(struct unit *u, void (*fn)(struct engine *e, void *arg), void *arg);
void unit_run_after(struct unit *u);

/* Calls fn for every row of the noun that was added or touched (not removed), oldest first. */
void unit_each_written(struct unit *u, enum noun noun, void (*fn)(void *arg, void *row), void *arg);

/* service/task.h: a command on its way: from the edge through the committer (or a reader) and back.
 *
 * The sender owns the task and its arena and must not touch either between task_submit() and the call of `done`.
 * Commands are immutable while they run, so a batch that is rolled back can run again, one command a transaction, with
 * the same result. What a verb finds it leaves in its own command struct, allocated in the task's arena. */
#pragma once

#include "base/arena.h"
#include "core/catalog.h"

struct unit; /* service/unit.h: the unit of work of one batch */
struct order_view;
struct reader; /* service/reader.h: a read-only connection with a deadline */
struct task;

/* A business verb. A writing verb has need and act, a listing verb has read. */
struct verb {
	const char *name;
	/* Names the rows it will touch, so that they are fetched before it runs. */
	void (*need)(struct unit *u, const struct task *t);
	/* The same, once those are there: rows named by rows. May be NULL. */
	void (*need_more)(struct unit *u, const struct task *t);
	/* Decides, in memory: all checks first; after them nothing can fail. */
	enum err (*act)(struct unit *u, struct task *t);
	/* Filtered lists: plain SQL of store/ on a read-only connection, off the loop thread, ended after 2 s. */
	enum err (*read)(struct reader *r, struct task *t);
	bool read_only; /* need and act on a reader's read-only unit */
	/* Read-only: how old what is in memory may be where other nodes write too (service/recent.h); 0 = not used. */
	int64_t recent_us;
	bool background;     /* the result of our own work, not a caller's request: the second queue */
	bool awaits_catalog; /* answered once the catalogue in memory is the committed one */
};

struct task {
	const struct verb *verb;
	void *command; /* the verb's own struct: what is asked, then what was found */
	struct arena *arena;
	const struct catalog *catalog; /* the snapshot it was parsed against; held by the sender */
	int64_t partner_id;	       /* whose rows; 0 = none */
	enum err result;
	struct str detail; /* a sentence for a person, or one a line; absent unless a refusal has more to say */
	/* A write too long for one turn of the committer: act says that it goes on, and is called again, in a later
	 * batch, with the next turn, once this one is committed. Refused in between (the queue is full, the server
	 * stops), what was committed stays: it must be such that nobody reads it. */
	bool goes_on;
	size_t turn; /* from 0; the committer's */
	/* Set by act when the answer shall wait until the order is final, or until that business time. */
	struct order_view *hold;
	int64_t hold_until_us;
	void (*done)(struct task *t); /* called once, after the commit or the refusal; on another thread: be quick */
	void *sender;
};

struct engine; /* service/engine.h: queues, committer and readers of a running server */

/* False when the queue is full (answer ERR_BUSY at once) or the server is stopping; the task is untouched then. */
MUST_USE bool task_submit(struct engine *e, struct task *t);

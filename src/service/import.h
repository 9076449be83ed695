/* service/import.h: a catalogue file on its way into a running store: fed and checked on a reader's thread, written by
 * the committer in chunks, one turn each, and flipped to active by a small last commit.
 *
 * The sender keeps the struct catalog_import and runs one of these at a time on it. */
#pragma once

#include "service/audit.h"
#include "service/catalog.h"
#include "service/task.h"
#include "store/catalog.h"

struct import_feed {
	struct catalog_import *import;
	struct str bytes;
};

/* After the last byte. */
struct import_check {
	struct catalog_import *import;
	bool good; /* found; if not, catalog_import_error() has the faults */
};

/* Opens the batch with the first chunk, adds the next ones, and makes it count with the last. */
struct import_write {
	struct by by;
	const struct catalog_import *import;
	struct str note;
	int64_t batch; /* 0: not begun */
	size_t first;  /* row to go on with */
	/* found */
	int64_t found_batch;
	size_t next;
	bool done; /* it counts now */
};

/* Ends a batch that was begun and will not be finished, and deletes a chunk of its lines. */
struct import_abandon {
	struct by by;
	int64_t batch;
};

struct batch_list {
	int64_t most;
	/* found, newest first */
	struct batch_row *rows;
	size_t count;
};

/* "loading", "active", "abandoned". */
const char *batch_state_name(int state);

extern const struct verb verb_import_feed, verb_import_check, verb_import_write, verb_import_abandon, verb_batch_list;

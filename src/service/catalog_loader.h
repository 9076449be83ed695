/* service/catalog_loader.h: the thread that reads a changed catalogue into memory, so that commits go on meanwhile.
 *
 * The committer asks after the commit that changed it and goes on; the loader reads on a connection of its own, builds
 * the snapshot and hands it over, which is the swap of a pointer. What cannot be read is tried again until it can be;
 * the old snapshot serves until then. */
#pragma once

#include "core/catalog.h"
#include "service/task.h"

struct catalog_loader;

struct catalog_loader_options {
	const char *uri;
	/* On the loader's thread; takes the hold over. `version`: see snapshots_versions(). */
	void (*swap)(void *arg, const struct catalog *fresh, int64_t version);
	void *arg;
	void (*before)(void *arg); /* called before each reading; may be NULL */
	void *before_arg;
};

/* Opens the connection. ERR_STORE_*. */
MUST_USE enum err catalog_loader_open(const struct catalog_loader_options *options, struct catalog_loader **ret);
void catalog_loader_start(struct catalog_loader *l);
/* Ends the thread and answers who still waits. Nothing may be asked or awaited any more. */
void catalog_loader_stop(struct catalog_loader *l);
void catalog_loader_free(struct catalog_loader *l); /* after stop, or never started; NULL is fine */

/* Thread-safe, never waits: there is something new to read. */
void catalog_loader_ask(struct catalog_loader *l);
/* Thread-safe, never waits. False when everything that was asked for is in memory. Else true, and t->done is called on
 * the loader's thread once it is there, or once it could not be read. */
bool catalog_loader_await(struct catalog_loader *l, struct task *t);

/* service/snapshots.h: what every thread reads without asking the store: directory, catalogue, and old products.
 *
 * Private to service/. A snapshot is swapped whole after the commit that changed it; whoever holds the old one keeps it
 * until it lets go. */
#pragma once

#include "service/engine.h"

struct snapshots;

/* Opens a read connection of its own and loads both. ERR_STORE_*. */
MUST_USE enum err snapshots_open(const char *uri, struct snapshots **ret);
void snapshots_close(struct snapshots *s); /* NULL is fine */

MUST_USE enum err snapshots_reload_directory(struct snapshots *s);
/* The catalogue as of one moment, held for the caller, and as of which change it is. */
MUST_USE enum err snapshots_read_catalog(struct db *db, const struct catalog **ret, int64_t *ret_version);
/* Takes the hold over. */
void snapshots_swap_catalog(struct snapshots *s, const struct catalog *fresh, int64_t version);

/* As of which change each was loaded (store/nodes.h). Thread-safe. */
struct snapshots_versions {
	int64_t directory, catalog;
};
struct snapshots_versions snapshots_versions(struct snapshots *s);

const struct directory *snapshots_directory(struct snapshots *s); /* held for the caller */
const struct catalog *snapshots_catalog(struct snapshots *s);	  /* held for the caller */

/* A product as it was in that batch: from `current`, else from the history, which is read once and kept. NULL when the
 * store does not have it. ERR_STORE_UNAVAILABLE when it cannot be read, which says nothing about the product. */
MUST_USE enum err snapshots_product(struct snapshots *s, const struct catalog *current, int64_t id, int64_t batch,
				    const struct product **ret);

/* tests/support/store.h: an empty store of the present schema, in a folder of its own that goes with it. */
#pragma once

#include "db/db.h"
#include "support/folder.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

struct test_store {
	char folder[32], path[64];
	struct db *db;
};

static inline void store_open(struct test_store *store)
{
	snprintf(store->folder, sizeof(store->folder), "/tmp/bodega-test-XXXXXX");
	assert_non_null(mkdtemp(store->folder));
	snprintf(store->path, sizeof(store->path), "%s/store.db", store->folder);
	check_ok(db_open(&(struct db_options){ .uri = store->path, .mode = DB_WRITE }, &store->db));
	check_ok(db_migrate(store->db));
}

static inline void store_close(struct test_store *store)
{
	db_close(store->db);
	remove_folder(store->folder);
}

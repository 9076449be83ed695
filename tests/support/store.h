/* tests/support/store.h: an empty store of the present schema: a database of its own on the server that
 * BODEGA_TEST_POSTGRES names, else a file in a folder that goes with it. */
#pragma once

#include "db/db.h"
#include "support/folder.h"
#include "support/postgres.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

struct test_store {
	char folder[32], path[64];
	struct test_database database;
	const char *uri;
	struct db *db;
};

static inline void store_open(struct test_store *store)
{
	snprintf(store->folder, sizeof(store->folder), "/tmp/bodega-test-XXXXXX");
	assert_non_null(mkdtemp(store->folder));
	snprintf(store->path, sizeof(store->path), "%s/store.db", store->folder);
	store->uri = postgres_server() ? store->database.uri : store->path;
	if (postgres_server())
		postgres_create(&store->database);
	check_ok(db_open(&(struct db_options){ .uri = store->uri, .mode = DB_WRITE }, &store->db));
	check_ok(db_migrate(store->db));
}

static inline void store_close(struct test_store *store)
{
	db_close(store->db);
	if (postgres_server())
		postgres_drop(&store->database);
	remove_folder(store->folder);
}

/* tests/support/postgres.h: databases on the server that BODEGA_TEST_POSTGRES names (tests/support/postgres starts it).
 *
 * Every test has a database of its own, so that it neither sees nor waits for another. */
#pragma once

#include "db/db.h"
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct test_database {
	char name[48], uri[512];
};

/* NULL: this run is not for PostgreSQL. */
static inline const char *postgres_server(void)
{
	return getenv("BODEGA_TEST_POSTGRES");
}

/* Runs one statement as the server's owner, in a session of its own. */
static inline void postgres_admin(const char *uri, const char *sql)
{
	struct db *admin;

	check_ok(db_open(&(struct db_options){ .uri = uri, .mode = DB_WRITE }, &admin));
	check_ok(db_exec(admin, sql, NULL, 0, NULL));
	db_close(admin);
}

static inline void postgres_create(struct test_database *database)
{
	static int number;
	const char *server = postgres_server(), *slash = strrchr(server, '/');
	char sql[96];

	snprintf(database->name, sizeof(database->name), "test_%d_%d", (int)getpid(), ++number);
	snprintf(database->uri, sizeof(database->uri), "%.*s/%s", (int)(slash - server), server, database->name);
	snprintf(sql, sizeof(sql), "CREATE DATABASE %s", database->name);
	postgres_admin(server, sql);
}

static inline void postgres_drop(const struct test_database *database)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "DROP DATABASE %s WITH (FORCE)", database->name);
	postgres_admin(postgres_server(), sql);
}

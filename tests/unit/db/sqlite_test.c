#include "db/db.h"

#include "support/test.h"

#include <unistd.h>

static void migrates(void **state)
{
	char folder[] = "/tmp/bodega-db-XXXXXX", path[64];
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/store.db", folder);
	check_ok(db_open(&(struct db_options){ .uri = path, .mode = DB_WRITE }, &db));
	check_ok(db_migrate(db));
	check_ok(db_migrate(db));
	check_ok(db_check(db));
	db_close(db);
	unlink(path);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(migrates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "service/seals.h"

#include "store/transfer.h"
#include "support/test.h"

#include <stdio.h>

/* Bytes that are no seal of the master key: hashes, public pictures, and what a batch's own key has sealed. */
static const char *const others[] = { "audit.previous",		 "audit.hash",		"operators.token_hash",
				      "sessions.token_hash",	 "stock_units.mark",	"stock_units.body",
				      "credentials.secret_hash", "photo_parts.content", "external_imports.digest" };

static bool is_listed(const struct table *table, const struct column *column)
{
	char name[128];

	for (size_t i = 0; i < sealed_column_count; i++)
		if (sealed_columns[i].table == table && strcmp(sealed_columns[i].name, column->name) == 0)
			return true;
	(void)snprintf(name, sizeof(name), "%s.%s", table->name, column->name);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (strcmp(others[i], name) == 0)
			return true;
	fprintf(stderr, "%s is neither sealed again nor known not to be sealed\n", name);
	return false;
}

/* Whoever adds a column of bytes says here whether a rotation of the master key has to seal it again. */
static void every_column_of_bytes_is_known(void **state)
{
	(void)state;
	for (size_t i = 0; i < transfer_table_count; i++)
		for (size_t k = 0; k < transfer_tables[i]->count; k++)
			if (transfer_tables[i]->columns[k].type == COL_BLOB)
				assert_true(is_listed(transfer_tables[i], &transfer_tables[i]->columns[k]));
}

static void keys_are_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sealed_column_count; i++) {
		const struct table *table = sealed_columns[i].table;

		assert_true(table->keys <= SEALED_KEYS);
		for (size_t k = 0; k < table->keys; k++)
			assert_true(table->columns[k].type == COL_I64 || table->columns[k].type == COL_INT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_of_bytes_is_known),
		cmocka_unit_test(keys_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* store/reseal.h: sealed bytes of a row in place of others, beside whoever else writes to it. */
#pragma once

#include "db/db.h"

/* Writes `fresh` into that column of the row if it still holds `old` and nobody else has the row locked: it waits for
 * nobody. The key and the old bytes are those of `row`. */
MUST_USE enum err reseal_write(struct db *db, const struct table *table, const struct column *column, const void *row,
			       struct str old, struct str fresh);

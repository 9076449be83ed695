/* service/transfer_line.h: one row of an exported store as a line of text; docs/export-format.md is its manual.
 *
 * A line is fields with a tab between them, the kind of line first. The text of a row is the same whichever engine it
 * came from, and is read strictly: what an export would not have written is refused. */
#pragma once

#include "base/buf.h"
#include "db/db.h"

/* How many rows, and what is in them: the sum of the rows' hashes, each as four numbers of 64 bits. A sum does not
 * depend on the order, which two engines may see differently. */
struct transfer_sum {
	int64_t rows;
	uint64_t lanes[4];
};

void transfer_sum_line(struct transfer_sum *sum, struct str line);
void transfer_sum_add(struct transfer_sum *sum, const struct transfer_sum *more);
/* 64 hex digits. */
void transfer_sum_hex(const struct transfer_sum *sum, struct buf *b);

/* "row", and the columns in the order of the table; without the end of the line. */
void transfer_put_row(struct buf *b, const struct table *table, const void *row);
/* The fields after "row", into a new row of the arena. ERR_BAD_REQUEST. */
MUST_USE enum err transfer_take_row(struct str fields, const struct table *table, struct arena *a, void **ret);

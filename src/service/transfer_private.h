/* service/transfer_private.h: what the two directions of a transfer share. */
#pragma once

#include "service/transfer.h"

#define TRANSFER_MAGIC "bodega-export"
enum { TRANSFER_VERSION = 1 };

/* "table", its name and its columns: what both sides must agree on. */
void transfer_put_table(struct buf *b, const struct table *table);
/* The line after the rows of a table, or after all: the word, the table's name (NULL: none), count and hash. */
void transfer_put_sum(struct buf *b, const char *word, const char *name, const struct transfer_sum *sum);
/* ERR_BUSY, with a sentence, when a node serves the store. */
MUST_USE enum err transfer_alone(struct db *db, struct transfer_result *result);

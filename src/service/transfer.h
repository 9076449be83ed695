/* service/transfer.h: a whole store as text, and back: the way from one engine to another.
 *
 * For whoever holds the data folder's lock. An export reads one moment; an import is one transaction into a store
 * without a row, and its last step is to compare counts and hashes with those at the end of the text: it counts whole
 * or not at all. docs/export-format.md describes the text. */
#pragma once

#include "service/transfer_line.h"
#include "store/transfer.h"

#include <stdio.h>

struct transfer_options {
	const char *uri;
	FILE *file; /* the text; the caller closes it */
	/* Rows done and in all; may be NULL. */
	void (*progress)(void *arg, int64_t done, int64_t all);
	void *arg;
};

struct transfer_result {
	struct transfer_sum tables[TRANSFER_TABLES_MOST]; /* in the order of transfer_tables */
	struct transfer_sum all;
	/* What is wrong, for a person, when the call fails; empty when the error says it all. */
	char fault[200];
};

/* ERR_IO when the text cannot be written, ERR_BUSY when a node serves the database, ERR_STORE_*. */
MUST_USE enum err transfer_export(const struct transfer_options *options, struct transfer_result *ret);
/* Makes the schema first. ERR_CONFLICT when the store is not empty, ERR_BAD_REQUEST when the text is not whole, not of
 * this schema or not what it says, ERR_IO, ERR_BUSY, ERR_STORE_*: in all of these cases not a row was written. */
MUST_USE enum err transfer_import(const struct transfer_options *options, struct transfer_result *ret);

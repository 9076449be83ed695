/* service/external_invoice.h: a merchant tells us the invoices that it keeps elsewhere, and asks for them (mobip.md
 * 11).
 *
 * An import is all or nothing: its rows are written LIMIT_IMPORT_CHUNK_ROWS at a time, a turn of the committer each, so
 * that nobody waits behind a large one, and are read from the last of these turns on. Rows that they replace are
 * deleted afterwards, in turns of their own. What a crash leaves in the middle is never read, and goes with the next
 * import of the source. */
#pragma once

#include "core/external_invoice.h"
#include "service/task.h"

enum {
	EXTERNAL_IMPORT_ROWS = 10000, /* of one import */
	EXTERNAL_NAMES_MOST = 1000,   /* invoices asked for by name */
};

/* The same batch with the same content again changes nothing. ERR_INVOICES_WRONG when the source would have too many;
 * ERR_BAD_REQUEST when the merchant would have too many sources; ERR_BUSY when it was taken for left behind. */
struct external_import_run {
	int64_t partner_id;
	struct str source, batch, digest; /* batch absent = none */
	/* Ordered by the bytes of their numbers, none twice. source_id, import_id and batch are filled in here. */
	struct external_invoice *const *invoices;
	size_t count;
	/* found in its first turn */
	struct external_import import;
	bool is_known, replaces;
};
extern const struct verb verb_external_import;

/* The words of a source for our statuses, in place of the former ones; the source is made if it is not there.
 * ERR_BAD_REQUEST as above. */
struct external_words_set {
	int64_t partner_id;
	struct str source;
	struct str words[EXTERNAL_STATUSES];
};
extern const struct verb verb_external_words_set;

/* ERR_SOURCE_NOT_FOUND. */
struct external_words_get {
	int64_t partner_id;
	struct str name;
	struct external_source source; /* found; in the task's arena */
};
extern const struct verb verb_external_words_get;

/* Invoices of a source, ordered by their numbers; none of a source that nobody knows. */
struct external_list {
	int64_t partner_id;
	struct str name;
	const struct str *invoices; /* ordered by their bytes, none twice; NULL = all */
	size_t invoice_count;
	/* found; in the task's arena */
	struct external_source source;
	struct external_invoice *rows;
	size_t count;
};
extern const struct verb verb_external_list;

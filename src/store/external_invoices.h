/* store/external_invoices.h: the rows of invoices that merchants keep elsewhere: sources, imports, invoices. */
#pragma once

#include "core/external_invoice.h"
#include "db/db.h"

extern const struct table table_external_sources, table_external_imports, table_external_invoices;

/* ERR_NOT_FOUND. */
MUST_USE enum err external_source_get(struct db *db, struct arena *a, int64_t partner_id, struct str name,
				      struct external_source *ret);
MUST_USE enum err external_sources_count(struct db *db, int64_t partner_id, int64_t *ret);

/* Whether that batch of the source was imported with that content before. */
MUST_USE enum err external_import_is_known(struct db *db, const struct external_import *import, bool *ret);
/* ERR_NOT_FOUND when it is not loading any more: somebody took it for left behind. */
MUST_USE enum err external_import_is_loading(struct db *db, const struct external_import *import);
/* Its rows are read from now on. Its own row stays when it has a batch. */
MUST_USE enum err external_import_end(struct db *db, const struct external_import *import);
/* Deletes what imports of the source that began before then have written and will not finish. */
MUST_USE enum err external_imports_sweep(struct db *db, int64_t source_id, int64_t before_us);

/* All rows of a source, older versions too. */
MUST_USE enum err external_invoices_count(struct db *db, int64_t source_id, int64_t *ret);
/* What imports before `import_id` have told of invoices from the first to the last, which are ordered by their bytes.
 */
struct external_range {
	int64_t source_id, import_id;
	struct str first, last;
};
MUST_USE enum err external_invoices_before(struct db *db, struct arena *a, const struct external_range *range,
					   db_row_fn on_row, void *arg);
/* What was imported of a source, also older versions: ordered by the bytes of the invoices, of each the newest last. */
MUST_USE enum err external_invoices_of(struct db *db, struct arena *a, int64_t source_id, db_row_fn on_row, void *arg);
/* The same of one invoice. */
MUST_USE enum err external_invoice_get(struct db *db, struct arena *a, int64_t source_id, struct str invoice,
				       db_row_fn on_row, void *arg);

/* store/partners.h: reading who may call us. */
#pragma once

#include "store/tables.h"

/* All of them, oldest first; rows are struct partner_row and struct credential_row. */
MUST_USE enum err partners_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg);
MUST_USE enum err credentials_each(struct db *db, struct arena *a, db_row_fn on_row, void *arg);

#pragma once
#include "core/catalog_query.h"
#include "db/db.h"
MUST_USE enum err catalog_load(struct db *db, struct catalog **ret);
MUST_USE enum err catalog_product_at(struct db *db, const struct catalog *current, struct arena *a, int64_t id,
				     int64_t batch, const struct product **ret);

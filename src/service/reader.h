/* service/reader.h: what a listing verb works with: a read-only connection, a snapshot, and a deadline. */
#pragma once

#include "service/unit.h"

struct reader {
	struct unit unit; /* read-only; its db has a transaction open: one moment for all statements */
	struct db *db;
	struct engine *engine;
};

/* service/setup.h: a store before it is served: made, brought up to date, told what it is for.
 *
 * For whoever holds the data folder's lock: nobody else writes meanwhile. */
#pragma once

#include "base/arena.h"

/* Live stores sell for real; in sandbox stores the business clock may be advanced. It is said once, when the store is
 * made. */
enum store_kind { STORE_LIVE = 1, STORE_SANDBOX = 2 };

/* Opens the store, makes it if it is not there, migrates it; a new one becomes `fresh`. *ret is what it is.
 * ERR_STORE_*. */
MUST_USE enum err store_setup(const char *uri, enum store_kind fresh, enum store_kind *ret);

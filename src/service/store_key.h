/* service/store_key.h: whether the master key is the one that this store was made with.
 *
 * With another key nobody could sign in and nothing that is sealed would open, and what is written meanwhile would open
 * for nobody else. So a store keeps a sealed word, and a start that cannot open it is refused. */
#pragma once

#include "base/crypto.h"
#include "db/db.h"

/* Writes the word in a store that has none yet. Not within a transaction. ERR_SEALED if the key is another one,
 * ERR_STORE_*. */
MUST_USE enum err store_key_check(struct db *db, const struct keys *keys);

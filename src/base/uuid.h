/* base/uuid.h: our ids as UUIDs (version 7) that nobody can guess: no table, no index, and back again.
 *
 * The first 60 bits are the id: its time, its node and its counter. The rest is a keyed hash of it, so that a UUID that
 * we have not given out is known for one. */
#pragma once

#include "base/crypto.h"

/* `kind` keeps apart what is numbered alike: "order", "event". In the arena, 36 characters. */
struct str uuid_of_id(const struct keys *keys, struct arena *a, const char *kind, int64_t id);
/* ERR_BAD_REQUEST if it is no UUID, ERR_NOT_FOUND if it is none of ours, of that kind. Letters may be capitals. */
MUST_USE enum err uuid_to_id(const struct keys *keys, const char *kind, struct str uuid, int64_t *ret);

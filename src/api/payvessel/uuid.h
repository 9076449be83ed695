/* api/payvessel/uuid.h: order ids as UUIDs of version 7: the time and the rest of our id, then 62 bits of a keyed hash.
 *
 * One order has one UUID and one UUID leads to one order; nothing is stored, and nobody can count orders by guessing.
 */
#pragma once

#include "base/crypto.h"

struct str pv_uuid(const struct keys *keys, struct arena *a, int64_t order_id);
/* ERR_BAD_REQUEST if it is no UUID, ERR_NOT_FOUND if it is none of ours. Capitals are accepted. */
MUST_USE enum err pv_uuid_read(const struct keys *keys, struct arena *a, struct str text, int64_t *ret_id);

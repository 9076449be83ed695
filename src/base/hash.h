/* base/hash.h: a quick 128-bit hash of bytes, the same in every process and on every machine: for tags of contents.
 *
 * Two different contents have the same one by chance only, but whoever wants to can make two: neither for secrets nor
 * for tables over foreign keys (crypto_seeded_hash). */
#pragma once

#include "base/str.h"

struct hash128 {
	uint64_t a, b;
};

struct hash128 hash_bytes(struct str data);

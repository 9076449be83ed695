/* service/product_keys.h: small numbers for the product versions that orders name, so that an index of orders needs
 * four bytes for one and a list judges each version once.
 *
 * One thread adds; others read numbers that they got from it by way of an acquire, without a lock. */
#pragma once

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct product_key {
	int64_t id, batch;
};

struct product_keys;

enum { PRODUCT_KEYS_MOST = 8 * 1024 * 1024 };
static const uint32_t PRODUCT_KEY_NONE = UINT32_MAX;

struct product_keys *product_keys_new(void);
void product_keys_free(struct product_keys *keys); /* NULL is fine */

/* Its number, a new one if it has none yet; PRODUCT_KEY_NONE when there are PRODUCT_KEYS_MOST. The adding thread. */
uint32_t product_keys_add(struct product_keys *keys, struct product_key key);
struct product_key product_keys_at(const struct product_keys *keys, uint32_t number);
size_t product_keys_count(const struct product_keys *keys); /* numbers are below it */

#include "service/product_keys.h"

#include "base/must.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { BLOCK_KEYS = 4096, BLOCKS = PRODUCT_KEYS_MOST / BLOCK_KEYS, FIRST_SLOTS = 1024 };

struct product_keys {
	struct product_key *_Atomic blocks[BLOCKS]; /* they never move: readers hold numbers, not pointers */
	_Atomic(size_t) count;
	uint32_t *slots; /* of the adding thread: open addressing, number + 1; 0 = free; at most half in use */
	size_t slot_count;
};

struct product_keys *product_keys_new(void)
{
	struct product_keys *keys = calloc(1, sizeof(*keys));

	must(keys);
	keys->slot_count = FIRST_SLOTS;
	keys->slots = calloc(keys->slot_count, sizeof(*keys->slots));
	must(keys->slots);
	return keys;
}

void product_keys_free(struct product_keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < BLOCKS; i++)
		free(atomic_load(&keys->blocks[i]));
	free(keys->slots);
	free(keys);
}

struct product_key product_keys_at(const struct product_keys *keys, uint32_t number)
{
	return atomic_load_explicit(&keys->blocks[number / BLOCK_KEYS], memory_order_acquire)[number % BLOCK_KEYS];
}

size_t product_keys_count(const struct product_keys *keys)
{
	return atomic_load(&keys->count);
}

static uint32_t *slot_of(const struct product_keys *keys, struct product_key key)
{
	uint64_t hash = ((uint64_t)key.id ^ (uint64_t)key.batch << 20) * UINT64_C(0x9E3779B97F4A7C15);

	for (size_t i = (size_t)(hash >> 32);; i++) {
		uint32_t *slot = &keys->slots[i & (keys->slot_count - 1)];
		struct product_key there;

		if (!*slot)
			return slot;
		there = product_keys_at(keys, *slot - 1);
		if (there.id == key.id && there.batch == key.batch)
			return slot;
	}
}

static void grow(struct product_keys *keys)
{
	free(keys->slots);
	keys->slot_count *= 2;
	keys->slots = calloc(keys->slot_count, sizeof(*keys->slots));
	must(keys->slots);
	for (uint32_t i = 0; i < product_keys_count(keys); i++)
		*slot_of(keys, product_keys_at(keys, i)) = i + 1;
}

uint32_t product_keys_add(struct product_keys *keys, struct product_key key)
{
	size_t count = product_keys_count(keys);
	uint32_t *slot = slot_of(keys, key);

	if (*slot)
		return *slot - 1;
	if (count == PRODUCT_KEYS_MOST)
		return PRODUCT_KEY_NONE;
	struct product_key *block = atomic_load(&keys->blocks[count / BLOCK_KEYS]);
	if (!block) {
		block = calloc(BLOCK_KEYS, sizeof(*block));
		must(block);
		atomic_store_explicit(&keys->blocks[count / BLOCK_KEYS], block, memory_order_release);
	}
	block[count % BLOCK_KEYS] = key;
	*slot = (uint32_t)count + 1;
	atomic_store(&keys->count, count + 1);
	if ((count + 1) * 2 > keys->slot_count)
		grow(keys);
	return (uint32_t)count;
}

#include "base/crypto_ring.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

enum { RING_KEYS = 8 };

struct ring_key {
	unsigned char seal[KEY_BYTES];
	unsigned char id;
};

struct key_ring {
	pthread_mutex_t lock; /* of learning */
	struct ring_key keys[RING_KEYS];
	_Atomic(int) count; /* written after the key */
	_Atomic(int) used;  /* which one seals; -1 = the one of struct keys */
	unsigned char pepper[KEY_BYTES];
	bool has_pepper;
};

struct key_ring *key_ring_new(void)
{
	struct key_ring *ring = sodium_malloc(sizeof(*ring));

	must(ring);
	memset(ring, 0, sizeof(*ring));
	must(pthread_mutex_init(&ring->lock, NULL) == 0);
	atomic_store(&ring->used, -1);
	return ring;
}

void key_ring_free(struct key_ring *ring)
{
	if (ring)
		pthread_mutex_destroy(&ring->lock);
	sodium_free(ring);
}

static struct ring_key *find(struct key_ring *ring, unsigned char id)
{
	int count = atomic_load(&ring->count);

	for (int i = 0; i < count; i++)
		if (ring->keys[i].id == id)
			return &ring->keys[i];
	return NULL;
}

static enum err learn(struct key_ring *ring, const unsigned char seal[static KEY_BYTES])
{
	int count = atomic_load(&ring->count);

	if (count == RING_KEYS)
		return ERR_BUSY;
	memcpy(ring->keys[count].seal, seal, KEY_BYTES);
	ring->keys[count].id = keys_id(seal);
	atomic_store(&ring->count, count + 1);
	return OK;
}

enum err key_ring_learn(const struct keys *keys, const unsigned char seal[static KEY_BYTES])
{
	pthread_mutex_lock(&keys->ring->lock);
	const unsigned char *known = key_ring_opening(keys, keys_id(seal));
	enum err e = !known ? learn(keys->ring, seal) : sodium_memcmp(known, seal, KEY_BYTES) ? ERR_CONFLICT : OK;
	pthread_mutex_unlock(&keys->ring->lock);
	return e;
}

void key_ring_use(const struct keys *keys, unsigned char id)
{
	const struct ring_key *key = find(keys->ring, id);

	must(key || id == keys->key_id);
	atomic_store(&keys->ring->used, key ? (int)(key - keys->ring->keys) : -1);
}

bool key_ring_has_others(const struct keys *keys)
{
	return keys->ring && atomic_load(&keys->ring->count);
}

unsigned char key_ring_newest(const struct keys *keys)
{
	int count = keys->ring ? atomic_load(&keys->ring->count) : 0;

	return count ? keys->ring->keys[count - 1].id : keys->key_id;
}

void key_ring_use_pepper(const struct keys *keys, const unsigned char pepper[static KEY_BYTES])
{
	memcpy(keys->ring->pepper, pepper, KEY_BYTES);
	keys->ring->has_pepper = true;
}

const unsigned char *key_ring_pepper(const struct keys *keys)
{
	return keys->ring && keys->ring->has_pepper ? keys->ring->pepper : keys->pepper;
}

const unsigned char *key_ring_sealing(const struct keys *keys, unsigned char *ret_id)
{
	int used = keys->ring ? atomic_load(&keys->ring->used) : -1;

	*ret_id = used < 0 ? keys->key_id : keys->ring->keys[used].id;
	return used < 0 ? keys->seal : keys->ring->keys[used].seal;
}

const unsigned char *key_ring_opening(const struct keys *keys, unsigned char id)
{
	const struct ring_key *key = id == keys->key_id || !keys->ring ? NULL : find(keys->ring, id);

	return id == keys->key_id ? keys->seal : key ? key->seal : NULL;
}

/* base/crypto_ring.h: the other keys that a process knows while the master key is being rotated.
 *
 * What is sealed names its key by its first byte, so several keys open side by side; one of them seals. Keys are
 * learned and never forgotten before the process ends. The pepper stays what it was with the first master key, because
 * what is hashed with it cannot be hashed again: after a rotation it is kept in the store, sealed, and learned from
 * there.
 *
 * Thread-safe: any thread may learn while others seal and open. Memory as that of struct keys. */
#pragma once

#include "base/crypto.h"

struct key_ring *key_ring_new(void);
void key_ring_free(struct key_ring *ring); /* NULL is fine */

/* From now on that sealing key opens too. OK if it is known; ERR_CONFLICT if another one has the same id; ERR_BUSY if
 * the ring is full. */
MUST_USE enum err key_ring_learn(const struct keys *keys, const unsigned char seal[static KEY_BYTES]);
/* From now on what is sealed is sealed with the key of that id, which is known. */
void key_ring_use(const struct keys *keys, unsigned char id);
bool key_ring_has_others(const struct keys *keys);
/* The id of the key that was learned last, or of the process's own. */
unsigned char key_ring_newest(const struct keys *keys);
/* Before other threads run. */
void key_ring_use_pepper(const struct keys *keys, const unsigned char pepper[static KEY_BYTES]);

/* For base/crypto.c. */
const unsigned char *key_ring_pepper(const struct keys *keys);
const unsigned char *key_ring_sealing(const struct keys *keys, unsigned char *ret_id);
const unsigned char *key_ring_opening(const struct keys *keys, unsigned char id); /* NULL: not known */

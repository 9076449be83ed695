/* service/store_key.h: whether the master key is the one that this store was made with, and which others it has.
 *
 * With another key nobody could sign in and nothing that is sealed would open, and what is written meanwhile would open
 * for nobody else. So a store keeps a sealed word, and a start that cannot open it is refused.
 *
 * While the key is rotated (service/key_rotation.h) the store keeps the new master key sealed with the old one and the
 * old one sealed with the new: whoever has either has both. The pepper of keyed hashes outlives its master key, sealed
 * with the newest. */
#pragma once

#include "base/crypto_ring.h"
#include "db/db.h"

/* How far a rotation has come: one setting. */
struct rotation {
	int64_t begun_us;	  /* wall; 0 = there is none */
	int stage;		  /* enum rotation_stage */
	int64_t column, after[3]; /* the place of the pass: sealed_columns[column], after that key */
	int64_t changed, looked;  /* in this pass */
};
enum rotation_stage {
	ROTATION_BEGUN = 1,   /* all nodes learn the new key */
	ROTATION_SEALING = 2, /* what is sealed is sealed with it, and what was is sealed again */
	ROTATION_WHOLE = 3,   /* a whole pass has found nothing to do */
};

/* For the start, before other threads run. Writes the word in a store that has none yet; learns what the store has.
 * Not within a transaction. ERR_SEALED if the key is another one, ERR_STORE_*. */
MUST_USE enum err store_key_check(struct db *db, const struct keys *keys);
/* Learns what another node has begun. Not within a transaction. */
MUST_USE enum err store_key_follow(struct db *db, const struct keys *keys);

/* The rest within a transaction, for service/key_rotation.c. */
/* Who was started with the old key learns the new one, and the other way round; seals with the new one if all do. The
 * id of the new one, or of the only one. */
MUST_USE enum err store_key_learn(struct db *db, const struct keys *keys, struct arena *a, unsigned char *ret_id);
MUST_USE enum err rotation_get(struct db *db, struct arena *a, struct rotation *ret);
MUST_USE enum err rotation_put(struct db *db, const struct rotation *r);
/* Keeps a new master key; it is used by nobody yet. */
MUST_USE enum err store_key_offer(struct db *db, const struct keys *keys, struct arena *a,
				  const unsigned char master[static KEY_BYTES]);
/* The master key that was offered. ERR_SEALED when this process was started with it and cannot tell. */
MUST_USE enum err store_key_offered(struct db *db, const struct keys *keys, struct arena *a,
				    unsigned char ret_master[static KEY_BYTES]);
/* The old key opens nothing any more: the word is sealed with the new one, the rest is forgotten. */
MUST_USE enum err store_key_settle(struct db *db, const struct keys *keys, struct arena *a);

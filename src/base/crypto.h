/* base/crypto.h: hashes, seals and random bytes; libsodium and OpenSSL behind one narrow door.
 *
 * Keys: one 32-byte master key, from a file or the environment, never stored beside what it protects. From it come the
 * pepper for keyed hashes (bearer secrets, never readable again) and the sealing key (HMAC secrets, PINs, activation
 * codes). struct keys is MADV_DONTDUMP'ed by keys_load and wiped by keys_wipe. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"

enum { KEY_BYTES = 32, HASH_BYTES = 32, SEAL_OVERHEAD_BYTES = 1 + 24 + 16, HASH_SEED_BYTES = 16 };

struct signer;	 /* base/crypto_signer.h */
struct key_ring; /* base/crypto_ring.h */

struct keys {
	unsigned char pepper[KEY_BYTES];
	unsigned char seal[KEY_BYTES];
	unsigned char key_id;  /* first byte of everything sealed with it */
	struct signer *signer; /* NULL: nothing is signed */
	struct key_ring *ring; /* NULL: no other keys than these */
};

/* Must be called once before anything else here. ERR_INTERNAL if libsodium does not start. */
MUST_USE enum err crypto_start(void);

void crypto_random(void *p, size_t n);
uint64_t crypto_random_u64(void);
/* An unguessable token of 128 bits, 32 lowercase hex digits and a NUL. */
void crypto_token(char ret[33]);
void crypto_wipe(void *p, size_t n); /* zeros, which no compiler leaves out */
/* The same of bytes that are ours although they are handed about as a slice. */
static inline void crypto_wipe_str(struct str s)
{
	crypto_wipe((void *)(uintptr_t)s.p, s.n);
}
bool crypto_equal(struct str a, struct str b); /* constant time for equal lengths */

/* Reads 64 hex digits (a newline may follow) from `path`; creates the file, mode 0600, with a fresh key when it is not
 * there and `create` is set. ERR_CONFIG if unreadable, malformed or readable by others. */
MUST_USE enum err keys_load(const char *path, bool create, struct keys **ret);
void keys_wipe(struct keys *keys); /* frees; NULL is fine */

/* What a master key seals with. */
void keys_derive_seal(const unsigned char master[static KEY_BYTES], unsigned char ret[static KEY_BYTES]);
/* The first byte of everything that is sealed with that key. */
unsigned char keys_id(const unsigned char seal[static KEY_BYTES]);

/* BLAKE2b with the pepper. */
void crypto_keyed_hash(const struct keys *keys, struct str data, unsigned char ret[HASH_BYTES]);
void crypto_digest(struct str data, unsigned char ret[HASH_BYTES]); /* BLAKE2b, no key */

/* argon2id, for people's passwords: takes tens of milliseconds and 64 MB, so never on a thread that others wait for. */
struct str crypto_password_hash(struct arena *a, struct str password);
bool crypto_password_matches(const char *hash, struct str password);

/* XChaCha20-Poly1305 with a random nonce; `label` is authenticated, not stored: it binds the seal to its row. */
struct str crypto_seal(const struct keys *keys, struct arena *a, struct str label, struct str plain);
/* ERR_SEALED if the key, the label or the bytes are not what they were. */
MUST_USE enum err crypto_open(const struct keys *keys, struct arena *a, struct str label, struct str sealed,
			      struct str *ret);

/* SipHash-2-4: for hash tables over foreign keys, with a seed from crypto_random() that nobody can guess. */
uint64_t crypto_seeded_hash(const unsigned char seed[HASH_SEED_BYTES], struct str data);

void crypto_hmac_sha256(struct str key, struct str data, unsigned char ret[32]);

void buf_hex(struct buf *b, const void *p, size_t n);	 /* lowercase */
void buf_base64(struct buf *b, const void *p, size_t n); /* RFC 4648 with padding */
/* Strict: ERR_BAD_REQUEST on white space, wrong padding or foreign characters. */
MUST_USE enum err crypto_unbase64(struct arena *a, struct str text, struct str *ret);

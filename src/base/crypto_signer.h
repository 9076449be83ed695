/* base/crypto_signer.h: RSA signatures that anybody can check: OpenSSL behind a narrow door.
 *
 * One key pair a server, in a file beside the master key (its name and ".sign"), mode 0600, made at the first start.
 * All nodes of a store must have the same. Owned by struct keys, which frees it. */
#pragma once

#include "base/crypto.h"

/* Reads the private key, or makes one of 2048 bits when there is none. ERR_CONFIG if it is unreadable or none. */
MUST_USE enum err keys_load_signer(struct keys *keys, const char *key_file);
void signer_free(struct signer *signer); /* NULL is fine */

/* RSA-SHA256 (PKCS #1 v1.5) in base64, in the arena. ERR_CONFIG without a key. */
MUST_USE enum err signer_sign(const struct keys *keys, struct arena *a, struct str data, struct str *ret);
/* PEM of the public key; absent without a key. */
struct str signer_public(const struct keys *keys);

#include "base/crypto.h"

#include "base/crypto_ring.h"
#include "base/crypto_signer.h"
#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

enum err crypto_start(void)
{
	return sodium_init() < 0 ? ERR_INTERNAL : OK;
}

void crypto_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

uint64_t crypto_random_u64(void)
{
	uint64_t value;

	randombytes_buf(&value, sizeof(value));
	return value;
}

void crypto_token(char ret[33])
{
	unsigned char bytes[16];

	randombytes_buf(bytes, sizeof(bytes));
	sodium_bin2hex(ret, 33, bytes, sizeof(bytes));
}

void crypto_wipe(void *p, size_t n)
{
	if (n)
		sodium_memzero(p, n);
}

bool crypto_equal(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || sodium_memcmp(a.p, b.p, a.n) == 0);
}

/* Writes a fresh key for the first start. O_EXCL: two starts at once never overwrite each other's. */
static enum err key_file_create(const char *path)
{
	unsigned char key[KEY_BYTES];
	char hex[KEY_BYTES * 2 + 1];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? OK : ERR_CONFIG;
	randombytes_buf(key, sizeof(key));
	sodium_bin2hex(hex, sizeof(hex), key, sizeof(key));
	hex[KEY_BYTES * 2] = '\n';
	bool good = write(fd, hex, sizeof(hex)) == (ssize_t)sizeof(hex) && fsync(fd) == 0;
	sodium_memzero(key, sizeof(key));
	sodium_memzero(hex, sizeof(hex));
	return close(fd) == 0 && good ? OK : ERR_CONFIG;
}

static enum err key_file_read(const char *path, unsigned char ret[KEY_BYTES])
{
	char hex[KEY_BYTES * 2 + 2];
	struct stat st;
	size_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return ERR_CONFIG;
	ssize_t n = fstat(fd, &st) == 0 && (st.st_mode & 077) == 0 ? read(fd, hex, sizeof(hex)) : -1;
	close(fd);
	if (n == KEY_BYTES * 2 + 1 && hex[n - 1] == '\n')
		n--;
	if (n != KEY_BYTES * 2)
		return ERR_CONFIG;
	int bad = sodium_hex2bin(ret, KEY_BYTES, hex, (size_t)n, NULL, &length, NULL);
	sodium_memzero(hex, sizeof(hex));
	return bad || length != KEY_BYTES ? ERR_CONFIG : OK;
}

void keys_derive_seal(const unsigned char master[static KEY_BYTES], unsigned char ret[static KEY_BYTES])
{
	crypto_kdf_derive_from_key(ret, KEY_BYTES, 2, "bodega-s", master);
}

unsigned char keys_id(const unsigned char seal[static KEY_BYTES])
{
	unsigned char print[16];

	crypto_generichash(print, sizeof(print), seal, KEY_BYTES, NULL, 0);
	return print[0];
}

enum err keys_load(const char *path, bool create, struct keys **ret)
{
	unsigned char master[KEY_BYTES];
	enum err e = create ? key_file_create(path) : OK;

	if (!e)
		e = key_file_read(path, master);
	if (e)
		return e;
	/* sodium_malloc: guard pages, mlock and MADV_DONTDUMP. */
	struct keys *keys = sodium_malloc(sizeof(*keys));
	must(keys);
	crypto_kdf_derive_from_key(keys->pepper, KEY_BYTES, 1, "bodega-p", master);
	keys_derive_seal(master, keys->seal);
	keys->key_id = keys_id(keys->seal);
	keys->signer = NULL;
	keys->ring = key_ring_new();
	sodium_memzero(master, sizeof(master));
	*ret = keys;
	return OK;
}

void keys_wipe(struct keys *keys)
{
	if (keys) {
		signer_free(keys->signer);
		key_ring_free(keys->ring);
	}
	sodium_free(keys);
}

void crypto_keyed_hash(const struct keys *keys, struct str data, unsigned char ret[HASH_BYTES])
{
	crypto_generichash(ret, HASH_BYTES, (const unsigned char *)data.p, data.n, key_ring_pepper(keys), KEY_BYTES);
}

void crypto_digest(struct str data, unsigned char ret[HASH_BYTES])
{
	crypto_generichash(ret, HASH_BYTES, (const unsigned char *)data.p, data.n, NULL, 0);
}

struct str crypto_password_hash(struct arena *a, struct str password)
{
	char *out = arena_alloc(a, crypto_pwhash_STRBYTES);

	must(crypto_pwhash_str(out, password.p, password.n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
			       crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0);
	return str_of(out);
}

bool crypto_password_matches(const char *hash, struct str password)
{
	return crypto_pwhash_str_verify(hash, password.p, password.n) == 0;
}

struct str crypto_seal(const struct keys *keys, struct arena *a, struct str label, struct str plain)
{
	unsigned char *out = arena_alloc(a, plain.n + SEAL_OVERHEAD_BYTES);
	unsigned long long length;

	const unsigned char *key = key_ring_sealing(keys, &out[0]);
	randombytes_buf(out + 1, 24);
	crypto_aead_xchacha20poly1305_ietf_encrypt(out + 25, &length, (const unsigned char *)plain.p, plain.n,
						   (const unsigned char *)label.p, label.n, NULL, out + 1, key);
	return (struct str){ (const char *)out, 25 + (size_t)length };
}

enum err crypto_open(const struct keys *keys, struct arena *a, struct str label, struct str sealed, struct str *ret)
{
	const unsigned char *in = (const unsigned char *)sealed.p;
	unsigned long long length;

	const unsigned char *key = sealed.n < SEAL_OVERHEAD_BYTES ? NULL : key_ring_opening(keys, in[0]);
	if (!key)
		return ERR_SEALED;
	unsigned char *plain = arena_alloc(a, sealed.n - SEAL_OVERHEAD_BYTES + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, &length, NULL, in + 25, sealed.n - 25,
						       (const unsigned char *)label.p, label.n, in + 1, key))
		return ERR_SEALED;
	*ret = (struct str){ (const char *)plain, (size_t)length };
	return OK;
}

uint64_t crypto_seeded_hash(const unsigned char seed[HASH_SEED_BYTES], struct str data)
{
	uint64_t hash;

	_Static_assert(sizeof(hash) == crypto_shorthash_siphash24_BYTES, "one word");
	_Static_assert(HASH_SEED_BYTES == (int)crypto_shorthash_siphash24_KEYBYTES, "libsodium's size");
	crypto_shorthash_siphash24((unsigned char *)&hash, (const unsigned char *)data.p, data.n, seed);
	return hash;
}

void crypto_hmac_sha256(struct str key, struct str data, unsigned char ret[32])
{
	must(key.n <= LIMIT_BODY_BYTES);
	must(HMAC(EVP_sha256(), key.p, (int)key.n, (const unsigned char *)data.p, data.n, ret, NULL));
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *bytes = p;

	for (size_t i = 0; i < n; i++) {
		buf_char(b, digits[bytes[i] >> 4]);
		buf_char(b, digits[bytes[i] & 15]);
	}
}

void buf_base64(struct buf *b, const void *p, size_t n)
{
	size_t length = sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL);

	if (buf_reserve(b, length)) {
		sodium_bin2base64(b->p + b->n, length, p, n, sodium_base64_VARIANT_ORIGINAL);
		b->n += length - 1; /* without the NUL */
	}
}

enum err crypto_unbase64(struct arena *a, struct str text, struct str *ret)
{
	unsigned char *bytes = arena_alloc(a, text.n / 4 * 3 + 4);
	const char *end;
	size_t length;

	if (!text.p ||
	    sodium_base642bin(bytes, text.n / 4 * 3 + 3, text.p, text.n, NULL, &length, &end,
			      sodium_base64_VARIANT_ORIGINAL) ||
	    end != text.p + text.n)
		return ERR_BAD_REQUEST;
	*ret = (struct str){ (const char *)bytes, length };
	return OK;
}

#include "base/crypto_signer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <unistd.h>

enum { KEY_BITS = 2048, PATH_BYTES = 4096, SIGNATURE_MOST = 1024, PEM_MOST = 4096 };

struct signer {
	EVP_PKEY *key;
	char public_pem[PEM_MOST];
	size_t public_bytes;
};

void signer_free(struct signer *signer)
{
	if (signer)
		EVP_PKEY_free(signer->key);
	free(signer);
}

/* O_EXCL: of two starts at once one makes it, and the other reads that. */
static enum err key_make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	EVP_PKEY *key = fd < 0 ? NULL : EVP_RSA_gen(KEY_BITS);
	FILE *f = key ? fdopen(fd, "w") : NULL;

	if (fd < 0)
		return errno == EEXIST ? OK : ERR_CONFIG;
	bool good =
		f && PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) == 1 && fflush(f) == 0 && fsync(fd) == 0;
	if (f)
		good = fclose(f) == 0 && good;
	else
		close(fd);
	EVP_PKEY_free(key);
	if (!good)
		unlink(path);
	return good ? OK : ERR_CONFIG;
}

static EVP_PKEY *key_read(const char *path)
{
	FILE *f = fopen(path, "re");
	EVP_PKEY *key = f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;

	if (f)
		fclose(f);
	return key;
}

static void keep_public(struct signer *signer)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;

	must(bio && PEM_write_bio_PUBKEY(bio, signer->key) == 1);
	long n = BIO_get_mem_data(bio, &pem);
	must(n > 0 && n < PEM_MOST);
	memcpy(signer->public_pem, pem, (size_t)n);
	signer->public_bytes = (size_t)n;
	BIO_free(bio);
}

enum err keys_load_signer(struct keys *keys, const char *key_file)
{
	char path[PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s.sign", key_file);

	if (n < 0 || (size_t)n >= sizeof(path))
		return ERR_CONFIG;
	EVP_PKEY *key = key_read(path);
	if (!key && access(path, F_OK) != 0 && key_make(path) == OK)
		key = key_read(path);
	if (!key)
		return ERR_CONFIG;
	keys->signer = calloc(1, sizeof(*keys->signer));
	must(keys->signer);
	keys->signer->key = key;
	keep_public(keys->signer);
	return OK;
}

enum err signer_sign(const struct keys *keys, struct arena *a, struct str data, struct str *ret)
{
	unsigned char signature[SIGNATURE_MOST];
	size_t n = sizeof(signature);
	struct buf b;

	if (!keys->signer)
		return ERR_CONFIG;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	must(context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, keys->signer->key) == 1);
	must(EVP_DigestSign(context, signature, &n, (const unsigned char *)data.p, data.n) == 1);
	EVP_MD_CTX_free(context);
	buf_init(&b, 2 * SIGNATURE_MOST);
	buf_base64(&b, signature, n);
	*ret = arena_str(a, buf_view(&b));
	buf_done(&b);
	return OK;
}

struct str signer_public(const struct keys *keys)
{
	return keys->signer ? (struct str){ keys->signer->public_pem, keys->signer->public_bytes } : STR_NONE;
}

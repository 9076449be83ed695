#include "base/crypto_ring.h"

#include "support/test.h"

#include <unistd.h>

static void seals_and_opens(void **state)
{
	char path[] = "/tmp/bodega-key-XXXXXX";
	struct keys *keys = NULL;
	struct arena a;
	struct str plain;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	check_err(keys_load(path, false, &keys), ERR_CONFIG);
	check_ok(keys_load(path, true, &keys));
	arena_init(&a);
	struct str sealed = crypto_seal(keys, &a, STR("order 7"), STR("1234-5678"));
	check_ok(crypto_open(keys, &a, STR("order 7"), sealed, &plain));
	check_str(plain, "1234-5678");
	check_err(crypto_open(keys, &a, STR("order 8"), sealed, &plain), ERR_SEALED);
	((char *)sealed.p)[sealed.n - 1] ^= 1;
	check_err(crypto_open(keys, &a, STR("order 7"), sealed, &plain), ERR_SEALED);
	check_err(crypto_open(keys, &a, STR("order 7"), STR("short"), &plain), ERR_SEALED);
	keys_wipe(keys);

	/* The same file gives the same keys: what was sealed before a restart opens after it. */
	struct keys *again;
	((char *)sealed.p)[sealed.n - 1] ^= 1;
	check_ok(keys_load(path, true, &again));
	check_ok(crypto_open(again, &a, STR("order 7"), sealed, &plain));
	keys_wipe(again);
	arena_done(&a);
	unlink(path);
}

/* Learned keys open beside the own one; the one that is said seals. */
static void knows_other_keys(void **state)
{
	char path[] = "/tmp/bodega-key-XXXXXX";
	unsigned char other[KEY_BYTES] = { 7 }, third[KEY_BYTES] = { 8 }, pepper[KEY_BYTES] = { 9 };
	unsigned char before[HASH_BYTES], after[HASH_BYTES], id;
	struct keys *keys, alone = { .ring = NULL };
	struct arena a;
	struct str plain;

	(void)state;
	close(mkstemp(path));
	unlink(path);
	check_ok(keys_load(path, true, &keys));
	arena_init(&a);
	memcpy(alone.seal, other, KEY_BYTES);
	alone.key_id = keys_id(other);
	while (keys_id(third) == alone.key_id || keys_id(third) == keys->key_id)
		third[1]++;
	struct str own = crypto_seal(keys, &a, STR("l"), STR("own"));
	struct str theirs = crypto_seal(&alone, &a, STR("l"), STR("theirs"));
	if (alone.key_id != keys->key_id) { /* one start in 256 is of no use for this */
		check_err(crypto_open(keys, &a, STR("l"), theirs, &plain), ERR_SEALED);
		check_ok(key_ring_learn(keys, other));
		check_ok(key_ring_learn(keys, other));
		check_ok(crypto_open(keys, &a, STR("l"), theirs, &plain));
		check_str(plain, "theirs");
		assert_int_equal(crypto_seal(keys, &a, STR("l"), STR("x")).p[0], (char)keys->key_id);
		key_ring_use(keys, alone.key_id);
		struct str fresh = crypto_seal(keys, &a, STR("l"), STR("fresh"));
		check_ok(crypto_open(&alone, &a, STR("l"), fresh, &plain));
		check_ok(crypto_open(keys, &a, STR("l"), own, &plain));
		key_ring_use(keys, keys->key_id);
		assert_ptr_equal(key_ring_sealing(keys, &id), keys->seal);
		check_ok(key_ring_learn(keys, third));
	}
	crypto_keyed_hash(keys, STR("token"), before);
	key_ring_use_pepper(keys, pepper);
	crypto_keyed_hash(keys, STR("token"), after);
	assert_memory_not_equal(before, after, HASH_BYTES);
	keys_wipe(keys);
	arena_done(&a);
	unlink(path);
}

static void decodes_base64_strictly(void **state)
{
	struct arena a;
	struct str out;

	(void)state;
	arena_init(&a);
	check_ok(crypto_unbase64(&a, STR("a2V5OnNlY3JldA=="), &out));
	check_str(out, "key:secret");
	check_ok(crypto_unbase64(&a, STR(""), &out));
	assert_int_equal(out.n, 0);
	check_err(crypto_unbase64(&a, STR("a2V5OnNlY3JldA="), &out), ERR_BAD_REQUEST);
	check_err(crypto_unbase64(&a, STR("a2V5 OnNlY3JldA=="), &out), ERR_BAD_REQUEST);
	check_err(crypto_unbase64(&a, STR("a2V5OnNlY3JldA==x"), &out), ERR_BAD_REQUEST);
	arena_done(&a);
}

/* RFC 4231, test case 2. */
static void signs(void **state)
{
	unsigned char mac[32];
	struct buf b;

	(void)state;
	crypto_hmac_sha256(STR("Jefe"), STR("what do ya want for nothing?"), mac);
	buf_init(&b, 100);
	buf_hex(&b, mac, sizeof(mac));
	check_str(buf_view(&b), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_and_opens),
		cmocka_unit_test(knows_other_keys),
		cmocka_unit_test(decodes_base64_strictly),
		cmocka_unit_test(signs),
	};

	must(crypto_start() == OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

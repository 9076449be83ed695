#include "base/crypto.h"

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
		cmocka_unit_test(decodes_base64_strictly),
		cmocka_unit_test(signs),
	};

	must(crypto_start() == OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

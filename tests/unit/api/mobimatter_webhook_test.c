/* A webhook says what became of the order, and its signature holds under the published key. */
#include "api/mobimatter/webhook.h"

#include "base/crypto_signer.h"
#include "support/folder.h"
#include "support/test.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

static bool signature_holds(struct str pem, struct str signature, const char *signed_text)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_non_null(key);
	assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key), 1);
	bool holds = EVP_DigestVerify(context, (const unsigned char *)signature.p, signature.n,
				      (const unsigned char *)signed_text, strlen(signed_text)) == 1;
	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	BIO_free(bio);
	return holds;
}

static void is_signed(void **state)
{
	static const struct operator_ op = { .id = 15, .name = STR("3") };
	static const struct esim_plan plan = {
		.category = ESIM_REPLACEMENT, .code = STR("3HK_eSIM_replacement"), .family_id = 6, .family = STR("3HK")
	};
	static const struct product product = { .id = 1, .name = STR("New profile"), .op = &op, .esim = &plan };
	const struct order_extras extras = { .details = STR("{\"merchant\":\"abc\",\"label\":\"<x>\"}") };
	struct order_view view = { .order = { .id = 5, .state = ORDER_COMPLETED, .ext_key = STR("7:2:XYZ-234323") },
				   .product = &product,
				   .extras = &extras };
	char folder[] = "/tmp/bodega-sign-XXXXXX", path[64];
	struct keys *keys, *again;
	struct arena a;
	struct str body, signature;
	struct json doc;

	(void)state;
	arena_init(&a);
	check_ok(crypto_start());
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/key", folder);
	check_ok(keys_load(path, true, &keys));
	check_err(mm_callback_body(&a, keys, &view, &body), ERR_CONFIG);
	check_ok(keys_load_signer(keys, path));
	check_ok(mm_callback_body(&a, keys, &view, &body));
	check_ok(json_read(&a, body, NULL, &doc));
	check_str(json_text(&a, json_get(json_root(&doc), "eventType")), "order.esim_replacement.completed");
	check_str(json_text(&a, json_get(json_get(json_root(&doc), "eventData"), "orderId")), "XYZ-234323");
	check_ok(crypto_unbase64(&a, json_text(&a, json_get(json_root(&doc), "signature")), &signature));
	assert_true(signature_holds(signer_public(keys), signature, "XYZ-234323.abc.3"));
	assert_false(signature_holds(signer_public(keys), signature, "XYZ-234324.abc.3"));

	/* The same key at the next start. */
	check_ok(keys_load(path, false, &again));
	check_ok(keys_load_signer(again, path));
	assert_true(str_eq(signer_public(keys), signer_public(again)));
	keys_wipe(again);
	keys_wipe(keys);
	remove_folder(folder);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(is_signed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/mobip/payment.h"

void mobip_print_sample(struct buf *b, const struct json_token *credential, const char *base_url)
{
	struct arena a;

	arena_init(&a);
	struct str account = json_text(&a, json_get(credential, "account_id"));
	struct str secret = json_text(&a, json_get(credential, "secret_key"));
	buf_printf(
		b,
		"MOBIP: a payment request of 13.00, its page to pay at, and what became of it:\n\n"
		"  TOKEN=$(curl -s '%s/api/2.0/mobip/get_token?api_account_id=%.*s&api_secret_key=%.*s' | \\\n"
		"    grep -o '[0-9a-f]\\{100,\\}')\n"
		"  TRID=$(curl -s %s/api/2.0/mobip/create_one_use_qr -F access_token=$TOKEN -F item_name=Coffee \\\n"
		"    -F item_amount_in_cents=1000 -F tax_amount_in_cents=300 -F redirect_url=https://example.com/ \\\n"
		"    -F call_back_url=https://example.com/back | tee /dev/stderr | \\\n"
		"    grep -o '[0-9a-f-]\\{36\\}' | head -1)\n"
		"  curl -s \"%s/api/2.0/mobip/is_valid?access_token=$TOKEN&trid=$TRID\"\n\n",
		base_url, STR_ARG(account), STR_ARG(secret), base_url, base_url);
	arena_done(&a);
}

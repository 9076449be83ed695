#include "api/dvs/sample.h"

#include "service/demo_catalog.h"

/* A body in quotes of the shell, which puts the time into the reference: it can be pasted again and again. */
static void put_purchase(struct buf *b)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_strz(&w, "external_id", "try-'$(date +%s%N)'");
	json_int(&w, "product_id", DEMO_FIXED_RECHARGE);
	json_bool(&w, "auto_confirm", true);
	json_obj(&w, "credit_party_identifier");
	json_strz(&w, "mobile_number", "+6595123100");
	json_end(&w);
	json_end(&w);
	must(json_finish(&w) == OK);
}

void dvs_print_sample(struct buf *b, const struct json_token *credential, const char *base_url)
{
	struct arena a;

	arena_init(&a);
	struct str key = json_text(&a, json_get(credential, "key"));
	struct str secret = json_text(&a, json_get(credential, "secret"));
	buf_printf(b,
		   "DVS: 5 SGD for +6595123100, and what became of it:\n\n"
		   "  curl -s -u %.*s:%.*s -H 'Content-Type: application/json' %s/v1/sync/transactions -d \\\n    '",
		   STR_ARG(key), STR_ARG(secret), base_url);
	put_purchase(b);
	buf_printf(b, "'\n  curl -s -u %.*s:%.*s %s/v1/transactions\n\n", STR_ARG(key), STR_ARG(secret), base_url);
	arena_done(&a);
}

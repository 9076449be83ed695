#include "api/s2s/sample.h"

#include "json/writer.h"

static const char sample_sku[] = "019bc0dd-8562-7173-afd9-a5cc534fafb7"; /* the documentation's $30 card */

/* A body in double quotes of the shell, whose reference is a variable. */
static void put_purchase(struct buf *b)
{
	struct json_writer w;
	struct buf plain;

	buf_init(&plain, 1024);
	json_writer_init(&w, &plain);
	json_obj(&w, NULL);
	json_strz(&w, "external_id", "$ID");
	json_obj(&w, "item");
	json_strz(&w, "sku_id", sample_sku);
	json_obj(&w, "fields");
	json_int(&w, "quantity", 1);
	json_end(&w);
	json_end(&w);
	json_end(&w);
	must(json_finish(&w) == OK);
	for (size_t i = 0; i < plain.n; i++) {
		if (plain.p[i] == '"')
			buf_char(b, '\\');
		buf_char(b, plain.p[i]);
	}
	buf_done(&plain);
}

void s2s_print_sample(struct buf *b, const struct json_token *credential, const char *base_url)
{
	struct arena a;

	arena_init(&a);
	struct str token = json_text(&a, json_get(credential, "token"));
	struct str secret = json_text(&a, json_get(credential, "secret"));
	buf_printf(b,
		   "S2S: a gift card of 30 USD, signed, and the balance after it:\n\n"
		   "  ID=try-$(date +%%s%%N) T=$(date +%%s)\n"
		   "  SIGNATURE=$(printf %%s ${T}%s$ID | openssl dgst -sha256 -hmac %.*s -r | cut -d' ' -f1)\n"
		   "  curl -s %s/api/v1/s2s/orders -H 'Authorization: Bearer %.*s' -H 'Content-Type: application/json' "
		   "\\\n"
		   "    -H \"X-Timestamp: $T\" -H \"X-Signature: $SIGNATURE\" -d \"",
		   sample_sku, STR_ARG(secret), base_url, STR_ARG(token));
	put_purchase(b);
	buf_printf(b, "\"\n  curl -s -H 'Authorization: Bearer %.*s' %s/api/v1/s2s/balance\n\n", STR_ARG(token),
		   base_url);
	arena_done(&a);
}

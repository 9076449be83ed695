#include "payment/stripe/wire.h"

#include "base/crypto.h"
#include "support/test.h"

static struct arena arena;
static struct payment payment;
static struct payment_attempt attempt;
static struct provider_call call;

static struct currency cur(const char *code)
{
	struct currency c;

	check_ok(currency_parse(str_of(code), &c));
	return c;
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena);
	payment = (struct payment){ .id = 12,
				    .currency = cur("EUR").number,
				    .item_amount = 12500000,
				    .tax_amount = 2500000,
				    .language = PAY_FR,
				    .item_name = STR("Caf\xC3\xA9 & cake"),
				    .customer_email = STR("a+b@example.com") };
	attempt = (struct payment_attempt){ .payment_id = 12, .no = 3, .created_at = INT64_C(1700000000000000) };
	call = (struct provider_call){
		.payment = &payment, .attempt = &attempt, .page_url = "https://pay.example/pay/1", .arena = &arena
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void counts_in_the_providers_units(void **state)
{
	static const struct {
		int64_t micros;
		const char *code;
		int64_t amount; /* -1: cannot be said */
	} rows[] = {
		{ 13000000, "EUR", 1300 },
		{ 10000, "USD", 1 },
		{ 1300000000, "JPY", 1300 },
		{ 1300000000, "XPF", 1300 },
		{ 500000000, "UGX", 50000 },
		{ 5000000, "ISK", 500 },
		{ 5000000, "MGA", 5 },
		{ 5200000, "MGA", -1 },
		{ 1230000, "KWD", 1230 },
		{ 1234000, "KWD", -1 },
		{ 1, "USD", -1 },
		{ -10000, "USD", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t amount = -1;
		enum err e = stripe_amount((struct money){ rows[i].micros, cur(rows[i].code) }, &amount);

		check_err(e, rows[i].amount < 0 ? ERR_OVERFLOW : OK);
		assert_int_equal(amount, rows[i].amount);
	}
}

static void a_session_is_asked_for_in_the_same_words(void **state)
{
	struct str first, second;

	(void)state;
	check_ok(stripe_write_session(&call, &first));
	call.now_us = 999;
	check_ok(stripe_write_session(&call, &second));
	check_str(first, "mode=payment&client_reference_id=12-3&payment_intent_data[metadata][reference]=12-3"
			 "&payment_method_types[0]=card&line_items[0][quantity]=1"
			 "&line_items[0][price_data][currency]=eur&line_items[0][price_data][unit_amount]=1500"
			 "&line_items[0][price_data][product_data][name]=Caf%C3%A9%20%26%20cake"
			 "&customer_email=a%2Bb%40example.com&locale=fr&success_url=https%3A%2F%2Fpay.example%2Fpay%2F1"
			 "&cancel_url=https%3A%2F%2Fpay.example%2Fpay%2F1&expires_at=1700003600");
	assert_true(str_eq(first, second));
	payment.currency = cur("KWD").number;
	payment.item_amount = 1000;
	check_err(stripe_write_session(&call, &first), ERR_OVERFLOW);
}

#define SESSION(status, paid, more)                                                                               \
	"{\"id\":\"cs_1\",\"object\":\"checkout.session\",\"client_reference_id\":\"12-3\",\"currency\":\"eur\"," \
	"\"status\":\"" status "\",\"payment_status\":\"" paid "\"," more "\"payment_intent\":\"pi_1\"}"
#define TOTAL "\"amount_total\":1500,"
#define URL "\"url\":\"https://checkout.example/1\","

static void reads_what_became_of_a_session(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum pay_outcome outcome;
		const char *reference;
	} rows[] = {
		{ 200, SESSION("open", "unpaid", TOTAL URL), PAY_OUTCOME_WAITING, "cs_1" },
		{ 200, SESSION("complete", "paid", TOTAL), PAY_OUTCOME_PAID, "pi_1" },
		{ 200, SESSION("expired", "unpaid", TOTAL), PAY_OUTCOME_ABANDONED, NULL },
		{ 200, SESSION("complete", "unpaid", TOTAL), PAY_OUTCOME_UNKNOWN, NULL },
		/* Neither another sum nor another currency or payment is ours. */
		{ 200, SESSION("complete", "paid", "\"amount_total\":1499,"), PAY_OUTCOME_UNKNOWN, NULL },
		{ 200, SESSION("complete", "paid", ""), PAY_OUTCOME_UNKNOWN, NULL },
		{ 200,
		  "{\"client_reference_id\":\"12-4\",\"currency\":\"eur\",\"payment_status\":\"paid\"," TOTAL
		  "\"status\":\"complete\"}",
		  PAY_OUTCOME_UNKNOWN, NULL },
		{ 200,
		  "{\"client_reference_id\":\"12-3\",\"currency\":\"usd\",\"payment_status\":\"paid\"," TOTAL
		  "\"status\":\"complete\"}",
		  PAY_OUTCOME_UNKNOWN, NULL },
		{ 200, SESSION("open", "unpaid", TOTAL "\"url\":\"javascript:alert(1)\","), PAY_OUTCOME_UNKNOWN, NULL },
		{ 200, "<html>", PAY_OUTCOME_UNKNOWN, NULL },
		{ 404, "{}", PAY_OUTCOME_UNKNOWN, NULL },
		{ 500, "{}", PAY_OUTCOME_UNKNOWN, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stripe_reply reply = { rows[i].status, str_of(rows[i].body) };
		struct provider_answer answer = stripe_read_session(&call, reply);

		assert_int_equal(answer.outcome, rows[i].outcome);
		check_str(answer.reference, rows[i].reference ? rows[i].reference : "");
	}
}

static void only_a_word_of_the_api_is_certain(void **state)
{
	static const char declined[] = "{\"error\":{\"type\":\"invalid_request_error\",\"code\":\"amount_too_small\"}}";
	static const struct {
		int status;
		const char *body;
		enum pay_outcome outcome;
	} rows[] = {
		{ 400, declined, PAY_OUTCOME_FAILED },	  { 402, declined, PAY_OUTCOME_FAILED },
		{ 401, declined, PAY_OUTCOME_ABANDONED }, { 403, declined, PAY_OUTCOME_ABANDONED },
		{ 429, declined, PAY_OUTCOME_ABANDONED }, { 409, declined, PAY_OUTCOME_UNKNOWN },
		{ 400, "a proxy", PAY_OUTCOME_UNKNOWN },  { 404, "{}", PAY_OUTCOME_UNKNOWN },
		{ 500, declined, PAY_OUTCOME_UNKNOWN },	  { 302, declined, PAY_OUTCOME_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stripe_reply reply = { rows[i].status, str_of(rows[i].body) };

		assert_int_equal(stripe_read_error(&call, reply).outcome, rows[i].outcome);
	}
	check_str(stripe_read_error(&call, (struct stripe_reply){ 400, STR(declined) }).reason, "amount_too_small");
}

static void reads_refunds(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum refund_outcome said;
	} rows[] = {
		{ 200, "{\"status\":\"succeeded\"}", REFUND_DONE },
		{ 200, "{\"status\":\"pending\"}", REFUND_DONE },
		{ 200, "{\"status\":\"failed\"}", REFUND_REFUSED },
		{ 200, "{\"status\":\"requires_action\"}", REFUND_UNKNOWN },
		{ 400, "{\"error\":{\"code\":\"charge_already_refunded\"}}", REFUND_DONE },
		{ 400, "{\"error\":{\"code\":\"charge_disputed\"}}", REFUND_REFUSED },
		{ 401, "{\"error\":{\"type\":\"invalid_request_error\"}}", REFUND_UNKNOWN },
		{ 500, "", REFUND_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stripe_reply reply = { rows[i].status, str_of(rows[i].body) };

		assert_int_equal(stripe_read_refund(&call, reply).refund, rows[i].said);
	}
}

static void believes_its_own_signature_only(void **state)
{
	static const int64_t signed_s = 1700000000;
	static const struct str secret = STR("whsec_test"), body = STR("{\"id\":\"evt_1\"}");
	unsigned char mac[32];
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	crypto_hmac_sha256(secret, arena_printf(&arena, "%lld.%.*s", (long long)signed_s, STR_ARG(body)), mac);
	buf_hex(&b, mac, sizeof(mac));
	struct str good =
		arena_printf(&arena, "t=%lld,v1=%064d,v1=%.*s,v0=1", (long long)signed_s, 0, STR_ARG(buf_view(&b)));
	struct str bad = arena_printf(&arena, "t=%lld,v1=%064d,v0=%.*s", (long long)signed_s, 0, STR_ARG(buf_view(&b)));
	buf_done(&b);
	struct provider_hook hook = { good, body, signed_s * 1000000 };
	check_ok(stripe_check_signature(secret, &hook));
	hook.wall_us = (signed_s + 300) * 1000000;
	check_ok(stripe_check_signature(secret, &hook));
	hook.wall_us = (signed_s + 301) * 1000000;
	check_err(stripe_check_signature(secret, &hook), ERR_UNAUTHORIZED);
	hook.wall_us = (signed_s - 301) * 1000000;
	check_err(stripe_check_signature(secret, &hook), ERR_UNAUTHORIZED);
	hook.wall_us = signed_s * 1000000;
	check_err(stripe_check_signature(STR("other"), &hook), ERR_UNAUTHORIZED);
	check_err(stripe_check_signature(STR_NONE, &hook), ERR_UNAUTHORIZED);
	hook.body = STR("{\"id\":\"evt_2\"}");
	check_err(stripe_check_signature(secret, &hook), ERR_UNAUTHORIZED);
	hook = (struct provider_hook){ bad, body, signed_s * 1000000 };
	check_err(stripe_check_signature(secret, &hook), ERR_UNAUTHORIZED);
	hook.signature = STR_NONE;
	check_err(stripe_check_signature(secret, &hook), ERR_UNAUTHORIZED);
}

static void an_event_names_its_attempt(void **state)
{
	(void)state;
	check_str(stripe_event_reference(&arena,
					 STR("{\"type\":\"checkout.session.completed\",\"data\":{\"object\":"
					     "{\"object\":\"checkout.session\",\"client_reference_id\":\"12-3\"}}}")),
		  "12-3");
	check_str(stripe_event_reference(&arena,
					 STR("{\"data\":{\"object\":{\"object\":\"charge\",\"client_reference_id\":"
					     "\"12-3\"}}}")),
		  "");
	check_str(stripe_event_reference(&arena, STR("nonsense")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts_in_the_providers_units, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_session_is_asked_for_in_the_same_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_what_became_of_a_session, set_up, tear_down),
		cmocka_unit_test_setup_teardown(only_a_word_of_the_api_is_certain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reads_refunds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(believes_its_own_signature_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_event_names_its_attempt, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

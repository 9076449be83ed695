/* The DVS connector over the real client against a server that behaves as the test says. */
#include "base/crypto.h"
#include "http/client.h"
#include "supplier/supplier.h"
#include "support/fake_server.h"

#define TRANSACTION                                                                       \
	"{\"id\":9,\"external_id\":\"77-1-1\",\"status\":{\"id\":70000,\"message\":\"\"," \
	"\"class\":{\"id\":7,\"message\":\"\"}}}"
#define JSON_REPLY(status, length, json) \
	"HTTP/1.1 " status "\r\nContent-Type: application/json\r\nContent-Length: " length "\r\n\r\n" json

/* What each create and each query is answered with; NULL = the connection ends. */
struct script {
	const char *create, *query;
};

static struct fake_reply answer(struct fake_server *s, const char *request)
{
	const struct script *script = s->arg;
	const char *bytes = strncmp(request, "POST", 4) == 0 ? script->create : script->query;
	struct fake_reply r = bytes ? fake_text(bytes) : (struct fake_reply){ 0 };

	r.close = !bytes;
	return r;
}

struct wait {
	pthread_mutex_t lock;
	pthread_cond_t done;
	bool is_done;
};

static void called(struct supplier_call *call)
{
	struct wait *w = call->sender;

	pthread_mutex_lock(&w->lock);
	w->is_done = true;
	pthread_cond_signal(&w->done);
	pthread_mutex_unlock(&w->lock);
}

/* One submission (or query) to http://127.0.0.1:port. */
static struct supplier_answer ask(int port, const char *path, bool query)
{
	struct order order = { .id = 77 };
	struct product product = { .type = PRODUCT_FIXED_RECHARGE };
	struct attempt attempt = { .order_id = 77, .unit = 1, .no = 1, .sku = STR("5") };
	struct wait w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	struct http_client *client;
	struct supplier *s;
	struct arena a;
	char url[64];
	int n = snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);

	arena_init(&a);
	check_ok(http_client_new(&(struct http_client_options){ true, 8 }, &client));
	check_ok(supplier_open(&(struct supplier_config){ .name = STR("up"),
							  .driver = STR("dvs"),
							  .url = { url, (size_t)n },
							  .key = STR("me"),
							  .secret = STR("a:b") },
			       &(struct supplier_env){ .client = client, .pace = { .time_scale = 1 } }, &s));
	struct supplier_call call = {
		.order = &order, .product = &product, .attempt = &attempt, .arena = &a, .done = called, .sender = &w
	};
	(query ? s->driver->query : s->driver->submit)(s, &call);
	pthread_mutex_lock(&w.lock);
	while (!w.is_done)
		pthread_cond_wait(&w.done, &w.lock);
	pthread_mutex_unlock(&w.lock);
	http_client_free(client);
	supplier_close(s);
	struct supplier_answer result = call.answer;
	result.supplier_reference = str_is(result.supplier_reference, "9") ? STR("9") : STR_NONE;
	arena_done(&a);
	return result;
}

static void creates_under_our_reference(void **state)
{
	struct script script = { .create = JSON_REPLY("201 Created", "96", TRANSACTION) };
	static const char *const paths[] = { "", "/", "/v1", "/v1/" };

	(void)state;
	assert_int_equal(strlen(TRANSACTION), 96);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct fake_server *s = fake_server_new(answer, &script);
		struct supplier_answer result = ask(s->port, paths[i], false);

		assert_int_equal(result.outcome, SUPPLIER_DELIVERED);
		check_str(result.supplier_reference, "9");
		assert_int_equal(fake_server_requests(s), 1);
		assert_non_null(strstr(s->last, "POST /v1/async/transactions HTTP/1.1\r\n"));
		assert_non_null(strstr(s->last, "Authorization: Basic bWU6YTpi\r\n"));
		assert_non_null(strstr(s->last, "Content-Type: application/json\r\n"));
		assert_non_null(strstr(s->last, "\"external_id\":\"77-1-1\",\"product_id\":5,\"auto_confirm\":true"));
		fake_server_free(s);
	}
}

static void a_used_reference_is_looked_up(void **state)
{
	struct script script = { JSON_REPLY("400 Bad Request", "46",
					    "{\"errors\":[{\"code\":1007001,\"message\":\"used\"}]}"),
				 JSON_REPLY("200 OK", "98", "[" TRANSACTION "]") };
	struct fake_server *s = fake_server_new(answer, &script);

	(void)state;
	assert_int_equal(ask(s->port, "", false).outcome, SUPPLIER_DELIVERED);
	assert_int_equal(fake_server_requests(s), 2);
	assert_non_null(strstr(s->last, "GET /v1/transactions?external_id=77-1-1 HTTP/1.1\r\n"));
	fake_server_free(s);
}

static void silence_is_not_a_refusal(void **state)
{
	struct script script = { 0 };
	struct fake_server *s = fake_server_new(answer, &script);

	(void)state;
	assert_int_equal(ask(s->port, "", false).outcome, SUPPLIER_UNKNOWN);
	assert_int_equal(ask(s->port, "", true).outcome, SUPPLIER_UNKNOWN);
	int port = s->port;
	fake_server_free(s);
	/* Nobody listens there now: nothing has left. A question that was not asked has no answer. */
	assert_int_equal(ask(port, "", false).outcome, SUPPLIER_UNREACHABLE);
	assert_int_equal(ask(port, "", true).outcome, SUPPLIER_UNKNOWN);
}

static void refuses_a_configuration_that_cannot_work(void **state)
{
	static const struct {
		const char *driver, *url, *key, *secret;
	} rows[] = {
		{ "dvs", "example.com", "k", "s" },
		{ "dvs", "ftp://example.com", "k", "s" },
		{ "dvs", "https://example.com", "", "s" },
		{ "dvs", "https://example.com", "k", "" },
		{ "dvs", NULL, "k", "s" },
		{ "other", "https://example.com", "k", "s" },
	};
	struct supplier *s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_err(supplier_open(&(struct supplier_config){ .name = STR("up"),
								   .driver = str_of(rows[i].driver),
								   .url = str_of(rows[i].url),
								   .key = str_of(rows[i].key),
								   .secret = str_of(rows[i].secret) },
					&(struct supplier_env){ .pace = { .time_scale = 1 } }, &s),
			  ERR_CONFIG);
	supplier_close(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(creates_under_our_reference),
		cmocka_unit_test(a_used_reference_is_looked_up),
		cmocka_unit_test(silence_is_not_a_refusal),
		cmocka_unit_test(refuses_a_configuration_that_cannot_work),
	};

	must(crypto_start() == OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "service/payment_link.h"

#include "base/uuid.h"

#include "support/test.h"

static const struct keys keys = { .key_id = 1 };

static void a_trid_leads_back_to_its_payment(void **state)
{
	struct arena a;
	int64_t id = 0;

	(void)state;
	arena_init(&a);
	struct str trid = payment_trid(&keys, &a, 123456789012345);
	assert_true(trid.n <= 36);
	check_ok(payment_of_trid(&keys, trid, &id));
	assert_int_equal(id, 123456789012345);
	check_err(payment_of_trid(&keys, STR("nonsense"), &id), ERR_PAYMENT_NOT_FOUND);
	check_err(payment_of_trid(&keys, uuid_of_id(&keys, &a, "order", 5), &id), ERR_PAYMENT_NOT_FOUND);
	arena_done(&a);
}

static void every_end_has_its_word(void **state)
{
	(void)state;
	check_str(payment_resp_code(PAYMENT_PAID), "PROCESSED");
	check_str(payment_resp_code(PAYMENT_DENIED), "PROCESSED");
	check_str(payment_resp_code(PAYMENT_REFUNDED), "PROCESSED");
	check_str(payment_resp_code(PAYMENT_CANCELLED), "CANCELLED");
	check_str(payment_resp_code(PAYMENT_ERROR), "ERROR");
}

static void the_end_is_added_to_a_url(void **state)
{
	/* What stands before the trid in the result, and what after it. */
	static const struct {
		const char *url, *track_id, *head, *tail;
	} rows[] = {
		{ "https://a.example/x", "t1", "https://a.example/x?resp_code=CANCELLED&trid=", "&track_id=t1" },
		{ "https://a.example/x?", NULL, "https://a.example/x?resp_code=CANCELLED&trid=", "&track_id=" },
		{ "https://a.example?resp_code=PROCESSED", "",
		  "https://a.example?resp_code=CANCELLED&trid=", "&track_id=" },
		{ "https://a.example/x?b=%20+&resp_code=1&&c&trid=2&my_trid=3#top?x", "a|b & \xC3\xA9%2B",
		  "https://a.example/x?b=%20+&c&my_trid=3&resp_code=CANCELLED&trid=",
		  "&track_id=a%7Cb%20%26%20%C3%A9%252B" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct payment p = { .id = 77, .state = PAYMENT_CANCELLED, .track_id = str_of(rows[i].track_id) };
		struct str trid = payment_trid(&keys, &a, p.id);

		check_str(payment_end_url(&keys, &a, str_of(rows[i].url), &p),
			  arena_printf(&a, "%s%.*s%s", rows[i].head, STR_ARG(trid), rows[i].tail).p);
	}
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trid_leads_back_to_its_payment),
		cmocka_unit_test(every_end_has_its_word),
		cmocka_unit_test(the_end_is_added_to_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/dvs/errors.h"

#include "support/test.h"

static void test_every_code_has_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; err_at(i); i++) {
		const struct dvs_error *error = dvs_error(err_at(i));

		if (error->code != err_at(i)) {
			print_error("no row for %s\n", err_name(err_at(i)));
			fail();
		}
		/* Whose fault it is and the class of the status agree. */
		if (err_fault(err_at(i)) == ERR_FAULT_CALLER && err_at(i) != ERR_ILLEGAL_STATE)
			assert_in_range(error->status, 400, 499);
		else
			assert_in_range(error->status, 500, 599);
	}
}

/* The DVS table of codes, whole: number, status, words. */
static void test_codes_of_the_api(void **state)
{
	static const struct {
		int number, status;
		const char *message;
	} rows[] = {
		{ 1000400, 400, "Bad Request" },
		{ 1000401, 401, "Unauthorized" },
		{ 1000404, 404, "Resource not found" },
		{ 1000429, 429, "Too many requests" },
		{ 1003001, 404, "Product is not available in your account" },
		{ 1003002, 400, "Requested product amount is out of range" },
		{ 1003003, 400, "Requested product unit is invalid" },
		{ 1003101, 404, "Benefits not defined for available products" },
		{ 1003201, 404, "Promotion not found" },
		{ 1003301, 404, "Campaign not found" },
		{ 1005003, 400, "Credit party mobile number is invalid" },
		{ 1005004, 404, "Service not found" },
		{ 1005005, 404, "Country not found" },
		{ 1005006, 404, "Operator not found" },
		{ 1005503, 400, "Sender mobile number is invalid" },
		{ 1006001, 400, "Insufficient balance" },
		{ 1006003, 400, "Debit party mobile number is invalid" },
		{ 1006009, 404, "Account balance not found" },
		{ 1006503, 400, "Beneficiary mobile number is invalid" },
		{ 1007001, 400, "Transaction external ID has already been used" },
		{ 1007002, 400, "Transaction has already been confirmed" },
		{ 1007004, 400, "Transaction can no longer be confirmed" },
		{ 1007005, 400, "Transaction has already been cancelled" },
		{ 1007007, 400, "Transaction can no longer be cancelled" },
		{ 1007500, 400, "Method not supported by operator" },
		{ 1008004, 404, "Transaction not found" },
		{ 1009001, 500, "Unexpected error, please contact our support team" },
		{ 1009503, 503, "Service unavailable, please retry later" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dvs_error *found = NULL;

		for (size_t j = 0; err_at(j) && !found; j++)
			if (dvs_error(err_at(j))->number == rows[i].number)
				found = dvs_error(err_at(j));
		assert_non_null(found);
		assert_int_equal(found->status, rows[i].status);
		assert_string_equal(found->message, rows[i].message);
	}
}

static void test_body(void **state)
{
	struct http_exchange x = { .status = 200 };
	struct request rq = { .x = &x, .fault_count = 2 };

	(void)state;
	arena_init(&x.arena);
	buf_init(&x.reply, 4096);
	rq.faults[0] = (struct fault){ ERR_BAD_REQUEST, STR("external_id: must not be blank") };
	rq.faults[1] = (struct fault){ ERR_CREDIT_PARTY_INVALID, STR_NONE };
	dvs_refuse(&rq);
	assert_int_equal(x.status, 400);
	check_str(buf_view(&x.reply), "{\"errors\":[{\"code\":1000400,\"message\":\"external_id: must not be blank\"},"
				      "{\"code\":1005003,\"message\":\"Credit party mobile number is invalid\"}]}");
	/* A status that the HTTP server chose stays. */
	buf_clear(&x.reply);
	x.status = 413;
	rq.faults[0] = (struct fault){ ERR_TOO_LARGE, STR_NONE };
	rq.fault_count = 1;
	dvs_refuse(&rq);
	assert_int_equal(x.status, 413);
	buf_done(&x.reply);
	arena_done(&x.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_code_has_a_row),
		cmocka_unit_test(test_codes_of_the_api),
		cmocka_unit_test(test_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/mobip/answer.h"
#include "support/test.h"

/* Whose fault it is is told by the code: 900 is ours, everything else the caller's. */
static void every_code_has_a_row(void **state)
{
	(void)state;
	for (size_t i = 0; err_at(i); i++) {
		const struct mobip_error *error = mobip_error(err_at(i));

		assert_int_equal(error->code, err_at(i));
		assert_int_equal(error->return_code == 900, err_fault(err_at(i)) == ERR_FAULT_US);
		assert_in_range(error->status, 200, error->return_code == 900 ? 599 : 499);
		assert_true(error->message[0] != '\0');
	}
}

static void the_codes_that_clients_know(void **state)
{
	static const struct {
		enum err code;
		int return_code;
	} known[] = {
		{ ERR_UNAUTHORIZED, 101 },	{ ERR_FORBIDDEN, 102 },
		{ ERR_RESTRICTED, 103 },	{ ERR_RATE_LIMITED, 104 },
		{ ERR_MISSING, 200 },		{ ERR_BAD_REQUEST, 201 },
		{ ERR_NOT_FOUND, 202 },		{ ERR_METHOD_NOT_ALLOWED, 203 },
		{ ERR_MALFORMED, 204 },		{ ERR_TOO_LARGE, 204 },
		{ ERR_PAYMENT_NOT_FOUND, 300 }, { ERR_PAYMENT_FINAL, 301 },
		{ ERR_PAYMENT_BUSY, 301 },	{ ERR_PAYMENT_EXPIRED, 302 },
		{ ERR_REFERENCE_USED, 402 },	{ ERR_ACCOUNT_NOT_FOUND, 400 },
		{ ERR_ATTRIBUTE_FIXED, 401 },	{ ERR_DOCUMENT_NOT_FOUND, 403 },
		{ ERR_INVOICE_NOT_FOUND, 500 }, { ERR_METHOD_NOT_SUPPORTED, 600 },
		{ ERR_ADDRESS_MISSING, 601 },	{ ERR_INTERNAL, 900 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(mobip_error(known[i].code)->return_code, known[i].return_code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_has_a_row),
		cmocka_unit_test(the_codes_that_clients_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "api/dvs/status.h"

#include "support/test.h"

static const enum order_state last_state = ORDER_REVERSED;
static const enum order_reason last_reason = REASON_NO_ROUTE;

/* Every state with every reason has a status, of the class that the order machine's table names. */
static void test_every_order_has_a_status(void **state)
{
	static const int classes[] = {
		[ORDER_CREATED] = DVS_CREATED,	   [ORDER_CONFIRMED] = DVS_CONFIRMED, [ORDER_SUBMITTED] = DVS_SUBMITTED,
		[ORDER_COMPLETED] = DVS_COMPLETED, [ORDER_PARTIAL] = DVS_COMPLETED,   [ORDER_DECLINED] = DVS_DECLINED,
		[ORDER_REJECTED] = DVS_REJECTED,   [ORDER_CANCELLED] = DVS_CANCELLED, [ORDER_EXPIRED] = DVS_CANCELLED,
		[ORDER_REVERSED] = DVS_REVERSED
	};

	(void)state;
	for (int s = ORDER_CREATED; s <= (int)last_state; s++) {
		for (int r = REASON_NONE; r <= (int)last_reason; r++) {
			const struct dvs_status *status = dvs_status((enum order_state)s, (enum order_reason)r);

			assert_non_null(status);
			assert_int_equal(dvs_status_class(status), classes[s]);
			assert_int_equal(strncmp(status->message, dvs_class_name(dvs_status_class(status)),
						 strlen(dvs_class_name(dvs_status_class(status)))),
					 0);
		}
	}
}

/* The statuses that the API documents, each reachable. */
static void test_documented(void **state)
{
	static const char *const messages[] = {
		"CREATED",
		"CONFIRMED",
		"REJECTED",
		"REJECTED-INVALID-CREDIT-PARTY",
		"REJECTED-BARRED-CREDIT-PARTY",
		"REJECTED-INELIGIBLE-CREDIT-PARTY",
		"REJECTED-INVALID-DEBIT-PARTY",
		"REJECTED-BARRED-DEBIT-PARTY",
		"REJECTED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT",
		"REJECTED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY",
		"REJECTED-OPERATOR-CURRENTLY-UNAVAILABLE",
		"REJECTED-INSUFFICIENT-BALANCE",
		"CANCELLED",
		"SUBMITTED",
		"COMPLETED",
		"REVERSED",
		"DECLINED",
		"DECLINED-INVALID-CREDIT-PARTY",
		"DECLINED-BARRED-CREDIT-PARTY",
		"DECLINED-INELIGIBLE-CREDIT-PARTY",
		"DECLINED-INVALID-DEBIT-PARTY",
		"DECLINED-BARRED-DEBIT-PARTY",
		"DECLINED-LIMITATIONS-ON-OPERATOR-AMOUNT",
		"DECLINED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT",
		"DECLINED-LIMITATIONS-ON-CUSTOMER-AMOUNT",
		"DECLINED-LIMITATIONS-ON-OPERATOR-QUANTITY",
		"DECLINED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY",
		"DECLINED-LIMITATIONS-ON-CUSTOMER-QUANTITY",
		"DECLINED-DUPLICATED-TRANSACTION",
		"DECLINED-OPERATOR-CURRENTLY-UNAVAILABLE",
		"DECLINED-EXCEPTION",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(messages); i++) {
		bool found = false;

		for (size_t j = 0; dvs_status_at(j) && !found; j++)
			found = strcmp(dvs_status_at(j)->message, messages[i]) == 0;
		if (!found)
			print_error("no status %s\n", messages[i]);
		assert_true(found);
	}
}

/* One id has one message, and a filter by it finds the orders that show it. */
static void test_filter(void **state)
{
	const struct dvs_status *row;

	(void)state;
	for (size_t i = 0; (row = dvs_status_at(i)); i++) {
		unsigned states = 0;
		int reason = -2;

		for (size_t j = 0; dvs_status_at(j); j++)
			if (dvs_status_at(j)->id == row->id)
				assert_string_equal(dvs_status_at(j)->message, row->message);
		check_ok(dvs_status_filter(row->id, &states, &reason));
		assert_true(states >> row->state & 1);
	}
	unsigned states = 0;
	int reason = -2;
	check_ok(dvs_status_filter(40000, &states, &reason));
	assert_int_equal(states, 1u << ORDER_CANCELLED | 1u << ORDER_EXPIRED);
	assert_int_equal(reason, -1);
	check_ok(dvs_status_filter(90200, &states, &reason));
	assert_int_equal(reason, REASON_CREDIT_PARTY_INVALID);
	check_ok(dvs_status_filter(90000, &states, &reason));
	assert_int_equal(reason, REASON_NONE);
	check_err(dvs_status_filter(60000, &states, &reason), ERR_NOT_FOUND);
	check_err(dvs_status_filter(0, &states, &reason), ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_order_has_a_status),
		cmocka_unit_test(test_documented),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

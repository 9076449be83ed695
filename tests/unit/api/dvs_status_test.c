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

/* The statuses that the API documents, under ids that never change. */
static void test_documented(void **state)
{
	static const struct {
		int id;
		const char *message;
	} documented[] = {
		{ 10000, "CREATED" },
		{ 20000, "CONFIRMED" },
		{ 30000, "REJECTED" },
		{ 30200, "REJECTED-INVALID-CREDIT-PARTY" },
		{ 30201, "REJECTED-BARRED-CREDIT-PARTY" },
		{ 30203, "REJECTED-INELIGIBLE-CREDIT-PARTY" },
		{ 30210, "REJECTED-INVALID-DEBIT-PARTY" },
		{ 30211, "REJECTED-BARRED-DEBIT-PARTY" },
		{ 30320, "REJECTED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT" },
		{ 30360, "REJECTED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY" },
		{ 30400, "REJECTED-OPERATOR-CURRENTLY-UNAVAILABLE" },
		{ 30500, "REJECTED-INSUFFICIENT-BALANCE" },
		{ 40000, "CANCELLED" },
		{ 50000, "SUBMITTED" },
		{ 70000, "COMPLETED" },
		{ 80000, "REVERSED" },
		{ 90000, "DECLINED" },
		{ 90200, "DECLINED-INVALID-CREDIT-PARTY" },
		{ 90201, "DECLINED-BARRED-CREDIT-PARTY" },
		{ 90203, "DECLINED-INELIGIBLE-CREDIT-PARTY" },
		{ 90210, "DECLINED-INVALID-DEBIT-PARTY" },
		{ 90211, "DECLINED-BARRED-DEBIT-PARTY" },
		{ 90310, "DECLINED-LIMITATIONS-ON-OPERATOR-AMOUNT" },
		{ 90320, "DECLINED-LIMITATIONS-ON-CREDIT-PARTY-AMOUNT" },
		{ 90330, "DECLINED-LIMITATIONS-ON-CUSTOMER-AMOUNT" },
		{ 90350, "DECLINED-LIMITATIONS-ON-OPERATOR-QUANTITY" },
		{ 90360, "DECLINED-LIMITATIONS-ON-CREDIT-PARTY-QUANTITY" },
		{ 90370, "DECLINED-LIMITATIONS-ON-CUSTOMER-QUANTITY" },
		{ 90600, "DECLINED-DUPLICATED-TRANSACTION" },
		{ 90400, "DECLINED-OPERATOR-CURRENTLY-UNAVAILABLE" },
		{ 90900, "DECLINED-EXCEPTION" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documented); i++) {
		bool found = false;

		for (size_t j = 0; dvs_status_at(j) && !found; j++)
			found = dvs_status_at(j)->id == documented[i].id &&
				strcmp(dvs_status_at(j)->message, documented[i].message) == 0;
		if (!found)
			print_error("no status %d %s\n", documented[i].id, documented[i].message);
		assert_true(found);
	}
}

/* One id has one message, and a filter by it finds exactly the orders that show it. */
static void test_filter(void **state)
{
	const struct dvs_status *row;
	unsigned states = 0, reasons = 0;

	(void)state;
	for (size_t i = 0; (row = dvs_status_at(i)); i++) {
		for (size_t j = 0; dvs_status_at(j); j++)
			if (dvs_status_at(j)->id == row->id)
				assert_string_equal(dvs_status_at(j)->message, row->message);
		check_ok(dvs_status_filter(row->id, &states, &reasons));
		for (int s = ORDER_CREATED; s <= ORDER_REVERSED; s++) {
			for (int r = REASON_NONE; r < ORDER_REASONS; r++) {
				bool shown = dvs_status((enum order_state)s, (enum order_reason)r)->id == row->id;

				assert_int_equal((states >> s & 1) && (reasons >> r & 1), shown);
			}
		}
	}
	check_ok(dvs_status_filter(90200, &states, &reasons));
	assert_int_equal(reasons, 1u << REASON_CREDIT_PARTY_INVALID);
	check_err(dvs_status_filter(60000, &states, &reasons), ERR_NOT_FOUND);
	check_err(dvs_status_filter(0, &states, &reasons), ERR_NOT_FOUND);
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

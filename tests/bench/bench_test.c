#include "support/test.h"

#include "histogram.h"
#include "wire.h"

static void percentiles_stay_within_one_per_cent(void **state)
{
	static struct histogram h;

	(void)state;
	for (int64_t i = 1; i <= 100000; i++)
		histogram_add(&h, i * 1000);
	assert_in_range(histogram_at(&h, 0.5), 50000000, 50500000);
	assert_in_range(histogram_at(&h, 0.99), 99000000, 99990000);
	assert_int_equal(histogram_at(&h, 1), 100000000);
	assert_int_equal(h.max_ns, 100000000);
}

static void an_odd_value_out_shows_in_the_maximum_and_the_tail_only(void **state)
{
	static struct histogram h;

	(void)state;
	for (int i = 0; i < 999; i++)
		histogram_add(&h, 100);
	histogram_add(&h, INT64_MAX / 2);
	assert_int_equal(histogram_at(&h, 0.99), 100);
	assert_int_equal(histogram_at(&h, 0.999), 100);
	assert_true(histogram_at(&h, 0.9999) > 1000000000);
	assert_int_equal(h.max_ns, INT64_MAX / 2);
}

static void an_empty_histogram_is_all_zero(void **state)
{
	static struct histogram h;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	histogram_put_json(&h, &b);
	check_str(buf_view(&b), "{\"count\":0,\"mean\":0.000,\"p50\":0.000,\"p90\":0.000,\"p99\":0.000,\"p99_9\":0.000,"
				"\"max\":0.000}");
	buf_done(&b);
}

static void a_head_is_read_whatever_the_case_of_its_names(void **state)
{
	struct str bytes =
		STR("HTTP/1.1 201 Created\r\nDate: x\r\nCONTENT-length:  17 \r\nconnection: Close\r\n\r\n{\"id\"");
	struct wire_head head;

	(void)state;
	assert_int_equal(wire_parse_head(bytes, true, &head), WIRE_DONE);
	assert_int_equal(wire_status(head.first_line), 201);
	assert_int_equal(head.body_bytes, 17);
	assert_int_equal(head.bytes, bytes.n - 5);
	assert_true(head.close);
}

static void half_a_head_is_waited_for_and_a_length_is_insisted_on(void **state)
{
	struct str whole = STR("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n");
	struct wire_head head = { .body_bytes = 99 };

	(void)state;
	for (size_t n = 0; n < whole.n; n++)
		assert_int_equal(wire_parse_head((struct str){ whole.p, n }, true, &head), WIRE_PARTIAL);
	assert_int_equal(wire_parse_head(STR("HTTP/1.1 200 OK\r\n\r\n"), true, &head), WIRE_BROKEN);
	assert_int_equal(wire_parse_head(STR("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), true, &head),
			 WIRE_BROKEN);
	assert_int_equal(head.body_bytes, 99);
	assert_int_equal(wire_parse_head(STR("GET / HTTP/1.1\r\n\r\n"), false, &head), WIRE_DONE);
	assert_int_equal(head.body_bytes, 0);
}

static void a_status_is_three_digits_of_http_1_1(void **state)
{
	(void)state;
	assert_int_equal(wire_status(STR("HTTP/1.1 503 Busy")), 503);
	assert_int_equal(wire_status(STR("HTTP/1.0 200 OK")), 0);
	assert_int_equal(wire_status(STR("HTTP/1.1 2xx OK")), 0);
	assert_int_equal(wire_status(STR("HTTP/1.1 20")), 0);
}

static void values_end_where_json_ends_them(void **state)
{
	struct str body = STR("{\"errors\":[{\"code\":1006001,\"name\":\"no\"}],\"id\": 7}");

	(void)state;
	check_str(wire_json_value(body, "\"code\":"), "1006001");
	check_str(wire_json_value(body, "\"name\":"), "no");
	check_str(wire_json_value(body, "\"id\":"), "7");
	assert_null(wire_json_value(body, "\"status\":").p);
	assert_null(wire_json_value(STR_NONE, "\"id\":").p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_stay_within_one_per_cent),
		cmocka_unit_test(an_odd_value_out_shows_in_the_maximum_and_the_tail_only),
		cmocka_unit_test(an_empty_histogram_is_all_zero),
		cmocka_unit_test(a_head_is_read_whatever_the_case_of_its_names),
		cmocka_unit_test(half_a_head_is_waited_for_and_a_length_is_insisted_on),
		cmocka_unit_test(a_status_is_three_digits_of_http_1_1),
		cmocka_unit_test(values_end_where_json_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

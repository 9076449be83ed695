/* The sandbox's rules, row by row: dvs.md 11. */
#include "supplier/sandbox/outcome.h"

#include "base/clock.h"
#include "supplier/supplier.h"
#include "support/test.h"

static const int64_t confirmed = INT64_C(1700000000123456);
static const struct sandbox_pace usual = { 1, SECONDS_US(3) };

static struct product product_of(enum product_type type, unsigned asked)
{
	struct product p = { .type = type };

	if (asked) {
		p.credit_party.sets[0] = asked;
		p.credit_party.count = 1;
	}
	return p;
}

static struct order order_to(const char *mobile, const char *account)
{
	return (struct order){ .id = 123456789012345,
			       .confirmed_at = confirmed,
			       .credit_party = str_of(mobile),
			       .credit_account = str_of(account) };
}

static void every_suffix(void **state)
{
	enum { NO_PIN, PIN };
	static const enum order_reason ends[] = { REASON_NONE,
						  REASON_NONE,
						  REASON_CREDIT_PARTY_INVALID,
						  REASON_CREDIT_PARTY_BARRED,
						  REASON_OPERATOR_UNAVAILABLE,
						  REASON_DUPLICATED,
						  REASON_NONE,
						  REASON_EXCEPTION };
	static const int64_t seconds[] = { 0, 3, 20, 300 };

	(void)state;
	for (int first = 1; first <= 3; first++)
		for (int last = 0; last <= 7; last++) {
			struct product p = product_of(PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER);
			char number[32];

			snprintf(number, sizeof(number), "+6595123%d0%d", first, last);
			struct order o = order_to(number, NULL);
			struct sandbox_outcome r = sandbox_outcome(&o, &p, STR(""), usual);
			assert_int_equal(r.due_us, confirmed + SECONDS_US(seconds[first]));
			assert_int_equal(r.delivered, last <= 1);
			assert_int_equal(r.reason, ends[last]);
			assert_int_equal(r.pin, last == 1);
		}
}

static void pins_and_delays(void **state)
{
	static const struct {
		enum product_type type;
		unsigned asked;
		const char *mobile, *account, *sku;
		int64_t scale, delay_us;
		bool delivered, pin;
	} rows[] = {
		/* No credit party: completed at once, with a PIN if the product is one. */
		{ PRODUCT_FIXED_PIN, 0, NULL, NULL, "", 1, 0, true, true },
		{ PRODUCT_FIXED_RECHARGE, 0, NULL, NULL, "", 1, 0, true, false },
		/* A PIN product has nothing to deliver but a PIN, whatever the suffix. */
		{ PRODUCT_FIXED_PIN, FIELD_MOBILE_NUMBER, "+6595123100", NULL, "", 1, 3000000, true, true },
		{ PRODUCT_RANGED_PIN, FIELD_MOBILE_NUMBER, "+6595123555", NULL, "", 1, 3000000, true, true },
		/* Suffix x01: a PIN even without a PIN product. */
		{ PRODUCT_RANGED_PAYMENT, FIELD_ACCOUNT_NUMBER, NULL, "AB-201", "", 1, 20000000, true, true },
		/* Other suffixes: completed after the shortest delay. */
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123108", NULL, "", 1, 3000000, true, false },
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123112", NULL, "", 1, 3000000, true, false },
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123402", NULL, "", 1, 3000000, true, false },
		{ PRODUCT_RANGED_PAYMENT, FIELD_ACCOUNT_NUMBER, NULL, "7", "", 1, 3000000, true, false },
		/* The field that the product requires decides, not the other one. */
		{ PRODUCT_RANGED_PAYMENT, FIELD_ACCOUNT_NUMBER, "+6595123102", "x300", "", 1, 300000000, true, false },
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123102", "x300", "", 1, 3000000, false, false },
		/* Given though not required: it counts. */
		{ PRODUCT_FIXED_PIN, 0, "+6595123204", NULL, "", 1, 20000000, false, false },
		/* The scale divides, to the microsecond. */
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123300", NULL, "", 7, 42857142, true, false },
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123100", NULL, "", 1000, 3000, true, false },
		/* Scripted products without a number. */
		{ PRODUCT_FIXED_PIN, 0, NULL, NULL, "script-203", 1, 20000000, false, false },
		{ PRODUCT_FIXED_PIN, 0, NULL, NULL, "sku-203", 1, 0, true, true },
		{ PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER, "+6595123100", NULL, "script-203", 1, 3000000, true,
		  false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct product p = product_of(rows[i].type, rows[i].asked);
		struct order o = order_to(rows[i].mobile, rows[i].account);
		struct sandbox_outcome r = sandbox_outcome(&o, &p, str_of(rows[i].sku),
							   (struct sandbox_pace){ rows[i].scale, SECONDS_US(3) });

		if (r.due_us != confirmed + rows[i].delay_us || r.delivered != rows[i].delivered ||
		    r.pin != rows[i].pin)
			fail_msg("row %zu: delay %lld delivered %d pin %d", i, (long long)(r.due_us - confirmed),
				 r.delivered, r.pin);
	}
}

static void the_first_satisfied_set_names_the_field(void **state)
{
	struct product p = product_of(PRODUCT_RANGED_PAYMENT, FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER);
	struct order o = order_to("+1100", "200");

	(void)state;
	p.credit_party.sets[1] = FIELD_MOBILE_NUMBER;
	p.credit_party.count = 2;
	check_str(sandbox_party(&o, &p), "200");
	o.credit_account = STR_NONE;
	check_str(sandbox_party(&o, &p), "+1100");
	o.credit_party = STR_NONE;
	assert_null(sandbox_party(&o, &p).p);
}

static bool luhn_ok(struct str digits)
{
	int sum = 0;

	for (size_t i = 0; i < digits.n; i++) {
		int digit = digits.p[digits.n - 1 - i] - '0';

		if (i % 2)
			digit = digit * 2 / 10 + digit * 2 % 10;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* The value of a member of a flat object of strings, for looking at what was made. */
static struct str member(struct str json, const char *name)
{
	char key[32];
	int n = snprintf(key, sizeof(key), "\"%s\":\"", name);
	const char *at = memmem(json.p, json.n, key, (size_t)n);

	assert_non_null(at);
	struct str rest = { at + n, json.n - (size_t)(at + n - json.p) };
	return str_cut(&rest, '"');
}

static void esims_are_provisioned(void **state)
{
	static const struct service esim = { .id = 13 };
	struct product p = product_of(PRODUCT_FIXED_PIN, 0);
	struct order o = order_to(NULL, NULL);
	struct arena a;

	(void)state;
	arena_init(&a);
	p.service = &esim;
	int64_t least = INT64_MAX, most = 0;
	for (o.id = 1; o.id <= 200; o.id++) {
		struct sandbox_outcome r = sandbox_outcome(&o, &p, STR(""), usual);
		struct str iccid = member(sandbox_delivery(&a, o.id, 1, true), "serial");

		assert_true(r.delivered && r.pin && r.esim);
		least = r.due_us - confirmed < least ? r.due_us - confirmed : least;
		most = r.due_us - confirmed > most ? r.due_us - confirmed : most;
		assert_int_equal(iccid.n, 20);
		assert_true(str_starts(iccid, STR("8999")) && luhn_ok(iccid));
	}
	assert_true(least >= SECONDS_US(1) && most <= SECONDS_US(3) && most - least > SECONDS_US(1));
	assert_true(str_starts(member(sandbox_delivery(&a, 5, 1, true), "code"), STR("LPA:1$rsp.sandbox.example$")));
	assert_false(str_eq(sandbox_delivery(&a, 5, 1, true), sandbox_delivery(&a, 5, 2, true)));
	/* An ICCID as account number is a top-up: nothing to hand over. */
	o.credit_account = STR("89990000000000000021");
	struct sandbox_outcome r = sandbox_outcome(&o, &p, STR(""), usual);
	assert_true(r.delivered && !r.pin && !r.esim);
	assert_int_equal(r.due_us, confirmed + SECONDS_US(3));
	arena_done(&a);
}

/* From one second to what is set, or exactly what is set if that is less. */
static void a_profile_takes_at_most_what_is_set(void **state)
{
	static const struct service esim = { .id = 13 };
	static const int64_t rows[] = { 0, SECONDS_US(1) / 2, SECONDS_US(1), SECONDS_US(3), SECONDS_US(3600) };
	struct product p = product_of(PRODUCT_FIXED_PIN, 0);
	struct order o = order_to(NULL, NULL);

	(void)state;
	p.service = &esim;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t least = rows[i] < SECONDS_US(1) ? rows[i] : SECONDS_US(1), longest = 0;

		for (o.id = 1; o.id <= 200; o.id++) {
			struct sandbox_pace pace = { 1, rows[i] };
			int64_t delay = sandbox_outcome(&o, &p, STR(""), pace).due_us - confirmed;

			assert_true(delay >= least && delay <= rows[i]);
			pace.time_scale = 10;
			assert_int_equal(sandbox_outcome(&o, &p, STR(""), pace).due_us, confirmed + delay / 10);
			longest = delay > longest ? delay : longest;
		}
		assert_true(longest >= rows[i] - rows[i] / 4);
	}
}

static void pins_come_from_the_order_alone(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	struct str once = sandbox_delivery(&a, 42, 1, false);
	assert_true(str_eq(once, sandbox_delivery(&a, 42, 1, false)));
	assert_false(str_eq(once, sandbox_delivery(&a, 43, 1, false)));
	assert_false(str_eq(once, sandbox_delivery(&a, 42, 2, false)));
	assert_int_equal(member(once, "code").n, 16);
	assert_false(str_eq(sandbox_operator_reference(&a, 42, 1), sandbox_operator_reference(&a, 43, 1)));
	arena_done(&a);
}

static void called(struct supplier_call *call)
{
	(*(int *)call->sender)++;
}

static void the_driver_waits_until_the_microsecond(void **state)
{
	struct product p = product_of(PRODUCT_FIXED_RECHARGE, FIELD_MOBILE_NUMBER);
	struct order o = order_to("+6595123101", NULL);
	struct attempt attempt = { .order_id = o.id, .unit = 1, .no = 1, .sku = STR("x") };
	struct supplier *s;
	struct arena a;
	int calls = 0;

	(void)state;
	arena_init(&a);
	check_ok(supplier_open(&(struct supplier_config){ .name = STR("sandbox"), .driver = STR("sandbox") },
			       &(struct supplier_env){ .pace = { .time_scale = 10 } }, &s));
	check_str(s->name, "sandbox");
	struct supplier_call call = { .order = &o,
				      .product = &p,
				      .attempt = &attempt,
				      .now_us = confirmed + 299999,
				      .arena = &a,
				      .done = called,
				      .sender = &calls };
	s->driver->submit(s, &call);
	assert_int_equal(call.answer.outcome, SUPPLIER_WAIT);
	assert_int_equal(call.answer.next_us, confirmed + 300000);
	call.now_us = call.answer.next_us;
	s->driver->submit(s, &call);
	assert_int_equal(call.answer.outcome, SUPPLIER_DELIVERED);
	assert_non_null(call.answer.delivery.p);
	check_str(call.answer.supplier_reference, "123456789012345-1-1");
	struct str first = call.answer.delivery;
	s->driver->query(s, &call);
	assert_true(str_eq(call.answer.delivery, first));
	assert_int_equal(calls, 3);
	supplier_close(s);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suffix),
		cmocka_unit_test(pins_and_delays),
		cmocka_unit_test(the_first_satisfied_set_names_the_field),
		cmocka_unit_test(esims_are_provisioned),
		cmocka_unit_test(a_profile_takes_at_most_what_is_set),
		cmocka_unit_test(pins_come_from_the_order_alone),
		cmocka_unit_test(the_driver_waits_until_the_microsecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

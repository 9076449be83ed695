#include "core/order.h"

#include "base/buf.h"
#include "support/test.h"

/* What the design says, written down a second time: from, event, to. Every pair that is not here is refused. */
static const char expected[] = "new create created\n"
			       "created confirm confirmed\n"
			       "created cancel cancelled\n"
			       "created expire expired\n"
			       "created reject rejected\n"
			       "created verify awaiting_kyc\n"
			       "confirmed submit submitted\n"
			       "confirmed deliver completed\n"
			       "confirmed partly partial\n"
			       "confirmed decline declined\n"
			       "confirmed reject rejected\n"
			       "submitted deliver completed\n"
			       "submitted partly partial\n"
			       "submitted decline declined\n"
			       "submitted reject rejected\n"
			       "completed reverse reversed\n"
			       "completed ask_reverse reversing\n"
			       "partial reverse reversed\n"
			       "awaiting_kyc cancel cancelled\n"
			       "awaiting_kyc approve confirmed\n"
			       "reversing reverse reversed\n"
			       "reversing keep completed\n";

static void moves_only_by_the_table(void **state)
{
	struct buf got;

	(void)state;
	buf_init(&got, 4096);
	for (int from = ORDER_NEW; from < ORDER_STATES; from++) {
		for (int event = EV_CREATE; event < ORDER_EVENTS; event++) {
			struct order o = { .state = from };
			unsigned effects = 99;
			enum err e = order_apply(&o, (enum order_event)event, 5, &effects);

			if (e) {
				check_err(e, ERR_ILLEGAL_STATE);
				assert_int_equal(o.state, from);
				assert_int_equal(effects, 99);
				continue;
			}
			buf_printf(&got, "%s %s %s\n", order_state_name((enum order_state)from),
				   order_event_name((enum order_event)event),
				   order_state_name((enum order_state)o.state));
		}
	}
	check_str(buf_view(&got), expected);
	buf_done(&got);
}

/* Money: whoever leaves a state that holds gives the hold back or captures it; nobody else touches it. */
static void effects_keep_the_hold_true(void **state)
{
	size_t n;
	const struct order_rule *rules = order_rules(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		bool before = order_holds(rules[i].from), after = order_holds(rules[i].to);
		unsigned effects = rules[i].effects;

		assert_int_equal(!before && after, !!(effects & DO_AUTHORIZE));
		assert_int_equal(before && !after, !!(effects & (DO_VOID | DO_CAPTURE)));
		assert_false((effects & DO_VOID) && (effects & DO_CAPTURE));
		assert_int_equal(rules[i].to == ORDER_REVERSED, !!(effects & DO_REVERSE));
		/* A purchase that stays one was told of when it was completed. */
		if (rules[i].event != EV_KEEP)
			assert_int_equal(order_is_final(rules[i].to), !!(effects & DO_NOTIFY));
	}
}

static void concludes_from_its_units(void **state)
{
	static const struct {
		struct unit_tally tally;
		bool refused;
		int event;
	} rows[] = {
		{ { 1, 0, 0 }, true, 0 },	  { { 1, 1, 1 }, true, 0 },	     { { 0, 1, 0 }, true, EV_DELIVER },
		{ { 0, 3, 1 }, true, EV_PARTLY }, { { 0, 0, 2 }, true, EV_DECLINE }, { { 0, 0, 1 }, false, EV_REJECT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(order_outcome(rows[i].tally, rows[i].refused), rows[i].event);
}

static void attempts_end_once(void **state)
{
	(void)state;
	for (int to = ATTEMPT_PREPARED; to <= ATTEMPT_UNKNOWN; to++) {
		assert_false(attempt_can(ATTEMPT_REFUSED, (enum attempt_state)to));
		assert_false(attempt_can(ATTEMPT_DELIVERED, (enum attempt_state)to));
		assert_false(attempt_can((enum attempt_state)to, ATTEMPT_PREPARED));
	}
	assert_true(attempt_can(ATTEMPT_UNKNOWN, ATTEMPT_DELIVERED));
	assert_true(attempt_can(ATTEMPT_UNKNOWN, ATTEMPT_REFUSED));
	assert_false(unit_can(UNIT_DELIVERED, UNIT_FAILED));
	assert_false(unit_can(UNIT_FAILED, UNIT_DELIVERED));
}

static void keys_hold_any_reference(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	struct order o = { .ext_key = order_ext_key(&a, 7, DIALECT_DVS, STR("a:b c")) };
	check_str(o.ext_key, "7:1:a:b c");
	check_str(order_reference(&o), "a:b c");
	check_str(attempt_reference(&a, 123, 1, 2), "123-1-2");
	arena_done(&a);
}

/* The table of docs/order-machine.md, as it follows from the code. */
static void write_document(struct buf *b)
{
	static const char *const effects[] = { "authorize", "void",   "capture", "reverse", "fulfil",
					       "expire",    "notify", "verify",	 "ask" };
	size_t n;
	const struct order_rule *rules = order_rules(&n);

	for (size_t i = 0; i < n; i++) {
		const char *between = " ";

		buf_printf(b, "| %s | %s | %s |", order_state_name(rules[i].from), order_event_name(rules[i].event),
			   order_state_name(rules[i].to));
		for (size_t bit = 0; bit < ARRAY_LEN(effects); bit++) {
			if (rules[i].effects >> bit & 1) {
				buf_printf(b, "%s%s", between, effects[bit]);
				between = ", ";
			}
		}
		buf_lit(b, " |\n");
	}
	buf_lit(b, "\n```mermaid\nstateDiagram-v2\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "\t%s --> %s: %s\n", rules[i].from == ORDER_NEW ? "[*]" : order_state_name(rules[i].from),
			   order_state_name(rules[i].to), order_event_name(rules[i].event));
	buf_lit(b, "```\n");
}

/* If this fails, the document is behind the code: what it should say is printed. */
static void document_follows_the_table(void **state)
{
	char path[4096], text[16384];
	struct buf wanted;

	(void)state;
	snprintf(path, sizeof(path), "%.*s/../../../docs/order-machine.md", (int)(strrchr(__FILE__, '/') - __FILE__),
		 __FILE__);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = 0;
	fclose(f);
	buf_init(&wanted, sizeof(text));
	write_document(&wanted);
	buf_char(&wanted, 0);
	if (!strstr(text, wanted.p)) {
		print_error("docs/order-machine.md must contain:\n%s", wanted.p);
		fail();
	}
	buf_done(&wanted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_only_by_the_table),  cmocka_unit_test(effects_keep_the_hold_true),
		cmocka_unit_test(concludes_from_its_units), cmocka_unit_test(attempts_end_once),
		cmocka_unit_test(keys_hold_any_reference),  cmocka_unit_test(document_follows_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

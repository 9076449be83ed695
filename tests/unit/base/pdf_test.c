#include "base/pdf.h"

#include "support/test.h"

static const struct pdf_about about = { STR("Title (1)"), STR("us"), STR("2026-11-01T00:00:00Z") };

static void write_page(struct buf *b, struct str text)
{
	struct pdf *p = pdf_new(b, &about);

	assert_true(pdf_text(p, &(struct pdf_box){ 50, 50, 200, 12, .lines = 3 }, text) > 0);
	pdf_rule(p, 50, 100, 200);
	enum err e = pdf_end(p);
	check_err(e, b->failed ? ERR_TOO_LARGE : OK);
}

/* The same calls give the same bytes, on any day, and what is text stays text. */
static void same_calls_same_page(void **state)
{
	struct buf a, b;

	(void)state;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	write_page(&a, STR("<b>5 & 6</b> \xC3\xA9"));
	write_page(&b, STR("<b>5 & 6</b> \xC3\xA9"));
	assert_true(str_starts(buf_view(&a), STR("%PDF-")));
	assert_true(str_eq(buf_view(&a), buf_view(&b)));
	buf_done(&b);
	buf_done(&a);
}

/* More lines than there may be do not grow the page; an empty text is a line. */
static void lines_are_limited(void **state)
{
	static const struct str many = STR("one two three four five six seven eight nine ten eleven twelve");
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	struct pdf *p = pdf_new(&b, &about);
	int one = pdf_text(p, &(struct pdf_box){ 50, 50, 60, 12 }, many);
	int three = pdf_text(p, &(struct pdf_box){ 50, 50, 60, 12, .lines = 3 }, many);
	assert_true(three > 2 * one && three < 4 * one);
	assert_int_equal(pdf_text(p, &(struct pdf_box){ 50, 50, 60, 12 }, STR_NONE), one);
	check_err(pdf_end(p), OK);
	buf_done(&b);
}

static void a_full_buffer_is_told(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	write_page(&b, STR("text"));
	assert_true(b.failed);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_calls_same_page),
		cmocka_unit_test(lines_are_limited),
		cmocka_unit_test(a_full_buffer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

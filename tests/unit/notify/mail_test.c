#include "notify/mail.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "notify/letter.h"
#include "notify/wording.h"
#include "support/test.h"

static struct str text_of(struct arena *a, void (*put)(struct buf *b, struct str text), struct str text)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	put(&b, text);
	assert_false(b.failed);
	struct str copy = arena_str(a, buf_view(&b));
	buf_done(&b);
	return copy;
}

static void header_text_is_encoded_where_it_must(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "Your eSIM is ready", "Your eSIM is ready" },
		{ "L\xc3\xa9"
		  "a",
		  "=?UTF-8?B?TMOpYQ==?=" },
		/* What looks like an encoded word is not left to stand as one. */
		{ "=?UTF-8?B?QQ==?=", "=?UTF-8?B?PT9VVEYtOD9CP1FRPT0/PQ==?=" },
		{ "a = ?b", "a = ?b" },
		/* Line breaks and other control characters are spaces. */
		{ "a\r\nBcc: x", "=?UTF-8?B?YSAgQmNjOiB4?=" },
		{ "a\tb\x7f", "=?UTF-8?B?YSBiIA==?=" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_str(text_of(&a, mail_put_text, str_of(rows[i].text)), rows[i].expected);
	arena_done(&a);
}

/* 42 bytes a word, of which none cuts a character; each line is one word and short enough. */
static void long_header_text_is_folded(void **state)
{
	struct arena a;
	char text[3 * 200];

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(text); i += 3)
		memcpy(text + i, "\xe2\x82\xac", 3);
	for (size_t skip = 0; skip < 3; skip++) {
		/* A plain character before shifts where the limit falls. */
		struct str whole = arena_printf(&a, "%.*s%.*s", (int)skip, "xy", (int)sizeof(text), text);
		struct str rest = text_of(&a, mail_put_text, whole);
		struct buf joined;

		buf_init(&joined, 4096);
		while (rest.n) {
			struct str line = str_cut(&rest, '\n'), bytes;

			assert_true(line.n <= 76);
			line = str_trim(line);
			assert_true(str_starts(line, STR("=?UTF-8?B?")));
			line = str_skip(line, 10);
			assert_true(line.n > 2);
			line.n -= 2;
			check_ok(crypto_unbase64(&a, line, &bytes));
			assert_true(str_is_utf8(bytes));
			buf_str(&joined, bytes);
		}
		assert_true(str_eq(buf_view(&joined), whole));
		buf_done(&joined);
	}
	arena_done(&a);
}

static void addresses_keep_their_names(void **state)
{
	static const struct {
		const char *name, *expected;
	} rows[] = {
		{ NULL, "<a@b>" },
		{ "  ", "<a@b>" },
		{ "Ada", "\"Ada\"\r\n <a@b>" },
		{ "\"A\\\", <x@y>", "\"\\\"A\\\\\\\", <x@y>\"\r\n <a@b>" },
		{ "\xc3\x85se", "=?UTF-8?B?w4VzZQ==?=\r\n <a@b>" },
		{ "A\r\nBcc: x@y", "=?UTF-8?B?QSAgQmNjOiB4QHk=?=\r\n <a@b>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b;

		buf_init(&b, 4096);
		mail_put_address(&b, str_of(rows[i].name), STR("a@b"));
		check_str(buf_view(&b), rows[i].expected);
		buf_done(&b);
	}
}

static void bodies_are_quoted_printable(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "plain", "plain\r\n" },
		{ "1=2", "1=3D2\r\n" },
		{ "\xc3\xa9", "=C3=A9\r\n" },
		{ "end \nnext", "end=20\r\nnext\r\n" },
		{ "a\r\nb\rc", "a\r\nb\r\nc\r\n" },
		/* SMTP's own dot, and what mailboxes of old would touch. */
		{ ".\n.x\nFrom me\nmid.dle", "=2E\r\n=2Ex\r\n=46rom me\r\nmid.dle\r\n" },
		{ "\t", "=09\r\n" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_str(text_of(&a, mail_put_quoted_printable, str_of(rows[i].text)), rows[i].expected);
	/* Whatever it is made of, no line is longer than 76. */
	char text[1000];
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 7 ? 'x' : '=';
	struct str rest = text_of(&a, mail_put_quoted_printable, (struct str){ text, sizeof(text) });
	while (rest.n)
		assert_true(str_cut(&rest, '\n').n <= 77);
	arena_done(&a);
}

static void a_mail_is_the_same_bytes_each_time(void **state)
{
	struct mail m = { .from = "shop@example.com",
			  .from_name = STR("Shop"),
			  .to = STR("a@b"),
			  .reference = STR("ref-1"),
			  .date_us = SECONDS_US(784111777),
			  .subject = STR("Hi"),
			  .text = STR("text"),
			  .html = STR("<p>html</p>"),
			  .picture = STR("PNG") };
	struct buf b, again;

	(void)state;
	buf_init(&b, 65536);
	buf_init(&again, 65536);
	mail_write(&b, &m);
	mail_write(&again, &m);
	assert_true(str_eq(buf_view(&b), buf_view(&again)));
	check_str(buf_view(&b),
		  "Date: Sun, 06 Nov 1994 08:49:37 +0000\r\n"
		  "From: \"Shop\"\r\n <shop@example.com>\r\n"
		  "To: <a@b>\r\n"
		  "Subject: Hi\r\n"
		  "Message-ID: <ref-1@example.com>\r\n"
		  "MIME-Version: 1.0\r\n"
		  "Auto-Submitted: auto-generated\r\n"
		  "Content-Type: multipart/alternative;\r\n boundary=\"=_1_ref-1\"\r\n\r\n"
		  "--=_1_ref-1\r\n"
		  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "text\r\n"
		  "--=_1_ref-1\r\n"
		  "Content-Type: multipart/related;\r\n boundary=\"=_2_ref-1\"\r\n\r\n"
		  "--=_2_ref-1\r\n"
		  "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "<p>html</p>\r\n"
		  "--=_2_ref-1\r\n"
		  "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <qr>\r\n"
		  "Content-Disposition: inline; filename=\"qr.png\"\r\n\r\n"
		  "UE5H\r\n"
		  "--=_2_ref-1--\r\n"
		  "--=_1_ref-1--\r\n");
	buf_done(&b);
	buf_done(&again);
}

static const struct message_value values[] = {
	{ { "merchant", 8 }, { "M <&> \"Co\"", 10 } }, { { "amount", 6 }, { "13,00 \xe2\x82\xac", 9 } },
	{ { "item", 4 }, { "a\r\n{link}", 9 } },       { { "link", 4 }, { "http://x/p?a=1&b=2", 18 } },
	{ { "text", 4 }, { "one\n{two}", 9 } },
};

static enum err write(struct arena *a, enum message_kind kind, enum medium medium, enum language language,
		      struct letter *ret)
{
	return letter_write(a, &(struct letter_order){ kind, medium, language, values, ARRAY_LEN(values) }, ret);
}

static void letters_are_filled_in(void **state)
{
	struct letter l;
	struct arena a;

	(void)state;
	arena_init(&a);
	check_ok(write(&a, MESSAGE_PAYMENT, MEDIUM_MAIL, LANGUAGE_EN, &l));
	/* A value is put in as it is, once, in one line. */
	check_str(l.subject, "M <&> \"Co\": 13,00 \xe2\x82\xac for a  {link}");
	assert_non_null(strstr(l.text.p, "asks you to pay 13,00 \xe2\x82\xac for a  {link}."));
	assert_non_null(strstr(l.text.p, "Pay 13,00 \xe2\x82\xac:\nhttp://x/p?a=1&b=2\n"));
	assert_non_null(strstr(l.html.p, "M &lt;&amp;&gt; &quot;Co&quot; asks"));
	assert_non_null(strstr(l.html.p, "href=\"http://x/p?a=1&amp;b=2\""));
	assert_null(strstr(l.html.p, "<&"));
	assert_non_null(strstr(l.html.p, "<html lang=\"en\">"));
	check_str(l.qr, "http://x/p?a=1&b=2");
	check_ok(write(&a, MESSAGE_PAYMENT_AGAIN, MEDIUM_SMS, LANGUAGE_FR, &l));
	check_str(l.text, "Rappel de M <&> \"Co\" : 13,00 \xe2\x82\xac pour a  {link}. Payez ici : http://x/p?a=1&b=2");
	/* A partner's own words keep their lines. */
	check_ok(write(&a, MESSAGE_TEXT, MEDIUM_SMS, LANGUAGE_EN, &l));
	check_str(l.text, "one\n{two}");
	check_err(write(&a, MESSAGE_TEXT, MEDIUM_MAIL, LANGUAGE_EN, &l), ERR_BAD_REQUEST);
	check_err(write(&a, MESSAGE_ESIM, MEDIUM_SMS, LANGUAGE_EN, &l), ERR_BAD_REQUEST);
	/* What has no value has no row and no picture. */
	check_ok(write(&a, MESSAGE_KYC, MEDIUM_MAIL, LANGUAGE_EN, &l));
	assert_null(l.qr.p);
	assert_null(strstr(l.html.p, "<img"));
	check_ok(write(&a, MESSAGE_ESIM, MEDIUM_MAIL, LANGUAGE_FR, &l));
	assert_null(strstr(l.text.p, "ICCID"));
	arena_done(&a);
}

/* Every kind speaks every language, says the same things in both, and has a mail or an SMS. */
static void every_kind_has_its_words(void **state)
{
	(void)state;
	for (int kind = 1; kind < MESSAGE_KINDS; kind++) {
		const struct wording *en = wording_of((enum message_kind)kind, LANGUAGE_EN);

		assert_true(en->subject || en->sms);
		for (int i = 0; i < LANGUAGES; i++) {
			const struct wording *w = wording_of((enum message_kind)kind, (enum language)i);

			assert_int_equal(!w->subject, !en->subject);
			assert_int_equal(!w->sms, !en->sms);
			assert_int_equal(!w->button, !en->button);
			assert_int_equal(!w->scan, !en->scan);
			for (size_t row = 0; row < WORDING_ROWS; row++)
				if (en->rows[row].value)
					assert_string_equal(w->rows[row].value, en->rows[row].value);
				else
					assert_null(w->rows[row].value);
			assert_true(!w->subject || w->lines[0]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_text_is_encoded_where_it_must),
		cmocka_unit_test(long_header_text_is_folded),
		cmocka_unit_test(addresses_keep_their_names),
		cmocka_unit_test(bodies_are_quoted_printable),
		cmocka_unit_test(a_mail_is_the_same_bytes_each_time),
		cmocka_unit_test(letters_are_filled_in),
		cmocka_unit_test(every_kind_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "notify/letter.h"

#include "base/html.h"
#include "base/limits.h"
#include "notify/mail.h"
#include "notify/wording.h"

struct writing {
	struct buf buf;
	const struct letter_order *order;
	const struct wording *wording;
	bool is_html;
};

static struct str value_of(const struct letter_order *order, struct str name)
{
	for (size_t i = 0; i < order->value_count; i++)
		if (str_eq(order->values[i].name, name))
			return order->values[i].value;
	return STR_NONE;
}

static void put_text(struct writing *w, struct str text)
{
	if (w->is_html)
		html_text(&w->buf, text);
	else
		buf_str(&w->buf, text);
}

/* A line break within a value would be a line of ours. A partner's own words are all that there is: they may have some.
 */
static void put_value(struct writing *w, struct str value)
{
	bool is_own = w->order->kind == MESSAGE_TEXT;

	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];
		bool is_control = (unsigned char)c < ' ' || c == 0x7f;

		if (is_control && !(is_own && c == '\n'))
			c = ' ';
		put_text(w, (struct str){ &c, 1 });
	}
}

/* Our words, with the values where their names stand. */
static void put_words(struct writing *w, const char *words)
{
	struct str rest = str_of(words);

	while (rest.n) {
		struct str before = str_cut(&rest, '{');

		put_text(w, before);
		if (rest.p)
			put_value(w, value_of(w->order, str_cut(&rest, '}')));
	}
}

static struct str finish(struct arena *a, struct writing *w)
{
	struct str text = w->buf.failed ? STR_NONE : arena_str(a, buf_view(&w->buf));

	buf_done(&w->buf);
	return text;
}

static struct writing begin(const struct letter_order *order, bool is_html)
{
	struct writing w = { .order = order, .wording = wording_of(order->kind, order->language), .is_html = is_html };

	buf_init(&w.buf, LIMIT_MESSAGE_BYTES / 4);
	return w;
}

static struct str write_line(struct arena *a, const struct letter_order *order, const char *words)
{
	struct writing w = begin(order, false);

	put_words(&w, words);
	return finish(a, &w);
}

static bool has_row(const struct writing *w, size_t i)
{
	return w->wording->rows[i].label && value_of(w->order, str_of(w->wording->rows[i].value)).n;
}

static struct str write_text(struct arena *a, const struct letter_order *order)
{
	struct writing w = begin(order, false);

	for (size_t i = 0; i < WORDING_LINES && w.wording->lines[i]; i++) {
		put_words(&w, w.wording->lines[i]);
		buf_lit(&w.buf, "\n\n");
	}
	if (w.wording->button) {
		put_words(&w, w.wording->button);
		buf_lit(&w.buf, ":\n");
		put_words(&w, "{link}\n\n");
	}
	for (size_t i = 0; i < WORDING_ROWS; i++) {
		if (!has_row(&w, i))
			continue;
		put_words(&w, w.wording->rows[i].label);
		buf_lit(&w.buf, ": ");
		put_value(&w, value_of(order, str_of(w.wording->rows[i].value)));
		buf_char(&w.buf, '\n');
	}
	buf_lit(&w.buf, "\n-- \n");
	put_words(&w, wording_foot(order->language));
	buf_char(&w.buf, '\n');
	return finish(a, &w);
}

static void put_rows(struct writing *w)
{
	html_lit(&w->buf, "<table style=\"margin:1em 0\">\n");
	for (size_t i = 0; i < WORDING_ROWS; i++) {
		if (!has_row(w, i))
			continue;
		html_lit(&w->buf, "<tr><td style=\"padding:2px 12px 2px 0;color:#5a6776\">");
		put_words(w, w->wording->rows[i].label);
		html_lit(&w->buf, "</td><td style=\"font-family:monospace\">");
		put_value(w, value_of(w->order, str_of(w->wording->rows[i].value)));
		html_lit(&w->buf, "</td></tr>\n");
	}
	html_lit(&w->buf, "</table>\n");
}

static void put_button(struct writing *w)
{
	html_lit(&w->buf, "<p><a style=\"display:inline-block;padding:12px 20px;border-radius:10px;background:#1257c7;"
			  "color:#fff;text-decoration:none;font-weight:600\" href=\"");
	put_value(w, value_of(w->order, STR("link")));
	html_lit(&w->buf, "\">");
	put_words(w, w->wording->button);
	html_lit(&w->buf, "</a></p>\n");
}

static struct str write_html(struct arena *a, const struct letter_order *order, bool has_picture)
{
	struct writing w = begin(order, true);

	html_lit(&w.buf, "<!doctype html>\n<html lang=\"");
	html_text(&w.buf, language_code(order->language));
	html_lit(&w.buf,
		 "\"><head><meta charset=\"utf-8\"></head>\n<body style=\"font:16px/1.5 sans-serif;color:#16202c;"
		 "max-width:34em;margin:0 auto;padding:1em\">\n");
	for (size_t i = 0; i < WORDING_LINES && w.wording->lines[i]; i++) {
		html_lit(&w.buf, "<p>");
		put_words(&w, w.wording->lines[i]);
		html_lit(&w.buf, "</p>\n");
	}
	if (w.wording->button)
		put_button(&w);
	if (has_picture) {
		html_lit(&w.buf, "<p><img alt=\"QR\" width=\"240\" style=\"image-rendering:pixelated\" "
				 "src=\"cid:" MAIL_PICTURE "\"><br>");
		put_words(&w, w.wording->scan);
		html_lit(&w.buf, "</p>\n");
	}
	put_rows(&w);
	html_lit(&w.buf, "<p style=\"color:#5a6776;font-size:13px\">");
	put_words(&w, wording_foot(order->language));
	html_lit(&w.buf, "</p>\n</body></html>\n");
	return finish(a, &w);
}

/* What the picture says: the code of an eSIM, else where the button leads. */
static struct str picture_of(const struct letter_order *order, const struct wording *wording)
{
	struct str lpa = value_of(order, STR("lpa"));

	if (!wording->scan)
		return STR_NONE;
	return lpa.n ? lpa : value_of(order, STR("link"));
}

enum err letter_write(struct arena *a, const struct letter_order *order, struct letter *ret)
{
	const struct wording *wording = wording_of(order->kind, order->language);
	struct letter letter = { .qr = STR_NONE };

	if (order->medium == MEDIUM_SMS) {
		if (!wording->sms)
			return ERR_BAD_REQUEST;
		letter.text = write_line(a, order, wording->sms);
		*ret = letter;
		return letter.text.p ? OK : ERR_TOO_LARGE;
	}
	if (!wording->subject)
		return ERR_BAD_REQUEST;
	letter.qr = picture_of(order, wording);
	letter.subject = write_line(a, order, wording->subject);
	letter.text = write_text(a, order);
	letter.html = write_html(a, order, letter.qr.p != NULL);
	*ret = letter;
	return letter.subject.p && letter.text.p && letter.html.p ? OK : ERR_TOO_LARGE;
}

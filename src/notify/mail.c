#include "notify/mail.h"

#include "base/clock.h"
#include "base/crypto.h"

enum { WORD_MOST_BYTES = 42, LINE_MOST = 76, BASE64_LINE_BYTES = 57, DATE_BYTES = 25 };

static bool is_plain(char c)
{
	return c >= ' ' && c <= '~';
}

/* Printable ASCII that cannot be taken for an encoded word, short enough for a line. */
static bool is_plain_text(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_plain(text.p[i]) || (text.p[i] == '=' && i + 1 < text.n && text.p[i + 1] == '?'))
			return false;
	return text.n <= LINE_MOST - 16;
}

/* Control characters, line breaks above all, are spaces. */
static char shown(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f ? ' ' : c;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* As much as fits into one encoded word; a character is never cut (RFC 2047, 5). */
static size_t word_length(struct str text)
{
	size_t n = text.n < WORD_MOST_BYTES ? text.n : WORD_MOST_BYTES;

	while (n > 0 && n < text.n && is_continuation(text.p[n]))
		n--;
	return n ? n : text.n;
}

void mail_put_text(struct buf *b, struct str text)
{
	if (is_plain_text(text)) {
		buf_str(b, text);
		return;
	}
	for (bool first = true; text.n; first = false) {
		char word[WORD_MOST_BYTES + 4];
		size_t n = word_length(text);

		n = n < sizeof(word) ? n : sizeof(word);
		for (size_t i = 0; i < n; i++)
			word[i] = shown(text.p[i]);
		if (!first)
			buf_lit(b, "\r\n ");
		buf_lit(b, "=?UTF-8?B?");
		buf_base64(b, word, n);
		buf_lit(b, "?=");
		text = str_skip(text, n);
	}
}

/* A quoted string where that says it all, else encoded words. */
static void put_phrase(struct buf *b, struct str name)
{
	if (!is_plain_text(name)) {
		mail_put_text(b, name);
		return;
	}
	buf_char(b, '"');
	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '"' || name.p[i] == '\\')
			buf_char(b, '\\');
		buf_char(b, name.p[i]);
	}
	buf_char(b, '"');
}

void mail_put_address(struct buf *b, struct str name, struct str address)
{
	if (!str_is_blank(name)) {
		put_phrase(b, name);
		buf_lit(b, "\r\n ");
	}
	buf_char(b, '<');
	buf_str(b, address);
	buf_char(b, '>');
}

static void put_date(struct buf *b, int64_t us)
{
	char text[40];
	struct buf date = { .p = text, .cap = sizeof(text), .max = sizeof(text) };

	clock_put_http_date(&date, us); /* the same words but for the zone, which is an old one */
	buf_put(b, text, DATE_BYTES);
	buf_lit(b, " +0000");
}

void mail_put_quoted_printable(struct buf *b, struct str text)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t column = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool is_last = i + 1 == text.n || text.p[i + 1] == '\n' || text.p[i + 1] == '\r';

		if (c == '\r' && i + 1 < text.n && text.p[i + 1] == '\n')
			continue;
		if (c == '\n' || c == '\r') {
			buf_lit(b, "\r\n");
			column = 0;
			continue;
		}
		bool is_bare = is_plain((char)c) && c != '=' && !(c == ' ' && is_last);
		size_t n = is_bare ? 1 : 3;
		if (column + n > LINE_MOST - 1) {
			buf_lit(b, "=\r\n");
			column = 0;
		}
		/* A line that begins with a dot, or with "From ", is touched by servers of old. */
		if (column == 0 && is_bare && (c == '.' || c == 'F')) {
			is_bare = false;
			n = 3;
		}
		if (is_bare) {
			buf_char(b, (char)c);
		} else {
			const char hex[3] = { '=', digits[c >> 4], digits[c & 15] };

			buf_put(b, hex, sizeof(hex));
		}
		column += n;
	}
	buf_lit(b, "\r\n");
}

static void put_base64_lines(struct buf *b, struct str bytes)
{
	while (bytes.n) {
		size_t n = bytes.n < BASE64_LINE_BYTES ? bytes.n : BASE64_LINE_BYTES;

		buf_base64(b, bytes.p, n);
		buf_lit(b, "\r\n");
		bytes = str_skip(bytes, n);
	}
}

/* '_' after '=' is no quoted-printable: no body can have it. */
static void put_boundary(struct buf *b, const struct mail *m, int level)
{
	buf_printf(b, "=_%d_%.*s", level, STR_ARG(m->reference));
}

static void put_multipart(struct buf *b, const struct mail *m, const char *type, int level)
{
	buf_printf(b, "Content-Type: multipart/%s;\r\n boundary=\"", type);
	put_boundary(b, m, level);
	buf_lit(b, "\"\r\n\r\n");
}

static void begin_part(struct buf *b, const struct mail *m, int level)
{
	buf_lit(b, "--");
	put_boundary(b, m, level);
	buf_lit(b, "\r\n");
}

static void end_parts(struct buf *b, const struct mail *m, int level)
{
	buf_lit(b, "--");
	put_boundary(b, m, level);
	buf_lit(b, "--\r\n");
}

static void put_body(struct buf *b, const char *type, struct str text)
{
	buf_printf(b, "Content-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", type);
	mail_put_quoted_printable(b, text);
}

static void put_html(struct buf *b, const struct mail *m)
{
	if (!m->picture.p) {
		put_body(b, "text/html", m->html);
		return;
	}
	put_multipart(b, m, "related", 2);
	begin_part(b, m, 2);
	put_body(b, "text/html", m->html);
	begin_part(b, m, 2);
	buf_lit(b, "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <" MAIL_PICTURE ">\r\n"
		   "Content-Disposition: inline; filename=\"" MAIL_PICTURE ".png\"\r\n\r\n");
	put_base64_lines(b, m->picture);
	end_parts(b, m, 2);
}

void mail_write(struct buf *b, const struct mail *m)
{
	struct str domain = str_of(m->from);

	str_cut(&domain, '@');
	buf_lit(b, "Date: ");
	put_date(b, m->date_us);
	buf_lit(b, "\r\nFrom: ");
	mail_put_address(b, m->from_name, str_of(m->from));
	buf_lit(b, "\r\nTo: ");
	mail_put_address(b, m->to_name, m->to);
	buf_lit(b, "\r\nSubject: ");
	mail_put_text(b, m->subject);
	buf_printf(b,
		   "\r\nMessage-ID: <%.*s@%.*s>\r\nMIME-Version: 1.0\r\n"
		   "Auto-Submitted: auto-generated\r\n",
		   STR_ARG(m->reference), STR_ARG(domain));
	put_multipart(b, m, "alternative", 1);
	begin_part(b, m, 1);
	put_body(b, "text/plain", m->text);
	begin_part(b, m, 1);
	put_html(b, m);
	end_parts(b, m, 1);
}

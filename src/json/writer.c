#include "json/writer.h"

#include "base/clock.h"
#include "base/decimal.h"

void json_writer_init(struct json_writer *w, struct buf *buf)
{
	*w = (struct json_writer){ .buf = buf };
}

static bool in_object(const struct json_writer *w)
{
	return w->depth && w->closers[w->depth - 1] == '}';
}

/* Whatever goes before a value: the comma, and the name with its colon. */
static void before_value(struct json_writer *w, const char *name)
{
	if (w->key_written) {
		must(!name);
		w->key_written = false;
		return;
	}
	must(!name == !in_object(w));
	must(w->depth || !w->comma);
	if (w->comma)
		buf_char(w->buf, ',');
	if (name) {
		buf_char(w->buf, '"');
		buf_str(w->buf, str_of(name));
		buf_lit(w->buf, "\":");
	}
	w->comma = true;
}

static void open_container(struct json_writer *w, const char *name, char opener, char closer)
{
	before_value(w, name);
	must(w->depth < JSON_WRITER_DEPTH);
	w->closers[w->depth++] = closer;
	w->comma = false;
	buf_char(w->buf, opener);
}

void json_obj(struct json_writer *w, const char *name)
{
	open_container(w, name, '{', '}');
}

void json_arr(struct json_writer *w, const char *name)
{
	open_container(w, name, '[', ']');
}

void json_end(struct json_writer *w)
{
	must(w->depth && !w->key_written);
	buf_char(w->buf, w->closers[--w->depth]);
	w->comma = true;
}

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

static void put_escaped(struct buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char letters[0x20] = { ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't' };

	buf_char(b, '\\');
	if (c >= 0x20) {
		buf_char(b, (char)c);
	} else if (letters[c]) {
		buf_char(b, letters[c]);
	} else {
		buf_lit(b, "u00");
		buf_char(b, hex[c >> 4]);
		buf_char(b, hex[c & 15]);
	}
}

/* Whether any of eight bytes does: of those that are below a bound, or are zero once the wanted byte is taken from
 * them, the subtraction sets the highest bit, which no other byte has that had not. */
static bool word_needs_escape(const char *p)
{
	static const uint64_t ones = 0x0101010101010101, highest = 0x8080808080808080;
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
	return ((((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) &
		highest) != 0;
}

/* Runs without anything to escape are copied whole; most strings are one run. */
static void put_string(struct buf *b, struct str s)
{
	size_t from = 0;

	buf_char(b, '"');
	for (size_t i = 0; i < s.n;) {
		if (s.n - i >= sizeof(uint64_t) && !word_needs_escape(s.p + i)) {
			i += sizeof(uint64_t);
			continue;
		}
		if (needs_escape((unsigned char)s.p[i])) {
			buf_put(b, s.p + from, i - from);
			put_escaped(b, (unsigned char)s.p[i]);
			from = i + 1;
		}
		i++;
	}
	buf_put(b, s.p + from, s.n - from);
	buf_char(b, '"');
}

void json_str(struct json_writer *w, const char *name, struct str value)
{
	before_value(w, name);
	if (value.p)
		put_string(w->buf, value);
	else
		buf_lit(w->buf, "null");
}

void json_strz(struct json_writer *w, const char *name, const char *value)
{
	json_str(w, name, str_of(value));
}

void json_int(struct json_writer *w, const char *name, int64_t value)
{
	before_value(w, name);
	buf_i64(w->buf, value);
}

void json_bool(struct json_writer *w, const char *name, bool value)
{
	before_value(w, name);
	buf_str(w->buf, value ? STR("true") : STR("false"));
}

void json_null(struct json_writer *w, const char *name)
{
	before_value(w, name);
	buf_lit(w->buf, "null");
}

void json_decimal(struct json_writer *w, const char *name, int64_t micros)
{
	before_value(w, name);
	decimal_put(w->buf, micros);
}

void json_ratio(struct json_writer *w, const char *name, __int128 numerator, __int128 denominator)
{
	before_value(w, name);
	decimal_put_ratio(w->buf, numerator, denominator);
}

void json_raw_value(struct json_writer *w, const char *name, struct str json)
{
	before_value(w, name);
	buf_str(w->buf, json.p ? json : STR("null"));
}

void json_raw_members(struct json_writer *w, struct str json)
{
	must((w->depth || !w->comma) && !w->key_written && json.n);
	if (w->comma)
		buf_char(w->buf, ',');
	buf_str(w->buf, json);
	w->comma = true;
}

void json_time(struct json_writer *w, const char *name, int64_t us, int digits, const char *zone)
{
	before_value(w, name);
	buf_char(w->buf, '"');
	clock_put_rfc3339(w->buf, us, digits, zone);
	buf_char(w->buf, '"');
}

void json_date(struct json_writer *w, const char *name, int64_t us)
{
	json_time(w, name, us, 9, "Z");
}

void json_key(struct json_writer *w, struct str name)
{
	must(in_object(w) && !w->key_written);
	if (w->comma)
		buf_char(w->buf, ',');
	put_string(w->buf, name);
	buf_char(w->buf, ':');
	w->comma = true;
	w->key_written = true;
}

enum err json_finish(const struct json_writer *w)
{
	must(w->depth == 0 && w->comma);
	return w->buf->failed ? ERR_TOO_LARGE : OK;
}

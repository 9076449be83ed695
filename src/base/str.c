#include "base/str.h"

#include <string.h>

struct str str_of(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *z)
{
	return str_eq(a, str_of(z));
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

bool str_eq_nocase(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_starts(struct str a, struct str prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int c = n ? memcmp(a.p, b.p, n) : 0;

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

bool str_is_blank(struct str a)
{
	for (size_t i = 0; i < a.n; i++)
		if (!is_space(a.p[i]))
			return false;
	return true;
}

/* Length of the well-formed UTF-8 sequence at s (RFC 3629: no overlong forms, no surrogates), 0 if there is none. */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
	if (s[0] < 0x80)
		return s[0] ? 1 : 0;
	if (s[0] >= 0xC2 && s[0] <= 0xDF)
		return n >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
	if ((s[0] & 0xF0) == 0xE0) {
		if (n < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
			return 0;
		if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F))
			return 0;
		return 3;
	}
	if (s[0] >= 0xF0 && s[0] <= 0xF4) {
		if (n < 4 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 || (s[3] & 0xC0) != 0x80)
			return 0;
		if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
			return 0;
		return 4;
	}
	return 0;
}

bool str_is_utf8(struct str a)
{
	const unsigned char *s = (const unsigned char *)a.p;

	for (size_t i = 0; i < a.n;) {
		size_t step = utf8_sequence(s + i, a.n - i);

		if (step == 0)
			return false;
		i += step;
	}
	return true;
}

size_t str_codepoints(struct str a)
{
	size_t count = 0;

	for (size_t i = 0; i < a.n; i++)
		count += ((unsigned char)a.p[i] & 0xC0) != 0x80;
	return count;
}

struct str str_trim(struct str a)
{
	while (a.n && is_space(a.p[0])) {
		a.p++;
		a.n--;
	}
	while (a.n && is_space(a.p[a.n - 1]))
		a.n--;
	return a;
}

struct str str_cut(struct str *rest, char at)
{
	struct str all = *rest;
	const char *found = all.n ? memchr(all.p, at, all.n) : NULL;

	if (!found) {
		*rest = STR_NONE;
		return all;
	}
	size_t head = (size_t)(found - all.p);
	*rest = (struct str){ found + 1, all.n - head - 1 };
	return (struct str){ all.p, head };
}

struct str str_skip(struct str a, size_t n)
{
	if (n > a.n)
		n = a.n;
	return (struct str){ a.p ? a.p + n : NULL, a.n - n };
}

enum err str_to_i64(struct str a, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = a.n && a.p[0] == '-';
	int64_t value = 0;

	if (negative)
		a = str_skip(a, 1);
	if (a.n == 0 || a.n > 19)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < a.n; i++) {
		if (a.p[i] < '0' || a.p[i] > '9')
			return ERR_BAD_REQUEST;
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, a.p[i] - '0', &value))
			return ERR_BAD_REQUEST;
	}
	/* Built up negative, so that the smallest value fits. */
	if (!negative && value == INT64_MIN)
		return ERR_BAD_REQUEST;
	if (!negative)
		value = -value;
	if (value < min || value > max)
		return ERR_BAD_REQUEST;
	*ret = value;
	return OK;
}

uint64_t str_hash(struct str a)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < a.n; i++)
		h = (h ^ (unsigned char)a.p[i]) * 1099511628211u;
	return h;
}

#include "json/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char meanings[256] = {
	['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if ((c | 32) >= 'a' && (c | 32) <= 'f')
		return (c | 32) - 'a' + 10;
	return -1;
}

/* The UTF-16 unit of the \uXXXX at p, -1 if there is none before end. */
static int32_t utf16_unit(const char *p, const char *end)
{
	int32_t unit = 0;

	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (int i = 2; i < 6; i++) {
		int digit = hex_value(p[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static bool is_high_surrogate(int32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(int32_t unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

const char *escape_check(const char **p, const char *end)
{
	char kind = end - *p > 1 ? (*p)[1] : '\0';

	if (kind != 'u') {
		if (!meanings[(unsigned char)kind])
			return "unknown escape";
		*p += 2;
		return NULL;
	}
	int32_t unit = utf16_unit(*p, end);
	if (unit < 0)
		return "malformed \\u escape";
	if (unit == 0)
		return "U+0000 in a string";
	if (is_low_surrogate(unit) || (is_high_surrogate(unit) && !is_low_surrogate(utf16_unit(*p + 6, end))))
		return "lone surrogate";
	*p += is_high_surrogate(unit) ? 12 : 6;
	return NULL;
}

static size_t put_utf8(char ret[4], int32_t code_point)
{
	if (code_point < 0x80) {
		ret[0] = (char)code_point;
		return 1;
	}
	if (code_point < 0x800) {
		ret[0] = (char)(0xC0 | code_point >> 6);
		ret[1] = (char)(0x80 | (code_point & 0x3F));
		return 2;
	}
	if (code_point < 0x10000) {
		ret[0] = (char)(0xE0 | code_point >> 12);
		ret[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
		ret[2] = (char)(0x80 | (code_point & 0x3F));
		return 3;
	}
	ret[0] = (char)(0xF0 | code_point >> 18);
	ret[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
	ret[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
	ret[3] = (char)(0x80 | (code_point & 0x3F));
	return 4;
}

size_t escape_decode(const char **p, const char *end, char ret[4])
{
	int32_t unit = utf16_unit(*p, end);

	if (unit < 0) {
		ret[0] = meanings[(unsigned char)(*p)[1]];
		*p += 2;
		return 1;
	}
	*p += 6;
	if (is_high_surrogate(unit)) {
		unit = 0x10000 + ((unit - 0xD800) << 10) + (utf16_unit(*p, end) - 0xDC00);
		*p += 6;
	}
	return put_utf8(ret, unit);
}

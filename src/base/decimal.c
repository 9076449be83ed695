#include "base/decimal.h"

#include <string.h>

enum { MICRO_DIGITS = 6, RATIO_DIGITS = 15 };

/* The parts of a number as they stand in the text. */
struct number {
	bool negative;
	struct str whole, fraction;
	int64_t exponent;
};

static struct str take_digits(struct str *s)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	struct str digits = { s->p, n };
	*s = str_skip(*s, n);
	return digits;
}

static bool take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

/* Far beyond what any text can make up for in digits, the exponent's exact value no longer matters. */
static int64_t exponent_of(struct str digits)
{
	const int64_t most = 1000000000000;
	int64_t value = 0;

	for (size_t i = 0; i < digits.n && value < most; i++)
		value = value * 10 + (digits.p[i] - '0');
	return value;
}

static bool split(struct str text, struct number *ret)
{
	struct number number = { .negative = take_char(&text, '-'), .fraction = STR("") };

	number.whole = take_digits(&text);
	if (number.whole.n == 0 || (number.whole.n > 1 && number.whole.p[0] == '0'))
		return false;
	if (take_char(&text, '.')) {
		number.fraction = take_digits(&text);
		if (number.fraction.n == 0)
			return false;
	}
	if (take_char(&text, 'e') || take_char(&text, 'E')) {
		bool negative = take_char(&text, '-');

		if (!negative)
			(void)take_char(&text, '+');
		struct str digits = take_digits(&text);
		if (digits.n == 0)
			return false;
		number.exponent = negative ? -exponent_of(digits) : exponent_of(digits);
	}
	*ret = number;
	return text.n == 0;
}

/* Digit i of whole and fraction written one after the other. */
static int digit_at(const struct number *number, size_t i)
{
	return (i < number->whole.n ? number->whole.p[i] : number->fraction.p[i - number->whole.n]) - '0';
}

enum err decimal_parse(struct str text, int64_t *ret_micros)
{
	struct number number;
	int64_t micros = 0;

	if (!split(text, &number))
		return ERR_BAD_REQUEST;
	size_t first = 0, end = number.whole.n + number.fraction.n;
	int64_t shift = number.exponent - (int64_t)number.fraction.n + MICRO_DIGITS;

	while (first < end && digit_at(&number, first) == 0)
		first++;
	while (end > first && digit_at(&number, end - 1) == 0) {
		end--;
		shift++;
	}
	if (first == end) {
		*ret_micros = 0;
		return OK;
	}
	if (shift < 0)
		return ERR_BAD_REQUEST;
	/* Built up negative, so that the smallest value fits. The first digit is not 0, so however many places the
	 * exponent asks for, this ends within twenty. */
	for (size_t i = first; i < end + (size_t)shift; i++) {
		int digit = i < end ? digit_at(&number, i) : 0;

		if (__builtin_mul_overflow(micros, 10, &micros) || __builtin_sub_overflow(micros, digit, &micros))
			return ERR_OVERFLOW;
	}
	if (!number.negative && __builtin_sub_overflow(0, micros, &micros))
		return ERR_OVERFLOW;
	*ret_micros = micros;
	return OK;
}

void decimal_put(struct buf *b, int64_t micros)
{
	uint64_t size = micros < 0 ? 0 - (uint64_t)micros : (uint64_t)micros;
	uint64_t rest = size % 1000000;
	char digits[MICRO_DIGITS];
	size_t n = MICRO_DIGITS;

	if (micros < 0)
		buf_char(b, '-');
	buf_i64(b, (int64_t)(size / 1000000));
	if (rest == 0)
		return;
	for (size_t i = MICRO_DIGITS; i-- > 0; rest /= 10)
		digits[i] = (char)('0' + rest % 10);
	while (digits[n - 1] == '0')
		n--;
	buf_char(b, '.');
	buf_put(b, digits, n);
}

/* Digits of a ratio: a leading '0' that takes a carry, the whole part (at least one digit), then the fraction. */
struct digits {
	char text[2 + 38 + 38 + RATIO_DIGITS];
	size_t n;
	size_t point; /* where the fraction begins */
	size_t first; /* the first significant digit */
};

static void whole_digits(struct digits *d, unsigned __int128 whole)
{
	char reversed[40];
	size_t n = 0;

	do
		reversed[n++] = (char)('0' + (int)(whole % 10));
	while (whole /= 10);
	d->text[d->n++] = '0';
	while (n)
		d->text[d->n++] = reversed[--n];
	d->point = d->n;
	d->first = d->text[1] == '0' ? d->n : 1;
}

/* Long division, as far as the first digit that is not shown. */
static void fraction_digits(struct digits *d, unsigned __int128 rest, unsigned __int128 denominator)
{
	while (rest && d->n <= d->first + RATIO_DIGITS) {
		int digit = (int)(rest * 10 / denominator);

		rest = rest * 10 % denominator;
		if (digit == 0 && d->first == d->n)
			d->first++;
		d->text[d->n++] = (char)('0' + digit);
	}
}

static void round_digits(struct digits *d)
{
	size_t cut = d->first + RATIO_DIGITS;

	if (d->n <= cut)
		return;
	bool up = d->text[cut] >= '5';
	for (size_t i = cut; i < d->n; i++)
		d->text[i] = '0';
	for (size_t i = cut; up; i--) {
		up = d->text[i - 1] == '9';
		d->text[i - 1] = up ? '0' : (char)(d->text[i - 1] + 1);
	}
}

void decimal_put_ratio(struct buf *b, __int128 numerator, __int128 denominator)
{
	const __int128 most = (__int128)10000000000000000000u * 1000000000000000000;
	struct digits d = { .n = 0 };

	must(denominator > 0 && denominator < most && numerator > -most && numerator < most);
	unsigned __int128 size = (unsigned __int128)(numerator < 0 ? -numerator : numerator);
	unsigned __int128 divisor = (unsigned __int128)denominator;

	whole_digits(&d, size / divisor);
	fraction_digits(&d, size % divisor, divisor);
	round_digits(&d);
	while (d.n > d.point && d.text[d.n - 1] == '0')
		d.n--;
	size_t from = d.text[0] == '0';
	if (numerator < 0)
		buf_char(b, '-');
	buf_put(b, d.text + from, d.point - from);
	if (d.n > d.point) {
		buf_char(b, '.');
		buf_put(b, d.text + d.point, d.n - d.point);
	}
}

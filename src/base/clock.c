#include "base/clock.h"

#include <time.h>

static int64_t read_clock(clockid_t which)
{
	struct timespec ts;

	must(clock_gettime(which, &ts) == 0);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_mono_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar, counted in years that begin in March. */
static int64_t days_from_civil(int64_t year, int64_t month, int64_t day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

struct civil {
	int64_t year, month, day, hour, minute, second, micros, weekday;
};

static struct civil civil_from_us(int64_t us)
{
	int64_t days = us / 86400000000, rest = us % 86400000000;

	if (rest < 0) {
		rest += 86400000000;
		days--;
	}
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c = { .day = doy - (153 * mp + 2) / 5 + 1, .month = mp < 10 ? mp + 3 : mp - 9 };

	c.year = yoe + era * 400 + (c.month <= 2);
	c.hour = rest / 3600000000;
	c.minute = rest / 60000000 % 60;
	c.second = rest / 1000000 % 60;
	c.micros = rest % 1000000;
	c.weekday = ((days + 4) % 7 + 7) % 7;
	return c;
}

void clock_month(int64_t us, int64_t *ret_from, int64_t *ret_to)
{
	struct civil c = civil_from_us(us);
	bool is_last = c.month == 12;

	*ret_from = days_from_civil(c.year, c.month, 1) * 86400000000;
	*ret_to = days_from_civil(c.year + is_last, is_last ? 1 : c.month + 1, 1) * 86400000000;
}

struct str clock_date(struct arena *a, int64_t us)
{
	struct civil c = civil_from_us(us);

	return arena_printf(a, "%04d-%02d-%02d", (int)c.year, (int)c.month, (int)c.day);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Takes exactly n digits; false if they are not there. */
static bool take_digits(struct str *s, size_t n, int64_t *ret)
{
	int64_t value = 0;

	if (s->n < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		value = value * 10 + (s->p[i] - '0');
	}
	*s = str_skip(*s, n);
	*ret = value;
	return true;
}

static bool take_char(struct str *s, char a, char b)
{
	if (s->n == 0 || (s->p[0] != a && s->p[0] != b))
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static bool take_date(struct str *s, int64_t *ret_days)
{
	static const int64_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t y, m, d;

	if (!take_digits(s, 4, &y) || !take_char(s, '-', '-') || !take_digits(s, 2, &m) || !take_char(s, '-', '-') ||
	    !take_digits(s, 2, &d))
		return false;
	if (m < 1 || m > 12 || d < 1)
		return false;
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (d > lengths[m - 1] + (m == 2 && leap))
		return false;
	*ret_days = days_from_civil(y, m, d);
	return true;
}

static bool take_fraction(struct str *s, int64_t *ret_micros)
{
	int64_t micros = 0, scale = 100000;
	size_t count = 0;

	*ret_micros = 0;
	if (!take_char(s, '.', '.'))
		return true;
	for (; s->n && is_digit(s->p[0]) && count < 9; count++) {
		micros += (s->p[0] - '0') * scale;
		scale /= 10;
		*s = str_skip(*s, 1);
	}
	*ret_micros = micros;
	return count > 0;
}

static bool take_zone(struct str *s, bool space_is_plus, int64_t *ret_us)
{
	int64_t hours, minutes, sign = 1;

	*ret_us = 0;
	if (take_char(s, 'Z', 'z'))
		return true;
	if (take_char(s, '-', '-'))
		sign = -1;
	else if (!take_char(s, '+', space_is_plus ? ' ' : '+'))
		return false;
	if (!take_digits(s, 2, &hours) || !take_char(s, ':', ':') || !take_digits(s, 2, &minutes))
		return false;
	*ret_us = sign * (hours * 60 + minutes) * 60000000;
	return hours < 24 && minutes < 60;
}

enum err clock_parse_rfc3339(struct str s, bool space_is_plus, int64_t *ret_us)
{
	int64_t days, hour, minute, second, micros, zone_us;

	if (!take_date(&s, &days) || !take_char(&s, 'T', 't'))
		return ERR_BAD_REQUEST;
	if (!take_digits(&s, 2, &hour) || !take_char(&s, ':', ':') || !take_digits(&s, 2, &minute) ||
	    !take_char(&s, ':', ':') || !take_digits(&s, 2, &second))
		return ERR_BAD_REQUEST;
	/* 60 is a leap second: RFC 3339 allows it, it counts as the next second. */
	if (hour > 23 || minute > 59 || second > 60)
		return ERR_BAD_REQUEST;
	if (!take_fraction(&s, &micros) || !take_zone(&s, space_is_plus, &zone_us) || s.n)
		return ERR_BAD_REQUEST;
	int64_t us = days * 86400000000 + hour * 3600000000 + minute * 60000000 + second * 1000000 + micros - zone_us;

	/* A zone may carry the moment out of the years that can be written again. */
	if (us < days_from_civil(0, 1, 1) * 86400000000 || us >= days_from_civil(10000, 1, 1) * 86400000000)
		return ERR_BAD_REQUEST;
	*ret_us = us;
	return OK;
}

enum err clock_parse_date(struct str s, int64_t *ret_us)
{
	int64_t days;

	if (!take_date(&s, &days) || s.n)
		return ERR_BAD_REQUEST;
	*ret_us = days * 86400000000;
	return OK;
}

/* Writes the last n decimal digits of value, zero-padded. */
static void put_digits(struct buf *b, int64_t value, int n)
{
	char digits[20];

	for (int i = n - 1; i >= 0; i--) {
		digits[i] = (char)('0' + value % 10);
		value /= 10;
	}
	buf_put(b, digits, (size_t)n);
}

void clock_put_rfc3339(struct buf *b, int64_t us, int digits, const char *zone)
{
	struct civil c = civil_from_us(us);
	int64_t fraction = c.micros * 1000;

	put_digits(b, c.year, 4);
	buf_char(b, '-');
	put_digits(b, c.month, 2);
	buf_char(b, '-');
	put_digits(b, c.day, 2);
	buf_char(b, 'T');
	put_digits(b, c.hour, 2);
	buf_char(b, ':');
	put_digits(b, c.minute, 2);
	buf_char(b, ':');
	put_digits(b, c.second, 2);
	for (int i = digits; i < 9; i++)
		fraction /= 10;
	if (digits > 0) {
		buf_char(b, '.');
		put_digits(b, fraction, digits);
	}
	buf_str(b, str_of(zone));
}

void clock_put_http_date(struct buf *b, int64_t us)
{
	static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c = civil_from_us(us);

	buf_put(b, days + c.weekday * 3, 3);
	buf_lit(b, ", ");
	put_digits(b, c.day, 2);
	buf_char(b, ' ');
	buf_put(b, months + (c.month - 1) * 3, 3);
	buf_char(b, ' ');
	put_digits(b, c.year, 4);
	buf_char(b, ' ');
	put_digits(b, c.hour, 2);
	buf_char(b, ':');
	put_digits(b, c.minute, 2);
	buf_char(b, ':');
	put_digits(b, c.second, 2);
	buf_lit(b, " GMT");
}

static int64_t duration_unit_us(char unit)
{
	switch (unit) {
	case 's':
		return SECONDS_US(1);
	case 'm':
		return SECONDS_US(60);
	case 'h':
		return SECONDS_US(3600);
	case 'd':
		return SECONDS_US(86400);
	}
	return 0;
}

enum err clock_parse_duration(struct str s, int64_t *ret_us)
{
	const int64_t most = 3650 * SECONDS_US(86400);
	int64_t total = 0;

	if (s.n == 0)
		return ERR_BAD_REQUEST;
	while (s.n) {
		size_t n = 0;
		int64_t count;

		while (n < s.n && is_digit(s.p[n]))
			n++;
		if (n == 0 || n > 9 || n == s.n || !duration_unit_us(s.p[n]))
			return ERR_BAD_REQUEST;
		int64_t unit = duration_unit_us(s.p[n]);
		must(take_digits(&s, n, &count));
		s = str_skip(s, 1);
		if (count > most / unit || total + count * unit > most)
			return ERR_BAD_REQUEST;
		total += count * unit;
	}
	*ret_us = total;
	return OK;
}

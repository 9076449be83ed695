#include "payment/card.h"

enum { DIGITS_LEAST = 12, DIGITS_MOST = 19, AMEX_CODE_DIGITS = 4, CODE_DIGITS = 3, LAST_DIGITS = 4 };

/* The numbers that payment people know by heart, and one for silence. */
static const struct card_script scripts[] = {
	/* clang-format off */
	{ "4242424242424242", "ok",           PAY_OUTCOME_PAID,    { NULL, 0 }, false },
	{ "5555555555554444", "ok",           PAY_OUTCOME_PAID,    { NULL, 0 }, false },
	{ "378282246310005",  "ok",           PAY_OUTCOME_PAID,    { NULL, 0 }, false },
	{ "4000000000000002", "declined",     PAY_OUTCOME_REFUSED, STR("card declined"), false },
	{ "4000000000009995", "insufficient", PAY_OUTCOME_REFUSED, STR("insufficient funds"), false },
	{ "4000000000000069", "expired",      PAY_OUTCOME_REFUSED, STR("card expired"), false },
	{ "4000000000000127", "code",         PAY_OUTCOME_REFUSED, STR("security code wrong"), false },
	{ "4000000000000119", "fault",        PAY_OUTCOME_FAILED,  STR("processing error"), false },
	{ "4000000000000101", "silent",       PAY_OUTCOME_PAID,    { NULL, 0 }, true },
	/* clang-format on */
};

struct number {
	char digits[DIGITS_MOST + 1];
	size_t n;
};

static bool read_number(struct str typed, struct number *ret)
{
	*ret = (struct number){ .n = 0 };
	for (size_t i = 0; i < typed.n; i++) {
		char c = typed.p[i];

		if (c == ' ' || c == '-')
			continue;
		if (c < '0' || c > '9' || ret->n == DIGITS_MOST)
			return false;
		ret->digits[ret->n++] = c;
	}
	return ret->n >= DIGITS_LEAST;
}

/* ISO/IEC 7812: every second digit from the right is doubled. */
static bool passes_luhn(const struct number *number)
{
	int sum = 0;

	for (size_t i = 0; i < number->n; i++) {
		int digit = number->digits[number->n - 1 - i] - '0';

		if (i % 2)
			digit = digit > 4 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	return sum % 10 == 0;
}

/* Years from 2000 and months from 1 of a moment; exact for 2000 to 2099, which is all that a card can say. */
static void month_of(int64_t us, int64_t *ret_year, int64_t *ret_month)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	static const int64_t day_us = INT64_C(86400000000), days_to_2000 = 10957;
	int64_t day = us / day_us - days_to_2000, year = 0, month = 0;

	for (; day >= 365 + (year % 4 == 0); year++)
		day -= 365 + (year % 4 == 0);
	for (; day >= lengths[month] + (month == 1 && year % 4 == 0); month++)
		day -= lengths[month] + (month == 1 && year % 4 == 0);
	*ret_year = year;
	*ret_month = month + 1;
}

static bool is_expiry(struct str typed, int64_t now_us)
{
	struct str rest = str_trim(typed);
	struct str month_text = str_trim(str_cut(&rest, '/'));
	struct str year_text = str_trim(rest);
	int64_t month, year, now_year, now_month;

	if (year_text.n == 4 && str_starts(year_text, STR("20")))
		year_text = str_skip(year_text, 2);
	if (month_text.n > 2 || year_text.n != 2 || str_to_i64(month_text, 1, 12, &month) ||
	    str_to_i64(year_text, 0, 99, &year))
		return false;
	month_of(now_us, &now_year, &now_month);
	return year > now_year || (year == now_year && month >= now_month);
}

static bool is_code(struct str typed, const struct number *number)
{
	bool is_amex = number->digits[0] == '3' && (number->digits[1] == '4' || number->digits[1] == '7');
	size_t digits = is_amex ? AMEX_CODE_DIGITS : CODE_DIGITS;
	struct str code = str_trim(typed);
	int64_t value;

	return code.n == digits && !str_to_i64(code, 0, 9999, &value);
}

static const struct card_script *script_of_number(const struct number *number)
{
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (str_is((struct str){ number->digits, number->n }, scripts[i].number))
			return &scripts[i];
	return NULL;
}

const struct card_script *card_script_of(struct str token)
{
	struct str rest = token;

	if (!str_eq(str_cut(&rest, '_'), STR("card")))
		return NULL;
	struct str name = str_cut(&rest, '_');
	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (str_is(name, scripts[i].name))
			return &scripts[i];
	return NULL;
}

unsigned card_faults(const struct card *card, int64_t now_us)
{
	struct number number;
	unsigned faults = 0;

	if (!read_number(card->number, &number) || !passes_luhn(&number))
		faults |= 1u << CARD_NUMBER;
	else if (!script_of_number(&number))
		faults |= 1u << CARD_NOT_TEST;
	if (!is_expiry(card->expiry, now_us))
		faults |= 1u << CARD_EXPIRY;
	if (!is_code(card->code, &number))
		faults |= 1u << CARD_CODE;
	return faults;
}

struct str card_token(struct arena *a, const struct card *card)
{
	struct number number;

	must(read_number(card->number, &number));
	const struct card_script *script = script_of_number(&number);
	must(script);
	return arena_printf(a, "card_%s_%.*s", script->name, LAST_DIGITS, number.digits + number.n - LAST_DIGITS);
}

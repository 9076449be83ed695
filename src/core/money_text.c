#include "core/money_text.h"

#define NO_BREAK_SPACE "\xC2\xA0"

enum { DIGITS_MOST = 24 };

/* What stands for a currency beside its code, by language; absent = the code. */
static const struct {
	const char *code, *english, *french;
} signs[] = {
	{ "EUR", "\xE2\x82\xAC", "\xE2\x82\xAC" },
	{ "GBP", "\xC2\xA3", "\xC2\xA3" },
	{ "USD", "$", "$" },
	{ "JPY", "\xC2\xA5", "\xC2\xA5" },
	{ "XPF", NULL, "F" },
	{ "XOF", NULL, "F" },
	{ "XAF", NULL, "F" },
};

static struct str sign_of(struct currency cur, enum money_style style)
{
	struct str code = currency_code(cur);

	for (size_t i = 0; i < ARRAY_LEN(signs); i++)
		if (str_is(code, signs[i].code))
			return str_of(style == MONEY_FRENCH ? signs[i].french : signs[i].english);
	return STR_NONE;
}

static void put_digits(struct buf *b, struct money amount, enum money_style style)
{
	int digits = currency_exponent(amount.cur);
	int64_t units = micros_round(amount.micros < 0 ? -amount.micros : amount.micros, amount.cur);
	char text[DIGITS_MOST];
	int n = snprintf(text, sizeof(text), "%lld", (long long)(units / 1000000));

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			buf_str(b, style == MONEY_FRENCH ? STR(NO_BREAK_SPACE) : STR(","));
		buf_char(b, text[i]);
	}
	if (!digits)
		return;
	buf_char(b, style == MONEY_FRENCH ? ',' : '.');
	snprintf(text, sizeof(text), "%06lld", (long long)(units % 1000000));
	buf_put(b, text, (size_t)digits);
}

void money_put_text(struct buf *b, struct money amount, enum money_style style)
{
	struct str sign = sign_of(amount.cur, style);

	if (amount.micros < 0)
		buf_char(b, '-');
	if (style == MONEY_ENGLISH) {
		buf_str(b, sign.p ? sign : currency_code(amount.cur));
		if (!sign.p)
			buf_lit(b, NO_BREAK_SPACE);
		put_digits(b, amount, style);
		return;
	}
	put_digits(b, amount, style);
	buf_lit(b, NO_BREAK_SPACE);
	buf_str(b, sign.p ? sign : currency_code(amount.cur));
}

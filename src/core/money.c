#include "core/money.h"

typedef __int128 wide;

static enum err narrow(wide value, int64_t *ret)
{
	if (value > MONEY_ACCOUNT_MAX || value < -MONEY_ACCOUNT_MAX)
		return ERR_OVERFLOW;
	*ret = (int64_t)value;
	return OK;
}

enum err micros_add(int64_t a, int64_t b, int64_t *ret_sum)
{
	return narrow((wide)a + b, ret_sum);
}

enum err money_times(struct money a, int64_t count, struct money *ret_product)
{
	int64_t product;
	enum err e = narrow((wide)a.micros * count, &product);

	if (!e)
		*ret_product = (struct money){ product, a.cur };
	return e;
}

/* value / den, half away from zero. */
static wide divide_half_up(wide value, wide den)
{
	return value >= 0 ? (value + den / 2) / den : -((-value + den / 2) / den);
}

enum err micros_scale(int64_t amount, int64_t num, int64_t den, int64_t *ret)
{
	must(den > 0);
	return narrow(divide_half_up((wide)amount * num, den), ret);
}

enum err micros_scale_down(int64_t amount, int64_t num, int64_t den, int64_t *ret, bool *ret_exact)
{
	must(den > 0);
	wide product = (wide)amount * num;
	wide quotient = product / den;

	if (product % den < 0)
		quotient--;
	enum err e = narrow(quotient, ret);
	if (!e)
		*ret_exact = product % den == 0;
	return e;
}

int64_t money_minor(struct currency cur)
{
	int64_t micros = 1000000;

	for (int i = currency_exponent(cur); i > 0; i--)
		micros /= 10;
	return micros;
}

int64_t micros_round(int64_t micros, struct currency cur)
{
	int64_t minor = money_minor(cur);

	return (int64_t)(divide_half_up(micros, minor) * minor);
}

enum err micros_scale_round(int64_t amount, int64_t num, int64_t den, struct currency cur, int64_t *ret)
{
	wide minor = money_minor(cur);

	must(den > 0);
	return narrow(divide_half_up((wide)amount * num, den * minor) * minor, ret);
}

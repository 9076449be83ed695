#include "core/pricing.h"

static enum err quote_fixed(const struct price *price, struct quote *q)
{
	q->amount = price->wholesale.min;
	q->retail_amount = price->retail.min;
	return q->amount + q->fee > MONEY_ITEM_MAX ? ERR_OVERFLOW : OK;
}

/* The unit first, then the range: dvs.md 5.4. */
static enum err check_amount(const struct asked_amount *asked, const struct span *span)
{
	if (!str_is(asked->unit_type, "CURRENCY") || !str_eq(asked->unit, currency_code(span->cur)))
		return ERR_UNIT_INVALID;
	return asked->micros < span->min || asked->micros > span->max ? ERR_AMOUNT_OUT_OF_RANGE : OK;
}

/* The greatest min + k x increment that is not above the amount, capped at max. */
static enum err snap_down(int64_t amount, const struct span *span, int64_t *ret)
{
	if (amount > span->max)
		amount = span->max;
	if (amount < span->min)
		return ERR_AMOUNT_OUT_OF_RANGE;
	*ret = span->increment ? amount - (amount - span->min) % span->increment : amount;
	return OK;
}

enum err price_marked_up(int64_t face, const struct markup *markup, struct currency cur, int64_t *ret)
{
	const __int128 million = 1000000, whole = 100 * million; /* of a rate; of a percentage */
	__int128 minor = million;

	if (face < 0 || face > MONEY_ITEM_MAX || markup->rate <= 0 || markup->rate > MARKUP_RATE_MAX ||
	    markup->percent <= -whole || markup->percent > MARKUP_PERCENT_MAX || markup->fixed < -MONEY_ITEM_MAX ||
	    markup->fixed > MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	for (int i = currency_exponent(cur); i > 0; i--)
		minor /= 10;
	/* At most 10^15 x 10^12 x 1.1 x 10^9: it fits. */
	__int128 exact = (__int128)face * markup->rate * (whole + markup->percent) + markup->fixed * million * whole;
	__int128 unit = million * whole * minor;
	if (exact < 0)
		return ERR_AMOUNT_OUT_OF_RANGE;
	__int128 price = (exact + unit / 2) / unit * minor;
	if (price < minor)
		return ERR_AMOUNT_OUT_OF_RANGE;
	if (price > MONEY_ITEM_MAX)
		return ERR_OVERFLOW;
	*ret = (int64_t)price;
	return OK;
}

/* The price of a destination amount; the ends of the range give the ends of the listed price exactly. */
static enum err price_of(int64_t destination, const struct span *listed, const struct span *price, int64_t *ret)
{
	if (destination == listed->min) {
		*ret = price->min;
		return OK;
	}
	if (destination == listed->max) {
		*ret = price->max;
		return OK;
	}
	return micros_scale_round(destination, price->max, listed->max, price->cur, ret);
}

static enum err quote_ranged(const struct product *p, const struct price *price, const struct asked_amount *asked,
			     struct quote *q)
{
	const struct span *from = &p->source, *to = &p->destination;
	bool by_source = q->calculation_mode == CALCULATION_SOURCE;
	int64_t worth = asked->micros;
	enum err e = check_amount(asked, by_source ? from : to);
	bool exact;

	if (!e && by_source)
		e = micros_scale_down(asked->micros, to->max, from->max, &worth, &exact);
	if (!e)
		e = snap_down(worth, to, &q->adjusted_destination);
	if (!e)
		e = by_source ? micros_scale(asked->micros, to->max, from->max, &q->requested_destination)
			      : micros_scale(asked->micros, from->max, to->max, &q->requested_source);
	if (e)
		return e;
	*(by_source ? &q->requested_source : &q->requested_destination) = asked->micros;
	e = micros_scale(q->adjusted_destination, from->max, to->max, &q->adjusted_source);
	if (!e)
		e = price->markup.rate
			    ? price_marked_up(q->adjusted_destination, &price->markup, price->wholesale.cur, &q->amount)
			    : price_of(q->adjusted_destination, to, &price->wholesale, &q->amount);
	if (!e && price->retail.cur.number)
		e = price_of(q->adjusted_destination, to, &price->retail, &q->retail_amount);
	if (!e && q->amount + q->fee > MONEY_ITEM_MAX)
		e = ERR_OVERFLOW;
	return e;
}

enum err price_quote(const struct product *p, const struct price *price, int calculation_mode,
		     const struct asked_amount *source, const struct asked_amount *destination, struct quote *ret,
		     const char **ret_detail)
{
	struct quote q = { .currency = price->wholesale.cur,
			   .fee = price->wholesale_fee,
			   .retail_currency = price->retail.cur,
			   .retail_fee = price->retail_fee };
	const struct asked_amount *asked = calculation_mode == CALCULATION_SOURCE ? source : destination;
	enum err e;

	if (!product_is_ranged(p)) {
		e = quote_fixed(price, &q);
	} else if (!(p->calculation_modes & (unsigned)calculation_mode)) {
		*ret_detail = calculation_mode ? "calculation_mode: is not accepted by this product"
					       : "calculation_mode: is required for this product";
		return ERR_BAD_REQUEST;
	} else if (!asked->set) {
		*ret_detail = calculation_mode == CALCULATION_SOURCE ? "source: is required by calculation_mode"
								     : "destination: is required by calculation_mode";
		return ERR_BAD_REQUEST;
	} else {
		q.calculation_mode = calculation_mode;
		e = quote_ranged(p, price, asked, &q);
	}
	if (!e)
		*ret = q;
	return e;
}

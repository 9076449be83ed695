/* service/catalog_check.c: what must hold between the parts of a product.
 *
 * The rate of a ranged product is its largest destination amount over the largest amount of the other side. An order
 * computes with that exact ratio, so the smallest amounts must follow from it: otherwise somebody who buys the least
 * would pay another price than the list shows. */
#include "service/catalog_line_private.h"

static void check_span(struct line_reader *r, const char *path, const struct span *span, bool ranged, int64_t least)
{
	if (span->min < least)
		line_fault(r, path, least ? "amount must be above 0" : "amount must not be negative");
	if (span->min > span->max)
		line_fault(r, path, "min must not be above max");
	else if (ranged && span->min == span->max)
		line_fault(r, path, "min and max are the same: that is a fixed product");
}

static void check_grid(struct line_reader *r, const struct span *destination)
{
	if (destination->increment <= 0)
		line_fault(r, "destination.amount.increment", "is required");
	else if ((destination->max - destination->min) % destination->increment)
		line_fault(r, "destination.amount", "max must be min + k x increment");
}

/* Prices are charged in minor units, source amounts are only shown: those are exact to the millionth. */
static void check_rate(struct line_reader *r, const char *path, const struct product *p, const struct span *span,
		       bool charged)
{
	const struct span *destination = &p->destination;
	int64_t least;
	enum err e;

	if (charged &&
	    (micros_round(span->min, span->cur) != span->min || micros_round(span->max, span->cur) != span->max)) {
		line_fault(r, path, "has more decimal places than the currency");
		return;
	}
	e = charged ? micros_scale_round(destination->min, span->max, destination->max, span->cur, &least)
		    : micros_scale(destination->min, span->max, destination->max, &least);
	if (e != OK || least != span->min)
		line_fault(r, path, "min must follow from max at the rate destination.max / max");
}

static void check_prices(struct line_reader *r, const struct catalog_line *line)
{
	const struct product *p = &line->product;
	bool ranged = product_is_ranged(p);

	for (size_t i = 0; i < p->price_count; i++) {
		const struct price *price = &p->prices[i];
		const char *path = arena_printf(r->a, "prices.%.*s.wholesale", STR_ARG(line->lists[i])).p;

		check_span(r, path, &price->wholesale, ranged, 1);
		if (!price->markup.rate)
			check_rate(r, path, p, &price->wholesale, true);
		if (!price->retail.cur.number)
			continue;
		path = arena_printf(r->a, "prices.%.*s.retail", STR_ARG(line->lists[i])).p;
		/* A retail price of 0 is allowed: its rate is infinite (the DVS API, Rates). */
		check_span(r, path, &price->retail, ranged && price->retail.max, 0);
		if (price->retail.max)
			check_rate(r, path, p, &price->retail, true);
	}
}

void check_product(struct line_reader *r, const struct catalog_line *line)
{
	const struct product *p = &line->product;
	bool ranged = product_is_ranged(p);

	check_span(r, "source", &p->source, ranged, 1);
	check_span(r, "destination", &p->destination, ranged, 1);
	if (ranged && !p->calculation_modes)
		line_fault(r, "calculation_modes", "is required of ranged products");
	if (!ranged && p->calculation_modes)
		line_fault(r, "calculation_modes", "belongs to ranged products only");
	if (!product_is_pin(p) && !p->credit_party.count)
		line_fault(r, "required.credit_party", "is required of recharges and payments");
	if (p->esim && (ranged || p->service->id != SERVICE_ESIM))
		line_fault(r, "esim", "belongs to fixed products of service 13");
	/* Stock has profiles: a top-up is a package, and a replacement is for a profile that the supplier has blocked.
	 */
	if (p->esim && esim_hangs_on_root(p->esim->category) && product_from_stock(p))
		line_fault(r, "esim", "a top-up or a replacement is not sold from stock");
	if (p->esim && p->esim->category == ESIM_DELAYED && p->sku)
		line_fault(r, "sku", "the APIs that show families sell nothing that waits for an identity check");
	if (ranged)
		check_grid(r, &p->destination);
	if (r->faults->n)
		return; /* the rates would divide by what was just refused */
	check_rate(r, "source", p, &p->source, false);
	check_prices(r, line);
}

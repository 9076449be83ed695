/* service/catalog_copy.c: a line in an arena of its own, without the text and the tokens that it was read from. */
#include "service/catalog_line_private.h"

#include <string.h>

void *copy_array(struct arena *a, const void *items, size_t n, size_t size)
{
	return n ? memcpy(arena_array(a, size, n), items, n * size) : NULL;
}

static struct str *copy_strs(struct arena *a, const struct str *strs, size_t n)
{
	struct str *copy = COPY_ARRAY(a, strs, n);

	for (size_t i = 0; i < n; i++)
		copy[i] = arena_str(a, strs[i]);
	return copy;
}

const struct localized *copy_texts(struct arena *a, const struct localized *texts, size_t n)
{
	struct localized *copy = COPY_ARRAY(a, texts, n);

	for (size_t i = 0; i < n; i++) {
		copy[i].name = arena_str(a, texts[i].name);
		copy[i].description = arena_str(a, texts[i].description);
	}
	return copy;
}

static const struct benefit *copy_benefits(struct arena *a, const struct benefit *benefits, size_t n)
{
	struct benefit *copy = COPY_ARRAY(a, benefits, n);

	for (size_t i = 0; i < n; i++) {
		copy[i].unit = arena_str(a, benefits[i].unit);
		copy[i].additional_information = arena_str(a, benefits[i].additional_information);
	}
	return copy;
}

static const struct route *copy_routes(struct arena *a, const struct route *routes, size_t n)
{
	struct route *copy = COPY_ARRAY(a, routes, n);

	for (size_t i = 0; i < n; i++) {
		copy[i].supplier = arena_str(a, routes[i].supplier);
		copy[i].sku = arena_str(a, routes[i].sku);
	}
	return copy;
}

static const struct pin_info *copy_pin(struct arena *a, const struct pin_info *pin)
{
	struct pin_info *copy = COPY_ARRAY(a, pin, pin ? 1 : 0);

	if (copy) {
		copy->usage_info = copy_strs(a, pin->usage_info, pin->usage_count);
		copy->terms = arena_str(a, pin->terms);
	}
	return copy;
}

static const struct payment_info *copy_payment(struct arena *a, const struct payment_info *payment)
{
	struct payment_info *copy = COPY_ARRAY(a, payment, payment ? 1 : 0);

	if (copy)
		copy->notes = copy_strs(a, payment->notes, payment->note_count);
	return copy;
}

static void copy_product(struct arena *a, struct catalog_line *line)
{
	struct product *p = &line->product;

	p->name = arena_str(a, p->name);
	p->description = arena_str(a, p->description);
	p->texts = copy_texts(a, p->texts, p->text_count);
	p->tags = copy_strs(a, p->tags, p->tag_count);
	p->regions = COPY_ARRAY(a, p->regions, p->region_count);
	p->coverage = COPY_ARRAY(a, p->coverage, p->coverage_count);
	p->prices = COPY_ARRAY(a, p->prices, p->price_count);
	line->lists = copy_strs(a, line->lists, p->price_count);
	p->benefits = copy_benefits(a, p->benefits, p->benefit_count);
	p->pin = copy_pin(a, p->pin);
	p->payment = copy_payment(a, p->payment);
	p->esim = copy_plan(a, p->esim);
	p->routes = copy_routes(a, p->routes, p->route_count);
	p->sku = copy_sku(a, p->sku);
}

static void copy_operator(struct arena *a, struct catalog_line *line)
{
	line->op.name = arena_str(a, line->op.name);
	line->op.regions = COPY_ARRAY(a, line->op.regions, line->op.region_count);
}

static void copy_promotion(struct arena *a, struct catalog_line *line)
{
	struct promotion *p = &line->promotion;

	p->title = arena_str(a, p->title);
	p->description = arena_str(a, p->description);
	p->terms = arena_str(a, p->terms);
	p->texts = copy_texts(a, p->texts, p->text_count);
}

static void copy_campaign(struct arena *a, struct catalog_line *line)
{
	struct campaign *p = &line->campaign;

	p->title = arena_str(a, p->title);
	p->description = arena_str(a, p->description);
	p->terms = arena_str(a, p->terms);
}

static void copy_prefix(struct arena *a, struct catalog_line *line)
{
	line->prefix.digits = copy_strs(a, line->prefix.digits, line->prefix.digit_count);
}

/* All of it is in the line itself. */
static void copy_nothing(struct arena *a, struct catalog_line *line)
{
	(void)a;
	(void)line;
}

struct catalog_line *catalog_line_copy(struct arena *a, const struct catalog_line *line)
{
	static void (*const copiers[])(struct arena *, struct catalog_line *) = {
		[CATALOG_OPERATOR] = copy_operator,   [CATALOG_PRODUCT] = copy_product,
		[CATALOG_PROMOTION] = copy_promotion, [CATALOG_CAMPAIGN] = copy_campaign,
		[CATALOG_PREFIX] = copy_prefix,	      [CATALOG_RATE] = copy_nothing,
		[CATALOG_CATEGORY] = copy_category,   [CATALOG_FAMILY] = copy_family,
	};
	struct catalog_line *copy = COPY_ARRAY(a, line, 1);

	copy->products = COPY_ARRAY(a, line->products, line->product_count);
	if (!line->deleted)
		copiers[line->kind](a, copy);
	return copy;
}

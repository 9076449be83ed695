/* tests/unit/api/dvs_shop_parts.h: pieces of products, for catalogues by hand. */
#pragma once

#include "core/catalog_build.h"
#include "support/test.h"

#define UNIT INT64_C(1000000)

static inline struct currency shop_currency(const char *code)
{
	struct currency cur;

	check_ok(currency_parse(str_of(code), &cur));
	return cur;
}

static inline struct span shop_span(const char *currency, int64_t min, int64_t max, int64_t increment)
{
	return (struct span){ shop_currency(currency), min, max, increment };
}

static inline struct product *shop_product(struct catalog_builder *b, int64_t id, const char *name,
					   enum product_type type, int service, int subservice, int64_t op)
{
	struct product *p = ARENA_NEW(catalog_builder_arena(b), struct product);

	p->id = id;
	p->batch = 1;
	p->name = str_of(name);
	p->description = STR("");
	p->type = type;
	p->service = service_find(service);
	p->subservice = subservice ? subservice_find(p->service, subservice) : NULL;
	p->op = catalog_builder_find_operator(b, op);
	p->zones = ZONE_INTERNATIONAL;
	return p;
}

static inline void shop_require(struct requirement *r, unsigned first, unsigned second)
{
	r->sets[r->count++] = first;
	if (second)
		r->sets[r->count++] = second;
}

static inline void shop_price(struct catalog_builder *b, struct product *p, int list, struct price price)
{
	struct price *copy = ARENA_NEW(catalog_builder_arena(b), struct price);

	*copy = price;
	copy->list = list;
	p->prices = copy;
	p->price_count = 1;
}

static inline struct benefit *shop_benefit(struct catalog_builder *b, struct product *p, enum benefit_type type,
					   enum unit_type unit_type, const char *unit, int64_t min, int64_t max)
{
	struct benefit *benefit = ARENA_NEW(catalog_builder_arena(b), struct benefit);

	*benefit = (struct benefit){ .type = type,
				     .unit_type = unit_type,
				     .unit = str_of(unit),
				     .base_min = min,
				     .base_max = max,
				     .excluding_tax_min = min,
				     .excluding_tax_max = max,
				     .including_tax_min = min,
				     .including_tax_max = max };
	p->benefits = benefit;
	p->benefit_count = 1;
	return benefit;
}

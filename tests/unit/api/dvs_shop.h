/* tests/unit/api/dvs_shop.h: a small catalogue by hand: a top-up, a ranged one, a voucher, a bill, an eSIM. */
#pragma once

#include "dvs_shop_parts.h"

enum { SHOP_TOP_UP = 1310, SHOP_RANGED = 1401, SHOP_VOUCHER = 1502, SHOP_BILL = 1603, SHOP_ESIM = 1704 };

struct shop {
	struct catalog *catalog;
	int list;
};

static inline void shop_top_up(struct catalog_builder *b, int list)
{
	struct arena *a = catalog_builder_arena(b);
	struct product *p = shop_product(b, SHOP_TOP_UP, "5 SGD", PRODUCT_FIXED_RECHARGE, 1, 11, 5);
	struct str *tags = ARENA_NEW(a, struct str);
	struct localized *text = ARENA_NEW(a, struct localized);

	*tags = STR("AIRTIME");
	p->tags = tags;
	p->tag_count = 1;
	*text = (struct localized){ locale_find(STR("fr")),
				    STR("5 SGD de cr\xc3\xa9"
					"dit"),
				    STR_NONE };
	p->texts = text;
	p->text_count = 1;
	shop_require(&p->credit_party, FIELD_MOBILE_NUMBER, 0);
	p->source = shop_span("USD", 3600000, 3600000, 0);
	p->destination = shop_span("USD", 3 * UNIT, 3 * UNIT, 0);
	shop_price(b, p, list,
		   (struct price){ .wholesale = p->source, .retail = shop_span("USD", 4 * UNIT, 4 * UNIT, 0) });
	shop_benefit(b, p, BENEFIT_CREDITS, UNIT_CURRENCY, "USD", 3 * UNIT, 3 * UNIT);
	catalog_builder_product(b, p);
}

/* The worked example of the interface: source USD 1..10, destination BDT 80..800 by 10, wholesale EUR 0.96..9.6. */
static inline void shop_ranged(struct catalog_builder *b, int list)
{
	struct product *p = shop_product(b, SHOP_RANGED, "80-800 BDT", PRODUCT_RANGED_RECHARGE, 1, 11, 6);

	p->calculation_modes = CALCULATION_SOURCE | CALCULATION_DESTINATION;
	shop_require(&p->credit_party, FIELD_MOBILE_NUMBER, FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER);
	shop_require(&p->sender, FIELD_LAST_NAME | FIELD_NATIONALITY, 0);
	p->source = shop_span("USD", UNIT, 10 * UNIT, 0);
	p->destination = shop_span("BDT", 80 * UNIT, 800 * UNIT, 10 * UNIT);
	p->validity = (struct validity){ TIME_DAY, 30 };
	shop_price(b, p, list, (struct price){ .wholesale = shop_span("EUR", 960000, 9600000, 0) });
	shop_benefit(b, p, BENEFIT_TALKTIME, UNIT_TIME, "MINUTES", 16 * UNIT, 160 * UNIT)->additional_information =
		STR("Off-peak");
	catalog_builder_product(b, p);
}

static inline void shop_voucher(struct catalog_builder *b, int list)
{
	struct arena *a = catalog_builder_arena(b);
	struct product *p = shop_product(b, SHOP_VOUCHER, "Game Card 10", PRODUCT_FIXED_PIN, 4, 42, 5);
	struct pin_info *pin = ARENA_NEW(a, struct pin_info);
	struct str *usage = ARENA_ARRAY(a, struct str, 2);

	usage[0] = STR("Open the shop");
	usage[1] = STR("Enter the code");
	*pin = (struct pin_info){ usage, 2, { TIME_MONTH, -1 }, STR("# Terms") };
	p->pin = pin;
	p->source = p->destination = shop_span("USD", 10 * UNIT, 10 * UNIT, 0);
	/* Retail for nothing: the rate is infinite. */
	shop_price(b, p, list,
		   (struct price){ .wholesale = shop_span("USD", 9500000, 9500000, 0),
				   .wholesale_fee = 250000,
				   .retail = shop_span("USD", 0, 0, 0) });
	catalog_builder_product(b, p);
}

static inline void shop_bill(struct catalog_builder *b, int list)
{
	struct arena *a = catalog_builder_arena(b);
	struct product *p = shop_product(b, SHOP_BILL, "Power bill", PRODUCT_RANGED_PAYMENT, 10, 0, 5);
	struct payment_info *payment = ARENA_NEW(a, struct payment_info);
	struct str *note = ARENA_NEW(a, struct str);
	const struct region **regions = ARENA_NEW(a, const struct region *);

	*note = STR("Posted at noon");
	payment->modes = PAY_PARTIAL | PAY_PAST_DUE;
	payment->posting_period.unit = TIME_DAY;
	payment->posting_period.quantity = 2;
	payment->posting_period.business_days = true;
	payment->supports_statement_inquiry = true;
	payment->notes = note;
	payment->note_count = 1;
	shop_require(&payment->inquiry, FIELD_ACCOUNT_NUMBER, 0);
	regions[0] = region_find(STR("MX-CMX"));
	p->regions = regions;
	p->region_count = 1;
	p->payment = payment;
	p->calculation_modes = CALCULATION_DESTINATION;
	p->source = p->destination = shop_span("USD", UNIT, 500 * UNIT, 10000);
	shop_price(b, p, list, (struct price){ .wholesale = p->source, .wholesale_fee = UNIT });
	catalog_builder_product(b, p);
}

static inline void shop_esim(struct catalog_builder *b, int list)
{
	struct arena *a = catalog_builder_arena(b);
	struct product *p = shop_product(b, SHOP_ESIM, "Europe 1.5 GB", PRODUCT_FIXED_PIN, 13, 0, 7);
	const struct country **coverage = ARENA_ARRAY(a, const struct country *, 2);
	struct pin_info *pin = ARENA_NEW(a, struct pin_info);

	coverage[0] = country_find(STR("DEU"));
	coverage[1] = country_find(STR("FRA"));
	p->coverage = coverage;
	p->coverage_count = 2;
	p->pin = pin;
	p->validity = (struct validity){ TIME_DAY, 7 };
	p->source = p->destination = shop_span("USD", 4 * UNIT, 4 * UNIT, 0);
	shop_price(b, p, list, (struct price){ .wholesale = p->source });
	shop_benefit(b, p, BENEFIT_DATA, UNIT_DATA, "GB", 1500000, 1500000);
	catalog_builder_product(b, p);
}

static inline void shop_operator(struct catalog_builder *b, int64_t id, const char *name, const char *country)
{
	struct operator_ *op = ARENA_NEW(catalog_builder_arena(b), struct operator_);

	op->id = id;
	op->name = str_of(name);
	op->country = country_find(str_of(country));
	catalog_builder_operator(b, op);
}

static inline void shop_open(struct shop *shop)
{
	struct catalog_builder *b = catalog_builder_new();

	check_ok(price_list_number(STR("standard"), &shop->list));
	shop_operator(b, 5, "Op", "SGP");
	shop_operator(b, 6, "Bangla", "BGD");
	shop_operator(b, 7, "Roam", "EXX");
	shop_top_up(b, shop->list);
	shop_ranged(b, shop->list);
	shop_voucher(b, shop->list);
	shop_bill(b, shop->list);
	shop_esim(b, shop->list);
	shop->catalog = catalog_builder_finish(b);
}

static inline void shop_close(struct shop *shop)
{
	catalog_release(shop->catalog);
}

/* service/demo_products.c: one product after the other, by recipes. Amounts are plausible, names are invented. */
#include "service/demo_private.h"

#include "base/decimal.h"

#include <string.h>

enum { UNIT = 1000000 };

/* What a recipe works on. */
struct draft {
	struct demo *demo;
	struct arena *a;
	const struct demo_operator *op;
	struct product *p;
	struct price *prices;
	struct str *lists;
	struct benefit *benefits;
	int64_t dollars; /* roughly what it is worth */
};

static struct str amount_text(struct arena *a, int64_t micros)
{
	struct buf b;
	struct str text;

	buf_init(&b, 64);
	decimal_put(&b, micros);
	text = arena_str(a, buf_view(&b));
	buf_done(&b);
	return text;
}

/* Two leading digits, and at least a tenth of the unit or what the currency can be paid in. */
static int64_t round_nicely(int64_t micros, struct currency cur)
{
	int64_t step = currency_exponent(cur) ? UNIT / 10 : UNIT;

	while (micros / step >= 100)
		step *= 10;
	return micros < step ? step : micros / step * step;
}

static int64_t round_up_to_cent(int64_t micros)
{
	int64_t cents = (micros + UNIT / 100 - 1) / (UNIT / 100);

	return (cents ? cents : 1) * (UNIT / 100);
}

static int64_t scale(int64_t micros, int64_t num, int64_t den)
{
	int64_t result = 0;

	must(micros_scale(micros, num, den, &result) == OK);
	return result;
}

static struct currency currency_of(const char *code)
{
	struct currency cur = { 0 };

	must(currency_parse(str_of(code), &cur) == OK);
	return cur;
}

/* What one list asks: smallest and largest amount, equal for fixed products. */
struct asking {
	const char *cur;
	int64_t least, most, retail_least, retail_most;
};

static void add_price(struct draft *d, const char *list, const struct asking *asking, bool retail)
{
	struct price *price = &d->prices[d->p->price_count];
	struct currency cur = currency_of(asking->cur);

	price->wholesale = (struct span){ cur, asking->least, asking->most, 0 };
	if (retail)
		price->retail = (struct span){ cur, asking->retail_least, asking->retail_most, 0 };
	d->lists[d->p->price_count++] = str_of(list);
}

/* Nearly every product is in "standard"; three of four are in "euro", one of a hundred is in "small". */
static void add_prices(struct draft *d, const struct asking *dollars, const struct asking *euros)
{
	size_t dice = demo_pick(d->demo, 400);
	bool retail = dice % 3 != 0, euro = dice % 4 != 0;

	if (dice >= 8 || !euro)
		add_price(d, "standard", dollars, retail);
	if (euro)
		add_price(d, "euro", euros, retail);
	if (dice % 100 == 17)
		add_price(d, "small", dollars, false);
}

static void set_fixed(struct draft *d)
{
	struct product *p = d->p;
	const struct demo_money *money = d->op->money;
	int64_t worth = round_nicely(scale(d->dollars * UNIT, money->per_dollar, UNIT), money->cur);
	int64_t source = round_up_to_cent(scale(worth, UNIT / 100 * 103, money->per_dollar));
	int64_t price = round_up_to_cent(scale(source, 90 + (int64_t)demo_pick(d->demo, 9), 100));
	int64_t euro = round_up_to_cent(scale(price, 92, 100));
	int64_t retail = round_up_to_cent(scale(price, 11, 10)), euro_retail = round_up_to_cent(scale(euro, 11, 10));

	p->source = (struct span){ currency_of("USD"), source, source, 0 };
	p->destination = (struct span){ money->cur, worth, worth, 0 };
	add_prices(d, &(struct asking){ "USD", price, price, retail, retail },
		   &(struct asking){ "EUR", euro, euro, euro_retail, euro_retail });
}

/* The source runs in whole dollars and the rate is a round number, so the ends of every range follow exactly. */
static void set_ranged(struct draft *d)
{
	static const int64_t parts[] = { 1, 2, 5, 10 };
	struct product *p = d->p;
	const struct demo_money *money = d->op->money;
	int64_t rate = round_nicely(money->per_dollar, money->cur);
	int64_t least = 1 + (int64_t)demo_pick(d->demo, 5), most = least + 4 + d->dollars;
	int64_t cent = UNIT / 100, cents = 91 + (int64_t)demo_pick(d->demo, 8), euros = cents - 7;

	p->source = (struct span){ currency_of("USD"), least * UNIT, most * UNIT, 0 };
	p->destination = (struct span){ money->cur, least * rate, most * rate,
					rate / parts[demo_pick(d->demo, ARRAY_LEN(parts))] };
	p->calculation_modes = CALCULATION_SOURCE | CALCULATION_DESTINATION;
	if (!demo_pick(d->demo, 10))
		p->calculation_modes = CALCULATION_DESTINATION;
	add_prices(d,
		   &(struct asking){ "USD", least * cents * cent, most * cents * cent, least * (cents + 9) * cent,
				     most * (cents + 9) * cent },
		   &(struct asking){ "EUR", least * euros * cent, most * euros * cent, least * (euros + 9) * cent,
				     most * (euros + 9) * cent });
}

static void set_amounts(struct draft *d)
{
	if (product_is_ranged(d->p))
		set_ranged(d);
	else
		set_fixed(d);
}

static void add_benefit(struct draft *d, enum benefit_type type, enum unit_type unit_type, const char *unit,
			int64_t least, int64_t most)
{
	struct benefit *b = &d->benefits[d->p->benefit_count++];
	int64_t bonus = least > 0 && !demo_pick(d->demo, 8) ? 1 : 0;

	*b = (struct benefit){ .type = type,
			       .unit_type = unit_type,
			       .unit = str_of(unit),
			       .base_min = least,
			       .base_max = most,
			       .bonus_min = bonus * (least / 10),
			       .bonus_max = bonus * (most / 10) };
	b->excluding_tax_min = b->including_tax_min = least + b->bonus_min;
	b->excluding_tax_max = b->including_tax_max = most + b->bonus_max;
	if (!demo_pick(d->demo, 12))
		b->additional_information = STR("Valid for the main balance only.");
}

/* The money that arrives. */
static void add_credit(struct draft *d, enum benefit_type type)
{
	add_benefit(d, type, UNIT_CURRENCY, currency_code(d->p->destination.cur).p, d->p->destination.min,
		    d->p->destination.max);
}

static void set_tags(struct draft *d, const char *first, const char *second)
{
	struct str *tags = ARENA_ARRAY(d->a, struct str, 2);

	tags[0] = str_of(first);
	tags[1] = str_of(second);
	d->p->tags = tags;
	d->p->tag_count = second ? 2 : 1;
}

static void require(struct requirement *r, unsigned set)
{
	r->sets[r->count++] = set;
}

/* "5 SGD", or "1.3 - 13 SGD" */
static struct str money_text(struct draft *d)
{
	const struct span *span = &d->p->destination;
	struct str least = amount_text(d->a, span->min), most = amount_text(d->a, span->max);
	struct str code = currency_code(span->cur);

	if (span->min == span->max)
		return arena_printf(d->a, "%.*s %.*s", STR_ARG(most), STR_ARG(code));
	return arena_printf(d->a, "%.*s - %.*s %.*s", STR_ARG(least), STR_ARG(most), STR_ARG(code));
}

/* A third of the products speak French, Spanish and Russian too. */
static struct localized *add_texts(struct draft *d)
{
	static const char *const codes[] = { "fr", "es", "ru" };
	struct localized *texts;

	if (demo_pick(d->demo, 3))
		return NULL;
	texts = ARENA_ARRAY(d->a, struct localized, ARRAY_LEN(codes));
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		texts[i].locale = locale_find(str_of(codes[i]));
	d->p->texts = texts;
	d->p->text_count = ARRAY_LEN(codes);
	return texts;
}

static void name_by_money(struct draft *d, const char *english, const char *french, const char *spanish,
			  const char *russian)
{
	const char *const descriptions[] = { french, spanish, russian };
	struct str text = money_text(d);
	struct localized *texts = add_texts(d);

	d->p->name = text;
	d->p->description = arena_printf(d->a, "%s %.*s", english, STR_ARG(text));
	for (size_t i = 0; texts && i < ARRAY_LEN(descriptions); i++) {
		texts[i].name = text;
		texts[i].description = arena_printf(d->a, "%s %.*s", descriptions[i], STR_ARG(text));
	}
}

static void name_by_data(struct draft *d, int64_t gigabytes, int64_t days)
{
	static const struct {
		const char *unit, *days;
	} words[] = { { "Go", "jours" }, { "GB", "días" }, { "ГБ", "дней" } };
	struct localized *texts = add_texts(d);

	d->p->name = arena_printf(d->a, "%d GB, %d days", (int)gigabytes, (int)days);
	d->p->description = arena_printf(d->a, "%d GB of data for %d days", (int)gigabytes, (int)days);
	for (size_t i = 0; texts && i < ARRAY_LEN(words); i++)
		texts[i].name =
			arena_printf(d->a, "%d %s, %d %s", (int)gigabytes, words[i].unit, (int)days, words[i].days);
}

/* Some countries' operators sell by region. */
static void limit_to_regions(struct draft *d)
{
	const struct country *country = d->op->op.country;
	const struct region **regions;

	if (country->region_count < 20 || demo_pick(d->demo, 12))
		return;
	regions = ARENA_ARRAY(d->a, const struct region *, 2);
	regions[0] = &country->regions[demo_pick(d->demo, 10)];
	regions[1] = &country->regions[10 + demo_pick(d->demo, 10)];
	d->p->regions = regions;
	d->p->region_count = 1 + demo_pick(d->demo, 2);
}

static void make_airtime(struct draft *d)
{
	set_amounts(d);
	name_by_money(d, "Airtime top-up of", "Recharge de", "Recarga de", "Пополнение счёта на");
	add_credit(d, BENEFIT_CREDITS);
	set_tags(d, "AIRTIME", demo_pick(d->demo, 6) ? NULL : "PROMO");
	if (product_is_pin(d->p))
		return;
	require(&d->p->credit_party, FIELD_MOBILE_NUMBER);
	if (!demo_pick(d->demo, 25))
		require(&d->p->sender, FIELD_LAST_NAME | FIELD_FIRST_NAME | FIELD_MOBILE_NUMBER);
	if (!demo_pick(d->demo, 40))
		require(&d->p->debit_party, FIELD_MOBILE_NUMBER);
}

static const int64_t day_counts[] = { 1, 3, 7, 14, 30 };

static void make_data(struct draft *d)
{
	int64_t gigabytes = 1 + (int64_t)demo_pick(d->demo, 50),
		days = day_counts[demo_pick(d->demo, ARRAY_LEN(day_counts))];

	set_amounts(d);
	name_by_data(d, gigabytes, days);
	d->p->validity = (struct validity){ TIME_DAY, days };
	add_benefit(d, BENEFIT_DATA, UNIT_DATA, "GB", gigabytes * UNIT, gigabytes * UNIT);
	set_tags(d, "DATA", demo_pick(d->demo, 5) ? NULL : "NIGHT");
	limit_to_regions(d);
	require(&d->p->credit_party, FIELD_MOBILE_NUMBER);
}

static void make_bundle(struct draft *d)
{
	int64_t minutes = 10 * (1 + (int64_t)demo_pick(d->demo, 60));

	make_data(d);
	d->p->tags = NULL;
	set_tags(d, "BUNDLE", demo_pick(d->demo, 2) ? "DATA" : "SOCIAL");
	d->p->description = arena_printf(d->a, "%.*s, %d minutes and messages", STR_ARG(d->p->name), (int)minutes);
	add_benefit(d, BENEFIT_TALKTIME, UNIT_TIME, "MINUTES", minutes * UNIT, minutes * UNIT);
	if (demo_pick(d->demo, 4))
		add_benefit(d, BENEFIT_SMS, UNIT_QUANTITY, "SMS", minutes * 5 * UNIT, minutes * 5 * UNIT);
	else
		add_benefit(d, BENEFIT_SMS, UNIT_QUANTITY, "SMS", -UNIT, -UNIT);
}

static void make_payment(struct draft *d)
{
	struct payment_info *payment = ARENA_NEW(d->a, struct payment_info);
	struct product *p = d->p;

	set_amounts(d);
	name_by_money(d, "Payment of", "Paiement de", "Pago de", "Платёж на");
	add_credit(d, BENEFIT_PAYMENT);
	set_tags(d, "BILL_PAYMENT", NULL);
	payment->modes = PAY_PARTIAL | PAY_EXACT | (demo_pick(d->demo, 2) ? PAY_EXCESS : PAY_PAST_DUE);
	payment->posting_period.unit = demo_pick(d->demo, 3) ? TIME_DAY : TIME_HOUR;
	payment->posting_period.quantity = 1 + (int64_t)demo_pick(d->demo, 5);
	payment->posting_period.business_days = demo_pick(d->demo, 2);
	payment->supports_statement_inquiry = demo_pick(d->demo, 2);
	require(&p->credit_party, FIELD_ACCOUNT_NUMBER);
	if (payment->supports_statement_inquiry) {
		require(&payment->inquiry, FIELD_ACCOUNT_NUMBER);
		if (!demo_pick(d->demo, 3))
			require(&p->statement, FIELD_REFERENCE);
	}
	if (!demo_pick(d->demo, 4))
		require(&p->credit_party, FIELD_ACCOUNT_NUMBER | FIELD_ACCOUNT_QUALIFIER);
	if (!demo_pick(d->demo, 6))
		require(&p->beneficiary, FIELD_LAST_NAME | FIELD_FIRST_NAME | FIELD_ADDRESS_COUNTRY);
	p->payment = payment;
}

static void set_pin(struct draft *d, const char *how)
{
	struct pin_info *pin = ARENA_NEW(d->a, struct pin_info);
	struct str *usage = ARENA_ARRAY(d->a, struct str, 1);

	usage[0] = str_of(how);
	*pin = (struct pin_info){ usage, 1, { TIME_MONTH, 12 }, STR("No refund once the code was shown.") };
	d->p->pin = pin;
}

static void make_gift_card(struct draft *d)
{
	set_amounts(d);
	name_by_money(d, "Gift card of", "Carte cadeau de", "Tarjeta regalo de", "Подарочная карта на");
	add_credit(d, BENEFIT_CREDITS);
	set_tags(d, "GIFT_CARD", demo_pick(d->demo, 3) ? NULL : "SEASONAL");
	set_pin(d, "Enter the code in the shop's checkout.");
	if (!demo_pick(d->demo, 20))
		require(&d->p->additional, FIELD_PURCHASER_ID);
	if (!demo_pick(d->demo, 20))
		require(&d->p->sender, FIELD_EMAIL);
}

static void make_prepaid_token(struct draft *d)
{
	set_amounts(d);
	name_by_money(d, "Prepaid token of", "Jeton prépayé de", "Ficha prepago de", "Предоплаченный код на");
	add_credit(d, BENEFIT_CREDITS);
	set_tags(d, "PREPAID_METER", NULL);
	set_pin(d, "Type the code into the meter.");
	require(&d->p->credit_party, FIELD_ACCOUNT_NUMBER);
}

static void make_prepaid_airtime(struct draft *d)
{
	make_airtime(d);
	set_pin(d, "Dial *100*code# and press the call key.");
}

static void make_premium(struct draft *d)
{
	set_amounts(d);
	name_by_money(d, "Premium of", "Prime de", "Prima de", "Взнос на");
	add_credit(d, BENEFIT_PAYMENT);
	set_tags(d, "PREMIUM", NULL);
	d->p->validity = (struct validity){ TIME_MONTH, 1 };
	require(&d->p->credit_party, FIELD_ACCOUNT_NUMBER);
	require(&d->p->beneficiary, FIELD_LAST_NAME | FIELD_FIRST_NAME | FIELD_NATIONALITY);
}

static void make_esim(struct draft *d)
{
	static const struct str some[] = { { "JPN", 3 }, { "KOR", 3 }, { "SGP", 3 }, { "THA", 3 },
					   { "USA", 3 }, { "CAN", 3 }, { "MEX", 3 }, { "TUR", 3 } };
	struct product *p = d->p;

	make_data(d);
	p->credit_party.count = 0;
	p->region_count = 0;
	set_tags(d, "ESIM", demo_pick(d->demo, 6) ? "DATA" : "UNLIMITED");
	set_pin(d, "Scan the QR code under Settings, Mobile data, Add eSIM.");
	if (!strcmp(d->op->op.country->iso, "GXX") && demo_pick(d->demo, 2)) {
		const struct country **coverage = ARENA_ARRAY(d->a, const struct country *, ARRAY_LEN(some));

		for (size_t i = demo_pick(d->demo, 4); i < ARRAY_LEN(some); i++)
			coverage[p->coverage_count++] = country_find(some[i]);
		p->coverage = coverage;
	}
}

/* What a hundred products in a row are, in shares that add up to 100. */
static const struct recipe {
	int share;
	enum demo_trade trade;
	int service, first_subservice, last_subservice; /* 0 = not divided */
	enum product_type type;
	void (*make)(struct draft *d);
} recipes[] = {
	{ 24, TRADE_MOBILE, 1, 11, 11, PRODUCT_FIXED_RECHARGE, make_airtime },
	{ 4, TRADE_MOBILE, 1, 11, 11, PRODUCT_RANGED_RECHARGE, make_airtime },
	{ 12, TRADE_MOBILE, 1, 12, 12, PRODUCT_FIXED_RECHARGE, make_bundle },
	{ 16, TRADE_MOBILE, 1, 13, 13, PRODUCT_FIXED_RECHARGE, make_data },
	{ 3, TRADE_MOBILE, 1, 11, 11, PRODUCT_FIXED_PIN, make_prepaid_airtime },
	{ 1, TRADE_MOBILE, 1, 11, 11, PRODUCT_RANGED_PIN, make_prepaid_airtime },
	{ 6, TRADE_UTILITY, 3, 31, 37, PRODUCT_RANGED_PAYMENT, make_payment },
	{ 2, TRADE_UTILITY, 3, 31, 33, PRODUCT_FIXED_PIN, make_prepaid_token },
	{ 12, TRADE_GIFT, 4, 41, 46, PRODUCT_FIXED_PIN, make_gift_card },
	{ 3, TRADE_GIFT, 4, 41, 46, PRODUCT_RANGED_PIN, make_gift_card },
	{ 1, TRADE_INSURANCE, 7, 0, 0, PRODUCT_FIXED_RECHARGE, make_premium },
	{ 1, TRADE_INSURANCE, 7, 0, 0, PRODUCT_RANGED_PAYMENT, make_payment },
	{ 2, TRADE_FINANCE, 10, 0, 0, PRODUCT_RANGED_PAYMENT, make_payment },
	{ 1, TRADE_GOVERNMENT, 11, 0, 0, PRODUCT_RANGED_PAYMENT, make_payment },
	{ 2, TRADE_EDUCATION, 12, 0, 0, PRODUCT_RANGED_PAYMENT, make_payment },
	{ 1, TRADE_EDUCATION, 12, 0, 0, PRODUCT_FIXED_RECHARGE, make_premium },
	{ 9, TRADE_ESIM, 13, 0, 0, PRODUCT_FIXED_PIN, make_esim },
};

static const struct recipe *recipe_of(size_t i)
{
	int slot = (int)(i * 37 % 100); /* 37 and 100 have no common factor: each slot once in a hundred */

	for (size_t r = 0;; r++) {
		if (slot < recipes[r].share)
			return &recipes[r];
		slot -= recipes[r].share;
	}
}

static void set_route(struct draft *d)
{
	struct route *route = ARENA_NEW(d->a, struct route);
	const struct span *price = &d->prices[0].wholesale;

	*route = (struct route){ STR("sandbox"),
				 arena_printf(d->a, "DEMO-%d", (int)d->p->id),
				 1,
				 { scale(price->max, 95, 100), price->cur } };
	d->p->routes = route;
	d->p->route_count = 1;
}

const struct demo_operator *demo_make_product(struct demo *demo, size_t i, struct catalog_line *line)
{
	static const int64_t dollars[] = { 1, 2, 3, 5, 8, 10, 15, 20, 25, 30, 50, 100 };
	const struct recipe *recipe = recipe_of(i);
	struct arena *a = &demo->line;
	struct draft d = { .demo = demo,
			   .a = a,
			   .p = &line->product,
			   .prices = ARENA_ARRAY(a, struct price, 3),
			   .lists = ARENA_ARRAY(a, struct str, 3),
			   .benefits = ARENA_ARRAY(a, struct benefit, 3) };
	int subservices = recipe->last_subservice - recipe->first_subservice + 1;

	d.op = &demo->trades[recipe->trade].items[demo_pick(demo, demo->trades[recipe->trade].count)];
	d.dollars = dollars[demo_pick(demo, ARRAY_LEN(dollars))];
	*line = (struct catalog_line){ .kind = CATALOG_PRODUCT,
				       .id = DEMO_FIRST_PRODUCT + (int64_t)i,
				       .operator_id = d.op->id };
	d.p->id = line->id;
	d.p->type = recipe->type;
	d.p->service = service_find(recipe->service);
	if (recipe->first_subservice)
		d.p->subservice = subservice_find(d.p->service, recipe->first_subservice +
									(int64_t)demo_pick(demo, (size_t)subservices));
	d.p->zones = demo_pick(demo, 3) ? ZONE_INTERNATIONAL : ZONE_DOMESTIC | ZONE_INTERNATIONAL;
	recipe->make(&d);
	d.p->prices = d.prices;
	d.p->benefits = d.benefits;
	line->lists = d.lists;
	set_route(&d);
	return d.op;
}

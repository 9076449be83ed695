/* service/demo_operators.c: real mobile operators with their prefixes, and invented ones of every other trade. */
#include "service/demo_private.h"

#include <stdlib.h>
#include <string.h>

static void read_money(struct demo *demo)
{
	struct str block = str_of(demo_countries);

	demo->money = ARENA_ARRAY(&demo->arena, struct demo_money, country_count());
	while (block.n) {
		struct str line = str_cut(&block, '\n');
		struct demo_money *money = &demo->money[demo->money_count];

		money->country = country_find_alpha2(str_cut(&line, '\t'));
		if (currency_parse(str_cut(&line, '\t'), &money->cur) != OK ||
		    str_to_i64(str_cut(&line, '\t'), 1, INT64_MAX, &money->per_dollar) != OK || !money->country)
			continue; /* iso-codes of another release may lack a country */
		money->calling = line;
		demo->money_count++;
	}
}

static const struct demo_money *money_of(const struct demo *demo, const struct country *country)
{
	for (size_t i = 0; i < demo->money_count; i++)
		if (demo->money[i].country == country)
			return &demo->money[i];
	return NULL;
}

static struct demo_operator *add_operator(struct demo *demo, enum demo_trade trade, int64_t id, struct str name,
					  const struct country *country, const struct demo_money *money)
{
	struct demo_operator *items = demo->trades[trade].items;
	size_t n = demo->trades[trade].count++;

	if (n == demo->trades[trade].room) {
		demo->trades[trade].room = n ? n * 2 : 64;
		items = reallocarray(items, demo->trades[trade].room, sizeof(*items));
		must(items);
		demo->trades[trade].items = items;
	}
	items[n] = (struct demo_operator){ .id = id, .money = money };
	items[n].op = (struct operator_){ .id = id, .name = name, .country = country };
	return &items[n];
}

/* Operators that the documentation names. */
static int64_t known_id(const struct country *country, struct str name)
{
	static const struct {
		const char *country, *name;
		int64_t id;
	} rows[] = { { "SGP", "SingTel", DEMO_SINGTEL }, { "BGD", "GrameenPhone", DEMO_GRAMEENPHONE } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(country->iso, rows[i].country) && str_is(name, rows[i].name))
			return rows[i].id;
	return 0;
}

static void read_mobile(struct demo *demo)
{
	struct str block = str_of(demo_operators);

	while (block.n) {
		struct str line = str_cut(&block, '\n');
		const struct country *country = country_find_alpha2(str_cut(&line, '\t'));
		const struct demo_money *money = country ? money_of(demo, country) : NULL;
		struct str name = str_cut(&line, '\t');
		int64_t id;

		if (!money)
			continue;
		id = known_id(country, name);
		add_operator(demo, TRADE_MOBILE, id ? id : demo->next_operator++, name, country, money)->prefixes =
			line;
	}
}

static void invent_local(struct demo *demo)
{
	static const struct {
		enum demo_trade trade;
		size_t every; /* one country in so many has one */
		const char *suffix;
	} rows[] = {
		{ TRADE_UTILITY, 3, "Power and Water" },   { TRADE_UTILITY, 7, "Cable and Line" },
		{ TRADE_INSURANCE, 6, "Mutual" },	   { TRADE_FINANCE, 5, "Savings Union" },
		{ TRADE_GOVERNMENT, 6, "Revenue Office" }, { TRADE_EDUCATION, 5, "Open College" },
		{ TRADE_ESIM, 2, "Travel eSIM" },
	};

	for (size_t r = 0; r < ARRAY_LEN(rows); r++) {
		for (size_t i = r % rows[r].every; i < demo->money_count; i += rows[r].every) {
			const struct demo_money *money = &demo->money[i];

			add_operator(
				demo, rows[r].trade, demo->next_operator++,
				arena_printf(&demo->arena, "%.*s %s", STR_ARG(money->country->name), rows[r].suffix),
				money->country, money);
		}
	}
}

static void invent_brands(struct demo *demo)
{
	static const char *const brands[] = { "Nimbus Games",	"Pixel Arcade", "Larder & Loaf",   "Marquee Films",
					      "Wayfarer Miles", "Corner Store", "Tally Cash Card", "Songbird Radio" };
	static const char *const countries[] = { "US", "GB", "DE", "FR", "ES", "IT", "SG", "PH", "MX", "BR",
						 "IN", "AE", "ZA", "NG", "KE", "TR", "PL", "JP", "AU", "CA" };

	for (size_t i = 0; i < ARRAY_LEN(countries); i++) {
		const struct country *country = country_find_alpha2(str_of(countries[i]));
		const struct demo_money *money = country ? money_of(demo, country) : NULL;

		for (size_t k = 0; k < ARRAY_LEN(brands) && money; k++)
			add_operator(demo, TRADE_GIFT, demo->next_operator++, str_of(brands[k]), country, money);
	}
}

/* What can be used in many countries is sold in dollars. */
static void invent_groups(struct demo *demo)
{
	static const struct {
		const char *iso, *name;
	} rows[] = { { "GXX", "Meridian eSIM" },
		     { "GXX", "Longitude" },
		     { "EXX", "Old World eSIM" },
		     { "EXX", "Continental eSIM" } };
	const struct demo_money *dollars = money_of(demo, country_find(STR("USA")));

	for (size_t i = 0; i < ARRAY_LEN(rows) && dollars; i++)
		add_operator(demo, TRADE_ESIM, demo->next_operator++, str_of(rows[i].name),
			     country_find(str_of(rows[i].iso)), dollars);
}

void demo_make_operators(struct demo *demo)
{
	demo->next_operator = DEMO_FIRST_OPERATOR;
	read_money(demo);
	read_mobile(demo);
	invent_local(demo);
	invent_brands(demo);
	invent_groups(demo);
	for (int trade = 0; trade < TRADE_COUNT; trade++)
		must(demo->trades[trade].count);
}

static void write_prefixes(struct demo *demo, const struct demo_operator *op, struct str prefixes, bool certain)
{
	struct catalog_line line = { .kind = CATALOG_PREFIX, .id = op->id * 2 + certain, .operator_id = op->id };
	struct str *digits = ARENA_ARRAY(&demo->line, struct str, prefixes.n / 2 + 1);

	while (prefixes.n)
		digits[line.prefix.digit_count++] = str_cut(&prefixes, ' ');
	line.prefix.digits = digits;
	line.prefix.certain = certain;
	if (line.prefix.digit_count)
		demo_write(demo, &line);
}

void demo_write_operators(struct demo *demo)
{
	for (int trade = 0; trade < TRADE_COUNT; trade++) {
		for (size_t i = 0; i < demo->trades[trade].count; i++) {
			const struct demo_operator *op = &demo->trades[trade].items[i];

			demo_write(demo,
				   &(struct catalog_line){ .kind = CATALOG_OPERATOR, .id = op->id, .op = op->op });
		}
	}
	for (size_t i = 0; i < demo->trades[TRADE_MOBILE].count; i++) {
		const struct demo_operator *op = &demo->trades[TRADE_MOBILE].items[i];

		write_prefixes(demo, op, op->prefixes, true);
		/* A number of the country that nobody's prefix fits may be anybody's. */
		write_prefixes(demo, op, op->money->calling, false);
	}
}

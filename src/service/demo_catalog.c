#include "service/demo_catalog.h"

#include "base/clock.h"
#include "service/demo_private.h"

#include <stdlib.h>

size_t demo_pick(struct demo *demo, size_t n)
{
	/* Knuth's 64-bit linear congruence: not for secrets, but the same on every machine. */
	demo->random = demo->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(demo->random >> 33) % n;
}

void demo_write(struct demo *demo, const struct catalog_line *line)
{
	if (demo->result)
		return;
	buf_clear(&demo->text);
	catalog_line_write(&demo->text, line);
	demo->result = demo->sink(demo->arg, buf_view(&demo->text));
}

/* How many of them are products. */
static size_t write_samples(struct demo *demo)
{
	struct str block = str_of(demo_samples);
	size_t products = 0;

	while (block.n && !demo->result) {
		struct str text = str_cut(&block, '\n');
		struct json_faults faults;
		struct catalog_line line;

		must(catalog_line_read(&demo->line, text, &line, &faults) == OK);
		products += line.kind == CATALOG_PRODUCT;
		demo_write(demo, &line);
	}
	return products;
}

static int64_t day(const char *date)
{
	int64_t us = 0;

	must(clock_parse_date(str_of(date), &us) == OK);
	return us;
}

/* Products that the promotions and campaigns to come are about: the latest of some operators. */
struct picks {
	struct {
		int64_t operator_id;
		int64_t products[4];
		size_t count;
	} items[200];
	size_t count;
};

static void remember(struct picks *picks, const struct demo_operator *op, int64_t product)
{
	size_t i = 0;

	while (i < picks->count && picks->items[i].operator_id != op->id)
		i++;
	if (i == ARRAY_LEN(picks->items))
		return;
	if (i == picks->count)
		picks->items[picks->count++].operator_id = op->id;
	if (picks->items[i].count < ARRAY_LEN(picks->items[i].products))
		picks->items[i].products[picks->items[i].count++] = product;
}

/* Of ten, one is over and one is still to come. */
static void set_dates(size_t i, int64_t *start, int64_t *end)
{
	*start = day(i % 10 == 9 ? "2090-01-01" : "2024-01-01");
	*end = day(i % 10 == 8 ? "2024-12-31" : "2099-12-31");
}

static void write_promotion(struct demo *demo, const struct picks *picks, size_t i)
{
	static const char *const titles[][2] = { { "Double data", "Deux fois plus de données" },
						 { "10 % more credit", "10 % de crédit en plus" },
						 { "Free night calls", "Appels gratuits la nuit" } };
	struct catalog_line line = { .kind = CATALOG_PROMOTION,
				     .id = 101 + (int64_t)i,
				     .operator_id = picks->items[i].operator_id,
				     .products = picks->items[i].products,
				     .product_count = picks->items[i].count };
	struct promotion *p = &line.promotion;
	struct localized french = { .locale = locale_find(STR("fr")) };

	p->title = str_of(titles[i % ARRAY_LEN(titles)][0]);
	p->description = STR("With every top-up while it lasts.");
	p->terms = i % 3 ? STR("Once a day and number.") : STR_NONE;
	french.name = str_of(titles[i % ARRAY_LEN(titles)][1]);
	french.description = STR("Avec chaque recharge, pendant la durée de l'offre.");
	p->texts = &french;
	p->text_count = 1;
	set_dates(i, &p->start_us, &p->end_us);
	demo_write(demo, &line);
}

/* The first ones are about the products that the documentation names. */
static void write_events(struct demo *demo, const struct picks *picks)
{
	static const int64_t samples[] = { DEMO_FIXED_RECHARGE, DEMO_IN_STANDARD };
	static const char *const titles[] = { "New Year", "Summer travel", "Back to school", "Harvest" };
	struct catalog_line line = { .kind = CATALOG_PROMOTION,
				     .id = 100,
				     .operator_id = DEMO_SINGTEL,
				     .products = &samples[1],
				     .product_count = 1 };

	line.promotion = (struct promotion){ .title = STR("1 SGD on top"), .description = STR("With every 10 SGD.") };
	set_dates(0, &line.promotion.start_us, &line.promotion.end_us);
	demo_write(demo, &line);
	for (size_t i = 0; i < picks->count; i++)
		write_promotion(demo, picks, i);
	for (size_t i = 0; i < 12; i++) {
		const bool sample = !i || i >= picks->count;

		line = (struct catalog_line){ .kind = CATALOG_CAMPAIGN,
					      .id = 100 + (int64_t)i,
					      .products = sample ? samples : picks->items[i].products,
					      .product_count = sample ? ARRAY_LEN(samples) : picks->items[i].count };
		line.campaign = (struct campaign){ .title = str_of(titles[i % ARRAY_LEN(titles)]),
						   .description = STR("What sells best at this time of the year.") };
		set_dates(i, &line.campaign.start_us, &line.campaign.end_us);
		demo_write(demo, &line);
	}
}

static void write_products(struct demo *demo, size_t count, struct picks *picks)
{
	for (size_t i = 0; i < count && !demo->result; i++) {
		struct catalog_line line;
		const struct demo_operator *op;

		arena_reset(&demo->line);
		op = demo_make_product(demo, i, &line);
		demo_write(demo, &line);
		if (line.product.service->id == 1 && i < 4000)
			remember(picks, op, line.id);
	}
}

enum err demo_catalog_write(catalog_sink sink, void *arg, size_t product_count)
{
	struct demo demo = { .sink = sink, .arg = arg, .random = 20250101 };
	struct picks picks = { 0 };
	size_t samples;

	if (!product_count)
		product_count = DEMO_PRODUCTS;
	if (product_count > DEMO_PRODUCTS_MAX)
		return ERR_TOO_LARGE;
	arena_init(&demo.arena);
	arena_init(&demo.line);
	buf_init(&demo.text, LIMIT_IMPORT_LINE_BYTES);
	demo_make_operators(&demo);
	demo_write_operators(&demo);
	samples = write_samples(&demo);
	write_products(&demo, product_count > samples ? product_count - samples : 0, &picks);
	arena_reset(&demo.line);
	write_events(&demo, &picks);
	for (int trade = 0; trade < TRADE_COUNT; trade++)
		free(demo.trades[trade].items);
	arena_done(&demo.arena);
	arena_done(&demo.line);
	buf_done(&demo.text);
	return demo.result;
}

/* service/demo_private.h: shared by the files that make the demo catalogue. */
#pragma once

#include "service/catalog_line.h"
#include "service/demo_catalog.h"

/* Written by tools/gen_demo.py. Lines of fields between tabs: alpha-2 code, currency, micros of it in a dollar, calling
 * code; alpha-2 code, operator, prefixes between spaces. */
extern const char demo_countries[], demo_operators[];
/* demo_samples.jsonl: the products of enum demo_product and the operators that only they have. */
extern const char demo_samples[];
enum { DEMO_FIRST_PRODUCT = 10001, DEMO_FIRST_OPERATOR = 101, DEMO_SINGTEL = 5, DEMO_GRAMEENPHONE = 6 };

struct demo_money {
	const struct country *country;
	struct currency cur;
	int64_t per_dollar; /* micros */
	struct str calling; /* "65"; empty where the number begins like another country's */
};

enum demo_trade {
	TRADE_MOBILE,
	TRADE_UTILITY,
	TRADE_GIFT,
	TRADE_INSURANCE,
	TRADE_FINANCE,
	TRADE_GOVERNMENT,
	TRADE_EDUCATION,
	TRADE_ESIM,
	TRADE_COUNT,
};

struct demo_operator {
	int64_t id;
	struct operator_ op;
	const struct demo_money *money;
	struct str prefixes; /* of mobile ones */
};

struct demo {
	catalog_sink sink;
	void *arg;
	enum err result; /* the sink's first refusal: nothing is written after it */
	uint64_t random;
	struct arena arena; /* of the operators */
	struct arena line;  /* of the line at hand */
	struct buf text;
	struct demo_money *money;
	size_t money_count;
	struct {
		struct demo_operator *items;
		size_t count, room;
	} trades[TRADE_COUNT];
	int64_t next_operator;
};

/* A number below n, the same sequence every time. */
size_t demo_pick(struct demo *demo, size_t n);
void demo_write(struct demo *demo, const struct catalog_line *line);

void demo_make_operators(struct demo *demo);
void demo_write_operators(struct demo *demo);
/* Product number i, 0 .., and the operator it was given. */
const struct demo_operator *demo_make_product(struct demo *demo, size_t i, struct catalog_line *line);

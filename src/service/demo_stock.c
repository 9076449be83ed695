/* service/demo_stock.c: codes that are worth nothing, for the samples that are sold from stock. */
#include "service/demo.h"

#include "base/limits.h"
#include "core/esim.h"
#include "service/demo_catalog.h"
#include "service/stock.h"

#include <inttypes.h>
#include <stdio.h>

static const struct str actor = { "demo", 4 };

static enum err run(struct engine *e, struct arena *a, const struct verb *verb, void *command)
{
	struct task t = { .verb = verb, .command = command, .arena = a };

	return engine_run(e, &t);
}

/* A number of a test network's range with its check digit, and a code that installs nothing. */
static struct stock_line profile(struct arena *a, struct str token)
{
	char iccid[ICCID_LEAST + 2];
	int n = snprintf(iccid, sizeof(iccid), "8988%014" PRIu64, crypto_random_u64() % UINT64_C(100000000000000));

	must(n == ICCID_LEAST);
	iccid[n] = luhn_digit(iccid, (size_t)n);
	return (struct stock_line){ .code = arena_printf(a, "LPA:1$rsp.demo.example$%.*s", STR_ARG(token)),
				    .serial = arena_str(a, (struct str){ iccid, (size_t)n + 1 }) };
}

static enum err fill(struct engine *e, struct arena *a, int64_t product, int64_t batch, int64_t count)
{
	struct stock_line *lines = ARENA_ARRAY(a, struct stock_line, LIMIT_STOCK_CHUNK_ROWS);
	struct stock_fill c = { .batch = batch, .lines = lines };
	enum err err = OK;

	while (!err && c.expected < count) {
		int64_t left = count - c.expected;

		c.count = (size_t)(left < LIMIT_STOCK_CHUNK_ROWS ? left : LIMIT_STOCK_CHUNK_ROWS);
		for (size_t i = 0; i < c.count; i++) {
			char code[33];

			crypto_token(code);
			lines[i] = product == DEMO_STOCK_ESIM || product == DEMO_STOCK_PLAN
					   ? profile(a, str_of(code))
					   : (struct stock_line){ .code = arena_str(a, str_of(code)) };
		}
		err = run(e, a, &verb_stock_fill, &c);
		c.expected = c.total;
	}
	return err;
}

static enum err seed(struct engine *e, struct arena *a, int64_t product, int64_t count)
{
	struct stock_list known = { .product_id = product };
	enum err err = run(e, a, &verb_stock_list, &known);

	if (err || known.count)
		return err;
	struct stock_open open = {
		.by = { actor }, .product_id = product, .sandbox = true, .low = 10, .note = STR("demo")
	};
	err = run(e, a, &verb_stock_open, &open);
	if (err == ERR_NOT_FOUND)
		return OK; /* a store whose catalogue is another one */
	if (!err)
		err = fill(e, a, product, open.batch, count);
	struct stock_turn flip = { .by = { actor }, .batch = open.batch, .to = STOCK_ACTIVE };
	return err ? err : run(e, a, &verb_stock_turn, &flip);
}

enum err demo_stock_seed(struct engine *e)
{
	static const struct {
		int64_t product, count;
	} rows[] = {
		{ DEMO_APPLE_2, 100 },	     { DEMO_APPLE_3, 50 },     { DEMO_APPLE_30, 2000 },
		{ DEMO_HARBOUR_CARD, 5000 }, { DEMO_STOCK_ESIM, 200 }, { DEMO_STOCK_PLAN, 1 },
	};
	struct arena a;
	enum err err = OK;

	arena_init(&a);
	for (size_t i = 0; i < ARRAY_LEN(rows) && !err; i++)
		err = seed(e, &a, rows[i].product, rows[i].count);
	arena_done(&a);
	return err;
}

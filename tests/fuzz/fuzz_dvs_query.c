/* Queries and path parameters of the DVS lists: what is taken is within its rules, what is not has a reason. */
#include "api/dvs/catalog.h"
#include "api/dvs/errors.h"
#include "api/dvs/query.h"
#include "api/dvs/transaction.h"

#include "base/clock.h"
#include "core/catalog_build.h"
#include "json/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_products(const struct request *rq)
{
	const struct discovery *d = rq->task.command;

	must(d->page >= 1 && d->per_page >= 1 && d->per_page <= LIMIT_PAGE_ROWS);
	must(!d->products.subservice_id || d->products.service_id);
	must(!d->products.country.p || d->products.country.n == 3);
	must(d->products.sort.count <= ARRAY_LEN(d->products.sort.keys));
}

static void check_transactions(const struct request *rq)
{
	const struct order_list *c = rq->task.command;

	must(c->page >= 1 && c->per_page >= 1 && c->per_page <= LIMIT_PAGE_ROWS);
	must(c->from_us <= c->to_us && c->to_us - c->from_us <= SECONDS_US(86400 + 60));
	must(!c->credit_party.p || dvs_is_mobile(c->credit_party));
}

static void check_balances(const struct request *rq)
{
	const struct balance_list *c = rq->task.command;

	must(c->page >= 1 && c->currency >= 0 && c->currency < 1000);
}

static void check_number(const struct request *rq)
{
	const struct discovery *d = rq->task.command;

	must(dvs_is_mobile(d->number));
}

static void run(struct str text, const struct catalog *catalog, enum err (*parse)(struct request *rq),
		void (*check)(const struct request *rq))
{
	static const struct partner partner = { .id = 5, .price_list = { "standard", 8 }, .locale = { "en", 2 } };
	static const struct credential credential = { .id = 9, .partner_id = 5, .partner = &partner };
	struct http_exchange x = { .query = text, .status = 200 };
	struct request rq = { .x = &x,
			      .credential = &credential,
			      .catalog = catalog,
			      .captures = { text },
			      .now_us = SECONDS_US(1767323045) };
	struct json doc;

	arena_init(&x.arena);
	buf_init(&x.reply, 1024 * 1024);
	enum err e = parse(&rq);
	must(e || rq.fault_count == 0);
	if (e) {
		if (rq.fault_count == 0)
			request_add_fault(&rq, e, STR_NONE);
		dvs_refuse(&rq);
		must((x.status == 400 || x.status == 404) && !x.reply.failed);
		must(json_read(&x.arena, buf_view(&x.reply), NULL, &doc) == OK);
	} else {
		check(&rq);
	}
	buf_done(&x.reply);
	arena_done(&x.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct catalog *catalog;
	struct str text = { (const char *)data, size };

	if (!catalog)
		catalog = catalog_builder_finish(catalog_builder_new());
	if (size > 8192)
		return 0;
	run(text, catalog, dvs_products_parse, check_products);
	run(text, catalog, dvs_transactions_parse, check_transactions);
	run(text, catalog, dvs_balances_parse, check_balances);
	/* The server hands out captures that are text already. */
	if (str_is_utf8(text))
		run((struct str){ text.p, text.n }, catalog, dvs_number_path_parse, check_number);
	return 0;
}

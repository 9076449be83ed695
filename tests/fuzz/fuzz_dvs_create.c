/* Bodies of DVS requests: what is taken is within its rules and can be written out again; what is not has a reason. */
#include "api/dvs/catalog.h"
#include "api/dvs/errors.h"
#include "api/dvs/lookup.h"
#include "api/dvs/transaction.h"

#include "core/catalog_build.h"
#include "json/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_create(const struct request *rq)
{
	const struct order_place *c = rq->task.command;
	struct json doc;

	must(!str_is_blank(c->reference) && str_codepoints(c->reference) <= 40);
	must(c->product_id >= 1 && c->product_id <= INT32_MAX);
	must(!c->credit_party.p || (c->credit_party.p[0] == '+' && c->credit_party.n <= 16));
	must(!c->given.credit == !(c->credit_party.p || c->credit_account.p) ||
	     c->given.credit == FIELD_ACCOUNT_QUALIFIER);
	if (c->parties.p)
		must(json_read(rq->task.arena, c->parties, NULL, &doc) == OK &&
		     json_type(json_root(&doc)) == JSON_OBJECT && json_count(json_root(&doc)) > 0);
}

static void check_ignored(const struct request *rq)
{
	must(rq->task.command);
}

static void run(struct str body, enum err (*parse)(struct request *rq), void (*check)(const struct request *rq))
{
	static const struct partner partner = { .id = 5, .price_list = { "standard", 8 }, .locale = { "en", 2 } };
	static const struct credential credential = { .id = 9, .partner_id = 5, .partner = &partner };
	struct http_exchange x = { .body = body, .status = 200 };
	struct request rq = { .x = &x, .credential = &credential, .task.arena = &x.arena };
	struct json doc;

	arena_init(&x.arena);
	buf_init(&x.reply, 1024 * 1024);
	enum err e = parse(&rq);
	must((e != OK) == (rq.fault_count > 0));
	if (e) {
		must(rq.faults[0].code == e);
		dvs_refuse(&rq);
		must(x.status == 400 && !x.reply.failed);
		must(json_read(&x.arena, buf_view(&x.reply), NULL, &doc) == OK);
	} else {
		check(&rq);
	}
	buf_done(&x.reply);
	arena_done(&x.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str body = { (const char *)data, size };

	if (size > 64 * 1024)
		return 0;
	run(body, dvs_create_sync_parse, check_create);
	run(body, dvs_number_parse, check_ignored);
	run(body, dvs_statements_parse, check_ignored);
	run(body, dvs_party_benefits_parse, check_ignored);
	return 0;
}

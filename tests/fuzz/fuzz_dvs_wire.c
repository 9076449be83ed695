/* A supplier's bytes: status from the first byte, the rest is the body, read as the reply to a create and to a query.
 * An outcome other than silence needs the API's own words; a delivery must be JSON again. */
#include "supplier/dvs/wire.h"
#include "json/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct arena *a, const struct supplier_answer *answer)
{
	struct json doc;

	must(answer->outcome >= SUPPLIER_ACCEPTED && answer->outcome <= SUPPLIER_ABSENT);
	must(answer->outcome != SUPPLIER_DELIVERED || answer->supplier_reference.n);
	must(!answer->delivery.p || json_read(a, answer->delivery, NULL, &doc) == OK);
	must(answer->cost.micros >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 200, 201, 400, 404, 401, 429, 500, 0 };
	struct order order = { .id = 77 };
	struct product product = { .type = PRODUCT_FIXED_RECHARGE };
	struct attempt attempt = { .order_id = 77, .unit = 1, .no = 1, .sku = STR("1") };
	struct arena a;
	int64_t code;

	if (!size)
		return 0;
	arena_init(&a);
	struct supplier_call call = { .order = &order, .product = &product, .attempt = &attempt, .arena = &a };
	struct dvs_reply reply = { statuses[data[0] % ARRAY_LEN(statuses)], { (const char *)data + 1, size - 1 } };
	struct supplier_answer create = dvs_read_create(&call, reply, &code);
	struct supplier_answer query = dvs_read_query(&call, reply);
	check(&a, &create);
	check(&a, &query);
	must(reply.status < 500 || create.outcome == SUPPLIER_UNKNOWN);
	arena_done(&a);
	return 0;
}

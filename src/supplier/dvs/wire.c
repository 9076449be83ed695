#include "supplier/dvs/wire.h"

#include "json/reader.h"
#include "json/writer.h"

enum { CLASS_SPAN = 10000, STATUS_MOST = 99999, DELIVERY_BYTES_MOST = 8 * 1024 * 1024 };

/* Sub-codes of a status: the id without its class. Our balance with the supplier is no business of the buyer's, so its
 * lack is an operator that cannot be reached. */
static const struct {
	int64_t sub;
	enum order_reason reason;
} status_reasons[] = {
	{ 0, REASON_NONE },
	{ 200, REASON_CREDIT_PARTY_INVALID },
	{ 201, REASON_CREDIT_PARTY_BARRED },
	{ 203, REASON_CREDIT_PARTY_INELIGIBLE },
	{ 210, REASON_DEBIT_PARTY_INVALID },
	{ 211, REASON_DEBIT_PARTY_BARRED },
	{ 310, REASON_OPERATOR_AMOUNT },
	{ 320, REASON_CREDIT_PARTY_AMOUNT },
	{ 330, REASON_CUSTOMER_AMOUNT },
	{ 350, REASON_OPERATOR_QUANTITY },
	{ 360, REASON_CREDIT_PARTY_QUANTITY },
	{ 370, REASON_CUSTOMER_QUANTITY },
	{ 400, REASON_OPERATOR_UNAVAILABLE },
	{ 500, REASON_OPERATOR_UNAVAILABLE },
	{ 600, REASON_DUPLICATED },
	{ 900, REASON_EXCEPTION },
};

/* Refusals of a create. What is not here is a refusal too, with the reason EXCEPTION. */
static const struct {
	int64_t code;
	enum order_reason reason;
} error_reasons[] = {
	{ 1003002, REASON_OPERATOR_AMOUNT },
	{ 1005003, REASON_CREDIT_PARTY_INVALID },
	{ 1006001, REASON_OPERATOR_UNAVAILABLE },
	{ 1006003, REASON_DEBIT_PARTY_INVALID },
	{ 1009001, REASON_EXCEPTION },
};

static const char *const party_names[] = { "sender",
					   "beneficiary",
					   "debit_party_identifier",
					   "credit_party_identifier",
					   "statement_identifier",
					   "additional_identifier" };

static void write_amount(struct json_writer *w, const char *side, struct currency cur, int64_t micros)
{
	json_obj(w, side);
	json_strz(w, "unit_type", "CURRENCY");
	json_str(w, "unit", currency_code(cur));
	json_decimal(w, "amount", micros);
	json_end(w);
}

/* What we sold is the adjusted destination amount, so that is what we buy. A product that can only be bought by source
 * amount gets what our buyer asked for: the supplier adjusts it as we did, whereas our adjusted source may have been
 * rounded to just below a step. */
static void write_ranged(struct json_writer *w, const struct order *o, const struct product *p)
{
	if (p->calculation_modes & CALCULATION_DESTINATION) {
		json_strz(w, "calculation_mode", "DESTINATION_AMOUNT");
		write_amount(w, "destination", p->destination.cur, o->adjusted_destination);
	} else {
		json_strz(w, "calculation_mode", "SOURCE_AMOUNT");
		write_amount(w, "source", p->source.cur, o->requested_source);
	}
}

/* The buyer's own words where there are some, else the numbers of the order. */
static enum err write_parties(struct json_writer *w, const struct supplier_call *call)
{
	const struct order *o = call->order;
	struct json doc = { 0 };

	if (call->parties.p && json_read(call->arena, call->parties, NULL, &doc))
		return ERR_BAD_REQUEST;
	const struct json_token *root = call->parties.p ? json_root(&doc) : NULL;
	for (size_t i = 0; i < ARRAY_LEN(party_names); i++) {
		const struct json_token *party = json_get(root, party_names[i]);

		if (!json_is_null(party))
			json_raw_value(w, party_names[i], json_raw(party));
	}
	if (json_is_null(json_get(root, "credit_party_identifier")) && (o->credit_party.n || o->credit_account.n)) {
		json_obj(w, "credit_party_identifier");
		if (o->credit_party.n)
			json_str(w, "mobile_number", o->credit_party);
		if (o->credit_account.n)
			json_str(w, "account_number", o->credit_account);
		json_end(w);
	}
	return OK;
}

enum err dvs_write_create(struct buf *b, const struct supplier_call *call)
{
	struct json_writer w;
	int64_t product_id;

	if (str_to_i64(call->attempt->sku, 1, INT32_MAX, &product_id))
		return ERR_CONFIG;
	json_writer_init(&w, b);
	json_obj(&w, NULL);
	json_str(&w, "external_id", supplier_call_reference(call));
	json_int(&w, "product_id", product_id);
	json_bool(&w, "auto_confirm", true);
	if (product_is_ranged(call->product))
		write_ranged(&w, call->order, call->product);
	enum err e = write_parties(&w, call);
	json_end(&w);
	return e ? e : json_finish(&w);
}

static struct supplier_answer unknown(const char *detail)
{
	return (struct supplier_answer){ .outcome = SUPPLIER_UNKNOWN, .detail = detail };
}

/* prices.wholesale, amount and fee. Currency 0 if it is not there or not exact. */
static struct money read_cost(struct arena *a, const struct json_token *transaction)
{
	const struct json_token *price = json_get(json_get(transaction, "prices"), "wholesale");
	struct money cost = { 0 };
	int64_t amount, fee = 0;

	if (json_micros(json_get(price, "amount"), &amount) ||
	    (!json_is_null(json_get(price, "fee")) && json_micros(json_get(price, "fee"), &fee)) || amount < 0 ||
	    fee < 0 || micros_add(amount, fee, &amount) ||
	    currency_parse(json_text(a, json_get(price, "unit")), &cost.cur))
		return (struct money){ 0 };
	cost.micros = amount;
	return cost;
}

/* Code and serial of the PIN; of an eSIM its activation code and ICCID. Absent if there is neither. */
static struct str read_delivery(struct arena *a, const struct json_token *transaction)
{
	const struct json_token *pin = json_get(transaction, "pin");
	const struct json_token *profile = json_get(json_get(transaction, "metadata"), "profile");
	struct str code = json_text(a, json_get(pin, "code"));
	struct str serial = json_text(a, json_get(pin, "serial"));
	struct json_writer w;
	struct buf b;

	if (!code.p)
		code = json_text(a, json_get(profile, "activation_code"));
	if (!serial.p)
		serial = json_text(a, json_get(profile, "iccid"));
	if (!code.p && !serial.p)
		return STR_NONE;
	buf_init(&b, DELIVERY_BYTES_MOST);
	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_str(&w, "code", code);
	json_str(&w, "serial", serial);
	json_end(&w);
	must(json_finish(&w) == OK); /* an answer is smaller than that, however it is escaped */
	struct str json = arena_str(a, buf_view(&b));
	buf_done(&b);
	return json;
}

static enum order_reason status_reason(int64_t status)
{
	for (size_t i = 0; i < ARRAY_LEN(status_reasons); i++)
		if (status_reasons[i].sub == status % CLASS_SPAN)
			return status_reasons[i].reason;
	return REASON_EXCEPTION;
}

/* A transaction object, which must be the one of our reference. */
static struct supplier_answer read_transaction(struct supplier_call *call, const struct json_token *transaction)
{
	static const enum supplier_outcome outcomes[10] = {
		[1] = SUPPLIER_ACCEPTED, [2] = SUPPLIER_ACCEPTED,  [3] = SUPPLIER_REFUSED, [4] = SUPPLIER_REFUSED,
		[5] = SUPPLIER_ACCEPTED, [7] = SUPPLIER_DELIVERED, [8] = SUPPLIER_REFUSED, [9] = SUPPLIER_REFUSED,
	};
	const struct json_token *status = json_get(transaction, "status");
	struct arena *a = call->arena;
	int64_t id, status_id, class;

	if (!json_text_is(json_get(transaction, "external_id"), supplier_call_reference(call)))
		return unknown("another transaction");
	if (json_i64(json_get(transaction, "id"), 1, INT64_MAX, &id) ||
	    json_i64(json_get(status, "id"), 1, STATUS_MOST, &status_id) ||
	    json_i64(json_get(json_get(status, "class"), "id"), 1, 9, &class) || !outcomes[class])
		return unknown("no status");
	struct supplier_answer answer = { .outcome = outcomes[class],
					  .supplier_reference = arena_printf(a, "%lld", (long long)id),
					  .operator_reference =
						  json_text(a, json_get(transaction, "operator_reference")),
					  .cost = read_cost(a, transaction) };
	if (answer.outcome == SUPPLIER_REFUSED)
		answer.reason = status_reason(status_id);
	if (answer.outcome == SUPPLIER_DELIVERED)
		answer.delivery = read_delivery(a, transaction);
	return answer;
}

/* The code of the first error; 0 if the body is not an error body. */
static int64_t error_code(struct arena *a, struct str body)
{
	struct json doc;
	int64_t code;

	if (json_read(a, body, NULL, &doc) ||
	    json_i64(json_get(json_first(json_get(json_root(&doc), "errors")), "code"), 1, INT32_MAX, &code))
		return 0;
	return code;
}

static struct supplier_answer refused(int64_t code)
{
	struct supplier_answer answer = { .outcome = SUPPLIER_REFUSED, .reason = REASON_EXCEPTION };

	for (size_t i = 0; i < ARRAY_LEN(error_reasons); i++)
		if (error_reasons[i].code == code)
			answer.reason = error_reasons[i].reason;
	return answer;
}

struct supplier_answer dvs_read_create(struct supplier_call *call, struct dvs_reply reply, int64_t *ret_code)
{
	struct json doc;

	*ret_code = 0;
	if (reply.status == 200 || reply.status == 201)
		return json_read(call->arena, reply.body, NULL, &doc) ? unknown("not JSON")
								      : read_transaction(call, json_root(&doc));
	if (reply.status < 400 || reply.status > 499)
		return unknown(reply.status >= 500 ? "server error" : "unexpected status");
	*ret_code = error_code(call->arena, reply.body);
	if (!*ret_code) /* of something in between, not of the API */
		return unknown("unexpected answer");
	/* Credentials and rate limits are looked at before anything is bought. */
	if (reply.status == 401 || reply.status == 403 || reply.status == 429)
		return (struct supplier_answer){ .outcome = SUPPLIER_UNREACHABLE,
						 .detail = reply.status == 429 ? "rate limit" : "credentials" };
	return refused(*ret_code);
}

struct supplier_answer dvs_read_query(struct supplier_call *call, struct dvs_reply reply)
{
	static const int64_t not_found = 1008004;
	struct json doc;

	if (reply.status == 404)
		return error_code(call->arena, reply.body) == not_found
			       ? (struct supplier_answer){ .outcome = SUPPLIER_ABSENT }
			       : unknown("unexpected answer");
	if (reply.status != 200)
		return unknown(reply.status >= 500 ? "server error" : "unexpected status");
	if (json_read(call->arena, reply.body, NULL, &doc) || json_type(json_root(&doc)) != JSON_ARRAY)
		return unknown("not a list");
	if (json_count(json_root(&doc)) == 0)
		return (struct supplier_answer){ .outcome = SUPPLIER_ABSENT };
	return read_transaction(call, json_first(json_root(&doc)));
}

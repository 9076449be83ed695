#include "api/payvessel/errors.h"

#include "api/payvessel/order.h"
#include "base/clock.h"

enum { UNPROCESSABLE = 422, FAULT_BYTES = 1024 };

static const char unexpected[] = "An unexpected error occurred", busy[] = "Service unavailable, please try again",
		  unauthorized[] = "Unauthorized. Please check your API key.";

static const struct pv_error errors[] = {
	{ ERR_BAD_REQUEST, 400, "Bad request" },
	{ ERR_MALFORMED, 400, "Bad request" },
	{ ERR_MEDIA_TYPE, 400, "Bad request" },
	{ ERR_UNAUTHORIZED, 401, unauthorized },
	{ ERR_TIMESTAMP_MISSING, 401, unauthorized },
	{ ERR_TIMESTAMP_INVALID, 401, unauthorized },
	{ ERR_TIMESTAMP_OUT_OF_RANGE, 401, unauthorized },
	{ ERR_SIGNATURE_MISSING, 401, unauthorized },
	{ ERR_SIGNATURE_INVALID, 401, unauthorized },
	{ ERR_FORBIDDEN, 403, "Insufficient permissions" },
	{ ERR_NOT_FOUND, 404, "Not found. The eSIM API has /regions, /packages, /topup-packages and /orders" },
	{ ERR_METHOD_NOT_ALLOWED, 404, "Not found" },
	{ ERR_GONE, 404, "Not found" },
	{ ERR_RATE_LIMITED, 429, "Too many requests" },
	{ ERR_TOO_LARGE, 413, "The request is too large" },
	{ ERR_CONFLICT, 400, "The Idempotency-Key was used with another request" },
	{ ERR_PRODUCT_NOT_FOUND, 404, "Package not found" },
	{ ERR_AMOUNT_OUT_OF_RANGE, 400, "Invalid amount" },
	{ ERR_UNIT_INVALID, 400, "Invalid amount" },
	{ ERR_BENEFITS_NOT_DEFINED, 404, "Not found" },
	{ ERR_PROMOTION_NOT_FOUND, 404, "Not found" },
	{ ERR_CAMPAIGN_NOT_FOUND, 404, "Not found" },
	{ ERR_SERVICE_NOT_FOUND, 404, "Not found" },
	{ ERR_COUNTRY_NOT_FOUND, 404, "Not found" },
	{ ERR_OPERATOR_NOT_FOUND, 404, "Not found" },
	{ ERR_CREDIT_PARTY_INVALID, 400, "Bad request" },
	{ ERR_DEBIT_PARTY_INVALID, 400, "Bad request" },
	{ ERR_SENDER_NUMBER_INVALID, 400, "Bad request" },
	{ ERR_BENEFICIARY_NUMBER_INVALID, 400, "Bad request" },
	{ ERR_INSUFFICIENT_FUNDS, 400, "Insufficient wallet balance" },
	{ ERR_BALANCE_NOT_FOUND, 400, "Insufficient wallet balance" },
	{ ERR_REFERENCE_USED, 400, "An order with this reference exists already" },
	{ ERR_ALREADY_CONFIRMED, 400, "Bad request" },
	{ ERR_CONFIRM_TOO_LATE, 400, "Bad request" },
	{ ERR_ALREADY_CANCELLED, 400, "Bad request" },
	{ ERR_CANCEL_TOO_LATE, 400, "Bad request" },
	{ ERR_METHOD_NOT_SUPPORTED, 424, "The provider cannot do this" },
	{ ERR_ORDER_NOT_FOUND, 404, "Order not found" },
	{ ERR_ESIM_NOT_FOUND, 404, "eSIM not found" },
	{ ERR_ESIM_NOT_RENEWABLE, 400, "The eSIM cannot be topped up" },
	{ ERR_ILLEGAL_STATE, 400, "Bad request" },
	{ ERR_OVERFLOW, 400, "Invalid amount" },
	{ ERR_OUT_OF_STOCK, 400, "The package is out of stock" },
	{ ERR_MISSING, 400, "Bad request" },
	{ ERR_RESTRICTED, 403, "Forbidden" },
	{ ERR_PAYMENT_NOT_FOUND, 404, "Not found" },
	{ ERR_PAYMENT_FINAL, 400, "Bad request" },
	{ ERR_PAYMENT_EXPIRED, 400, "Bad request" },
	{ ERR_PAYMENT_BUSY, 400, "Bad request" },
	{ ERR_ADDRESS_MISSING, 400, "Bad request" },
	{ ERR_ACCOUNT_NOT_FOUND, 404, "Not found" },
	{ ERR_ATTRIBUTE_FIXED, 400, "Bad request" },
	{ ERR_DOCUMENT_NOT_FOUND, 404, "Not found" },
	{ ERR_INVOICES_WRONG, 400, "Bad request" },
	{ ERR_SOURCE_NOT_FOUND, 404, "Not found" },
	{ ERR_INVOICE_NOT_FOUND, 404, "Not found" },
	{ ERR_PERIOD_NOT_FOUND, 404, "Not found" },
	{ ERR_CURRENCY, 400, "Invalid currency" },
	{ ERR_INTERNAL, 500, unexpected },
	{ ERR_BUSY, 503, busy },
	{ ERR_STORE_UNAVAILABLE, 503, busy },
	{ ERR_STORE_FAILED, 500, unexpected },
	{ ERR_STORE_NEWER, 500, unexpected },
	{ ERR_IO, 503, busy },
	{ ERR_TIMEOUT, 503, busy },
	{ ERR_CONFIG, 500, unexpected },
	{ ERR_SEALED, 500, unexpected },
};

const struct pv_error *pv_error(enum err code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return NULL;
}

/* A fault of the schema is the finished item of the answer's array: an object, which no sentence is. */
static bool is_item(const struct fault *fault)
{
	return fault->code == ERR_BAD_REQUEST && fault->message.n && fault->message.p[0] == '{';
}

static enum err add_item(struct request *rq, const struct buf *item)
{
	return request_fault(rq, ERR_BAD_REQUEST, arena_str(&rq->x->arena, buf_view(item)));
}

static void put_rest(struct json_writer *w, const char *message, const char *type)
{
	json_end(w);
	json_strz(w, "msg", message);
	json_strz(w, "type", type);
	json_end(w);
}

enum err pv_invalid(struct request *rq, const char *place, const char *name, const char *message, const char *type)
{
	char text[FAULT_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	struct json_writer w;

	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_arr(&w, "loc");
	json_strz(&w, NULL, place);
	if (name)
		json_strz(&w, NULL, name);
	put_rest(&w, message, type);
	return add_item(rq, &b);
}

enum err pv_invalid_json(struct request *rq, size_t at)
{
	char text[FAULT_BYTES];
	struct buf b = { .p = text, .cap = sizeof(text), .max = sizeof(text) };
	struct json_writer w;

	json_writer_init(&w, &b);
	json_obj(&w, NULL);
	json_arr(&w, "loc");
	json_strz(&w, NULL, "body");
	json_int(&w, NULL, (int64_t)at);
	put_rest(&w, "JSON decode error", "json_invalid");
	return add_item(rq, &b);
}

static void put_detail(struct request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_arr(w, "detail");
	for (size_t i = 0; i < rq->fault_count; i++)
		if (is_item(&rq->faults[i]))
			json_raw_value(w, NULL, rq->faults[i].message);
	json_end(w);
	json_end(w);
}

/* Whoever lost the answer to a create finds the order by its id here: there is no list (payvessel.md 6). */
static struct str message_of(struct request *rq)
{
	const struct fault *first = &rq->faults[0];
	const struct order_place *place = rq->task.command;

	if (first->code == ERR_REFERENCE_USED && place && place->existing_id) {
		struct str id = pv_order_uuid(rq->keys, &rq->x->arena, place->existing_id);

		return arena_printf(&rq->x->arena, "An order with this reference exists already: %.*s", STR_ARG(id));
	}
	return first->message.p ? first->message : str_of(pv_error(first->code)->message);
}

void pv_refuse(struct request *rq)
{
	struct http_exchange *x = rq->x;
	bool is_schema = is_item(&rq->faults[0]);
	struct json_writer w;

	if (x->status < 400)
		x->status = is_schema ? UNPROCESSABLE : pv_error(rq->faults[0].code)->status;
	json_writer_init(&w, &x->reply);
	if (is_schema) {
		put_detail(rq, &w);
		return;
	}
	json_obj(&w, NULL);
	json_bool(&w, "status", false);
	json_str(&w, "message", message_of(rq));
	json_null(&w, "data");
	json_time(&w, "timestamp", rq->now_us, 0, "+00:00");
	json_end(&w);
}

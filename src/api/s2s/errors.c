#include "api/s2s/errors.h"

#include "api/s2s/order.h"

static const struct s2s_error errors[] = {
	{ ERR_BAD_REQUEST, 422, "validation_error", "The request is not valid" },
	{ ERR_MALFORMED, 400, "malformed_json", "The body is not JSON in UTF-8" },
	{ ERR_MEDIA_TYPE, 415, "unsupported_media_type", "The body must be application/json" },
	{ ERR_UNAUTHORIZED, 401, "unauthenticated", "The token is missing or unknown" },
	{ ERR_TIMESTAMP_MISSING, 401, "missing_timestamp", "X-Timestamp is required" },
	{ ERR_TIMESTAMP_INVALID, 401, "invalid_timestamp", "X-Timestamp must be Unix seconds in digits" },
	{ ERR_TIMESTAMP_OUT_OF_RANGE, 401, "timestamp_out_of_range", "X-Timestamp is more than 300 seconds off" },
	{ ERR_SIGNATURE_MISSING, 401, "missing_signature", "X-Signature is required" },
	{ ERR_SIGNATURE_INVALID, 401, "invalid_signature", "X-Signature does not match" },
	{ ERR_FORBIDDEN, 403, "partner_inactive", "The partner is not active" },
	{ ERR_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_METHOD_NOT_ALLOWED, 405, "method_not_allowed", "The method is not allowed here" },
	{ ERR_RATE_LIMITED, 429, "too_many_requests", "Too many requests" },
	{ ERR_TOO_LARGE, 413, "payload_too_large", "The request is too large" },
	{ ERR_CONFLICT, 409, "external_id_conflict", "Idempotency-Key was used with another request" },
	{ ERR_GONE, 410, "cursor_expired", "What the cursor points to is not kept any more" },
	{ ERR_PRODUCT_NOT_FOUND, 404, "product_not_found", "The product or SKU is not available to you" },
	{ ERR_AMOUNT_OUT_OF_RANGE, 422, "validation_error", "item.fields.amount: is out of range" },
	{ ERR_UNIT_INVALID, 422, "validation_error", "item.fields.amount: is not valid" },
	{ ERR_BENEFITS_NOT_DEFINED, 404, "not_found", "There is nothing here" },
	{ ERR_PROMOTION_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_CAMPAIGN_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_SERVICE_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_COUNTRY_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_OPERATOR_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_CREDIT_PARTY_INVALID, 422, "validation_error", "item.fields.phone: is not valid" },
	{ ERR_DEBIT_PARTY_INVALID, 422, "validation_error", "item.fields: are not valid" },
	{ ERR_SENDER_NUMBER_INVALID, 422, "validation_error", "item.fields: are not valid" },
	{ ERR_BENEFICIARY_NUMBER_INVALID, 422, "validation_error", "item.fields: are not valid" },
	{ ERR_INSUFFICIENT_FUNDS, 402, "insufficient_balance", "The balance does not cover the order" },
	{ ERR_BALANCE_NOT_FOUND, 404, "not_found", "There is no balance" },
	{ ERR_REFERENCE_USED, 409, "external_id_conflict", "external_id: has already been used with another request" },
	{ ERR_ALREADY_CONFIRMED, 409, "conflict", "The order is under way" },
	{ ERR_CONFIRM_TOO_LATE, 409, "conflict", "The order is over" },
	{ ERR_ALREADY_CANCELLED, 409, "conflict", "The order is cancelled" },
	{ ERR_CANCEL_TOO_LATE, 409, "conflict", "The order is under way" },
	{ ERR_METHOD_NOT_SUPPORTED, 405, "method_not_allowed", "The method is not allowed here" },
	{ ERR_ORDER_NOT_FOUND, 404, "order_not_found", "There is no such order" },
	{ ERR_ILLEGAL_STATE, 500, "server_error", "Something went wrong on our side" },
	{ ERR_ESIM_NOT_FOUND, 404, "esim_not_found", "There is no such eSIM" },
	{ ERR_ESIM_NOT_RENEWABLE, 409, "esim_not_renewable", "The eSIM cannot be topped up" },
	{ ERR_OVERFLOW, 422, "validation_error", "item.fields: come to more than can be sold at once" },
	{ ERR_OUT_OF_STOCK, 409, "out_of_stock", "There are not so many left" },
	{ ERR_MISSING, 422, "validation_error", "The request is not valid" },
	{ ERR_RESTRICTED, 403, "partner_inactive", "The partner is not active" },
	{ ERR_PAYMENT_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_PAYMENT_FINAL, 409, "conflict", "The payment's state does not allow this" },
	{ ERR_PAYMENT_EXPIRED, 409, "conflict", "The payment's state does not allow this" },
	{ ERR_PAYMENT_BUSY, 409, "conflict", "The payment's state does not allow this" },
	{ ERR_ADDRESS_MISSING, 409, "conflict", "The payment's state does not allow this" },
	{ ERR_ACCOUNT_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_ATTRIBUTE_FIXED, 422, "validation_error", "The request is not valid" },
	{ ERR_DOCUMENT_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_INVOICES_WRONG, 400, "bad_request", "The request is not right" },
	{ ERR_SOURCE_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_INVOICE_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_PERIOD_NOT_FOUND, 404, "not_found", "There is nothing here" },
	{ ERR_CURRENCY, 422, "validation_error", "item.fields.amount: is not valid" },
	{ ERR_INTERNAL, 500, "server_error", "Something went wrong on our side" },
	{ ERR_BUSY, 503, "unavailable", "Please try again later" },
	{ ERR_STORE_UNAVAILABLE, 503, "unavailable", "Please try again later" },
	{ ERR_STORE_FAILED, 500, "server_error", "Something went wrong on our side" },
	{ ERR_STORE_NEWER, 500, "server_error", "Something went wrong on our side" },
	{ ERR_IO, 503, "unavailable", "Please try again later" },
	{ ERR_TIMEOUT, 503, "unavailable", "Please try again later" },
	{ ERR_CONFIG, 500, "server_error", "Something went wrong on our side" },
	{ ERR_SEALED, 500, "server_error", "Something went wrong on our side" },
};

const struct s2s_error *s2s_error(enum err code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return s2s_error(ERR_INTERNAL);
}

/* "path: rule" as a member; a sentence may hold several lines. */
static void put_fields(struct json_writer *w, const struct request *rq, struct str words)
{
	json_obj(w, "errors");
	for (size_t i = 0; i < rq->fault_count; i++) {
		struct str rest = rq->faults[i].message.p ? rq->faults[i].message : words;

		while (rest.p) {
			struct str rule = str_cut(&rest, '\n');
			struct str path = str_cut(&rule, ':');

			json_key(w, path);
			json_arr(w, NULL);
			json_str(w, NULL, rule.p ? str_trim(rule) : path);
			json_end(w);
		}
	}
	json_end(w);
}

/* What the refusal of an order says beside its words. */
static void put_order_facts(struct request *rq, struct json_writer *w, enum err code)
{
	const struct order_place *c = rq->task.command;

	if (rq->endpoint == NULL || rq->endpoint->verb != &verb_order_place)
		return;
	if (code == ERR_REFERENCE_USED && c->view.order.id) {
		json_obj(w, "data");
		json_str(w, "id", s2s_order_uuid(rq->keys, &rq->x->arena, c->view.order.id));
		json_strz(w, "status", s2s_order_status(&c->view.order));
		json_end(w);
	}
	if (code == ERR_INSUFFICIENT_FUNDS) {
		json_decimal(w, "required", c->required);
		json_decimal(w, "available_balance", c->available);
	}
}

void s2s_refuse(struct request *rq)
{
	struct http_exchange *x = rq->x;
	enum err code = rq->faults[0].code;
	const struct s2s_error *error = s2s_error(code);
	bool is_field = error->status == 422 || code == ERR_REFERENCE_USED;
	struct str words = str_of(error->message);
	/* What the HTTP server refused by itself says nothing of fields. */
	bool by_server = x->status >= 400;
	const char *name = by_server && x->status == 400 ? "bad_request" : error->name;
	struct json_writer w;

	if (!by_server)
		x->status = error->status;
	struct str message = is_field && !by_server && rq->faults[0].message.p ? rq->faults[0].message : words;
	message = str_cut(&message, '\n');
	json_writer_init(&w, &x->reply);
	json_obj(&w, NULL);
	json_bool(&w, "success", false);
	json_str(&w, "message", message);
	json_str(&w, "error", message);
	json_strz(&w, "code", name);
	if (is_field && !by_server)
		put_fields(&w, rq, words);
	put_order_facts(rq, &w, code);
	json_end(&w);
}

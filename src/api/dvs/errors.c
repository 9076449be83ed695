#include "api/dvs/errors.h"

/* Codes without a row of their own in the DVS table take the nearest: a caller's is 1000400, ours is 1009001, what
 * passes when tried again is 1009503. */
static const struct dvs_error errors[] = {
	{ ERR_BAD_REQUEST, 400, 1000400, "Bad Request" },
	{ ERR_UNAUTHORIZED, 401, 1000401, "Unauthorized" },
	{ ERR_MALFORMED, 400, 1000400, "Bad Request" },
	{ ERR_METHOD_NOT_ALLOWED, 404, 1000404, "Resource not found" },
	{ ERR_MEDIA_TYPE, 400, 1000400, "Bad Request" },
	{ ERR_TIMESTAMP_MISSING, 401, 1000401, "Unauthorized" },
	{ ERR_TIMESTAMP_INVALID, 401, 1000401, "Unauthorized" },
	{ ERR_TIMESTAMP_OUT_OF_RANGE, 401, 1000401, "Unauthorized" },
	{ ERR_SIGNATURE_MISSING, 401, 1000401, "Unauthorized" },
	{ ERR_SIGNATURE_INVALID, 401, 1000401, "Unauthorized" },
	{ ERR_GONE, 404, 1000404, "Resource not found" },
	{ ERR_FORBIDDEN, 401, 1000401, "Unauthorized" },
	{ ERR_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_RATE_LIMITED, 429, 1000429, "Too many requests" },
	{ ERR_TOO_LARGE, 400, 1000400, "Bad Request: the request is too large" },
	{ ERR_CONFLICT, 400, 1000400, "Idempotency-Key: has already been used with another request" },
	{ ERR_PRODUCT_NOT_FOUND, 404, 1003001, "Product is not available in your account" },
	{ ERR_AMOUNT_OUT_OF_RANGE, 400, 1003002, "Requested product amount is out of range" },
	{ ERR_UNIT_INVALID, 400, 1003003, "Requested product unit is invalid" },
	{ ERR_BENEFITS_NOT_DEFINED, 404, 1003101, "Benefits not defined for available products" },
	{ ERR_PROMOTION_NOT_FOUND, 404, 1003201, "Promotion not found" },
	{ ERR_CAMPAIGN_NOT_FOUND, 404, 1003301, "Campaign not found" },
	{ ERR_SERVICE_NOT_FOUND, 404, 1005004, "Service not found" },
	{ ERR_COUNTRY_NOT_FOUND, 404, 1005005, "Country not found" },
	{ ERR_OPERATOR_NOT_FOUND, 404, 1005006, "Operator not found" },
	{ ERR_CREDIT_PARTY_INVALID, 400, 1005003, "Credit party mobile number is invalid" },
	{ ERR_DEBIT_PARTY_INVALID, 400, 1006003, "Debit party mobile number is invalid" },
	{ ERR_SENDER_NUMBER_INVALID, 400, 1005503, "Sender mobile number is invalid" },
	{ ERR_BENEFICIARY_NUMBER_INVALID, 400, 1006503, "Beneficiary mobile number is invalid" },
	{ ERR_INSUFFICIENT_FUNDS, 400, 1006001, "Insufficient balance" },
	{ ERR_BALANCE_NOT_FOUND, 404, 1006009, "Account balance not found" },
	{ ERR_REFERENCE_USED, 400, 1007001, "Transaction external ID has already been used" },
	{ ERR_ALREADY_CONFIRMED, 400, 1007002, "Transaction has already been confirmed" },
	{ ERR_CONFIRM_TOO_LATE, 400, 1007004, "Transaction can no longer be confirmed" },
	{ ERR_ALREADY_CANCELLED, 400, 1007005, "Transaction has already been cancelled" },
	{ ERR_CANCEL_TOO_LATE, 400, 1007007, "Transaction can no longer be cancelled" },
	{ ERR_METHOD_NOT_SUPPORTED, 400, 1007500, "Method not supported by operator" },
	{ ERR_ORDER_NOT_FOUND, 404, 1008004, "Transaction not found" },
	{ ERR_ESIM_NOT_FOUND, 404, 1008004, "Transaction not found" },
	{ ERR_ESIM_NOT_RENEWABLE, 400, 1003001, "Product is not available in your account" },
	{ ERR_ILLEGAL_STATE, 500, 1009001, "Unexpected error, please contact our support team" },
	{ ERR_OVERFLOW, 400, 1003002, "Requested product amount is out of range" },
	{ ERR_OUT_OF_STOCK, 404, 1003001, "Product is not available in your account" },
	{ ERR_MISSING, 400, 1000400, "Bad Request" },
	{ ERR_RESTRICTED, 401, 1000401, "Unauthorized" },
	{ ERR_PAYMENT_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_PAYMENT_FINAL, 400, 1000400, "Bad Request" },
	{ ERR_PAYMENT_EXPIRED, 400, 1000400, "Bad Request" },
	{ ERR_PAYMENT_BUSY, 400, 1000400, "Bad Request" },
	{ ERR_ADDRESS_MISSING, 400, 1000400, "Bad Request" },
	{ ERR_ACCOUNT_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_ATTRIBUTE_FIXED, 400, 1000400, "Bad Request" },
	{ ERR_DOCUMENT_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_INVOICES_WRONG, 400, 1000400, "Bad Request" },
	{ ERR_SOURCE_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_INVOICE_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_PERIOD_NOT_FOUND, 404, 1000404, "Resource not found" },
	{ ERR_CURRENCY, 400, 1003003, "Requested product unit is invalid" },
	{ ERR_INTERNAL, 500, 1009001, "Unexpected error, please contact our support team" },
	{ ERR_BUSY, 503, 1009503, "Service unavailable, please retry later" },
	{ ERR_STORE_UNAVAILABLE, 503, 1009503, "Service unavailable, please retry later" },
	{ ERR_STORE_FAILED, 500, 1009001, "Unexpected error, please contact our support team" },
	{ ERR_STORE_NEWER, 500, 1009001, "Unexpected error, please contact our support team" },
	{ ERR_IO, 503, 1009503, "Service unavailable, please retry later" },
	{ ERR_TIMEOUT, 503, 1009503, "Service unavailable, please retry later" },
	{ ERR_CONFIG, 500, 1009001, "Unexpected error, please contact our support team" },
	{ ERR_SEALED, 500, 1009001, "Unexpected error, please contact our support team" },
};

const struct dvs_error *dvs_error(enum err code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return dvs_error(ERR_INTERNAL);
}

void dvs_refuse(struct request *rq)
{
	struct http_exchange *x = rq->x;
	const struct dvs_error *first = dvs_error(rq->faults[0].code);
	struct json_writer w;

	if (x->status < 400)
		x->status = first->status;
	/* Official clients sign in only after the challenge (docs/api/dvs.md). */
	if (x->status == 401)
		http_reply_header(x, "WWW-Authenticate", STR("Basic realm=\"DVS API\", charset=\"UTF-8\""));
	json_writer_init(&w, &x->reply);
	json_obj(&w, NULL);
	json_arr(&w, "errors");
	for (size_t i = 0; i < rq->fault_count; i++) {
		const struct dvs_error *error = dvs_error(rq->faults[i].code);
		struct str message = rq->faults[i].message;

		json_obj(&w, NULL);
		json_int(&w, "code", error->number);
		json_str(&w, "message", message.p ? message : str_of(error->message));
		json_end(&w);
	}
	json_end(&w);
	json_end(&w);
}

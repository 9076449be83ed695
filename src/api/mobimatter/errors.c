#include "api/mobimatter/errors.h"

/* Not of the standard: the provider is unavailable. */
enum { PROVIDER_UNAVAILABLE = 455 };

static const char unexpected[] = "An unexpected error occurred", busy[] = "Service unavailable, please try again",
		  bad[] = "Bad request",
		  unauthorized[] = "api-key and merchantId are required and must belong together";

static const struct mm_error errors[] = {
	{ ERR_BAD_REQUEST, 400, bad },
	{ ERR_MALFORMED, 400, bad },
	{ ERR_MEDIA_TYPE, 400, bad },
	{ ERR_UNAUTHORIZED, 401, unauthorized },
	{ ERR_TIMESTAMP_MISSING, 401, unauthorized },
	{ ERR_TIMESTAMP_INVALID, 401, unauthorized },
	{ ERR_TIMESTAMP_OUT_OF_RANGE, 401, unauthorized },
	{ ERR_SIGNATURE_MISSING, 401, unauthorized },
	{ ERR_SIGNATURE_INVALID, 401, unauthorized },
	{ ERR_FORBIDDEN, 403, "This merchant may not do that" },
	{ ERR_NOT_FOUND, 404,
	  "No such route. See GET /api/v2/products, POST /api/v2/order, PUT /api/v2/order/complete, "
	  "GET /api/v2/order/{orderId}, GET /api/v2/merchant/balance" },
	{ ERR_METHOD_NOT_ALLOWED, 404, "not found" },
	{ ERR_GONE, 404, "not found" },
	/* 429 would say that nothing is in stock (mobimatter.md 8). */
	{ ERR_RATE_LIMITED, 503, "Too many requests, please try again" },
	{ ERR_TOO_LARGE, 413, "The request is too large" },
	{ ERR_CONFLICT, 400, "The Idempotency-Key was used with another request" },
	{ ERR_PRODUCT_NOT_FOUND, 400, "product not found or not assigned to this merchant" },
	{ ERR_AMOUNT_OUT_OF_RANGE, 400, bad },
	{ ERR_UNIT_INVALID, 400, bad },
	{ ERR_BENEFITS_NOT_DEFINED, 404, "not found" },
	{ ERR_PROMOTION_NOT_FOUND, 404, "not found" },
	{ ERR_CAMPAIGN_NOT_FOUND, 404, "not found" },
	{ ERR_SERVICE_NOT_FOUND, 404, "not found" },
	{ ERR_COUNTRY_NOT_FOUND, 404, "not found" },
	{ ERR_OPERATOR_NOT_FOUND, 404, "not found" },
	{ ERR_CREDIT_PARTY_INVALID, 400, bad },
	{ ERR_DEBIT_PARTY_INVALID, 400, bad },
	{ ERR_SENDER_NUMBER_INVALID, 400, bad },
	{ ERR_BENEFICIARY_NUMBER_INVALID, 400, bad },
	{ ERR_INSUFFICIENT_FUNDS, 402, "Unable to authorize funds: insufficient balance" },
	{ ERR_BALANCE_NOT_FOUND, 402, "Unable to authorize funds: no wallet in USD" },
	{ ERR_REFERENCE_USED, 400, bad },
	{ ERR_ALREADY_CONFIRMED, 400, bad },
	{ ERR_CONFIRM_TOO_LATE, 400, "the order is expired or cancelled and cannot be completed" },
	{ ERR_ALREADY_CANCELLED, 400, "the order is cancelled or expired already" },
	{ ERR_CANCEL_TOO_LATE, 400, "only orders in the state Created can be cancelled" },
	{ ERR_METHOD_NOT_SUPPORTED, PROVIDER_UNAVAILABLE, "the provider is unavailable or has refused the order" },
	{ ERR_ORDER_NOT_FOUND, 404, "order not found" },
	{ ERR_ESIM_NOT_FOUND, 404, "eSIM not found" },
	{ ERR_ESIM_NOT_RENEWABLE, 400, "the eSIM cannot be topped up" },
	{ ERR_ILLEGAL_STATE, 400, "the order's state does not allow this" },
	{ ERR_OVERFLOW, 400, bad },
	{ ERR_OUT_OF_STOCK, 429, "the product is out of stock" },
	{ ERR_MISSING, 400, "a field is missing" },
	{ ERR_RESTRICTED, 403, "This merchant has no access to restricted endpoints" },
	{ ERR_PAYMENT_NOT_FOUND, 404, "not found" },
	{ ERR_PAYMENT_FINAL, 400, "the state does not allow this" },
	{ ERR_PAYMENT_EXPIRED, 400, "the state does not allow this" },
	{ ERR_PAYMENT_BUSY, 400, "the state does not allow this" },
	{ ERR_ADDRESS_MISSING, 400, "the state does not allow this" },
	{ ERR_ACCOUNT_NOT_FOUND, 404, "not found" },
	{ ERR_ATTRIBUTE_FIXED, 400, "the state does not allow this" },
	{ ERR_DOCUMENT_NOT_FOUND, 404, "not found" },
	{ ERR_INVOICES_WRONG, 400, "the request is not right" },
	{ ERR_SOURCE_NOT_FOUND, 404, "not found" },
	{ ERR_INVOICE_NOT_FOUND, 404, "not found" },
	{ ERR_PERIOD_NOT_FOUND, 404, "not found" },
	{ ERR_CURRENCY, 400, bad },
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

const struct mm_error *mm_error(enum err code)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (errors[i].code == code)
			return &errors[i];
	return NULL;
}

void mm_refuse(struct request *rq)
{
	struct http_exchange *x = rq->x;
	const struct mm_error *error = mm_error(rq->faults[0].code);
	struct str message = rq->faults[0].message;
	struct json_writer w;

	if (x->status < 400)
		x->status = error->status;
	json_writer_init(&w, &x->reply);
	json_obj(&w, NULL);
	json_int(&w, "statusCode", x->status);
	json_bool(&w, "isSuccess", false);
	json_str(&w, "message", message.p ? message : str_of(error->message));
	json_end(&w);
}

void mm_begin(struct request *rq, struct json_writer *w)
{
	json_obj(w, NULL);
	json_int(w, "statusCode", rq->endpoint->status);
	json_bool(w, "isSuccess", true);
}

void mm_end(struct json_writer *w)
{
	json_end(w);
}

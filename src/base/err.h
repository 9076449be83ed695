/* base/err.h: the one error vocabulary.
 *
 * Every fallible function returns `enum err` (0 = OK) and leaves its ret_ arguments untouched on failure. The number
 * and the name are stable: they appear in logs, in the admin API and in tests. Each dialect owns one table from these
 * codes to its own HTTP status, code and words; a test walks ERR_LIST and refuses a missing row.
 *
 * It lives in base, below core, so that the JSON reader and the database seam can speak it too. */
#pragma once

#include <stddef.h>

/* id, stable number, stable name, whose fault */
#define ERR_LIST(X)                                                             \
	X(BAD_REQUEST, 1, "bad_request", CALLER)                                \
	X(UNAUTHORIZED, 2, "unauthorized", CALLER)                              \
	X(FORBIDDEN, 3, "forbidden", CALLER)                                    \
	X(NOT_FOUND, 4, "not_found", CALLER)                                    \
	X(RATE_LIMITED, 5, "rate_limited", CALLER)                              \
	X(TOO_LARGE, 6, "too_large", CALLER)                                    \
	X(CONFLICT, 7, "conflict", CALLER)                                      \
	X(MALFORMED, 8, "malformed", CALLER)                                    \
	X(METHOD_NOT_ALLOWED, 9, "method_not_allowed", CALLER)                  \
	X(MEDIA_TYPE, 10, "unsupported_media_type", CALLER)                     \
	X(TIMESTAMP_MISSING, 11, "timestamp_missing", CALLER)                   \
	X(TIMESTAMP_INVALID, 12, "timestamp_invalid", CALLER)                   \
	X(TIMESTAMP_OUT_OF_RANGE, 13, "timestamp_out_of_range", CALLER)         \
	X(SIGNATURE_MISSING, 14, "signature_missing", CALLER)                   \
	X(SIGNATURE_INVALID, 15, "signature_invalid", CALLER)                   \
	X(GONE, 16, "gone", CALLER)                                             \
	X(MISSING, 17, "missing_field", CALLER)                                 \
	X(RESTRICTED, 18, "restricted", CALLER)                                 \
	X(PRODUCT_NOT_FOUND, 20, "product_not_found", CALLER)                   \
	X(AMOUNT_OUT_OF_RANGE, 21, "amount_out_of_range", CALLER)               \
	X(UNIT_INVALID, 22, "unit_invalid", CALLER)                             \
	X(BENEFITS_NOT_DEFINED, 23, "benefits_not_defined", CALLER)             \
	X(PROMOTION_NOT_FOUND, 24, "promotion_not_found", CALLER)               \
	X(CAMPAIGN_NOT_FOUND, 25, "campaign_not_found", CALLER)                 \
	X(SERVICE_NOT_FOUND, 26, "service_not_found", CALLER)                   \
	X(COUNTRY_NOT_FOUND, 27, "country_not_found", CALLER)                   \
	X(OPERATOR_NOT_FOUND, 28, "operator_not_found", CALLER)                 \
	X(CREDIT_PARTY_INVALID, 30, "credit_party_invalid", CALLER)             \
	X(DEBIT_PARTY_INVALID, 31, "debit_party_invalid", CALLER)               \
	X(SENDER_NUMBER_INVALID, 32, "sender_number_invalid", CALLER)           \
	X(BENEFICIARY_NUMBER_INVALID, 33, "beneficiary_number_invalid", CALLER) \
	X(INSUFFICIENT_FUNDS, 40, "insufficient_funds", CALLER)                 \
	X(BALANCE_NOT_FOUND, 41, "balance_not_found", CALLER)                   \
	X(REFERENCE_USED, 50, "reference_used", CALLER)                         \
	X(ALREADY_CONFIRMED, 51, "already_confirmed", CALLER)                   \
	X(CONFIRM_TOO_LATE, 52, "confirm_too_late", CALLER)                     \
	X(ALREADY_CANCELLED, 53, "already_cancelled", CALLER)                   \
	X(CANCEL_TOO_LATE, 54, "cancel_too_late", CALLER)                       \
	X(METHOD_NOT_SUPPORTED, 55, "method_not_supported", CALLER)             \
	X(ORDER_NOT_FOUND, 56, "order_not_found", CALLER)                       \
	X(ILLEGAL_STATE, 57, "illegal_state", CALLER)                           \
	X(ESIM_NOT_FOUND, 58, "esim_not_found", CALLER)                         \
	X(ESIM_NOT_RENEWABLE, 59, "esim_not_renewable", CALLER)                 \
	X(OVERFLOW, 60, "overflow", CALLER)                                     \
	X(OUT_OF_STOCK, 62, "out_of_stock", CALLER)                             \
	X(CURRENCY, 61, "currency_mismatch", CALLER)                            \
	X(PAYMENT_NOT_FOUND, 70, "payment_not_found", CALLER)                   \
	X(PAYMENT_FINAL, 71, "payment_final", CALLER)                           \
	X(PAYMENT_EXPIRED, 72, "payment_expired", CALLER)                       \
	X(PAYMENT_BUSY, 73, "payment_busy", CALLER)                             \
	X(ACCOUNT_NOT_FOUND, 74, "account_not_found", CALLER)                   \
	X(ATTRIBUTE_FIXED, 75, "attribute_fixed", CALLER)                       \
	X(DOCUMENT_NOT_FOUND, 76, "document_not_found", CALLER)                 \
	X(INVOICE_NOT_FOUND, 77, "invoice_not_found", CALLER)                   \
	X(ADDRESS_MISSING, 78, "address_missing", CALLER)                       \
	X(PERIOD_NOT_FOUND, 79, "period_not_found", CALLER)                     \
	X(INVOICES_WRONG, 68, "invoices_wrong", CALLER)                         \
	X(SOURCE_NOT_FOUND, 69, "source_not_found", CALLER)                     \
	X(INTERNAL, 80, "internal", US)                                         \
	X(BUSY, 81, "busy", US)                                                 \
	X(STORE_UNAVAILABLE, 82, "store_unavailable", US)                       \
	X(STORE_FAILED, 83, "store_failed", US)                                 \
	X(STORE_NEWER, 84, "store_newer", US)                                   \
	X(IO, 85, "io", US)                                                     \
	X(TIMEOUT, 86, "timeout", US)                                           \
	X(CONFIG, 87, "config", US)                                             \
	X(SEALED, 88, "cannot_open_sealed", US)

enum err {
	OK = 0,
#define X(id, number, name, fault) ERR_##id = number,
	ERR_LIST(X)
#undef X
};

enum err_fault { ERR_FAULT_CALLER, ERR_FAULT_US };

/* The stable name, such as "insufficient_funds"; "ok" for 0. */
const char *err_name(enum err e);

/* Whose fault it is; decides the log level. */
enum err_fault err_fault(enum err e);

/* The i-th code of the list, for tests that walk it; returns OK past the end. */
enum err err_at(size_t i);

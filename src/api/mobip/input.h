/* api/mobip/input.h: what a MOBIP call was given: parameters from the query and the body, whatever form they came in.
 *
 * Both methods take a query, a multipart, urlencoded or JSON body (mobip.md 2). The body wins over the query, and the
 * last of one name wins within one of them. Parameters are bound by a table; the first fault is the answer, a missing
 * one before one that is not right. */
#pragma once

#include "api/endpoint.h"

/* Reads it once for the request. ERR_MALFORMED, ERR_TOO_LARGE. */
MUST_USE enum err mobip_read(struct request *rq);
/* A parameter's text; absent when it was not given, or given empty. After mobip_read(); before it, absent. */
struct str mobip_value(const struct request *rq, const char *name);

/* As many values and keys as a text of that length may well have: those of invoices take ten bytes and more. */
struct json_limits mobip_json_limits(struct str text);

/* 1, true, on; everything else is not (mobip.md 8). */
bool mobip_is_true(struct str text);

enum mobip_type {
	MOBIP_TEXT,	/* [struct str] 1 to max characters, no control characters */
	MOBIP_OPAQUE,	/* [struct str] up to max characters, kept byte for byte */
	MOBIP_NUMBER,	/* [int64_t] digits alone, min to max */
	MOBIP_URL,	/* [struct str] http or https, with a host, without credentials, at most max bytes */
	MOBIP_EMAIL,	/* [struct str] */
	MOBIP_PHONE,	/* [struct str] with its international prefix; spaces, dots and hyphens go */
	MOBIP_LANGUAGE, /* [int64_t] enum payment_language */
	MOBIP_MEDIA,	/* [int64_t] enum payment_media */
};

struct mobip_field {
	const char *name, *alias; /* alias: may be NULL */
	enum mobip_type type;
	bool required;
	size_t at; /* offsetof the member */
	int64_t min, max;
	int64_t otherwise; /* of numbers and words that were not given */
};

/* Fills *ret, a zeroed struct. Adds a fault: ERR_MISSING or ERR_BAD_REQUEST. */
MUST_USE enum err mobip_bind(struct request *rq, const struct mobip_field *fields, size_t n, void *ret);
/* Cents are the currency's own smallest units: one XPF, one JPY (mobip.md 5). What was read from such a parameter, in
 * micros of the account's currency; adds a fault beyond 10^9 units. */
#define MOBIP_MINOR_MOST INT64_C(999999999999)
MUST_USE enum err mobip_amount(struct request *rq, const char *name, int64_t minor, int64_t *ret_micros);
/* The answer to a parameter that is there and not acceptable. */
MUST_USE enum err mobip_invalid(struct request *rq, const char *name, const char *rule);

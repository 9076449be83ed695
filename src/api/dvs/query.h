/* api/dvs/query.h: query parameters of the DVS API as tables, with the decoding that its clients need
 * (docs/api/dvs.md, "Queries"). Every fault is reported, each naming the parameter and its rule. */
#pragma once

#include "api/endpoint.h"

/* In brackets the member's C type. */
enum param_type {
	PARAM_ID,	/* [int64_t] int32, at least 1 */
	PARAM_PER_PAGE, /* [int64_t] 1 to 100 */
	PARAM_NUMBER,	/* [int64_t] any integer of 64 bits */
	PARAM_COUNTRY,	/* [struct str] three capital letters */
	PARAM_REGION,	/* [struct str] country or subdivision */
	PARAM_TYPE,	/* [enum product_type] */
	PARAM_TAGS,	/* [struct param_tags] */
	PARAM_BENEFITS, /* [unsigned] bits 1 << enum benefit_type */
	PARAM_SORT,	/* [struct sort] */
	PARAM_TEXT,	/* [struct str] not blank; at most `max` characters unless 0 */
	PARAM_MOBILE,	/* [struct str] E.164; a raw '+' or a space stands for '+' */
	PARAM_TIME,	/* [struct param_time] RFC 3339, likewise */
	PARAM_CURRENCY, /* [bool] only "CURRENCY": true when given */
};

struct param_tags {
	const struct str *items;
	size_t count;
};

struct param_time {
	bool is_set;
	int64_t us;
};

struct param {
	const char *name;
	enum param_type type;
	size_t at; /* offsetof the member; zero when not given */
	size_t max;
};

/* Reads the request's query into *ret, which holds the defaults. Unknown names are ignored. Faults are left in the
 * request; returns the first one's code. */
MUST_USE enum err dvs_query(struct request *rq, const struct param *params, size_t count, void *ret);

/* ---- rules that bodies and paths share ---- */

bool dvs_is_mobile(struct str text);  /* E.164: ^\+[1-9][0-9]{6,14}$ */
bool dvs_is_country(struct str text); /* ^[A-Z]{3}$ */

/* Path parameters: faults are left in the request. */
MUST_USE enum err dvs_path_id(struct request *rq, const char *name, int64_t max, int64_t *ret);

/* Adds a fault "name: rule". */
MUST_USE enum err dvs_fault(struct request *rq, enum err code, const char *name, const char *rule);

/* api/s2s/create.h: what the two signed calls have in common: POST /orders and the top-up of an eSIM. */
#pragma once

#include "api/endpoint.h"

/* The body, once its size, type and X-Timestamp are good. ERR_TOO_LARGE, ERR_MEDIA_TYPE, ERR_TIMESTAMP_*,
 * ERR_MALFORMED. */
MUST_USE enum err s2s_signed_body(struct request *rq, struct json *ret);
/* ERR_BAD_REQUEST with its fault. */
MUST_USE enum err s2s_check_external_id(struct request *rq, struct str id);
/* NULL, or what is wrong with it. */
const char *s2s_metadata_fault(const struct json_token *metadata);
/* What tells a repeat from another request. */
int64_t s2s_fingerprint(struct str text);

/* api/s2s/create.h: what the two signed calls have in common: POST /orders and the top-up of an eSIM. */
#pragma once

#include "api/endpoint.h"

/* The body, once its size, type and X-Timestamp are good. ERR_TOO_LARGE, ERR_MEDIA_TYPE, ERR_TIMESTAMP_*,
 * ERR_MALFORMED. */
MUST_USE enum err s2s_signed_body(struct request *rq, struct json *ret);
/* That it is signed over `subject` and the external_id, and that the latter is one. ERR_SIGNATURE_*; ERR_BAD_REQUEST
 * with its fault. */
MUST_USE enum err s2s_check_signed(struct request *rq, struct str subject, struct str external_id);
/* What all orders of the API have in common, whatever they buy. */
struct order_place s2s_order(const struct request *rq, struct str external_id);
/* What is kept with an order to be shown again: the metadata as it was sent, and a JSON object of fields; absent when
 * there is neither. */
struct str s2s_order_details(struct arena *a, const struct json_token *metadata, struct str fields);
/* NULL, or what is wrong with it. */
const char *s2s_metadata_fault(const struct json_token *metadata);
/* What tells a repeat from another request. */
int64_t s2s_fingerprint(struct str text);

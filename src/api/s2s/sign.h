/* api/s2s/sign.h: HMAC-SHA256 over the parts that the S2S API signs, joined without a separator (s2s.md 2). */
#pragma once

#include "api/endpoint.h"

/* 64 hex digits in small letters, in the arena. */
struct str s2s_signature(struct arena *a, struct str secret, struct str timestamp, struct str second, struct str third);

/* Checks X-Timestamp and X-Signature of a request over timestamp + second + third, with any secret of the partner that
 * is valid. ERR_TIMESTAMP_*, ERR_SIGNATURE_*, ERR_SEALED. */
MUST_USE enum err s2s_check_timestamp(struct request *rq);
MUST_USE enum err s2s_check_signature(struct request *rq, struct str second, struct str third);

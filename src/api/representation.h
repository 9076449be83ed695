/* api/representation.h: how an answer of the catalogue leaves: with a tag, not at all, or compressed (RFC 9110).
 *
 * A tag (ETag) is a hash of the plain bytes, so it is the same on every node and after a restart, and changes when and
 * only when the bytes do. Who sends it back (If-None-Match) gets 304. Compressed bytes carry a tag of their own, and
 * either is known again. */
#pragma once

#include "api/endpoint.h"
#include "api/page_cache.h"

/* Answers an ENDPOINT_KEPT row from what is kept, if it is and its stock is still shown as it says there: fills body,
 * status and headers. */
bool representation_kept(struct request *rq);
/* After rendering with success: puts tag and coding upon the body that is there, and keeps what may be kept. */
void representation_finish(struct request *rq);

/* Of an If-None-Match: whether it names the tag, plain or compressed, or any. */
bool representation_is_known(struct str if_none_match, struct str tag);
/* Of an Accept-Encoding: whether gzip may be sent. */
bool representation_takes_gzip(struct str accept_encoding);

/* base/gzip.h: the gzip coding of HTTP (RFC 1952), of whole answers. */
#pragma once

#include "base/buf.h"

/* Appends the compressed bytes to `out`. False when they would not be fewer than the plain ones, or would pass the
 * buffer's maximum: then what was appended is worth nothing. */
MUST_USE bool gzip_put(struct buf *out, struct str plain);

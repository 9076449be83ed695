/* base/gzip.h: the gzip coding of HTTP (RFC 1952), of whole answers. */
#pragma once

#include "base/buf.h"

/* Appends the compressed bytes to `out`; short texts grow by it. False when its buffer has no room for the worst case,
 * or from 4 GiB on: then nothing was appended. */
MUST_USE bool gzip_put(struct buf *out, struct str plain);

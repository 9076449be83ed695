/* http/multipart.h: multipart/form-data (RFC 7578), from raw bytes to named values.
 *
 * Values are slices of the body and nothing is copied but a name with an escape in it, so the body must outlive them.
 * A part with a file name is a value like any other. The form that comes out is that of a query (http/query.h), in the
 * order sent. What two parsers could read differently is refused: lines that end with LF alone, a body without its
 * closing boundary, bytes that are not UTF-8. */
#pragma once

#include "http/query.h"

enum {
	MULTIPART_PARTS = 1000,	       /* the most of one body */
	MULTIPART_NAME_BYTES = 1024,   /* of a part's name */
	MULTIPART_HEADER_BYTES = 4096, /* all headers of a part */
	MULTIPART_BOUNDARY_BYTES = 70, /* RFC 2046, 5.1.1 */
};

/* Whether a Content-Type header says multipart/form-data. */
bool multipart_is(struct str content_type);

/* ERR_BAD_REQUEST: no boundary in the header, a part without a name, a body that is none. ERR_TOO_LARGE: past one of
 * the limits above. */
MUST_USE enum err multipart_parse(struct arena *a, struct str content_type, struct str body, struct query *ret);

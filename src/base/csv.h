/* base/csv.h: a line of comma-separated values, as RFC 4180 writes them. Nothing is allocated but what was quoted. */
#pragma once

#include "base/arena.h"

/* Cuts the first line off *text, which may end in CRLF, LF or the end of the text; a line break within quotes does not
 * end it. False when *text is empty. */
bool csv_line(struct str *text, struct str *ret_line);

/* The fields of a line into ret; at most `most`. *ret_n of them. ERR_BAD_REQUEST on a quote out of place, ERR_TOO_LARGE
 * on more fields. Quoted fields are copied to the arena, others are slices. */
MUST_USE enum err csv_fields(struct arena *a, struct str line, struct str *ret, size_t most, size_t *ret_n);

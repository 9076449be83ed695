/* base/png.h: black and white pictures as PNG, for pictures whose rows repeat: a code's modules are several rows high.
 *
 * What makes such a picture small is that a row is said once, however often it stands there. That is all the
 * compression done here (RFC 1951 with the fixed codes: a row as it is, then copies of it), and why it takes a few
 * microseconds where a compressor that searches takes ten times as long. The picture owns nothing: it is written to
 * the caller's buffer, whose maximum holds. */
#pragma once

#include "base/buf.h"

#include <stdint.h>

enum { PNG_WIDTH_MOST = 2000 }; /* pixels: one row, with its filter's byte, fits one copy of RFC 1951 (258 bytes) */

struct png {
	struct buf *b;
	size_t data;	  /* where in b the chunk of the rows begins */
	size_t row_bytes; /* with the filter's byte */
	uint64_t bits;	  /* not yet written, lowest first */
	unsigned bit_count;
	uint32_t sum;	    /* Adler-32 of all rows */
	uint32_t copy;	    /* the bits that say: the row again */
	unsigned copy_bits; /* how many they are */
};

/* A picture of that many pixels, the width 16 to PNG_WIDTH_MOST; then its rows from above, all of them; then the end.
 */
void png_begin(struct png *png, struct buf *b, uint32_t width, uint32_t height);
/* `times` equal rows, 1 or more: one bit a pixel, the highest first, 1 is white, (width + 7) / 8 bytes. */
void png_rows(struct png *png, const unsigned char *pixels, unsigned times);
void png_end(struct png *png);

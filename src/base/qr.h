/* base/qr.h: QR codes as PNG images; libqrencode and libpng behind one narrow door. */
#pragma once

#include "base/buf.h"

/* Appends a PNG: black on white, one bit a pixel, four modules of margin. ERR_TOO_LARGE if the text does not fit a
 * code (about 2,300 bytes). */
MUST_USE enum err qr_png(struct buf *b, struct str text);

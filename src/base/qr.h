/* base/qr.h: QR codes as PNG images; libqrcodegen behind a narrow door.
 *
 * An answer with a code in it costs hardly more than one without: the first code of a length (up to 100 bytes of text)
 * takes some tens of milliseconds, in which its parts are drawn and kept (up to 200 KB a length); every further one
 * some ten microseconds. Any thread may call. */
#pragma once

#include "base/buf.h"

/* Appends a PNG: black on white, one bit a pixel, four modules of margin. ERR_TOO_LARGE if the text does not fit a
 * code (about 2,300 bytes), or is none. */
MUST_USE enum err qr_png(struct buf *b, struct str text);

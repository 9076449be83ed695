#include "base/qr.h"

#include <png.h>
#include <qrencode.h>
#include <stdlib.h>

enum {
	MARGIN = 4,
	PIXELS_PER_MODULE = 6,
	TEXT_MOST = 2300,
	ROW_BYTES = (177 + 2 * MARGIN) * PIXELS_PER_MODULE / 8 + 1
};

static void png_bytes(png_structp png, png_bytep bytes, png_size_t n)
{
	buf_put(png_get_io_ptr(png), bytes, n);
}

static void png_nothing(png_structp png)
{
	(void)png;
}

static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && x < code->width && y >= 0 && y < code->width && code->data[y * code->width + x] & 1;
}

/* One row of modules as pixels: 1 is white. */
static void draw_row(const QRcode *code, int y, png_byte row[ROW_BYTES])
{
	unsigned bits = 0, bit_count = 0;

	for (int x = -MARGIN; x < code->width + MARGIN; x++) {
		bits = bits << PIXELS_PER_MODULE | (is_dark(code, x, y) ? 0 : (1u << PIXELS_PER_MODULE) - 1);
		for (bit_count += PIXELS_PER_MODULE; bit_count >= 8; bit_count -= 8)
			*row++ = (png_byte)(bits >> (bit_count - 8));
	}
	if (bit_count)
		*row = (png_byte)(bits << (8 - bit_count));
}

static void write_png(png_structp png, png_infop info, const QRcode *code)
{
	png_byte row[ROW_BYTES];
	int side = (code->width + 2 * MARGIN) * PIXELS_PER_MODULE;

	png_set_IHDR(png, info, (png_uint_32)side, (png_uint_32)side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
		     PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
	/* All that there is to find is that rows repeat: a small compressor is as good, and made in half the time. */
	png_set_compression_level(png, 1);
	png_set_compression_mem_level(png, 5);
	png_set_compression_window_bits(png, 13);
	png_set_filter(png, 0, PNG_FILTER_NONE);
	png_write_info(png, info);
	for (int y = -MARGIN; y < code->width + MARGIN; y++) {
		draw_row(code, y, row);
		for (int i = 0; i < PIXELS_PER_MODULE; i++)
			png_write_row(png, row);
	}
	png_write_end(png, info);
}

enum err qr_png(struct buf *b, struct str text)
{
	if (text.n > TEXT_MOST)
		return ERR_TOO_LARGE;
	QRcode *code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
	png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
	png_infop info = png ? png_create_info_struct(png) : NULL;

	must(png && info);
	if (code) {
		/* Nothing in it can fail but memory; libpng aborts then, as all of us do. */
		png_set_write_fn(png, b, png_bytes, png_nothing);
		write_png(png, info, code);
		QRcode_free(code);
	}
	png_destroy_write_struct(&png, &info);
	return code ? OK : ERR_TOO_LARGE;
}

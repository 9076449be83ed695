/* Pictures: read back by libpng, pixel by pixel, whatever the width; and a buffer that is too small says so. */
#include "base/png.h"

#include "support/test.h"

#include <png.h>
#include <stdlib.h>

enum { WIDTHS = 2000, WIDTH_LEAST = 16, BANDS = 5, ROW_MOST = WIDTHS / 8 };

/* Bands of equal rows, one of one row: some bytes of each range of the fixed codes. */
static const unsigned times[BANDS] = { 24, 1, 4, 7, 2 };

static unsigned char pixels(unsigned band, unsigned at)
{
	return (unsigned char)(band == 0 ? 0xff : band * 83 + at * at * 31);
}

static uint32_t draw(struct buf *b, uint32_t width)
{
	unsigned char row[ROW_MOST];
	uint32_t height = 0;
	struct png png;

	for (unsigned band = 0; band < BANDS; band++)
		height += times[band];
	png_begin(&png, b, width, height);
	for (unsigned band = 0; band < BANDS; band++) {
		for (unsigned at = 0; at < ROW_MOST; at++)
			row[at] = pixels(band, at);
		png_rows(&png, row, times[band]);
	}
	png_end(&png);
	return height;
}

static void check_picture(const struct buf *b, uint32_t width, uint32_t height)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	uint32_t y = 0;

	assert_true(png_image_begin_read_from_memory(&image, b->p, b->n));
	image.format = PNG_FORMAT_GRAY;
	assert_int_equal(image.width, width);
	assert_int_equal(image.height, height);
	unsigned char *grey = calloc(width, height);
	assert_true(png_image_finish_read(&image, NULL, grey, 0, NULL));
	assert_int_equal(image.warning_or_error, 0);
	for (unsigned band = 0; band < BANDS; band++)
		for (unsigned i = 0; i < times[band]; i++, y++)
			for (uint32_t x = 0; x < width; x++)
				assert_int_equal(grey[y * width + x], pixels(band, x / 8) >> (7 - x % 8) & 1 ? 255 : 0);
	free(grey);
}

static void pictures_are_read_again(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 64 * 1024);
	for (uint32_t width = WIDTH_LEAST; width <= WIDTHS; width += width < 200 ? 1 : 37) {
		buf_clear(&b);
		uint32_t height = draw(&b, width);
		assert_false(b.failed);
		check_picture(&b, width, height);
	}
	buf_done(&b);
}

static void a_full_buffer_fails(void **state)
{
	struct buf whole, b;

	(void)state;
	buf_init(&whole, 64 * 1024);
	draw(&whole, WIDTHS);
	for (size_t most = 1; most < whole.n; most += 13) {
		buf_init(&b, most);
		draw(&b, WIDTHS);
		assert_true(b.failed);
		buf_done(&b);
	}
	buf_done(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_read_again),
		cmocka_unit_test(a_full_buffer_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* QR codes: what is drawn is read again, is as small as it can be, and has its quiet zone. */
#include "base/qr.h"

#include "base/arena.h"

#include "support/folder.h"

#include <png.h>

enum { SHORTEST = 20, LONGEST = 300, STEP = 7, MODULES_LEAST = 21, MODULES_STEP = 4, QUIET = 4, PIXELS_LEAST = 4 };

/* Bytes that fit a code of version 1, 2, ... at level M (ISO 18004, table 7). */
static const size_t room[] = { 14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331 };

/* An address of that length, of which no two have a beginning in common for long. */
static struct str address(struct arena *a, size_t n)
{
	char *text = arena_alloc(a, n);
	int head = snprintf(text, n, "https://p.example/");

	for (size_t i = (size_t)head; i < n; i++)
		text[i] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_?&=%"[(i * i + n) % 68];
	return (struct str){ text, n };
}

static void check_shape(const struct buf *picture, size_t n)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	size_t version = 0, quiet = 0, pixels = 0;

	assert_true(png_image_begin_read_from_memory(&image, picture->p, picture->n));
	image.format = PNG_FORMAT_GRAY;
	unsigned char *grey = calloc(image.width, image.height);
	assert_true(png_image_finish_read(&image, NULL, grey, 0, NULL));
	assert_int_equal(image.width, image.height);
	size_t side = image.width;
	/* The first black pixel is the corner of the first finder pattern, which is seven modules wide. */
	while (grey[quiet * side + quiet])
		quiet++;
	while (!grey[quiet * side + quiet + pixels])
		pixels++;
	assert_int_equal(pixels % 7, 0);
	pixels /= 7;
	assert_true(pixels >= PIXELS_LEAST);
	while (room[version] < n)
		version++;
	assert_int_equal(side, (MODULES_LEAST + MODULES_STEP * version + 2 * QUIET) * pixels);
	for (size_t at = 0; at < side * side; at++) {
		size_t x = at % side, y = at / side, zone = QUIET * pixels;

		assert_true(grey[at] == 0 || grey[at] == 255);
		if (x < zone || y < zone || x >= side - zone || y >= side - zone)
			assert_int_equal(grey[at], 255);
	}
	free(grey);
}

static void addresses_are_read_again(void **state)
{
	char folder[] = "/tmp/bodega-qr-XXXXXX", path[64], line[LONGEST + 2];
	struct arena arena;
	struct buf picture;

	(void)state;
	arena_init(&arena);
	assert_non_null(mkdtemp(folder));
	for (size_t n = SHORTEST; n <= LONGEST; n += STEP) {
		buf_init(&picture, 64 * 1024);
		check_ok(qr_png(&picture, address(&arena, n)));
		check_shape(&picture, n);
		snprintf(path, sizeof(path), "%s/%03zu.png", folder, n);
		FILE *file = fopen(path, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(picture.p, 1, picture.n, file), picture.n);
		fclose(file);
		buf_done(&picture);
	}
	snprintf(line, sizeof(line), "zbarimg --quiet --raw -Sdisable -Sqrcode.enable %s/*.png 2>/dev/null", folder);
	FILE *seen = popen(line, "r");
	assert_non_null(seen);
	for (size_t n = SHORTEST; n <= LONGEST; n += STEP) {
		assert_non_null(fgets(line, sizeof(line), seen));
		struct str wanted = address(&arena, n);
		assert_int_equal(strlen(line), n + 1);
		assert_memory_equal(line, wanted.p, n);
	}
	assert_int_equal(pclose(seen), 0);
	remove_folder(folder);
	arena_done(&arena);
}

static void a_text_may_be_too_long_or_none(void **state)
{
	static char text[4096];
	struct buf picture;

	(void)state;
	memset(text, 'a', sizeof(text));
	buf_init(&picture, 64 * 1024);
	check_err(qr_png(&picture, (struct str){ text, sizeof(text) }), ERR_TOO_LARGE);
	check_err(qr_png(&picture, STR("")), ERR_TOO_LARGE);
	check_err(qr_png(&picture, STR_NONE), ERR_TOO_LARGE);
	assert_int_equal(picture.n, 0);
	buf_done(&picture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_again),
		cmocka_unit_test(a_text_may_be_too_long_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "base/qr.h"

#include "base/must.h"
#include "base/png.h"

#include <qrcodegen.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
	MARGIN = 4,
	PIXELS_PER_MODULE = 4, /* two modules a byte */
	TEXT_MOST = 2300,
	SUMMED_MOST = 100, /* bytes of a text whose code is summed up */
	BYTE_BITS = 8,
	CODE_WORDS = (qrcodegen_BUFFER_LEN_MAX + 7) / 8,
	ROW_BYTES = (177 + 2 * MARGIN + 1) / 2
};

/* As the library keeps it: bytes whose bits are modules. */
struct code {
	uint64_t words[CODE_WORDS];
};

static uint8_t *code_bytes(struct code *code)
{
	return (uint8_t *)code->words;
}

static bool draw(struct code *code, const unsigned char *text, size_t n, enum qrcodegen_Mask mask)
{
	uint8_t room[qrcodegen_BUFFER_LEN_MAX];

	memcpy(room, text, n);
	return qrcodegen_encodeBinary(room, n, code_bytes(code), qrcodegen_Ecc_MEDIUM, qrcodegen_VERSION_MIN,
				      qrcodegen_VERSION_MAX, mask, false);
}

/* ---- short texts ---- */

/* Of texts of one length, under one mask, every module is an exclusive or of bits of the text: error correction is a
 * linear code, all else moves bits or turns some always (ISO 18004, 7.5 to 7.8). So the library draws once for each
 * bit, and from then on a code is a sum, which takes a thirtieth of the time. */
struct sums {
	size_t words;	   /* of a code of this size */
	struct code zeros; /* the code of a text without a bit */
	uint64_t turned[]; /* `words` for each bit of the text: what it turns there */
};

static void xor_words(uint64_t *to, const uint64_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] ^= from[i];
}

static struct sums *draw_sums(size_t n)
{
	unsigned char text[SUMMED_MOST] = { 0 };
	struct code code = { 0 };

	must(draw(&code, text, n, qrcodegen_Mask_0));
	int version = (qrcodegen_getSize(code_bytes(&code)) - 17) / 4;
	size_t words = ((size_t)qrcodegen_BUFFER_LEN_FOR_VERSION(version) + 7) / 8;
	struct sums *sums = calloc(1, sizeof(*sums) + n * BYTE_BITS * words * sizeof(uint64_t));
	must(sums);
	sums->words = words;
	sums->zeros = code;
	for (size_t bit = 0; bit < n * BYTE_BITS; bit++) {
		text[bit / BYTE_BITS] = (unsigned char)(1 << bit % BYTE_BITS);
		must(draw(&code, text, n, qrcodegen_Mask_0));
		text[bit / BYTE_BITS] = 0;
		xor_words(code.words, sums->zeros.words, words);
		memcpy(sums->turned + bit * words, code.words, words * sizeof(uint64_t));
	}
	return sums;
}

/* Made at the first text of its length, for the life of the process. */
static const struct sums *sums_of(size_t n)
{
	static struct sums *_Atomic made[SUMMED_MOST + 1];
	struct sums *sums = atomic_load(&made[n]), *other = NULL;

	if (sums)
		return sums;
	sums = draw_sums(n);
	if (atomic_compare_exchange_strong(&made[n], &other, sums))
		return sums;
	free(sums);
	return other;
}

static void sum_up(struct code *code, const unsigned char *text, size_t n)
{
	const struct sums *sums = sums_of(n);

	memcpy(code->words, sums->zeros.words, sums->words * sizeof(uint64_t));
	for (size_t bit = 0; bit < n * BYTE_BITS; bit++)
		if (text[bit / BYTE_BITS] >> bit % BYTE_BITS & 1)
			xor_words(code->words, sums->turned + bit * sums->words, sums->words);
}

/* ---- the picture ---- */

/* One row of modules as pixels. Outside of the code the library finds all modules white. */
static void draw_row(struct code *code, int side, int y, unsigned char row[ROW_BYTES])
{
	for (int x = -MARGIN; x < side + MARGIN; x += 2) {
		unsigned left = qrcodegen_getModule(code_bytes(code), x, y) ? 0 : 0xf0;
		unsigned right = qrcodegen_getModule(code_bytes(code), x + 1, y) ? 0 : 0xf;

		*row++ = (unsigned char)(left | right);
	}
}

enum err qr_png(struct buf *b, struct str text)
{
	const unsigned char *bytes = (const unsigned char *)text.p;
	unsigned char row[ROW_BYTES];
	struct code code;
	struct png png;

	if (!text.n || text.n > TEXT_MOST)
		return ERR_TOO_LARGE;
	if (text.n <= SUMMED_MOST)
		sum_up(&code, bytes, text.n);
	else if (!draw(&code, bytes, text.n, qrcodegen_Mask_AUTO))
		return ERR_TOO_LARGE;
	int side = qrcodegen_getSize(code_bytes(&code));
	uint32_t pixels = (uint32_t)(side + 2 * MARGIN) * PIXELS_PER_MODULE;
	png_begin(&png, b, pixels, pixels);
	memset(row, 0xff, sizeof(row));
	png_rows(&png, row, MARGIN * PIXELS_PER_MODULE);
	for (int y = 0; y < side; y++) {
		draw_row(&code, side, y, row);
		png_rows(&png, row, PIXELS_PER_MODULE);
	}
	memset(row, 0xff, sizeof(row));
	png_rows(&png, row, MARGIN * PIXELS_PER_MODULE);
	png_end(&png);
	return OK;
}

#include "base/png.h"

#include "base/must.h"

#include <arpa/inet.h>
#include <endian.h>
#include <zlib.h>

enum { WIDTH_LEAST = 16, WORD_BITS = 32 };

/* ---- bits, as RFC 1951 packs them: numbers lowest bit first, codes highest bit first ---- */

static void put_bits(struct png *png, uint32_t bits, unsigned count)
{
	png->bits |= (uint64_t)bits << png->bit_count;
	png->bit_count += count;
	if (png->bit_count < WORD_BITS)
		return;
	uint32_t word = htole32((uint32_t)png->bits);
	buf_put(png->b, &word, sizeof(word));
	png->bits >>= WORD_BITS;
	png->bit_count -= WORD_BITS;
}

static uint32_t reversed_byte(uint32_t byte)
{
	static const unsigned char nibble[] = { 0x0, 0x8, 0x4, 0xc, 0x2, 0xa, 0x6, 0xe,
						0x1, 0x9, 0x5, 0xd, 0x3, 0xb, 0x7, 0xf };

	return (uint32_t)nibble[byte & 0xf] << 4 | nibble[byte >> 4];
}

/* A code of up to eight bits. */
static uint32_t reversed(uint32_t code, unsigned count)
{
	return reversed_byte(code) >> (8 - count);
}

/* The fixed code of one byte (RFC 1951, 3.2.6): eight bits from 00110000 on; from 144 on nine, 110010000 and so on. */
static void put_byte(struct png *png, uint32_t byte)
{
	if (byte < 144)
		put_bits(png, reversed_byte(0x30 + byte), 8);
	else
		put_bits(png, 1 | reversed_byte(byte) << 1, 9);
}

/* Kept, to be put again and again. */
static void add_copy_bits(struct png *png, uint32_t bits, unsigned count)
{
	png->copy |= bits << png->copy_bits;
	png->copy_bits += count;
}

/* "As many bytes as a row has, from as many bytes ago" (RFC 1951, 3.2.5): each of the two numbers is the code of a
 * range and, behind it, its lowest bits. */
static void set_copy(struct png *png)
{
	uint32_t length = (uint32_t)png->row_bytes - 3, distance = (uint32_t)png->row_bytes - 1;
	unsigned low = 0;

	while (length >> low >= 8)
		low++;
	uint32_t code = 1 + 4 * low + (length >> low);
	if (code < 24)
		add_copy_bits(png, reversed(code, 7), 7);
	else
		add_copy_bits(png, reversed(0xc0 - 24 + code, 8), 8);
	add_copy_bits(png, length & ((1u << low) - 1), low);
	for (low = 0; distance >> low >= 4;)
		low++;
	add_copy_bits(png, reversed(2 * low + (distance >> low), 5), 5);
	add_copy_bits(png, distance & ((1u << low) - 1), low);
}

/* ---- the file (PNG specification, 5 and 11) ---- */

static void put_number(struct buf *b, uint32_t number)
{
	number = htonl(number);
	buf_put(b, &number, sizeof(number));
}

/* Returns where the chunk begins: its length, its name. */
static size_t begin_chunk(struct buf *b, const char name[5])
{
	size_t at = b->n;

	put_number(b, 0);
	buf_put(b, name, 4);
	return at;
}

static void end_chunk(struct buf *b, size_t at)
{
	if (b->failed)
		return;
	uint32_t length = htonl((uint32_t)(b->n - at - 8));

	memcpy(b->p + at, &length, sizeof(length));
	put_number(b, (uint32_t)crc32(0, (const Bytef *)b->p + at + 4, (uInt)(b->n - at - 4)));
}

void png_begin(struct png *png, struct buf *b, uint32_t width, uint32_t height)
{
	must(width >= WIDTH_LEAST && width <= PNG_WIDTH_MOST);
	*png = (struct png){ .b = b, .row_bytes = 1 + (width + 7) / 8, .sum = 1 };
	set_copy(png);
	buf_lit(b, "\x89PNG\r\n\x1a\n");
	size_t header = begin_chunk(b, "IHDR");
	put_number(b, width);
	put_number(b, height);
	buf_lit(b, "\1\0\0\0\0"); /* one bit of grey; compressed, filtered and in order as all are */
	end_chunk(b, header);
	png->data = begin_chunk(b, "IDAT");
	buf_lit(b, "\x78\x01");	      /* RFC 1950: a window of 32 KiB, hardly compressed */
	put_bits(png, 1 | 1 << 1, 3); /* the last block, of fixed codes */
}

void png_rows(struct png *png, const unsigned char *pixels, unsigned times)
{
	unsigned char row[1 + (PNG_WIDTH_MOST + 7) / 8] = { 0 }; /* the filter: none */

	memcpy(row + 1, pixels, png->row_bytes - 1);
	for (size_t i = 0; i < png->row_bytes; i++)
		put_byte(png, row[i]);
	for (unsigned i = 1; i < times; i++)
		put_bits(png, png->copy, png->copy_bits);
	for (unsigned i = 0; i < times; i++)
		png->sum = (uint32_t)adler32(png->sum, row, (uInt)png->row_bytes);
}

void png_end(struct png *png)
{
	put_bits(png, 0, 7); /* the code of the end */
	for (unsigned i = 0; i < png->bit_count; i += 8)
		buf_char(png->b, (char)(png->bits >> i));
	put_number(png->b, png->sum);
	end_chunk(png->b, png->data);
	end_chunk(png->b, begin_chunk(png->b, "IEND"));
}

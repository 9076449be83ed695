#include "service/transfer_line.h"

#include "base/crypto.h"

#include <limits.h>

_Static_assert(HASH_BYTES == 4 * sizeof(uint64_t), "a hash is four numbers");

void transfer_sum_line(struct transfer_sum *sum, struct str line)
{
	unsigned char hash[HASH_BYTES];

	crypto_digest(line, hash);
	for (size_t i = 0; i < HASH_BYTES; i++)
		sum->lanes[i / 8] += (uint64_t)hash[i] << (i % 8 * 8);
	sum->rows++;
}

void transfer_sum_add(struct transfer_sum *sum, const struct transfer_sum *more)
{
	sum->rows += more->rows;
	for (size_t i = 0; i < ARRAY_LEN(sum->lanes); i++)
		sum->lanes[i] += more->lanes[i];
}

void transfer_sum_hex(const struct transfer_sum *sum, struct buf *b)
{
	for (size_t i = 0; i < ARRAY_LEN(sum->lanes); i++)
		buf_printf(b, "%016llx", (unsigned long long)sum->lanes[i]);
}

/* What a field cannot hold as it is: the two that end it, the one that begins an escape, and what editors and
 * terminals would turn. */
static const struct {
	char plain, escaped;
} escapes[] = { { '\\', '\\' }, { '\t', 't' }, { '\n', 'n' }, { '\r', 'r' } };

static void put_text(struct buf *b, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		for (size_t k = 0; k < ARRAY_LEN(escapes); k++)
			if (c == escapes[k].plain) {
				buf_char(b, '\\');
				c = escapes[k].escaped;
				break;
			}
		buf_char(b, c);
	}
}

static void put_value(struct buf *b, const struct db_value *value)
{
	bool is_bytes = value->type == COL_TEXT || value->type == COL_BLOB;

	if (is_bytes ? !value->s.p : value->type == COL_REF && !value->i)
		buf_lit(b, "\\N");
	else if (value->type == COL_BLOB)
		buf_hex(b, value->s.p, value->s.n);
	else if (is_bytes)
		put_text(b, value->s);
	else
		buf_i64(b, value->i);
}

void transfer_put_row(struct buf *b, const struct table *table, const void *row)
{
	buf_lit(b, "row");
	for (size_t i = 0; i < table->count; i++) {
		struct db_value value = db_value_of(&table->columns[i], row);

		buf_char(b, '\t');
		put_value(b, &value);
	}
}

static enum err take_text(struct str field, struct arena *a, struct str *ret)
{
	char *text = arena_alloc(a, field.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];

		if (c == '\r')
			return ERR_BAD_REQUEST;
		if (c == '\\') {
			size_t k = 0;

			i++;
			while (k < ARRAY_LEN(escapes) && (i == field.n || field.p[i] != escapes[k].escaped))
				k++;
			if (k == ARRAY_LEN(escapes))
				return ERR_BAD_REQUEST;
			c = escapes[k].plain;
		}
		text[n++] = c;
	}
	*ret = (struct str){ text, n };
	return str_is_utf8(*ret) ? OK : ERR_BAD_REQUEST;
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static enum err take_hex(struct str field, struct arena *a, struct str *ret)
{
	char *bytes = arena_alloc(a, field.n / 2 + 1);

	if (field.n % 2)
		return ERR_BAD_REQUEST;
	for (size_t i = 0; i < field.n; i += 2) {
		int high = hex_digit(field.p[i]), low = hex_digit(field.p[i + 1]);

		if (high < 0 || low < 0)
			return ERR_BAD_REQUEST;
		bytes[i / 2] = (char)(high << 4 | low);
	}
	*ret = (struct str){ bytes, field.n / 2 };
	return OK;
}

static enum err take_value(struct str field, const struct column *column, struct arena *a, void *at)
{
	bool is_null = str_is(field, "\\N");
	int64_t number = 0;
	enum err e = OK;

	switch (column->type) {
	case COL_I64:
		return str_to_i64(field, INT64_MIN, INT64_MAX, at);
	case COL_INT:
		e = str_to_i64(field, INT_MIN, INT_MAX, &number);
		*(int *)at = (int)number;
		return e;
	case COL_REF:
		return is_null ? OK : str_to_i64(field, INT64_MIN, INT64_MAX, at);
	case COL_TEXT:
		return is_null ? OK : take_text(field, a, at);
	case COL_BLOB:
		return is_null ? OK : take_hex(field, a, at);
	}
	return ERR_BAD_REQUEST;
}

enum err transfer_take_row(struct str fields, const struct table *table, struct arena *a, void **ret)
{
	char *row = arena_alloc(a, table->row_bytes);

	for (size_t i = 0; i < table->count; i++) {
		if (!fields.p)
			return ERR_BAD_REQUEST;
		enum err e = take_value(str_cut(&fields, '\t'), &table->columns[i], a, row + table->columns[i].offset);
		if (e)
			return e;
	}
	*ret = row;
	return fields.p ? ERR_BAD_REQUEST : OK;
}

#include "cli/show.h"

#include "json/reader.h"

#include <stdio.h>

enum { COLUMNS_MOST = 16, WIDTH_MOST = 60 };

/* A scalar without quotes; anything else as it stands. */
static struct str plain(struct arena *a, const struct json_token *value)
{
	if (json_is_null(value))
		return STR("-");
	return json_type(value) == JSON_STRING ? json_text(a, value) : json_raw(value);
}

static bool is_table(const struct json_token *value)
{
	return json_type(value) == JSON_ARRAY && json_type(json_first(value)) == JSON_OBJECT && json_count(value) > 0;
}

static size_t shown_width(struct str text)
{
	size_t n = str_codepoints(text);

	return n < WIDTH_MOST ? n : WIDTH_MOST;
}

static void print_cell(struct str text, size_t width, bool is_last)
{
	printf("%.*s", STR_ARG(text));
	for (size_t n = str_codepoints(text); !is_last && n < width + 2; n++)
		putchar(' ');
}

static void print_table(struct arena *a, const struct json_token *rows, const char *indent)
{
	size_t widths[COLUMNS_MOST] = { 0 }, count = 0;

	for (const struct json_token *row = json_first(rows); row; row = json_next(rows, row)) {
		count = 0;
		for (const struct json_token *k = json_first(row); k && count < COLUMNS_MOST; k = json_next(row, k)) {
			size_t head = shown_width(json_text(a, k)), cell = shown_width(plain(a, json_value(k)));
			size_t width = head > cell ? head : cell;

			widths[count] = widths[count] > width ? widths[count] : width;
			count++;
		}
	}
	size_t at = 0;
	fputs(indent, stdout);
	const struct json_token *first = json_first(rows);
	for (const struct json_token *k = json_first(first); k && at < count; k = json_next(first, k), at++)
		print_cell(json_text(a, k), widths[at], at + 1 == count);
	putchar('\n');
	for (const struct json_token *row = json_first(rows); row; row = json_next(rows, row)) {
		at = 0;
		fputs(indent, stdout);
		for (const struct json_token *k = json_first(row); k && at < count; k = json_next(row, k), at++)
			print_cell(plain(a, json_value(k)), widths[at], at + 1 == count);
		putchar('\n');
	}
}

static void print_object(struct arena *a, const struct json_token *object, const char *indent)
{
	const struct json_token *k;

	for (k = json_first(object); k; k = json_next(object, k)) {
		const struct json_token *value = json_value(k);
		struct str name = json_text(a, k);

		if (is_table(value)) {
			printf("%s%.*s:\n", indent, STR_ARG(name));
			print_table(a, value, "  ");
		} else if (json_type(value) == JSON_OBJECT && json_count(value)) {
			printf("%s%.*s:\n", indent, STR_ARG(name));
			print_object(a, value, "  ");
		} else {
			struct str text = plain(a, value);

			printf("%s%.*s: %.*s\n", indent, STR_ARG(name), STR_ARG(text));
		}
	}
}

void show_answer(struct str answer, bool as_json)
{
	struct json doc;
	struct arena a;

	arena_init(&a);
	bool is_json = json_read(&a, answer, NULL, &doc) == OK;
	bool is_list = is_json && json_type(json_root(&doc)) == JSON_ARRAY;

	if (!as_json && is_list && json_count(json_root(&doc)) == 0) {
		printf("nothing\n");
	} else if (as_json || !is_json) {
		printf("%.*s", STR_ARG(answer));
	} else if (is_table(json_root(&doc))) {
		print_table(&a, json_root(&doc), "");
	} else if (json_type(json_root(&doc)) == JSON_OBJECT) {
		print_object(&a, json_root(&doc), "");
	}
	arena_done(&a);
}

void show_refusal(const char *command, int status, struct str answer)
{
	struct json doc;
	struct arena a;

	arena_init(&a);
	if (json_read(&a, answer, NULL, &doc) == OK) {
		const struct json_token *error = json_get(json_root(&doc), "error");
		struct str code = json_text(&a, json_get(error, "code"));
		struct str message = json_text(&a, json_get(error, "message"));

		if (str_eq(message, code))
			fprintf(stderr, "bodega %s: %.*s\n", command, STR_ARG(code));
		else
			fprintf(stderr, "bodega %s: %.*s (%.*s)\n", command, STR_ARG(message), STR_ARG(code));
	} else {
		fprintf(stderr, "bodega %s: the server answered %d\n", command, status);
	}
	arena_done(&a);
}

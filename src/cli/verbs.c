#include "cli/verbs.h"

#include "base/limits.h"
#include "cli/cli.h"
#include "cli/connect.h"
#include "cli/show.h"
#include "json/writer.h"

#include <stdio.h>
#include <string.h>

enum { OPERANDS_MOST = 6, OPTION_ROWS = VERB_OPTIONS + 4 };

/* One command line, taken apart. */
struct invocation {
	const struct verb_row *row;
	struct where where;
	const char *names[OPERANDS_MOST]; /* of the operands: "PARTNER" */
	const char *operands[OPERANDS_MOST];
	bool in_path[OPERANDS_MOST];
	size_t operand_count;
	const char *texts[VERB_OPTIONS];
	bool flags[VERB_OPTIONS];
	bool as_json;
};

static void print_help(const struct noun_table *table)
{
	printf("Usage: bodega %s VERB [OPTION]... OPERAND...\n\nVerbs:\n", table->noun);
	for (size_t i = 0; i < table->count; i++) {
		char left[80];

		snprintf(left, sizeof(left), "%s %s", table->rows[i].word, table->rows[i].operands);
		printf("  %-38s %s\n", left, table->rows[i].help);
	}
	printf("\nbodega %s VERB --help lists its options. Examples:\n\n%s", table->noun, table->examples);
}

static void split_operands(struct arena *a, struct invocation *in)
{
	struct str rest = str_of(in->row->operands);

	while (rest.n) {
		must(in->operand_count < OPERANDS_MOST);
		in->names[in->operand_count++] = arena_strz(a, str_cut(&rest, ' '));
	}
}

static void put_escaped(struct buf *b, struct str text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (size_t i = 0; i < text.n; i++)
		if (memchr(plain, text.p[i], sizeof(plain) - 1))
			buf_char(b, text.p[i]);
		else
			buf_printf(b, "%%%02X", (unsigned char)text.p[i]);
}

/* The row's path with its {NAMES} filled in. */
static void put_path(struct buf *b, struct invocation *in)
{
	struct str rest = str_of(in->row->path);

	while (rest.n) {
		buf_str(b, str_cut(&rest, '{'));
		if (!rest.p)
			return;
		struct str name = str_cut(&rest, '}');
		for (size_t i = 0; i < in->operand_count; i++) {
			if (str_is(name, in->names[i])) {
				put_escaped(b, str_of(in->operands[i]));
				in->in_path[i] = true;
			}
		}
	}
}

static const char *member_name(struct arena *a, const char *name)
{
	char *copy = (char *)arena_strz(a, str_of(name));

	for (char *at = copy; *at; at++)
		*at = *at == '-' ? '_' : *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	return copy;
}

/* A number as the person typed it: the server reads its own digits. Anything else becomes text, which it refuses. */
static void put_member(struct json_writer *w, const char *name, char type, const char *text)
{
	struct str value = str_of(text);
	bool is_number = value.n > 0 && value.n < 40;

	for (size_t i = 0; i < value.n; i++)
		is_number &=
			(value.p[i] >= '0' && value.p[i] <= '9') || value.p[i] == '.' || (value.p[i] == '-' && i == 0);
	if (type == 'n' && is_number)
		json_raw_value(w, name, value);
	else if (type == 'b' && (str_is(value, "true") || str_is(value, "yes")))
		json_bool(w, name, true);
	else if (type == 'b' && (str_is(value, "false") || str_is(value, "no")))
		json_bool(w, name, false);
	else
		json_str(w, name, value);
}

static void put_body(struct arena *a, struct buf *b, const struct invocation *in)
{
	struct json_writer w;

	json_writer_init(&w, b);
	json_obj(&w, NULL);
	for (size_t i = 0; i < in->operand_count; i++)
		if (!in->in_path[i])
			put_member(&w, member_name(a, in->names[i]), str_is(str_of(in->names[i]), "AMOUNT") ? 'n' : 's',
				   in->operands[i]);
	for (size_t i = 0; i < VERB_OPTIONS && in->row->options[i].name; i++) {
		const struct verb_option *option = &in->row->options[i];

		if (in->texts[i])
			put_member(&w, member_name(a, option->name), option->type, in->texts[i]);
		else if (in->flags[i])
			json_bool(&w, member_name(a, option->name), true);
	}
	json_end(&w);
	must(json_finish(&w) == OK);
}

static void put_query(struct arena *a, struct buf *b, const struct invocation *in)
{
	char separator = '?';

	for (size_t i = 0; i < VERB_OPTIONS && in->row->options[i].name; i++) {
		if (!in->texts[i] && !in->flags[i])
			continue;
		buf_char(b, separator);
		buf_printf(b, "%s=", member_name(a, in->row->options[i].name));
		put_escaped(b, in->texts[i] ? str_of(in->texts[i]) : STR("true"));
		separator = '&';
	}
}

static int call(struct arena *a, const struct noun_table *table, struct invocation *in)
{
	const char *command = arena_printf(a, "%s %s", table->noun, in->row->word).p;
	struct buf target, body, reply;
	struct connection *c;
	int status = 0;
	bool has_body = !str_is(str_of(in->row->method), "GET") && !str_is(str_of(in->row->method), "DELETE");
	enum err e = connect_open(&in->where, command, &c);

	if (e)
		return EXIT_UNUSABLE;
	buf_init(&target, LIMIT_TARGET_BYTES);
	buf_init(&body, LIMIT_BODY_BYTES);
	buf_init(&reply, LIMIT_RESPONSE_BYTES);
	put_path(&target, in);
	if (has_body)
		put_body(a, &body, in);
	else
		put_query(a, &target, in);
	e = connect_call(c, in->row->method, buf_view(&target), has_body ? buf_view(&body) : STR_NONE, &reply, &status);
	if (e)
		fprintf(stderr, "bodega %s: the server does not answer (%s)\n", command, err_name(e));
	else if (status >= 300)
		show_refusal(command, status, buf_view(&reply));
	else
		show_answer(buf_view(&reply), in->as_json);
	buf_done(&target);
	buf_done(&body);
	buf_done(&reply);
	connect_close(c);
	return e || status >= 500 ? EXIT_UNUSABLE : status >= 300 ? EXIT_REFUSED : EXIT_DONE;
}

static int run_row(struct arena *a, const struct noun_table *table, const struct verb_row *row, int argc, char **argv)
{
	struct invocation in = { .row = row };
	struct option_row rows[OPTION_ROWS] = { WHERE_ROWS(&in.where),
						{ "json", NULL, "prints the answer as it came", .flag = &in.as_json } };
	size_t count = 4;

	split_operands(a, &in);
	for (size_t i = 0; i < VERB_OPTIONS && row->options[i].name; i++, count++) {
		const struct verb_option *option = &row->options[i];

		rows[count] = (struct option_row){ option->name, option->value, option->help };
		if (option->value)
			rows[count].text = &in.texts[i];
		else
			rows[count].flag = &in.flags[i];
	}
	/* "status" is its own one verb. */
	bool is_alone = strcmp(table->noun, row->word) == 0;
	const struct usage usage = {
		arena_printf(a, "bodega %s%s%s", table->noun, is_alone ? "" : " ", is_alone ? "" : row->word).p,
		arena_printf(a, "[OPTION]... %s", row->operands).p,
		arena_printf(a, "%s.\n\n%s", row->help, table->examples).p,
		rows,
		count,
		in.operands,
		in.operand_count,
		in.operand_count
	};
	int code = options_parse(&usage, argc, argv, NULL);
	return code >= 0 ? code : call(a, table, &in);
}

/* `bodega sandbox --data DIR advance 25h` and `bodega sandbox advance 25h --data DIR` are the same. */
static int find_verb(const struct noun_table *table, int argc, char **argv, const struct verb_row **ret)
{
	for (int i = 1; i < argc; i++)
		for (size_t j = 0; j < table->count; j++)
			if (str_is(str_of(argv[i]), table->rows[j].word)) {
				*ret = &table->rows[j];
				return i;
			}
	return 0;
}

int verbs_run(const struct noun_table *table, int argc, char **argv)
{
	const struct verb_row *row = NULL;
	struct arena a;
	int at = find_verb(table, argc, argv, &row);

	if (!at) {
		bool asked = argc > 1 && (str_is(str_of(argv[1]), "--help") || str_is(str_of(argv[1]), "-h"));

		if (!asked && argc > 1 && argv[1][0] != '-')
			fprintf(stderr, "bodega %s: there is no verb \"%s\"\n", table->noun, argv[1]);
		else if (!asked)
			fprintf(stderr, "bodega %s: say what to do\n", table->noun);
		print_help(table);
		return asked ? EXIT_DONE : EXIT_USAGE;
	}
	/* The verb's place is taken by the one before, down to argv[0], which is passed over anyway. */
	for (int i = at; i > 0; i--)
		argv[i] = argv[i - 1];
	arena_init(&a);
	int code = run_row(&a, table, row, argc - 1, argv + 1);
	arena_done(&a);
	return code;
}
